//! Lists that a holder keeps: withdrawal addresses, API keys, authorisations.

use axum::Json;
use axum::extract::{Path, Query, State};
use axum::http::HeaderMap;
use axum::response::{IntoResponse, Response};
use platform::contract::{ActionName, CapabilityName};
use serde::Deserialize;
use serde_json::json;
use sqlx::SqliteConnection;

use super::moves::balances;
use super::views::{Authorisations, Frame, Item, Keys, NewKey, Said, Whitelist, render};
use super::visitor::{Input, Visitor};
use crate::error::{ExchangeError, Result};
use crate::guard::{self, guard_key};
use crate::holdings::{self, NewHolding, RECOVERY_CONTACTS, kind, state};
use crate::messages;
use crate::secrets;
use crate::seed::add_api_key;
use crate::start::App;

/// Longest label or address, in bytes.
const TEXT_MAX: usize = 128;
/// People who may be told of an account's recovery.
const CONTACTS_MAX: usize = 5;

fn text(field: &str, text: &str) -> Result<String> {
    let text = text.trim();
    if text.is_empty() || text.len() > TEXT_MAX {
        return Err(ExchangeError::field(&format!(
            "Enter {field}, at most 128 characters"
        )));
    }
    Ok(text.to_owned())
}

/// What of a holding a page or a program sees.
async fn items(app: &App, visitor: &Visitor, class: &str) -> Result<Vec<Item>> {
    let mut db = app.db.begin().await?;
    let account = visitor
        .holder(app, &mut db, CapabilityName::VIEW_ASSETS)
        .await?;
    let rows = holdings::list(&mut db, &account, class, state::ACTIVE).await?;
    let secret = class == ActionName::API_KEYS;
    let item = |mut row: holdings::Holding| {
        // An API key's digest is nobody's business.
        if secret {
            row.data.clear();
        }
        Item::from(row)
    };
    Ok(rows.into_iter().map(item).collect())
}

/// Adds one thing and gives its identifier.
async fn add(
    app: &App,
    visitor: &Visitor,
    capability: &str,
    class: &str,
    label: &str,
    data: &str,
) -> Result<String> {
    let mut db = app.db.begin().await?;
    let account = visitor.holder(app, &mut db, capability).await?;
    let (account, kind, at) = (account.as_str(), kind::PLAIN, app.now());
    let new = NewHolding {
        account,
        class,
        kind,
        label,
        data,
        born_case: None,
        at,
    };
    let id = holdings::add(&mut db, new).await?;
    db.commit().await?;
    Ok(id)
}

async fn remove(
    app: &App,
    visitor: &Visitor,
    capability: &str,
    class: &str,
    id: &str,
) -> Result<()> {
    let mut db = app.db.begin().await?;
    let account = visitor.holder(app, &mut db, capability).await?;
    if !holdings::remove(&mut db, &account, class, id).await? {
        return Err(ExchangeError::not_found());
    }
    Ok(db.commit().await?)
}

pub(super) async fn whitelist(
    State(app): State<App>,
    visitor: Visitor,
    Query(said): Query<Said>,
) -> Result<Response> {
    let items = items(&app, &visitor, ActionName::WHITELIST).await?;
    if visitor.json {
        return Ok(Json(json!({ "items": items })).into_response());
    }
    let frame = Frame::new(&app, "Withdrawal addresses", true).said(&said);
    Ok(render(&Whitelist { frame, items })?.into_response())
}

/// An address to trust.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Address {
    chain: String,
    address: String,
}

pub(super) async fn whitelist_add(
    State(app): State<App>,
    visitor: Visitor,
    Input(input): Input<Address>,
) -> Result<Response> {
    let capability = CapabilityName::WHITELIST_ADD;
    let (chain, address) = (
        text("a chain", &input.chain)?,
        text("an address", &input.address)?,
    );
    let id = add(
        &app,
        &visitor,
        capability,
        ActionName::WHITELIST,
        &chain,
        &address,
    )
    .await?;
    Ok(visitor.done(json!({ "id": id }), "/whitelist", "added"))
}

pub(super) async fn whitelist_remove(
    State(app): State<App>,
    visitor: Visitor,
    Path(id): Path<String>,
) -> Result<Response> {
    remove(
        &app,
        &visitor,
        guard::WHITELIST_REMOVE,
        ActionName::WHITELIST,
        &id,
    )
    .await?;
    Ok(visitor.done(json!({}), "/whitelist", "removed"))
}

pub(super) async fn api_keys(
    State(app): State<App>,
    visitor: Visitor,
    Query(said): Query<Said>,
) -> Result<Response> {
    let items = items(&app, &visitor, ActionName::API_KEYS).await?;
    if visitor.json {
        return Ok(Json(json!({ "items": items })).into_response());
    }
    let frame = Frame::new(&app, "API keys", true).said(&said);
    Ok(render(&Keys { frame, items })?.into_response())
}

/// What a new key is called.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct KeyLabel {
    label: String,
}

pub(super) async fn api_key_create(
    State(app): State<App>,
    visitor: Visitor,
    Input(input): Input<KeyLabel>,
) -> Result<Response> {
    let mut db = app.db.begin().await?;
    let account = visitor
        .holder(&app, &mut db, CapabilityName::API_KEY_CREATE)
        .await?;
    let label = text("a name", &input.label)?;
    let secret = add_api_key(&mut db, &account, &label, app.now()).await?;
    db.commit().await?;
    if visitor.json {
        return Ok(Json(json!({ "api_key": secret })).into_response());
    }
    let frame = Frame::new(&app, "Your new API key", true);
    Ok(render(&NewKey { frame, secret })?.into_response())
}

pub(super) async fn api_key_revoke(
    State(app): State<App>,
    visitor: Visitor,
    Path(id): Path<String>,
) -> Result<Response> {
    remove(
        &app,
        &visitor,
        guard::API_KEY_REVOKE,
        ActionName::API_KEYS,
        &id,
    )
    .await?;
    Ok(visitor.done(json!({}), "/api-keys", "removed"))
}

/// The API key that a program shows, in one of these states.
async fn api_key(
    db: &mut SqliteConnection,
    headers: &HeaderMap,
    states: &[&str],
) -> Result<holdings::Holding> {
    let wrong = || ExchangeError::refused(401, "wrong_api_key", "This API key does not work");
    let key = headers.get("x-api-key").ok_or_else(wrong)?;
    let digest = secrets::digest(key.as_bytes());
    let found = holdings::find(db, ActionName::API_KEYS, kind::PLAIN, &digest).await?;
    found
        .filter(|key| states.contains(&key.state.as_str()))
        .ok_or_else(wrong)
}

/// It shows whether the key lives.
pub(super) async fn api_balances(
    State(app): State<App>,
    headers: HeaderMap,
) -> Result<Json<serde_json::Value>> {
    let mut db = app.db.begin().await?;
    let key = api_key(&mut db, &headers, &[state::ACTIVE]).await?;
    guard_key(&app, &mut db, &key.account, CapabilityName::VIEW_ASSETS).await?;
    Ok(Json(
        json!({ "balances": balances(&mut db, &key.account).await? }),
    ))
}

/// What the owner of a key is told, also while the account is restricted and the key suspended.
pub(super) async fn api_messages(
    State(app): State<App>,
    headers: HeaderMap,
) -> Result<Json<serde_json::Value>> {
    let mut db = app.db.begin().await?;
    let key = api_key(&mut db, &headers, &[state::ACTIVE, state::SUSPENDED]).await?;
    let messages = messages::for_who_came(&mut db, &key.account, key.created_at).await?;
    Ok(Json(json!({ "messages": messages })))
}

/// Classes of authorisations with their names for people.
const AUTHORISATIONS: [(&str, &str); 3] = [
    (ActionName::OAUTH, "Linked app"),
    (ActionName::COPY_TRADING, "Copy trading"),
    (ActionName::WEB3, "Web3 wallet"),
];

fn authorisation_class(kind: &str) -> Result<&'static str> {
    let known = AUTHORISATIONS.iter().find(|(class, _)| *class == kind);
    let wrong = || ExchangeError::field("Choose a linked app, copy trading or a Web3 wallet");
    known.map(|(class, _)| *class).ok_or_else(wrong)
}

pub(super) async fn authorisations(
    State(app): State<App>,
    visitor: Visitor,
    Query(said): Query<Said>,
) -> Result<Response> {
    let mut groups = Vec::new();
    for (class, title) in AUTHORISATIONS {
        groups.push((class, title, items(&app, &visitor, class).await?));
    }
    if visitor.json {
        let groups: serde_json::Map<_, _> = groups
            .into_iter()
            .map(|(class, _, items)| (class.to_owned(), json!(items)))
            .collect();
        return Ok(Json(groups).into_response());
    }
    let frame = Frame::new(&app, "Linked apps and wallets", true).said(&said);
    Ok(render(&Authorisations { frame, groups })?.into_response())
}

/// What may act for the account from now on.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Authorisation {
    kind: String,
    name: String,
}

pub(super) async fn authorisation_add(
    State(app): State<App>,
    visitor: Visitor,
    Input(input): Input<Authorisation>,
) -> Result<Response> {
    let class = authorisation_class(&input.kind)?;
    let name = text("a name", &input.name)?;
    let capability = CapabilityName::AUTHORISATION_ADD;
    let id = add(&app, &visitor, capability, class, &name, &name).await?;
    Ok(visitor.done(json!({ "id": id }), "/authorisations", "added"))
}

pub(super) async fn authorisation_remove(
    State(app): State<App>,
    visitor: Visitor,
    Path((kind, id)): Path<(String, String)>,
) -> Result<Response> {
    let class = authorisation_class(&kind)?;
    remove(&app, &visitor, guard::AUTHORISATION_REMOVE, class, &id).await?;
    Ok(visitor.done(json!({}), "/authorisations", "removed"))
}

/// Somebody to be asked when a person wants to recover this account.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Contact {
    name: String,
    email: String,
}

pub(super) async fn contact_add(
    State(app): State<App>,
    visitor: Visitor,
    Input(input): Input<Contact>,
) -> Result<Response> {
    let (name, email) = (
        text("a name", &input.name)?,
        text("an address", &input.email)?,
    );
    let whole = email.split_once('@').is_some_and(|(who, host)| {
        !who.is_empty() && host.contains('.') && !email.contains(char::is_whitespace)
    });
    if !whole {
        return Err(ExchangeError::field("That is not a whole e-mail address"));
    }
    let (capability, class) = (CapabilityName::CHANGE_SECURITY, RECOVERY_CONTACTS);
    if items(&app, &visitor, class).await?.len() >= CONTACTS_MAX {
        return Err(ExchangeError::field(
            "You have five recovery contacts. Remove one first",
        ));
    }
    let id = add(&app, &visitor, capability, class, &name, &email).await?;
    Ok(visitor.done(json!({ "id": id }), "/security", "added"))
}

pub(super) async fn contact_remove(
    State(app): State<App>,
    visitor: Visitor,
    Path(id): Path<String>,
) -> Result<Response> {
    let (capability, class) = (CapabilityName::CHANGE_SECURITY, RECOVERY_CONTACTS);
    remove(&app, &visitor, capability, class, &id).await?;
    Ok(visitor.done(json!({}), "/security", "removed"))
}
