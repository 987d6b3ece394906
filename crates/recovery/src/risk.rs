//! How risky a case is, and why: a pure function of findings, clues, signals and policy.
//!
//! It sets the tier and with it wait, quorum and seniority, and the lane of the queue. It never
//! refuses, and it opens no gate: gates are findings that must pass, whatever the points say.

mod follows;
mod grounds;
mod rejudged;
mod words;

use std::collections::BTreeMap;

use serde::Serialize;

use crate::clues::{ClueFinding, ClueResult};
use crate::finding::{Finding, Outcome};
use crate::policy::{ClueWeights, Policy, Risk, Tier};
use crate::signal::{Bearing, Signal};
use crate::signals::code;

pub use follows::{Follows, Replayed, of_case, replay};
pub use grounds::{Caution, Grounds, Stake, Standing};
pub use rejudged::REJUDGED;
pub use words::{because, gate_words};

/// Findings without which nothing passes phase 1 by machine (statement 5): face, document and
/// phrase together; live capture is read off the evidence itself.
pub const GATES: [&str; 4] = [
    "face.kyc_note",
    "face.kyc_video",
    "document.same",
    "phrase.spoken",
];

/// Thousandths of a point.
const MILLI: f64 = 1000.0;

/// Where a case waits for people.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Lane {
    /// Well documented: within a day (M16).
    Fast,
    /// As promised.
    Ordinary,
    /// The machine found against it: it must not hold up others (statement 7).
    Low,
}

impl Lane {
    /// The stable name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Fast => "fast",
            Self::Ordinary => "ordinary",
            Self::Low => "low",
        }
    }

    /// Business hours in which people decide; a business day counts as a whole one.
    #[must_use]
    pub const fn hours(self, policy: &Policy) -> i64 {
        const DAY: i64 = 24;
        match self {
            Self::Fast => policy.risk.fast_hours,
            Self::Ordinary | Self::Low => policy.review.business_days * DAY,
        }
    }
}

/// One reason of a score.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Contribution {
    /// The finding, clue or signal: `face.kyc_note`, `clue.cards`, `ip.distance`.
    pub code: String,
    /// What it was: `unsure`, `miss`, `raises`.
    pub was: &'static str,
    /// Thousandths of a point; negative where it speaks for the applicant.
    pub points_milli: i64,
}

/// The least tier that something sets whatever the points are.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Floor {
    /// `stake`, `caution`, `standing`, `marks`, or the code of a gate that is closed.
    pub code: &'static str,
    /// What it was.
    pub was: &'static str,
    /// The tier.
    pub tier: Tier,
}

/// A hard requirement of phase 1.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Gate {
    /// The finding that must pass.
    pub code: &'static str,
    /// It is there, and all of that name pass.
    pub open: bool,
    /// One of them speaks against the applicant.
    pub failed: bool,
}

/// The whole answer, down to the last number.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Assessment {
    /// Hard requirements; none is opened or closed by points.
    pub gates: Vec<Gate>,
    /// What counted, heaviest first.
    pub contributions: Vec<Contribution>,
    /// Thousandths of a point in all, never below zero.
    pub score_milli: i64,
    /// What clues say for the applicant, capped: a place in the queue and nothing else.
    pub support_milli: i64,
    /// Least tiers.
    pub floors: Vec<Floor>,
    /// The tier.
    pub tier: Tier,
    /// The lane.
    pub lane: Lane,
}

/// Assesses a case. `live`: all required evidence was captured live.
#[must_use]
pub fn assess(policy: &Policy, findings: &[Finding], grounds: &Grounds, live: bool) -> Assessment {
    let gates: Vec<Gate> = GATES.map(|code| gate(code, findings)).to_vec();
    let clues = weigh_clues(&policy.clues, &grounds.clues);
    let mut contributions = weigh_findings(&policy.risk, findings);
    contributions.extend(clues.doubts);
    contributions.extend(weigh_signals(&policy.risk, &grounds.signals));
    contributions.sort_by(|a, b| {
        let heavier = b.points_milli.cmp(&a.points_milli);
        heavier.then_with(|| a.code.cmp(&b.code))
    });
    let sum: i64 = contributions.iter().map(|part| part.points_milli).sum();
    let score_milli = sum.max(0);
    let mut floors = floors(&policy.risk, &gates, grounds);
    if is_marked(findings, &grounds.signals) {
        floors.push(Floor {
            code: "marks",
            was: "shared",
            tier: policy.marks.tier,
        });
    }
    let least = floors.iter().map(|floor| floor.tier).max();
    let tier = of_points(&policy.risk, score_milli).max(least.unwrap_or(Tier::High));
    let open = live && gates.iter().all(|gate| gate.open);
    let lane = lane(policy, findings, grounds, open, score_milli, tier);
    Assessment {
        gates,
        contributions,
        score_milli,
        support_milli: clues.support_milli,
        floors,
        tier,
        lane,
    }
}

/// Points as they are counted; `as` saturates, and policy holds finite numbers only.
fn milli(points: f64) -> i64 {
    (points * MILLI).round() as i64
}

fn gate(code: &'static str, findings: &[Finding]) -> Gate {
    let found = || findings.iter().filter(|finding| finding.code == code);
    // One that does not pass closes it, whatever another one of that name says.
    let open = found().next().is_some() && found().all(|one| one.outcome == Outcome::Pass);
    let failed = found().any(|one| one.outcome == Outcome::Fail);
    Gate { code, open, failed }
}

fn points_of(risk: &Risk, finding: &Finding) -> i64 {
    let outcomes = &risk.outcomes;
    let heavier = risk.heavier.get(&finding.code).copied().unwrap_or(0.0);
    let points = match finding.outcome {
        Outcome::Pass => return 0,
        // The applicant can mend it: it is not held against them.
        Outcome::Retake => outcomes.retake,
        Outcome::Unsure => outcomes.unsure.max(heavier),
        // Not to know is no better than to doubt.
        Outcome::Unavailable => outcomes.unavailable.max(heavier),
        Outcome::Fail => outcomes.fail.max(heavier),
    };
    milli(points)
}

/// The worst of each family counts: checks of one kind find the same thing in several ways.
fn weigh_findings(risk: &Risk, findings: &[Finding]) -> Vec<Contribution> {
    let mut families: BTreeMap<&str, (&Finding, i64)> = BTreeMap::new();
    for finding in findings {
        let family = finding.code.split('.').next().unwrap_or_default();
        let points = points_of(risk, finding);
        let worst = families.entry(family).or_insert((finding, points));
        if points > worst.1 {
            *worst = (finding, points);
        }
    }
    let counts = families.into_values().filter(|(_, points)| *points > 0);
    let part = |(finding, points_milli): (&Finding, i64)| Contribution {
        code: finding.code.clone(),
        was: finding.outcome.name(),
        points_milli,
    };
    counts.map(part).collect()
}

/// Clues on both sides, each capped: right answers only order a queue, wrong ones raise.
struct Clues {
    support_milli: i64,
    doubts: Vec<Contribution>,
}

fn weigh_clues(policy: &ClueWeights, clues: &[ClueFinding]) -> Clues {
    let cap = milli(policy.cap);
    let (mut support, mut doubt) = (0, 0);
    let mut doubts = Vec::new();
    for finding in clues {
        let secret = 1.0 - policy.leaked.of(finding.clue);
        let weight = policy.weights.of(finding.clue);
        match finding.result {
            ClueResult::Match => support += milli(weight * secret),
            ClueResult::Near => support += milli(weight * secret * policy.near_share),
            ClueResult::Unknown => {}
            // Full weight: whoever does not know what was sold is no buyer, and no holder either.
            ClueResult::Miss => {
                let points_milli = milli(weight * policy.miss_share).min(cap - doubt);
                doubt += points_milli;
                doubts.push(Contribution {
                    code: format!("clue.{}", finding.clue.name()),
                    was: finding.result.name(),
                    points_milli,
                });
            }
        }
    }
    Clues {
        support_milli: support.min(cap),
        doubts,
    }
}

/// Signals whose missing source counts for nothing: the usual place is for people and comes from
/// what the distance comes from, lists of young domains are what few operators have, and what is
/// missing for a mark is missing for another signal already.
const OPTIONAL: [&str; 4] = [
    code::IP_USUAL,
    code::CONTACT_YOUNG,
    code::CONTACT_MARKED,
    code::DEVICE_MARKED,
];

/// The face of a request that its holder stopped, as a finding of the gallery.
pub const PERSON_MARKED: &str = "reuse.person_marked";

/// Whether the request has something of one that its holder stopped.
fn is_marked(findings: &[Finding], signals: &[Signal]) -> bool {
    let by_signal = |signal: &Signal| {
        let named = signal.code.as_str();
        signal.bearing == Bearing::Raises
            && (named == code::CONTACT_MARKED || named == code::DEVICE_MARKED)
    };
    let by_face =
        |finding: &Finding| finding.code == PERSON_MARKED && finding.outcome != Outcome::Pass;
    signals.iter().any(by_signal) || findings.iter().any(by_face)
}

fn weigh_signals(risk: &Risk, signals: &[Signal]) -> Vec<Contribution> {
    let points = &risk.signals;
    let part = |signal: &Signal| Contribution {
        code: signal.code.clone(),
        was: signal.bearing.name(),
        points_milli: milli(match signal.bearing {
            Bearing::Lowers => {
                let stronger = points.stronger.get(&signal.code).copied();
                -stronger.unwrap_or(0.0).max(points.lowers)
            }
            Bearing::Neutral => 0.0,
            Bearing::Raises => {
                let heavier = points.heavier.get(&signal.code).copied();
                heavier.unwrap_or(0.0).max(points.raises)
            }
            Bearing::Unavailable if OPTIONAL.contains(&signal.code.as_str()) => 0.0,
            Bearing::Unavailable => points.unavailable,
        }),
    };
    let parts = signals.iter().map(part);
    parts.filter(|part| part.points_milli != 0).collect()
}

/// The least tier of a case that people decide without a hard requirement.
fn closed(risk: &Risk, gate: &Gate) -> Floor {
    let tiers = &risk.gates;
    let family = gate.code.split('.').next();
    let doubted = match family {
        Some("face") => tiers.face,
        Some("document") => tiers.document,
        _ => tiers.phrase,
    };
    let (was, tier) = if gate.failed {
        ("failed", tiers.failed)
    } else {
        ("not passed", doubted)
    };
    let code = gate.code;
    Floor { code, was, tier }
}

fn floors(risk: &Risk, gates: &[Gate], grounds: &Grounds) -> Vec<Floor> {
    let stake = match grounds.stake {
        Stake::Small => risk.stake.small,
        Stake::Medium => risk.stake.medium,
        Stake::Large => risk.stake.large,
        // What could not be rated is treated with care.
        Stake::Unknown => risk.stake.large.max(Tier::High),
    };
    let caution = match grounds.caution {
        Caution::Low => risk.caution.low,
        Caution::Medium => risk.caution.medium,
        Caution::High => risk.caution.high,
    };
    let standing = match grounds.standing {
        Standing::Ordinary => Tier::Standard,
        _ => risk.standing,
    };
    let floor = |code, was, tier| Floor { code, was, tier };
    let closed = gates.iter().filter(|gate| !gate.open);
    let mut floors: Vec<Floor> = closed.map(|gate| self::closed(risk, gate)).collect();
    floors.extend([
        floor("stake", grounds.stake.name(), stake),
        floor("caution", grounds.caution.name(), caution),
        floor("standing", grounds.standing.name(), standing),
    ]);
    floors
}

fn of_points(risk: &Risk, score_milli: i64) -> Tier {
    let from = [
        (risk.exceptional_from, Tier::Exceptional),
        (risk.high_from, Tier::High),
        (risk.elevated_from, Tier::Elevated),
    ];
    let reached = from
        .into_iter()
        .find(|(from, _)| score_milli >= milli(*from));
    reached.map_or(Tier::Standard, |(_, tier)| tier)
}

fn lane(
    policy: &Policy,
    findings: &[Finding],
    grounds: &Grounds,
    open: bool,
    score_milli: i64,
    tier: Tier,
) -> Lane {
    let any = |outcome| findings.iter().any(|finding| finding.outcome == outcome);
    if any(Outcome::Fail) {
        return Lane::Low;
    }
    let well_documented = open
        && !any(Outcome::Retake)
        && grounds.standing == Standing::Ordinary
        && score_milli < milli(policy.risk.fast_below)
        && tier <= Tier::Elevated;
    if well_documented {
        Lane::Fast
    } else {
        Lane::Ordinary
    }
}
