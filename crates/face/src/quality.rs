//! Whether a face is good enough to be compared.
//!
//! One bad side only costs matches, but the same flaw on both sides makes strangers look alike
//! (false accepts rise up to 80 times): so the gate stands on both sides.

use image::RgbImage;
use recovery::policy::FaceChecks;
use serde::Serialize;

use crate::cover::{Cover, luma};
use crate::geometry::DetectedFace;
use crate::pose::Pose;

/// Where there is no model of head poses: distance of the nose from the middle between the eyes
/// along the line of the eyes, as a share of the distance between them; 0 from the front, 0.5 in
/// half profile.
pub(crate) const GREATEST_TURN: f32 = 0.6;

/// What was measured on a face.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Quality {
    /// Width of the box in pixels of the original picture.
    pub width: f32,
    /// Mean brightness of the middle of the face, 0 to 255.
    pub luma: f32,
    /// Variance of the Laplacian in the middle of the aligned face: higher is sharper.
    pub sharpness: f32,
    /// How far the head is turned by the landmarks: 0 from the front, about 0.5 in half profile.
    pub turn: f32,
    /// Where the head looks; none without the model.
    pub pose: Option<Pose>,
    /// Whether eyes and mouth are free.
    pub cover: Cover,
}

/// Why a face is not good enough.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum QualityIssue {
    /// Too few pixels.
    Small,
    /// Too little light.
    Dark,
    /// Too much light.
    Bright,
    /// Out of focus, shaken, or blown up from a few pixels.
    Blurred,
    /// Turned to the side.
    Turned,
    /// Turned up or down.
    Tilted,
    /// Something dark over the eyes.
    EyesCovered,
    /// Something over the mouth.
    MouthCovered,
}

impl QualityIssue {
    /// What a person reads.
    #[must_use]
    pub const fn words(self) -> &'static str {
        match self {
            Self::Small => "the face is too small",
            Self::Dark => "the face is too dark",
            Self::Bright => "the face is too bright",
            Self::Blurred => "the face is blurred",
            Self::Turned => "the face is turned away",
            Self::Tilted => "the face is turned up or down",
            Self::EyesCovered => "the eyes are covered",
            Self::MouthCovered => "the mouth is covered",
        }
    }
}

/// One gate: the measured value, its limit, the unit, and whether it is passed.
pub(crate) struct Gate {
    pub(crate) issue: QualityIssue,
    pub(crate) value: f64,
    pub(crate) limit: f64,
    pub(crate) unit: &'static str,
    good: bool,
}

impl Gate {
    fn least(issue: QualityIssue, value: f32, limit: f64, unit: &'static str) -> Self {
        let value = f64::from(value);
        Self {
            issue,
            value,
            limit,
            unit,
            // A number that is none is not good.
            good: value >= limit,
        }
    }

    fn most(issue: QualityIssue, value: f32, limit: f64, unit: &'static str) -> Self {
        let value = f64::from(value);
        Self {
            issue,
            value,
            limit,
            unit,
            good: value <= limit,
        }
    }
}

impl Quality {
    /// Measures a face and its aligned picture.
    pub(crate) fn of(face: &DetectedFace, aligned: &RgbImage, pose: Option<Pose>) -> Self {
        let (luma, sharpness) = light_and_detail(aligned);
        Self {
            width: face.bounds.width,
            luma,
            sharpness,
            turn: turn(face),
            pose,
            cover: Cover::of(aligned),
        }
    }

    /// What is wrong with it; empty when it is good enough. Numbers that are none are wrong.
    #[must_use]
    pub fn issues(&self, checks: &FaceChecks) -> Vec<QualityIssue> {
        let gates = self.gates(checks).into_iter();
        gates
            .filter(|gate| !gate.good)
            .map(|gate| gate.issue)
            .collect()
    }

    /// The measured value of an issue, its gate and its unit.
    pub(crate) fn measured(&self, issue: QualityIssue, checks: &FaceChecks) -> Option<Gate> {
        let mut gates = self.gates(checks).into_iter();
        gates.find(|gate| gate.issue == issue)
    }

    fn gates(&self, checks: &FaceChecks) -> Vec<Gate> {
        let mut gates = vec![
            Gate::least(QualityIssue::Small, self.width, checks.least_width, "px"),
            Gate::least(QualityIssue::Dark, self.luma, checks.dark, "luma"),
            Gate::most(QualityIssue::Bright, self.luma, checks.bright, "luma"),
            Gate::least(
                QualityIssue::Blurred,
                self.sharpness,
                checks.blur,
                "sharpness",
            ),
            Gate::least(
                QualityIssue::EyesCovered,
                self.cover.eyes_light,
                checks.eyes_light_from,
                "share",
            ),
            Gate::least(
                QualityIssue::MouthCovered,
                self.cover.mouth_detail,
                checks.mouth_detail_from,
                "share",
            ),
        ];
        match self.pose {
            Some(Pose { yaw, pitch, .. }) => gates.extend([
                Gate::most(
                    QualityIssue::Turned,
                    yaw.abs(),
                    checks.greatest_yaw_degrees,
                    "degrees",
                ),
                Gate::most(
                    QualityIssue::Tilted,
                    pitch.abs(),
                    checks.greatest_pitch_degrees,
                    "degrees",
                ),
            ]),
            None => gates.push(Gate::most(
                QualityIssue::Turned,
                self.turn,
                f64::from(GREATEST_TURN),
                "turn",
            )),
        }
        gates
    }

    /// How well the face suits a comparison, to choose among frames: larger is better. Beyond
    /// twice the embedder's input more pixels are worth nothing.
    pub(crate) fn merit(&self) -> f32 {
        let size = (self.width / 256.0).clamp(0.0, 1.0);
        let detail = (self.sharpness.max(0.0) / 200.0).sqrt().min(1.0);
        let front = match self.pose {
            Some(pose) => 1.0 - (pose.yaw.abs().max(pose.pitch.abs()) / 90.0).min(1.0),
            None => 1.0 - self.turn.min(1.0),
        };
        let free = self.cover.eyes_light.clamp(0.0, 1.0) * self.cover.mouth_detail.clamp(0.0, 1.0);
        size * detail * front * free.sqrt()
    }
}

/// Mean brightness, and variance of the Laplacian, over the middle half of the width and the
/// middle two thirds of the height.
fn light_and_detail(aligned: &RgbImage) -> (f32, f32) {
    let (width, height) = aligned.dimensions();
    let luma = |x: u32, y: u32| aligned.get_pixel_checked(x, y).map_or(0.0, |p| luma(*p));
    let (mut light, mut sum, mut squares, mut count) = (0.0f64, 0.0f64, 0.0f64, 0.0f64);
    for y in (height / 4).max(1)..(height.saturating_sub(height / 8)) {
        for x in (width / 4).max(1)..(width.saturating_sub(width / 4)) {
            let here = luma(x, y);
            let around = luma(x - 1, y) + luma(x + 1, y) + luma(x, y - 1) + luma(x, y + 1);
            let laplacian = around - 4.0 * here;
            light += here;
            sum += laplacian;
            squares += laplacian * laplacian;
            count += 1.0;
        }
    }
    let count = count.max(1.0);
    let mean = sum / count;
    #[allow(clippy::cast_possible_truncation, reason = "0 to 2 million")]
    (
        (light / count) as f32,
        (squares / count - mean * mean) as f32,
    )
}

fn turn(face: &DetectedFace) -> f32 {
    let [left, right, nose, _, _] = face.landmarks;
    let (across_x, across_y) = (right.x - left.x, right.y - left.y);
    let (nose_x, nose_y) = (
        nose.x - (left.x + right.x) / 2.0,
        nose.y - (left.y + right.y) / 2.0,
    );
    let eyes = across_x * across_x + across_y * across_y;
    ((nose_x * across_x + nose_y * across_y) / eyes).abs()
}
