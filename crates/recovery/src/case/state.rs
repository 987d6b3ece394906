//! A case as its events made it.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::actor::{ChannelRef, Rank};
use crate::calendar::Deadline;
use crate::case::after::{Handover, Securing, Thaw, Wait};
use crate::case::course::Course;
use crate::case::event::{Decision, EndReason, LockCause, Part, Pathway};
use crate::case::securing::{SecuringAction, SecuringVerb};
use crate::case::sides::Stop;
use crate::document::DocumentKind;
use crate::evidence::{Capture, EvidenceItem, EvidenceKind};
use crate::finding::Finding;
use crate::id::{
    AccountRef, AssignmentId, BlindIndex, CaseCode, CaseId, ContentDigest, EvidenceId, ReviewerId,
};
use crate::policy::{Policy, Tier};
use crate::risk::Grounds;
use crate::time::{Span, Timestamp};

/// The reason of a refusal that says nothing against the applicant.
pub(super) const NOT_OFFERED: &str = "no.not_offered";

/// Where a case is (DESIGN section 3).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs, reason = "the design's own names")]
pub enum State {
    Gathering,
    Checking,
    Reviewing,
    CoolingOff,
    Recovered,
    Stopped,
    Contested,
    Rejected,
    Blocked,
    Withdrawn,
    Expired,
}

impl State {
    /// Every state.
    pub const ALL: [Self; 11] = [
        Self::Gathering,
        Self::Checking,
        Self::Reviewing,
        Self::CoolingOff,
        Self::Recovered,
        Self::Stopped,
        Self::Contested,
        Self::Rejected,
        Self::Blocked,
        Self::Withdrawn,
        Self::Expired,
    ];

    /// The stable name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Gathering => "gathering",
            Self::Checking => "checking",
            Self::Reviewing => "reviewing",
            Self::CoolingOff => "cooling_off",
            Self::Recovered => "recovered",
            Self::Stopped => "stopped",
            Self::Contested => "contested",
            Self::Rejected => "rejected",
            Self::Blocked => "blocked",
            Self::Withdrawn => "withdrawn",
            Self::Expired => "expired",
        }
    }

    /// Whether the case still goes on. Recovered counts as over, though a veto can reopen it.
    #[must_use]
    pub const fn is_open(self) -> bool {
        matches!(
            self,
            Self::Gathering
                | Self::Checking
                | Self::Reviewing
                | Self::CoolingOff
                | Self::Stopped
                | Self::Contested
        )
    }
}

/// The proved new address.
#[derive(Debug, Clone, PartialEq, Eq)]
#[allow(missing_docs, reason = "plain fields")]
pub struct Contact {
    pub index: BlindIndex,
    pub proved_at: Timestamp,
}

/// A lock before an approval.
#[derive(Debug, Clone, PartialEq, Eq)]
#[allow(missing_docs, reason = "plain fields")]
pub struct Lock {
    pub cause: LockCause,
    pub since: Timestamp,
    pub until: Timestamp,
}

/// Who holds the case for a look.
#[derive(Debug, Clone, PartialEq, Eq)]
#[allow(missing_docs, reason = "plain fields")]
pub struct Assigned {
    pub assignment: AssignmentId,
    pub reviewer: ReviewerId,
    pub rank: Rank,
    pub part: Part,
    pub until: Timestamp,
}

/// A verdict of this round.
#[derive(Debug, Clone, PartialEq, Eq)]
#[allow(missing_docs, reason = "plain fields")]
pub struct VerdictRecord {
    pub reviewer: ReviewerId,
    pub rank: Rank,
    pub part: Part,
    pub decision: Decision,
    pub codes: Vec<String>,
    pub exception: Option<String>,
    pub at: Timestamp,
}

/// The human phase.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[allow(missing_docs, reason = "plain fields")]
pub struct Review {
    pub verdicts: Vec<VerdictRecord>,
    pub assigned: Option<Assigned>,
    pub low_priority: bool,
    /// Everybody who ever held the case, except for a contest that is still open.
    pub involved: BTreeSet<ReviewerId>,
    /// Whoever said that they know the person or the case.
    pub conflicted: BTreeSet<ReviewerId>,
    /// Whoever decided before an appeal.
    pub excluded: BTreeSet<ReviewerId>,
    pub appeal_used: bool,
}

/// A case.
#[derive(Debug, Clone, PartialEq)]
#[allow(
    missing_docs,
    reason = "plain fields; what they mean stands at the events that set them"
)]
pub struct Case {
    pub id: CaseId,
    pub code: CaseCode,
    pub version: u64,
    pub state: State,
    pub policy_version: u32,
    pub language: String,
    pub entry: String,
    pub opened_at: Timestamp,
    pub changed_at: Timestamp,
    pub consent_at: Option<Timestamp>,
    /// Since when the face may be kept and searched for in other cases; none without a yes.
    pub gallery_consent_at: Option<Timestamp>,
    pub identifier: Option<BlindIndex>,
    pub contact: Option<Contact>,
    pub resolved: bool,
    /// The kind of document that the applicant says they show.
    pub document: Option<DocumentKind>,
    pub account: Option<AccountRef>,
    pub evidence: Vec<EvidenceItem>,
    /// Digests of all evidence ever sent: the same file twice is told.
    pub digests: BTreeSet<ContentDigest>,
    pub clues: Vec<String>,
    /// Items to take again, while the case is returned.
    pub asked: Vec<(EvidenceKind, String)>,
    /// Asked items that came again since.
    pub retaken: BTreeSet<EvidenceKind>,
    pub returns: BTreeMap<EvidenceKind, u32>,
    pub returns_by_people: u32,
    pub round: u32,
    pub pathway: Option<Pathway>,
    pub finish_until: Timestamp,
    pub submitted_at: Option<Timestamp>,
    /// When the current round was sent.
    pub sent_at: Option<Timestamp>,
    /// Evidence came since the case was sent last, so no check has seen it.
    pub unsent: bool,
    pub deadline: Option<Deadline>,
    pub checked_round: u32,
    pub findings: Vec<Finding>,
    /// What else the newest round's tier was set from; none where the checks could not answer.
    pub grounds: Option<Grounds>,
    pub tier: Tier,
    pub passed_phase1: bool,
    pub lock: Option<Lock>,
    /// Time locked without an approval, over and done.
    pub locked: Span,
    pub review: Review,
    /// Boxed, as the course below is.
    pub wait: Option<Box<Wait>>,
    pub holds_approval: bool,
    pub handover: Handover,
    pub securing: BTreeMap<SecuringAction, Securing>,
    pub stop: Option<Stop>,
    pub froze_account: bool,
    pub lost_channels: BTreeSet<ChannelRef>,
    /// Seniors decided for this case against an objector with a live factor.
    pub beat_live_factor: bool,
    /// Rivals against whom two seniors decided for this case.
    pub lost_rivals: BTreeSet<CaseId>,
    pub recovered_at: Option<Timestamp>,
    /// The limits that hold after the wait.
    pub thaw: Option<Thaw>,
    pub veto_until: Option<Timestamp>,
    pub veto_window_closed: bool,
    /// Reason codes of the newest refusal, as two reviewers gave them.
    pub refused_for: Vec<String>,
    pub appeal_until: Option<Timestamp>,
    pub end: Option<EndReason>,
    pub ended_at: Option<Timestamp>,
    pub erased_at: Option<Timestamp>,
    /// Boxed, because futures hold cases by value.
    pub course: Box<Course>,
}

impl Case {
    /// The platform knows no such account.
    #[must_use]
    pub const fn is_phantom(&self) -> bool {
        self.resolved && self.account.is_none()
    }

    /// The current evidence of a kind (the latest, for screenshots).
    #[must_use]
    pub fn evidence_of(&self, kind: EvidenceKind) -> Option<&EvidenceItem> {
        self.evidence.iter().rev().find(|item| item.kind == kind)
    }

    /// The evidence with that identifier.
    #[must_use]
    pub fn evidence_with(&self, id: &EvidenceId) -> Option<&EvidenceItem> {
        self.evidence.iter().find(|item| item.id == *id)
    }

    /// What this case must hold before it is sent: the policy's list, without the back of a
    /// document that has none.
    pub fn required(&self, policy: &Policy) -> impl Iterator<Item = EvidenceKind> {
        let backless = self.document.is_some_and(|document| !document.has_back());
        let kinds = policy.gathering.required.iter().copied();
        kinds.filter(move |kind| !(backless && *kind == EvidenceKind::IdBack))
    }

    /// Whether this kind was asked for again.
    #[must_use]
    pub fn was_asked(&self, kind: EvidenceKind) -> bool {
        self.asked.iter().any(|(asked, _)| *asked == kind)
    }

    /// Required kinds that are missing or were asked for again and have not come.
    #[must_use]
    pub fn missing(&self, policy: &Policy) -> Vec<EvidenceKind> {
        let open = |kind: &EvidenceKind| {
            self.evidence_of(*kind).is_none()
                || (self.was_asked(*kind) && !self.retaken.contains(kind))
        };
        let mut kinds: Vec<_> = self.required(policy).collect();
        for (kind, _) in &self.asked {
            if !kinds.contains(kind) {
                kinds.push(*kind);
            }
        }
        kinds.into_iter().filter(open).collect()
    }

    /// Two reviewers believed the applicant and said that the account is not offered any more: then
    /// its holder, and nobody else, may be told why (M25, M26).
    #[must_use]
    pub fn is_not_offered(&self) -> bool {
        let only = self.refused_for.iter().all(|code| code == NOT_OFFERED);
        self.state == State::Rejected && !self.refused_for.is_empty() && only
    }

    /// All required evidence is there and was captured live.
    #[must_use]
    pub fn captured_live(&self, policy: &Policy) -> bool {
        let live = |item: &EvidenceItem| item.capture == Capture::Live;
        self.required(policy)
            .all(|kind| self.evidence_of(kind).is_some_and(live))
    }

    /// Some required evidence was not captured live.
    #[must_use]
    pub fn needs_exception(&self, policy: &Policy) -> bool {
        self.pathway == Some(Pathway::EqualPath) || !self.captured_live(policy)
    }

    /// Every securing action was done and read back, for a verb; never so while there is none.
    #[must_use]
    pub fn all_secured(&self, verb: SecuringVerb) -> bool {
        let done = |progress: &Securing| progress.verified.contains_key(&verb);
        !self.securing.is_empty() && self.securing.values().all(done)
    }

    /// Whether a verb has its time: suspend until recovery, restore after an end without one,
    /// destroy when nobody can stop it any more. A late job must ask before it calls the platform.
    #[must_use]
    pub fn may_secure(&self, verb: SecuringVerb) -> bool {
        match verb {
            SecuringVerb::Suspend => self.state.is_open(),
            SecuringVerb::Restore => !self.state.is_open() && self.state != State::Recovered,
            SecuringVerb::Destroy => self.veto_window_closed,
        }
    }

    /// The case is over, but what its handover put in force has not been taken back yet.
    #[must_use]
    pub fn restore_open(&self) -> bool {
        let over = !self.state.is_open() && self.state != State::Recovered;
        over && self.handover.completed_at.is_some() && !self.all_secured(SecuringVerb::Restore)
    }

    /// Whether another request for the account stopped this one; still so when seniors decided
    /// against it.
    #[must_use]
    pub fn stopped_by_rival(&self) -> bool {
        self.stop.as_ref().is_some_and(Stop::is_by_rival)
    }

    /// The holder's objection that stands, until it is decided.
    #[must_use]
    pub fn objection(&self) -> Option<&Stop> {
        let open = matches!(self.state, State::Stopped | State::Contested);
        let stop = self.stop.as_ref().filter(|_| open);
        stop.filter(|stop| !stop.is_by_rival())
    }

    /// Until when the applicant may add to their side, where it is decided between sides.
    #[must_use]
    pub fn proof_until(&self) -> Option<Timestamp> {
        let stop = self.stop.as_ref()?;
        match self.state {
            State::Stopped if stop.is_by_rival() => Some(stop.dispute_until),
            State::Contested => stop.evidence_until,
            _ => None,
        }
    }

    /// Whether this case was contested and won.
    #[must_use]
    pub fn won_a_contest(&self) -> bool {
        !self.lost_channels.is_empty() || !self.lost_rivals.is_empty()
    }

    /// When this case's data is to be destroyed, once it is over for good.
    #[must_use]
    pub fn erase_at(&self, policy: &Policy) -> Option<Timestamp> {
        let ended = self.ended_at?;
        let last_word = [self.appeal_until, self.veto_until]
            .into_iter()
            .flatten()
            .fold(ended, Timestamp::max);
        // Early for a phantom, but not while an appeal is open: its absence would tell.
        let kept = if self.is_phantom() {
            policy.retention.phantom_days
        } else {
            policy.retention.days_after_end
        };
        let wanted = last_word + Span::days(kept);
        Some(wanted.min(ended + Span::days(policy.retention.days_max)))
    }
}
