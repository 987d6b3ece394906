//! P20: where the request stands, why it waits, and what comes next (M31).

use askama::Template;
use axum::response::Response;
use axum::routing::get;
use engine::views::{ApplicantView, Moment, TaskStatus};
use recovery::case::State;

use crate::error::Failure;
use crate::layout::Frame;
use crate::portal::words::Words;
use crate::portal::{dates, parts, tasks};
use crate::routes::{GET, Route, Who};
use crate::visit::Visit;
use crate::when;

/// The status page.
pub(crate) const ROUTES: &[Route] = &[Route::page(
    "/case/status",
    Who::Applicant,
    "Where your request stands",
    || get(show),
)
.only(GET)];

/// One line of the timeline as it is shown.
#[derive(Debug)]
struct Line {
    class: &'static str,
    spoken: &'static str,
    words: &'static str,
    when: String,
    machine: String,
}

#[derive(Template)]
#[template(path = "portal/status.html")]
struct StatusPage {
    frame: Frame,
    late: bool,
    late_words: String,
    why: Vec<String>,
    next: Vec<String>,
    items: Vec<(&'static str, &'static str, &'static str)>,
    action: Option<(&'static str, &'static str)>,
    timeline: Vec<Line>,
    /// Where the dates are for a calendar; empty where there is none to come.
    dates: &'static str,
    case_code: String,
    may_stop: bool,
}

fn timeline(view: &ApplicantView, zone: &str) -> Vec<Line> {
    let moments: &[Moment] = &view.timeline;
    let last_past = moments.iter().rposition(|moment| !moment.expected);
    moments
        .iter()
        .enumerate()
        .map(|(place, moment)| {
            let (class, spoken) = match (moment.expected, last_past == Some(place)) {
                (true, _) => ("later", "Still to come"),
                (false, true) => ("now", "Newest"),
                (false, false) => ("done", "Done"),
            };
            Line {
                class,
                spoken,
                words: Words::moment(moment.code, view.rival),
                when: when::moment(moment.at, zone),
                machine: when::machine(moment.at),
            }
        })
        .collect()
}

/// The parts that must be taken again, worst first: name, headline, link.
fn again(view: &ApplicantView) -> Vec<(&'static str, &'static str, &'static str)> {
    view.tasks
        .iter()
        .filter(|task| view.returned && task.status == TaskStatus::TakeAgain)
        .map(|task| {
            let headline = task
                .reason
                .map_or("We need this part again", |r| r.headline);
            (parts::name(task.kind), headline, tasks::link(task))
        })
        .collect()
}

async fn show(visit: Visit) -> Result<Response, Failure> {
    let view = visit.engine().applicant_view(visit.case()?).await?;
    if let (State::Gathering, Some(page)) = (view.state, tasks::unfinished(&view)) {
        return Ok(visit.go(page));
    }
    let zone = visit.zone();
    let words = Words {
        platform: &visit.app.settings().platform,
        zone: &zone,
    };
    let due = view.due.map(|due| when::moment(due, &zone));
    let page = StatusPage {
        frame: visit.frame(words.heading(&view)),
        late: view.late,
        late_words: due.map_or_else(
            || "We are sorry. You need not do anything.".to_owned(),
            |due| format!("We said {due}. You need not do anything."),
        ),
        why: words.why(&view.why).into_iter().collect(),
        next: words.next(&view),
        items: again(&view),
        action: Words::action(&view),
        timeline: timeline(&view, &zone),
        dates: dates::to_come(&view).next().map_or("", |_| dates::PATH),
        case_code: view.code.clone(),
        may_stop: matches!(
            view.state,
            State::Gathering | State::Checking | State::Reviewing | State::CoolingOff
        ),
    };
    visit.page(&page)
}
