//! The one guard: may this account do that now?

use platform::contract::{CapabilityName, RestrictionSet};
use sqlx::SqliteConnection;

use crate::error::{ExchangeError, Restricted, Result};
use crate::faults::Fault;
use crate::start::App;

/// Removing a withdrawal address.
pub(crate) const WHITELIST_REMOVE: &str = "whitelist_remove";
/// Revoking an API key.
pub(crate) const API_KEY_REVOKE: &str = "api_key_revoke";
/// Ending a session, or forgetting a device.
pub(crate) const SESSION_END: &str = "session_end";
/// Revoking an authorisation.
pub(crate) const AUTHORISATION_REMOVE: &str = "authorisation_remove";

/// The restriction set in force for an account; unrestricted when Regain never said anything.
pub(crate) async fn in_force(db: &mut SqliteConnection, account: &str) -> Result<RestrictionSet> {
    let kept: Option<(Option<String>,)> =
        sqlx::query_as("SELECT restriction FROM accounts WHERE ref = $1")
            .bind(account)
            .fetch_optional(db)
            .await?;
    match kept {
        None => Err(ExchangeError::not_found()),
        Some((None,)) => Ok(RestrictionSet::unrestricted()),
        // What cannot be read allows nothing.
        Some((Some(text),)) => {
            serde_json::from_str(&text).map_err(|_| ExchangeError::Internal("restriction"))
        }
    }
}

/// Lets an action through or refuses it with the restriction's name. Every action of a holder
/// passes here, in the transaction that carries it out.
pub(crate) async fn guard(
    app: &App,
    db: &mut SqliteConnection,
    account: &str,
    capability: &str,
) -> Result<RestrictionSet> {
    let set = in_force(db, account).await?;
    let leaky = capability == CapabilityName::C2C_SELL && app.has(&[Fault::LetsC2cThrough]);
    if leaky || set.allows(capability) {
        Ok(set)
    } else {
        Err(ExchangeError::Restricted(Box::new(Restricted {
            account: account.to_owned(),
            capability: capability.to_owned(),
            set,
        })))
    }
}

/// The same for what an API key does: one guard, whatever the door.
pub(crate) async fn guard_key(
    app: &App,
    db: &mut SqliteConnection,
    account: &str,
    capability: &str,
) -> Result<()> {
    if app.has(&[Fault::LetsApiKeysThrough]) {
        return Ok(());
    }
    guard(app, db, account, capability).await.map(drop)
}
