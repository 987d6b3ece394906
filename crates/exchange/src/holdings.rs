//! Things of an account that may open it or act for it: sessions, devices, addresses, keys and
//! factors.

use platform::Timestamp;
use sqlx::{FromRow, SqliteConnection};

use crate::error::Result;
use crate::secrets;

/// Where a thing stands; besides these a thing may be `destroyed`: forgotten, its data gone.
pub(crate) mod state {
    /// In use.
    pub(crate) const ACTIVE: &str = "active";
    /// Useless, but kept for a holder who stops the recovery.
    pub(crate) const SUSPENDED: &str = "suspended";
    /// New, waiting for the handover.
    pub(crate) const STAGED: &str = "staged";
}

/// The class of people whom the holder named to be asked; nothing of it opens an account.
pub(crate) const RECOVERY_CONTACTS: &str = "recovery_contacts";

/// Kinds within the class of factors, and the one other kind that is a channel.
pub(crate) mod kind {
    pub(crate) const EMAIL: &str = "email";
    pub(crate) const PHONE: &str = "phone";
    pub(crate) const PASSWORD: &str = "password";
    pub(crate) const TOTP: &str = "totp";
    pub(crate) const PASSKEY: &str = "passkey";
    /// One recovery code, as a salted digest.
    pub(crate) const RECOVERY_CODE: &str = "recovery_code";
    /// An installed app that takes pushes; of the class of devices.
    pub(crate) const PUSH: &str = "push";
    /// Of every class with one kind only.
    pub(crate) const PLAIN: &str = "plain";
}

/// One thing.
#[derive(Clone, FromRow)]
pub(crate) struct Holding {
    pub(crate) id: String,
    pub(crate) account: String,
    pub(crate) kind: String,
    /// What a person reads.
    pub(crate) label: String,
    /// What a program needs: an address, a digest, a hash, a secret.
    pub(crate) data: String,
    pub(crate) state: String,
    pub(crate) created_at: i64,
    pub(crate) used_step: i64,
}

/// A thing to be added.
#[derive(Clone, Copy)]
pub(crate) struct NewHolding<'a> {
    pub(crate) account: &'a str,
    pub(crate) class: &'a str,
    pub(crate) kind: &'a str,
    pub(crate) label: &'a str,
    pub(crate) data: &'a str,
    /// The case that stages it; none makes it active at once.
    pub(crate) born_case: Option<&'a str>,
    pub(crate) at: Timestamp,
}

/// Adds a thing and gives its identifier.
pub(crate) async fn add(db: &mut SqliteConnection, new: NewHolding<'_>) -> Result<String> {
    let id = secrets::id("h_");
    let state = if new.born_case.is_some() {
        state::STAGED
    } else {
        state::ACTIVE
    };
    sqlx::query(
        "INSERT INTO holdings (id, account, class, kind, label, data, state, born_case, created_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
    )
    .bind(&id)
    .bind(new.account)
    .bind(new.class)
    .bind(new.kind)
    .bind(new.label)
    .bind(new.data)
    .bind(state)
    .bind(new.born_case)
    .bind(new.at.millis())
    .execute(db)
    .await?;
    Ok(id)
}

/// Things of one class in one state, oldest first.
pub(crate) async fn list(
    db: &mut SqliteConnection,
    account: &str,
    class: &str,
    state: &str,
) -> Result<Vec<Holding>> {
    let rows = sqlx::query_as(
        "SELECT * FROM holdings WHERE account = $1 AND class = $2 AND state = $3
         ORDER BY created_at, rowid",
    )
    .bind(account)
    .bind(class)
    .bind(state)
    .fetch_all(db)
    .await?;
    Ok(rows)
}

/// The thing with these data, in whatever account and whether it is active or suspended.
pub(crate) async fn find(
    db: &mut SqliteConnection,
    class: &str,
    kind: &str,
    data: &str,
) -> Result<Option<Holding>> {
    let row = sqlx::query_as(
        "SELECT * FROM holdings WHERE class = $1 AND kind = $2 AND data = $3
         AND state IN ('active', 'suspended') ORDER BY state LIMIT 1",
    )
    .bind(class)
    .bind(kind)
    .bind(data)
    .fetch_optional(db)
    .await?;
    Ok(row)
}

/// The holder takes an active thing away; its data goes with it. False when there is none.
pub(crate) async fn remove(
    db: &mut SqliteConnection,
    account: &str,
    class: &str,
    id: &str,
) -> Result<bool> {
    let done = sqlx::query(
        "UPDATE holdings SET state = 'destroyed', data = '', label = ''
         WHERE id = $1 AND account = $2 AND class = $3 AND state = 'active'",
    )
    .bind(id)
    .bind(account)
    .bind(class)
    .execute(db)
    .await?;
    Ok(done.rows_affected() == 1)
}
