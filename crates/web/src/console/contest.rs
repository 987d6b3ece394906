//! Two sides, two uninvolved seniors, each sealed (UX.md D7).

use askama::Template;
use axum::Json;
use axum::extract::Path;
use axum::response::{IntoResponse, Response};
use engine::views::{CaseFile, OtherSide};
use recovery::case::{Part, Side, Winner};
use recovery::sensitive::Sensitive;
use serde::Deserialize;
use serde_json::json;

use super::case::{case_id, file, moved_on};
use super::decide::{Choice, ConfirmPage, choices, demands, note_min, problem_document};
use super::frame::ConsoleFrame;
use super::labels;
use super::sent::Sent;
use super::sides::{Fact, burden, other_side, own_side};
use super::steps::Step;
use super::verdict::{CHOOSE_EXCEPTION, NOTE_CHARACTERS_MAX, NOTE_TOO_LONG, Problem};
use super::view::Head;
use crate::error::Failure;
use crate::visit::Visit;

pub(crate) const CHOOSE_SIDE: &str = "Choose who is the holder";

/// A vote as typed; the same members as the JSON of scripts.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct TypedVote {
    /// `applicant`, `objector` or `neither`; or `ask_applicant` and `ask_objector` for more proof.
    winner: String,
    note: String,
    exception: Option<String>,
}

impl TypedVote {
    fn check(&self, exception: bool, note_min: usize) -> Result<Answer, Vec<Problem>> {
        let problem = |field, sentence: String| Problem { field, sentence };
        let winner = match answer_named(&self.winner) {
            Some(Answer::Winner(winner)) => winner,
            // Nothing is decided by it, so nothing has to be said for it.
            Some(ask @ Answer::Ask(_)) => return Ok(ask),
            None => return Err(vec![problem("winner", CHOOSE_SIDE.to_owned())]),
        };
        let mut problems = Vec::new();
        let chosen = self.exception.as_deref();
        let known = chosen.is_none_or(|code| labels::word(labels::EXCEPTIONS, code).is_some());
        let wanted = exception && winner == Winner::Applicant;
        if !known || (wanted && chosen.is_none()) {
            problems.push(problem("exception", CHOOSE_EXCEPTION.to_owned()));
        }
        let characters = self.note.trim().chars().count();
        if characters < note_min {
            let sentence = format!("Write at least {note_min} characters about what you saw");
            problems.push(problem("note", sentence));
        } else if characters > NOTE_CHARACTERS_MAX {
            problems.push(problem("note", NOTE_TOO_LONG.to_owned()));
        }
        if problems.is_empty() {
            Ok(Answer::Winner(winner))
        } else {
            Err(problems)
        }
    }
}

/// What a senior answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Answer {
    Winner(Winner),
    /// More from this side first.
    Ask(Side),
}

const fn answer_named(name: &str) -> Option<Answer> {
    Some(match name.as_bytes() {
        b"applicant" => Answer::Winner(Winner::Applicant),
        b"objector" => Answer::Winner(Winner::Objector),
        b"neither" => Answer::Winner(Winner::Neither),
        b"ask_applicant" => Answer::Ask(Side::Applicant),
        b"ask_objector" => Answer::Ask(Side::Objector),
        _ => return None,
    })
}

/// The contested case.
#[derive(Template)]
#[template(path = "console/contest.html")]
pub struct ContestPage {
    frame: ConsoleFrame,
    head: Head,
    case: String,
    problems: Vec<Problem>,
    side_a: Vec<Fact>,
    side_b: Vec<Fact>,
    burden: String,
    winners: Vec<Choice>,
    exceptions: Vec<Choice>,
    applicant: char,
    note_min: usize,
    note: String,
}

impl ContestPage {
    fn new(frame: ConsoleFrame, file: &CaseFile, typed: &TypedVote, note_min: usize) -> Self {
        let (applicant, objector) = (own_side(file), other_side(file));
        let (first, second) = if applicant_is_a(file) {
            (applicant, objector)
        } else {
            (objector, applicant)
        };
        Self {
            frame,
            head: Head::new(file, Step::Decide),
            case: file.case.to_string(),
            problems: Vec::new(),
            side_a: first,
            side_b: second,
            burden: burden(file, applicant_is_a(file)),
            winners: winners(file, &typed.winner),
            exceptions: if demands(file, note_min).exception {
                choices(labels::EXCEPTIONS, |code| {
                    typed.exception.as_deref() == Some(code)
                })
            } else {
                Vec::new()
            },
            applicant: if applicant_is_a(file) { 'A' } else { 'B' },
            note_min,
            note: typed.note.clone(),
        }
    }

    /// An empty form, for looking at it.
    #[must_use]
    pub fn empty(frame: ConsoleFrame, file: &CaseFile, note_min: usize) -> Self {
        Self::new(frame, file, &TypedVote::default(), note_min)
    }

    fn wrong(&self, field: &str) -> bool {
        self.problems.iter().any(|problem| problem.field == field)
    }
}

/// Which side stands first differs from assignment to assignment, and stays for one of them.
fn applicant_is_a(file: &CaseFile) -> bool {
    let last = file.assignment.as_str().bytes().last();
    last.is_some_and(|byte| byte.is_multiple_of(2))
}

fn winners(file: &CaseFile, typed: &str) -> Vec<Choice> {
    let (first, second) = if applicant_is_a(file) {
        ("applicant", "objector")
    } else {
        ("objector", "applicant")
    };
    let mut words = vec![
        (first, "Side A is the holder"),
        (second, "Side B is the holder"),
        ("neither", "Neither side showed it"),
    ];
    words.extend(more_proof(file));
    choices(&words, |code| typed == code)
}

/// From whom more can be asked still: each side once, and of two applicants the one of this case.
fn more_proof(file: &CaseFile) -> Vec<(&'static str, &'static str)> {
    let Some(contest) = &file.contest else {
        return Vec::new();
    };
    let a = applicant_is_a(file);
    let words = |first: bool| {
        if first {
            "More proof from side A first"
        } else {
            "More proof from side B first"
        }
    };
    let rival = matches!(contest.other, OtherSide::Rival(_));
    let open = |side: Side| !contest.asked.contains(&side);
    let own = open(Side::Applicant).then(|| ("ask_applicant", words(a)));
    let other = (!rival && open(Side::Objector)).then(|| ("ask_objector", words(!a)));
    let mut asked: Vec<_> = own.into_iter().chain(other).collect();
    asked.sort_unstable_by_key(|(_, words)| *words);
    asked
}

/// `GET /console/contested/{id}`.
pub(crate) async fn show(visit: Visit, Path(case): Path<String>) -> Result<Response, Failure> {
    let file = contested(&visit, &case).await?;
    if visit.client.wants_json {
        return Ok(Json(super::json::case(&file)).into_response());
    }
    let frame = ConsoleFrame::new(&visit, None);
    visit.page(&ContestPage::empty(frame, &file, note_min(&visit)))
}

async fn contested(visit: &Visit, case: &str) -> Result<CaseFile, Failure> {
    let file = file(visit, &case_id(case)?).await?;
    if file.part == Part::Contest {
        Ok(file)
    } else {
        Err(Failure::NotFound)
    }
}

/// `POST /console/contested/{id}`: checks, says it back, acts when confirmed.
pub(crate) async fn vote(
    visit: Visit,
    Path(case): Path<String>,
    sent: Sent,
) -> Result<Response, Failure> {
    let id = case_id(&case)?;
    let file = match visit.engine().case_file(visit.staff()?, &id).await {
        Ok(file) if file.part == Part::Contest => file,
        Ok(_) => return Err(Failure::NotFound),
        Err(error) => return moved_on(&visit, error).await,
    };
    let (typed, confirmed) = match &sent {
        Sent::Form(posted) => {
            let exception = posted.line("exception");
            let typed = TypedVote {
                winner: posted.line("winner"),
                note: posted.raw("note").to_owned(),
                exception: (!exception.is_empty()).then_some(exception),
            };
            (typed, posted.line("confirmed") == "yes")
        }
        Sent::Json(value) => (Sent::json::<TypedVote>(value.clone())?, true),
    };
    let note_min = note_min(&visit);
    let exception = demands(&file, note_min).exception;
    let answer = match typed.check(exception, note_min) {
        Ok(answer) => answer,
        Err(problems) if matches!(sent, Sent::Json(_)) => return Ok(problem_document(problems)),
        Err(problems) => {
            let frame = ConsoleFrame::new(&visit, None);
            let mut page = ContestPage::new(frame, &file, &typed, note_min);
            page.problems = problems;
            return visit.again(&page);
        }
    };
    if !confirmed {
        let frame = ConsoleFrame::new(&visit, None);
        return visit.page(&confirm(frame, &file, &typed));
    }
    let voted = match answer {
        Answer::Ask(side) => visit.engine().ask_proof(visit.staff()?, &id, side).await,
        Answer::Winner(winner) => {
            let note = Sensitive::new(typed.note.trim().to_owned());
            let reason = typed.exception.filter(|_| exception);
            let staff = visit.staff()?;
            visit.engine().vote(staff, &id, winner, note, reason).await
        }
    };
    if let Err(error) = voted {
        return moved_on(&visit, error).await;
    }
    if matches!(sent, Sent::Json(_)) {
        return Ok(Json(json!({ "recorded": true })).into_response());
    }
    Ok(visit.go("/console?said=decided"))
}

fn confirm(frame: ConsoleFrame, file: &CaseFile, typed: &TypedVote) -> ConfirmPage {
    let words = winners(file, &typed.winner)
        .into_iter()
        .find(|choice| choice.chosen)
        .map(|choice| choice.words)
        .unwrap_or_default();
    let mut fields = vec![
        ("winner".to_owned(), typed.winner.clone()),
        ("note".to_owned(), typed.note.clone()),
    ];
    if let Some(exception) = &typed.exception {
        fields.push(("exception".to_owned(), exception.clone()));
    }
    let address = format!("/console/contested/{}", file.case);
    ConfirmPage {
        frame,
        verb: words.clone(),
        joint: "in",
        code: file.code.clone(),
        after: match answer_named(&typed.winner) {
            Some(Answer::Ask(_)) => "They are told, and nobody decides before their time is over.",
            _ => "Another senior decides without seeing your answer.",
        },
        reasons: Vec::new(),
        mail: Vec::new(),
        action: address.clone(),
        fields,
        button: words,
        back: address,
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn a_vote_says_every_missing_field() {
        let sentences = |typed: &TypedVote, exception| {
            let problems = typed.check(exception, 40).unwrap_err();
            problems.into_iter().map(|p| p.sentence).collect::<Vec<_>>()
        };
        let mut typed = TypedVote::default();
        assert_eq!(sentences(&typed, true), ["Choose who is the holder"]);
        typed.winner = "applicant".to_owned();
        assert_eq!(
            sentences(&typed, true),
            [
                CHOOSE_EXCEPTION,
                "Write at least 40 characters about what you saw"
            ]
        );
        typed.note = "x".repeat(40);
        assert_eq!(sentences(&typed, true), [CHOOSE_EXCEPTION]);
        assert_eq!(
            typed.check(false, 40),
            Ok(Answer::Winner(Winner::Applicant))
        );
        typed.winner = "objector".to_owned();
        assert_eq!(typed.check(true, 40), Ok(Answer::Winner(Winner::Objector)));
        typed.exception = Some("because".to_owned());
        assert_eq!(sentences(&typed, true), [CHOOSE_EXCEPTION]);
        // To ask for more is no decision.
        let ask = TypedVote {
            winner: "ask_objector".to_owned(),
            ..TypedVote::default()
        };
        assert_eq!(ask.check(true, 40), Ok(Answer::Ask(Side::Objector)));
    }
}
