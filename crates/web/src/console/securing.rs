//! Securing actions that the platform was asked for and that did not read back as done yet.

use askama::Template;
use axum::Json;
use axum::extract::Query;
use axum::response::{IntoResponse, Response};
use engine::EngineError;
use engine::views::{OpenSecuring, SecuringStep, SecuringView};
use recovery::case::SecuringVerb;
use recovery::time::Timestamp;
use serde::Deserialize;
use serde_json::{Value, json};

use super::Said;
use super::clock;
use super::frame::ConsoleFrame;
use super::sent::Sent;
use crate::error::Failure;
use crate::visit::Visit;

/// Its address.
const PAGE: &str = "/console/securing";

/// An action in words.
struct Line {
    job: String,
    code: String,
    action: String,
    class: &'static str,
    state: &'static str,
    since: String,
    tries: u32,
    last: String,
    next: String,
}

/// The actions.
#[derive(Template)]
#[template(path = "console/securing.html")]
pub struct SecuringPage {
    frame: ConsoleFrame,
    problem: Option<String>,
    lines: Vec<Line>,
    all: u64,
    /// More than these lines.
    more: bool,
    may_try: bool,
}

impl SecuringPage {
    /// From what the engine knows; `problem` says why the last press led to nothing.
    #[must_use]
    pub fn new(frame: ConsoleFrame, view: &SecuringView, problem: Option<String>) -> Self {
        Self {
            frame,
            problem,
            lines: view.open.iter().map(|one| line(one, view.now)).collect(),
            all: view.all,
            more: u64::try_from(view.open.len()).is_ok_and(|shown| shown < view.all),
            may_try: view.may_try,
        }
    }
}

const fn verb(verb: SecuringVerb) -> &'static str {
    match verb {
        SecuringVerb::Suspend => "Suspend",
        SecuringVerb::Restore => "Give back",
        SecuringVerb::Destroy => "Destroy",
    }
}

/// An action of the contract in words; one that a platform added, as it calls it.
fn action(name: &str) -> String {
    match name {
        "sessions" => "Sessions".to_owned(),
        "devices" => "Trusted devices".to_owned(),
        "api_keys" => "API keys".to_owned(),
        "oauth" => "Linked apps".to_owned(),
        "copy_trading" => "Copy trading".to_owned(),
        "web3" => "Connected wallets".to_owned(),
        "whitelist" => "Withdrawal addresses".to_owned(),
        "old_factors" => "Old ways in".to_owned(),
        other => other.replace('_', " "),
    }
}

/// A state as a tag: its class, and its words with a mark, for colour only helps.
const fn state(one: &OpenSecuring) -> (&'static str, &'static str) {
    match (one.failed, one.step) {
        (false, SecuringStep::Asked) => ("soon", "~ Asked"),
        (false, SecuringStep::Acknowledged(_)) => ("soon", "~ Acknowledged"),
        (true, SecuringStep::Asked) => ("late", "! Not acknowledged"),
        (true, SecuringStep::Acknowledged(_)) => ("late", "! Acknowledged, not verified"),
    }
}

fn line(one: &OpenSecuring, now: Timestamp) -> Line {
    let (class, state) = state(one);
    Line {
        job: one.job.to_string(),
        code: one.code.clone(),
        action: format!("{}: {}", verb(one.verb), action(&one.action)),
        class,
        state,
        since: clock::short(one.since),
        tries: one.tries,
        last: one.last_at.map(clock::short).unwrap_or_default(),
        next: if one.next_at > now {
            clock::short(one.next_at)
        } else {
            "now".to_owned()
        },
    }
}

fn document(view: &SecuringView) -> Value {
    let line = |one: &OpenSecuring| {
        let acknowledged = match one.step {
            SecuringStep::Asked => None,
            SecuringStep::Acknowledged(at) => Some(at.millis()),
        };
        json!({
            "job": one.job,
            "case": one.case,
            "code": one.code,
            "action": one.action,
            "verb": one.verb,
            "state": one.step.name(),
            "failed": one.failed,
            "acknowledged_at": acknowledged,
            "since": one.since.millis(),
            "tries": one.tries,
            "last_at": one.last_at.map(Timestamp::millis),
            "next_at": one.next_at.millis(),
        })
    };
    json!({
        "all": view.all,
        "securing": view.open.iter().map(line).collect::<Vec<_>>(),
    })
}

/// `GET /console/securing`.
pub(crate) async fn show(visit: Visit, Query(said): Query<Said>) -> Result<Response, Failure> {
    let view = visit.engine().securing_view(visit.staff()?).await?;
    if visit.client.wants_json {
        return Ok(Json(document(&view)).into_response());
    }
    let frame = ConsoleFrame::new(&visit, said.said.as_deref());
    visit.page(&SecuringPage::new(frame, &view, None))
}

/// What is to be tried at once, as scripts send it.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Wanted {
    /// The identifier of a job.
    #[serde(default)]
    job: String,
}

/// `POST /console/securing`: has one tried at once.
pub(crate) async fn try_now(mut visit: Visit, sent: Sent) -> Result<Response, Failure> {
    let posted = match sent {
        Sent::Form(posted) => posted,
        Sent::Json(value) => {
            let wanted = Sent::json::<Wanted>(value)?;
            let staff = visit.staff()?;
            visit.engine().secure_now(staff, &wanted.job).await?;
            return Ok(Json(json!({ "job": wanted.job })).into_response());
        }
    };
    if let Some(answer) = visit.served(&posted) {
        return Ok(answer);
    }
    let staff = visit.staff()?;
    let tried = visit.engine().secure_now(staff, &posted.line("job")).await;
    match tried {
        Ok(()) => visit.done(&posted, &format!("{PAGE}?said=tried")).await,
        Err(EngineError::Input { sentence, .. }) => {
            let view = visit.engine().securing_view(visit.staff()?).await?;
            let frame = ConsoleFrame::new(&visit, None);
            visit.again(&SecuringPage::new(frame, &view, Some(sentence)))
        }
        Err(error) => Err(error.into()),
    }
}
