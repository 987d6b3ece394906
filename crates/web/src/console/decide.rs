//! Step 7: the verdict form, a page that says it back in plain words, then the act.

use askama::Template;
use axum::Json;
use axum::extract::Path;
use axum::response::{IntoResponse, Response};
use engine::inputs::VerdictForm;
use engine::views::CaseFile;
use recovery::actor::Rank;
use recovery::case::{Decision, Part};
use recovery::evidence::EvidenceKind;
use serde_json::json;

use super::case::{case_id, moved_on};
use super::frame::ConsoleFrame;
use super::labels::{self, Label};
use super::sent::Sent;
use super::steps::{self, Step};
use super::verdict::{self, Demands, Problem, Typed};
use super::view::{self, Head};
use crate::error::{Failure, FieldError};
use crate::form::Posted;
use crate::visit::Visit;

/// One choice of a form.
#[derive(Debug, Clone)]
pub(crate) struct Choice {
    pub(crate) code: String,
    pub(crate) words: String,
    pub(crate) chosen: bool,
}

pub(crate) fn choices(list: &[Label], chosen: impl Fn(&str) -> bool) -> Vec<Choice> {
    list.iter()
        .map(|(code, words)| Choice {
            code: (*code).to_owned(),
            words: (*words).to_owned(),
            chosen: chosen(code),
        })
        .collect()
}

struct Question {
    legend: &'static str,
    field: String,
    options: Vec<Choice>,
}

struct Group {
    name: &'static str,
    legend: &'static str,
    options: Vec<Choice>,
}

struct Item {
    name: &'static str,
    words: &'static str,
    options: Vec<Choice>,
}

/// The verdict form.
#[derive(Template)]
#[template(path = "console/decide.html")]
pub struct DecidePage {
    frame: ConsoleFrame,
    head: Head,
    problems: Vec<Problem>,
    open: Vec<(usize, &'static str)>,
    questions: Vec<Question>,
    decisions: Vec<Choice>,
    groups: Vec<Group>,
    items: Vec<Item>,
    exceptions: Vec<Choice>,
    needs_exception: bool,
    note_min: usize,
    note: String,
}

impl DecidePage {
    pub(crate) fn new(
        frame: ConsoleFrame,
        file: &CaseFile,
        typed: &Typed,
        demands: &Demands,
        problems: Vec<Problem>,
    ) -> Self {
        Self {
            frame,
            head: Head::new(file, Step::Decide),
            problems,
            open: Step::ALL
                .into_iter()
                .filter(|step| demands.unanswered.contains(&step.number()))
                .map(|step| (step.number(), step.slug()))
                .collect(),
            questions: questions(typed),
            decisions: labels::DECISIONS
                .iter()
                .map(|(_, name, verb)| Choice {
                    code: (*name).to_owned(),
                    words: (*verb).to_owned(),
                    chosen: typed.decision == *name,
                })
                .collect(),
            groups: groups(typed),
            items: items(file, typed),
            exceptions: if demands.exception {
                choices(labels::EXCEPTIONS, |code| {
                    typed.exception.as_deref() == Some(code)
                })
            } else {
                Vec::new()
            },
            needs_exception: file.needs_exception,
            note_min: demands.note_min,
            note: typed.note.clone(),
        }
    }

    /// An empty form, for looking at it.
    #[must_use]
    pub fn empty(frame: ConsoleFrame, file: &CaseFile, note_min: usize) -> Self {
        let demands = demands(file, note_min);
        Self::new(frame, file, &Typed::default(), &demands, Vec::new())
    }

    fn wrong(&self, field: &str) -> bool {
        self.problems.iter().any(|problem| problem.field == field)
    }
}

fn questions(typed: &Typed) -> Vec<Question> {
    let answer = |place: usize| typed.answers.get(place).map_or("", String::as_str);
    labels::QUESTIONS
        .iter()
        .enumerate()
        .map(|(place, (name, legend))| Question {
            legend,
            field: format!("answer.{name}"),
            options: choices(labels::ANSWERS, |code| answer(place) == code),
        })
        .collect()
}

fn groups(typed: &Typed) -> Vec<Group> {
    let legend = |decision| match decision {
        Decision::Approve => "Why give access?",
        Decision::Reject => "Why not?",
        Decision::Escalate | Decision::AskAgain => "Why give it to seniors?",
    };
    labels::DECISIONS
        .iter()
        .filter(|(decision, _, _)| *decision != Decision::AskAgain)
        .map(|(decision, name, _)| Group {
            name,
            legend: legend(*decision),
            options: choices(labels::codes_of(*decision), |code| {
                typed.codes.iter().any(|known| known == code)
            }),
        })
        .collect()
}

/// Everything that was sent, and the required parts.
fn items(file: &CaseFile, typed: &Typed) -> Vec<Item> {
    EvidenceKind::ALL
        .into_iter()
        .filter(|kind| {
            *kind != EvidenceKind::Screenshot || file.evidence.iter().any(|e| e.kind == *kind)
        })
        .map(|kind| {
            let chosen = |code: &str| {
                let is = |item: &verdict::TypedItem| item.kind == kind.name() && item.code == code;
                typed.items.iter().any(is)
            };
            let option = |reason: &recovery::reason::Reason| Choice {
                code: reason.code.to_owned(),
                words: reason.headline.to_owned(),
                chosen: chosen(reason.code),
            };
            Item {
                name: kind.name(),
                words: labels::evidence(kind),
                options: labels::ask_again(kind).into_iter().map(option).collect(),
            }
        })
        .collect()
}

/// The verdict said back in plain words.
#[derive(Template)]
#[template(path = "console/confirm.html")]
pub(crate) struct ConfirmPage {
    pub(crate) frame: ConsoleFrame,
    pub(crate) verb: String,
    pub(crate) joint: &'static str,
    pub(crate) code: String,
    pub(crate) after: &'static str,
    pub(crate) reasons: Vec<&'static str>,
    pub(crate) mail: Vec<(&'static str, &'static str)>,
    pub(crate) action: String,
    pub(crate) fields: Vec<(String, String)>,
    pub(crate) button: String,
    pub(crate) back: String,
}

/// What follows, by decision and part.
const fn after(decision: Decision, part: Part) -> &'static str {
    match (decision, part) {
        (Decision::AskAgain, _) => "The applicant is asked at once.",
        (Decision::Escalate, _) => "A senior decides without seeing your answer.",
        (Decision::Approve | Decision::Reject, Part::First) => {
            "A second person decides without seeing your answer."
        }
        (Decision::Approve | Decision::Reject, _) => {
            "Two people must agree. If you differ, a senior decides."
        }
    }
}

fn confirm(frame: ConsoleFrame, file: &CaseFile, typed: &Typed, form: &VerdictForm) -> ConfirmPage {
    let verb = labels::decision_verb(form.decision);
    let base = view::base(&file.case);
    let list = labels::codes_of(form.decision);
    ConfirmPage {
        frame,
        verb: lower_start(verb),
        joint: match form.decision {
            Decision::Approve | Decision::Reject => "to",
            Decision::AskAgain => "in",
            Decision::Escalate => "the case",
        },
        code: file.code.clone(),
        after: after(form.decision, file.part),
        reasons: form
            .codes
            .iter()
            .filter_map(|code| labels::word(list, code))
            .collect(),
        mail: verdict::preview(&form.items),
        action: format!("{base}/verdict"),
        fields: typed.to_fields(),
        button: verb.to_owned(),
        back: format!("{base}/decide"),
    }
}

fn lower_start(words: &str) -> String {
    let mut letters = words.chars();
    letters
        .next()
        .into_iter()
        .flat_map(char::to_lowercase)
        .chain(letters)
        .collect()
}

/// What this case asks of a verdict of this person.
pub(crate) fn demands(file: &CaseFile, note_min: usize) -> Demands {
    Demands {
        unanswered: steps::unanswered(file),
        exception: file.needs_exception
            && match file.part {
                Part::Senior => file.rank == Rank::Senior,
                Part::Contest => true,
                Part::First | Part::Second => false,
            },
        note_min,
    }
}

/// Characters a refusal's note needs, by policy.
pub(crate) fn note_min(visit: &Visit) -> usize {
    usize::try_from(visit.engine().policy().review.note_characters_min).unwrap_or(usize::MAX)
}

/// `GET /console/case/{id}/decide`.
pub(crate) fn show(
    visit: &Visit,
    file: &CaseFile,
    said: Option<&str>,
) -> Result<Response, Failure> {
    let frame = ConsoleFrame::new(visit, said);
    visit.page(&DecidePage::empty(frame, file, note_min(visit)))
}

/// Every field of a posted form, by the names of the page.
fn fields_of(posted: &Posted) -> Vec<(String, String)> {
    let mut names = vec!["decision".to_owned(), "exception".to_owned()];
    names.extend(
        labels::QUESTIONS
            .iter()
            .map(|(name, _)| format!("answer.{name}")),
    );
    names.extend(
        EvidenceKind::ALL
            .iter()
            .map(|kind| format!("item.{}", kind.name())),
    );
    names.extend(
        labels::DECISIONS
            .iter()
            .map(|(_, name, _)| format!("code.{name}")),
    );
    let mut fields: Vec<(String, String)> = names
        .into_iter()
        .flat_map(|name| {
            let values = posted.all(&name);
            values.into_iter().map(move |value| (name.clone(), value))
        })
        .collect();
    fields.push(("note".to_owned(), posted.raw("note").to_owned()));
    fields
}

/// Problems as scripts read them.
pub(crate) fn problem_document(problems: Vec<Problem>) -> Response {
    let errors: Vec<FieldError> = problems
        .into_iter()
        .map(|problem| FieldError {
            field: problem.field,
            code: "verdict",
            sentence: problem.sentence,
        })
        .collect();
    crate::error::problem_of_fields(&errors)
}

/// `POST /console/case/{id}/verdict`: checks, says it back, acts when confirmed. Scripts act at
/// once.
pub(crate) async fn verdict(
    visit: Visit,
    Path(case): Path<String>,
    sent: Sent,
) -> Result<Response, Failure> {
    let id = case_id(&case)?;
    let file = match visit.engine().case_file(visit.staff()?, &id).await {
        Ok(file) => file,
        Err(error) => return moved_on(&visit, error).await,
    };
    let (typed, confirmed) = match &sent {
        Sent::Form(posted) => {
            let typed = Typed::from_fields(&fields_of(posted));
            (typed, posted.line("confirmed") == "yes")
        }
        Sent::Json(value) => (Sent::json::<Typed>(value.clone())?, true),
    };
    let demands = demands(&file, note_min(&visit));
    let form = match typed.check(&demands) {
        Ok(form) => form,
        Err(problems) if matches!(sent, Sent::Json(_)) => return Ok(problem_document(problems)),
        Err(problems) => {
            let frame = ConsoleFrame::new(&visit, None);
            return visit.again(&DecidePage::new(frame, &file, &typed, &demands, problems));
        }
    };
    if !confirmed {
        let frame = ConsoleFrame::new(&visit, None);
        return visit.page(&confirm(frame, &file, &typed, &form));
    }
    if let Err(error) = visit.engine().give_verdict(visit.staff()?, &id, form).await {
        return moved_on(&visit, error).await;
    }
    if matches!(sent, Sent::Json(_)) {
        return Ok(Json(json!({ "recorded": true })).into_response());
    }
    Ok(visit.go("/console?said=decided"))
}
