//! What an exchange tells Regain of an account that waits: sign-ins from devices it does not know.
//!
//! A change is noted in the transaction in which it happens and told after the commit. What does
//! not get through is told at the next sign-in of anybody, under the same name, so that it counts
//! once; nobody's sign-in fails because Regain does not answer.

use platform::contract::{ChangeRequest, SecurityChangeKind};
use platform::{AccountRef, Timestamp};
use sqlx::SqliteConnection;

use crate::error::{ExchangeError, Result};
use crate::start::App;

/// Changes that are told in one go.
const AT_ONCE_MAX: i64 = 20;

/// Notes a change, to be told after the commit.
pub(crate) async fn note(
    db: &mut SqliteConnection,
    account: &str,
    kind: SecurityChangeKind,
    at: Timestamp,
) -> Result<()> {
    let kind = serde_json::to_string(&kind).map_err(|_| ExchangeError::Internal("change"))?;
    sqlx::query("INSERT INTO changes (account, kind, at) VALUES ($1, $2, $3)")
        .bind(account)
        .bind(kind)
        .bind(at.millis())
        .execute(db)
        .await?;
    Ok(())
}

/// Tells what was noted and not told yet, oldest first, until one does not get through.
pub(crate) async fn tell(app: &App) -> Result<()> {
    let open: Vec<(i64, String, String, i64)> =
        sqlx::query_as("SELECT id, account, kind, at FROM changes ORDER BY id LIMIT $1")
            .bind(AT_ONCE_MAX)
            .fetch_all(&app.db)
            .await?;
    for (id, account, kind, at) in open {
        let request = ChangeRequest {
            kind: serde_json::from_str(&kind).map_err(|_| ExchangeError::Internal("change"))?,
            at: Timestamp::from_millis(at),
            idempotency_key: format!("change-{id}"),
        };
        if let Err(error) = app.regain.changed(&AccountRef(account), &request).await {
            tracing::warn!(%error, "a change did not reach Regain; it is told again later");
            return Ok(());
        }
        sqlx::query("DELETE FROM changes WHERE id = $1")
            .bind(id)
            .execute(&app.db)
            .await?;
    }
    Ok(())
}
