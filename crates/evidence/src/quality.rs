//! Coaching checks on a still: light, blur, size. Heard by the applicant in full, never a gate of
//! identity.

use image::GrayImage;
use recovery::evidence::EvidenceKind;
use recovery::finding::{Finding, Outcome};
use recovery::policy::ImageChecks;

use crate::Picture;
use crate::resize::grey_within;

/// Long side of the copy on which light and blur are measured; smaller pictures stay as they are.
const COPY_SIDE: u32 = 1000;
/// Engine name in findings; the number changes with the method.
const ENGINE: &str = "evidence/quality-1";

/// Light, blur and size of a still, one finding per check, passed ones included.
///
/// Screenshots are only checked for size: dark pages are dark, white pages are bright. `took_ms` is
/// zero: the caller has the clock.
#[must_use]
pub fn quality(picture: &Picture, kind: EvidenceKind, thresholds: &ImageChecks) -> Vec<Finding> {
    let shorter = f64::from(picture.width.min(picture.height));
    if kind == EvidenceKind::Screenshot {
        let least = thresholds.small_screenshot;
        return vec![finding(
            kind,
            "image.small",
            shorter,
            least,
            "px",
            shorter >= least,
        )];
    }
    let grey = grey_within(&picture.rgb, COPY_SIDE);
    let luma = mean(&grey);
    let sharp = laplacian_variance(&grey);
    let least = thresholds.small;
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
    let outcome = if good { Outcome::Pass } else { Outcome::Retake };
    Finding::applicant(code, outcome, ENGINE)
        .about(kind)
        .measured(value, threshold, unit)
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
