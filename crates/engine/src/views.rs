//! What pages show: computed from a case, its sealed record and the policy, never stored.

use recovery::actor::Rank;
use recovery::case::{Part, State};
use recovery::evidence::{Capture, EvidenceItem, EvidenceKind};
use recovery::finding::Finding;
use recovery::id::{AssignmentId, CaseId, EvidenceId};
use recovery::policy::Tier;
use recovery::reason::Reason;
use recovery::sensitive::Sensitive;
use recovery::time::Timestamp;

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
    /// `handover_done`, `recovered`, `stopped`, `contested`, `decided`, `rejected`, `closed`,
    /// `erased`.
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
    pub ticket_until: Option<Timestamp>,
    pub handover_begun: bool,
    pub handover_done: bool,
    pub securing: Vec<SecuringLine>,
    pub may_appeal_until: Option<Timestamp>,
    pub may_dispute_until: Option<Timestamp>,
    pub erase_at: Option<Timestamp>,
    pub now: Timestamp,
}

/// What a handover page needs to know.
#[derive(Debug, Clone)]
#[allow(missing_docs, reason = "plain fields of a page")]
pub struct HandoverView {
    pub case: CaseId,
    pub code: String,
    pub password_done: bool,
    pub totp_done: bool,
    pub passkey_done: bool,
    pub passkey_required: bool,
    /// Relying party for the passkey, when it is made at Regain: (rp id, origin, name).
    pub passkey_party: Option<(String, String, String)>,
    /// The passkey's user handle and a name for it (the masked address).
    pub user_handle: Vec<u8>,
    pub completed: bool,
    pub wait_until: Option<Timestamp>,
}

/// A new authenticator to connect.
#[derive(Debug, Clone)]
#[allow(missing_docs, reason = "plain fields of a page")]
pub struct TotpOffer {
    pub secret_base32: Sensitive<String>,
    pub otpauth_url: Sensitive<String>,
}

/// What the stop page shows; nothing about the person.
#[derive(Debug, Clone)]
#[allow(missing_docs, reason = "plain fields of a page")]
pub struct StopView {
    pub case: CaseId,
    pub asked_at: Timestamp,
    pub state: State,
    /// A veto through this link would still be accepted.
    pub can_stop: bool,
    pub stopped_at: Option<Timestamp>,
    /// A number to keep, once stopped.
    pub number: String,
}

/// Answer of the message check (UX.md C5).
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum MessageCheck {
    /// We sent it; the text, if one was pasted, is unchanged.
    Ours {
        /// Stable kind, such as `opened` or `holder_asked`.
        kind: String,
        /// `email`, or `notice` for what the platform forwarded.
        channel: String,
        /// The minute.
        at: Timestamp,
        /// A text was given and compared.
        text_compared: bool,
    },
    /// The code is ours, the text is not.
    CodeOnly,
    /// Unknown.
    NotOurs,
    /// It asks for money, a call or an app: always a scam, whatever the code.
    Scam,
}

/// One row of a reviewer's work list (UX.md D2): no name, no country, no value.
#[derive(Debug, Clone)]
#[allow(missing_docs, reason = "plain fields of a page")]
pub struct WorkRow {
    pub case: CaseId,
    pub code: String,
    pub part: Part,
    pub assignment: AssignmentId,
    pub lease_until: Timestamp,
    pub due: Option<Timestamp>,
    pub parts_done: u32,
    pub parts_all: u32,
    pub changed_at: Timestamp,
}

/// The work page.
#[derive(Debug, Clone)]
#[allow(missing_docs, reason = "plain fields of a page")]
pub struct WorkView {
    pub rows: Vec<WorkRow>,
    pub waiting: u64,
    pub oldest_since: Option<Timestamp>,
    pub now: Timestamp,
}

/// How a clue compares; never the true value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs, reason = "the words of UX.md D3")]
pub enum ClueResult {
    Match,
    Near,
    Miss,
    None,
}

/// One clue on the reviewer's page.
#[derive(Debug, Clone)]
#[allow(missing_docs, reason = "plain fields of a page")]
pub struct ClueRow {
    pub clue: &'static str,
    pub result: ClueResult,
}

/// One of the earlier verdicts, shown only when the viewer has given their own.
#[derive(Debug, Clone)]
#[allow(missing_docs, reason = "plain fields of a page")]
pub struct PastVerdict {
    pub part: Part,
    pub decision: &'static str,
    pub codes: Vec<String>,
    pub at: Timestamp,
}

/// What a reviewer may see of a case they hold. Personal fields are masked until revealed.
#[derive(Debug, Clone)]
#[allow(missing_docs, reason = "plain fields of a page")]
pub struct CaseFile {
    pub case: CaseId,
    pub code: String,
    pub state: State,
    pub part: Part,
    pub assignment: AssignmentId,
    pub lease_until: Timestamp,
    pub rank: Rank,
    pub policy_version: u32,
    pub opened_at: Timestamp,
    pub submitted_at: Option<Timestamp>,
    pub due: Option<Timestamp>,
    pub phantom: bool,
    pub locked: bool,
    pub appeal: bool,
    pub needs_exception: bool,
    pub evidence: Vec<EvidenceItem>,
    pub has_portrait: bool,
    pub video_frames: u32,
    /// The lines the note must show, for the comparison.
    pub note_lines: Vec<String>,
    /// The sentence and the digits that the video must say.
    pub phrase: String,
    /// Facts of the record, masked: (label, masked value).
    pub record: Vec<(&'static str, String)>,
    pub clues: Vec<ClueRow>,
    pub findings: Vec<Finding>,
    /// The reviewer's own answers so far, by step: stable codes.
    pub opinions: Vec<(String, String)>,
    pub timeline: Vec<Moment>,
    pub now: Timestamp,
}

/// Something a reviewer asks to see.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Exhibit {
    /// A picture of the case (a screenshot, a photo) as a copy without metadata.
    Picture(EvidenceId),
    /// A frame of the video, from 0.
    Frame(u32),
    /// The video itself.
    Video,
    /// The portrait of the KYC record.
    Portrait,
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
    pub capture: Capture,
}

/// An unfinished upload.
#[derive(Debug, Clone)]
#[allow(missing_docs, reason = "plain fields")]
pub struct UploadView {
    pub offset: u64,
    pub length: Option<u64>,
    pub expires_at: Timestamp,
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
