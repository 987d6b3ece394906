//! A1: go on with a phone, as the computer sees it: a picture to scan, and how far the phone is.
//! What the phone sees of its case stands here too.

use askama::Template;
use axum::Json;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use engine::views::{ApplicantView, PhoneLinkView, PhoneState, Task, TaskStatus};
use serde_json::json;

use crate::error::Failure;
use crate::form::Posted;
use crate::layout::Frame;
use crate::portal::{parts, qr, tasks};
use crate::routes::{GET, Route, Who};
use crate::visit::Visit;
use crate::when;

/// From the computer to a phone.
pub(crate) const ROUTES: &[Route] = &[
    Route::page(
        "/case/phone",
        Who::Applicant,
        "Continue on your phone",
        || get(show).post(make),
    ),
    Route::page(
        "/case/phone/state",
        Who::Applicant,
        "How far the phone is",
        || get(state),
    )
    .only(GET),
];

#[derive(Template)]
#[template(path = "portal/phone.html")]
struct PhonePage {
    frame: Frame,
    picture: String,
    address: String,
    code: String,
    word: &'static str,
    until: String,
    sentence: &'static str,
    parts: Vec<(&'static str, bool)>,
}

/// What the computer says of the phone.
const fn sentence(link: Option<&PhoneLinkView>, finished: bool) -> (&'static str, &'static str) {
    let Some(link) = link else {
        return ("none", "");
    };
    match link.state {
        PhoneState::Connected if finished => ("connected", "Finished on the phone"),
        PhoneState::Connected => ("connected", "A phone is connected"),
        PhoneState::Waiting => ("waiting", "Waiting for your phone"),
        PhoneState::Asked => (
            "asked",
            "A phone has opened it. Choose the word of this page on the phone",
        ),
        PhoneState::Refused => (
            "refused",
            "The picture was stopped: on a phone somebody chose the wrong word, or said that this \
             is not their request",
        ),
        PhoneState::Over => ("over", "The picture is too old. Show a new one"),
    }
}

fn camera(view: &ApplicantView) -> impl Iterator<Item = &Task> {
    view.tasks
        .iter()
        .filter(|task| parts::part(task.kind).is_some())
}

const fn is_open(status: TaskStatus) -> bool {
    matches!(status, TaskStatus::ToDo | TaskStatus::TakeAgain)
}

fn finished(view: &ApplicantView) -> bool {
    !camera(view).any(|task| task.required && is_open(task.status))
}

async fn show(visit: Visit) -> Result<Response, Failure> {
    let view = match tasks::gathering(&visit).await? {
        Ok(view) => view,
        Err(elsewhere) => return Ok(elsewhere),
    };
    let link = visit.engine().phone_link(visit.case()?).await?;
    let (_, said) = sentence(link.as_ref(), finished(&view));
    let open = link.filter(|link| matches!(link.state, PhoneState::Waiting | PhoneState::Asked));
    let settings = visit.app.settings();
    let origin = settings.origin.origin().ascii_serialization();
    let scan = |link: &PhoneLinkView| {
        let address = format!("{origin}/p/{}", link.secret.reveal());
        qr::svg(&address, "Picture to scan with your phone")
    };
    let page = PhonePage {
        frame: visit.own_frame().back("/case").script("phone.js"),
        picture: open.as_ref().map_or_else(String::new, scan),
        address: format!("{origin}/p"),
        code: open
            .as_ref()
            .map_or_else(String::new, |link| in_groups(link.code.reveal())),
        word: open.as_ref().map_or("", |link| link.word),
        until: open.as_ref().map_or_else(String::new, |link| {
            when::moment(link.expires_at, &visit.zone())
        }),
        sentence: said,
        parts: camera(&view)
            .map(|task| (parts::name(task.kind), !is_open(task.status)))
            .collect(),
    };
    visit.page(&page)
}

/// Nine symbols as people read them aloud: three by three.
fn in_groups(code: &str) -> String {
    let mut text = String::new();
    for (place, symbol) in code.chars().enumerate() {
        if place > 0 && place % 3 == 0 {
            text.push('-');
        }
        text.push(symbol);
    }
    text
}

async fn make(mut visit: Visit, form: Posted) -> Result<Response, Failure> {
    if let Some(again) = visit.served(&form) {
        return Ok(again);
    }
    let browser = visit.client.user_agent.clone();
    visit
        .engine()
        .make_phone_link(visit.case()?, &browser)
        .await?;
    visit.done(&form, "/case/phone").await
}

async fn state(visit: Visit) -> Result<Response, Failure> {
    let case = visit.case()?;
    let view = visit.engine().applicant_view(case).await?;
    let link = visit.engine().phone_link(case).await?;
    let done = finished(&view);
    let (state, said) = sentence(link.as_ref(), done);
    let parts: Vec<_> = camera(&view)
        .map(|task| {
            json!({
                "kind": task.kind.name(),
                "name": parts::name(task.kind),
                "done": !is_open(task.status),
            })
        })
        .collect();
    let answer = json!({ "state": state, "sentence": said, "parts": parts, "finished": done });
    Ok(Json(answer).into_response())
}

#[derive(Template)]
#[template(path = "portal/phone_parts.html")]
struct PartsPage {
    frame: Frame,
    done: bool,
    rows: Vec<tasks::Row>,
}

/// What a phone sees of the task list: what it can take.
pub(crate) async fn list(visit: &Visit) -> Result<Response, Failure> {
    let view = visit.engine().applicant_view(visit.case()?).await?;
    let gathers = view.state == recovery::case::State::Gathering;
    let done = !gathers || finished(&view);
    visit.page(&PartsPage {
        frame: visit.frame("Take these with your phone"),
        done,
        rows: camera(&view).filter(|_| gathers).map(tasks::row).collect(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_read_three_by_three() {
        assert_eq!(in_groups("K7M2P0119"), "K7M-2P0-119");
    }
}
