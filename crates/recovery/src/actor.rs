//! Who acts on a case.

use serde::{Deserialize, Serialize};

use crate::id::ReviewerId;

/// What a member of staff may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Rank {
    /// Gives first and second verdicts.
    Reviewer,
    /// Also decides what reviewers disagree on, exceptions and contested cases.
    Senior,
}

impl Rank {
    /// The stable name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Reviewer => "reviewer",
            Self::Senior => "senior",
        }
    }

    /// The rank of that name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        [Self::Reviewer, Self::Senior]
            .into_iter()
            .find(|rank| rank.name() == name)
    }
}

/// A channel of the account known before the case, by the platform's opaque reference.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ChannelRef(pub String);

/// Who sends a command and is recorded with its events.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "role", deny_unknown_fields)]
pub enum Actor {
    /// Whoever asks; not presumed to be the holder.
    Applicant,
    /// Whoever holds a channel the account had before the case.
    Holder {
        /// The channel used.
        channel: ChannelRef,
    },
    /// A member of staff.
    Reviewer {
        /// Which one.
        id: ReviewerId,
        /// Rank at that moment.
        rank: Rank,
    },
    /// The operator's system, by a signed call.
    Platform,
    /// Regain itself: timers, checks, delivery.
    System,
}
