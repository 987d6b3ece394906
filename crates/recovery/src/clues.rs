//! What an applicant recalls, compared blind with what the platform knows.
//!
//! Only results leave this module, never a true value. They never lower a gate, a tier, a quorum
//! or a wait (statement 9): whoever bought an account's data recalls more than its holder.

pub mod address;
mod compare;
mod words;

use serde::{Deserialize, Serialize};

use crate::sensitive::Sensitive;
use crate::time::Timestamp;

pub use compare::compare;
pub use words::{DeviceFamily, folded, same_name};

/// One question (M5).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ClueKind {
    /// Month and year in which the account was opened.
    Opened,
    /// Bank cards: bank and last four digits.
    Cards,
    /// Addresses of past withdrawals.
    Addresses,
    /// City of the last sign-in.
    LastCity,
    /// Device of the last sign-in.
    LastDevice,
    /// Last four digits of linked phones.
    Phones,
}

impl ClueKind {
    /// Every question, in the order of the form.
    pub const ALL: [Self; 6] = [
        Self::Opened,
        Self::Cards,
        Self::Addresses,
        Self::LastCity,
        Self::LastDevice,
        Self::Phones,
    ];

    /// The stable name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Opened => "opened",
            Self::Cards => "cards",
            Self::Addresses => "addresses",
            Self::LastCity => "last_city",
            Self::LastDevice => "last_device",
            Self::Phones => "phones",
        }
    }
}

/// How an answer compares.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ClueResult {
    /// Right.
    Match,
    /// Not far off, or right in part.
    Near,
    /// Wrong.
    Miss,
    /// Not answered, or the platform knows nothing to compare with.
    Unknown,
}

impl ClueResult {
    /// The stable name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Match => "match",
            Self::Near => "near",
            Self::Miss => "miss",
            Self::Unknown => "unknown",
        }
    }
}

/// Why a result is what it is; says nothing of the true value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ClueReason {
    /// The same.
    Same,
    /// The same place in other letters or another language.
    OtherSpelling,
    /// One month off.
    OneMonthOff,
    /// The right year, and no month was named.
    YearOnly,
    /// Some of several answers are right.
    Some,
    /// One part of an answer is right: the bank, or the digits of another bank's card.
    PartOnly,
    /// A place within the policy's radius.
    Nearby,
    /// Something else.
    Different,
    /// Not answered, which is an answer.
    NotGiven,
    /// The platform knows nothing to compare with.
    NotKnown,
}

/// The result of one clue: all that anybody, reviewers included, ever sees of it (B1).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ClueFinding {
    /// Which question.
    pub clue: ClueKind,
    /// How the answer compares.
    pub result: ClueResult,
    /// Why.
    pub reason: ClueReason,
}

/// The answers as they are sealed. Every one may be missing.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct Recalled {
    /// Year and perhaps month (1 to 12) in which the account was opened.
    pub opened: Option<(u16, Option<u8>)>,
    /// Bank and last four digits; either may be empty.
    pub cards: Vec<(Sensitive<String>, Sensitive<String>)>,
    /// Addresses withdrawn to, as typed.
    pub addresses: Vec<Sensitive<String>>,
    /// City of the last sign-in.
    pub city: Option<Sensitive<String>>,
    /// Country of the last sign-in, as typed.
    pub country: Option<String>,
    /// Device of the last sign-in: a name of [`DeviceFamily`].
    pub device: Option<String>,
    /// Last four digits each.
    pub phones: Vec<Sensitive<String>>,
}

impl Recalled {
    /// Whether a question was answered.
    #[must_use]
    pub const fn answers(&self, clue: ClueKind) -> bool {
        match clue {
            ClueKind::Opened => self.opened.is_some(),
            ClueKind::Cards => !self.cards.is_empty(),
            ClueKind::Addresses => !self.addresses.is_empty(),
            ClueKind::LastCity => self.city.is_some(),
            ClueKind::LastDevice => self.device.is_some(),
            ClueKind::Phones => !self.phones.is_empty(),
        }
    }
}

/// The sign-in with which city and device are compared.
#[derive(Debug, Clone)]
pub struct KnownLogin {
    /// Every name of the place that is known, in any language.
    pub cities: Vec<Sensitive<String>>,
    /// Whether the recalled country is known to be another than that of this sign-in: then a city
    /// of the same name is another city.
    pub other_country: bool,
    /// The device as the platform calls it.
    pub device: Option<Sensitive<String>>,
    /// Kilometres from the recalled city to this sign-in, where a source of places knows both.
    pub km_to_recalled: Option<f64>,
}

/// What the platform knows, for one comparison.
#[derive(Debug, Clone)]
pub struct Known {
    /// When the account was opened.
    pub registered_at: Timestamp,
    /// Bank and last four digits.
    pub cards: Vec<(Sensitive<String>, Sensitive<String>)>,
    /// Addresses withdrawn to.
    pub addresses: Vec<Sensitive<String>>,
    /// The last sign-in.
    pub last_login: Option<KnownLogin>,
    /// Last four digits each, or whole numbers.
    pub phones: Vec<Sensitive<String>>,
}
