//! The way to Regain: for who lost everything, and for who wants to stop a recovery.

use axum::Json;
use axum::extract::{Query, State};
use axum::response::{IntoResponse, Redirect, Response};
use platform::contract::{RestrictionMode, VetoHow, VetoRequest};
use platform::signature::nonce_text;
use platform::{AccountRef, EntryTicket, ticket};
use serde_json::json;
use url::Url;

use super::sign_in::{Credentials, proved};
use super::views::{Frame, Help, Message, Said, Stop, render};
use super::visitor::{Input, Visitor};
use crate::error::{ExchangeError, Result};
use crate::factors::Asked;
use crate::guard::in_force;
use crate::secrets;
use crate::start::App;

pub(super) async fn help(State(app): State<App>) -> Result<Response> {
    let page = Help {
        frame: Frame::new(&app, "Unable to access account", false),
    };
    Ok(render(&page)?.into_response())
}

/// Hands the browser over with a fresh ticket that carries its device.
pub(super) async fn lost_everything(State(app): State<App>, visitor: Visitor) -> Result<Response> {
    let (cookie, token) = visitor.with_device(&app);
    let now = app.now();
    let ticket = EntryTicket {
        account: None,
        device: Some(token.into()),
        issued_at: now,
        expires_at: now + ticket::LIFE_MAX,
        nonce: nonce_text(secrets::random()),
    };
    let ticket = ticket
        .sign(app.config.keys.current())
        .map_err(|_| ExchangeError::Internal("entry ticket"))?;
    let mut url =
        Url::parse(&app.config.entry_url).map_err(|_| ExchangeError::Setting("entry_url"))?;
    url.query_pairs_mut()
        .append_pair("ticket", &ticket)
        .append_pair("from", "login");
    let jar = cookie
        .into_iter()
        .fold(visitor.jar.clone(), axum_extra::extract::CookieJar::add);
    if visitor.json {
        return Ok((jar, Json(json!({ "url": url.as_str() }))).into_response());
    }
    Ok((jar, Redirect::to(url.as_str())).into_response())
}

pub(super) async fn stop_form(
    State(app): State<App>,
    Query(said): Query<Said>,
) -> Result<Response> {
    let frame = Frame::new(&app, "Stop this recovery", false).said(&said);
    let page = Stop {
        frame,
        passkeys: app.webauthn.is_some(),
    };
    Ok(render(&page)?.into_response())
}

/// The old factors open nothing but this: they tell Regain to stop.
pub(super) async fn stop(
    State(app): State<App>,
    visitor: Visitor,
    Input(input): Input<Credentials>,
) -> Result<Response> {
    let account = proved(&app, &visitor, input, Asked::Stop).await?;
    stop_account(&app, &visitor, account).await
}

/// Sends the veto of a holder who proved factors from before the recovery.
pub(super) async fn stop_account(
    app: &App,
    visitor: &Visitor,
    account: String,
) -> Result<Response> {
    let mut db = app.db.acquire().await?;
    let set = in_force(&mut db, &account).await?;
    drop(db);
    let request = VetoRequest {
        channel: "sign_in".to_owned(),
        how: VetoHow::SignedIn,
    };
    let answer = app
        .regain
        .veto(&AccountRef(account), &request)
        .await
        .map_err(|error| {
            tracing::error!(%error, "a veto did not reach Regain");
            let title = "The stop did not go through. Try again in a minute";
            ExchangeError::refused(503, "not_delivered", title)
        })?;
    if visitor.json {
        return Ok(Json(json!({ "stopped": answer.stopped })).into_response());
    }
    let text = match (answer.stopped, set.mode) {
        (true, _) => "The recovery is stopped. Nothing moves until people have decided.",
        (false, RestrictionMode::Frozen) => "It was stopped already. People will decide.",
        (false, _) => "No recovery of this account is under way.",
    };
    let page = Message {
        frame: Frame::new(app, "Stop this recovery", false),
        text: text.to_owned(),
        restricted: false,
        stop_page: set.stop_page_url,
    };
    Ok(render(&page)?.into_response())
}
