//! What a check found: one shape for every check.

use serde::{Deserialize, Serialize};

use crate::evidence::EvidenceKind;

/// What a check concluded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// As it should be.
    Pass,
    /// The applicant can mend it by taking it again.
    Retake,
    /// A person must look.
    Unsure,
    /// It speaks against the applicant; a person decides.
    Fail,
    /// The check could not run (no model, no tool, no source): never a pass.
    Unavailable,
}

/// Who may read a finding.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Audience {
    /// Quality: the applicant hears it in full.
    Applicant,
    /// Identity and attack: reviewers only.
    Reviewer,
}

/// One finding. Scores and codes only: no name, no text that was read, no picture.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Finding {
    /// Stable code, such as `image.dark` or `face.kyc_note` (one documentation page each).
    pub code: String,
    /// The evidence it is about, if it is about one piece.
    pub kind: Option<EvidenceKind>,
    /// The conclusion.
    pub outcome: Outcome,
    /// Who may read it.
    pub audience: Audience,
    /// The measured value in thousandths of `unit`, if the check measures.
    pub score_milli: Option<i64>,
    /// The value it was compared with, in thousandths of `unit`.
    pub threshold_milli: Option<i64>,
    /// What is measured, such as `cosine` or `luma`.
    pub unit: Option<String>,
    /// Engine and model with version, such as `rten/face_reid_0095`.
    pub engine: String,
    /// How long the check took, in milliseconds.
    pub took_ms: u32,
}
