//! What pages show: computed from a case, its sealed record and the policy, never stored.

mod contest;
mod desk;
mod holder;
mod operation;
mod policy;
mod securing;
mod webhooks;

use recovery::actor::Rank;
use recovery::case::State;
use recovery::document::DocumentKind;
use recovery::evidence::{Capture, EvidenceItem, EvidenceKind};
use recovery::finding::{Finding, Region};
use recovery::id::{CaseId, EvidenceId, TakeId};
use recovery::policy::{Rung, Tier};
use recovery::reason::Reason;
use recovery::sensitive::Sensitive;
use recovery::time::{Span, Timestamp};

pub use crate::examine::{SaidWords, ShownAs};
use crate::inputs::BegunHandover;
pub use contest::{ChannelAge, ContestFile, Objector, OtherSide, RivalSide};
pub use desk::{CaseFile, Exhibit, HolderWord, Revealed, WorkRow, WorkView};
pub use holder::{MessageCheck, ObjectionView, StopView, Stoppable};
pub use operation::{Operation, ReviewLoad};
pub use policy::{PolicyStepView, PolicyView, ProposalView, PublishedView};
pub use securing::{OpenSecuring, SecuringStep, SecuringView};
pub use store::{Undone, WebhookState};
pub(crate) use webhooks::endpoints;
pub use webhooks::{EndpointView, WebhookView, WebhooksView};

/// One part of the task list (UX.md P10).
#[derive(Debug, Clone)]
pub struct Task {
    /// Which evidence.
    pub kind: EvidenceKind,
    /// Whether the case cannot be sent without it.
    pub required: bool,
    /// How far it is.
    pub status: TaskStatus,
    /// Why it must be taken again.
    pub reason: Option<&'static Reason>,
    /// Where in the picture that reason is seen.
    pub regions: Vec<Region>,
    /// What was sent (all screenshots, or the one item).
    pub items: Vec<EvidenceItem>,
    /// Automatic tries left before people look.
    pub tries_left: u32,
}

/// Status words of the task list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs, reason = "the words of UX.md P10")]
pub enum TaskStatus {
    ToDo,
    Done,
    Checking,
    TakeAgain,
    NotNeeded,
}

/// Why an account of a holder who was believed cannot come back (M25, M26).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NotOffered {
    /// Idle for long, its data removed or archived.
    Archived {
        /// The year of the last sign-in.
        since: i16,
    },
    /// On a list of accounts for which the platform may not offer service.
    Restricted,
}

/// Why the case waits (UX.md C1): a stable code and the numbers its sentence needs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Why {
    /// Such as `wait.queue`.
    pub code: &'static str,
    /// How many parts or requests, where the sentence says a number.
    pub count: u64,
    /// Since when, where the sentence says so.
    pub since: Option<Timestamp>,
}

/// One line of the timeline.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Moment {
    /// When it happened or is expected.
    pub at: Timestamp,
    /// Stable code: `opened`, `sent`, `returned`, `checked`, `locked`, `approved`, `wait_started`,
    /// `wait_longer`, `handover_done`, `recovered`, `stopped`, `contested`, `decided`, `rejected`,
    /// `closes`, `dispute_ends`, `proof_ends`, `veto_ends`, `closed`, `erased`.
    pub code: &'static str,
    /// Still to come.
    pub expected: bool,
}

/// How far one securing action is, as the applicant sees it (UX.md P28).
#[derive(Debug, Clone)]
pub struct SecuringLine {
    /// Name in the platform contract, such as `api_keys`.
    pub action: String,
    /// When reading back confirmed it.
    pub confirmed_at: Option<Timestamp>,
}

/// Everything the applicant's pages show.
#[derive(Debug, Clone)]
#[allow(missing_docs, reason = "plain fields of a page")]
pub struct ApplicantView {
    pub case: CaseId,
    pub code: String,
    pub state: State,
    pub language: String,
    pub consented: bool,
    pub identifier_given: bool,
    /// The address waiting for its code, or the proved one.
    pub contact: Option<Sensitive<String>>,
    pub contact_proved: bool,
    pub clues_given: bool,
    /// How many addresses signed for this case.
    pub addresses_signed: usize,
    /// The kind of document that the applicant says they show.
    pub document: Option<DocumentKind>,
    pub tasks: Vec<Task>,
    /// The sentence and the digits to say in the video (M11).
    pub phrase: String,
    /// Everything required is there.
    pub ready: bool,
    /// The case came back and has not been sent again.
    pub returned: bool,
    pub submitted_at: Option<Timestamp>,
    pub finish_until: Timestamp,
    /// When the present phase is promised to be over.
    pub due: Option<Timestamp>,
    pub late: bool,
    pub locked: bool,
    pub why: Why,
    pub timeline: Vec<Moment>,
    pub tier: Tier,
    pub wait_until: Option<Timestamp>,
    /// The handover may begin only when the wait is over.
    pub handover_later: bool,
    pub ticket_until: Option<Timestamp>,
    pub handover_begun: bool,
    pub handover_done: bool,
    pub securing: Vec<SecuringLine>,
    pub may_appeal_until: Option<Timestamp>,
    pub may_dispute_until: Option<Timestamp>,
    /// Another request for the account stopped this one.
    pub rival: bool,
    /// Until when they may, or might, add to their side.
    pub proof_until: Option<Timestamp>,
    pub erase_at: Option<Timestamp>,
    /// The limits after the wait, from now on; empty when everything is open.
    pub ladder: Vec<Rung>,
    /// Why an account cannot come back, where that may be told.
    pub not_offered: Option<NotOffered>,
    pub now: Timestamp,
}

/// What a handover page needs to know.
#[derive(Debug, Clone)]
#[allow(missing_docs, reason = "plain fields of a page")]
pub struct HandoverView {
    pub handover: BegunHandover,
    pub code: String,
    pub password_done: bool,
    pub totp_done: bool,
    pub passkey_done: bool,
    pub passkey_required: bool,
    /// Relying party for the passkey, when it is made at Regain: (rp id, origin, name).
    pub passkey_party: Option<(String, String, String)>,
    /// The platform's own page makes the passkey.
    pub passkey_at_platform: bool,
    /// Recovery codes are made at Regain, and are not bound yet.
    pub codes_due: bool,
    pub codes_done: bool,
    /// The passkey's user handle and a name for it (the masked address).
    pub user_handle: Vec<u8>,
    pub completed: bool,
    pub wait_until: Option<Timestamp>,
}

/// Whether a face may be shown afresh in place of the case key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FreshFaceView {
    /// Not now, or not by this policy.
    NotOffered,
    /// It may: how often one that does not pass may be shown, and whether one did not.
    Open {
        /// Tries left, this one included.
        left: u32,
        /// One did not pass.
        failed: bool,
    },
    /// As often as allowed, without a pass.
    UsedUp,
    /// It passed in this browser: until then the handover needs no key.
    Passed {
        /// When that is over.
        until: Timestamp,
    },
}

/// A new authenticator to connect.
#[derive(Debug, Clone)]
#[allow(missing_docs, reason = "plain fields of a page")]
pub struct TotpOffer {
    pub secret_base32: Sensitive<String>,
    pub otpauth_url: Sensitive<String>,
}

/// Recovery codes and a veto code to keep, and the number of the one to type in.
#[derive(Debug, Clone)]
#[allow(missing_docs, reason = "plain fields of a page")]
pub struct CodesOffer {
    pub codes: Vec<Sensitive<String>>,
    pub number: usize,
    pub veto_code: Sensitive<String>,
}

/// Bytes to show, with their type.
#[derive(Debug, Clone)]
#[allow(missing_docs, reason = "plain fields")]
pub struct Shown {
    pub media_type: String,
    pub bytes: Vec<u8>,
}

/// What was taken in when evidence arrived.
#[derive(Debug, Clone)]
#[allow(missing_docs, reason = "plain fields")]
pub struct Received {
    pub evidence: EvidenceId,
    /// Findings of the quick check that the applicant may read.
    pub findings: Vec<Finding>,
    /// What should have looked at it could not: a person or a later check will.
    pub unchecked: bool,
    pub capture: Capture,
}

/// An upload.
#[derive(Debug, Clone)]
#[allow(missing_docs, reason = "plain fields")]
pub struct UploadView {
    pub kind: EvidenceKind,
    pub offset: u64,
    /// Unknown while it is deferred.
    pub length: Option<u64>,
    pub expires_at: Timestamp,
    /// A face shown afresh at the handover; it becomes no evidence.
    pub fresh_face: bool,
}

impl UploadView {
    /// Everything arrived: it can be taken in, or was.
    #[must_use]
    pub fn complete(&self) -> bool {
        self.length == Some(self.offset)
    }
}

/// How far a link to a phone is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PhoneState {
    /// Nobody answered on a phone yet.
    Waiting,
    /// Somebody said that it is their own request; the word is asked.
    Asked,
    /// A phone is in.
    Connected,
    /// Somebody said no, or chose the wrong word.
    Refused,
    /// Too old, or replaced.
    Over,
}

/// A link to a phone, for the screen that made it.
#[derive(Debug, Clone)]
#[allow(missing_docs, reason = "plain fields of a page")]
pub struct PhoneLinkView {
    pub secret: Sensitive<String>,
    /// What is typed instead.
    pub code: Sensitive<String>,
    /// What the phone asks for.
    pub word: &'static str,
    pub expires_at: Timestamp,
    pub state: PhoneState,
}

/// What a link to a phone opens, on the phone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PhoneDoor {
    /// It can still be answered.
    Open {
        /// The case's public code.
        code: String,
        /// The family of the browser that made it.
        browser: String,
        /// How long ago, in whole minutes.
        minutes: i64,
        /// Whether the question was answered with yes.
        asked: bool,
        /// The words to choose from.
        words: Vec<&'static str>,
    },
    /// A phone is in by it.
    Used,
    /// Ten minutes are over.
    Expired,
    /// A newer one was made.
    Replaced,
    /// Answered with no, or with the wrong word.
    Stopped,
    /// None of ours.
    Unknown,
}

/// A take that was begun.
#[derive(Debug, Clone)]
#[allow(missing_docs, reason = "plain fields")]
pub struct TakeView {
    pub take: TakeId,
    pub expires_in: Span,
    /// What a video must say; the digits come one by one.
    pub phrase: Option<PhraseView>,
}

/// What a video must say, without the digits.
#[derive(Debug, Clone)]
#[allow(missing_docs, reason = "plain fields")]
pub struct PhraseView {
    pub sentence: String,
    pub digits: u8,
    pub pace: Span,
}

/// A staff member.
#[derive(Debug, Clone, PartialEq, Eq)]
#[allow(missing_docs, reason = "plain fields")]
pub struct StaffMember {
    pub id: recovery::id::ReviewerId,
    pub name: String,
    pub rank: Rank,
    pub active: bool,
}
