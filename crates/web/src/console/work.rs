//! My work (UX.md D2): no pick list; cases come at random, without conflict of interest.

use askama::Template;
use axum::Json;
use axum::extract::Query;
use axum::response::{IntoResponse, Response};
use serde_json::json;

use super::Said;
use super::frame::ConsoleFrame;
use super::json;
use super::sent::Sent;
use super::view::{self, Row};
use crate::error::Failure;
use crate::visit::Visit;

/// My work.
#[derive(Template)]
#[template(path = "console/work.html")]
pub struct WorkPage {
    /// The frame.
    frame: ConsoleFrame,
    /// Cases of this person, by due time.
    rows: Vec<Row>,
    /// "12 waiting, oldest 1 d 4 h".
    waiting_words: String,
    /// What an empty list says.
    empty_words: String,
}

impl WorkPage {
    /// From what the engine knows.
    #[must_use]
    pub fn new(frame: ConsoleFrame, work: &engine::views::WorkView) -> Self {
        Self {
            frame,
            rows: view::rows(work),
            waiting_words: view::waiting(work),
            empty_words: view::empty(work),
        }
    }
}

/// `GET /console`.
pub(crate) async fn show(visit: Visit, Query(said): Query<Said>) -> Result<Response, Failure> {
    let work = visit.engine().work(visit.staff()?).await?;
    if visit.client.wants_json {
        return Ok(Json(json::work(&work)).into_response());
    }
    let frame = ConsoleFrame::new(&visit, said.said.as_deref());
    visit.page(&WorkPage::new(frame, &work))
}

/// `POST /console/take`.
pub(crate) async fn take(mut visit: Visit, sent: Sent) -> Result<Response, Failure> {
    let posted = match sent {
        Sent::Form(posted) => posted,
        Sent::Json(_) => {
            let case = visit.engine().take_next(visit.staff()?).await?;
            let href = case.as_ref().map(view::base);
            return Ok(Json(json!({ "case": case, "href": href })).into_response());
        }
    };
    if let Some(answer) = visit.served(&posted) {
        return Ok(answer);
    }
    let case = visit.engine().take_next(visit.staff()?).await?;
    let to = case.map_or_else(|| "/console?said=none".to_owned(), |case| view::base(&case));
    visit.done(&posted, &to).await
}
