//! How fast commands are durable, and what the hot queries cost with many cases.
//!
//! `cargo run -p store --example bench -- [--engine sqlite|postgres|both] [--cases N,N]
//! [--seconds S] [--postgres URL]`. The URL (default: `REGAIN_TEST_POSTGRES`) is of a server on
//! which a database may be made; it is dropped again.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    clippy::disallowed_methods,
    reason = "a measuring program: it reads the real clock and stops at the first trouble"
)]

mod bare;
mod filling;

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use crate::bare::Bare;
use crate::filling::{coding, filling};
use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;
use recovery::id::{CaseCode, CaseId, JobId, ReviewerId};
use recovery::time::{Span, Timestamp};
use sqlx::{AssertSqlSafe, Connection, PgConnection};
use store::{CaseRow, JobPriority, Mode, NewEvent, NewJob, Settings, Store};

/// Tasks that write at once.
const WRITERS: u64 = 16;
/// Times each query is measured.
const ROUNDS: usize = 200;
/// Jobs that one measured claim takes.
const CLAIM: usize = 16;
struct Options {
    engines: Vec<String>,
    cases: Vec<u64>,
    seconds: u64,
    postgres: Option<String>,
}

fn options() -> Options {
    let mut options = Options {
        engines: vec!["sqlite".into(), "postgres".into()],
        cases: vec![10_000],
        seconds: 5,
        postgres: std::env::var("REGAIN_TEST_POSTGRES").ok(),
    };
    let mut words = std::env::args().skip(1);
    while let Some(word) = words.next() {
        let value = words.next().expect("a value after each option");
        match word.as_str() {
            "--engine" if value == "both" => {}
            "--engine" => options.engines = vec![value],
            "--cases" => {
                options.cases = value
                    .split(',')
                    .map(|n| n.parse().expect("a number"))
                    .collect();
            }
            "--seconds" => options.seconds = value.parse().expect("a number"),
            "--postgres" => options.postgres = Some(value),
            other => panic!("unknown option {other}"),
        }
    }
    options
}

/// Runs the work in many tasks for a while; gives how often per second it was done.
async fn rate<F, W>(seconds: u64, writers: u64, work: W) -> f64
where
    F: Future<Output = ()> + Send,
    W: Fn(u64, u64) -> F + Clone + Send + 'static,
{
    let done = Arc::new(AtomicU64::new(0));
    let begun = Instant::now();
    let until = begun + Duration::from_secs(seconds);
    let tasks: Vec<_> = (0..writers)
        .map(|writer| {
            let (done, work) = (Arc::clone(&done), work.clone());
            tokio::spawn(async move {
                let mut step = 0;
                while Instant::now() < until {
                    work(writer, step).await;
                    step += 1;
                    done.fetch_add(1, Ordering::Relaxed);
                }
            })
        })
        .collect();
    for task in tasks {
        task.await.unwrap();
    }
    done.load(Ordering::Relaxed) as f64 / begun.elapsed().as_secs_f64()
}

fn row(writer: u64, round: u64) -> CaseRow {
    let mut rng = ChaCha8Rng::seed_from_u64(writer + (round << 32));
    let now = Timestamp::from_millis(1);
    CaseRow {
        id: CaseId::new(now, &mut rng),
        code: CaseCode::new(&mut rng),
        version: 0,
        state: "gathering".into(),
        wanted: None,
        priority: 0,
        account_ref: None,
        contact_index: None,
        opened_at: now,
        changed_at: now,
        due_at: None,
        holds_approval: false,
        phase1_passed: false,
        open: true,
        policy_version: "1".into(),
        phantom: false,
    }
}

/// A body of the size that events have: 200 bytes.
fn body() -> Vec<u8> {
    vec![b'x'; 200]
}

async fn command(store: Store, row: CaseRow, step: u64, load: bool) {
    let mut tx = store.begin().await.unwrap();
    let now = tx.now().await.unwrap();
    let version = if load {
        tx.load(&row.id)
            .await
            .unwrap()
            .map_or(0, |loaded| loaded.version)
    } else {
        step
    };
    let events = [NewEvent {
        kind: "bench",
        body: body(),
    }];
    tx.append(&row.id, version, now, &events, &row)
        .await
        .unwrap();
    let mut rng = ChaCha8Rng::seed_from_u64(step);
    rng.set_stream(
        row.code
            .as_str()
            .bytes()
            .fold(0, |sum, b| sum * 31 + u64::from(b)),
    );
    let job = NewJob {
        id: JobId::new(now, &mut rng),
        kind: "bench",
        case_id: Some(&row.id),
        body: body(),
        run_at: now + Span::days(400),
        priority: JobPriority::Low,
        unique_key: None,
    };
    tx.enqueue(&job).await.unwrap();
    tx.commit().await.unwrap();
}

async fn commands(engine: &str, store: &Store, bare: &Bare, seconds: u64) {
    bare.script("CREATE TABLE bare (id {int} PRIMARY KEY, body {blob} NOT NULL)".into())
        .await;
    for (round, writers) in [1, WRITERS].into_iter().enumerate() {
        let round = round as u64;
        let direct = bare.clone();
        let insert = rate(seconds, writers, move |writer, step| {
            let direct = direct.clone();
            let id = i64::try_from(((round << 8) + writer) << 32 | step).unwrap();
            async move { direct.insert(id, &body()).await }
        })
        .await;
        println!("{engine:<10} {writers:>3} writers  bare insert            {insert:>8.0} /s");
        for (name, load) in [("append+summary+job", false), ("load, then the same", true)] {
            let (shared, salt) = (store.clone(), round * 2 + u64::from(load));
            let speed = rate(seconds, writers, move |writer, step| {
                // A new case every 20 commands: histories as long as real ones.
                let row = row(writer, (step / 20) << 8 | salt);
                command(shared.clone(), row, step % 20, load)
            })
            .await;
            let ratio = speed / insert;
            println!(
                "{engine:<10} {writers:>3} writers  {name:<22} {speed:>8.0} /s  {ratio:.2} of bare"
            );
        }
    }
}

/// Median and 95th percentile in microseconds.
fn report(engine: &str, cases: u64, name: &str, mut times: Vec<Duration>) {
    times.sort_unstable();
    let at = |part: usize| {
        times
            .get(times.len() * part / 100)
            .map_or(0, |t| t.as_micros())
    };
    println!(
        "{engine:<10} {cases:>8} cases  {name:<34} {:>7} us {:>7} us",
        at(50),
        at(95)
    );
}

/// Measures a query on one connection, again and again.
macro_rules! measure {
    ($engine:expr, $cases:expr, $name:expr, $query:expr) => {{
        let mut times = Vec::with_capacity(ROUNDS);
        for _ in 0..ROUNDS {
            let begun = Instant::now();
            $query;
            times.push(begun.elapsed());
        }
        report($engine, $cases, $name, times);
    }};
}

/// Claims are completed again, outside the measured time, as workers do.
async fn claims(engine: &str, cases: u64, store: &Store) {
    let mut times = Vec::with_capacity(ROUNDS);
    let mut idle = Vec::with_capacity(ROUNDS);
    while idle.len() < ROUNDS {
        let begun = Instant::now();
        let mut tx = store.begin().await.unwrap();
        let lease = Span::minutes(5);
        let jobs = tx.claim_jobs(None, CLAIM, lease, "bench").await.unwrap();
        tx.commit().await.unwrap();
        let took = begun.elapsed();
        match jobs.len() {
            0 => idle.push(took),
            CLAIM => times.push(took),
            _ => {}
        }
        let mut tx = store.begin().await.unwrap();
        for job in jobs {
            assert!(tx.complete_job(&job.id, "bench").await.unwrap());
        }
        tx.commit().await.unwrap();
    }
    report(engine, cases, "claim of 16, all due", times);
    report(engine, cases, "claim of 16, none due", idle);
}

async fn queries(engine: &str, cases: u64, store: &Store, bare: &Bare) {
    let begun = Instant::now();
    bare.script(filling(cases, store.now().await.unwrap()))
        .await;
    bare.script(coding(cases)).await;
    bare.settle().await;
    println!(
        "{engine:<10} {cases:>8} cases  loaded in {:.1} s",
        begun.elapsed().as_secs_f64()
    );
    println!(
        "{:<10} {:>14}  {:<34} {:>10} {:>10}",
        "", "", "query", "median", "95 %"
    );
    let reviewer = ReviewerId::new(Timestamp::from_millis(1), &mut ChaCha8Rng::seed_from_u64(1));
    let mut reader = store.read().await.unwrap();
    let queue = reader
        .waiting_for("first", Some(&reviewer), 20)
        .await
        .unwrap();
    let last = queue.last().expect("some cases wait").clone();
    measure!(engine, cases, "queue: 20 cases for a reviewer", {
        reader
            .waiting_for("first", Some(&reviewer), 20)
            .await
            .unwrap()
    });
    measure!(
        engine,
        cases,
        "queue: place of a case",
        reader.cases_before(&last).await.unwrap()
    );
    measure!(
        engine,
        cases,
        "queue: how many wait",
        reader.waiting_count("first").await.unwrap()
    );
    measure!(
        engine,
        cases,
        "page: 50 newest",
        reader.list_cases(None, None, 50).await.unwrap()
    );
    measure!(
        engine,
        cases,
        "case by code",
        reader.case_by_code(&last.code).await.unwrap()
    );
    measure!(
        engine,
        cases,
        "history of a case",
        reader.load(&last.id).await.unwrap()
    );
    measure!(
        engine,
        cases,
        "timers: when is the next",
        reader.next_run_at().await.unwrap()
    );
    measure!(engine, cases, "clock", reader.now().await.unwrap());
    drop(reader);
    claims(engine, cases, store).await;
}

async fn run(engine: &str, options: &Options) {
    println!("--- {engine}");
    for (number, cases) in options.cases.iter().enumerate() {
        let folder = tempfile::tempdir().unwrap();
        let name = format!("regain_bench_{}_{number}", std::process::id());
        let (url, admin) = if engine == "sqlite" {
            let file = folder.path().join("bench.db");
            (format!("sqlite:{}", file.display()), None)
        } else {
            let server = options
                .postgres
                .as_deref()
                .expect("--postgres or REGAIN_TEST_POSTGRES");
            let mut admin = PgConnection::connect(server).await.unwrap();
            let create = AssertSqlSafe(format!("CREATE DATABASE {name}"));
            sqlx::raw_sql(create).execute(&mut admin).await.unwrap();
            let (base, _) = server.rsplit_once('/').unwrap();
            (format!("{base}/{name}"), Some(admin))
        };
        let settings = Settings {
            url: url.clone(),
            mode: Mode::Serve,
        };
        let store = Store::open(&settings).await.unwrap();
        store.migrate().await.unwrap();
        let bare = Bare::open(&url).await;
        if number == 0 {
            commands(engine, &store, &bare, options.seconds).await;
            let clear = "DELETE FROM jobs; DELETE FROM events; DELETE FROM cases;";
            bare.script(clear.into()).await;
        }
        queries(engine, *cases, &store, &bare).await;
        bare.close().await;
        store.close().await;
        if let Some(mut admin) = admin {
            let drop = AssertSqlSafe(format!("DROP DATABASE {name} WITH (FORCE)"));
            sqlx::raw_sql(drop).execute(&mut admin).await.unwrap();
        }
    }
}

#[tokio::main]
async fn main() {
    let options = options();
    for engine in &options.engines {
        run(engine, &options).await;
    }
}
