//! Coaching checks on a still: light, blur, size. Heard by the applicant in full, never a gate of
//! identity.

use image::{DynamicImage, GrayImage};
use recovery::evidence::EvidenceKind;
use recovery::finding::{Audience, Finding, Outcome};

use crate::Picture;

/// Long side of the copy on which light and blur are measured; smaller pictures stay as they are.
const COPY_SIDE: u32 = 1000;
/// Engine name in findings; the number changes with the method.
const ENGINE: &str = "evidence/quality-1";

/// Where coaching begins. All comparisons are gentle: a person who looks can still read such a
/// picture, and a retake costs the applicant time.
#[derive(Debug, Clone, PartialEq)]
pub struct QualityThresholds {
    /// Mean luma (0 to 255) below which a picture is too dark. The live hint already warns at 55.
    pub dark: f64,
    /// Mean luma above which a picture is too bright. The live hint already warns at 215.
    pub bright: f64,
    /// Variance of the Laplacian (luma squared) on the 1000-pixel copy below which a picture is
    /// blurred. Measured on 11 document specimens: 304 to 2377 sharp, 0 to 1 after a blur of 6
    /// pixels; only what nobody could read is taken again.
    pub blur: f64,
    /// Shorter side in pixels below which a photo is too small to read.
    pub small: u32,
    /// The same for screenshots, which phones often cut to one line.
    pub small_screenshot: u32,
}

impl Default for QualityThresholds {
    fn default() -> Self {
        Self {
            dark: 40.0,
            bright: 235.0,
            blur: 8.0,
            small: 480,
            small_screenshot: 200,
        }
    }
}

/// Light, blur and size of a still, one finding per check, passed ones included.
///
/// Screenshots are only checked for size: dark pages are dark, white pages are bright. `took_ms` is
/// zero: the caller has the clock.
#[must_use]
pub fn quality(
    picture: &Picture,
    kind: EvidenceKind,
    thresholds: &QualityThresholds,
) -> Vec<Finding> {
    let shorter = f64::from(picture.width.min(picture.height));
    if kind == EvidenceKind::Screenshot {
        let least = f64::from(thresholds.small_screenshot);
        return vec![finding(
            kind,
            "image.small",
            shorter,
            least,
            "px",
            shorter >= least,
        )];
    }
    let grey = normalised(picture);
    let luma = mean(&grey);
    let sharp = laplacian_variance(&grey);
    let least = f64::from(thresholds.small);
    vec![
        finding(kind, "image.small", shorter, least, "px", shorter >= least),
        finding(
            kind,
            "image.dark",
            luma,
            thresholds.dark,
            "luma",
            luma >= thresholds.dark,
        ),
        finding(
            kind,
            "image.bright",
            luma,
            thresholds.bright,
            "luma",
            luma <= thresholds.bright,
        ),
        finding(
            kind,
            "image.blur",
            sharp,
            thresholds.blur,
            "variance",
            sharp >= thresholds.blur,
        ),
    ]
}

fn finding(
    kind: EvidenceKind,
    code: &str,
    value: f64,
    threshold: f64,
    unit: &str,
    good: bool,
) -> Finding {
    Finding {
        code: code.to_owned(),
        kind: Some(kind),
        outcome: if good { Outcome::Pass } else { Outcome::Retake },
        audience: Audience::Applicant,
        score_milli: Some(milli(value)),
        threshold_milli: Some(milli(threshold)),
        unit: Some(unit.to_owned()),
        engine: ENGINE.to_owned(),
        took_ms: 0,
    }
}

fn milli(value: f64) -> i64 {
    // Saturates by definition of `as`; values here are far below 2^53.
    (value * 1000.0).round() as i64
}

fn normalised(picture: &Picture) -> GrayImage {
    let full = DynamicImage::ImageRgb8(picture.rgb.clone());
    let small = if picture.width.max(picture.height) > COPY_SIDE {
        full.thumbnail(COPY_SIDE, COPY_SIDE)
    } else {
        full
    };
    small.into_luma8()
}

fn mean(grey: &GrayImage) -> f64 {
    let sum: u64 = grey.as_raw().iter().map(|value| u64::from(*value)).sum();
    sum as f64 / grey.as_raw().len().max(1) as f64
}

/// Variance of the 4-neighbour Laplacian over the inner pixels.
fn laplacian_variance(grey: &GrayImage) -> f64 {
    let width = usize::try_from(grey.width()).unwrap_or(0).max(1);
    let rows: Vec<&[u8]> = grey.as_raw().chunks_exact(width).collect();
    let (mut count, mut sum, mut squares) = (0u64, 0i64, 0i64);
    for window in rows.windows(3) {
        let [above, row, below] = window else {
            continue;
        };
        let inner = row
            .windows(3)
            .zip(above.iter().skip(1))
            .zip(below.iter().skip(1));
        for ((near, up), down) in inner {
            let [left, centre, right] = near else {
                continue;
            };
            let around = [left, right, up, down]
                .into_iter()
                .map(|v| i64::from(*v))
                .sum::<i64>();
            let value = around - 4 * i64::from(*centre);
            count += 1;
            sum += value;
            squares += value * value;
        }
    }
    let total = count.max(1) as f64;
    let average = sum as f64 / total;
    squares as f64 / total - average * average
}
