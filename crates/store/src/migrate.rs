//! The tables' versions, and who may open which database.

use crate::dialect::{MIGRATION_LOCK_POSTGRES, ddl};
use crate::tx::{Reader, Tx};
use crate::{Engine, Mode, Result, Store, StoreError};

/// Every migration ever, in order; one template for both engines. Never edit one that was released.
const MIGRATIONS: &[&str] = &[
    include_str!("../migrations/0001_tables.sql"),
    include_str!("../migrations/0002_takes.sql"),
    include_str!("../migrations/0003_fingerprints.sql"),
    include_str!("../migrations/0004_gallery.sql"),
    include_str!("../migrations/0005_policy_proposals.sql"),
    include_str!("../migrations/0006_origins.sql"),
    include_str!("../migrations/0007_figures.sql"),
    include_str!("../migrations/0008_restriction_feed.sql"),
    include_str!("../migrations/0009_webhooks.sql"),
    include_str!("../migrations/0010_veto_codes.sql"),
    include_str!("../migrations/0011_marks.sql"),
];

/// The schema version that this program makes and knows.
pub const SCHEMA_VERSION: i64 = MIGRATIONS.len() as i64;

/// The table of versions: the one thing that must exist before the first migration.
const VERSIONS_TABLE: &str =
    "CREATE TABLE schema_versions (version {int} PRIMARY KEY, applied_at {int} NOT NULL){strict};";

statements! {
    TABLE_NAMED = "" [table_named] "";
    VERSION = "SELECT COALESCE(MAX(version), 0) FROM schema_versions";
    APPLIED = "INSERT INTO schema_versions (version, applied_at) VALUES ($1, " [clock] ")";
    IS_DEMO = "SELECT COUNT(*) FROM meta WHERE name = 'demo'";
    HAS_CASES = "SELECT COUNT(*) FROM (SELECT 1 FROM cases LIMIT 1) AS some_case";
    MARK_DEMO = "INSERT INTO meta (name, value) VALUES ('demo', 'true') ON CONFLICT DO NOTHING";
    START_DEMO_CLOCK = "INSERT INTO demo_clock (id, offset_ms) VALUES (1, 0) \
        ON CONFLICT DO NOTHING";
}

impl Reader {
    /// The schema version of this database; 0 when it has no tables yet.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn schema_version(&mut self) -> Result<i64> {
        let (tables,) = fetch!(fetch_one, (i64,), self.conn, TABLE_NAMED, "schema_versions")?;
        if tables == 0 {
            return Ok(0);
        }
        let (version,) = fetch!(fetch_one, (i64,), self.conn, VERSION)?;
        Ok(version)
    }

    /// Refuses a database of a newer program, or of the other mode.
    pub(crate) async fn check_database(&mut self) -> Result<()> {
        let found = self.schema_version().await?;
        if found > SCHEMA_VERSION {
            return Err(StoreError::NewerSchema {
                found,
                known: SCHEMA_VERSION,
            });
        }
        if found == 0 {
            return Ok(());
        }
        let (demo,) = fetch!(fetch_one, (i64,), self.conn, IS_DEMO)?;
        let (cases,) = fetch!(fetch_one, (i64,), self.conn, HAS_CASES)?;
        match self.clock.mode {
            Mode::Serve if demo != 0 => Err(StoreError::DemoDatabase),
            Mode::Demo if demo == 0 && cases != 0 => Err(StoreError::NotDemoDatabase),
            _ => Ok(()),
        }
    }
}

impl Tx {
    async fn apply(&mut self, done: i64) -> Result<()> {
        let engine = self.engine();
        if done == 0 {
            self.run_script(ddl(engine, VERSIONS_TABLE)).await?;
        }
        for (number, template) in (1_i64..).zip(MIGRATIONS) {
            if number > done {
                self.run_script(ddl(engine, template)).await?;
                execute!(self.conn, APPLIED, number)?;
                tracing::info!(version = number, engine = %engine, "schema migrated");
            }
        }
        Ok(())
    }
}

impl Store {
    /// Brings the tables up to date. Harmless when they are; several nodes may do it at once.
    ///
    /// A database opened for the demo is marked as such here, for good.
    ///
    /// # Errors
    /// As [`Store::open`]; then nothing was changed.
    pub async fn migrate(&self) -> Result<()> {
        let mut tx = self.begin().await?;
        if tx.engine() == Engine::Postgres {
            tx.run_script(MIGRATION_LOCK_POSTGRES.to_owned()).await?;
        }
        tx.check_database().await?;
        let done = tx.schema_version().await?;
        tx.apply(done).await?;
        if self.clock.mode == Mode::Demo {
            execute!(tx.conn, MARK_DEMO)?;
            execute!(tx.conn, START_DEMO_CLOCK)?;
        }
        tx.commit().await
    }
}
