//! Opening a database: address, mode, pools.

use std::path::Path;
use std::str::FromStr;
use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use std::time::Duration;

use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous};
use sqlx::{PgPool, SqlitePool};

use crate::clock::Clock;
use crate::dialect::{BEGIN_POSTGRES, BEGIN_SQLITE};
use crate::tx::{Conn, Link, Reader, Tx};
use crate::{Engine, Result, StoreError};

/// Connections of the reading pool of SQLite.
const SQLITE_READERS: u32 = 8;
/// Connections of each of the two pools of PostgreSQL, per node.
const POSTGRES_CONNECTIONS: u32 = 16;
/// How long a caller waits for a connection; on SQLite, for its turn to write.
const ACQUIRE: Duration = Duration::from_secs(10);
/// How long SQLite waits for another process that holds the write lock (a backup, say).
const BUSY: Duration = Duration::from_secs(5);
/// Prepared statements kept per connection: room for all of this crate's.
const STATEMENT_CACHE: usize = 256;
/// PostgreSQL's own limits, in milliseconds: a stuck lock, statement or forgotten transaction ends.
const POSTGRES_LIMITS: [(&str, &str); 3] = [
    ("lock_timeout", "5000"),
    ("statement_timeout", "30000"),
    ("idle_in_transaction_session_timeout", "30000"),
];

/// Whether time is real.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// Real cases, real time. Refuses a database that is marked as demo.
    Serve,
    /// A virtual clock that can be moved forward. Refuses a database with cases that is not demo.
    Demo,
}

/// Where the database is and how it is used.
#[derive(Clone)]
pub struct Settings {
    /// `sqlite:<file>` or `postgres://...`. May hold a password: never log it.
    pub url: String,
    /// Whether time is real.
    pub mode: Mode,
}

enum Pools {
    Sqlite {
        writer: SqlitePool,
        readers: SqlitePool,
    },
    Postgres {
        writer: PgPool,
        readers: PgPool,
    },
}

/// A database. Cheap to clone; every clone shares the same connections and clock.
#[derive(Clone)]
pub struct Store {
    pools: Arc<Pools>,
    pub(crate) clock: Arc<Clock>,
    pub(crate) committed: Arc<AtomicU64>,
}

impl Store {
    /// Connects, and refuses a database of the wrong mode or of a newer program.
    ///
    /// A new database has no tables yet: call [`Store::migrate`] before anything else.
    ///
    /// # Errors
    /// [`StoreError::Address`], [`StoreError::Unavailable`], [`StoreError::NewerSchema`],
    /// [`StoreError::DemoDatabase`], [`StoreError::NotDemoDatabase`].
    pub async fn open(settings: &Settings) -> Result<Self> {
        let pools = if settings.url.starts_with("sqlite:") {
            open_sqlite(&settings.url).await?
        } else if settings.url.starts_with("postgres:") || settings.url.starts_with("postgresql:") {
            open_postgres(&settings.url).await?
        } else {
            return Err(StoreError::Address);
        };
        let clock = Arc::new(Clock::new(settings.mode));
        let store = Self {
            pools: Arc::new(pools),
            clock,
            committed: Arc::default(),
        };
        store.read().await?.check_database().await?;
        Ok(store)
    }

    /// Begins a write transaction. On SQLite this waits until no other one is under way.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`] when there is no turn within 10 seconds.
    pub async fn begin(&self) -> Result<Tx> {
        let conn = match &*self.pools {
            Pools::Sqlite { writer, .. } => {
                Conn::Sqlite(Link::Write(writer.begin_with(BEGIN_SQLITE).await?))
            }
            Pools::Postgres { writer, .. } => {
                Conn::Postgres(Link::Write(writer.begin_with(BEGIN_POSTGRES).await?))
            }
        };
        let (clock, committed) = (Arc::clone(&self.clock), Arc::clone(&self.committed));
        Ok(Tx::new(conn, clock, committed))
    }

    /// A connection for reading. It cannot write, and it never waits for writers.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`] when none is free within 10 seconds.
    pub async fn read(&self) -> Result<Reader> {
        let conn = match &*self.pools {
            Pools::Sqlite { readers, .. } => Conn::Sqlite(Link::Read(readers.acquire().await?)),
            Pools::Postgres { readers, .. } => Conn::Postgres(Link::Read(readers.acquire().await?)),
        };
        Ok(Reader {
            conn,
            clock: Arc::clone(&self.clock),
        })
    }

    /// Which engine this is.
    #[must_use]
    pub fn engine(&self) -> Engine {
        match &*self.pools {
            Pools::Sqlite { .. } => Engine::Sqlite,
            Pools::Postgres { .. } => Engine::Postgres,
        }
    }

    /// Closes all connections in good order; on SQLite, the write-ahead log is folded in.
    pub async fn close(&self) {
        match &*self.pools {
            Pools::Sqlite { writer, readers } => {
                readers.close().await;
                writer.close().await;
            }
            Pools::Postgres { writer, readers } => {
                readers.close().await;
                writer.close().await;
            }
        }
    }
}

async fn open_sqlite(url: &str) -> Result<Pools> {
    // A database in memory would be a different one for each connection.
    if url.contains(":memory:") || url.contains("mode=memory") {
        return Err(StoreError::Address);
    }
    let options = SqliteConnectOptions::from_str(url)
        .map_err(|_| StoreError::Address)?
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Full)
        .foreign_keys(true)
        .busy_timeout(BUSY)
        .statement_cache_capacity(STATEMENT_CACHE);
    create_private(options.get_filename())?;
    let pool = SqlitePoolOptions::new()
        .acquire_timeout(ACQUIRE)
        .idle_timeout(None)
        // It cannot go away like a server: asking before each use would only cost time.
        .test_before_acquire(false);
    let writer = pool
        .clone()
        .max_connections(1)
        .min_connections(1)
        .max_lifetime(None)
        .connect_with(options.clone().create_if_missing(true))
        .await?;
    let readers = pool
        .max_connections(SQLITE_READERS)
        .connect_with(options.read_only(true))
        .await?;
    Ok(Pools::Sqlite { writer, readers })
}

/// Makes a new database file that only its owner can read; SQLite's side files follow it.
fn create_private(file: &Path) -> Result<()> {
    let mut options = std::fs::OpenOptions::new();
    options.create(true).append(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    match options.open(file) {
        Ok(_) => Ok(()),
        Err(error) => Err(StoreError::Unavailable(format!(
            "the database file: {}",
            error.kind()
        ))),
    }
}

async fn open_postgres(url: &str) -> Result<Pools> {
    let options = PgConnectOptions::from_str(url)
        .map_err(|_| StoreError::Address)?
        .application_name("regain")
        .statement_cache_capacity(STATEMENT_CACHE)
        .options(POSTGRES_LIMITS);
    let pool = PgPoolOptions::new()
        .acquire_timeout(ACQUIRE)
        .max_connections(POSTGRES_CONNECTIONS);
    let writer = pool.clone().connect_with(options.clone()).await?;
    let readers = pool
        .connect_with(options.options([("default_transaction_read_only", "on")]))
        .await?;
    Ok(Pools::Postgres { writer, readers })
}
