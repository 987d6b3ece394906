//! P10: the task list, the hub of a request.

use askama::Template;
use axum::response::Response;
use axum::routing::get;
use engine::views::{ApplicantView, Task, TaskStatus};
use recovery::case::State;
use recovery::evidence::EvidenceKind;
use recovery::time::Timestamp;

use crate::error::Failure;
use crate::layout::Frame;
use crate::portal::{parts, phone};
use crate::routes::{GET, Route, Who};
use crate::visit::Visit;
use crate::when;

/// The task list.
pub(crate) const ROUTES: &[Route] =
    &[Route::page("/case", Who::Camera, "Your recovery request", || get(show)).only(GET)];

const SHOTS: EvidenceKind = EvidenceKind::Screenshot;

/// One line of the list.
#[derive(Debug)]
pub(crate) struct Row {
    pub(crate) id: &'static str,
    pub(crate) name: &'static str,
    pub(crate) hint: &'static str,
    pub(crate) link: &'static str,
    pub(crate) status: &'static str,
    pub(crate) class: &'static str,
}

/// Lines under one heading.
#[derive(Debug)]
pub(crate) struct Group {
    title: &'static str,
    rows: Vec<Row>,
}

#[derive(Template)]
#[template(path = "portal/tasks.html")]
struct TasksPage {
    frame: Frame,
    done: usize,
    all: usize,
    until: String,
    until_machine: String,
    groups: Vec<Group>,
    case_code: String,
}

/// What a side can still add, where two sides are looked at.
#[derive(Template)]
#[template(path = "portal/proof.html")]
struct ProofPage {
    frame: Frame,
    until: String,
    until_machine: String,
    rows: Vec<Row>,
    case_code: String,
}

fn proof(visit: &Visit, view: ApplicantView, until: Timestamp) -> Result<Response, Failure> {
    visit.page(&ProofPage {
        frame: visit.frame("Add to your proof").back("/case/status"),
        until: when::moment(until, &visit.zone()),
        until_machine: when::machine(until),
        rows: addable(&view),
        case_code: view.code,
    })
}

/// The first page of the set-up that is not done yet, if any.
pub(crate) fn unfinished(view: &ApplicantView) -> Option<&'static str> {
    if !view.identifier_given {
        Some("/account")
    } else if view.contact.is_none() {
        Some("/email")
    } else if !view.contact_proved {
        Some("/email/code")
    } else {
        None
    }
}

/// The view of this session's case while evidence is gathered; otherwise where to go instead.
pub(crate) async fn gathering(visit: &Visit) -> Result<Result<ApplicantView, Response>, Failure> {
    let view = visit.engine().applicant_view(visit.case()?).await?;
    if visit.is_phone() && (view.state != State::Gathering || unfinished(&view).is_some()) {
        return Ok(Err(visit.go("/case")));
    }
    if view.state != State::Gathering {
        return Ok(Err(visit.go("/case/status")));
    }
    Ok(match unfinished(&view) {
        Some(page) => Err(visit.go(page)),
        None => Ok(view),
    })
}

/// The same for what may also be added where two sides are looked at.
pub(crate) async fn proving(visit: &Visit) -> Result<Result<ApplicantView, Response>, Failure> {
    let view = visit.engine().applicant_view(visit.case()?).await?;
    if view.may_prove() {
        return Ok(Ok(view));
    }
    gathering(visit).await
}

const fn words(status: TaskStatus) -> (&'static str, &'static str) {
    match status {
        TaskStatus::ToDo => ("To do", "todo"),
        TaskStatus::Done => ("Done", "plain"),
        TaskStatus::Checking => ("Checking", ""),
        TaskStatus::TakeAgain => ("Take again", "red"),
        TaskStatus::NotNeeded => ("Not needed", "plain"),
    }
}

/// Where a task leads: to its page, to the page with the reason when it must be taken again, or
/// nowhere when it is not needed.
pub(crate) fn link(task: &Task) -> &'static str {
    match (task.status, parts::part(task.kind)) {
        (TaskStatus::NotNeeded, _) => "",
        (TaskStatus::TakeAgain, Some(part)) => part.fix,
        (_, Some(part)) => part.path,
        (_, None) => "/case/screenshots",
    }
}

pub(crate) fn row(task: &Task) -> Row {
    let (status, class) = words(task.status);
    let shots = task.kind == SHOTS && task.items.is_empty();
    Row {
        id: task.kind.name(),
        name: parts::name(task.kind),
        hint: task.reason.map_or("", |reason| reason.headline),
        link: link(task),
        status: if shots { "To do (optional)" } else { status },
        class: if shots { "" } else { class },
    }
}

const fn finished(task: &Task) -> bool {
    matches!(
        task.status,
        TaskStatus::Done | TaskStatus::Checking | TaskStatus::NotNeeded
    )
}

/// What can be added as long as anything can.
fn addable(view: &ApplicantView) -> Vec<Row> {
    let signed = view.addresses_signed > 0;
    let address = Row {
        id: "address",
        name: "Sign with an old withdrawal address",
        hint: "Only if you still hold its key",
        link: "/case/address-proof",
        status: if signed { "Done" } else { "To do (optional)" },
        class: if signed { "plain" } else { "" },
    };
    let shots = view.tasks.iter().filter(|task| task.kind == SHOTS);
    shots.map(row).chain([address]).collect()
}

fn groups(view: &ApplicantView) -> Vec<Group> {
    let (status, class) = if view.clues_given {
        ("Done", "plain")
    } else {
        ("To do", "todo")
    };
    let mut about = vec![Row {
        id: "clues",
        name: "Tell us what you remember",
        hint: "5 short questions. Gaps are fine",
        link: "/case/clues",
        status,
        class,
    }];
    let person = view.tasks.iter().filter(|task| task.kind != SHOTS);
    about.extend(addable(view));
    let send = Row {
        id: "send",
        name: "Check and send",
        hint: "",
        link: if view.ready { "/case/review" } else { "" },
        status: if view.ready {
            "To do"
        } else {
            "Not possible yet"
        },
        class: if view.ready { "todo" } else { "" },
    };
    let mut person: Vec<Row> = person.map(row).collect();
    // After a return the red lines come first; the order of the others stays.
    person.sort_by_key(|row| row.class != "red");
    vec![
        Group {
            title: "About your account",
            rows: about,
        },
        Group {
            title: "Show it is you",
            rows: person,
        },
        Group {
            title: "Finish",
            rows: vec![send],
        },
    ]
}

async fn show(visit: Visit) -> Result<Response, Failure> {
    if visit.is_phone() {
        return phone::list(&visit).await;
    }
    let view = match proving(&visit).await? {
        Ok(view) => view,
        Err(elsewhere) => return Ok(elsewhere),
    };
    if let Some(until) = view.proof_until {
        return proof(&visit, view, until);
    }
    let needed = view.tasks.iter().filter(|task| task.required);
    let page = TasksPage {
        frame: visit.own_frame(),
        done: needed.clone().filter(|task| finished(task)).count() + usize::from(view.clues_given),
        all: needed.count() + 1,
        until: when::moment(view.finish_until, &visit.zone()),
        until_machine: when::machine(view.finish_until),
        groups: groups(&view),
        case_code: view.code,
    };
    visit.page(&page)
}
