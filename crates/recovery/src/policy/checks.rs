//! Thresholds of the automatic checks, each section with the evaluation its numbers come from.
//!
//! A check measures, the policy says from where on a measurement passes. So an operator can be
//! stricter or gentler without a new program, a case keeps the numbers it was opened under, and
//! every finding can name the threshold it was compared with.

use serde::{Deserialize, Serialize};

use super::PolicyError;
use super::gallery::GalleryChecks;
use crate::finding::{Outcome, milli};

/// Where numbers come from: what was measured, on what, and how far that carries.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Evaluation {
    /// The name by which sections refer to it.
    pub name: String,
    /// What was measured on: data set and counts.
    pub set: String,
    /// When, `YYYY-MM-DD`.
    pub date: String,
    /// What it does not show.
    pub limits: String,
}

/// Light, blur and size of any photo.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs, reason = "each key is explained in policy.default.toml")]
pub struct ImageChecks {
    pub evaluation: String,
    pub dark: f64,
    pub bright: f64,
    pub blur: f64,
    pub small: f64,
    pub small_screenshot: f64,
}

/// The document as an object: edges, glare, blur, cover, a screen instead of a card.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs, reason = "each key is explained in policy.default.toml")]
pub struct DocumentChecks {
    pub evaluation: String,
    pub glare_share: f64,
    pub blur: f64,
    pub blur_doubt: f64,
    pub least_width: f64,
    pub edge_share: f64,
    pub covered_share: f64,
    pub emblem: f64,
    pub screen_decibels: f64,
}

/// What was read off the document against the record.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs, reason = "each key is explained in policy.default.toml")]
pub struct ReadingChecks {
    pub evaluation: String,
    pub name_match: f64,
    pub name_near: f64,
    pub least_age_years: f64,
}

/// The photo of the person with document and note.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs, reason = "each key is explained in policy.default.toml")]
pub struct NoteChecks {
    pub evaluation: String,
    pub date_days: f64,
    pub words_share: f64,
    pub same_document: f64,
}

/// The one take.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs, reason = "each key is explained in policy.default.toml")]
pub struct VideoChecks {
    pub evaluation: String,
    pub least_seconds: f64,
    pub gap_seconds: f64,
    pub frozen_share: f64,
    pub arrival_seconds: f64,
    pub quiet_dbfs: f64,
}

/// The spoken digits.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs, reason = "each key is explained in policy.default.toml")]
pub struct PhraseChecks {
    pub evaluation: String,
    pub pass: f64,
    pub unclear: f64,
    pub reveal_seconds: f64,
}

/// Faces compared. The numbers belong to one embedder and are void with another.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs, reason = "each key is explained in policy.default.toml")]
pub struct FaceChecks {
    pub evaluation: String,
    pub embedder: String,
    pub no_match_below: f64,
    pub match_from: f64,
    pub document_from: f64,
    pub live_from: f64,
    pub greatest_yaw_degrees: f64,
    pub greatest_pitch_degrees: f64,
    pub least_width: f64,
    pub dark: f64,
    pub bright: f64,
    pub blur: f64,
    pub eyes_light_from: f64,
    pub mouth_detail_from: f64,
    pub turn_from: f64,
    pub sync_from: f64,
}

/// What the score of a comparison says by itself, in thousandths of its unit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Line {
    pass_from: i64,
    /// Comparisons that speak against nobody have none.
    fail_below: Option<i64>,
}

impl Line {
    /// The outcome of a score.
    #[must_use]
    pub fn outcome(self, score_milli: i64) -> Outcome {
        if score_milli >= self.pass_from {
            Outcome::Pass
        } else if self.fail_below.is_some_and(|line| score_milli < line) {
            Outcome::Fail
        } else {
            Outcome::Unsure
        }
    }

    /// From which score on it passes.
    #[must_use]
    pub const fn pass_from(self) -> i64 {
        self.pass_from
    }
}

impl FaceChecks {
    /// What the scores of a finding of this code mean; none for those that compare nothing.
    ///
    /// An overprint on *both* pictures makes strangers alike, and the portrait of the record may
    /// come from a document, too: that pair passes only from `document_from` on. Print, overprint
    /// and hologram cost similarity, so the portrait on the document speaks against nobody.
    #[must_use]
    pub fn line(&self, code: &str) -> Option<Line> {
        let (pass_from, fail_below) = match code {
            "face.kyc_note" | "face.kyc_video" | "face.video_same" => {
                (self.match_from, Some(self.no_match_below))
            }
            "face.document_kyc" => (self.document_from, None),
            "face.document_note" => (self.match_from, None),
            _ => return None,
        };
        Some(Line {
            pass_from: milli(pass_from),
            fail_below: fail_below.map(milli),
        })
    }

    #[rustfmt::skip]
    fn bounds(&self) -> Vec<Bounds> {
        vec![
            ("checks.face.no_match_below", self.no_match_below, -1.0, 1.0),
            ("checks.face.match_from", self.match_from, 0.1, 1.0),
            ("checks.face.document_from", self.document_from, 0.1, 1.0),
            ("checks.face.live_from", self.live_from, 0.0, 1.0),
            ("checks.face.greatest_yaw_degrees", self.greatest_yaw_degrees, 0.0, 90.0),
            ("checks.face.greatest_pitch_degrees", self.greatest_pitch_degrees, 0.0, 90.0),
            ("checks.face.least_width", self.least_width, 1.0, 12_000.0),
            ("checks.face.dark", self.dark, 0.0, 255.0),
            ("checks.face.bright", self.bright, 0.0, 255.0),
            ("checks.face.blur", self.blur, 0.0, 10_000.0),
            ("checks.face.eyes_light_from", self.eyes_light_from, 0.0, 1.0),
            ("checks.face.mouth_detail_from", self.mouth_detail_from, 0.0, 1.0),
            ("checks.face.turn_from", self.turn_from, 0.0, 1.0),
            ("checks.face.sync_from", self.sync_from, 0.0, 1.0),
        ]
    }
}

/// What the browser says of its camera. Never more than a reason for people to look.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs, reason = "each key is explained in policy.default.toml")]
pub struct CaptureChecks {
    pub evaluation: String,
    pub virtual_names: Vec<String>,
    pub least_frames: f64,
    pub dropped_share: f64,
}

/// The same picture, face or video again.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs, reason = "each key is explained in policy.default.toml")]
pub struct ReuseChecks {
    pub evaluation: String,
    pub bits: f64,
    pub face_bits: f64,
}

/// Every threshold of the automatic checks.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs, reason = "each section is documented at its type")]
pub struct Checks {
    pub evaluations: Vec<Evaluation>,
    pub image: ImageChecks,
    pub document: DocumentChecks,
    pub reading: ReadingChecks,
    pub note: NoteChecks,
    pub video: VideoChecks,
    pub phrase: PhraseChecks,
    pub face: FaceChecks,
    pub capture: CaptureChecks,
    pub reuse: ReuseChecks,
    /// None in a document from before the gallery existed: there is none to search then.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub gallery: Option<GalleryChecks>,
}

/// A key, its value, and the least and the most it may be.
pub(super) type Bounds = (&'static str, f64, f64, f64);

/// Each number that lies outside of its bounds, or is none.
pub(super) fn outside(all: impl IntoIterator<Item = Bounds>) -> impl Iterator<Item = PolicyError> {
    let wrong = |(_, value, min, max): &Bounds| !(min..=max).contains(&value);
    let fault = |(key, value, min, max): Bounds| PolicyError::Threshold {
        key,
        value,
        min,
        max,
    };
    all.into_iter().filter(wrong).map(fault)
}

impl Checks {
    /// Every section names an evaluation that is listed; every number is within its bounds.
    pub(super) fn check(&self, faults: &mut Vec<PolicyError>) {
        for (section, name) in self.named_evaluations() {
            if !self.evaluations.iter().any(|one| one.name == name) {
                faults.push(PolicyError::Evaluation {
                    section,
                    name: name.to_owned(),
                });
            }
        }
        faults.extend(outside(self.bounds()));
        self.check_order(faults);
    }

    #[rustfmt::skip]
    fn check_order(&self, faults: &mut Vec<PolicyError>) {
        let Self { image, document, reading, phrase, face, .. } = self;
        let pairs = [
            ("face", ("no_match_below", face.no_match_below), ("match_from", face.match_from)),
            ("phrase", ("unclear", phrase.unclear), ("pass", phrase.pass)),
            ("reading", ("name_near", reading.name_near), ("name_match", reading.name_match)),
            ("document", ("blur", document.blur), ("blur_doubt", document.blur_doubt)),
            ("image", ("dark", image.dark), ("bright", image.bright)),
        ];
        for (section, (lower, value), (upper, most)) in pairs {
            if value > most {
                faults.push(PolicyError::Crossed { section, lower, value, upper, most });
            }
        }
    }

    /// Every number with its bounds.
    pub(super) fn bounds(&self) -> Vec<Bounds> {
        let all = self.picture_bounds().into_iter();
        let all = all.chain(self.person_bounds()).chain(self.face.bounds());
        let gallery = self.gallery.as_ref();
        let gallery = gallery.map(|gallery| gallery.bounds(&self.face));
        all.chain(gallery.into_iter().flatten()).collect()
    }

    fn named_evaluations(&self) -> Vec<(&'static str, &str)> {
        let gallery = self.gallery.as_ref();
        let gallery = gallery.map(|gallery| ("gallery", gallery.evaluation.as_str()));
        let others: [(&'static str, &str); 9] = [
            ("image", &self.image.evaluation),
            ("document", &self.document.evaluation),
            ("reading", &self.reading.evaluation),
            ("note", &self.note.evaluation),
            ("video", &self.video.evaluation),
            ("phrase", &self.phrase.evaluation),
            ("face", &self.face.evaluation),
            ("capture", &self.capture.evaluation),
            ("reuse", &self.reuse.evaluation),
        ];
        others.into_iter().chain(gallery).collect()
    }

    #[rustfmt::skip]
    fn picture_bounds(&self) -> Vec<Bounds> {
        let (image, document) = (&self.image, &self.document);
        vec![
            ("checks.image.dark", image.dark, 0.0, 255.0),
            ("checks.image.bright", image.bright, 0.0, 255.0),
            ("checks.image.blur", image.blur, 0.0, 10_000.0),
            ("checks.image.small", image.small, 1.0, 12_000.0),
            ("checks.image.small_screenshot", image.small_screenshot, 1.0, 12_000.0),
            ("checks.document.glare_share", document.glare_share, 0.0, 1.0),
            ("checks.document.blur", document.blur, 0.0, 10_000.0),
            ("checks.document.blur_doubt", document.blur_doubt, 0.0, 10_000.0),
            ("checks.document.least_width", document.least_width, 1.0, 12_000.0),
            ("checks.document.edge_share", document.edge_share, 0.0, 1.0),
            ("checks.document.covered_share", document.covered_share, 0.0, 1.0),
            ("checks.document.emblem", document.emblem, 0.0, 16.0),
            ("checks.document.screen_decibels", document.screen_decibels, 0.0, 100.0),
            ("checks.reading.name_match", self.reading.name_match, 0.5, 1.0),
            ("checks.reading.name_near", self.reading.name_near, 0.0, 1.0),
            ("checks.reading.least_age_years", self.reading.least_age_years, 0.0, 120.0),
        ]
    }

    #[rustfmt::skip]
    fn person_bounds(&self) -> Vec<Bounds> {
        let video = &self.video;
        vec![
            ("checks.note.date_days", self.note.date_days, 0.0, 14.0),
            ("checks.note.words_share", self.note.words_share, 0.0, 1.0),
            ("checks.note.same_document", self.note.same_document, 0.0, 1.0),
            ("checks.video.least_seconds", video.least_seconds, 1.0, 60.0),
            ("checks.video.gap_seconds", video.gap_seconds, 0.1, 60.0),
            ("checks.video.frozen_share", video.frozen_share, 0.0, 1.0),
            ("checks.video.arrival_seconds", video.arrival_seconds, 0.1, 60.0),
            ("checks.video.quiet_dbfs", video.quiet_dbfs, -120.0, 0.0),
            ("checks.phrase.pass", self.phrase.pass, -20.0, 0.0),
            ("checks.phrase.unclear", self.phrase.unclear, -20.0, 0.0),
            ("checks.phrase.reveal_seconds", self.phrase.reveal_seconds, 0.1, 10.0),
            ("checks.capture.least_frames", self.capture.least_frames, 0.0, 120.0),
            ("checks.capture.dropped_share", self.capture.dropped_share, 0.0, 1.0),
            ("checks.reuse.bits", self.reuse.bits, 0.0, 128.0),
            ("checks.reuse.face_bits", self.reuse.face_bits, 0.0, 128.0),
        ]
    }
}
