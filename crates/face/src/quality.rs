//! Whether a face is good enough to be compared.
//!
//! One bad side only costs matches, but the same flaw on both sides makes strangers look alike
//! (false accepts rise up to 80 times): so the gate stands on both sides.

use image::RgbImage;
use serde::Serialize;

use crate::geometry::DetectedFace;

/// Below this width the share of right matches falls from 97 to 86 % (at one false accept in
/// 10,000; measured with LFW at 40 and 32 pixels).
pub(crate) const LEAST_WIDTH: f32 = 40.0;
/// Mean brightness of the middle of the face, 0 to 255.
pub(crate) const LEAST_LUMA: f32 = 30.0;
/// As [`LEAST_LUMA`], the upper end.
pub(crate) const GREATEST_LUMA: f32 = 235.0;
/// Variance of the Laplacian of the aligned face.
pub(crate) const LEAST_SHARPNESS: f32 = 8.0;
/// Distance of the nose from the middle between the eyes along the line of the eyes, as a share
/// of the distance between them: 0 from the front, 0.5 in half profile.
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
    /// How far the head is turned: 0 from the front, about 0.5 in half profile.
    pub turn: f32,
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
    /// Turned away.
    Turned,
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
        }
    }
}

impl Quality {
    /// Measures a face and its aligned picture.
    pub(crate) fn of(face: &DetectedFace, aligned: &RgbImage) -> Self {
        let (luma, sharpness) = light_and_detail(aligned);
        Self {
            width: face.bounds.width,
            luma,
            sharpness,
            turn: turn(face),
        }
    }

    /// What is wrong with it; empty when it is good enough. Numbers that are none are wrong.
    #[must_use]
    pub fn issues(&self) -> Vec<QualityIssue> {
        let gates = [
            (self.width >= LEAST_WIDTH, QualityIssue::Small),
            (self.luma >= LEAST_LUMA, QualityIssue::Dark),
            (self.luma <= GREATEST_LUMA, QualityIssue::Bright),
            (self.sharpness >= LEAST_SHARPNESS, QualityIssue::Blurred),
            (self.turn <= GREATEST_TURN, QualityIssue::Turned),
        ];
        gates
            .into_iter()
            .filter(|(good, _)| !good)
            .map(|(_, issue)| issue)
            .collect()
    }
}

impl Quality {
    /// The measured value, its gate and its unit.
    pub(crate) const fn measured(&self, issue: QualityIssue) -> (f32, f32, &'static str) {
        match issue {
            QualityIssue::Small => (self.width, LEAST_WIDTH, "px"),
            QualityIssue::Dark => (self.luma, LEAST_LUMA, "luma"),
            QualityIssue::Bright => (self.luma, GREATEST_LUMA, "luma"),
            QualityIssue::Blurred => (self.sharpness, LEAST_SHARPNESS, "sharpness"),
            QualityIssue::Turned => (self.turn, GREATEST_TURN, "turn"),
        }
    }
}

/// Mean brightness, and variance of the Laplacian, over the middle half of the width and the
/// middle two thirds of the height.
fn light_and_detail(aligned: &RgbImage) -> (f32, f32) {
    let (width, height) = aligned.dimensions();
    let luma = |x: u32, y: u32| -> f32 {
        let Some(image::Rgb([red, green, blue])) = aligned.get_pixel_checked(x, y) else {
            return 0.0;
        };
        0.299 * f32::from(*red) + 0.587 * f32::from(*green) + 0.114 * f32::from(*blue)
    };
    let (mut light, mut sum, mut squares, mut count) = (0.0f64, 0.0f64, 0.0f64, 0.0f64);
    for y in (height / 4).max(1)..(height.saturating_sub(height / 8)) {
        for x in (width / 4).max(1)..(width.saturating_sub(width / 4)) {
            let here = luma(x, y);
            let around = luma(x - 1, y) + luma(x + 1, y) + luma(x, y - 1) + luma(x, y + 1);
            let laplacian = f64::from(around - 4.0 * here);
            light += f64::from(here);
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
