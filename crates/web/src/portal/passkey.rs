//! P25: a passkey, made here where Regain stands on the platform's own domain, else on its page.

use askama::Template;
use axum::extract::Query;
use axum::response::Response;
use axum::routing::get;
use engine::views::HandoverView;
use serde::Deserialize;
use url::Url;
use webauthn_rs::prelude::{
    PasskeyRegistration, RegisterPublicKeyCredential, Uuid, Webauthn, WebauthnBuilder,
};

use crate::error::Failure;
use crate::form::{Errors, Posted};
use crate::headers::Powers;
use crate::layout::Frame;
use crate::portal::handover;
use crate::routes::{GET, Route, Who};
use crate::visit::Visit;

/// The passkey.
pub(crate) const ROUTES: &[Route] = &[
    Route::page("/handover/passkey", Who::Applicant, "Add a passkey", || {
        get(show).post(answer)
    })
    .with(Powers::PasskeyNew),
    Route::page(
        "/handover/passkey/platform",
        Who::Applicant,
        "On to the platform's page for passkeys",
        || get(leave),
    )
    .only(GET),
];

/// Where the ceremony's state is kept between its two steps. It holds a challenge, no secret.
const STATE: &str = "passkey";
/// The mark that this browser was sent to the platform's page.
const LEFT: &str = "passkey_left";
/// What UX.md P25 says when there is none.
const NONE: &str = "No passkey was added. You can try again";

#[derive(Template)]
#[template(path = "portal/passkey.html")]
struct PasskeyPage<'a> {
    frame: Frame,
    errors: &'a Errors,
    here: bool,
    there: bool,
    later: bool,
    options: String,
}

/// The relying party of a handover; its settings come from the operator, so a broken one is ours.
fn relying_party(party: &(String, String, String)) -> Result<Webauthn, Failure> {
    let (id, origin, name) = party;
    let origin = Url::parse(origin).map_err(|_| Failure::internal())?;
    WebauthnBuilder::new(id, &origin)
        .and_then(|builder| builder.rp_name(name).build())
        .map_err(|_| Failure::internal())
}

/// The options for the browser; the state is kept in the session.
async fn offer(visit: &mut Visit, view: &HandoverView) -> Result<String, Failure> {
    let Some(party) = &view.passkey_party else {
        return Ok(String::new());
    };
    let user = Uuid::from_slice(&view.user_handle).map_err(|_| Failure::internal())?;
    let (options, state) = relying_party(party)?
        .start_passkey_registration(user, &view.code, &view.code, None)
        .map_err(|_| Failure::internal())?;
    let state = serde_json::to_value(&state).map_err(|_| Failure::internal())?;
    visit
        .keep(|kept| {
            kept.extra.insert(STATE.to_owned(), state);
        })
        .await?;
    serde_json::to_string(&options).map_err(|_| Failure::internal())
}

async fn page(visit: &mut Visit, errors: &Errors) -> Result<Response, Failure> {
    let view = match handover::begun(visit).await? {
        Ok(view) if view.completed || !view.password_done || !view.totp_done => {
            return Ok(visit.go(handover::next_step(&view)));
        }
        Ok(view) if view.passkey_done => return Ok(visit.go(handover::after_passkey(&view))),
        Ok(view) => view,
        Err(elsewhere) => return Ok(elsewhere),
    };
    let options = offer(visit, &view).await?;
    let here = view.passkey_party.is_some();
    let page = PasskeyPage {
        frame: visit
            .own_frame()
            .script("passkey.js")
            .failing(!errors.is_empty()),
        errors,
        here,
        there: view.passkey_at_platform,
        later: !required(&view),
        options,
    };
    visit.form(errors, &page)
}

/// Whether nobody goes on without one: it must be bound, and there is a place that makes it.
const fn required(view: &HandoverView) -> bool {
    view.passkey_required && (view.passkey_party.is_some() || view.passkey_at_platform)
}

/// How a browser comes back from the platform's page.
#[derive(Deserialize)]
struct Back {
    made: Option<String>,
}

/// Who was sent to the platform's page from this browser: the platform is asked at every look, and
/// only its answer counts. What stands in the address chooses the words.
async fn show(mut visit: Visit, Query(back): Query<Back>) -> Result<Response, Failure> {
    let mut errors = Errors::none();
    if let Ok(view) = handover::begun(&visit).await?
        && view.passkey_at_platform
        && view.password_done
        && view.totp_done
        && visit.kept().extra.contains_key(LEFT)
    {
        let made = visit.engine().look_for_passkey(&view.handover).await?;
        if !made && back.made.is_some() {
            errors = Errors::one("credential", "passkey", NONE);
        }
    }
    page(&mut visit, &errors).await
}

/// Sends the browser to the platform's page with a fresh assertion. A link and not a form: forms
/// lead nowhere else.
async fn leave(mut visit: Visit) -> Result<Response, Failure> {
    let handover = match handover::begun(&visit).await? {
        Ok(view) if view.passkey_at_platform && view.password_done && view.totp_done => {
            view.handover
        }
        Ok(view) => return Ok(visit.go(handover::next_step(&view))),
        Err(elsewhere) => return Ok(elsewhere),
    };
    let there = visit.engine().passkey_address(&handover).await?;
    let Some(url) = there else {
        return Ok(visit.go("/handover/passkey"));
    };
    visit
        .keep(|kept| {
            kept.extra.insert(LEFT.to_owned(), true.into());
        })
        .await?;
    Ok(visit.go(url.as_str()))
}

/// The credential the browser made, checked against the challenge that this session was given.
fn checked(
    visit: &Visit,
    party: &(String, String, String),
    typed: &str,
) -> Result<Result<serde_json::Value, Errors>, Failure> {
    let none = || Errors::one("credential", "passkey", NONE);
    let kept = visit.kept();
    let state = kept
        .extra
        .get(STATE)
        .and_then(|state| serde_json::from_value::<PasskeyRegistration>(state.clone()).ok());
    let made = serde_json::from_str::<RegisterPublicKeyCredential>(typed).ok();
    let (Some(state), Some(made)) = (state, made) else {
        return Ok(Err(none()));
    };
    let passkey = relying_party(party)?.finish_passkey_registration(&made, &state);
    match passkey {
        Ok(passkey) => serde_json::to_value(&passkey)
            .map(Ok)
            .map_err(|_| Failure::internal()),
        Err(_) => Ok(Err(none())),
    }
}

async fn answer(mut visit: Visit, form: Posted) -> Result<Response, Failure> {
    if let Some(again) = visit.served(&form) {
        return Ok(again);
    }
    let view = match handover::begun(&visit).await? {
        Ok(view) => view,
        Err(elsewhere) => return Ok(elsewhere),
    };
    let later = form.line("do") == "later";
    let Some(party) = view.passkey_party.clone().filter(|_| !later) else {
        if required(&view) {
            let sentence = "A passkey is needed before you go on";
            return page(&mut visit, &Errors::one("credential", "required", sentence)).await;
        }
        return visit.done(&form, handover::after_passkey(&view)).await;
    };
    match checked(&visit, &party, form.raw("credential"))? {
        Ok(credential) => {
            visit
                .engine()
                .set_passkey(&view.handover, &party.0, credential)
                .await?;
            visit
                .keep(|kept| {
                    kept.extra.remove(STATE);
                })
                .await?;
            visit.done(&form, handover::after_passkey(&view)).await
        }
        Err(errors) => page(&mut visit, &errors).await,
    }
}
