//! A case as the console shows it: one step at a time, facts before scores (UX.md D3, D4).

use std::borrow::Cow;

use engine::views::{CaseFile, Moment, WorkRow, WorkView};
use recovery::case::Part;
use recovery::finding::{Finding, Outcome};
use recovery::id::CaseId;

use super::clock::{self, Chip};
use super::labels;
use super::steps::{self, Step};

/// Most lines of the timeline.
const TIMELINE_MAX: usize = 40;

/// One row of the work list.
#[derive(Debug, Clone)]
pub(crate) struct Row {
    /// Public code of the case.
    pub(crate) code: String,
    /// The viewer's part.
    pub(crate) part: &'static str,
    /// How near the promise is.
    pub(crate) chip: Chip,
    /// Whom the case waits for.
    pub(crate) waiting_for: &'static str,
    /// How many parts are there.
    pub(crate) parts: String,
    /// Time since the last change.
    pub(crate) changed: String,
    /// Until when the case is this person's.
    pub(crate) lease: String,
    /// Where it opens.
    pub(crate) href: String,
}

/// The rows, by due time.
pub(crate) fn rows(work: &WorkView) -> Vec<Row> {
    let mut rows: Vec<&WorkRow> = work.rows.iter().collect();
    rows.sort_by_key(|row| (row.due.is_none(), row.due));
    rows.into_iter()
        .map(|row| Row {
            code: row.code.clone(),
            part: labels::part(row.part),
            chip: clock::chip(row.due, work.now),
            waiting_for: if row.part == Part::Second {
                "you (first is sealed)"
            } else {
                "you"
            },
            parts: format!("{} of {}", row.parts_done, row.parts_all),
            changed: format!("{} ago", clock::span(work.now.since(row.changed_at))),
            lease: clock::time(row.lease_until),
            href: base(&row.case),
        })
        .collect()
}

/// "12 waiting, oldest 1 d 4 h".
pub(crate) fn waiting(work: &WorkView) -> String {
    match (work.waiting, work.oldest_since) {
        (0, _) => "Nothing waits".to_owned(),
        (count, Some(since)) => {
            format!(
                "{count} waiting, oldest {}",
                clock::span(work.now.since(since))
            )
        }
        (count, None) => format!("{count} waiting"),
    }
}

/// The words of an empty list.
pub(crate) fn empty(work: &WorkView) -> String {
    match work.waiting {
        0 => "Nothing waits. Well done.".to_owned(),
        1 => "Nothing is assigned to you. 1 case waits. Take the next case".to_owned(),
        count => format!("Nothing is assigned to you. {count} cases wait. Take the next case"),
    }
}

/// The address of a case.
pub(crate) fn base(case: &CaseId) -> String {
    format!("/console/case/{case}")
}

/// One entry of the steps.
#[derive(Debug, Clone)]
pub(crate) struct StepLink {
    /// From 1.
    pub(crate) number: usize,
    /// Its heading.
    pub(crate) name: &'static str,
    /// "done", "open", "later".
    pub(crate) word: &'static str,
    /// It can be opened.
    pub(crate) open: bool,
    /// It is the page's own.
    pub(crate) current: bool,
    /// Where it is.
    pub(crate) href: String,
}

/// A moment of the timeline in words.
#[derive(Debug, Clone)]
pub(crate) struct Line {
    /// "21 Nov 09:12".
    pub(crate) at: String,
    /// What happened.
    pub(crate) words: String,
}

/// What stands around every step of a case.
#[derive(Debug, Clone)]
pub(crate) struct Head {
    /// Public code.
    pub(crate) code: String,
    /// Heading of this page.
    pub(crate) here: &'static str,
    /// The viewer's part.
    pub(crate) part: &'static str,
    /// How near the promise is.
    pub(crate) chip: Chip,
    /// Version of the policy.
    pub(crate) policy: u32,
    /// When it was opened.
    pub(crate) opened: String,
    /// Until when it is this person's.
    pub(crate) lease: String,
    /// Address of the case.
    pub(crate) base: String,
    /// A second look: the first one is sealed.
    pub(crate) sealed_first: bool,
    /// The steps.
    pub(crate) steps: Vec<StepLink>,
    /// What happened so far.
    pub(crate) timeline: Vec<Line>,
    /// Findings per step, counted.
    pub(crate) found: Vec<String>,
}

impl Head {
    /// Of a case, at a step.
    #[must_use]
    pub(crate) fn new(file: &CaseFile, here: Step) -> Self {
        let base = base(&file.case);
        Self {
            code: file.code.clone(),
            here: here.name(),
            part: labels::part(file.part),
            chip: clock::chip(file.due, file.now),
            policy: file.policy_version,
            opened: clock::short(file.opened_at),
            lease: clock::time(file.lease_until),
            sealed_first: file.part == Part::Second,
            steps: Step::ALL
                .into_iter()
                .map(|step| step_link(file, step, here, &base))
                .collect(),
            timeline: file.timeline.iter().take(TIMELINE_MAX).map(line).collect(),
            found: Step::ALL
                .into_iter()
                .filter_map(|step| counted(file, step))
                .collect(),
            base,
        }
    }
}

fn step_link(file: &CaseFile, step: Step, here: Step, base: &str) -> StepLink {
    let open = step.open_in(file);
    let word = match (step.answer_in(file).is_some(), open) {
        (true, _) => "done",
        (false, true) => "open",
        (false, false) => "later",
    };
    StepLink {
        number: step.number(),
        name: step.name(),
        word,
        open,
        current: step == here,
        href: format!("{base}/{}", step.slug()),
    }
}

fn line(moment: &Moment) -> Line {
    let expected = if moment.expected { " (expected)" } else { "" };
    Line {
        at: clock::short(moment.at),
        words: format!("{}{expected}", labels::moment(moment.code)),
    }
}

/// The findings of one step.
pub(crate) fn findings_of(file: &CaseFile, step: Step) -> Vec<&Finding> {
    file.findings
        .iter()
        .filter(|finding| Step::of_finding(finding) == step)
        .collect()
}

/// Whether the software's findings of a step are still sealed for this reviewer.
pub(crate) fn sealed(file: &CaseFile, step: Step) -> bool {
    step.sealed_first() && step.answer_in(file).is_none()
}

/// "step 1: 6 ok, 1 to look at", or "step 3: sealed".
fn counted(file: &CaseFile, step: Step) -> Option<String> {
    let findings = findings_of(file, step);
    if findings.is_empty() {
        return None;
    }
    let number = step.number();
    if sealed(file, step) {
        return Some(format!("step {number}: sealed"));
    }
    let passed = findings
        .iter()
        .filter(|finding| finding.outcome == Outcome::Pass)
        .count();
    let other = findings.len() - passed;
    Some(match other {
        0 => format!("step {number}: {passed} ok"),
        other => format!("step {number}: {passed} ok, {other} to look at"),
    })
}

/// A finding in words, its number apart.
#[derive(Debug, Clone)]
pub(crate) struct FindingLine {
    /// Class of the tag.
    pub(crate) class: &'static str,
    /// Word of the tag.
    pub(crate) word: &'static str,
    /// The sentence, with its moment in the video.
    pub(crate) sentence: String,
    /// The measured number, behind a details element.
    pub(crate) score: Option<String>,
    /// Its number on the pictures, if it is outlined on one of them.
    pub(crate) number: Option<usize>,
}

/// `number` is the one by which a picture of the page outlines the finding.
pub(crate) fn finding_line(finding: &Finding, number: Option<usize>) -> FindingLine {
    let (class, word, sentence) = labels::finding(finding);
    let sentence = match software_says(finding) {
        Some(view) => format!("{}: {view}", labels::compared(&finding.code)),
        None => sentence,
    };
    let sentence = match finding.at_ms {
        Some(at_ms) => format!("{sentence}, {}", clock::in_video(at_ms)),
        None => sentence,
    };
    FindingLine {
        class,
        word,
        sentence,
        score: labels::score(finding),
        number,
    }
}

/// The comparison of faces in words (UX.md D3).
fn software_says(finding: &Finding) -> Option<Cow<'static, str>> {
    let compares = matches!(
        finding.code.as_str(),
        "face.kyc_note"
            | "face.kyc_video"
            | "face.video_same"
            | "face.document_kyc"
            | "face.document_note"
    );
    let said = match (finding.outcome, finding.one_in) {
        (Outcome::Pass, Some(strangers)) => {
            let strangers = grouped(strangers);
            format!("similar, above the line used for 1 in {strangers}").into()
        }
        (Outcome::Pass, None) => "similar, above the line that is used".into(),
        (Outcome::Unsure, _) => "cannot tell, between the lines that are used".into(),
        (Outcome::Fail, _) => "not similar, below the line that is used".into(),
        (Outcome::Retake, _) => "not clear enough to compare".into(),
        (Outcome::Unavailable, _) => "could not compare".into(),
    };
    compares.then_some(said)
}

/// A count with its thousands apart: `10,000`.
fn grouped(count: u32) -> String {
    let digits = count.to_string();
    let mut shown = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            shown.push(',');
        }
        shown.push(digit);
    }
    shown
}

/// What a step cannot show yet, said in plain words.
pub(crate) fn later(file: &CaseFile, step: Step) -> Vec<&'static str> {
    match step {
        Step::Person if !file.has_portrait => {
            vec!["There is no portrait of the record to compare with."]
        }
        Step::Memory if file.clues.is_empty() => vec!["Nothing was recalled."],
        Step::Trail if file.phantom => {
            vec!["The platform knows no such account."]
        }
        Step::Trail if file.signals.is_empty() => vec!["No signal was looked at."],
        _ => Vec::new(),
    }
}

/// Where a finished step leads.
pub(crate) fn next(file: &CaseFile, step: Step) -> Option<(String, &'static str)> {
    step.answer_in(file)?;
    let next = Step::ALL
        .into_iter()
        .find(|other| other.number() == step.number() + 1)
        .unwrap_or_else(|| steps::next_open(file));
    Some((format!("{}/{}", base(&file.case), next.slug()), next.name()))
}
