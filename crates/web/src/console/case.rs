//! A case, step by step; own opinions; handing back.

use askama::Template;
use axum::Json;
use axum::extract::{Path, Query};
use axum::response::{IntoResponse, Response};
use engine::EngineError;
use engine::views::CaseFile;
use http::StatusCode;
use recovery::case::{Part, Refusal};
use recovery::id::CaseId;
use serde::Deserialize;
use serde_json::json;

use super::Said;
use super::exhibits::{self, Fact, Figure};
use super::frame::ConsoleFrame;
use super::labels::{self, Label};
use super::sent::Sent;
use super::steps::{self, Step};
use super::verdict::Problem;
use super::view::{self, FindingLine, Head};
use super::{clock, json};
use crate::error::{Failure, FieldError};
use crate::visit::{Visit, render};

const CHOOSE_ANSWER: &str = "Choose what you see";

/// One of the first six steps.
#[derive(Template)]
#[template(path = "console/step.html")]
pub struct StepPage {
    frame: ConsoleFrame,
    head: Head,
    number: usize,
    name: &'static str,
    slug: &'static str,
    lead: &'static str,
    problems: Vec<Problem>,
    figures: Vec<Figure>,
    /// Upright faces of one size.
    faces: Vec<Figure>,
    /// Where the sound of the phrase is.
    phrase: Option<String>,
    wide: bool,
    said_title: &'static str,
    said: Vec<String>,
    facts_title: &'static str,
    facts: Vec<Fact>,
    later: Vec<&'static str>,
    question: &'static str,
    options: &'static [Label],
    answered: Option<&'static str>,
    sealed: bool,
    findings_title: &'static str,
    findings: Vec<FindingLine>,
    next: Option<(String, &'static str)>,
}

impl StepPage {
    /// A step of a case.
    #[must_use]
    pub fn new(frame: ConsoleFrame, file: &CaseFile, step: Step) -> Self {
        let findings = view::findings_of(file, step);
        let figures = exhibits::figures(file, step);
        let outlined = |number: &usize| exhibits::outlined(&figures, *number).is_some();
        Self {
            frame,
            head: Head::new(file, step),
            number: step.number(),
            name: step.name(),
            slug: step.slug(),
            lead: step.lead(),
            problems: Vec::new(),
            faces: exhibits::faces(file, step),
            phrase: exhibits::phrase(file, step),
            wide: matches!(step, Step::Document | Step::Words),
            said_title: "The note must show these lines, the video must say the last one",
            said: if step == Step::Words {
                let spoken = std::iter::once(&file.phrase);
                file.note_lines.iter().chain(spoken).cloned().collect()
            } else {
                Vec::new()
            },
            facts_title: match step {
                Step::Real => "What was sent",
                Step::Memory => "What was recalled",
                Step::Words => "When each digit was heard",
                _ => "The record",
            },
            facts: exhibits::facts(file, step),
            later: view::later(file, step),
            question: step.question(),
            options: step.options(),
            answered: step
                .answer_in(file)
                .and_then(|code| labels::word(step.options(), code)),
            sealed: view::sealed(file, step),
            findings_title: if step == Step::Person {
                "What the software says"
            } else {
                "What the checks found"
            },
            findings: findings
                .into_iter()
                .zip(1..)
                .map(|(finding, number)| view::finding_line(finding, Some(number).filter(outlined)))
                .collect(),
            figures,
            next: view::next(file, step),
        }
    }

    fn failing(mut self, sentence: &'static str) -> Self {
        self.problems = vec![Problem {
            field: "answer",
            sentence: sentence.to_owned(),
        }];
        self
    }
}

#[derive(Template)]
#[template(path = "console/moved.html")]
struct MovedPage {
    frame: ConsoleFrame,
    at: String,
    changed: String,
}

#[derive(Template)]
#[template(path = "console/hand_back.html")]
struct HandBackPage {
    frame: ConsoleFrame,
    code: String,
    base: String,
}

/// The case of an address; whatever is no identifier is simply not there.
pub(crate) fn case_id(text: &str) -> Result<CaseId, Failure> {
    text.parse().map_err(|_| Failure::NotFound)
}

/// The file of a case this person holds.
pub(crate) async fn file(visit: &Visit, case: &CaseId) -> Result<CaseFile, Failure> {
    Ok(visit.engine().case_file(visit.staff()?, case).await?)
}

/// When an action met a case that is no longer this person's: the page says when and what, and
/// that nothing was saved (UX.md D6).
pub(crate) async fn moved_on(visit: &Visit, error: EngineError) -> Result<Response, Failure> {
    let changed = match &error {
        EngineError::MovedOn => "Somebody else acted on it in the same moment.".to_owned(),
        EngineError::NotFound | EngineError::Refused(Refusal::NotAssigned) => {
            "It is not yours any more: the time to decide was over, or it was handed on.".to_owned()
        }
        EngineError::Refused(Refusal::Conflict) => {
            "You know this person or case. Hand it back.".to_owned()
        }
        EngineError::Refused(refusal @ (Refusal::WrongStep | Refusal::AlreadyApproved)) => {
            format!("{}.", exhibits::sentence_start(&refusal.to_string()))
        }
        _ => return Err(error.into()),
    };
    if visit.client.wants_json {
        return Err(error.into());
    }
    let now = visit.engine().now().await?;
    let page = MovedPage {
        frame: ConsoleFrame::new(visit, None),
        at: clock::time(now),
        changed,
    };
    render(StatusCode::CONFLICT, &page)
}

/// `GET /console/case/{id}`: on to the first open step; the whole file for scripts.
pub(crate) async fn open(
    visit: Visit,
    Path(case): Path<String>,
    Query(said): Query<Said>,
) -> Result<Response, Failure> {
    let file = file(&visit, &case_id(&case)?).await?;
    if visit.client.wants_json {
        return Ok(Json(json::case(&file)).into_response());
    }
    let step = steps::next_open(&file).slug();
    let said = said.suffix();
    Ok(visit.go(&format!("{}/{step}{said}", view::base(&file.case))))
}

/// `GET /console/case/{id}/{step}`.
pub(crate) async fn step(
    visit: Visit,
    Path((case, step)): Path<(String, String)>,
    Query(said): Query<Said>,
) -> Result<Response, Failure> {
    let step = Step::named(&step).ok_or(Failure::NotFound)?;
    let file = file(&visit, &case_id(&case)?).await?;
    let base = view::base(&file.case);
    if !step.open_in(&file) {
        let first = steps::next_open(&file).slug();
        return Ok(visit.go(&format!("{base}/{first}?said=order")));
    }
    if step == Step::Decide {
        return if file.part == Part::Contest {
            Ok(visit.go(&format!("/console/contested/{}", file.case)))
        } else {
            super::decide::show(&visit, &file, said.said.as_deref())
        };
    }
    let frame = ConsoleFrame::new(&visit, said.said.as_deref());
    visit.page(&StepPage::new(frame, &file, step))
}

/// An own opinion, as scripts send it.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Opinion {
    /// A step's name or number.
    step: String,
    /// One of the step's answers.
    answer: String,
}

/// `POST /console/case/{id}/opinion`: the own view, sealed before the software's is shown.
pub(crate) async fn opinion(
    visit: Visit,
    Path(case): Path<String>,
    sent: Sent,
) -> Result<Response, Failure> {
    let opinion = match &sent {
        Sent::Form(posted) => Opinion {
            step: posted.line("step"),
            answer: posted.line("answer"),
        },
        Sent::Json(value) => Sent::json(value.clone())?,
    };
    let id = case_id(&case)?;
    let step = Step::named(&opinion.step)
        .filter(|step| *step != Step::Decide)
        .ok_or(Failure::NotFound)?;
    let file = match visit.engine().case_file(visit.staff()?, &id).await {
        Ok(file) => file,
        Err(error) => return moved_on(&visit, error).await,
    };
    if labels::word(step.options(), &opinion.answer).is_none() {
        if visit.client.wants_json {
            return Err(Failure::Field(FieldError {
                field: "answer",
                code: "answer",
                sentence: CHOOSE_ANSWER.to_owned(),
            }));
        }
        let frame = ConsoleFrame::new(&visit, None);
        return visit.again(&StepPage::new(frame, &file, step).failing(CHOOSE_ANSWER));
    }
    if !step.open_in(&file) {
        return Err(step_shut());
    }
    // The first view stands: agreement is measured on what was said before the software spoke.
    if step.answer_in(&file).is_none() {
        let kept_as = step.kept_as();
        let saved = visit
            .engine()
            .save_opinion(visit.staff()?, &id, &kept_as, &opinion.answer)
            .await;
        if let Err(error) = saved {
            return moved_on(&visit, error).await;
        }
    }
    if matches!(sent, Sent::Json(_)) {
        let answer = json!({ "step": step.slug(), "number": step.number(), "saved": true });
        return Ok(Json(answer).into_response());
    }
    Ok(visit.go(&format!("{}/{}?said=saved", view::base(&id), step.slug())))
}

fn step_shut() -> Failure {
    Failure::Refused {
        code: "step_order",
        sentence: "that step opens when the earlier ones are answered".to_owned(),
    }
}

/// `GET /console/case/{id}/hand-back`.
pub(crate) async fn hand_back(visit: Visit, Path(case): Path<String>) -> Result<Response, Failure> {
    let file = file(&visit, &case_id(&case)?).await?;
    visit.page(&HandBackPage {
        frame: ConsoleFrame::new(&visit, None),
        base: view::base(&file.case),
        code: file.code,
    })
}

/// Handing back, as scripts send it.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct HandBack {
    /// The reviewer knows the person or the case.
    #[serde(default)]
    conflict: bool,
}

/// `POST /console/case/{id}/hand-back`.
pub(crate) async fn hand_back_done(
    visit: Visit,
    Path(case): Path<String>,
    sent: Sent,
) -> Result<Response, Failure> {
    let id = case_id(&case)?;
    let conflict = match &sent {
        Sent::Form(posted) => posted.line("conflict") == "yes",
        Sent::Json(value) => Sent::json::<HandBack>(value.clone())?.conflict,
    };
    if let Err(error) = visit
        .engine()
        .hand_back(visit.staff()?, &id, conflict)
        .await
    {
        return moved_on(&visit, error).await;
    }
    if matches!(sent, Sent::Json(_)) {
        return Ok(Json(json!({ "returned": true })).into_response());
    }
    Ok(visit.go("/console?said=returned"))
}
