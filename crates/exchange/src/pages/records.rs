//! What a holder looks back on: sessions, devices, movements, every try; and "this was not me".

use axum::Json;
use axum::extract::{Path, Query, State};
use axum::response::{IntoResponse, Response};
use platform::contract::{ActionName, CapabilityName, VetoHow, VetoRequest};
use platform::{AccountRef, Timestamp};
use serde_json::json;
use sqlx::SqliteConnection;

use super::views::{
    Activity, Frame, History, Message, MoveRow, NotMe, Place, Said, Sessions, TryRow, render,
};
use super::visitor::Visitor;
use crate::error::{ExchangeError, Result};
use crate::guard;
use crate::holdings::{self, kind, state};
use crate::money;
use crate::secrets;
use crate::start::App;

/// Movements that the page shows.
const SHOWN_MAX: i64 = 200;

/// A moment as people read it, in universal time.
fn moment(millis: i64) -> String {
    let moment = jiff::Timestamp::from_millisecond(millis).unwrap_or_default();
    moment.strftime("%Y-%m-%d %H:%M UTC").to_string()
}

async fn places(
    db: &mut SqliteConnection,
    account: &str,
    class: &str,
    here: impl Fn(&str) -> bool,
) -> Result<Vec<Place>> {
    let rows = holdings::list(db, account, class, state::ACTIVE).await?;
    let place = |row: holdings::Holding| Place {
        here: here(&row.data),
        id: row.id,
        label: row.label,
        since: moment(row.created_at),
    };
    let plain = rows.into_iter().filter(|row| row.kind == kind::PLAIN);
    Ok(plain.map(place).collect())
}

pub(super) async fn sessions(
    State(app): State<App>,
    visitor: Visitor,
    Query(said): Query<Said>,
) -> Result<Response> {
    let mut db = app.db.begin().await?;
    let account = visitor
        .holder(&app, &mut db, CapabilityName::VIEW_ASSETS)
        .await?;
    let own = |digest: &str| visitor.is_session(digest);
    let device = visitor.device_token();
    let ours = |token: &str| device.as_deref() == Some(token);
    let sessions = places(&mut db, &account, ActionName::SESSIONS, own).await?;
    let devices = places(&mut db, &account, ActionName::DEVICES, ours).await?;
    if visitor.json {
        let body = json!({ "sessions": sessions, "devices": devices });
        return Ok(Json(body).into_response());
    }
    let page = Sessions {
        frame: Frame::new(&app, "Sessions and devices", true).said(&said),
        sessions,
        devices,
    };
    Ok(render(&page)?.into_response())
}

/// Ends a session, or forgets a device.
pub(super) async fn end(
    State(app): State<App>,
    visitor: Visitor,
    Path((class, id)): Path<(String, String)>,
) -> Result<Response> {
    let class = match class.as_str() {
        "session" => ActionName::SESSIONS,
        "device" => ActionName::DEVICES,
        _ => return Err(ExchangeError::not_found()),
    };
    let mut db = app.db.begin().await?;
    let account = visitor.holder(&app, &mut db, guard::SESSION_END).await?;
    if !holdings::remove(&mut db, &account, class, &id).await? {
        return Err(ExchangeError::not_found());
    }
    db.commit().await?;
    Ok(visitor.done(json!({}), "/sessions", "ended"))
}

/// One movement as it is stored: kind, asset, units, address, moment.
type Moved = (String, String, i64, Option<String>, i64);

pub(super) async fn history(State(app): State<App>, visitor: Visitor) -> Result<Response> {
    let mut db = app.db.begin().await?;
    let account = visitor
        .holder(&app, &mut db, CapabilityName::VIEW_ASSETS)
        .await?;
    let moved: Vec<Moved> = sqlx::query_as(
        "SELECT kind, asset, units, address, at FROM movements
         WHERE account = $1 ORDER BY at DESC, id DESC LIMIT $2",
    )
    .bind(&account)
    .bind(SHOWN_MAX)
    .fetch_all(&mut *db)
    .await?;
    let row = |(kind, asset, units, address, at): Moved| MoveRow {
        at: moment(at),
        what: words(&kind).to_owned(),
        asset,
        amount: money::show(units),
        to: address.unwrap_or_default(),
    };
    let rows: Vec<MoveRow> = moved.into_iter().map(row).collect();
    if visitor.json {
        return Ok(Json(json!({ "items": rows })).into_response());
    }
    let frame = Frame::new(&app, "Deposits and withdrawals", true);
    Ok(render(&History { frame, rows })?.into_response())
}

pub(super) async fn activity(State(app): State<App>, visitor: Visitor) -> Result<Response> {
    let mut db = app.db.begin().await?;
    let account = visitor
        .holder(&app, &mut db, CapabilityName::VIEW_ASSETS)
        .await?;
    let lines = crate::activity::list(&mut db, &account).await?;
    if visitor.json {
        return Ok(Json(json!({ "items": lines })).into_response());
    }
    let rows = lines.into_iter().map(|line| TryRow {
        at: moment(line.at),
        what: words(&line.what).to_owned(),
        done: line.done,
        device: line.device,
        ip: line.ip,
    });
    let page = Activity {
        frame: Frame::new(&app, "Activity", true),
        rows: rows.collect(),
    };
    Ok(render(&page)?.into_response())
}

/// What people call an action; a name of its own stays as it is.
fn words(name: &str) -> &str {
    match name {
        CapabilityName::LOGIN => "Signing in",
        crate::activity::STOP => "Stopping a recovery",
        "deposit" => "Deposit",
        CapabilityName::WITHDRAW => "Withdrawal",
        "transfer" | CapabilityName::TRANSFER_OWN => "Move between own wallets",
        "send" | CapabilityName::SEND_USER => "Payment to another user",
        CapabilityName::C2C_SELL => "Sale to a person (C2C)",
        CapabilityName::TRADE => "Trade",
        CapabilityName::LOAN => "Loan",
        CapabilityName::WHITELIST_ADD => "New withdrawal address",
        guard::WHITELIST_REMOVE => "Withdrawal address removed",
        CapabilityName::API_KEY_CREATE => "New API key",
        guard::API_KEY_REVOKE => "API key revoked",
        CapabilityName::AUTHORISATION_ADD => "New linked app or wallet",
        guard::AUTHORISATION_REMOVE => "Linked app or wallet removed",
        guard::SESSION_END => "Session or device ended",
        other => other,
    }
}

/// The account and channel of a link that a notice carried.
async fn told(app: &App, db: &mut SqliteConnection, token: &str) -> Result<(String, String)> {
    let found: Option<(String, String)> =
        sqlx::query_as("SELECT account, channel FROM not_me WHERE digest = $1 AND expires_at > $2")
            .bind(secrets::digest(token.as_bytes()))
            .bind(app.now().millis())
            .fetch_optional(db)
            .await?;
    let dead = "This link does not work any more. Stop the recovery with your old factors instead";
    found.ok_or_else(|| ExchangeError::refused(404, "dead_link", dead))
}

/// Shows the question and changes nothing: links of messages are opened by machines, too.
pub(super) async fn not_me_form(
    State(app): State<App>,
    Path(token): Path<String>,
) -> Result<Response> {
    let mut db = app.db.acquire().await?;
    told(&app, &mut db, &token).await?;
    let page = NotMe {
        frame: Frame::new(&app, "Was this you?", false),
        token,
    };
    Ok(render(&page)?.into_response())
}

/// Stops the recovery, for whoever holds what a notice was sent to.
pub(super) async fn not_me(
    State(app): State<App>,
    visitor: Visitor,
    Path(token): Path<String>,
) -> Result<Response> {
    let mut db = app.db.acquire().await?;
    let (account, channel) = told(&app, &mut db, &token).await?;
    let what = crate::activity::STOP;
    visitor.note(&app, &mut db, &account, what, true).await?;
    drop(db);
    let how = VetoHow::ThisWasNotMe;
    let veto = VetoRequest { channel, how };
    let answer = app.regain.veto(&AccountRef(account), &veto).await;
    let answer = answer.map_err(|error| {
        tracing::error!(%error, "a veto did not reach Regain");
        let title = "The stop did not go through. Try again in a minute";
        ExchangeError::refused(503, "not_delivered", title)
    })?;
    if visitor.json {
        return Ok(Json(json!({ "stopped": answer.stopped })).into_response());
    }
    let text = if answer.stopped {
        "The recovery is stopped. Nothing moves until people have decided."
    } else {
        "Nothing was under way any more, or it was stopped already."
    };
    let page = Message {
        frame: Frame::new(&app, "Stopped", false),
        text: text.to_owned(),
        restricted: false,
        stop_page: None,
    };
    Ok(render(&page)?.into_response())
}

/// A new link for one notice on one channel, kept as long as a recovery can be stopped.
pub(crate) async fn not_me_link(
    app: &App,
    db: &mut SqliteConnection,
    account: &str,
    channel: &str,
    until: Timestamp,
) -> Result<String> {
    let token = secrets::token();
    sqlx::query(
        "INSERT INTO not_me (digest, account, channel, expires_at) VALUES ($1, $2, $3, $4)",
    )
    .bind(secrets::digest(token.as_bytes()))
    .bind(account)
    .bind(channel)
    .bind(until.millis())
    .execute(db)
    .await?;
    let base = app.config.base_url.trim_end_matches('/');
    Ok(format!("{base}/not-me/{token}"))
}
