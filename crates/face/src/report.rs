//! A comparison for people (text) and for scripts (JSON): `regain face compare`.

use std::fmt::Write as _;

use serde::Serialize;

use crate::compare::{Comparison, Reason, Side};
use crate::embed::Verdict;
use crate::geometry::{Bounds, DetectedFace};
use crate::quality::Quality;

/// Version of the JSON form; it grows when a key changes its meaning.
const FORMAT: u32 = 1;

/// The answer for two pictures: numbers and words, no picture and no vector.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct FaceReport {
    /// Version of this form: 1.
    pub format: u32,
    /// The answer.
    pub verdict: Verdict,
    /// Cosine of the two largest faces, -1 to 1, four digits; none when a picture has no face.
    pub similarity: Option<f64>,
    /// What the similarity alone means.
    pub band: Option<Verdict>,
    /// The limits between the bands.
    pub bands: BandsReport,
    /// The first picture.
    pub a: SideReport,
    /// The second picture.
    pub b: SideReport,
    /// Engine and model, such as `rten/face_reid_0095`.
    pub engine: String,
    /// Milliseconds for everything.
    pub ms: f64,
}

/// The limits between the bands.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct BandsReport {
    /// Below this: no match.
    pub no_match_below: f32,
    /// From this on: match.
    pub match_from: f32,
}

/// What was seen in one picture.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct SideReport {
    /// Every face, largest first; the first one was compared.
    pub faces: Vec<FaceBox>,
    /// Why this picture makes the answer unsure.
    pub reasons: Vec<Reason>,
    /// What was measured on the largest face.
    pub quality: Option<Quality>,
    /// Milliseconds for finding, aligning and embedding.
    pub ms: f64,
}

/// One face.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct FaceBox {
    /// Where it is, in pixels of the picture.
    #[serde(flatten)]
    pub bounds: Bounds,
    /// How sure the detector is, 0 to 1.
    pub score: f32,
}

impl From<&DetectedFace> for FaceBox {
    fn from(face: &DetectedFace) -> Self {
        Self {
            bounds: face.bounds,
            score: face.score,
        }
    }
}

impl From<&Side> for SideReport {
    fn from(side: &Side) -> Self {
        Self {
            faces: side.faces.iter().map(FaceBox::from).collect(),
            reasons: side.reasons.clone(),
            quality: side.quality,
            ms: rounded(side.took_ms, 10.0),
        }
    }
}

impl From<&Comparison> for FaceReport {
    fn from(comparison: &Comparison) -> Self {
        let similarity = comparison.similarity;
        Self {
            format: FORMAT,
            verdict: comparison.verdict,
            similarity: similarity.map(|value| rounded(f64::from(value.cosine()), 1e4)),
            band: comparison.band,
            bands: BandsReport {
                no_match_below: comparison.bands.no_match_below,
                match_from: comparison.bands.match_from,
            },
            a: SideReport::from(&comparison.one),
            b: SideReport::from(&comparison.other),
            engine: comparison.engine.clone(),
            ms: rounded(comparison.took_ms, 10.0),
        }
    }
}

fn rounded(value: f64, unit: f64) -> f64 {
    (value * unit).round() / unit
}

impl FaceReport {
    /// The report as lines of text, each ended by a newline.
    #[must_use]
    pub fn to_text(&self) -> String {
        let mut text = String::new();
        side_text(&mut text, "A", &self.a);
        side_text(&mut text, "B", &self.b);
        let bands = self.bands;
        let score = match self.similarity {
            Some(similarity) => format!("{similarity:.3}"),
            None => "none".to_owned(),
        };
        // Writing to a String cannot fail.
        let _ = writeln!(text, "similarity: {score} (cosine, {})", self.engine);
        let _ = writeln!(
            text,
            "bands: below {:.2} no match, to {:.2} unsure, from there on match",
            bands.no_match_below, bands.match_from
        );
        let mut why: Vec<String> = Vec::new();
        for (name, side) in [("A", &self.a), ("B", &self.b)] {
            why.extend(
                side.reasons
                    .iter()
                    .map(|reason| format!("{name}: {}", reason.words())),
            );
        }
        let why = if why.is_empty() {
            String::new()
        } else {
            format!(" ({})", why.join("; "))
        };
        let _ = writeln!(text, "verdict: {}{why}", self.verdict.words());
        let _ = writeln!(text, "time: {:.1} ms", self.ms);
        text
    }
}

fn side_text(text: &mut String, name: &str, side: &SideReport) {
    let count = side.faces.len();
    let faces = if count == 1 { "face" } else { "faces" };
    let _ = writeln!(text, "{name}: {count} {faces}, {:.1} ms", side.ms);
    for (position, face) in side.faces.iter().enumerate() {
        let Bounds {
            x,
            y,
            width,
            height,
        } = face.bounds;
        let compared = if position == 0 { ", compared" } else { "" };
        let _ = writeln!(
            text,
            "   {width:.0} x {height:.0} pixels at {x:.0}, {y:.0}, score {:.2}{compared}",
            face.score
        );
    }
    if let Some(quality) = side.quality {
        let _ = writeln!(
            text,
            "   light {:.0}, sharpness {:.0}, turned {:.2}, eyes {:.2}, mouth {:.2}",
            quality.luma,
            quality.sharpness,
            quality.turn,
            quality.cover.eyes_light,
            quality.cover.mouth_detail
        );
        if let Some(pose) = quality.pose {
            let _ = writeln!(
                text,
                "   looks {:.0} degrees to the side, {:.0} up or down",
                pose.yaw, pose.pitch
            );
        }
    }
}
