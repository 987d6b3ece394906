//! Messages in the app: a notice for whoever was signed in, or held an API key, before a recovery
//! was asked for. Nobody who came later is told (the one who asks may be a thief).

use platform::{Sensitive, Timestamp};
use serde::Serialize;
use sqlx::{FromRow, SqliteConnection};

use crate::accounts;
use crate::error::Result;
use crate::holdings::{Holding, kind, state};

/// Messages that are shown, the newest first.
const SHOWN_MAX: i64 = 20;

/// One message.
#[derive(FromRow, Serialize)]
pub(crate) struct AppMessage {
    pub(crate) message_code: String,
    pub(crate) subject: String,
    pub(crate) text: String,
    pub(crate) at: i64,
}

impl AppMessage {
    /// Its lines, each with whether it is an address to open.
    pub(crate) fn lines(&self) -> impl Iterator<Item = (&str, bool)> {
        let lines = self.text.lines().map(str::trim);
        lines.map(|line| (line, line.starts_with("http") && !line.contains(' ')))
    }
}

/// A message to be kept.
pub(crate) struct NewMessage<'a> {
    pub(crate) account: &'a str,
    pub(crate) message_code: &'a str,
    pub(crate) subject: &'a str,
    pub(crate) text: &'a Sensitive<String>,
    /// Only sessions and keys from before this moment see it.
    pub(crate) known_before: Timestamp,
    pub(crate) at: Timestamp,
}

/// The channel of an account: as old as the account itself.
pub(crate) async fn channel(db: &mut SqliteConnection, account: &str) -> Result<Holding> {
    let created_at = accounts::registered_at(db, account).await?;
    Ok(Holding {
        id: format!("in-app-{account}"),
        account: account.to_owned(),
        kind: kind::PLAIN.to_owned(),
        label: "messages in the app".to_owned(),
        data: String::new(),
        state: state::ACTIVE.to_owned(),
        created_at,
        used_step: 0,
    })
}

/// Keeps a message.
pub(crate) async fn keep(db: &mut SqliteConnection, new: &NewMessage<'_>) -> Result<()> {
    sqlx::query(
        "INSERT INTO messages (account, message_code, subject, text, known_before, at)
         VALUES ($1, $2, $3, $4, $5, $6)",
    )
    .bind(new.account)
    .bind(new.message_code)
    .bind(new.subject)
    .bind(new.text.reveal())
    .bind(new.known_before.millis())
    .bind(new.at.millis())
    .execute(db)
    .await?;
    Ok(())
}

/// What a session or key that began at this moment may read.
pub(crate) async fn for_who_came(
    db: &mut SqliteConnection,
    account: &str,
    began_at: i64,
) -> Result<Vec<AppMessage>> {
    let rows = sqlx::query_as(
        "SELECT message_code, subject, text, at FROM messages
         WHERE account = $1 AND known_before > $2 ORDER BY id DESC LIMIT $3",
    )
    .bind(account)
    .bind(began_at)
    .bind(SHOWN_MAX)
    .fetch_all(db)
    .await?;
    Ok(rows)
}
