//! The verdict form (UX.md D6): what was typed becomes a verdict, or one exact sentence per field.

use engine::inputs::VerdictForm;
use recovery::case::{Decision, ReturnItem};
use recovery::evidence::EvidenceKind;
use recovery::reason;
use recovery::sensitive::Sensitive;
use serde::Deserialize;

use super::labels;

/// Most characters of a note.
pub(crate) const NOTE_CHARACTERS_MAX: usize = 4_000;
/// Most reasons of one decision: as many as the longest list has.
const CODES_MAX: usize = 9;
/// Most items of one request to send something again: one per kind of evidence.
const ITEMS_MAX: usize = EvidenceKind::ALL.len();

pub(crate) const CHOOSE_DECISION: &str = "Choose a decision";
pub(crate) const CHOOSE_REASON: &str = "Choose a reason";
pub(crate) const CHOOSE_ITEM: &str = "Choose at least one part and what is wrong with it";
pub(crate) const ANSWER_ALL: &str = "Answer all three questions";
pub(crate) const ALL_YES: &str =
    "Access can be given only when all three answers are yes. Ask again or give it to seniors";
pub(crate) const BELIEVED: &str = "That reason is told to the applicant. Give it only when all \
     three answers are yes; else choose another";
pub(crate) const CHOOSE_EXCEPTION: &str =
    "Choose why this is accepted although it was not captured live";
pub(crate) const NOTE_TOO_LONG: &str = "Write at most 4,000 characters";

/// What was typed, before anything is checked; the same members as the JSON of scripts.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Typed {
    /// `approve`, `ask_again`, `reject` or `escalate`.
    pub(crate) decision: String,
    /// Reasons of UX.md D6.
    pub(crate) codes: Vec<String>,
    /// `yes`, `no` or `unsure` to the three questions of M17, in their order.
    pub(crate) answers: Vec<String>,
    /// What to send again.
    pub(crate) items: Vec<TypedItem>,
    /// What the reviewer saw, in their words.
    pub(crate) note: String,
    /// Why evidence that was not captured live is accepted.
    pub(crate) exception: Option<String>,
}

/// One item to send again.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct TypedItem {
    /// Evidence, such as `id_front`.
    pub(crate) kind: String,
    /// A reason of UX.md B4.
    pub(crate) code: String,
}

/// What the case asks of this verdict.
#[derive(Debug, Clone, Default)]
pub(crate) struct Demands {
    /// Steps without an own answer, from 1.
    pub(crate) unanswered: Vec<usize>,
    /// A senior approves evidence that was not captured live.
    pub(crate) exception: bool,
    /// Characters of a note that refuses.
    pub(crate) note_min: usize,
}

/// What is wrong with one field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Problem {
    /// The field, as it is named in the form.
    pub(crate) field: &'static str,
    /// What to do.
    pub(crate) sentence: String,
}

impl Problem {
    fn new(field: &'static str, sentence: impl Into<String>) -> Self {
        Self {
            field,
            sentence: sentence.into(),
        }
    }
}

impl Typed {
    /// From the fields of the page: `decision`, `code.<decision>`, `answer.<question>`,
    /// `item.<kind>`, `note`, `exception`. Reasons of another decision are left out, so that
    /// changing one's mind costs nothing.
    pub(crate) fn from_fields(fields: &[(String, String)]) -> Self {
        let one = |name: &str| {
            fields
                .iter()
                .find(|(known, _)| known == name)
                .map(|(_, value)| value.trim().to_owned())
                .unwrap_or_default()
        };
        let decision = one("decision");
        let codes_field = format!("code.{decision}");
        Self {
            codes: fields
                .iter()
                .filter(|(name, value)| *name == codes_field && !value.is_empty())
                .map(|(_, value)| value.clone())
                .take(CODES_MAX)
                .collect(),
            answers: labels::QUESTIONS
                .iter()
                .map(|(question, _)| one(&format!("answer.{question}")))
                .collect(),
            items: EvidenceKind::ALL
                .iter()
                .map(|kind| TypedItem {
                    kind: kind.name().to_owned(),
                    code: one(&format!("item.{}", kind.name())),
                })
                .filter(|item| !item.code.is_empty())
                .collect(),
            note: one("note"),
            exception: Some(one("exception")).filter(|code| !code.is_empty()),
            decision,
        }
    }

    /// The same as fields of the page, for the confirm page.
    pub(crate) fn to_fields(&self) -> Vec<(String, String)> {
        let mut fields = vec![("decision".to_owned(), self.decision.clone())];
        let codes_field = format!("code.{}", self.decision);
        fields.extend(self.codes.iter().map(|c| (codes_field.clone(), c.clone())));
        let answered = labels::QUESTIONS.iter().zip(&self.answers);
        fields.extend(answered.map(|((name, _), a)| (format!("answer.{name}"), a.clone())));
        let items = self.items.iter();
        fields.extend(items.map(|item| (format!("item.{}", item.kind), item.code.clone())));
        fields.push(("note".to_owned(), self.note.clone()));
        if let Some(exception) = &self.exception {
            fields.push(("exception".to_owned(), exception.clone()));
        }
        fields
    }

    /// The verdict, or everything that is wrong with it in the order of the page.
    pub(crate) fn check(&self, demands: &Demands) -> Result<VerdictForm, Vec<Problem>> {
        let Some(decision) = labels::decision_named(&self.decision) else {
            return Err(vec![Problem::new("decision", CHOOSE_DECISION)]);
        };
        let mut problems = Vec::new();
        if decision == Decision::Approve {
            problems.extend(
                demands
                    .unanswered
                    .iter()
                    .map(|step| Problem::new("step", format!("Step {step} is not answered"))),
            );
        }
        self.check_answers(decision, &mut problems);
        self.check_codes(decision, &mut problems);
        let items = self.check_items(decision, &mut problems);
        self.check_exception(decision, demands, &mut problems);
        self.check_note(decision, demands, &mut problems);
        if !problems.is_empty() {
            return Err(problems);
        }
        Ok(VerdictForm {
            decision,
            codes: self.codes.clone(),
            answers: self.answers.iter().map(|a| answer_or_unsure(a)).collect(),
            items,
            note: Sensitive::new(self.note.trim().to_owned()),
            exception: self.exception.clone().filter(|_| demands.exception),
        })
    }

    /// All three for whoever decides about access; asking again and giving to seniors may leave
    /// them open.
    fn check_answers(&self, decision: Decision, problems: &mut Vec<Problem>) {
        let decides = matches!(decision, Decision::Approve | Decision::Reject);
        let known = |answer: &String| labels::word(labels::ANSWERS, answer).is_some();
        let complete =
            self.answers.len() == labels::QUESTIONS.len() && self.answers.iter().all(known);
        let foreign = self.answers.len() > labels::QUESTIONS.len()
            || self.answers.iter().any(|a| !a.is_empty() && !known(a));
        if (decides && !complete) || foreign {
            problems.push(Problem::new("answers", ANSWER_ALL));
        } else if decision == Decision::Approve && self.answers.iter().any(|a| a != "yes") {
            problems.push(Problem::new("answers", ALL_YES));
        } else if self.codes.iter().any(|code| code == "no.not_offered")
            && decision == Decision::Reject
            && self.answers.iter().any(|a| a != "yes")
        {
            problems.push(Problem::new("answers", BELIEVED));
        }
    }

    fn check_codes(&self, decision: Decision, problems: &mut Vec<Problem>) {
        let list = labels::codes_of(decision);
        let missing = self.codes.is_empty() && decision != Decision::AskAgain;
        let foreign = self.codes.iter().any(|c| labels::word(list, c).is_none());
        if missing || foreign || self.codes.len() > CODES_MAX {
            problems.push(Problem::new("codes", CHOOSE_REASON));
        }
    }

    fn check_items(&self, decision: Decision, problems: &mut Vec<Problem>) -> Vec<ReturnItem> {
        if decision != Decision::AskAgain {
            return Vec::new();
        }
        let read = |item: &TypedItem| {
            let kind = EvidenceKind::named(&item.kind)?;
            let fits = labels::ask_again(kind).iter().any(|r| r.code == item.code);
            fits.then(|| (kind, item.code.clone()))
        };
        let items: Vec<ReturnItem> = self.items.iter().filter_map(read).collect();
        if items.is_empty() || items.len() != self.items.len() || items.len() > ITEMS_MAX {
            problems.push(Problem::new("items", CHOOSE_ITEM));
        }
        items
    }

    fn check_exception(&self, decision: Decision, demands: &Demands, problems: &mut Vec<Problem>) {
        let chosen = self.exception.as_deref();
        let known = chosen.is_none_or(|code| labels::word(labels::EXCEPTIONS, code).is_some());
        let wanted = demands.exception && decision == Decision::Approve;
        if !known || (wanted && chosen.is_none()) {
            problems.push(Problem::new("exception", CHOOSE_EXCEPTION));
        }
    }

    fn check_note(&self, decision: Decision, demands: &Demands, problems: &mut Vec<Problem>) {
        let characters = self.note.trim().chars().count();
        if decision == Decision::Reject && characters < demands.note_min {
            let least = demands.note_min;
            let sentence = format!("Write at least {least} characters about what you saw");
            problems.push(Problem::new("note", sentence));
        } else if characters > NOTE_CHARACTERS_MAX {
            problems.push(Problem::new("note", NOTE_TOO_LONG));
        }
    }
}

fn answer_or_unsure(answer: &str) -> String {
    if answer.is_empty() { "unsure" } else { answer }.to_owned()
}

/// What the applicant will read after "Ask again": headline and advice per item, with the parts
/// that belong to the case put in when the mail is written.
pub(crate) fn preview(items: &[ReturnItem]) -> Vec<(&'static str, &'static str)> {
    items
        .iter()
        .filter_map(|(kind, code)| {
            reason::reason(code).map(|reason| (labels::evidence(*kind), reason.headline))
        })
        .collect()
}

#[cfg(test)]
mod tests;
