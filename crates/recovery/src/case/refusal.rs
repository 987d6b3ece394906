//! Why the rules do not allow a command: an answer with a stable code, not an error.

use thiserror::Error;

use crate::time::Timestamp;

/// A command the rules do not allow.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[allow(missing_docs, reason = "the sentence of each variant says it")]
pub enum Refusal {
    #[error("there is no such case")]
    NoCase,
    #[error("this case exists already")]
    CaseExists,
    #[error("the case is not at a step where this can be done")]
    WrongStep,
    #[error("this is for somebody else to do")]
    WrongActor,
    #[error("the case was opened under another version of the policy")]
    WrongPolicy,
    #[error("consent comes first")]
    ConsentMissing,
    #[error("the new address must be proved first")]
    ContactMissing,
    #[error("an account must be named first")]
    AccountMissing,
    #[error("some required parts are missing")]
    PartsMissing,
    #[error("this part was not asked for again")]
    NotAsked,
    #[error("this is the same file as before")]
    SameEvidence,
    #[error("nothing more of this kind can be added")]
    TooMany,
    #[error("these results belong to an earlier round")]
    StaleRound,
    #[error("nothing in this case waits for a reviewer")]
    NothingToReview,
    #[error("this case is held by another reviewer")]
    Held,
    #[error("this member of staff may not decide this case")]
    Conflict,
    #[error("this part needs a senior reviewer")]
    NeedsSenior,
    #[error("this member of staff holds as many cases as allowed")]
    TooManyHeld,
    #[error("the assignment is over")]
    NotAssigned,
    #[error("a decision needs a known reason code")]
    ReasonMissing,
    #[error("write more about what you saw")]
    NoteTooShort,
    #[error("asking again needs at least one item")]
    ItemsMissing,
    #[error("the applicant was asked as often as allowed; decide or give it to seniors")]
    AskedTooOften,
    #[error("the three questions come first")]
    AnswersMissing,
    #[error("evidence that was not captured live needs a recorded exception by a senior")]
    ExceptionMissing,
    #[error("the checks have not been recorded")]
    FindingsMissing,
    #[error("another case of this account is already approved")]
    AlreadyApproved,
    #[error("it is too early; the time is over at {}", .until.millis())]
    TooEarly { until: Timestamp },
    #[error("it is too late")]
    TooLate,
    #[error("mail alone is not enough: the case key or a fresh face check is needed")]
    ProofMissing,
    #[error("a fresh face was shown as often as allowed; the case key is needed")]
    FacesUsed,
    #[error("the handover has not been finished")]
    HandoverOpen,
    #[error("the platform has not acknowledged the restrictions yet")]
    FreezeOpen,
    #[error("not everything old is secured yet")]
    SecuringOpen,
    #[error("new credentials are missing")]
    CredentialsMissing,
    #[error("this channel lost a decision about this case and cannot stop it again")]
    ChannelLost,
    #[error("this was done already")]
    AlreadyDone,
    #[error("a case can be appealed once")]
    AppealUsed,
}

impl Refusal {
    /// The stable code; each has a page in the guide.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::NoCase => "no_case",
            Self::CaseExists => "case_exists",
            Self::WrongStep => "wrong_step",
            Self::WrongActor => "wrong_actor",
            Self::WrongPolicy => "wrong_policy",
            Self::ConsentMissing => "consent_missing",
            Self::ContactMissing => "contact_missing",
            Self::AccountMissing => "account_missing",
            Self::PartsMissing => "parts_missing",
            Self::NotAsked => "not_asked",
            Self::SameEvidence => "same_evidence",
            Self::TooMany => "too_many",
            Self::StaleRound => "stale_round",
            Self::NothingToReview => "nothing_to_review",
            Self::Held => "held",
            Self::Conflict => "conflict",
            Self::NeedsSenior => "needs_senior",
            Self::TooManyHeld => "too_many_held",
            Self::NotAssigned => "not_assigned",
            Self::ReasonMissing => "reason_missing",
            Self::NoteTooShort => "note_too_short",
            Self::ItemsMissing => "items_missing",
            Self::AskedTooOften => "asked_too_often",
            Self::AnswersMissing => "answers_missing",
            Self::ExceptionMissing => "exception_missing",
            Self::FindingsMissing => "findings_missing",
            Self::AlreadyApproved => "already_approved",
            Self::TooEarly { .. } => "too_early",
            Self::TooLate => "too_late",
            Self::ProofMissing => "proof_missing",
            Self::FacesUsed => "faces_used",
            Self::HandoverOpen => "handover_open",
            Self::FreezeOpen => "freeze_open",
            Self::SecuringOpen => "securing_open",
            Self::CredentialsMissing => "credentials_missing",
            Self::ChannelLost => "channel_lost",
            Self::AlreadyDone => "already_done",
            Self::AppealUsed => "appeal_used",
        }
    }
}
