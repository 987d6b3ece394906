//! Faces: detect, align, embed, compare.
//!
//! [`FaceEngine`] works on decoded pictures; it never sees files. Its answers go three ways:
//! [`FaceEngine::compare_pictures`] for one pair (and [`report::FaceReport`] for people and
//! scripts), [`FaceEngine::findings`] for a case, [`unavailable_findings`] where no model is at
//! hand. A machine's answer here is never a decision: it is one finding among others.

mod align;
mod compare;
mod detect;
mod embed;
mod engine;
mod error;
mod findings;
mod geometry;
mod picture;
mod quality;
pub mod report;
mod stopwatch;

pub use compare::{Comparison, Reason, Side};
pub use embed::{Embedding, Similarity, Verdict};
pub use engine::{FaceEngine, LookedAt};
pub use error::FaceError;
pub use findings::{
    ANY_ENGINE, CODE_KYC_NOTE, CODE_KYC_VIDEO, CODE_NONE, CODE_QUALITY, CODE_SEVERAL,
    CODE_VIDEO_SAME, MAX_FRAMES, Probe, unavailable_findings,
};
pub use geometry::{Bounds, DetectedFace, Point};
pub use models::Bands;
pub use quality::{Quality, QualityIssue};
