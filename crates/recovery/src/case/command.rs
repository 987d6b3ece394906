//! What somebody asks of a case.

use crate::actor::ChannelRef;
use crate::case::change::ChangeKind;
use crate::case::event::{Decision, Pathway, Resolution};
use crate::case::securing::{CredentialKind, SecuringAction, SecuringVerb};
use crate::case::sides::{LiveFactor, Side, Winner};
use crate::document::DocumentKind;
use crate::evidence::{EvidenceItem, EvidenceKind};
use crate::finding::Finding;
use crate::id::{AssignmentId, BlindIndex, CaseCode, CaseId};
use crate::restriction::Mode;
use crate::risk::Grounds;
use crate::time::Timestamp;

/// One item to take again and the stable code that says why.
pub type ReturnItem = (EvidenceKind, String);

/// A reviewer's verdict. Free text is sealed by the shell; only its length comes here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verdict {
    /// The decision.
    pub decision: Decision,
    /// Reason codes of UX.md D6.
    pub codes: Vec<String>,
    /// Answers to the three questions of M17, as stable codes.
    pub answers: Vec<String>,
    /// Items to take again, for [`Decision::AskAgain`].
    pub items: Vec<ReturnItem>,
    /// Characters of the sealed note.
    pub note_characters: u32,
    /// Why evidence that was not captured live is accepted; seniors only.
    pub exception: Option<String>,
}

/// A change of the account as the platform tells it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ToldChange {
    /// What changed.
    pub kind: ChangeKind,
    /// Tells this change from others: a digest of the platform's own name for it.
    pub key: BlindIndex,
    /// When, by the platform.
    pub happened_at: Timestamp,
}

/// What was shown besides the handover ticket: mail alone is never enough.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Proof {
    /// The applicant's case key.
    CaseKey,
    /// A fresh face that passed a moment ago, in this browser.
    FreshFace,
    /// Nothing.
    None,
}

/// A command. Whether it is allowed is decided by `decide` alone.
#[derive(Debug, Clone, PartialEq)]
#[allow(
    missing_docs,
    reason = "fields say what they are; the variants say what is asked"
)]
pub enum Command {
    /// Open a case.
    Open {
        code: CaseCode,
        language: String,
        entry: String,
    },
    /// Agree to be compared.
    GiveConsent {
        text_version: String,
        language: String,
    },
    /// Answer whether the face may be kept and searched for in other cases.
    AnswerGallery {
        agreed: bool,
        text_version: String,
        language: String,
    },
    /// Name an account.
    GiveIdentifier { index: BlindIndex },
    /// The code sent to the new address came back.
    ProveContact { index: BlindIndex },
    /// The platform answered.
    ResolveAccount { resolution: Resolution },
    /// Say which kind of document is shown.
    ChooseDocument { document: DocumentKind },
    /// Evidence was stored.
    AddEvidence { item: EvidenceItem },
    /// Clues were stored.
    GiveClues { answered: Vec<String> },
    /// Send the case.
    Submit { pathway: Pathway },
    /// The checks of a round are done.
    FinishChecks {
        round: u32,
        findings: Vec<Finding>,
        grounds: Grounds,
    },
    /// The checks could not be done in time: people look.
    GiveUpChecks { round: u32 },
    /// A reviewer takes the case's open part.
    Assign { assignment: AssignmentId },
    /// A reviewer hands the case back.
    HandBack {
        assignment: AssignmentId,
        conflict: bool,
    },
    /// A lease ran out.
    EndLease { assignment: AssignmentId },
    /// A reviewer asks to be shown something.
    View {
        assignment: AssignmentId,
        subject: String,
        reason: String,
    },
    /// A reviewer decides.
    GiveVerdict {
        assignment: AssignmentId,
        verdict: Verdict,
    },
    /// The lock's time is over.
    LapseLock,
    /// The platform acknowledged the newest restriction of the account, and reading back agreed. An
    /// acknowledgement of an older version must not come here.
    AcknowledgeFreeze { version: u64, mode: Mode },
    /// Notices of an approval were handed over: of the one with that event number, and no other.
    AcknowledgeNotices { approval: u64, channels: u32 },
    /// The platform says that something of the account changed.
    NoteChange { told: ToldChange },
    /// Send a (new) handover ticket.
    IssueTicket,
    /// Record what a face looked like that was shown afresh in place of the case key.
    ShowFace { findings: Vec<Finding> },
    /// Spend the ticket.
    BeginHandover { proof: Proof },
    /// A credential was staged at the platform, for the handover that began then. One that began
    /// meanwhile takes nothing of it: whoever began before may be somebody else.
    Enrol {
        credential: CredentialKind,
        begun_at: Timestamp,
    },
    /// All credentials are bound.
    CompleteHandover,
    /// The platform did a securing action.
    AcknowledgeSecuring {
        action: SecuringAction,
        verb: SecuringVerb,
    },
    /// Reading back agreed.
    VerifySecuring {
        action: SecuringAction,
        verb: SecuringVerb,
    },
    /// The wait may be over.
    EndWait,
    /// Stop it.
    Veto { channel: ChannelRef },
    /// Another case of the account passed phase 1.
    NoteRival { rival: CaseId },
    /// The applicant says the veto is wrong.
    Dispute,
    /// An objector used something that the account had before.
    ShowLiveFactor {
        factor: LiveFactor,
        channel: ChannelRef,
    },
    /// The objection was a mistake.
    TakeBack { channel: ChannelRef },
    /// A senior wants more from one side.
    AskProof {
        assignment: AssignmentId,
        side: Side,
    },
    /// The rivals' time for evidence is over.
    OpenContest,
    /// A senior decides a contested case.
    Vote {
        assignment: AssignmentId,
        winner: Winner,
        exception: Option<String>,
    },
    /// Ask other people.
    Appeal,
    /// Stop one's own request.
    Withdraw,
    /// A time limit may have passed.
    Expire,
    /// The veto window may be over.
    CloseVetoWindow,
    /// The next step of the limits may be due.
    StepThaw,
    /// The data's time may be over.
    Erase,
}

impl Command {
    /// The stable name.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Open { .. } => "open",
            Self::GiveConsent { .. } => "give_consent",
            Self::AnswerGallery { .. } => "answer_gallery",
            Self::GiveIdentifier { .. } => "give_identifier",
            Self::ProveContact { .. } => "prove_contact",
            Self::ResolveAccount { .. } => "resolve_account",
            Self::AddEvidence { .. } => "add_evidence",
            Self::ChooseDocument { .. } => "choose_document",
            Self::GiveClues { .. } => "give_clues",
            Self::Submit { .. } => "submit",
            Self::FinishChecks { .. } => "finish_checks",
            Self::GiveUpChecks { .. } => "give_up_checks",
            Self::Assign { .. } => "assign",
            Self::HandBack { .. } => "hand_back",
            Self::EndLease { .. } => "end_lease",
            Self::View { .. } => "view",
            Self::GiveVerdict { .. } => "give_verdict",
            Self::LapseLock => "lapse_lock",
            Self::AcknowledgeFreeze { .. } => "acknowledge_freeze",
            Self::AcknowledgeNotices { .. } => "acknowledge_notices",
            Self::NoteChange { .. } => "note_change",
            Self::IssueTicket => "issue_ticket",
            Self::ShowFace { .. } => "show_face",
            Self::BeginHandover { .. } => "begin_handover",
            Self::Enrol { .. } => "enrol",
            Self::CompleteHandover => "complete_handover",
            Self::AcknowledgeSecuring { .. } => "acknowledge_securing",
            Self::VerifySecuring { .. } => "verify_securing",
            Self::EndWait => "end_wait",
            Self::Veto { .. } => "veto",
            Self::NoteRival { .. } => "note_rival",
            Self::Dispute => "dispute",
            Self::ShowLiveFactor { .. } => "show_live_factor",
            Self::TakeBack { .. } => "take_back",
            Self::AskProof { .. } => "ask_proof",
            Self::OpenContest => "open_contest",
            Self::Vote { .. } => "vote",
            Self::Appeal => "appeal",
            Self::Withdraw => "withdraw",
            Self::Expire => "expire",
            Self::CloseVetoWindow => "close_veto_window",
            Self::StepThaw => "step_thaw",
            Self::Erase => "erase",
        }
    }
}
