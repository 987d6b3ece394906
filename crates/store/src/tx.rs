//! A write transaction and a reading connection, hiding which engine they run on.

use std::ops::{Deref, DerefMut};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use recovery::id::AccountRef;
use recovery::time::Timestamp;
use sqlx::pool::PoolConnection;
use sqlx::{Database, Postgres, Sqlite, Transaction};

use crate::clock::Clock;
use crate::{Result, failpoint};

/// One connection of an engine, inside a transaction or not.
pub(crate) enum Link<DB: Database> {
    Read(PoolConnection<DB>),
    Write(Transaction<'static, DB>),
}

impl<DB: Database> Link<DB> {
    /// What sqlx runs statements on.
    pub(crate) fn conn(&mut self) -> &mut DB::Connection {
        match self {
            Self::Read(connection) => &mut *connection,
            Self::Write(transaction) => &mut *transaction,
        }
    }

    async fn commit(self) -> sqlx::Result<()> {
        match self {
            Self::Read(_) => Ok(()),
            Self::Write(transaction) => transaction.commit().await,
        }
    }

    async fn rollback(self) -> sqlx::Result<()> {
        match self {
            Self::Read(_) => Ok(()),
            Self::Write(transaction) => transaction.rollback().await,
        }
    }
}

/// A connection of either engine.
pub(crate) enum Conn {
    Sqlite(Link<Sqlite>),
    Postgres(Link<Postgres>),
}

/// Reads. On its own it holds a connection that cannot write, and sees what is committed.
///
/// For one request or one turn of a worker; it goes back to its pool when dropped.
pub struct Reader {
    pub(crate) conn: Conn,
    pub(crate) clock: Arc<Clock>,
}

/// A write transaction. Dropped without [`Tx::commit`], it leaves nothing behind.
///
/// On SQLite it holds the only write lock from its first moment: do nothing inside it that waits
/// for anything but the database.
pub struct Tx {
    pub(crate) reader: Reader,
    pub(crate) moment: Option<Timestamp>,
    pub(crate) appended: bool,
    /// Accounts whose restriction sets this transaction changed.
    pub(crate) restricted: Vec<AccountRef>,
    /// The highest number of a restriction change that this process has committed.
    pub(crate) committed: Arc<AtomicU64>,
}

impl Deref for Tx {
    type Target = Reader;

    fn deref(&self) -> &Reader {
        &self.reader
    }
}

impl DerefMut for Tx {
    fn deref_mut(&mut self) -> &mut Reader {
        &mut self.reader
    }
}

impl Tx {
    pub(crate) fn new(conn: Conn, clock: Arc<Clock>, committed: Arc<AtomicU64>) -> Self {
        Self {
            reader: Reader { conn, clock },
            moment: None,
            appended: false,
            restricted: Vec::new(),
            committed,
        }
    }

    /// The moment of this transaction: read from the database once, then the same to the end.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn now(&mut self) -> Result<Timestamp> {
        if let Some(moment) = self.moment {
            return Ok(moment);
        }
        let moment = self.reader.now().await?;
        self.moment = Some(moment);
        Ok(moment)
    }

    /// Makes everything durable, at once. Only after this may anybody be told.
    ///
    /// # Errors
    /// When the database fails; then nothing may be assumed, and the caller loads again.
    pub async fn commit(mut self) -> Result<()> {
        let change = self.number_restrictions().await?;
        match self.reader.conn {
            Conn::Sqlite(link) => link.commit().await,
            Conn::Postgres(link) => link.commit().await,
        }?;
        self.committed.fetch_max(change, Ordering::SeqCst);
        if self.appended {
            failpoint("append.after");
        }
        Ok(())
    }

    /// Gives everything up. Dropping does the same, a little later.
    ///
    /// # Errors
    /// When the connection is gone; the database then gives up by itself.
    pub async fn rollback(self) -> Result<()> {
        match self.reader.conn {
            Conn::Sqlite(link) => link.rollback().await,
            Conn::Postgres(link) => link.rollback().await,
        }?;
        Ok(())
    }
}
