//! Staff enrol a passkey once by a link, then sign in with it and nothing else (STANDARDS REV-06).

use askama::Template;
use axum::Json;
use axum::extract::{Path, Query};
use axum::response::{IntoResponse, Response};
use data_encoding::BASE64URL_NOPAD;
use engine::inputs::SessionKind;
use recovery::id::ContentDigest;
use recovery::time::{Span, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::Said;
use super::frame::ConsoleFrame;
use super::passkeys::{PasskeyError, Passkeys};
use super::sent::OnlyJson;
use crate::error::Failure;
use crate::form::Posted;
use crate::session::Kept;
use crate::visit::Visit;

/// How long a ceremony may take; the browser itself asks for five minutes.
const CEREMONY: Span = Span::minutes(5);
/// Ceremonies per caller: at once, then per hour.
const TRIES: (u32, u32) = (20, 60);
/// Where ceremonies are kept in the session.
const ENROLMENT: &str = "staff_enrolment";
const SIGN_IN: &str = "staff_sign_in";
/// Longest enrolment link that is looked at.
const LINK_MAX: usize = 256;

/// A ceremony between its two calls.
#[derive(Serialize, Deserialize)]
struct Ceremony {
    state: String,
    until: Timestamp,
    /// Digest of the link it belongs to; empty for sign-in.
    about: String,
}

#[derive(Template)]
#[template(path = "console/enrol.html")]
struct EnrolPage {
    frame: ConsoleFrame,
    name: String,
    rank: &'static str,
    link: String,
}

#[derive(Template)]
#[template(path = "console/sign_in.html")]
struct SignInPage {
    frame: ConsoleFrame,
}

fn passkeys(visit: &Visit) -> Result<Passkeys, Failure> {
    Passkeys::new(&visit.app.settings().origin).map_err(refused)
}

fn refused(error: PasskeyError) -> Failure {
    match error {
        PasskeyError::Configuration => Failure::internal(),
        PasskeyError::Malformed => Failure::Malformed {
            sentence: error.to_string(),
        },
        PasskeyError::Refused => Failure::Refused {
            code: "passkey_refused",
            sentence: error.to_string(),
        },
        PasskeyError::Over => Failure::Refused {
            code: "passkey_over",
            sentence: error.to_string(),
        },
    }
}

/// Keeps a ceremony in the session; makes one that signs nobody in where there is none.
async fn begin(visit: &mut Visit, name: &str, about: &str, state: Vec<u8>) -> Result<(), Failure> {
    let until = visit.engine().now().await? + CEREMONY;
    let ceremony = serde_json::to_value(Ceremony {
        state: BASE64URL_NOPAD.encode(&state),
        until,
        about: about.to_owned(),
    })
    .map_err(|_| Failure::internal())?;
    if visit.session.is_some() {
        return visit
            .keep(|kept| {
                kept.extra.insert(name.to_owned(), ceremony);
            })
            .await;
    }
    let mut kept = Kept::default();
    kept.extra.insert(name.to_owned(), ceremony);
    // Staff pages read only sessions of this kind; without a subject nobody is signed in.
    visit.start(SessionKind::Staff, "", None, kept).await
}

/// Takes a ceremony out of the session, so that its challenge serves once.
async fn finish(visit: &mut Visit, name: &str, about: &str) -> Result<Vec<u8>, Failure> {
    let ceremony = visit
        .kept()
        .extra
        .get(name)
        .and_then(|kept| serde_json::from_value::<Ceremony>(kept.clone()).ok())
        .ok_or_else(|| refused(PasskeyError::Over))?;
    visit
        .keep(|kept| {
            kept.extra.remove(name);
        })
        .await?;
    if visit.engine().now().await? > ceremony.until || ceremony.about != about {
        return Err(refused(PasskeyError::Over));
    }
    BASE64URL_NOPAD
        .decode(ceremony.state.as_bytes())
        .map_err(|_| refused(PasskeyError::Over))
}

fn dead_link() -> Failure {
    Failure::DeadLink {
        title: "This link does not work any more",
        sentence: "It was used, it is too old, or a newer one was made. Ask for a new link.",
        next: ("Sign in", "/console/sign-in"),
    }
}

/// Ties a ceremony to its link without keeping the link.
fn digest_of(link: &str) -> String {
    ContentDigest::of(link.as_bytes()).0
}

fn link(token: String) -> Result<String, Failure> {
    let fits = token.len() <= LINK_MAX
        && token
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.'));
    if fits { Ok(token) } else { Err(dead_link()) }
}

/// `GET /console/enrol/{token}`: whose link it is; changes nothing.
pub(crate) async fn enrol(visit: Visit, Path(token): Path<String>) -> Result<Response, Failure> {
    visit.slow_down("enrol", TRIES.0, TRIES.1).await?;
    let link = link(token)?;
    let member = visit
        .engine()
        .staff_by_enrolment(&link)
        .await?
        .ok_or_else(dead_link)?;
    visit.page(&EnrolPage {
        frame: ConsoleFrame::new(&visit, None),
        name: member.name,
        rank: member.rank.name(),
        link,
    })
}

/// `POST /console/enrol/{token}/options`: options for `navigator.credentials.create()`.
pub(crate) async fn enrol_options(
    mut visit: Visit,
    Path(token): Path<String>,
    OnlyJson(_): OnlyJson,
) -> Result<Json<Value>, Failure> {
    visit.slow_down("enrol", TRIES.0, TRIES.1).await?;
    let link = link(token)?;
    let member = visit
        .engine()
        .staff_by_enrolment(&link)
        .await?
        .ok_or_else(dead_link)?;
    let handle = visit.engine().staff_handle(&member.id).await?;
    let (options, state) = passkeys(&visit)?
        .begin_enrolment(&handle, &member.name)
        .map_err(refused)?;
    begin(&mut visit, ENROLMENT, &digest_of(&link), state).await?;
    Ok(Json(options))
}

/// `POST /console/enrol/{token}`: the new credential; spends the link.
pub(crate) async fn enrol_finish(
    mut visit: Visit,
    Path(token): Path<String>,
    OnlyJson(credential): OnlyJson,
) -> Result<Json<Value>, Failure> {
    let link = link(token)?;
    let state = finish(&mut visit, ENROLMENT, &digest_of(&link)).await?;
    let made = passkeys(&visit)?
        .finish_enrolment(&credential, &state)
        .map_err(refused)?;
    let member = visit
        .engine()
        .enrol_staff_passkey(&link, &made.id, &made.passkey)
        .await
        .map_err(|error| match error {
            engine::EngineError::NotFound => dead_link(),
            other => other.into(),
        })?;
    Ok(Json(json!({
        "name": member.name,
        "rank": member.rank.name(),
        "next": "/console/sign-in",
    })))
}

/// `GET /console/sign-in`.
pub(crate) async fn sign_in(visit: Visit, Query(said): Query<Said>) -> Result<Response, Failure> {
    visit.page(&SignInPage {
        frame: ConsoleFrame::new(&visit, said.said.as_deref()),
    })
}

/// `POST /console/sign-in/options`: options for `navigator.credentials.get()`.
pub(crate) async fn sign_in_options(
    mut visit: Visit,
    OnlyJson(_): OnlyJson,
) -> Result<Json<Value>, Failure> {
    visit.slow_down("sign_in", TRIES.0, TRIES.1).await?;
    let (options, state) = passkeys(&visit)?.begin_sign_in().map_err(refused)?;
    begin(&mut visit, SIGN_IN, "", state).await?;
    Ok(Json(options))
}

/// `POST /console/sign-in`: the assertion; a new session with a new secret.
pub(crate) async fn sign_in_finish(
    mut visit: Visit,
    OnlyJson(credential): OnlyJson,
) -> Result<Json<Value>, Failure> {
    visit.slow_down("sign_in", TRIES.0, TRIES.1).await?;
    let state = finish(&mut visit, SIGN_IN, "").await?;
    let passkeys = passkeys(&visit)?;
    let handle = passkeys.handle_of(&credential).map_err(refused)?;
    // An unknown handle and a passkey that does not fit get one answer.
    let (member, known) = visit
        .engine()
        .staff_by_handle(&handle)
        .await?
        .filter(|(member, _)| member.active)
        .ok_or_else(|| refused(PasskeyError::Refused))?;
    let moved = passkeys
        .finish_sign_in(&credential, &state, &known)
        .map_err(refused)?;
    if let Some(passkey) = moved {
        visit
            .engine()
            .update_staff_passkey(&member.id, &passkey.id, &passkey.passkey)
            .await?;
    }
    visit
        .start(
            SessionKind::Staff,
            member.id.as_str(),
            None,
            Kept::default(),
        )
        .await?;
    Ok(Json(json!({
        "name": member.name,
        "rank": member.rank.name(),
        "next": "/console",
    })))
}

/// `POST /console/sign-out`: ends the session; the browser forgets what it kept.
pub(crate) async fn sign_out(mut visit: Visit, _: Posted) -> Result<Response, Failure> {
    visit.end().await?;
    let clear = [("clear-site-data", "\"cache\", \"storage\"")];
    Ok((clear, visit.go("/console/sign-in?said=out")).into_response())
}
