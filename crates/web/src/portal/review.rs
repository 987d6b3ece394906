//! P18 and P19: check everything, send it once, and see that it arrived.

use askama::Template;
use axum::response::Response;
use axum::routing::get;
use engine::views::{ApplicantView, TaskStatus};
use recovery::case::State;
use recovery::evidence::EvidenceKind;

use crate::error::Failure;
use crate::form::{Errors, Posted};
use crate::layout::Frame;
use crate::portal::{parts, tasks};
use crate::routes::{GET, Route, Who};
use crate::visit::Visit;
use crate::when;

/// Check and send.
pub(crate) const ROUTES: &[Route] = &[
    Route::page(
        "/case/review",
        Who::Applicant,
        "Check everything before you send it",
        || get(show).post(send),
    ),
    Route::page("/case/sent", Who::Applicant, "We have your request", || {
        get(sent)
    })
    .only(GET),
];

/// One line of the summary.
#[derive(Debug)]
struct Line {
    name: String,
    value: String,
    picture: String,
    link: &'static str,
}

#[derive(Template)]
#[template(path = "portal/review.html")]
struct ReviewPage<'a> {
    frame: Frame,
    errors: &'a Errors,
    missing: Vec<(&'static str, &'static str)>,
    rows: Vec<Line>,
}

fn lines(view: &ApplicantView) -> Vec<Line> {
    let contact = view.contact.as_ref();
    let mut lines = vec![
        Line {
            name: "New e-mail".to_owned(),
            value: contact.map_or_else(String::new, |address| address.reveal().clone()),
            picture: String::new(),
            link: "/email",
        },
        Line {
            name: "What you remember".to_owned(),
            value: given(view.clues_given).to_owned(),
            picture: String::new(),
            link: "/case/clues",
        },
    ];
    for task in &view.tasks {
        let shown = task
            .items
            .first()
            .filter(|_| task.kind != EvidenceKind::Video)
            .map(|item| format!("/case/picture/{}", item.id));
        lines.push(Line {
            name: parts::name(task.kind).replace("Add screenshots (optional)", "Screenshots"),
            value: match (task.kind, task.items.len()) {
                (_, 0) => given(false).to_owned(),
                (EvidenceKind::Screenshot, count) => format!("{count} of them"),
                _ => given(true).to_owned(),
            },
            picture: shown.unwrap_or_default(),
            link: tasks::link(task),
        });
    }
    lines
}

const fn given(is: bool) -> &'static str {
    if is { "Given" } else { "Not given" }
}

fn missing(view: &ApplicantView) -> Vec<(&'static str, &'static str)> {
    view.tasks
        .iter()
        .filter(|task| {
            task.required && matches!(task.status, TaskStatus::ToDo | TaskStatus::TakeAgain)
        })
        .map(|task| (parts::name(task.kind), tasks::link(task)))
        .collect()
}

fn page(visit: &Visit, view: &ApplicantView, errors: &Errors) -> Result<Response, Failure> {
    let page = ReviewPage {
        frame: visit.own_frame().back("/case").failing(!errors.is_empty()),
        errors,
        missing: missing(view),
        rows: lines(view),
    };
    visit.form(errors, &page)
}

async fn show(visit: Visit) -> Result<Response, Failure> {
    match tasks::gathering(&visit).await? {
        Ok(view) => page(&visit, &view, &Errors::none()),
        Err(elsewhere) => Ok(elsewhere),
    }
}

async fn send(mut visit: Visit, form: Posted) -> Result<Response, Failure> {
    if let Some(again) = visit.served(&form) {
        return Ok(again);
    }
    let view = match tasks::gathering(&visit).await? {
        Ok(view) => view,
        Err(elsewhere) => return Ok(elsewhere),
    };
    let mut errors = Errors::none();
    if !form.has("own", "yes") {
        errors.add(
            "own",
            "missing",
            "Tick the box if it is true, or choose Somebody is telling me to do this",
        );
    }
    if !view.ready {
        errors.add("missing", "parts_missing", "Some parts are still missing");
    }
    if !errors.is_empty() {
        return page(&visit, &view, &errors);
    }
    let case = visit.case()?.clone();
    visit.engine().submit(&case).await?;
    visit.done(&form, "/case/sent").await
}

#[derive(Template)]
#[template(path = "portal/sent.html")]
struct SentPage {
    frame: Frame,
    case_code: String,
    checks_by: String,
    review_days: i64,
    address: String,
}

async fn sent(visit: Visit) -> Result<Response, Failure> {
    let view = visit.engine().applicant_view(visit.case()?).await?;
    if view.state != State::Checking {
        let to = if view.state == State::Gathering {
            "/case"
        } else {
            "/case/status"
        };
        return Ok(visit.go(to));
    }
    let checks_by = view.due.unwrap_or(view.now);
    visit.page(&SentPage {
        frame: visit.own_frame(),
        case_code: view.code,
        checks_by: when::moment(checks_by, &visit.zone()),
        review_days: visit.engine().policy().review.business_days,
        address: view
            .contact
            .map_or_else(String::new, |address| address.reveal().clone()),
    })
}
