//! The exchange's own database: one SQLite file, one connection.

use std::path::Path;

use sqlx::SqlitePool;
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous};

use crate::error::Result;

/// The tables. Amounts are in hundred-millionths, moments in milliseconds since the epoch.
/// Everything that a securing action may suspend is one row of `holdings`; no row is ever deleted,
/// so that row numbers tell what was there before an action (`securing.last_row`).
const SCHEMA: &str = "
CREATE TABLE IF NOT EXISTS accounts (
    ref TEXT PRIMARY KEY, number TEXT NOT NULL UNIQUE, user_name TEXT NOT NULL UNIQUE,
    registered_at INTEGER NOT NULL, status TEXT NOT NULL, value TEXT NOT NULL, tier_hint TEXT,
    document TEXT, portrait BLOB, portrait_type TEXT, portrait_at INTEGER,
    restriction TEXT, restriction_at INTEGER) STRICT;
CREATE TABLE IF NOT EXISTS holdings (
    id TEXT PRIMARY KEY, account TEXT NOT NULL REFERENCES accounts (ref), class TEXT NOT NULL,
    kind TEXT NOT NULL, label TEXT NOT NULL, data TEXT NOT NULL, state TEXT NOT NULL,
    born_case TEXT, held_case TEXT, created_at INTEGER NOT NULL,
    used_step INTEGER NOT NULL DEFAULT 0) STRICT;
CREATE INDEX IF NOT EXISTS holdings_by_account ON holdings (account, class, state);
CREATE INDEX IF NOT EXISTS holdings_by_data ON holdings (class, kind, data);
CREATE TABLE IF NOT EXISTS handovers (
    account TEXT NOT NULL, case_id TEXT NOT NULL, begun_at INTEGER NOT NULL,
    PRIMARY KEY (account, case_id)) STRICT;
CREATE TABLE IF NOT EXISTS securing (
    account TEXT NOT NULL, case_id TEXT NOT NULL, action TEXT NOT NULL, state TEXT NOT NULL,
    last_row INTEGER NOT NULL, at INTEGER NOT NULL, PRIMARY KEY (account, case_id, action)) STRICT;
CREATE TABLE IF NOT EXISTS balances (
    account TEXT NOT NULL, wallet TEXT NOT NULL, asset TEXT NOT NULL,
    units INTEGER NOT NULL CHECK (units >= 0), PRIMARY KEY (account, wallet, asset)) STRICT;
CREATE TABLE IF NOT EXISTS movements (
    id INTEGER PRIMARY KEY, account TEXT NOT NULL, kind TEXT NOT NULL, asset TEXT NOT NULL,
    units INTEGER NOT NULL, chain TEXT, address TEXT, at INTEGER NOT NULL) STRICT;
CREATE TABLE IF NOT EXISTS cards (
    account TEXT NOT NULL, bank TEXT NOT NULL, last_four TEXT NOT NULL) STRICT;
CREATE TABLE IF NOT EXISTS logins (
    id INTEGER PRIMARY KEY, account TEXT NOT NULL, ip TEXT NOT NULL, city TEXT, country TEXT,
    device TEXT, device_token TEXT, at INTEGER NOT NULL) STRICT;
CREATE TABLE IF NOT EXISTS changes (
    id INTEGER PRIMARY KEY AUTOINCREMENT, account TEXT NOT NULL, kind TEXT NOT NULL,
    at INTEGER NOT NULL) STRICT;
CREATE TABLE IF NOT EXISTS failures (
    account TEXT NOT NULL, purpose TEXT NOT NULL, at INTEGER NOT NULL) STRICT;
CREATE TABLE IF NOT EXISTS requests (
    scope TEXT NOT NULL, key TEXT NOT NULL, digest TEXT NOT NULL, secret TEXT NOT NULL,
    answer TEXT NOT NULL, PRIMARY KEY (scope, key)) STRICT;
CREATE TABLE IF NOT EXISTS notices (
    account TEXT NOT NULL, message_code TEXT NOT NULL, kind TEXT NOT NULL, channel TEXT NOT NULL,
    at INTEGER NOT NULL) STRICT;
CREATE TABLE IF NOT EXISTS messages (
    id INTEGER PRIMARY KEY, account TEXT NOT NULL, message_code TEXT NOT NULL,
    subject TEXT NOT NULL, text TEXT NOT NULL, known_before INTEGER NOT NULL,
    at INTEGER NOT NULL) STRICT;
CREATE TABLE IF NOT EXISTS activity (
    id INTEGER PRIMARY KEY, account TEXT NOT NULL, what TEXT NOT NULL, done INTEGER NOT NULL,
    ip TEXT NOT NULL, device TEXT NOT NULL, at INTEGER NOT NULL) STRICT;
CREATE INDEX IF NOT EXISTS activity_by_account ON activity (account, at);
CREATE TABLE IF NOT EXISTS not_me (
    digest TEXT PRIMARY KEY, account TEXT NOT NULL, channel TEXT NOT NULL,
    expires_at INTEGER NOT NULL) STRICT;
CREATE TABLE IF NOT EXISTS ceremonies (
    id TEXT PRIMARY KEY, account TEXT NOT NULL, purpose TEXT NOT NULL, state TEXT NOT NULL,
    expires_at INTEGER NOT NULL) STRICT;
CREATE TABLE IF NOT EXISTS assertions (
    nonce TEXT PRIMARY KEY, expires_at INTEGER NOT NULL) STRICT;
";

/// Opens the database and makes its tables.
///
/// One connection, kept for ever: transactions never meet, and a database in memory lives as long
/// as the exchange.
pub(crate) async fn open(file: Option<&Path>) -> Result<SqlitePool> {
    let options = match file {
        Some(path) => SqliteConnectOptions::new()
            .filename(path)
            .create_if_missing(true)
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Full),
        None => SqliteConnectOptions::new().in_memory(true),
    };
    let pool = SqlitePoolOptions::new()
        .max_connections(1)
        .min_connections(1)
        .idle_timeout(None)
        .max_lifetime(None)
        .connect_with(options.foreign_keys(true))
        .await?;
    sqlx::raw_sql(SCHEMA).execute(&pool).await?;
    Ok(pool)
}
