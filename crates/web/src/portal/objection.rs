//! V4 and V5: what somebody shows who stopped a recovery, and an objection that was a mistake. The
//! link's secret is all that is needed; the other side is never shown.

use askama::Template;
use axum::extract::Path;
use axum::response::Response;
use axum::routing::get;
use engine::views::ObjectionView;
use http::{HeaderMap, header};
use recovery::case::LiveFactor;

use crate::error::Failure;
use crate::form::{Errors, Posted};
use crate::layout::Frame;
use crate::portal::holder::{LINK, code_of, slow_down};
use crate::routes::{GET, Route, Who};
use crate::visit::Visit;
use crate::when;

const SHOW: &str = "Show that this account is yours";
const MISTAKE: &str = "I stopped it by mistake";

/// The objector's side of a contested claim.
pub(crate) const ROUTES: &[Route] = &[
    Route::page("/contested", Who::Holder, SHOW, || get(show).post(typed)),
    Route::page("/contested/mistake", Who::Holder, MISTAKE, || {
        get(ask).post(answer)
    }),
    Route::page("/contested/{token}", Who::Holder, SHOW, || get(arrive)).only(GET),
];

/// The secret leaves the address before anything is shown.
async fn arrive(visit: Visit, Path(token): Path<String>) -> Result<Response, Failure> {
    let secure = visit.app.settings().secure_cookies();
    let mut response = visit.go("/contested");
    if let Some(cookie) = LINK.set(secure, &token) {
        response.headers_mut().append(header::SET_COOKIE, cookie);
    }
    Ok(response)
}

/// The objection of this browser's link; otherwise where its request stands.
async fn objection(
    visit: &Visit,
    headers: &HeaderMap,
) -> Result<Result<(String, ObjectionView), Response>, Failure> {
    let secure = visit.app.settings().secure_cookies();
    let Some(secret) = LINK.read(headers, secure) else {
        return Ok(Err(visit.go("/stop")));
    };
    slow_down(visit).await?;
    Ok(match visit.engine().objection_view(&secret).await? {
        Some(view) => Ok((secret, view)),
        None => Err(visit.go("/stop/answer")),
    })
}

/// One thing that shows whose account it is.
struct Way {
    id: &'static str,
    name: &'static str,
    hint: String,
    status: &'static str,
    class: &'static str,
}

fn way(
    view: &ObjectionView,
    factor: LiveFactor,
    id: &'static str,
    name: &'static str,
    hint: String,
) -> Way {
    let shown = view.shown.iter().any(|shown| shown.factor == factor);
    let (status, class) = if shown {
        ("Shown", "plain")
    } else {
        ("To do", "todo")
    };
    Way {
        id,
        name,
        hint,
        status,
        class,
    }
}

/// The strongest first.
fn ways(visit: &Visit, view: &ObjectionView) -> Vec<Way> {
    let domain = &visit.app.settings().platform_domain;
    let mut ways = vec![
        way(
            view,
            LiveFactor::SignIn,
            "sign-in",
            "Sign in, or use your passkey",
            format!(
                "Type {domain} yourself, go to its page for stopping a recovery, and sign in with \
                 the password and the second step that you have. It counts at once."
            ),
        ),
        way(
            view,
            LiveFactor::Telephone,
            "telephone",
            "A code from your old phone",
            "Type the code from the newest text message or app message about this.".to_owned(),
        ),
        way(
            view,
            LiveFactor::PrintedCode,
            "printed",
            "A stop code that you printed",
            "Type it below.".to_owned(),
        ),
    ];
    if view
        .shown
        .iter()
        .any(|shown| shown.factor == LiveFactor::Mailbox)
    {
        ways.push(way(
            view,
            LiveFactor::Mailbox,
            "mailbox",
            "A mailbox of the account",
            "You answered from it. A mailbox alone shows little: it may be in wrong hands."
                .to_owned(),
        ));
    }
    ways
}

#[derive(Template)]
#[template(path = "portal/contested.html")]
struct ContestedPage<'a> {
    frame: Frame,
    errors: &'a Errors,
    form: &'a Posted,
    next: String,
    stopped_at: String,
    number: &'a str,
    ways: Vec<Way>,
    taken_back_at: String,
}

fn next(view: &ObjectionView) -> String {
    match (view.evidence_until, view.decided_by) {
        (Some(evidence), Some(decided)) => format!(
            "Both sides may show what they have until {}. Two senior reviewers decide by {}. Until \
             then everything stays frozen.",
            when::moment(evidence, ""),
            when::moment(decided, "")
        ),
        _ => format!(
            "If the other person does not insist until {}, the request is refused for good. If \
             they do, reviewers look at what you show here.",
            when::moment(view.dispute_until, "")
        ),
    }
}

fn page(
    visit: &Visit,
    view: &ObjectionView,
    form: &Posted,
    errors: &Errors,
) -> Result<Response, Failure> {
    let page = ContestedPage {
        frame: visit.frame(SHOW).failing(!errors.is_empty()),
        errors,
        form,
        next: next(view),
        stopped_at: when::moment(view.stopped_at, ""),
        number: &view.number,
        ways: ways(visit, view),
        taken_back_at: view
            .taken_back_at
            .map_or_else(String::new, |at| when::moment(at, "")),
    };
    visit.form(errors, &page)
}

async fn show(visit: Visit, headers: HeaderMap) -> Result<Response, Failure> {
    match objection(&visit, &headers).await? {
        Ok((_, view)) => page(&visit, &view, &Posted::default(), &Errors::none()),
        Err(elsewhere) => Ok(elsewhere),
    }
}

async fn typed(visit: Visit, headers: HeaderMap, form: Posted) -> Result<Response, Failure> {
    let (secret, view) = match objection(&visit, &headers).await? {
        Ok(found) => found,
        Err(elsewhere) => return Ok(elsewhere),
    };
    let code = code_of(&form);
    if code.is_empty() {
        let errors = Errors::one("code", "missing", "Enter the code from the message");
        return page(&visit, &view, &form, &errors);
    }
    match Errors::catch(visit.engine().show_factor(&secret, &code).await)? {
        Ok(()) => Ok(visit.go("/contested")),
        Err(errors) => page(&visit, &view, &form, &errors),
    }
}

#[derive(Template)]
#[template(path = "portal/mistake.html")]
struct MistakePage<'a> {
    frame: Frame,
    errors: &'a Errors,
    form: &'a Posted,
}

fn mistake_page(visit: &Visit, form: &Posted, errors: &Errors) -> Result<Response, Failure> {
    let page = MistakePage {
        frame: visit
            .frame(MISTAKE)
            .back("/contested")
            .failing(!errors.is_empty()),
        errors,
        form,
    };
    visit.form(errors, &page)
}

async fn ask(visit: Visit, headers: HeaderMap) -> Result<Response, Failure> {
    match objection(&visit, &headers).await? {
        Ok((_, view)) if view.taken_back_at.is_some() => Ok(visit.go("/contested")),
        Ok(_) => mistake_page(&visit, &Posted::default(), &Errors::none()),
        Err(elsewhere) => Ok(elsewhere),
    }
}

async fn answer(visit: Visit, headers: HeaderMap, form: Posted) -> Result<Response, Failure> {
    let (secret, _) = match objection(&visit, &headers).await? {
        Ok(found) => found,
        Err(elsewhere) => return Ok(elsewhere),
    };
    match form.choice("answer", &["yes", "no"]) {
        Some("yes") => {
            let taken = visit.engine().take_back(&secret, form.raw("text")).await;
            match Errors::catch(taken)? {
                Ok(()) => Ok(visit.go("/contested")),
                Err(errors) => mistake_page(&visit, &form, &errors),
            }
        }
        Some(_) => Ok(visit.go("/contested")),
        None => {
            let errors = Errors::one("answer", "missing", "Choose an answer");
            mistake_page(&visit, &form, &errors)
        }
    }
}
