//! Policy: every number a decision depends on, as a versioned document stamped on each case.

use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::calendar::{Calendar, CalendarError, CalendarSettings};
use crate::evidence::EvidenceKind;
use crate::time::Span;

/// The policy that ships with Regain.
pub const DEFAULT: &str = include_str!("policy.default.toml");

/// The shortest wait any policy may set (statement 1).
pub const COOLING_OFF_HOURS_MIN: i64 = 24;
/// How long any number of days may be.
const DAYS_MAX: i64 = 3650;

/// How much is at stake and how sure we are; sets wait and seniority, never lowers a gate.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Tier {
    /// Ordinary.
    Standard,
    /// More than ordinary value or doubt.
    Elevated,
    /// Much value or much doubt; also whatever could not be rated.
    High,
}

/// Time and returns while the applicant gathers evidence.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs, reason = "each key is explained in policy.default.toml")]
pub struct Gathering {
    pub days_to_finish: i64,
    pub returns_per_item_max: u32,
    pub returns_by_people_max: u32,
    pub required: Vec<EvidenceKind>,
}

/// The automatic phase.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs, reason = "each key is explained in policy.default.toml")]
pub struct Checking {
    pub hours_max: i64,
}

/// The human phase.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs, reason = "each key is explained in policy.default.toml")]
pub struct Review {
    pub business_days: i64,
    pub business_days_aim: i64,
    pub lease_minutes: i64,
    pub open_per_reviewer_max: u32,
    pub same_pair_per_week_max: u32,
    pub note_characters_min: u32,
}

/// Waits after an approval, in hours.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs, reason = "each key is explained in policy.default.toml")]
pub struct CoolingOff {
    pub standard_hours: i64,
    pub elevated_hours: i64,
    pub high_hours: i64,
    pub after_contest_hours: i64,
}

/// Binding new credentials.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs, reason = "each key is explained in policy.default.toml")]
pub struct Handover {
    pub ticket_hours: i64,
    pub days_to_finish: i64,
    pub after_the_wait: Vec<Tier>,
    pub passkey_required: bool,
}

/// Objection and dispute.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs, reason = "each key is explained in policy.default.toml")]
pub struct Veto {
    pub days_after_recovery: i64,
    pub dispute_days: i64,
    pub rival_evidence_hours: i64,
}

/// Appeal against a refusal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs, reason = "each key is explained in policy.default.toml")]
pub struct Appeal {
    pub days: i64,
}

/// The lock before an approval.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs, reason = "each key is explained in policy.default.toml")]
pub struct Lock {
    pub days_per_account_max: i64,
}

/// When a case's data is destroyed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs, reason = "each key is explained in policy.default.toml")]
pub struct Retention {
    pub days_after_end: i64,
    pub phantom_days: i64,
    pub days_max: i64,
}

/// Allow-lists by capability name of the platform contract.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs, reason = "each key is explained in policy.default.toml")]
pub struct Restrictions {
    pub cooling_off_allow: Vec<String>,
    pub locked_allow: Vec<String>,
}

/// One version of the policy.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs, reason = "each section is documented at its type")]
pub struct Policy {
    /// Stamped on every case opened under it.
    pub version: u32,
    pub gathering: Gathering,
    pub checking: Checking,
    pub review: Review,
    pub cooling_off: CoolingOff,
    pub handover: Handover,
    pub veto: Veto,
    pub appeal: Appeal,
    pub lock: Lock,
    pub retention: Retention,
    pub restrictions: Restrictions,
    pub calendar: CalendarSettings,
}

/// Why a policy document cannot be used; the text says where and what to do.
#[derive(Debug, Error)]
pub enum PolicyError {
    /// Not TOML, a missing or unknown key, or a value of another type.
    #[error("{0}")]
    Document(#[from] toml::de::Error),
    /// A number outside its bounds.
    #[error("{key}: {value} is out of range; use {min} to {max}")]
    Range {
        /// The key with its section.
        key: &'static str,
        /// What it says.
        value: i64,
        /// The least allowed.
        min: i64,
        /// The most allowed.
        max: i64,
    },
    /// Tiers whose waits do not grow.
    #[error("cooling_off: a higher tier must not wait less than a lower one")]
    WaitsShrink,
    /// Required evidence without which nobody can be recognised.
    #[error("gathering.required: {0} cannot be left out")]
    RequiredEvidence(&'static str),
    /// A capability that would let money leave during the wait.
    #[error(
        "restrictions.{list}: \"{name}\" lets value leave the account and is never allowed there"
    )]
    Capability {
        /// Which list.
        list: &'static str,
        /// Which capability.
        name: String,
    },
    /// The calendar.
    #[error(transparent)]
    Calendar(#[from] CalendarError),
}

/// What may never be allowed while an account is restricted (M18).
pub const NEVER_WHILE_RESTRICTED: [&str; 8] = [
    "withdraw",
    "c2c_sell",
    "send_user",
    "api_key_create",
    "whitelist_add",
    "authorisation_add",
    "loan",
    "change_security",
];

impl Policy {
    /// Reads and checks a document.
    ///
    /// # Errors
    /// The first thing that is wrong, with its place.
    pub fn parse(text: &str) -> Result<Self, PolicyError> {
        let policy: Self = toml::from_str(text)?;
        policy.check_ranges()?;
        policy.check_sense()?;
        Calendar::new(&policy.calendar)?;
        Ok(policy)
    }

    fn check_ranges(&self) -> Result<(), PolicyError> {
        let wait = |key, value| range(key, value, COOLING_OFF_HOURS_MIN, 24 * 30);
        wait(
            "cooling_off.standard_hours",
            self.cooling_off.standard_hours,
        )?;
        wait(
            "cooling_off.elevated_hours",
            self.cooling_off.elevated_hours,
        )?;
        wait("cooling_off.high_hours", self.cooling_off.high_hours)?;
        wait(
            "cooling_off.after_contest_hours",
            self.cooling_off.after_contest_hours,
        )?;
        let days = |key, value| range(key, value, 1, DAYS_MAX);
        days("gathering.days_to_finish", self.gathering.days_to_finish)?;
        days("review.business_days", self.review.business_days)?;
        days("review.business_days_aim", self.review.business_days_aim)?;
        days("handover.days_to_finish", self.handover.days_to_finish)?;
        range(
            "veto.days_after_recovery",
            self.veto.days_after_recovery,
            7,
            DAYS_MAX,
        )?;
        days("veto.dispute_days", self.veto.dispute_days)?;
        days("appeal.days", self.appeal.days)?;
        days("lock.days_per_account_max", self.lock.days_per_account_max)?;
        range("checking.hours_max", self.checking.hours_max, 1, 72)?;
        range("handover.ticket_hours", self.handover.ticket_hours, 1, 24)?;
        range(
            "veto.rival_evidence_hours",
            self.veto.rival_evidence_hours,
            1,
            24 * 30,
        )?;
        range(
            "review.lease_minutes",
            self.review.lease_minutes,
            5,
            24 * 60,
        )?;
        range("retention.days_max", self.retention.days_max, 1, 1095)?;
        let kept = self.retention.days_max;
        range(
            "retention.days_after_end",
            self.retention.days_after_end,
            1,
            kept,
        )?;
        range(
            "retention.phantom_days",
            self.retention.phantom_days,
            1,
            kept,
        )
    }

    fn check_sense(&self) -> Result<(), PolicyError> {
        let waits = &self.cooling_off;
        if waits.standard_hours > waits.elevated_hours || waits.elevated_hours > waits.high_hours {
            return Err(PolicyError::WaitsShrink);
        }
        for kind in [
            EvidenceKind::IdFront,
            EvidenceKind::NotePhoto,
            EvidenceKind::Video,
        ] {
            if !self.gathering.required.contains(&kind) {
                return Err(PolicyError::RequiredEvidence(kind.name()));
            }
        }
        never("cooling_off_allow", &self.restrictions.cooling_off_allow)?;
        never("locked_allow", &self.restrictions.locked_allow)
    }

    /// The wait of a tier.
    #[must_use]
    pub const fn wait(&self, tier: Tier) -> Span {
        Span::hours(match tier {
            Tier::Standard => self.cooling_off.standard_hours,
            Tier::Elevated => self.cooling_off.elevated_hours,
            Tier::High => self.cooling_off.high_hours,
        })
    }
}

const fn range(key: &'static str, value: i64, min: i64, max: i64) -> Result<(), PolicyError> {
    if value < min || value > max {
        return Err(PolicyError::Range {
            key,
            value,
            min,
            max,
        });
    }
    Ok(())
}

fn never(list: &'static str, allow: &[String]) -> Result<(), PolicyError> {
    match allow
        .iter()
        .find(|name| NEVER_WHILE_RESTRICTED.contains(&name.as_str()))
    {
        Some(name) => Err(PolicyError::Capability {
            list,
            name: name.clone(),
        }),
        None => Ok(()),
    }
}
