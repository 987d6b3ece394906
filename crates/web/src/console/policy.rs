//! The policy: what counts, what waits for two seniors, who did what.

use askama::Template;
use axum::Json;
use axum::extract::Query;
use axum::response::{IntoResponse, Response};
use engine::views::{PolicyView, ProposalView};
use engine::{Confirmed, EngineError};
use serde::Deserialize;
use serde_json::{Value, json};

use super::Said;
use super::clock;
use super::frame::ConsoleFrame;
use super::sent::Sent;
use crate::error::Failure;
use crate::visit::Visit;

/// A row of the log: when, who, what, which version.
struct Step {
    at: String,
    who: String,
    what: &'static str,
    version: String,
}

/// The policy.
#[derive(Template)]
#[template(path = "console/policy.html")]
struct PolicyPage {
    frame: ConsoleFrame,
    problem: Option<String>,
    published: Vec<(String, String)>,
    proposal: Option<ProposalView>,
    proposed_at: String,
    first_at: String,
    may_confirm: bool,
    log: Vec<Step>,
}

impl PolicyPage {
    fn new(frame: ConsoleFrame, view: PolicyView, problem: Option<String>) -> Self {
        let proposal = view.proposal.as_ref();
        let proposed_at = proposal.map(|waiting| clock::short(waiting.proposed_at));
        let first_at = proposal.and_then(|waiting| waiting.first_at);
        let published = view.published.into_iter();
        let log = view.log.into_iter().map(|step| Step {
            at: clock::short(step.at),
            who: step.who.unwrap_or_else(|| "on the machine".to_owned()),
            what: what(&step.what),
            version: step.version,
        });
        Self {
            frame,
            problem,
            published: published
                .map(|one| (one.version, clock::short(one.from)))
                .collect(),
            proposed_at: proposed_at.unwrap_or_default(),
            first_at: first_at.map(clock::short).unwrap_or_default(),
            may_confirm: view.may_confirm && proposal.is_some_and(|waiting| !waiting.own),
            log: log.collect(),
            proposal: view.proposal,
        }
    }
}

/// The log's words.
fn what(code: &str) -> &'static str {
    match code {
        "proposed" => "Proposed",
        "replaced" => "Replaced by another proposal",
        "confirmed" => "Confirmed",
        "published" => "Published",
        _ => "Something else",
    }
}

fn document(view: &PolicyView) -> Value {
    let proposal = view.proposal.as_ref().map(|waiting| {
        json!({
            "version": waiting.version,
            "digest": waiting.digest,
            "proposed_at": waiting.proposed_at.millis(),
            "changes": waiting.changes,
            "first_by": waiting.first_by,
        })
    });
    let published: Vec<Value> = view
        .published
        .iter()
        .map(|one| json!({ "version": one.version, "from": one.from.millis() }))
        .collect();
    let log: Vec<Value> = view
        .log
        .iter()
        .map(|step| {
            json!({
                "at": step.at.millis(),
                "who": step.who,
                "what": step.what,
                "version": step.version,
            })
        })
        .collect();
    json!({ "published": published, "proposal": proposal, "log": log })
}

/// `GET /console/policy`.
pub(crate) async fn show(visit: Visit, Query(said): Query<Said>) -> Result<Response, Failure> {
    let view = visit.engine().policy_view(visit.staff()?).await?;
    if visit.client.wants_json {
        return Ok(Json(document(&view)).into_response());
    }
    let frame = ConsoleFrame::new(&visit, said.said.as_deref());
    visit.page(&PolicyPage::new(frame, view, None))
}

/// A confirmation, as scripts send it.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Confirmation {
    /// Digest of the proposal that was looked at.
    digest: String,
}

/// `POST /console/policy`: confirms the proposal that was looked at.
pub(crate) async fn confirm(mut visit: Visit, sent: Sent) -> Result<Response, Failure> {
    let posted = match sent {
        Sent::Form(posted) => posted,
        Sent::Json(value) => {
            let typed = Sent::json::<Confirmation>(value)?;
            let staff = visit.staff()?;
            let done = visit.engine().confirm_policy(staff, &typed.digest).await?;
            let published = done == Confirmed::Published;
            return Ok(Json(json!({ "published": published })).into_response());
        }
    };
    if let Some(answer) = visit.served(&posted) {
        return Ok(answer);
    }
    let digest = posted.line("digest");
    let done = visit.engine().confirm_policy(visit.staff()?, &digest);
    let to = match done.await {
        Ok(Confirmed::First) => "/console/policy?said=confirmed",
        Ok(Confirmed::Published) => "/console/policy?said=published",
        Err(EngineError::Input { sentence, .. }) => {
            let view = visit.engine().policy_view(visit.staff()?).await?;
            let frame = ConsoleFrame::new(&visit, None);
            return visit.again(&PolicyPage::new(frame, view, Some(sentence)));
        }
        Err(error) => return Err(error.into()),
    };
    visit.done(&posted, to).await
}
