//! The report: what was assumed, what came of it, and what hangs on which parameter.

pub mod html;
pub mod json;
mod rows;
pub mod text;

use serde::Serialize;

use recovery::share::Share;

pub(crate) use rows::{approves_attacker, build, is_takeover};

/// Success of the headline group that is aimed at.
pub(crate) const SUCCESS_GOAL: f64 = 0.95;
/// Attacks among which no takeover is aimed at.
pub(crate) const ATTACKS_GOAL: u64 = 100_000;

/// What holds of every report, in the order in which it should be read.
pub(crate) const ASSUMPTIONS: [&str; 7] = [
    "This is a model. People, attackers and reviewers are drawn from parameters, most of which \
     nobody has measured. It says what follows from them, not what will happen.",
    "The rules are the real ones: every command goes through the program's own decisions, in \
     virtual time, under the policy that is named.",
    "Error rates of the checks are those of docs/reference/evaluation.md: measured on specimens, \
     news photos and joined digits, not on real documents, real phones or made faces.",
    "Reviewers err independently, and in a share of looks together. Nobody who is not bribed \
     approves a case of which no gate (face in note, face in video, document, phrase) passed: a \
     rule of the model, not of the program.",
    "A takeover is an attacker's case that reached Recovered and was not stopped within the veto \
     window. What was stopped after recovery is told apart: value may have left by then.",
    "Attacks are an even mix, not a forecast: read them row by row.",
    "Attackers choose nothing by what they see; each tries what its row says.",
];

/// What is left out.
pub(crate) const NOT_MODELLED: [&str; 8] = [
    "queues: how long a case waits is drawn from a distribution of its lane, so looks of one hour \
     do not delay one another; reviewer hours are added up and compared with the pool",
    "limits on how many cases a reviewer holds and how often a pair decides together",
    "two requests for one account at the same time, and who joins whose",
    "restricted, archived, unverified and unknown accounts",
    "the equal path for people who cannot show a face, speak or write",
    "duress, and attackers inside the platform or inside Regain's machine",
    "an attacker who holds the case key: a hijacked mailbox reads mail and nothing else",
    "failing checks, models and mail: everything answers",
];

/// A goal, and whether the run met it.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Goal {
    /// What is aimed at.
    pub goal: String,
    /// What came out.
    pub found: String,
    /// Met.
    pub met: bool,
    /// The parameter that moves it most; none without a sensitivity.
    pub moved_most_by: Option<String>,
}

/// Hours from sending to the first approval or refusal.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Times {
    /// Half are faster.
    pub p50: Option<f64>,
    /// Nine of ten are faster.
    pub p90: Option<f64>,
}

/// A group of honest people.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct GroupRow {
    /// The name in the model; `everybody` is all of them.
    pub name: &'static str,
    /// Recovered.
    pub success: Share,
    /// All checks passed, and the machine locked the account.
    pub machine_passed: Share,
    /// In the fast lane.
    pub fast_lane: Share,
    /// Asked to send something again at least once.
    pub returned: Share,
    /// Asked again, and did not answer.
    pub gave_up: Share,
    /// Refused at the end.
    pub refused: Share,
    /// Returns of one applicant, on average.
    pub returns_each: f64,
    /// Standard, elevated, high, exceptional.
    pub tiers: [Share; 4],
    /// From sending to the first decision.
    pub hours: Times,
    /// Minutes that people look, for one applicant.
    pub minutes_each: f64,
}

/// An attack.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct AttackRow {
    /// The name in the model; `all_without_a_pair` is all but the colluding pair.
    pub name: &'static str,
    /// Takeovers.
    pub takeovers: Share,
    /// Approved by people, whatever came after.
    pub approved: Share,
    /// Stopped by the holder or somebody who reads a channel.
    pub stopped: Share,
    /// Recovered, and stopped within the veto window.
    pub stopped_late: Share,
    /// All checks passed, and the machine locked the account.
    pub machine_passed: Share,
    /// Minutes that people look, for one attack.
    pub minutes_each: f64,
}

/// What reviewers have to do.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Capacity {
    /// Hours of looks, for 1,000 honest applicants.
    pub hours_per_thousand: f64,
    /// Of the seven groups' looks, how many there were for one applicant.
    pub looks_each: f64,
    /// Hours that the pool has on a business day.
    pub hours_a_day: f64,
    /// Honest applicants that the pool can decide on a business day.
    pub applicants_a_day: f64,
    /// Cases for which nobody was left whom the rules let look.
    pub stranded: Share,
    /// Cases that did not come to an end: an error of the simulation.
    pub stuck: u64,
}

/// What a changed parameter changes.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Moved {
    /// What it was changed to.
    pub value: f64,
    /// By how much the success of the row's group changed.
    pub success: f64,
    /// By how many takeovers.
    pub takeovers: i64,
    /// By how many approvals of attackers: takeovers are few, these are before the holder.
    pub approvals: i64,
}

/// A parameter in the sensitivity.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ParameterRow {
    /// Its path in the model.
    pub path: String,
    /// What it is.
    pub value: f64,
    /// Whose success is told: the headline group, a group's own, or nobody's.
    pub group: &'static str,
    /// Halved; none where that changes nothing.
    pub halved: Option<Moved>,
    /// Doubled; none where that changes nothing.
    pub doubled: Option<Moved>,
}

impl ParameterRow {
    fn most(&self, of: impl Fn(&Moved) -> f64) -> f64 {
        let both = self.halved.iter().chain(&self.doubled);
        both.map(of).fold(0.0, f64::max)
    }

    /// The larger change of success.
    #[must_use]
    pub fn moves_success(&self) -> f64 {
        self.most(|one| one.success.abs())
    }

    /// The larger change of takeovers, and of approvals where those are equal.
    #[must_use]
    pub fn moves_takeovers(&self) -> (f64, f64) {
        (
            self.most(|one| one.takeovers.abs() as f64),
            self.most(|one| one.approvals.abs() as f64),
        )
    }
}

/// A whole report. The same seed, model and policy give the same bytes.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Report {
    /// Of every draw.
    pub seed: u64,
    /// Honest applicants, and as many attacks.
    pub applicants: usize,
    /// The policy's version.
    pub policy_version: u32,
    /// Parameters that are not as they ship, with their values.
    pub changed_parameters: Vec<(String, f64)>,
    /// What to know before reading on.
    pub assumptions: [&'static str; 7],
    /// What is left out.
    pub not_modelled: [&'static str; 8],
    /// The goals.
    pub goals: Vec<Goal>,
    /// Honest people; everybody last.
    pub groups: Vec<GroupRow>,
    /// Attacks; all without the colluding pair last.
    pub attacks: Vec<AttackRow>,
    /// Reviewers.
    pub capacity: Capacity,
    /// Applicants of each side in a row of the sensitivity.
    pub sensitivity_applicants: usize,
    /// By what moves the success most.
    pub sensitivity_success: Vec<ParameterRow>,
    /// By what moves the takeovers most.
    pub sensitivity_takeovers: Vec<ParameterRow>,
}

impl Report {
    /// The headline: full KYC, ordinary history.
    #[must_use]
    pub fn headline(&self) -> Option<&GroupRow> {
        self.groups.first()
    }

    /// Every attack without the colluding pair.
    #[must_use]
    pub fn all_attacks(&self) -> Option<&AttackRow> {
        self.attacks.last()
    }
}

/// A name of the model in words.
pub(crate) fn words(name: &str) -> String {
    match name {
        "ordinary" => "full KYC, ordinary history".to_owned(),
        "all_without_a_pair" => "all without a colluding pair".to_owned(),
        other => other.replace('_', " "),
    }
}

/// Percent with as many digits as a small share needs.
pub(crate) fn percent(share: f64) -> String {
    let percent = share * 100.0;
    match percent {
        none if none <= 0.0 => "0".to_owned(),
        small if small < 0.01 => format!("{small:.4}"),
        some if some < 1.0 => format!("{some:.3}"),
        much => format!("{much:.2}"),
    }
}

/// `96.31 % (96.12 to 96.49)`.
pub(crate) fn with_interval(share: &Share) -> String {
    format!(
        "{} % ({} to {})",
        percent(share.share),
        percent(share.low),
        percent(share.high)
    )
}

/// `30 h`, or a dash.
pub(crate) fn hours(value: Option<f64>) -> String {
    value.map_or("-".to_owned(), |hours| format!("{hours:.1}"))
}
