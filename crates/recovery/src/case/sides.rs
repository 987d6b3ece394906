//! The two sides of a case that stopped: why, what they show, and whom seniors believe.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::actor::ChannelRef;
use crate::id::{CaseId, ReviewerId};
use crate::time::Timestamp;

/// Why a case stopped.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "by", deny_unknown_fields)]
pub enum StopCause {
    /// A veto through a channel known before the case.
    Veto {
        /// The channel.
        channel: ChannelRef,
    },
    /// Another case of the same account that passed phase 1 too.
    Rival {
        /// That case.
        case: CaseId,
    },
}

/// Whom two seniors believed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Winner {
    /// The applicant of this case.
    Applicant,
    /// Whoever objected, or the rival.
    Objector,
    /// Nobody was convincing.
    Neither,
}

/// One of the two sides of a contested case.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Side {
    /// The applicant of this case.
    Applicant,
    /// Whoever objected.
    Objector,
}

/// Something of the account's from before the case that an objector has in use.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LiveFactor {
    /// Signed in at the platform with the password and second factor from before.
    SignIn,
    /// Answered from a message to a telephone or app of the account.
    Telephone,
    /// Typed a stop code that was printed in advance.
    PrintedCode,
    /// Answered from a message to a mailbox of the account. Reading mail proves little: mailboxes
    /// are what gets hijacked.
    Mailbox,
}

impl LiveFactor {
    /// Whether it puts the burden on the applicant.
    #[must_use]
    pub const fn counts(self) -> bool {
        !matches!(self, Self::Mailbox)
    }
}

/// A live factor of an objector.
#[derive(Debug, Clone, PartialEq, Eq)]
#[allow(missing_docs, reason = "plain fields")]
pub struct ShownFactor {
    pub factor: LiveFactor,
    pub channel: ChannelRef,
    pub at: Timestamp,
}

/// A stop, and the decision about it.
#[derive(Debug, Clone, PartialEq, Eq)]
#[allow(missing_docs, reason = "plain fields")]
pub struct Stop {
    pub cause: StopCause,
    pub at: Timestamp,
    pub dispute_until: Timestamp,
    /// By when seniors decide, once it is contested.
    pub decided_by: Option<Timestamp>,
    /// Until when both sides may show theirs, once it is contested.
    pub evidence_until: Option<Timestamp>,
    /// What the objector has shown, in that order.
    pub live_factors: Vec<ShownFactor>,
    /// Since when the objector calls the objection a mistake, and by which channel.
    pub taken_back: Option<(ChannelRef, Timestamp)>,
    /// Sides that a senior has asked for more.
    pub asked: Vec<Side>,
    pub votes: Vec<(ReviewerId, Winner, Option<String>)>,
    /// Seniors who held this contest: they had a part in it when the next one comes.
    pub held: BTreeSet<ReviewerId>,
}

impl Stop {
    /// The stop itself, before anybody answers it.
    #[must_use]
    pub(super) const fn new(cause: StopCause, at: Timestamp, dispute_until: Timestamp) -> Self {
        Self {
            cause,
            at,
            dispute_until,
            decided_by: None,
            evidence_until: None,
            live_factors: Vec::new(),
            taken_back: None,
            asked: Vec::new(),
            votes: Vec::new(),
            held: BTreeSet::new(),
        }
    }

    /// Whether a rival case is the other side.
    #[must_use]
    pub const fn is_by_rival(&self) -> bool {
        matches!(self.cause, StopCause::Rival { .. })
    }

    /// Whether the objector has shown something that puts the burden on the applicant.
    #[must_use]
    pub fn has_live_factor(&self) -> bool {
        self.live_factors.iter().any(|shown| shown.factor.counts())
    }
}
