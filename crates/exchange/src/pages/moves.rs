//! Assets and everything that moves them.

use axum::Json;
use axum::extract::{Query, State};
use axum::response::{IntoResponse, Response};
use platform::contract::{ActionName, CapabilityName};
use serde::Deserialize;
use serde_json::json;
use sqlx::SqliteConnection;

use super::views::{Assets, BalanceRow, Frame, Said, render};
use super::visitor::{Input, Visitor};
use crate::accounts;
use crate::error::{ExchangeError, Result, restriction_words};
use crate::guard::in_force;
use crate::holdings::{self, state};
use crate::limits::{self, Leaving};
use crate::money::{self, FUNDING, Movement, SPOT};
use crate::start::App;

/// Balances of an account, not empty ones only.
pub(super) async fn balances(db: &mut SqliteConnection, account: &str) -> Result<Vec<BalanceRow>> {
    let rows: Vec<(String, String, i64)> = sqlx::query_as(
        "SELECT wallet, asset, units FROM balances WHERE account = $1 ORDER BY wallet, asset",
    )
    .bind(account)
    .fetch_all(db)
    .await?;
    let row = |(wallet, asset, units): (String, String, i64)| BalanceRow {
        wallet,
        asset,
        amount: money::show(units),
    };
    Ok(rows.into_iter().map(row).collect())
}

pub(super) async fn assets(
    State(app): State<App>,
    visitor: Visitor,
    Query(said): Query<Said>,
) -> Result<Response> {
    let mut db = app.db.begin().await?;
    let account = visitor
        .holder(&app, &mut db, CapabilityName::VIEW_ASSETS)
        .await?;
    let set = in_force(&mut db, &account).await?;
    let balances = balances(&mut db, &account).await?;
    let class = ActionName::WHITELIST;
    let addresses = holdings::list(&mut db, &account, class, state::ACTIVE).await?;
    let user_name = accounts::user_name(&mut db, &account).await?;
    let messages = visitor.messages(&mut db, &account).await?;
    if visitor.json {
        let restriction = json!({ "mode": set.mode, "until_at_least": set.until_at_least });
        let body = json!({
            "user_name": user_name, "balances": balances, "restriction": restriction,
            "messages": messages,
        });
        return Ok(Json(body).into_response());
    }
    let free = set == platform::contract::RestrictionSet::unrestricted()
        || set.mode == platform::contract::RestrictionMode::None;
    let page = Assets {
        frame: Frame::new(&app, "Assets", true).said(&said),
        user_name,
        messages,
        restriction: (!free).then(|| restriction_words(&set)),
        balances,
        addresses: addresses.into_iter().map(|address| address.data).collect(),
    };
    Ok(render(&page)?.into_response())
}

/// A movement between the own wallets.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Transfer {
    from: String,
    asset: String,
    amount: String,
}

pub(super) async fn transfer(
    State(app): State<App>,
    visitor: Visitor,
    Input(input): Input<Transfer>,
) -> Result<Response> {
    let mut db = app.db.begin().await?;
    let account = visitor
        .holder(&app, &mut db, CapabilityName::TRANSFER_OWN)
        .await?;
    let to = match input.from.as_str() {
        SPOT => FUNDING,
        FUNDING => SPOT,
        _ => return Err(ExchangeError::field("Choose the wallet spot or funding")),
    };
    let units = money::parse(&input.amount)?;
    money::take(&mut db, &account, &input.from, &input.asset, units).await?;
    money::give(&mut db, &account, to, &input.asset, units).await?;
    note(&app, &mut db, &account, "transfer", &input.asset, units).await?;
    db.commit().await?;
    Ok(visitor.done(json!({ "done": "transfer" }), "/assets", "moved"))
}

async fn note(
    app: &App,
    db: &mut SqliteConnection,
    account: &str,
    kind: &str,
    asset: &str,
    units: i64,
) -> Result<()> {
    let at = app.now();
    money::record(
        db,
        Movement {
            account,
            kind,
            asset,
            units,
            to: None,
            at,
        },
    )
    .await
}

/// A payment to another user.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Send {
    to: String,
    asset: String,
    amount: String,
}

pub(super) async fn send(
    State(app): State<App>,
    visitor: Visitor,
    Input(input): Input<Send>,
) -> Result<Response> {
    let mut db = app.db.begin().await?;
    let account = visitor
        .holder(&app, &mut db, CapabilityName::SEND_USER)
        .await?;
    let units = money::parse(&input.amount)?;
    let to = accounts::resolve(&mut db, &input.to)
        .await?
        .filter(|to| *to != account);
    let to = to.ok_or_else(|| ExchangeError::field("There is no such other user"))?;
    let leaving = Leaving {
        account: &account,
        capability: CapabilityName::SEND_USER,
        asset: &input.asset,
        units,
        address: None,
        at: app.now(),
    };
    limits::hold(&app, &mut db, &leaving).await?;
    money::take(&mut db, &account, FUNDING, &input.asset, units).await?;
    money::give(&mut db, &to, FUNDING, &input.asset, units).await?;
    note(&app, &mut db, &account, "send", &input.asset, units).await?;
    db.commit().await?;
    Ok(visitor.done(json!({ "done": "send" }), "/assets", "sent"))
}

/// A withdrawal to a trusted address.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Withdraw {
    address: String,
    asset: String,
    amount: String,
}

pub(super) async fn withdraw(
    State(app): State<App>,
    visitor: Visitor,
    Input(input): Input<Withdraw>,
) -> Result<Response> {
    let mut db = app.db.begin().await?;
    let account = visitor
        .holder(&app, &mut db, CapabilityName::WITHDRAW)
        .await?;
    let units = money::parse(&input.amount)?;
    let class = ActionName::WHITELIST;
    let trusted = holdings::list(&mut db, &account, class, state::ACTIVE).await?;
    let Some(to) = trusted
        .iter()
        .find(|trusted| trusted.data == input.address.trim())
    else {
        let title = "This address is not on your list. Add it first";
        return Err(ExchangeError::refused(409, "not_whitelisted", title));
    };
    let leaving = Leaving {
        account: &account,
        capability: CapabilityName::WITHDRAW,
        asset: &input.asset,
        units,
        address: Some(&to.data),
        at: app.now(),
    };
    limits::hold(&app, &mut db, &leaving).await?;
    money::take(&mut db, &account, FUNDING, &input.asset, units).await?;
    let movement = Movement {
        account: &account,
        kind: "withdraw",
        asset: &input.asset,
        units,
        to: Some((&to.label, &to.data)),
        at: app.now(),
    };
    money::record(&mut db, movement).await?;
    db.commit().await?;
    Ok(visitor.done(json!({ "done": "withdraw" }), "/assets", "withdrawn"))
}

/// An amount of an asset: a sale to a person, a trade, a loan.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Amount {
    asset: String,
    amount: String,
}

/// What a sale or a trade pays per unit: a demonstration's price.
const PRICE: i64 = 100;
/// What it pays in.
const CASH: &str = "USDT";

async fn sell(
    app: &App,
    visitor: &Visitor,
    input: &Amount,
    capability: &str,
    wallet: &str,
) -> Result<()> {
    let mut db = app.db.begin().await?;
    let account = visitor.holder(app, &mut db, capability).await?;
    let units = money::parse(&input.amount)?;
    let gain = units.checked_mul(PRICE);
    let gain = gain.ok_or_else(|| ExchangeError::field("That is too much at once"))?;
    if capability == CapabilityName::C2C_SELL {
        let leaving = Leaving {
            account: &account,
            capability,
            asset: &input.asset,
            units,
            address: None,
            at: app.now(),
        };
        limits::hold(app, &mut db, &leaving).await?;
    }
    money::take(&mut db, &account, wallet, &input.asset, units).await?;
    money::give(&mut db, &account, wallet, CASH, gain).await?;
    note(app, &mut db, &account, capability, &input.asset, units).await?;
    Ok(db.commit().await?)
}

pub(super) async fn c2c(
    State(app): State<App>,
    visitor: Visitor,
    Input(input): Input<Amount>,
) -> Result<Response> {
    sell(&app, &visitor, &input, CapabilityName::C2C_SELL, FUNDING).await?;
    Ok(visitor.done(json!({ "done": "c2c" }), "/assets", "sold"))
}

pub(super) async fn trade(
    State(app): State<App>,
    visitor: Visitor,
    Input(input): Input<Amount>,
) -> Result<Response> {
    sell(&app, &visitor, &input, CapabilityName::TRADE, SPOT).await?;
    Ok(visitor.done(json!({ "done": "trade" }), "/assets", "traded"))
}

pub(super) async fn loan(
    State(app): State<App>,
    visitor: Visitor,
    Input(input): Input<Amount>,
) -> Result<Response> {
    let mut db = app.db.begin().await?;
    let account = visitor.holder(&app, &mut db, CapabilityName::LOAN).await?;
    let units = money::parse(&input.amount)?;
    money::give(&mut db, &account, FUNDING, &input.asset, units).await?;
    note(&app, &mut db, &account, "loan", &input.asset, units).await?;
    db.commit().await?;
    Ok(visitor.done(json!({ "done": "loan" }), "/assets", "lent"))
}
