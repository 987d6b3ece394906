//! One masked field, for a reason, for sixty seconds (UX.md D5, B10).

use askama::Template;
use axum::Json;
use axum::extract::{Path, Query};
use axum::response::{IntoResponse, Response};
use engine::views::Revealed;
use serde::Deserialize;
use serde_json::{Value, json};

use super::case::{case_id, file, moved_on};
use super::frame::ConsoleFrame;
use super::labels::{self, Label};
use super::sent::Sent;
use super::steps::Step;
use super::verdict::Problem;
use super::{exhibits, view};
use crate::error::{Failure, FieldError};
use crate::visit::Visit;

/// What the applicant typed, with links to explorers: no field of the record.
pub(crate) const ADDRESSES: &str = "addresses";
const CHOOSE_WHY: &str = "Choose why";

/// A field and the step it is asked from.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct Asked {
    field: String,
    #[serde(default)]
    step: String,
}

/// Asking for a field, as scripts send it.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Asking {
    field: String,
    reason: String,
}

#[derive(Template)]
#[template(path = "console/reveal.html")]
struct RevealPage {
    frame: ConsoleFrame,
    label: String,
    field: String,
    step: String,
    action: String,
    back: String,
    reasons: &'static [Label],
    problems: Vec<Problem>,
    viewer: String,
    values: Vec<Revealed>,
}

/// The page of a field that the record of this case has.
async fn page(visit: &Visit, case: &str, asked: &Asked) -> Result<RevealPage, Failure> {
    let id = case_id(case)?;
    let file = file(visit, &id).await?;
    let known = file.record.iter().map(|(label, _)| *label);
    let typed = (file.linked_addresses > 0).then_some(ADDRESSES);
    let field = known.chain(typed).find(|label| *label == asked.field);
    let field = field.ok_or(Failure::NotFound)?;
    let base = view::base(&id);
    let usual = if field == ADDRESSES {
        Step::Memory
    } else {
        Step::Document
    };
    let step = Step::named(&asked.step).unwrap_or(usual);
    Ok(RevealPage {
        frame: ConsoleFrame::new(visit, None),
        label: exhibits::sentence_start(field).to_lowercase(),
        field: field.to_owned(),
        step: step.slug().to_owned(),
        action: format!("{base}/reveal"),
        back: format!("{base}/{}", step.slug()),
        reasons: labels::REVEAL,
        problems: Vec::new(),
        viewer: visit.staff()?.name.clone(),
        values: Vec::new(),
    })
}

/// `GET /console/case/{id}/reveal?field=name`: asks why; shows nothing yet.
pub(crate) async fn ask(
    visit: Visit,
    Path(case): Path<String>,
    Query(asked): Query<Asked>,
) -> Result<Response, Failure> {
    let page = page(&visit, &case, &asked).await?;
    visit.page(&page)
}

/// `POST /console/case/{id}/reveal`: recorded with its reason, then shown.
pub(crate) async fn show(
    visit: Visit,
    Path(case): Path<String>,
    sent: Sent,
) -> Result<Response, Failure> {
    let id = case_id(&case)?;
    let (asked, reason) = match &sent {
        Sent::Form(posted) => {
            let asked = Asked {
                field: posted.line("field"),
                step: posted.line("step"),
            };
            (asked, posted.line("reason"))
        }
        Sent::Json(value) => {
            let asking: Asking = Sent::json(value.clone())?;
            let asked = Asked {
                field: asking.field,
                step: String::new(),
            };
            (asked, asking.reason)
        }
    };
    if labels::word(labels::REVEAL, &reason).is_none() {
        if matches!(sent, Sent::Json(_)) {
            return Err(Failure::Field(FieldError {
                field: "reason",
                code: "reason",
                sentence: CHOOSE_WHY.to_owned(),
            }));
        }
        let mut page = page(&visit, &case, &asked).await?;
        page.problems = vec![Problem {
            field: "reason",
            sentence: CHOOSE_WHY.to_owned(),
        }];
        return visit.again(&page);
    }
    let recorded = format!("reveal.{reason}");
    let values = visit
        .engine()
        .reveal(visit.staff()?, &id, &asked.field, &recorded)
        .await;
    let values = match values {
        Ok(values) => values,
        Err(error) => return moved_on(&visit, error).await,
    };
    if matches!(sent, Sent::Json(_)) {
        let answer = json!({ "field": asked.field, "value": told(&values) });
        return Ok(Json(answer).into_response());
    }
    let mut page = page(&visit, &case, &asked).await?;
    page.values = values;
    visit.page(&page)
}

/// For scripts: a field of the record as text, addresses as a list with their explorers.
fn told(values: &[Revealed]) -> Value {
    if let [
        Revealed {
            value,
            explorer: None,
        },
    ] = values
    {
        return json!(value.reveal());
    }
    let rows = values.iter().map(|one| {
        let explorer = one.explorer.as_ref();
        json!({
            "address": one.value.reveal(),
            "chain": explorer.map(|(chain, _)| chain.name()),
            "href": explorer.map(|(_, link)| link.reveal()),
        })
    });
    rows.collect()
}
