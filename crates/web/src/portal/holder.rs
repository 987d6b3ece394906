//! V1 to V3: the holder stops a recovery that is not theirs. No login, no JavaScript, one minute.

use askama::Template;
use axum::extract::Path;
use axum::response::Response;
use axum::routing::get;
use engine::views::{StopView, Stoppable};
use http::{HeaderMap, header};
use recovery::case::State;

use crate::error::Failure;
use crate::form::{Errors, Posted};
use crate::layout::Frame;
use crate::portal::carried::{Carried, is_secret};
use crate::routes::{GET, Route, Who};
use crate::visit::Visit;
use crate::when;

/// Stopping a recovery.
pub(crate) const ROUTES: &[Route] = &[
    Route::page(
        "/stop",
        Who::Holder,
        "Did you ask to recover this account?",
        || get(show).post(typed),
    ),
    Route::page(
        "/stop/answer",
        Who::Holder,
        "Did you ask to recover this account?",
        || get(ask).post(answer),
    ),
    Route::page(
        "/stop/{token}",
        Who::Holder,
        "Did you ask to recover this account?",
        || get(arrive),
    )
    .only(GET),
];

/// Codes tried from one address at once, and per hour after that. A notice code carries enough
/// bits that guessing is hopeless; a holder who mistypes is never kept out for long.
const TRIES_AT_ONCE: u32 = 30;
const TRIES_PER_HOUR: u32 = 120;
/// The secret of a notice's link, while the holder answers.
pub(super) const LINK: Carried = Carried {
    plain: "regain-stop",
    host: "__Host-regain-stop",
    seconds: 1800,
};

/// Limits tries with links and codes from one address.
pub(super) async fn slow_down(visit: &Visit) -> Result<(), Failure> {
    visit.slow_down("stop", TRIES_AT_ONCE, TRIES_PER_HOUR).await
}

/// A typed code: upper case, without what people put between its groups.
pub(super) fn code_of(form: &Posted) -> String {
    form.line("code").replace(' ', "")
}

#[derive(Template)]
#[template(path = "portal/stop.html")]
struct StopPage<'a> {
    frame: Frame,
    errors: &'a Errors,
    form: &'a Posted,
}

fn stop_page(visit: &Visit, form: &Posted, errors: &Errors) -> Result<Response, Failure> {
    let page = StopPage {
        frame: visit.own_frame().failing(!errors.is_empty()),
        errors,
        form,
    };
    visit.form(errors, &page)
}

async fn show(visit: Visit) -> Result<Response, Failure> {
    stop_page(&visit, &Posted::default(), &Errors::none())
}

fn no_fit() -> Errors {
    let sentence = "That code does not fit. Look at the newest message";
    Errors::one("code", "wrong", sentence)
}

async fn typed(visit: Visit, form: Posted) -> Result<Response, Failure> {
    let code = code_of(&form);
    if code.is_empty() {
        let errors = Errors::one("code", "missing", "Enter the code from the message");
        return stop_page(&visit, &form, &errors);
    }
    slow_down(&visit).await?;
    if !is_secret(&code) {
        return stop_page(&visit, &form, &no_fit());
    }
    match visit.engine().stop_view(&code).await? {
        // The code goes on in the form, so that this works without cookies too.
        Stoppable::Case(view) => ask_page(&visit, &view, &code, &Errors::none()),
        Stoppable::Nothing => nothing(&visit),
        Stoppable::Unknown => stop_page(&visit, &form, &no_fit()),
    }
}

/// The secret leaves the address before anything is shown; opening the link does nothing else.
async fn arrive(visit: Visit, Path(token): Path<String>) -> Result<Response, Failure> {
    let secure = visit.app.settings().secure_cookies();
    let mut response = visit.go("/stop/answer");
    if let Some(cookie) = LINK.set(secure, &token) {
        response.headers_mut().append(header::SET_COOKIE, cookie);
    }
    Ok(response)
}

#[derive(Template)]
#[template(path = "portal/stop_ask.html")]
struct AskPage<'a> {
    frame: Frame,
    errors: &'a Errors,
    code: &'a str,
    asked: String,
    place: &'a str,
    device: &'a str,
}

fn ask_page(
    visit: &Visit,
    view: &StopView,
    typed: &str,
    errors: &Errors,
) -> Result<Response, Failure> {
    if !view.can_stop {
        return stands(visit, view);
    }
    let page = AskPage {
        frame: visit.own_frame().failing(!errors.is_empty()),
        errors,
        code: typed,
        asked: when::moment(view.asked_at, ""),
        place: &view.place,
        device: &view.device,
    };
    visit.form(errors, &page)
}

fn dead() -> Failure {
    Failure::DeadLink {
        title: "This link does not work",
        sentence: "It belongs to no request we know, or was replaced by a newer message. Look \
                   at the newest message, or type its code.",
        next: ("Type the code", "/stop"),
    }
}

async fn ask(visit: Visit, headers: HeaderMap) -> Result<Response, Failure> {
    let secure = visit.app.settings().secure_cookies();
    let Some(secret) = LINK.read(&headers, secure) else {
        return Ok(visit.go("/stop"));
    };
    slow_down(&visit).await?;
    match visit.engine().stop_view(&secret).await? {
        Stoppable::Case(view) => ask_page(&visit, &view, "", &Errors::none()),
        Stoppable::Nothing => nothing(&visit),
        Stoppable::Unknown => Err(dead()),
    }
}

async fn answer(visit: Visit, headers: HeaderMap, form: Posted) -> Result<Response, Failure> {
    let secure = visit.app.settings().secure_cookies();
    let typed = code_of(&form);
    let secret = if typed.is_empty() {
        LINK.read(&headers, secure)
    } else {
        Some(typed.clone()).filter(|code| is_secret(code))
    };
    let Some(secret) = secret else {
        return Ok(visit.go("/stop"));
    };
    slow_down(&visit).await?;
    let view = match visit.engine().stop_view(&secret).await? {
        Stoppable::Case(view) => view,
        Stoppable::Nothing => return nothing(&visit),
        Stoppable::Unknown => return Err(dead()),
    };
    match form.choice("answer", &["no", "yes", "unsure"]) {
        // Not sure is a stop too: it is the safe answer.
        Some("no" | "unsure") => {
            let stopped = visit.engine().veto(&secret).await?;
            let Stoppable::Case(stopped) = stopped else {
                return nothing(&visit);
            };
            let mut page = stands(&visit, &stopped)?;
            // A code that was typed goes on to the next pages as a link's secret does.
            if let Some(cookie) = LINK.set(secure, &secret) {
                page.headers_mut().append(header::SET_COOKIE, cookie);
            }
            Ok(page)
        }
        Some(_) => {
            visit.engine().note_it_was_me(&secret).await?;
            it_was_me(&visit)
        }
        None => {
            let errors = Errors::one("answer", "missing", "Choose an answer");
            ask_page(&visit, &view, &typed, &errors)
        }
    }
}

#[derive(Template)]
#[template(path = "portal/stopped.html")]
struct StandsPage {
    frame: Frame,
    lines: Vec<String>,
    number: String,
    stopped_at: String,
    /// Whether the objector can still show that the account is theirs.
    may_show: bool,
}

/// What comes next for a stopped request, and by when.
fn next(view: &StopView) -> String {
    let at = |moment| when::moment(moment, "");
    match (view.decided_by, view.dispute_until) {
        (Some(by), _) => format!(
            "Two senior reviewers look at both sides and decide by {}. Until then everything stays \
             frozen.",
            at(by)
        ),
        (None, Some(until)) => format!(
            "If the other person does not insist until {}, the request is refused for good. If \
             they do, two senior reviewers look at both sides. Until then everything stays frozen.",
            at(until)
        ),
        (None, None) => "Everything stays frozen until it is decided.".to_owned(),
    }
}

/// Where a request stands, for its holder: stopped, decided, or over.
fn stands(visit: &Visit, view: &StopView) -> Result<Response, Failure> {
    let (title, lines): (_, Vec<_>) = match view.state {
        State::Stopped | State::Contested => (
            "Stopped",
            vec![
                "Nothing can be taken out. Save the number below.".to_owned(),
                next(view),
            ],
        ),
        State::Blocked => (
            "Stopped for good",
            vec!["The request was refused. The account stays with its holder.".to_owned()],
        ),
        State::Recovered | State::CoolingOff => (
            "This request was decided",
            vec![
                "It can no longer be stopped here. Ask the platform, from its own site.".to_owned(),
            ],
        ),
        _ => (
            "Nothing to stop any more",
            vec!["This request is over. Nothing changed on the account.".to_owned()],
        ),
    };
    visit.page(&StandsPage {
        frame: visit.frame(title),
        lines,
        number: view
            .stopped_at
            .map_or_else(String::new, |_| view.number.clone()),
        stopped_at: view
            .stopped_at
            .map_or_else(String::new, |at| when::moment(at, "")),
        may_show: view.may_show,
    })
}

/// For a code on paper while nobody asks for its account.
fn nothing(visit: &Visit) -> Result<Response, Failure> {
    visit.page(&StandsPage {
        frame: visit.frame("There is nothing to stop"),
        lines: vec![
            "Nobody asks to recover the account of this code just now. Nothing changed.".to_owned(),
            "Keep the code. It stops a request as soon as there is one.".to_owned(),
        ],
        number: String::new(),
        stopped_at: String::new(),
        may_show: false,
    })
}

fn it_was_me(visit: &Visit) -> Result<Response, Failure> {
    visit.page(&StandsPage {
        frame: visit.frame("Good. Do nothing more"),
        lines: vec!["We note this, but your answer alone does not speed anything up.".to_owned()],
        number: String::new(),
        stopped_at: String::new(),
        may_show: false,
    })
}
