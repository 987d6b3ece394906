//! The conformance suite's probe: would this go through? In a test environment only.

use axum::Json;
use axum::body::Bytes;
use axum::extract::State;
use platform::contract::{ActionName, CapabilityName, ProbeAnswer, ProbeRequest, ProbeResult};
use sqlx::SqliteConnection;

use super::{known, parse};
use crate::error::{ExchangeError, Result};
use crate::guard::{guard, guard_key};
use crate::holdings::state;
use crate::limits::{Leaving, hold};
use crate::start::App;

pub(super) async fn ask(State(app): State<App>, body: Bytes) -> Result<Json<ProbeAnswer>> {
    if !app.config.probe {
        return Err(ExchangeError::not_found());
    }
    let request: ProbeRequest = parse(&app, &body)?;
    let mut db = app.db.begin().await?;
    let account = known(&mut db, &request.account.0).await?.0;
    let capability = request.capability.as_str();
    let result = if !CapabilityName::KNOWN.contains(&capability) {
        ProbeResult::Nothing
    } else if let Some(door) = &request.door {
        match oldest(&mut db, &account, door.as_str()).await? {
            None => ProbeResult::Nothing,
            Some(state) if state != state::ACTIVE => ProbeResult::Refused,
            Some(_) if door.as_str() == ActionName::API_KEYS => {
                told(guard_key(&app, &mut db, &account, capability).await)?
            }
            Some(_) => told(passes(&app, &mut db, &account, capability).await)?,
        }
    } else {
        told(passes(&app, &mut db, &account, capability).await)?
    };
    Ok(Json(ProbeAnswer { result }))
}

/// The holder's way: the guard, and for what leaves the account the limits, too.
async fn passes(
    app: &App,
    db: &mut SqliteConnection,
    account: &str,
    capability: &str,
) -> Result<()> {
    guard(app, db, account, capability).await?;
    let leaves = [
        CapabilityName::WITHDRAW,
        CapabilityName::SEND_USER,
        CapabilityName::C2C_SELL,
    ];
    if !leaves.contains(&capability) {
        return Ok(());
    }
    let most: Option<(String,)> =
        sqlx::query_as("SELECT asset FROM balances WHERE account = $1 ORDER BY units DESC LIMIT 1")
            .bind(account)
            .fetch_optional(&mut *db)
            .await?;
    // Of nothing, nothing may leave either.
    let asset = most.map_or_else(String::new, |(asset,)| asset);
    let leaving = Leaving {
        account,
        capability,
        asset: &asset,
        units: 1,
        address: None,
        at: app.now(),
    };
    hold(app, db, &leaving).await
}

/// What the guard said.
fn told(guarded: Result<()>) -> Result<ProbeResult> {
    match guarded {
        Ok(()) => Ok(ProbeResult::Allowed),
        Err(ExchangeError::Restricted(_)) => Ok(ProbeResult::Refused),
        Err(error) => Err(error),
    }
}

/// The state of the oldest thing of a class that no case made and nobody destroyed.
async fn oldest(db: &mut SqliteConnection, account: &str, class: &str) -> Result<Option<String>> {
    let row: Option<(String,)> = sqlx::query_as(
        "SELECT state FROM holdings WHERE account = $1 AND class = $2
         AND state IN ('active', 'suspended') AND born_case IS NULL
         AND (class <> 'old_factors' OR kind = 'password') ORDER BY rowid LIMIT 1",
    )
    .bind(account)
    .bind(class)
    .fetch_optional(db)
    .await?;
    Ok(row.map(|(state,)| state))
}
