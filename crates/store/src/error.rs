//! What can go wrong in the store, without any stored value in the text.

use sqlx::error::ErrorKind;
use thiserror::Error;

/// A cross-case rule that a unique index guards on both engines.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rule {
    /// At most one case per account holds an approval.
    OneApprovalPerAccount,
    /// At most one open case per account and contact.
    OneOpenCasePerContact,
    /// Any other key that must be unique: an identifier, a code, a digest.
    UniqueKey,
}

/// Why the store did not do what was asked.
#[derive(Debug, Error)]
pub enum StoreError {
    /// Somebody else was first. Nothing was written: load again, decide again.
    #[error("another writer was first; load and decide again")]
    Conflict,
    /// A unique index refused the row. Nothing was written.
    #[error("refused by a rule of the database: {0:?}")]
    Taken(Rule),
    /// Something was given that can never be stored.
    #[error("cannot be stored: {0}")]
    Invalid(&'static str),
    /// A stored value is not of the form that was written.
    #[error("the database holds a value of a wrong form: {0}")]
    Corrupt(String),
    /// The database's address is not one of ours.
    #[error("the database address must begin with sqlite: (a file) or postgres:")]
    Address,
    /// The tables come from a newer program.
    #[error(
        "the database has schema version {found}, this program knows {known}; run a newer program"
    )]
    NewerSchema {
        /// The version found in the database.
        found: i64,
        /// The newest version this program knows.
        known: i64,
    },
    /// A demo database in serve mode: its clock was under somebody's control.
    #[error("this database is marked as demo and cannot be served; use a new database")]
    DemoDatabase,
    /// A real database in demo mode: its cases must not be under a virtual clock.
    #[error("this database was made for serving and holds cases; the demo needs its own database")]
    NotDemoDatabase,
    /// The database cannot be reached, or is too busy. Trying again later is right.
    #[error("the database is not available: {0}")]
    Unavailable(String),
    /// The database refused a statement: a mistake in this crate or a damaged database.
    #[error("the database refused a statement: {0}")]
    Database(String),
}

/// PostgreSQL: serialization failure and deadlock (appendix A of its manual, class 40).
const RETRY_CODES: [&str; 2] = ["40001", "40P01"];
/// PostgreSQL: lock not available, query cancelled, admin shutdown, too many connections.
const BUSY_CODES: [&str; 5] = ["55P03", "57014", "57P01", "57P03", "53300"];
/// SQLite's primary result codes BUSY, LOCKED and FULL (the low byte of the extended code).
const SQLITE_BUSY: [i64; 3] = [5, 6, 13];

impl From<sqlx::Error> for StoreError {
    fn from(error: sqlx::Error) -> Self {
        match error {
            sqlx::Error::Database(inner) => from_database(inner.as_ref()),
            sqlx::Error::ColumnDecode { index, source } => {
                Self::Corrupt(format!("column {index}: {source}"))
            }
            sqlx::Error::Io(_)
            | sqlx::Error::Tls(_)
            | sqlx::Error::PoolTimedOut
            | sqlx::Error::PoolClosed
            | sqlx::Error::WorkerCrashed => Self::Unavailable(error.to_string()),
            other => Self::Database(other.to_string()),
        }
    }
}

fn from_database(error: &dyn sqlx::error::DatabaseError) -> StoreError {
    let code = error.code().unwrap_or_default();
    if matches!(error.kind(), ErrorKind::UniqueViolation) {
        return StoreError::Taken(rule_of(error));
    }
    let sqlite = code
        .parse::<i64>()
        .ok()
        .filter(|_| code.len() < 5)
        .map(|code| code & 0xff);
    if RETRY_CODES.contains(&code.as_ref()) {
        StoreError::Conflict
    } else if BUSY_CODES.contains(&code.as_ref())
        || sqlite.is_some_and(|code| SQLITE_BUSY.contains(&code))
    {
        StoreError::Unavailable(format!("code {code}"))
    } else {
        // The message names columns and constraints; the detail, which has values, stays out.
        StoreError::Database(format!("code {code}: {}", error.message()))
    }
}

/// PostgreSQL names the index, SQLite the columns of it.
fn rule_of(error: &dyn sqlx::error::DatabaseError) -> Rule {
    let named = error.constraint().unwrap_or_default();
    let message = error.message();
    if named == "cases_one_open" || message.contains("cases.contact_index") {
        Rule::OneOpenCasePerContact
    } else if named == "cases_one_approval" || message.ends_with("cases.account_ref") {
        Rule::OneApprovalPerAccount
    } else {
        Rule::UniqueKey
    }
}
