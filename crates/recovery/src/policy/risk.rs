//! What clues weigh, how risk is counted, and what follows from a tier.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::checks::{Bounds, outside};
use super::{Bounds as WholeBounds, Policy, PolicyError, Tier};
use crate::clues::ClueKind;

/// Most points that one thing, or a threshold, may have.
const POINTS_MAX: f64 = 1000.0;
/// How many reviewers must agree at least, and at most (statement 3).
const QUORUM: (i64, i64) = (2, 5);

/// How many reviewers must agree, and who.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs, reason = "each key is explained in policy.default.toml")]
pub struct Quorum {
    pub standard: u32,
    pub elevated: u32,
    pub high: u32,
    pub exceptional: u32,
    pub senior_from: Tier,
}

impl Quorum {
    /// How many must agree in a tier.
    #[must_use]
    pub const fn of(&self, tier: Tier) -> u32 {
        match tier {
            Tier::Standard => self.standard,
            Tier::Elevated => self.elevated,
            Tier::High => self.high,
            Tier::Exceptional => self.exceptional,
        }
    }

    /// Each number with its bounds.
    #[rustfmt::skip]
    pub(super) fn bounds(&self) -> [WholeBounds; 4] {
        let (least, most) = QUORUM;
        [
            ("quorum.standard", self.standard.into(), least, most),
            ("quorum.elevated", self.elevated.into(), least, most),
            ("quorum.high", self.high.into(), least, most),
            ("quorum.exceptional", self.exceptional.into(), least, most),
        ]
    }
}

/// A number for each question of the form.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs, reason = "one for each question")]
pub struct PerClue {
    pub opened: f64,
    pub cards: f64,
    pub addresses: f64,
    pub last_city: f64,
    pub last_device: f64,
    pub phones: f64,
}

impl PerClue {
    /// The number of a question.
    #[must_use]
    pub const fn of(&self, clue: ClueKind) -> f64 {
        match clue {
            ClueKind::Opened => self.opened,
            ClueKind::Cards => self.cards,
            ClueKind::Addresses => self.addresses,
            ClueKind::LastCity => self.last_city,
            ClueKind::LastDevice => self.last_device,
            ClueKind::Phones => self.phones,
        }
    }
}

/// What an answer weighs.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs, reason = "each key is explained in policy.default.toml")]
pub struct ClueWeights {
    pub cap: f64,
    pub near_share: f64,
    pub miss_share: f64,
    pub city_near_km: f64,
    pub weights: PerClue,
    pub leaked: PerClue,
}

/// Points of a finding by its outcome; a pass has none.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs, reason = "each key is explained in policy.default.toml")]
pub struct OutcomePoints {
    pub retake: f64,
    pub unsure: f64,
    pub unavailable: f64,
    pub fail: f64,
}

/// Points of a signal by its bearing; those that lower are taken away.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs, reason = "each key is explained in policy.default.toml")]
pub struct SignalPoints {
    pub lowers: f64,
    pub raises: f64,
    pub unavailable: f64,
    pub heavier: BTreeMap<String, f64>,
    pub stronger: BTreeMap<String, f64>,
}

/// The least tier by what is at stake.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs, reason = "each key is explained in policy.default.toml")]
pub struct StakeTiers {
    pub small: Tier,
    pub medium: Tier,
    pub large: Tier,
}

/// The least tier of a case in which a hard requirement did not pass.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs, reason = "each key is explained in policy.default.toml")]
pub struct GateTiers {
    pub face: Tier,
    pub document: Tier,
    pub phrase: Tier,
    pub failed: Tier,
}

/// The least tier by the platform's own view.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs, reason = "each key is explained in policy.default.toml")]
pub struct CautionTiers {
    pub low: Tier,
    pub medium: Tier,
    pub high: Tier,
}

/// How risk is counted.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs, reason = "each key is explained in policy.default.toml")]
pub struct Risk {
    pub elevated_from: f64,
    pub high_from: f64,
    pub exceptional_from: f64,
    pub fast_below: f64,
    pub fast_hours: i64,
    pub standing: Tier,
    pub gates: GateTiers,
    pub stake: StakeTiers,
    pub caution: CautionTiers,
    pub outcomes: OutcomePoints,
    pub heavier: BTreeMap<String, f64>,
    pub signals: SignalPoints,
}

impl ClueWeights {
    /// Each number with its bounds.
    #[rustfmt::skip]
    pub(super) fn bounds(&self) -> Vec<Bounds> {
        let (weights, leaked) = (&self.weights, &self.leaked);
        vec![
            ("clues.cap", self.cap, 0.0, POINTS_MAX),
            ("clues.near_share", self.near_share, 0.0, 1.0),
            ("clues.miss_share", self.miss_share, 0.0, 1.0),
            ("clues.city_near_km", self.city_near_km, 0.0, POINTS_MAX),
            ("clues.weights.opened", weights.opened, 0.0, POINTS_MAX),
            ("clues.weights.cards", weights.cards, 0.0, POINTS_MAX),
            ("clues.weights.addresses", weights.addresses, 0.0, POINTS_MAX),
            ("clues.weights.last_city", weights.last_city, 0.0, POINTS_MAX),
            ("clues.weights.last_device", weights.last_device, 0.0, POINTS_MAX),
            ("clues.weights.phones", weights.phones, 0.0, POINTS_MAX),
            ("clues.leaked.opened", leaked.opened, 0.0, 1.0),
            ("clues.leaked.cards", leaked.cards, 0.0, 1.0),
            ("clues.leaked.addresses", leaked.addresses, 0.0, 1.0),
            ("clues.leaked.last_city", leaked.last_city, 0.0, 1.0),
            ("clues.leaked.last_device", leaked.last_device, 0.0, 1.0),
            ("clues.leaked.phones", leaked.phones, 0.0, 1.0),
        ]
    }
}

impl Risk {
    /// Each number with its bounds.
    #[rustfmt::skip]
    pub(super) fn bounds(&self) -> Vec<Bounds> {
        let (outcomes, signals) = (&self.outcomes, &self.signals);
        vec![
            ("risk.elevated_from", self.elevated_from, 0.0, POINTS_MAX),
            ("risk.high_from", self.high_from, 0.0, POINTS_MAX),
            ("risk.exceptional_from", self.exceptional_from, 0.0, POINTS_MAX),
            ("risk.fast_below", self.fast_below, 0.0, POINTS_MAX),
            ("risk.outcomes.retake", outcomes.retake, 0.0, POINTS_MAX),
            ("risk.outcomes.unsure", outcomes.unsure, 0.0, POINTS_MAX),
            ("risk.outcomes.unavailable", outcomes.unavailable, 0.0, POINTS_MAX),
            ("risk.outcomes.fail", outcomes.fail, 0.0, POINTS_MAX),
            ("risk.signals.lowers", signals.lowers, 0.0, POINTS_MAX),
            ("risk.signals.raises", signals.raises, 0.0, POINTS_MAX),
            ("risk.signals.unavailable", signals.unavailable, 0.0, POINTS_MAX),
        ]
    }

    /// Points of codes, which policy names itself.
    fn heavier(&self) -> impl Iterator<Item = (String, f64)> {
        let named = |table: &'static str| {
            move |(code, points): (&String, &f64)| (format!("{table}.\"{code}\""), *points)
        };
        let findings = self.heavier.iter().map(named("risk.heavier"));
        let raises = self.signals.heavier.iter();
        let lowers = self.signals.stronger.iter();
        findings
            .chain(raises.map(named("risk.signals.heavier")))
            .chain(lowers.map(named("risk.signals.stronger")))
    }

    /// Whether nothing worse counts less than something better.
    fn grows(&self) -> bool {
        let steps = [self.elevated_from, self.high_from, self.exceptional_from];
        let outcomes = &self.outcomes;
        let worse = [
            outcomes.retake,
            outcomes.unsure,
            outcomes.unavailable,
            outcomes.fail,
        ];
        let (gates, stake, caution) = (&self.gates, &self.stake, &self.caution);
        let doubted = [gates.face, gates.document, gates.phrase];
        doubted.iter().all(|tier| *tier <= gates.failed)
            && steps.is_sorted()
            && worse.is_sorted()
            && self.signals.unavailable <= self.signals.raises
            && [stake.small, stake.medium, stake.large].is_sorted()
            && [caution.low, caution.medium, caution.high].is_sorted()
    }
}

/// What the three sections say against each other.
pub(super) fn check(policy: &Policy, faults: &mut Vec<PolicyError>) {
    let (quorum, risk) = (&policy.quorum, &policy.risk);
    let numbers = policy.clues.bounds().into_iter().chain(risk.bounds());
    faults.extend(outside(numbers));
    for (key, value) in risk.heavier() {
        if !(0.0..=POINTS_MAX).contains(&value) {
            let max = POINTS_MAX;
            faults.push(PolicyError::Points { key, value, max });
        }
    }
    if !Tier::ALL.map(|tier| quorum.of(tier)).is_sorted() {
        faults.push(PolicyError::QuorumShrinks);
    }
    if !risk.grows() {
        faults.push(PolicyError::RiskShrinks);
    }
}
