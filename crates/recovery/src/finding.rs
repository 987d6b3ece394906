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

impl Outcome {
    /// The stable name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Pass => "pass",
            Self::Retake => "retake",
            Self::Unsure => "unsure",
            Self::Fail => "fail",
            Self::Unavailable => "unavailable",
        }
    }
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

/// A rectangle of an upright picture or frame, in thousandths of its width and height.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Region {
    /// Left edge, thousandths of the width.
    pub x: u16,
    /// Upper edge, thousandths of the height.
    pub y: u16,
    /// Width, thousandths of the picture's.
    pub width: u16,
    /// Height, thousandths of the picture's.
    pub height: u16,
}

impl Region {
    /// The whole in its own unit.
    pub const WHOLE: u16 = 1000;

    /// From a rectangle in pixels (`left, top, width, height`) of a picture of `size` pixels; what
    /// lies outside of the picture is cut off. A picture without pixels gives an empty region.
    #[must_use]
    pub fn of_pixels(rectangle: [f64; 4], size: (u32, u32)) -> Self {
        let [left, top, width, height] = rectangle;
        let share = |value: f64, whole: u32| {
            let part = value / f64::from(whole.max(1)) * f64::from(Self::WHOLE);
            // Clamped to 0..=1000 first; a NaN becomes 0 by definition of `as`.
            part.round().clamp(0.0, f64::from(Self::WHOLE)) as u16
        };
        let (x, y) = (share(left, size.0), share(top, size.1));
        Self {
            x,
            y,
            width: share(left + width, size.0).saturating_sub(x),
            height: share(top + height, size.1).saturating_sub(y),
        }
    }
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
    /// One in so many strangers reaches the score: the strictest line at or below it for which that
    /// was measured. None below the first line, and where nothing was measured.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub one_in: Option<u32>,
    /// Engine and model with version, such as `rten/face_reid_0095`.
    pub engine: String,
    /// How long the check took, in milliseconds.
    pub took_ms: u32,
    /// Where in the picture or frame, if the finding has a place.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub region: Option<Region>,
    /// When in the video, in milliseconds from its first frame, if the finding has a moment.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at_ms: Option<u32>,
}

impl Finding {
    /// A finding that measures nothing yet. `engine` names what looked, with its version.
    #[must_use]
    pub fn new(code: &str, outcome: Outcome, audience: Audience, engine: &str) -> Self {
        Self {
            code: code.to_owned(),
            kind: None,
            outcome,
            audience,
            score_milli: None,
            threshold_milli: None,
            unit: None,
            one_in: None,
            engine: engine.to_owned(),
            took_ms: 0,
            region: None,
            at_ms: None,
        }
    }

    /// For reviewers only.
    #[must_use]
    pub fn reviewer(code: &str, outcome: Outcome, engine: &str) -> Self {
        Self::new(code, outcome, Audience::Reviewer, engine)
    }

    /// For the applicant, who can mend it.
    #[must_use]
    pub fn applicant(code: &str, outcome: Outcome, engine: &str) -> Self {
        Self::new(code, outcome, Audience::Applicant, engine)
    }

    /// A check that could not run.
    #[must_use]
    pub fn unavailable(code: &str, engine: &str) -> Self {
        Self::reviewer(code, Outcome::Unavailable, engine)
    }

    /// About this kind of evidence.
    #[must_use]
    pub const fn about(mut self, kind: EvidenceKind) -> Self {
        self.kind = Some(kind);
        self
    }

    /// What was measured, and what it was compared with; both in `unit`.
    #[must_use]
    pub fn measured(mut self, score: f64, threshold: f64, unit: &str) -> Self {
        self.score_milli = Some(milli(score));
        self.threshold_milli = Some(milli(threshold));
        self.unit = Some(unit.to_owned());
        self
    }

    /// At this place of the picture.
    #[must_use]
    pub const fn at(mut self, region: Region) -> Self {
        self.region = Some(region);
        self
    }

    /// At this moment of the video.
    #[must_use]
    pub const fn at_moment(mut self, at_ms: u32) -> Self {
        self.at_ms = Some(at_ms);
        self
    }

    /// After so many milliseconds.
    #[must_use]
    pub const fn took(mut self, milliseconds: u32) -> Self {
        self.took_ms = milliseconds;
        self
    }
}

/// Thousandths, rounded; saturates by definition of `as`, and what is not a number becomes 0.
pub(crate) fn milli(value: f64) -> i64 {
    (value * 1000.0).round() as i64
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn a_region_is_cut_at_the_edges_of_its_picture() {
        let region = Region::of_pixels([-10.0, 50.0, 60.0, 100.0], (100, 100));
        let whole = (region.x, region.y, region.width, region.height);
        assert_eq!(whole, (0, 500, 500, 500));
        let nothing = Region::of_pixels([f64::NAN, 0.0, 1.0, 1.0], (0, 0));
        assert_eq!(nothing.x, 0);
    }

    #[test]
    fn a_finding_without_later_fields_reads_and_writes_as_before_they_existed() {
        let old = concat!(
            r#"{"code":"image.dark","kind":"id_front","outcome":"pass","audience":"applicant""#,
            r#","score_milli":1000,"threshold_milli":40000,"unit":"luma","engine":"e","took_ms":0}"#
        );
        let read: Finding = serde_json::from_str(old).unwrap();
        assert_eq!((read.region, read.one_in), (None, None));
        assert_eq!(serde_json::to_string(&read).unwrap(), old);
    }
}
