//! P22 to P24: binding new ways in after an approval. What follows them is next door.

use askama::Template;
use axum::extract::Path;
use axum::response::Response;
use axum::routing::get;
use engine::EngineError;
use engine::inputs::{BegunHandover, SessionKind, ShownBeside};
use engine::views::{ApplicantView, FreshFaceView, HandoverView};
use recovery::case::State;
use recovery::sensitive::Sensitive;

use crate::error::Failure;
use crate::form::{Errors, Posted};
use crate::layout::Frame;
use crate::portal::{fresh_face, qr};
use crate::routes::{Route, Who};
use crate::visit::Visit;

/// Handover.
pub(crate) const ROUTES: &[Route] = &[
    Route::page(
        "/handover/{token}",
        Who::Visitor,
        "Set up your account again",
        || get(ticket).post(begin),
    ),
    Route::page(
        "/handover",
        Who::Applicant,
        "Set up your account again",
        || get(hub).post(send_again),
    ),
    Route::page(
        "/handover/password",
        Who::Applicant,
        "Choose a new password",
        || get(ask_password).post(password),
    ),
    Route::page(
        "/handover/authenticator",
        Who::Applicant,
        "Connect an authenticator app",
        || get(ask_digits).post(digits),
    ),
];

/// Keys tried with one ticket's page from one address at once, and per hour after that.
const TRIES_AT_ONCE: u32 = 20;
const TRIES_PER_HOUR: u32 = 60;

#[derive(Template)]
#[template(path = "portal/handover_start.html")]
struct StartPage<'a> {
    frame: Frame,
    errors: &'a Errors,
    action: String,
    /// A face passed in this browser just now.
    face: bool,
}

async fn start_page(visit: &Visit, token: &str, errors: &Errors) -> Result<Response, Failure> {
    let face = fresh_face::view_of(visit).await?;
    let page = StartPage {
        face: matches!(face, FreshFaceView::Passed { .. }),
        frame: visit.own_frame().failing(!errors.is_empty()),
        errors,
        action: format!("/handover/{token}"),
    };
    visit.form(errors, &page)
}

/// Shows the page and changes nothing: whoever opens every link of a mail sets nothing off.
async fn ticket(visit: Visit, Path(token): Path<String>) -> Result<Response, Failure> {
    match visit.engine().peek_ticket(&token).await? {
        Some(_) => start_page(&visit, &token, &Errors::none()).await,
        None => Err(dead(&visit).await),
    }
}

/// What is the matter with a link that opens nothing. Only the holder of the case's own session
/// is told more than that.
async fn dead(visit: &Visit) -> Failure {
    let view = match visit.case() {
        Ok(case) => visit.engine().applicant_view(case).await.ok(),
        Err(_) => None,
    };
    let state = |view: &ApplicantView| {
        if view.handover_done {
            (
                "This link was used already",
                "Your new ways in are set up. Nothing more is needed here.",
                ("See where your request stands", "/case/status"),
            )
        } else if view.ticket_until.is_some_and(|until| until <= view.now) {
            (
                "This link has run out of time",
                "Ask for a new one. It comes to the same address.",
                ("Get a new link", "/handover"),
            )
        } else {
            (
                "This link was replaced by a newer one",
                "Open the link in our newest mail.",
                ("Get a new link", "/handover"),
            )
        }
    };
    let (title, sentence, next) = view
        .filter(|view| view.state == State::CoolingOff)
        .as_ref()
        .map_or(
            (
                "This link does not work any more",
                "It was used, replaced by a newer one, or ran out of time. Come back to your \
                 request to get a new one.",
                ("Come back to my request", "/continue"),
            ),
            state,
        );
    Failure::DeadLink {
        title,
        sentence,
        next,
    }
}

async fn begin(
    mut visit: Visit,
    Path(token): Path<String>,
    form: Posted,
) -> Result<Response, Failure> {
    if let Some(again) = visit.served(&form) {
        return Ok(again);
    }
    let key = form.line("key");
    let session = visit.secret().cloned();
    let session = session.filter(|_| form.line("proof") == "face");
    let shown = match &session {
        Some(session) => ShownBeside::Face(session),
        None => ShownBeside::CaseKey(&key),
    };
    if session.is_none() && key.is_empty() {
        let errors = Errors::one("key", "missing", "Enter the key to your request");
        return start_page(&visit, &token, &errors).await;
    }
    visit
        .slow_down("handover", TRIES_AT_ONCE, TRIES_PER_HOUR)
        .await?;
    let Some(begun) = visit.engine().begin_handover(&token, shown).await? else {
        // One answer for a wrong key and a wrong ticket; a link that is known to be dead says so.
        if visit.engine().peek_ticket(&token).await?.is_none() {
            return Err(dead(&visit).await);
        }
        let (code, sentence) = match shown {
            ShownBeside::CaseKey(_) => (
                "wrong",
                "That key does not fit this link. Use the newest key you saved",
            ),
            ShownBeside::Face(_) => (
                "face_over",
                "It was too long ago that you showed your face. Show it again, or use the key",
            ),
        };
        return start_page(&visit, &token, &Errors::one("key", code, sentence)).await;
    };
    let mut kept = visit.kept();
    kept.extra.clear();
    kept.handover_begun = Some(begun.begun_at);
    visit
        .start(SessionKind::Applicant, "", Some(&begun.case), kept)
        .await?;
    visit.done(&form, "/handover").await
}

/// Where the handover goes on.
pub(crate) fn next_step(view: &HandoverView) -> &'static str {
    if view.completed {
        "/handover/done"
    } else if !view.password_done {
        "/handover/password"
    } else if !view.totp_done {
        "/handover/authenticator"
    } else if !view.passkey_done {
        "/handover/passkey"
    } else {
        after_passkey(view)
    }
}

/// The same for who added a passkey or goes on without.
pub(crate) const fn after_passkey(view: &HandoverView) -> &'static str {
    if view.codes_due {
        "/handover/codes"
    } else {
        "/handover/done"
    }
}

/// The view of a handover that was begun in this browser, or where to go instead.
pub(crate) async fn begun(visit: &Visit) -> Result<Result<HandoverView, Response>, Failure> {
    let Some(begun_at) = visit.kept().handover_begun else {
        return Ok(Err(visit.go("/handover")));
    };
    let handover = BegunHandover {
        case: visit.case()?.clone(),
        begun_at,
    };
    match visit.engine().handover_view(&handover).await {
        // Another one began since, in another browser.
        Err(EngineError::NotFound) => Ok(Err(visit.go("/case/status"))),
        view => Ok(Ok(view?)),
    }
}

#[derive(Template)]
#[template(path = "portal/handover_link.html")]
struct LinkPage {
    frame: Frame,
    address: String,
    sent: bool,
    /// A face may be shown afresh in place of the key.
    face: bool,
}

async fn hub(mut visit: Visit) -> Result<Response, Failure> {
    if visit.kept().handover_begun.is_some() {
        return Ok(match begun(&visit).await? {
            Ok(view) => visit.go(next_step(&view)),
            Err(elsewhere) => elsewhere,
        });
    }
    let view = visit.engine().applicant_view(visit.case()?).await?;
    if view.state != State::CoolingOff || view.handover_done || view.handover_later {
        return Ok(visit.go("/case/status"));
    }
    let sent = visit.kept().notice == "ticket_sent";
    if sent {
        visit.keep(|kept| kept.notice.clear()).await?;
    }
    visit.page(&LinkPage {
        frame: visit.own_frame().back("/case/status"),
        address: view
            .contact
            .map_or_else(String::new, |address| address.reveal().clone()),
        sent,
        face: !matches!(
            fresh_face::view_of(&visit).await?,
            FreshFaceView::NotOffered
        ),
    })
}

async fn send_again(mut visit: Visit, form: Posted) -> Result<Response, Failure> {
    if let Some(again) = visit.served(&form) {
        return Ok(again);
    }
    let case = visit.case()?.clone();
    visit.engine().send_ticket_again(&case).await?;
    visit
        .keep(|kept| kept.notice = "ticket_sent".to_owned())
        .await?;
    visit.done(&form, "/handover").await
}

#[derive(Template)]
#[template(path = "portal/password.html")]
struct PasswordPage<'a> {
    frame: Frame,
    errors: &'a Errors,
    case_code: String,
}

async fn password_page(visit: &Visit, errors: &Errors) -> Result<Response, Failure> {
    let view = match begun(visit).await? {
        Ok(view) if view.password_done => return Ok(visit.go(next_step(&view))),
        Ok(view) => view,
        Err(elsewhere) => return Ok(elsewhere),
    };
    let page = PasswordPage {
        frame: visit.own_frame().failing(!errors.is_empty()),
        errors,
        case_code: view.code,
    };
    visit.form(errors, &page)
}

async fn ask_password(visit: Visit) -> Result<Response, Failure> {
    password_page(&visit, &Errors::none()).await
}

async fn password(mut visit: Visit, form: Posted) -> Result<Response, Failure> {
    if let Some(again) = visit.served(&form) {
        return Ok(again);
    }
    let typed = Sensitive::new(form.raw("password").to_owned());
    if typed.reveal().is_empty() {
        let errors = Errors::one("password", "missing", "Enter a password");
        return password_page(&visit, &errors).await;
    }
    let handover = match begun(&visit).await? {
        Ok(view) => view.handover,
        Err(elsewhere) => return Ok(elsewhere),
    };
    let set = visit.engine().set_password(&handover, typed).await;
    if let Err(errors) = Errors::catch(set)? {
        return password_page(&visit, &errors).await;
    }
    visit.done(&form, "/handover").await
}

#[derive(Template)]
#[template(path = "portal/authenticator.html")]
struct AuthenticatorPage<'a> {
    frame: Frame,
    errors: &'a Errors,
    qr: String,
    otpauth: String,
    secret: String,
}

/// A long key in groups of four, as people copy it.
fn grouped(secret: &str) -> String {
    let letters: Vec<char> = secret.chars().collect();
    letters
        .chunks(4)
        .map(|group| group.iter().collect::<String>())
        .collect::<Vec<_>>()
        .join(" ")
}

async fn digits_page(visit: &Visit, errors: &Errors) -> Result<Response, Failure> {
    let handover = match begun(visit).await? {
        Ok(view) if !view.password_done || view.totp_done => {
            return Ok(visit.go(next_step(&view)));
        }
        Ok(view) => view.handover,
        Err(elsewhere) => return Ok(elsewhere),
    };
    let offer = visit.engine().totp_offer(&handover).await?;
    let page = AuthenticatorPage {
        frame: visit.own_frame().failing(!errors.is_empty()),
        errors,
        qr: qr::svg(
            offer.otpauth_url.reveal(),
            "Picture to scan with your authenticator app",
        ),
        otpauth: offer.otpauth_url.reveal().clone(),
        secret: grouped(offer.secret_base32.reveal()),
    };
    visit.form(errors, &page)
}

async fn ask_digits(visit: Visit) -> Result<Response, Failure> {
    digits_page(&visit, &Errors::none()).await
}

async fn digits(mut visit: Visit, form: Posted) -> Result<Response, Failure> {
    if let Some(again) = visit.served(&form) {
        return Ok(again);
    }
    let typed = form.digits("digits");
    if typed.len() != 6 {
        let errors = Errors::one("digits", "missing", "Enter the 6 digits from the app");
        return digits_page(&visit, &errors).await;
    }
    let handover = match begun(&visit).await? {
        Ok(view) => view.handover,
        Err(elsewhere) => return Ok(elsewhere),
    };
    let confirmed = visit.engine().confirm_totp(&handover, &typed).await;
    if let Err(errors) = Errors::catch(confirmed)? {
        return digits_page(&visit, &errors).await;
    }
    visit.done(&form, "/handover").await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_copied_in_groups() {
        assert_eq!(grouped("ABCDEFGHIJ"), "ABCD EFGH IJ");
        assert_eq!(grouped(""), "");
    }
}
