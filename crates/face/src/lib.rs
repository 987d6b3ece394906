//! Faces: detect, align, embed, compare.
//!
//! [`FaceEngine`] works on decoded pictures; it never sees files. Its answers go three ways:
//! [`FaceEngine::compare_pictures`] for one pair (and [`report::FaceReport`] for people and
//! scripts), [`FaceEngine::findings`] for a case by the thresholds of its policy,
//! [`unavailable_findings`] where no model is at hand. A machine's answer here is never a
//! decision: it is one finding among others. How good those answers are, [`evaluate`] measures.

mod align;
mod compare;
mod cover;
mod crop;
mod detect;
mod embed;
mod engine;
mod error;
pub mod evaluate;
mod findings;
mod gallery;
mod geometry;
mod likeness;
mod liveness;
mod motion;
mod picture;
mod pose;
mod quality;
pub mod report;
mod stopwatch;

pub use compare::{Comparison, Reason, Side};
pub use cover::Cover;
pub use embed::{Embedding, Similarity, Verdict};
pub use engine::{FaceEngine, LookedAt, SHOWN_SIDE};
pub use error::FaceError;
pub use findings::{
    ANY_ENGINE, CODE_ANGLE, CODE_COVERED, CODE_DOCUMENT_KYC, CODE_DOCUMENT_NOTE, CODE_KYC_NOTE,
    CODE_KYC_VIDEO, CODE_LIVE, CODE_NONE, CODE_QUALITY, CODE_SEVERAL, CODE_VIDEO_SAME, CaseFaces,
    FirstLook, MAX_FRAMES, Probe, unavailable_findings,
};
pub use gallery::{Gallery, Near};
pub use geometry::{Bounds, DetectedFace, Point};
pub use likeness::Face;
pub use models::Bands;
pub use motion::{CODE_HEAD, CODE_SYNC, MAX_MOTION_FRAMES, Motion, motion_unavailable};
pub use pose::Pose;
pub use quality::{Quality, QualityIssue};
