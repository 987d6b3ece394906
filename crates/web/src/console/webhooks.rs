//! Webhooks: the endpoints, what became of the newest, and sending again.

use askama::Template;
use axum::Json;
use axum::extract::Query;
use axum::response::{IntoResponse, Response};
use engine::views::{EndpointView, WebhookState, WebhookView, WebhooksView};
use engine::{Again, EngineError};
use recovery::time::Timestamp;
use serde::Deserialize;
use serde_json::{Value, json};

use super::Said;
use super::clock;
use super::frame::ConsoleFrame;
use super::sent::Sent;
use crate::error::Failure;
use crate::visit::Visit;

/// An endpoint in words.
struct Endpoint {
    name: String,
    place: String,
    events: String,
    class: &'static str,
    state: String,
    counts: [u64; 4],
}

/// A webhook in words.
struct Line {
    id: String,
    at: String,
    endpoint: String,
    kind: String,
    class: &'static str,
    state: &'static str,
    tries: u32,
    answer: String,
    next: String,
    again: bool,
}

/// The webhooks.
#[derive(Template)]
#[template(path = "console/webhooks.html")]
pub struct WebhooksPage {
    frame: ConsoleFrame,
    problem: Option<String>,
    endpoints: Vec<Endpoint>,
    lines: Vec<Line>,
    may_send: bool,
}

impl WebhooksPage {
    /// From what the engine knows; `problem` says why the last press led to nothing.
    #[must_use]
    pub fn new(frame: ConsoleFrame, view: &WebhooksView, problem: Option<String>) -> Self {
        let line = |webhook: &WebhookView| line(webhook, view.may_send);
        Self {
            frame,
            problem,
            endpoints: view.endpoints.iter().map(endpoint).collect(),
            lines: view.webhooks.iter().map(line).collect(),
            may_send: view.may_send,
        }
    }

    fn states() -> impl Iterator<Item = &'static str> {
        WebhookState::ALL.iter().map(|state| words(*state).1)
    }
}

/// A state as a tag: its class, and its words with a mark, for colour only helps.
const fn words(state: WebhookState) -> (&'static str, &'static str) {
    match state {
        WebhookState::Waiting => ("soon", "~ Waiting"),
        WebhookState::Delivered => ("ok", "= Delivered"),
        WebhookState::GivenUp => ("late", "! Given up"),
        WebhookState::Disabled => ("neutral", "# Endpoint off"),
    }
}

fn endpoint(view: &EndpointView) -> Endpoint {
    let (class, state) = match (&view.origin, view.disabled_at) {
        (None, _) => ("neutral", "# Not configured any more".to_owned()),
        (_, Some(since)) => (
            "late",
            format!("! Off since {}: it answered 410", clock::short(since)),
        ),
        _ => ("ok", "= On".to_owned()),
    };
    let events = if view.events.is_empty() {
        "all".to_owned()
    } else {
        view.events.join(", ")
    };
    Endpoint {
        name: view.name.clone(),
        place: view.origin.clone().unwrap_or_default(),
        events,
        class,
        state,
        counts: view.counts,
    }
}

fn line(webhook: &WebhookView, may_send: bool) -> Line {
    let (class, state) = words(webhook.state);
    let answer = match webhook.answer.as_deref() {
        None => "None yet".to_owned(),
        Some("late") => "None in time".to_owned(),
        Some("unreachable") => "Not reachable".to_owned(),
        Some("forbidden") => "Address not public".to_owned(),
        Some(status) => status.to_owned(),
    };
    Line {
        id: webhook.id.to_string(),
        at: clock::short(webhook.at),
        endpoint: webhook.endpoint.clone(),
        kind: webhook.kind.clone(),
        class,
        state,
        tries: webhook.tries,
        answer,
        next: webhook.next_at.map(clock::short).unwrap_or_default(),
        again: may_send && webhook.state != WebhookState::Waiting,
    }
}

fn document(view: &WebhooksView) -> Value {
    let endpoint = |one: &EndpointView| {
        let counts = WebhookState::ALL.iter().zip(one.counts);
        let counts: serde_json::Map<String, Value> = counts
            .map(|(state, count)| (state.name().to_owned(), json!(count)))
            .collect();
        json!({
            "name": one.name,
            "origin": one.origin,
            "events": one.events,
            "disabled_at": one.disabled_at.map(Timestamp::millis),
            "counts": counts,
        })
    };
    let webhook = |one: &WebhookView| {
        json!({
            "id": one.id,
            "endpoint": one.endpoint,
            "type": one.kind,
            "at": one.at.millis(),
            "state": one.state.name(),
            "tries": one.tries,
            "answer": one.answer,
            "next_at": one.next_at.map(Timestamp::millis),
        })
    };
    json!({
        "endpoints": view.endpoints.iter().map(endpoint).collect::<Vec<_>>(),
        "webhooks": view.webhooks.iter().map(webhook).collect::<Vec<_>>(),
    })
}

/// `GET /console/webhooks`.
pub(crate) async fn show(visit: Visit, Query(said): Query<Said>) -> Result<Response, Failure> {
    let view = visit.engine().webhooks_view(visit.staff()?).await?;
    if visit.client.wants_json {
        return Ok(Json(document(&view)).into_response());
    }
    let frame = ConsoleFrame::new(&visit, said.said.as_deref());
    visit.page(&WebhooksPage::new(frame, &view, None))
}

/// What is to be sent again, as scripts send it: one of both.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Wanted {
    /// The identifier of a webhook.
    #[serde(default)]
    webhook: String,
    /// A day: everything since its beginning that was not taken.
    #[serde(default)]
    since: String,
}

fn again(wanted: &Wanted) -> Result<Again, EngineError> {
    let wrong = |field, code, sentence: &str| EngineError::Input {
        field,
        code,
        sentence: sentence.to_owned(),
    };
    if !wanted.webhook.is_empty() {
        let unknown = "There is no such webhook";
        let id = wanted.webhook.parse();
        return id
            .map(Again::One)
            .map_err(|_| wrong("webhook", "webhook_unknown", unknown));
    }
    let day = wanted.since.parse::<jiff::civil::Date>().ok();
    let start = day.and_then(|day| day.to_zoned_datetime(jiff::tz::TimeZone::UTC).ok());
    let start = start.ok_or_else(|| wrong("since", "day", "Enter a day, such as 2026-11-24"))?;
    Ok(Again::Since(Timestamp::from_millis(
        start.timestamp().as_millisecond(),
    )))
}

async fn send(visit: &Visit, wanted: &Wanted) -> Result<u64, Failure> {
    let engine = visit.engine();
    Ok(engine
        .send_webhooks_again(visit.staff()?, &again(wanted)?)
        .await?)
}

/// `POST /console/webhooks`: sends one again, or all since a day that were not taken.
pub(crate) async fn send_again(mut visit: Visit, sent: Sent) -> Result<Response, Failure> {
    let posted = match sent {
        Sent::Form(posted) => posted,
        Sent::Json(value) => {
            let count = send(&visit, &Sent::json::<Wanted>(value)?).await?;
            return Ok(Json(json!({ "webhooks": count })).into_response());
        }
    };
    if let Some(answer) = visit.served(&posted) {
        return Ok(answer);
    }
    let wanted = Wanted {
        webhook: posted.line("webhook"),
        since: posted.line("since"),
    };
    let done = match again(&wanted) {
        Ok(again) => {
            let staff = visit.staff()?;
            visit.engine().send_webhooks_again(staff, &again).await
        }
        Err(error) => Err(error),
    };
    let to = match done {
        Ok(0) => "/console/webhooks?said=nothing",
        Ok(_) => "/console/webhooks?said=again",
        Err(EngineError::Input { sentence, .. }) => {
            let view = visit.engine().webhooks_view(visit.staff()?).await?;
            let frame = ConsoleFrame::new(&visit, None);
            return visit.again(&WebhooksPage::new(frame, &view, Some(sentence)));
        }
        Err(error) => return Err(error.into()),
    };
    visit.done(&posted, to).await
}
