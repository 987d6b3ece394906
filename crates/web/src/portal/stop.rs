//! P20b, P21s, appeal and dispute: what an applicant can do about a request that is on its way.

use askama::Template;
use axum::response::Response;
use axum::routing::{get, post};
use http::{HeaderName, HeaderValue};

use crate::error::Failure;
use crate::form::{Errors, Posted};
use crate::layout::Frame;
use crate::routes::{POST, Route, Who};
use crate::visit::Visit;

/// Stop, pressure, appeal, dispute, leave.
pub(crate) const ROUTES: &[Route] = &[
    Route::page(
        "/case/stop",
        Who::Applicant,
        "Do you want to stop this request?",
        || get(ask_stop).post(stop),
    ),
    Route::page(
        "/case/pressure",
        Who::Applicant,
        "Is somebody telling you to do this?",
        || get(ask_pressure).post(pressure),
    ),
    Route::page(
        "/case/appeal",
        Who::Applicant,
        "Ask another person to decide",
        || get(ask_appeal).post(appeal),
    ),
    Route::page(
        "/case/dispute",
        Who::Applicant,
        "Say that this request is yours",
        || get(ask_dispute).post(dispute),
    ),
    Route::page(
        "/case/leave",
        Who::Applicant,
        "Close my request on this device",
        || post(leave),
    )
    .only(POST),
];

#[derive(Template)]
#[template(path = "portal/stop_request.html")]
struct StopPage<'a> {
    frame: Frame,
    errors: &'a Errors,
}

fn stop_page(visit: &Visit, errors: &Errors) -> Result<Response, Failure> {
    let page = StopPage {
        frame: visit
            .own_frame()
            .back("/case/status")
            .failing(!errors.is_empty()),
        errors,
    };
    visit.form(errors, &page)
}

async fn ask_stop(visit: Visit) -> Result<Response, Failure> {
    stop_page(&visit, &Errors::none())
}

async fn stop(mut visit: Visit, form: Posted) -> Result<Response, Failure> {
    if let Some(again) = visit.served(&form) {
        return Ok(again);
    }
    match form.choice("stop", &["yes", "no"]) {
        Some("yes") => {
            let case = visit.case()?.clone();
            visit.engine().withdraw(&case).await?;
            visit.done(&form, "/case/status").await
        }
        Some(_) => visit.done(&form, "/case/status").await,
        None => stop_page(&visit, &Errors::one("stop", "missing", "Choose yes or no")),
    }
}

#[derive(Template)]
#[template(path = "portal/pressure.html")]
struct PressurePage {
    frame: Frame,
}

/// Looking at this page is itself the signal, and private: nothing about it shows elsewhere.
async fn ask_pressure(visit: Visit) -> Result<Response, Failure> {
    visit.engine().flag_pressure(visit.case()?).await?;
    visit.page(&PressurePage {
        frame: visit.own_frame(),
    })
}

async fn pressure(mut visit: Visit, form: Posted) -> Result<Response, Failure> {
    if let Some(again) = visit.served(&form) {
        return Ok(again);
    }
    match form.choice("do", &["stop", "continue", "leave"]) {
        Some("stop") => {
            let case = visit.case()?.clone();
            visit.engine().withdraw(&case).await?;
            visit.done(&form, "/case/status").await
        }
        Some("leave") => gone(visit).await,
        _ => visit.done(&form, "/case").await,
    }
}

async fn leave(visit: Visit, _: Posted) -> Result<Response, Failure> {
    gone(visit).await
}

/// Ends the session and asks the browser to forget this site.
async fn gone(mut visit: Visit) -> Result<Response, Failure> {
    visit.end().await?;
    let mut response = visit.go("/help");
    response.headers_mut().insert(
        HeaderName::from_static("clear-site-data"),
        HeaderValue::from_static("\"cache\", \"cookies\", \"storage\""),
    );
    Ok(response)
}

#[derive(Template)]
#[template(path = "portal/ask.html")]
struct AskPage {
    frame: Frame,
    body: &'static str,
    action: &'static str,
    button: &'static str,
}

async fn ask_appeal(visit: Visit) -> Result<Response, Failure> {
    visit.page(&AskPage {
        frame: visit.own_frame().back("/case/status"),
        body: "You can do this once. Somebody who has not seen your request looks at \
               everything you sent. You need not send anything again.",
        action: "/case/appeal",
        button: "Appeal",
    })
}

async fn appeal(mut visit: Visit, form: Posted) -> Result<Response, Failure> {
    if let Some(again) = visit.served(&form) {
        return Ok(again);
    }
    let case = visit.case()?.clone();
    visit.engine().appeal(&case).await?;
    visit.done(&form, "/case/status").await
}

async fn ask_dispute(visit: Visit) -> Result<Response, Failure> {
    visit.page(&AskPage {
        frame: visit.own_frame().back("/case/status"),
        body: "Somebody with a way into this account objected. If the request is yours, say so \
               here. Two senior reviewers then look at both sides. Everything stays frozen.",
        action: "/case/dispute",
        button: "This request is mine",
    })
}

async fn dispute(mut visit: Visit, form: Posted) -> Result<Response, Failure> {
    if let Some(again) = visit.served(&form) {
        return Ok(again);
    }
    let case = visit.case()?.clone();
    visit.engine().dispute(&case).await?;
    visit.done(&form, "/case/status").await
}
