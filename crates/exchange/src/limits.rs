//! Limits after a recovery: what may leave an account in 24 hours, and where to.

use platform::contract::{CapabilityName, RestrictionMode, RestrictionSet};
use platform::{Span, Timestamp};
use sqlx::SqliteConnection;

use crate::error::{ExchangeError, Restricted, Result};
use crate::faults::Fault;
use crate::guard::in_force;
use crate::start::App;

/// The time over which a share is counted.
const DAY: Span = Span::hours(24);

/// Value that wants to leave an account.
pub(crate) struct Leaving<'a> {
    pub(crate) account: &'a str,
    pub(crate) capability: &'a str,
    pub(crate) asset: &'a str,
    pub(crate) units: i64,
    /// The withdrawal address; none where it goes to a user or a buyer.
    pub(crate) address: Option<&'a str>,
    pub(crate) at: Timestamp,
}

/// Lets it go or refuses it with the restriction's name, in the transaction that moves it.
pub(crate) async fn hold(
    app: &App,
    db: &mut SqliteConnection,
    leaving: &Leaving<'_>,
) -> Result<()> {
    let set = in_force(db, leaving.account).await?;
    if set.mode != RestrictionMode::Thawing || app.has(&[Fault::IgnoresLimits]) {
        return Ok(());
    }
    // A set that thaws without saying how far opens nothing.
    let Some(limits) = set.limits else {
        return Err(refused(leaving, set));
    };
    let known = match leaving.address {
        _ if !limits.known_addresses_only => true,
        Some(address) => was_known(db, leaving.account, address, limits.known_before).await?,
        None => false,
    };
    let (held, left) = so_far(db, leaving).await?;
    let most = i128::from(held + left) * i128::from(limits.daily_percent) / 100;
    if known && i128::from(left) + i128::from(leaving.units) <= most {
        return Ok(());
    }
    Err(refused(leaving, set))
}

fn refused(leaving: &Leaving<'_>, set: RestrictionSet) -> ExchangeError {
    ExchangeError::Restricted(Box::new(Restricted {
        account: leaving.account.to_owned(),
        capability: leaving.capability.to_owned(),
        set,
    }))
}

/// Whether the account withdrew to an address, or kept it on its list, before a moment; cleared
/// from the list it still counts, for it was the holder's.
async fn was_known(
    db: &mut SqliteConnection,
    account: &str,
    address: &str,
    before: Timestamp,
) -> Result<bool> {
    let (found,): (bool,) = sqlx::query_as(
        "SELECT EXISTS (SELECT 1 FROM movements WHERE account = $1 AND address = $2 AND at < $3)
             OR EXISTS (SELECT 1 FROM holdings WHERE account = $1 AND data = $2
                        AND class = $4 AND created_at < $3)",
    )
    .bind(account)
    .bind(address)
    .bind(before.millis())
    .bind(platform::contract::ActionName::WHITELIST)
    .fetch_one(db)
    .await?;
    Ok(found)
}

/// What the account holds of an asset, and what left it in the last day.
async fn so_far(db: &mut SqliteConnection, leaving: &Leaving<'_>) -> Result<(i64, i64)> {
    let (held,): (i64,) = sqlx::query_as(
        "SELECT COALESCE(SUM(units), 0) FROM balances WHERE account = $1 AND asset = $2",
    )
    .bind(leaving.account)
    .bind(leaving.asset)
    .fetch_one(&mut *db)
    .await?;
    let (left,): (i64,) = sqlx::query_as(
        "SELECT COALESCE(SUM(units), 0) FROM movements
         WHERE account = $1 AND asset = $2 AND at > $3 AND kind IN ('withdraw', 'send', $4)",
    )
    .bind(leaving.account)
    .bind(leaving.asset)
    .bind((leaving.at - DAY).millis())
    .bind(CapabilityName::C2C_SELL)
    .fetch_one(db)
    .await?;
    Ok((held, left))
}
