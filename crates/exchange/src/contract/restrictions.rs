//! The restriction set: put whole, versioned, read back.

use axum::Json;
use axum::body::Bytes;
use axum::extract::{Path, State};
use platform::Timestamp;
use platform::contract::{RestrictionAck, RestrictionSet};

use super::{known, parse};
use crate::error::{ExchangeError, Result};
use crate::faults::Fault;
use crate::guard::in_force;
use crate::start::App;

/// Faults with which nothing is put in force.
const DOES_NOTHING: [Fault; 2] = [
    Fault::AcknowledgesRestrictions,
    Fault::AcknowledgesWithoutDoing,
];

/// Lets the newest of racing sets be written first, as a faulty exchange might.
async fn dawdle(newer_by: u64) {
    let steps = 10_u64.saturating_sub(newer_by);
    let pause = std::time::Duration::from_millis(20 * steps);
    let _elapsed = tokio::time::timeout(pause, std::future::pending::<()>()).await;
}

pub(super) async fn read(
    State(app): State<App>,
    Path(account): Path<String>,
) -> Result<Json<RestrictionSet>> {
    let mut db = app.db.begin().await?;
    known(&mut db, &account).await?;
    Ok(Json(in_force(&mut db, &account).await?))
}

pub(super) async fn put(
    State(app): State<App>,
    Path(account): Path<String>,
    body: Bytes,
) -> Result<Json<RestrictionAck>> {
    let set: RestrictionSet = parse(&app, &body)?;
    let mut db = app.db.begin().await?;
    known(&mut db, &account).await?;
    let current = in_force(&mut db, &account).await?;
    let older = set.version < current.version && app.has(&[Fault::TakesOlderVersion]);
    let same = set.version == current.version && app.has(&[Fault::TakesSameVersion]);
    if app.has(&DOES_NOTHING) {
        tracing::warn!("a restriction is acknowledged and not put in force");
    } else if set.version > current.version || older || same {
        if app.has(&[Fault::LosesRaces]) {
            db.rollback().await?;
            dawdle(set.version - current.version).await;
            db = app.db.begin().await?;
        }
        let text = serde_json::to_string(&set).map_err(|_| ExchangeError::Internal("set"))?;
        sqlx::query("UPDATE accounts SET restriction = $1, restriction_at = $2 WHERE ref = $3")
            .bind(text)
            .bind(app.now().millis())
            .bind(&account)
            .execute(&mut *db)
            .await?;
    } else if set.version == current.version && set != current {
        // Two sets under one version: whoever sent them has lost count, and must hear it.
        let title = "Another set is in force under this version";
        return Err(ExchangeError::refused(409, "version_reused", title));
    }
    let (at,): (Option<i64>,) =
        sqlx::query_as("SELECT restriction_at FROM accounts WHERE ref = $1")
            .bind(&account)
            .fetch_one(&mut *db)
            .await?;
    db.commit().await?;
    let version = set.version.max(current.version);
    let acknowledged_at = Timestamp::from_millis(at.unwrap_or_default());
    Ok(Json(RestrictionAck {
        version,
        acknowledged_at,
    }))
}
