//! What was tried with an account, done or refused: for its holder to look at.

use platform::Timestamp;
use serde::Serialize;
use sqlx::{FromRow, SqliteConnection};

use crate::error::Result;

/// Signing in; everything else goes by the name of its capability.
pub(crate) const SIGN_IN: &str = "login";
/// Proving factors on the stop page.
pub(crate) const STOP: &str = "stop_recovery";

/// Lines that a page shows.
const SHOWN_MAX: i64 = 200;

/// One try.
#[derive(Clone, Copy)]
pub(crate) struct Try<'a> {
    pub(crate) account: &'a str,
    /// The capability's name.
    pub(crate) what: &'a str,
    pub(crate) done: bool,
    pub(crate) ip: &'a str,
    pub(crate) device: &'a str,
    pub(crate) at: Timestamp,
}

/// One line of the log.
#[derive(FromRow, Serialize)]
pub(crate) struct Line {
    pub(crate) what: String,
    pub(crate) done: bool,
    pub(crate) ip: String,
    pub(crate) device: String,
    pub(crate) at: i64,
}

/// Writes it down; of what is done, in the transaction that does it.
pub(crate) async fn note(db: &mut SqliteConnection, one: Try<'_>) -> Result<()> {
    sqlx::query(
        "INSERT INTO activity (account, what, done, ip, device, at)
         VALUES ($1, $2, $3, $4, $5, $6)",
    )
    .bind(one.account)
    .bind(one.what)
    .bind(one.done)
    .bind(one.ip)
    .bind(one.device)
    .bind(one.at.millis())
    .execute(db)
    .await?;
    Ok(())
}

/// The newest lines first.
pub(crate) async fn list(db: &mut SqliteConnection, account: &str) -> Result<Vec<Line>> {
    let lines = sqlx::query_as(
        "SELECT what, done, ip, device, at FROM activity WHERE account = $1
         ORDER BY at DESC, id DESC LIMIT $2",
    )
    .bind(account)
    .bind(SHOWN_MAX)
    .fetch_all(db)
    .await?;
    Ok(lines)
}
