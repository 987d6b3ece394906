//! What a case keeps from its approval on: wait, handover, securing, limits.

use std::collections::{BTreeMap, BTreeSet};

use crate::case::securing::{CredentialKind, SecuringVerb};
use crate::id::BlindIndex;
use crate::time::{Span, Timestamp};

/// The wait after an approval.
#[derive(Debug, Clone, PartialEq, Eq)]
#[allow(missing_docs, reason = "plain fields")]
pub struct Wait {
    /// The number of the approval's event.
    pub approval: u64,
    pub approved_at: Timestamp,
    pub span: Span,
    pub frozen_at: Option<Timestamp>,
    pub notified_at: Option<Timestamp>,
    /// When the latest of the three came in.
    pub started_at: Option<Timestamp>,
    pub until: Option<Timestamp>,
    /// Keys of the changes that made it longer.
    pub changes: BTreeSet<BlindIndex>,
    /// When it grew last.
    pub grew_at: Option<Timestamp>,
    /// When it would have ended before that.
    pub grew_from: Option<Timestamp>,
}

impl Wait {
    /// When it ends: known once it runs, before that no earlier than this.
    #[must_use]
    pub fn end(&self) -> Timestamp {
        self.until.unwrap_or(self.approved_at + self.span)
    }
}

/// Binding new credentials.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[allow(missing_docs, reason = "plain fields")]
pub struct Handover {
    pub ticket_until: Option<Timestamp>,
    pub begun_at: Option<Timestamp>,
    /// It was begun at some time, so something may be staged at the platform.
    pub ever_begun: bool,
    pub enrolled: BTreeSet<CredentialKind>,
    pub completed_at: Option<Timestamp>,
    /// When a fresh face last passed; used up by the next beginning.
    pub face_at: Option<Timestamp>,
    /// How often a fresh face did not pass.
    pub faces_failed: u32,
}

/// How far one securing action is, per verb: acknowledged, then read back.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[allow(missing_docs, reason = "plain fields")]
pub struct Securing {
    pub acknowledged: BTreeMap<SecuringVerb, Timestamp>,
    pub verified: BTreeMap<SecuringVerb, Timestamp>,
}

/// The limits after the wait.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs, reason = "plain fields")]
pub struct Thaw {
    /// Share of what the account holds that may leave it in 24 hours.
    pub daily_percent: u32,
    pub known_addresses_only: bool,
    pub until: Timestamp,
}
