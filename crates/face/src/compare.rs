//! Two pictures: are they the same person?

use image::RgbImage;
use models::Bands;
use recovery::policy::FaceChecks;
use serde::Serialize;

use crate::embed::{Similarity, Verdict};
use crate::engine::{FaceEngine, LookedAt};
use crate::error::FaceError;
use crate::geometry::DetectedFace;
use crate::quality::{Quality, QualityIssue};
use crate::stopwatch::Stopwatch;

/// Why a comparison is unsure whatever the similarity says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Reason {
    /// There is no face.
    NoFace,
    /// There is more than one person: nobody said which one is meant.
    SeveralFaces,
    /// The face is not good enough to be compared.
    Quality(QualityIssue),
}

impl Reason {
    /// What a person reads.
    #[must_use]
    pub const fn words(self) -> &'static str {
        match self {
            Self::NoFace => "there is no face",
            Self::SeveralFaces => "there is more than one face",
            Self::Quality(issue) => issue.words(),
        }
    }
}

/// What was seen in one picture.
#[derive(Debug, Clone, PartialEq)]
pub struct Side {
    /// Every face, largest first: the first one is compared.
    pub faces: Vec<DetectedFace>,
    /// What was measured on the largest face.
    pub quality: Option<Quality>,
    /// Why this picture makes the comparison unsure.
    pub reasons: Vec<Reason>,
    /// Milliseconds for finding, aligning and embedding.
    pub took_ms: f64,
}

/// The answer for two pictures.
#[derive(Debug, Clone, PartialEq)]
pub struct Comparison {
    /// The first picture.
    pub one: Side,
    /// The second picture.
    pub other: Side,
    /// How alike the two largest faces are; none when a picture has no face.
    pub similarity: Option<Similarity>,
    /// What the similarity alone means; none when there is none, or when the thresholds belong to
    /// another embedder.
    pub band: Option<Verdict>,
    /// The limits between the bands.
    pub bands: Bands,
    /// The answer: the band, or unsure for one of the sides' reasons.
    pub verdict: Verdict,
    /// Engine and model, such as `rten/face_reid_0095`.
    pub engine: String,
    /// Milliseconds for everything.
    pub took_ms: f64,
}

/// The policy's limits in the unit of the scores.
#[allow(clippy::cast_possible_truncation, reason = "-1 to 1")]
pub(crate) fn bands(checks: &FaceChecks) -> Bands {
    Bands {
        no_match_below: checks.no_match_below as f32,
        match_from: checks.match_from as f32,
    }
}

/// Why a picture makes every comparison with it unsure.
pub(crate) fn reasons(seen: &LookedAt, checks: &FaceChecks) -> Vec<Reason> {
    if seen.faces.is_empty() {
        return vec![Reason::NoFace];
    }
    let several = seen.several().then_some(Reason::SeveralFaces);
    several
        .into_iter()
        .chain(seen.issues(checks).into_iter().map(Reason::Quality))
        .collect()
}

impl FaceEngine {
    /// Compares the largest faces of two pictures. A match or no match is only said when each
    /// picture shows one person well enough; else the verdict is unsure and says why.
    ///
    /// # Errors
    /// [`FaceError`] when inference fails.
    pub fn compare_pictures(
        &self,
        one: &RgbImage,
        other: &RgbImage,
        checks: &FaceChecks,
    ) -> Result<Comparison, FaceError> {
        let all = Stopwatch::start();
        let watch = Stopwatch::start();
        let one = self.look_at(one)?;
        let one_ms = watch.ms();
        let watch = Stopwatch::start();
        let other = self.look_at(other)?;
        let other_ms = watch.ms();
        let similarity = match (&one.face, &other.face) {
            (Some(one), Some(other)) => Some(self.compare(one, other)?),
            _ => None,
        };
        let bands = bands(checks);
        let meant = similarity.filter(|_| self.calibrated(checks));
        let band = meant.map(|similarity| similarity.verdict(&bands));
        let side = |seen: LookedAt, took_ms: f64| Side {
            reasons: reasons(&seen, checks),
            faces: seen.faces,
            quality: seen.quality,
            took_ms,
        };
        let (one, other) = (side(one, one_ms), side(other, other_ms));
        let clear = one.reasons.is_empty() && other.reasons.is_empty();
        let verdict = band.filter(|_| clear).unwrap_or(Verdict::Unsure);
        let engine = self.label();
        let took_ms = all.ms();
        Ok(Comparison {
            one,
            other,
            similarity,
            band,
            bands,
            verdict,
            engine,
            took_ms,
        })
    }
}
