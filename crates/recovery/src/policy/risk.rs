//! What clues weigh, how risk is counted, and what follows from a tier.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{PolicyError, Tier};
use crate::clues::ClueKind;

/// Most points that one thing, or a threshold, may have.
const POINTS_MAX: f64 = 1000.0;
/// How many reviewers must agree at least, and at most (statement 3).
const QUORUM: std::ops::RangeInclusive<u32> = 2..=5;

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

    fn check(&self) -> Result<(), PolicyError> {
        let steps = [self.standard, self.elevated, self.high, self.exceptional];
        if steps.iter().any(|step| !QUORUM.contains(step)) {
            return Err(PolicyError::Quorum {
                min: *QUORUM.start(),
                max: *QUORUM.end(),
            });
        }
        if !steps.is_sorted() {
            return Err(PolicyError::QuorumShrinks);
        }
        Ok(())
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
    pub stake: StakeTiers,
    pub caution: CautionTiers,
    pub outcomes: OutcomePoints,
    pub heavier: BTreeMap<String, f64>,
    pub signals: SignalPoints,
}

fn within(key: String, value: f64, max: f64) -> Result<(), PolicyError> {
    if value.is_finite() && (0.0..=max).contains(&value) {
        return Ok(());
    }
    Err(PolicyError::Points { key, value, max })
}

impl ClueWeights {
    fn check(&self) -> Result<(), PolicyError> {
        within("clues.cap".to_owned(), self.cap, POINTS_MAX)?;
        within("clues.near_share".to_owned(), self.near_share, 1.0)?;
        within("clues.miss_share".to_owned(), self.miss_share, 1.0)?;
        within(
            "clues.city_near_km".to_owned(),
            self.city_near_km,
            POINTS_MAX,
        )?;
        for clue in ClueKind::ALL {
            let name = clue.name();
            within(
                format!("clues.weights.{name}"),
                self.weights.of(clue),
                POINTS_MAX,
            )?;
            within(format!("clues.leaked.{name}"), self.leaked.of(clue), 1.0)?;
        }
        Ok(())
    }
}

impl Risk {
    fn check(&self) -> Result<(), PolicyError> {
        let points = [
            ("risk.elevated_from", self.elevated_from),
            ("risk.high_from", self.high_from),
            ("risk.exceptional_from", self.exceptional_from),
            ("risk.fast_below", self.fast_below),
            ("risk.outcomes.retake", self.outcomes.retake),
            ("risk.outcomes.unsure", self.outcomes.unsure),
            ("risk.outcomes.unavailable", self.outcomes.unavailable),
            ("risk.outcomes.fail", self.outcomes.fail),
            ("risk.signals.lowers", self.signals.lowers),
            ("risk.signals.raises", self.signals.raises),
            ("risk.signals.unavailable", self.signals.unavailable),
        ];
        for (key, value) in points {
            within(key.to_owned(), value, POINTS_MAX)?;
        }
        for (code, value) in &self.heavier {
            within(format!("risk.heavier.\"{code}\""), *value, POINTS_MAX)?;
        }
        for (code, value) in &self.signals.heavier {
            within(
                format!("risk.signals.heavier.\"{code}\""),
                *value,
                POINTS_MAX,
            )?;
        }
        let steps = [self.elevated_from, self.high_from, self.exceptional_from];
        let outcomes = &self.outcomes;
        let worse = [
            outcomes.retake,
            outcomes.unsure,
            outcomes.unavailable,
            outcomes.fail,
        ];
        let (stake, caution) = (&self.stake, &self.caution);
        let grows = steps.is_sorted()
            && worse.is_sorted()
            && self.signals.unavailable <= self.signals.raises
            && [stake.small, stake.medium, stake.large].is_sorted()
            && [caution.low, caution.medium, caution.high].is_sorted();
        if grows {
            Ok(())
        } else {
            Err(PolicyError::RiskShrinks)
        }
    }
}

/// Checks the three sections together.
///
/// # Errors
/// The first number out of range, or an order that would let something worse count less.
pub(super) fn check(quorum: &Quorum, clues: &ClueWeights, risk: &Risk) -> Result<(), PolicyError> {
    quorum.check()?;
    clues.check()?;
    risk.check()
}
