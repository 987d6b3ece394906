//! What happened to a case. Events are for ever: ids, codes, digests and scores, never a person.

use serde::{Deserialize, Serialize};

use crate::actor::{ChannelRef, Rank};
use crate::case::change::ChangeKind;
use crate::case::securing::{CredentialKind, SecuringAction, SecuringVerb};
use crate::case::sides::{LiveFactor, Side, StopCause, Winner};
use crate::document::DocumentKind;
use crate::evidence::{EvidenceItem, EvidenceKind};
use crate::finding::Finding;
use crate::id::{AccountRef, AssignmentId, BlindIndex, CaseCode, CaseId, EvidenceId, ReviewerId};
use crate::policy::Tier;
use crate::restriction::Mode;
use crate::risk::Grounds;
use crate::time::Timestamp;

/// How identity is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Pathway {
    /// Document, note photo and video, from afar.
    Remote,
    /// Another way of equal strength for people who cannot take that one (B20).
    EqualPath,
}

/// What the platform answered about an identifier.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "found", deny_unknown_fields)]
pub enum Resolution {
    /// One account.
    Known {
        /// The platform's reference.
        account: AccountRef,
    },
    /// None: the case is a phantom from here on (statement 5).
    Unknown,
}

/// Which part of a review.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Part {
    /// The first look.
    First,
    /// The second look, blind to the first.
    Second,
    /// A senior's look: exceptions, disagreement.
    Senior,
    /// One of two seniors on a contested case.
    Contest,
}

impl Part {
    /// The stable name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::First => "first",
            Self::Second => "second",
            Self::Senior => "senior",
            Self::Contest => "contest",
        }
    }

    /// The least rank that may take it.
    #[must_use]
    pub const fn rank(self) -> Rank {
        match self {
            Self::First | Self::Second => Rank::Reviewer,
            Self::Senior | Self::Contest => Rank::Senior,
        }
    }
}

/// What a reviewer decides.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Decision {
    /// Give access.
    Approve,
    /// Ask again for items.
    AskAgain,
    /// Do not give access.
    Reject,
    /// Give to seniors.
    Escalate,
}

/// Why an account became locked before an approval.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LockCause {
    /// Face, document, phrase and live capture passed together.
    ChecksPassed,
    /// A reviewer's look found the applicant credible.
    ReviewersLook,
}

/// Why a case ended without a verdict.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "why", deny_unknown_fields)]
pub enum EndReason {
    /// The applicant stopped it.
    ByApplicant,
    /// It joined an open case of the same account and address (M34).
    Merged {
        /// The case it joined.
        into: CaseId,
    },
    /// Parts were missing when the time was over.
    NotFinished,
    /// Approved, but nobody bound new credentials in time.
    NoHandover,
    /// A veto nobody disputed in time.
    NotDisputed,
    /// Two seniors upheld the objection.
    ObjectionUpheld,
}

/// What happened. Names are in the past tense; every kind has a golden file.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "kind", deny_unknown_fields)]
#[allow(
    missing_docs,
    reason = "fields say what they are; the variants say what happened"
)]
pub enum Event {
    /// Somebody asked; the account is not known yet.
    CaseOpened {
        code: CaseCode,
        policy_version: u32,
        language: String,
        entry: String,
    },
    /// The applicant agreed to be compared.
    ConsentGiven {
        text_version: String,
        language: String,
    },
    /// The applicant answered whether earlier applicants' faces may be searched with theirs.
    GalleryAnswered {
        agreed: bool,
        text_version: String,
        language: String,
    },
    /// The applicant named an account; the name itself is sealed.
    IdentifierGiven { index: BlindIndex },
    /// The applicant gave a new address and the code sent there came back.
    ContactProved { index: BlindIndex },
    /// The platform answered which account it is.
    AccountResolved { resolution: Resolution },
    /// The applicant said which kind of document they show; a passport needs no back.
    DocumentChosen { document: DocumentKind },
    /// Evidence arrived, replacing earlier evidence of its kind (screenshots add up).
    EvidenceAdded { item: EvidenceItem },
    /// The applicant answered clue questions; the answers are sealed.
    CluesGiven { answered: Vec<String> },
    /// Everything required is there and was sent.
    CaseSubmitted { round: u32, pathway: Pathway },
    /// The machine has looked.
    ChecksFinished {
        round: u32,
        findings: Vec<Finding>,
        tier: Tier,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        grounds: Option<Grounds>,
    },
    /// Items must be taken again; the clock stands still.
    CaseReturned {
        items: Vec<(EvidenceKind, String)>,
        by_machine: bool,
        until: Timestamp,
    },
    /// People must look now.
    ReviewOpened {
        low_priority: bool,
        allowance_hours: i64,
    },
    /// The account was locked, for as long as this case needs it.
    LockStarted { cause: LockCause, until: Timestamp },
    /// The cap on locks was reached; the case goes on without one.
    LockLapsed,
    /// A reviewer holds the case until the lease ends.
    ReviewerAssigned {
        assignment: AssignmentId,
        reviewer: ReviewerId,
        rank: Rank,
        part: Part,
        until: Timestamp,
    },
    /// The assignment ended without a verdict.
    AssignmentEnded {
        assignment: AssignmentId,
        conflict: bool,
        lease_over: bool,
    },
    /// A reviewer was shown something.
    EvidenceViewed {
        assignment: AssignmentId,
        subject: String,
        reason: String,
    },
    /// A reviewer decided; the words are sealed.
    VerdictGiven {
        assignment: AssignmentId,
        decision: Decision,
        codes: Vec<String>,
        answers: Vec<String>,
        exception: Option<String>,
    },
    /// Enough reviewers agreed to give access.
    CaseApproved {
        approvers: Vec<ReviewerId>,
        tier: Tier,
        wait_hours: i64,
    },
    /// The platform acknowledged the freeze.
    FreezeAcknowledged { version: u64, mode: Mode },
    /// The notices of the approval were handed to every channel.
    NoticesHandedOver { channels: u32 },
    /// The wait began: approval, freeze and notices are all in.
    WaitStarted { until: Timestamp },
    /// Something of the account changed during the wait; the key is a digest of the teller's own.
    AccountChanged {
        change: ChangeKind,
        key: BlindIndex,
        happened_at: Timestamp,
    },
    /// The wait grew.
    WaitExtended { until: Timestamp, reason: String },
    /// A handover ticket went to the proved address.
    HandoverTicketIssued { until: Timestamp },
    /// A face was shown afresh in place of the case key.
    FaceShown {
        passed: bool,
        findings: Vec<Finding>,
    },
    /// The ticket was spent together with the case key or a fresh face.
    HandoverBegun,
    /// A new credential was bound.
    CredentialEnrolled { credential: CredentialKind },
    /// All new credentials are bound; old ones are to be suspended.
    HandoverCompleted { actions: Vec<SecuringAction> },
    /// The platform says it did a securing action.
    SecuringAcknowledged {
        action: SecuringAction,
        verb: SecuringVerb,
    },
    /// Reading back showed that it is so.
    SecuringVerified {
        action: SecuringAction,
        verb: SecuringVerb,
    },
    /// What may leave the account until a moment, after the wait: limits only rise.
    LimitsSet {
        daily_percent: u32,
        known_addresses_only: bool,
        until: Timestamp,
    },
    /// Nothing limits the account any more.
    LimitsEnded,
    /// The wait is over, the handover done, everything secured.
    CaseRecovered { veto_until: Timestamp },
    /// Everything stands still.
    CaseStopped {
        cause: StopCause,
        dispute_until: Timestamp,
    },
    /// Two seniors must decide between two sides: not before `evidence_until`, by `until`.
    ContestOpened {
        until: Timestamp,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        evidence_until: Option<Timestamp>,
    },
    /// An objector showed that they still have what the account had before.
    LiveFactorShown {
        factor: LiveFactor,
        channel: ChannelRef,
    },
    /// Whoever objected says that it was a mistake; seniors look at that, too.
    ObjectionTakenBack { channel: ChannelRef },
    /// A senior wants more from one side before anybody decides.
    ProofAsked {
        assignment: AssignmentId,
        side: Side,
        until: Timestamp,
        evidence_until: Timestamp,
    },
    /// A senior decided a contested case.
    ContestVoted {
        assignment: AssignmentId,
        winner: Winner,
        exception: Option<String>,
    },
    /// Two seniors agreed.
    ContestDecided { winner: Winner },
    /// Enough reviewers agreed not to give access.
    CaseRejected {
        codes: Vec<String>,
        appeal_until: Option<Timestamp>,
    },
    /// The applicant appealed; other people look.
    AppealOpened,
    /// The case ended without a verdict.
    CaseClosed { reason: EndReason },
    /// Seven days passed in peace: what was suspended is destroyed.
    VetoWindowClosed,
    /// The case's key was destroyed.
    DataErased,
}

impl Event {
    /// The stable name of the kind.
    #[must_use]
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::CaseOpened { .. } => "case_opened",
            Self::ConsentGiven { .. } => "consent_given",
            Self::GalleryAnswered { .. } => "gallery_answered",
            Self::IdentifierGiven { .. } => "identifier_given",
            Self::ContactProved { .. } => "contact_proved",
            Self::AccountResolved { .. } => "account_resolved",
            Self::DocumentChosen { .. } => "document_chosen",
            Self::EvidenceAdded { .. } => "evidence_added",
            Self::CluesGiven { .. } => "clues_given",
            Self::CaseSubmitted { .. } => "case_submitted",
            Self::ChecksFinished { .. } => "checks_finished",
            Self::CaseReturned { .. } => "case_returned",
            Self::ReviewOpened { .. } => "review_opened",
            Self::LockStarted { .. } => "lock_started",
            Self::LockLapsed => "lock_lapsed",
            Self::ReviewerAssigned { .. } => "reviewer_assigned",
            Self::AssignmentEnded { .. } => "assignment_ended",
            Self::EvidenceViewed { .. } => "evidence_viewed",
            Self::VerdictGiven { .. } => "verdict_given",
            Self::CaseApproved { .. } => "case_approved",
            Self::FreezeAcknowledged { .. } => "freeze_acknowledged",
            Self::NoticesHandedOver { .. } => "notices_handed_over",
            Self::WaitStarted { .. } => "wait_started",
            Self::AccountChanged { .. } => "account_changed",
            Self::WaitExtended { .. } => "wait_extended",
            Self::HandoverTicketIssued { .. } => "handover_ticket_issued",
            Self::FaceShown { .. } => "face_shown",
            Self::HandoverBegun => "handover_begun",
            Self::CredentialEnrolled { .. } => "credential_enrolled",
            Self::HandoverCompleted { .. } => "handover_completed",
            Self::SecuringAcknowledged { .. } => "securing_acknowledged",
            Self::SecuringVerified { .. } => "securing_verified",
            Self::LimitsSet { .. } => "limits_set",
            Self::LimitsEnded => "limits_ended",
            Self::CaseRecovered { .. } => "case_recovered",
            Self::CaseStopped { .. } => "case_stopped",
            Self::ContestOpened { .. } => "contest_opened",
            Self::LiveFactorShown { .. } => "live_factor_shown",
            Self::ObjectionTakenBack { .. } => "objection_taken_back",
            Self::ProofAsked { .. } => "proof_asked",
            Self::ContestVoted { .. } => "contest_voted",
            Self::ContestDecided { .. } => "contest_decided",
            Self::CaseRejected { .. } => "case_rejected",
            Self::AppealOpened => "appeal_opened",
            Self::CaseClosed { .. } => "case_closed",
            Self::VetoWindowClosed => "veto_window_closed",
            Self::DataErased => "data_erased",
        }
    }

    /// The evidence an event adds, if it adds any.
    #[must_use]
    pub const fn evidence_id(&self) -> Option<&EvidenceId> {
        match self {
            Self::EvidenceAdded { item } => Some(&item.id),
            _ => None,
        }
    }
}
