//! Why a policy cannot be used, each reason with its key and what to do.

use thiserror::Error;

use crate::calendar::CalendarError;

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
    #[error(
        "cooling_off.{key}: {hours} is less than {lower} ({lower_hours}); a higher tier must not \
         wait less than a lower one"
    )]
    WaitsShrink {
        /// The higher tier's key.
        key: &'static str,
        /// Its hours.
        hours: i64,
        /// The lower tier's key.
        lower: &'static str,
        /// Its hours.
        lower_hours: i64,
    },
    /// A contested case must not wait less than an uncontested one.
    #[error(
        "cooling_off.after_contest_hours: {hours} is less than high_hours; use at least {least}"
    )]
    ContestWait {
        /// What it says.
        hours: i64,
        /// The least allowed.
        least: i64,
    },
    /// Tiers whose quorums do not grow.
    #[error("quorum: a higher tier must not need fewer reviewers than a lower one")]
    QuorumShrinks,
    /// Points of a code outside their bounds.
    #[error("{key}: {value} is out of range; use 0 to {max}")]
    Points {
        /// The key with its sections.
        key: String,
        /// What it says.
        value: f64,
        /// The most allowed.
        max: f64,
    },
    /// Something worse would count less.
    #[error(
        "risk: nothing worse may count less; let thresholds, tiers and outcomes (retake, unsure, \
         unavailable, fail) grow"
    )]
    RiskShrinks,
    /// Required evidence without which nobody can be recognised.
    #[error("gathering.required: {0} cannot be left out; add it")]
    RequiredEvidence(&'static str),
    /// A fresh face of which too little is asked.
    #[error("fresh_face.findings: {0} cannot be left out; add it, or leave the section out")]
    FreshFace(&'static str),
    /// A capability that would let money leave during the wait.
    #[error(
        "restrictions.{list}: \"{name}\" lets value leave the account and is never allowed there; \
         take it out"
    )]
    Capability {
        /// Which list.
        list: &'static str,
        /// Which capability.
        name: String,
    },
    /// An entry that is no country.
    #[error("{key}: \"{code}\" is no country; use ISO 3166-1 codes such as \"DE\"")]
    Country {
        /// The key with its section.
        key: &'static str,
        /// The entry.
        code: String,
    },
    /// Thresholds without the evaluation they come from.
    #[error("checks.{section}.evaluation: no evaluation is named \"{name}\"; list it first")]
    Evaluation {
        /// Which section.
        section: &'static str,
        /// The name that is not listed.
        name: String,
    },
    /// A threshold outside its bounds.
    #[error("{key}: {value} is out of range; use {min} to {max}")]
    Threshold {
        /// The key with its sections.
        key: &'static str,
        /// What it says.
        value: f64,
        /// The least allowed.
        min: f64,
        /// The most allowed.
        max: f64,
    },
    /// The lower of two thresholds lies above the upper one.
    #[error("checks.{section}.{lower}: {value} lies above {upper}; use at most {most}")]
    Crossed {
        /// Which section.
        section: &'static str,
        /// The key of the lower one.
        lower: &'static str,
        /// What it says.
        value: f64,
        /// The key of the upper one.
        upper: &'static str,
        /// What that says.
        most: f64,
    },
    /// A gallery without a threshold.
    #[error("gallery.on: a gallery needs the section checks.gallery with its evaluation")]
    GalleryChecks,
    /// The calendar.
    #[error(transparent)]
    Calendar(#[from] CalendarError),
}

impl PolicyError {
    /// The entry of a list that is wrong, where it is one entry.
    #[must_use]
    pub fn entry(&self) -> Option<&str> {
        match self {
            Self::Capability { name, .. } | Self::Country { code: name, .. } => Some(name),
            Self::Calendar(CalendarError::Weekday(name) | CalendarError::Holiday(name)) => {
                Some(name)
            }
            _ => None,
        }
    }
}
