//! A database of its own for every test, on either engine.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stderr,
    clippy::disallowed_methods,
    missing_docs,
    dead_code,
    unreachable_pub
)]

use std::future::Future;
use std::io::Write as _;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;
use recovery::id::{
    AccountRef, AssignmentId, CaseCode, CaseId, EvidenceId, JobId, PhoneLinkId, ReviewerId, TakeId,
    UploadId,
};
use recovery::time::Timestamp;
use sqlx::{AssertSqlSafe, Connection, PgConnection};
use store::{CaseRow, JobPriority, Mode, NewEvent, NewJob, Settings, Store};

/// The environment's address of a PostgreSQL server on which databases may be made.
const SERVER: &str = "REGAIN_TEST_POSTGRES";

/// One test's database.
#[derive(Clone)]
pub struct World {
    pub url: String,
    numbers: Arc<AtomicU64>,
}

impl World {
    fn new(url: String) -> Self {
        Self {
            url,
            numbers: Arc::new(AtomicU64::new(1)),
        }
    }

    pub async fn open(&self, mode: Mode) -> store::Result<Store> {
        Store::open(&Settings {
            url: self.url.clone(),
            mode,
        })
        .await
    }

    /// A demo database with all tables, so that tests travel in time.
    pub async fn demo(&self) -> Store {
        let store = self.open(Mode::Demo).await.unwrap();
        store.migrate().await.unwrap();
        store
    }

    pub async fn serve(&self) -> Store {
        let store = self.open(Mode::Serve).await.unwrap();
        store.migrate().await.unwrap();
        store
    }

    fn rng(&self) -> ChaCha8Rng {
        ChaCha8Rng::seed_from_u64(self.numbers.fetch_add(1, Ordering::SeqCst))
    }

    pub fn case_id(&self) -> CaseId {
        CaseId::new(Timestamp::from_millis(1), &mut self.rng())
    }

    pub fn job_id(&self) -> JobId {
        JobId::new(Timestamp::from_millis(1), &mut self.rng())
    }

    pub fn reviewer_id(&self) -> ReviewerId {
        ReviewerId::new(Timestamp::from_millis(1), &mut self.rng())
    }

    pub fn assignment_id(&self) -> AssignmentId {
        AssignmentId::new(Timestamp::from_millis(1), &mut self.rng())
    }

    pub fn upload_id(&self) -> UploadId {
        UploadId::new(Timestamp::from_millis(1), &mut self.rng())
    }

    pub fn evidence_id(&self) -> EvidenceId {
        EvidenceId::new(Timestamp::from_millis(1), &mut self.rng())
    }

    pub fn take_id(&self) -> TakeId {
        TakeId::new(Timestamp::from_millis(1), &mut self.rng())
    }

    pub fn phone_link_id(&self) -> PhoneLinkId {
        PhoneLinkId::new(Timestamp::from_millis(1), &mut self.rng())
    }

    /// A summary of a new case that says nothing yet.
    pub fn row(&self) -> CaseRow {
        CaseRow {
            id: self.case_id(),
            code: CaseCode::new(&mut self.rng()),
            version: 0,
            state: "gathering".to_owned(),
            wanted: None,
            priority: 0,
            account_ref: None,
            contact_index: None,
            opened_at: Timestamp::from_millis(1000),
            changed_at: Timestamp::from_millis(1000),
            due_at: None,
            holds_approval: false,
            phase1_passed: false,
            open: true,
            policy_version: "1".to_owned(),
            phantom: false,
        }
    }

    /// A case that exists, with one event.
    pub async fn case(&self, store: &Store, change: impl FnOnce(&mut CaseRow)) -> CaseRow {
        let mut row = self.row();
        change(&mut row);
        let mut tx = store.begin().await.unwrap();
        let now = tx.now().await.unwrap();
        tx.append(&row.id, 0, now, &[event("opened")], &row)
            .await
            .unwrap();
        let stored = tx.case_row(&row.id).await.unwrap().unwrap();
        tx.commit().await.unwrap();
        stored
    }

    pub fn job<'a>(&self, kind: &'a str, run_at: Timestamp) -> NewJob<'a> {
        NewJob {
            id: self.job_id(),
            kind,
            case_id: None,
            body: kind.as_bytes().to_vec(),
            run_at,
            priority: JobPriority::Normal,
            unique_key: None,
        }
    }
}

pub fn event(kind: &str) -> NewEvent<'_> {
    NewEvent {
        kind,
        body: format!("{{\"kind\":\"{kind}\"}}").into_bytes(),
    }
}

pub fn account(name: &str) -> AccountRef {
    AccountRef(name.to_owned())
}

pub async fn on_sqlite<F: Future<Output = ()> + Send + 'static>(body: fn(World) -> F) {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("regain.db");
    body(World::new(format!("sqlite:{}", file.display()))).await;
}

pub async fn on_postgres<F: Future<Output = ()> + Send + 'static>(body: fn(World) -> F) {
    let Ok(server) = std::env::var(SERVER) else {
        skip("skipped: no PostgreSQL server (REGAIN_TEST_POSTGRES is not set)");
        return;
    };
    static NUMBER: AtomicU64 = AtomicU64::new(0);
    let number = NUMBER.fetch_add(1, Ordering::SeqCst);
    let name = format!("regain_test_{}_{number}", std::process::id());
    let mut admin = PgConnection::connect(&server).await.unwrap();
    run(&mut admin, format!("CREATE DATABASE {name}")).await;
    let (base, _) = server.rsplit_once('/').unwrap();
    let url = format!("{base}/{name}");
    // In a task of its own, so that the database goes away even if the test fails.
    let outcome = tokio::spawn(body(World::new(url))).await;
    run(&mut admin, format!("DROP DATABASE {name} WITH (FORCE)")).await;
    outcome.unwrap();
}

async fn run(admin: &mut PgConnection, sql: String) {
    sqlx::raw_sql(AssertSqlSafe(sql))
        .execute(admin)
        .await
        .unwrap();
}

fn skip(line: &str) {
    eprintln!("{line}");
    if let Ok(path) = std::env::var("REGAIN_SKIP_LOG") {
        let mut log = std::fs::OpenOptions::new()
            .create(true)
            .append(true)
            .open(path)
            .unwrap();
        // In one write: other test processes append to the same file.
        log.write_all(format!("{line}\n").as_bytes()).unwrap();
    }
}

/// Makes every named test run on both engines.
macro_rules! on_both_engines {
    ($($name:ident)*) => {
        mod sqlite {$(
            #[tokio::test(flavor = "multi_thread", worker_threads = 4)]
            async fn $name() {
                crate::common::on_sqlite(super::$name).await;
            }
        )*}
        mod postgres {$(
            #[tokio::test(flavor = "multi_thread", worker_threads = 4)]
            async fn $name() {
                crate::common::on_postgres(super::$name).await;
            }
        )*}
    };
}
