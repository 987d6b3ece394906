//! Whether two straightened documents are one: how alike their light and dark run.

use image::imageops::rotate180;
use image::{GrayImage, RgbImage, imageops};
use recovery::evidence::EvidenceKind;
use recovery::finding::{Finding, Outcome};
use recovery::policy::NoteChecks;

use super::ENGINE;
use crate::resize::triangle_grey;

/// Size of the copies that are compared: layout and portrait, no print.
const SIZE: (u32, u32) = (48, 30);
/// Corners found a little off shift the picture by so many pixels of the copies.
const SHIFT: i64 = 2;

/// `note.same_document`: correlation of the two, 1 for the same; the better of upright and on its
/// head. Documents of one template are alike without being the same, so a pass says only that
/// nothing speaks against it.
#[must_use]
pub fn same_document(front: &RgbImage, held: &RgbImage, checks: &NoteChecks) -> Finding {
    let copy = |picture: &RgbImage| {
        let grey = imageops::grayscale(picture);
        triangle_grey(&grey, SIZE)
    };
    let (front, held) = (copy(front), copy(held));
    let turned = rotate180(&held);
    let shifts = (-SHIFT..=SHIFT).flat_map(|y| (-SHIFT..=SHIFT).map(move |x| (x, y)));
    let score = shifts
        .flat_map(|shift| [alike(&front, &held, shift), alike(&front, &turned, shift)])
        .fold(-1.0, f64::max);
    let outcome = if score >= checks.same_document {
        Outcome::Pass
    } else {
        Outcome::Unsure
    };
    Finding::reviewer("note.same_document", outcome, ENGINE)
        .about(EvidenceKind::NotePhoto)
        .measured(score, checks.same_document, "correlation")
}

/// Pearson's correlation of what lies over each other after the shift.
fn alike(one: &GrayImage, other: &GrayImage, (dx, dy): (i64, i64)) -> f64 {
    let mut sums = [0.0; 6];
    for (x, y, pixel) in one.enumerate_pixels() {
        let place = |value: u32, shift: i64| u32::try_from(i64::from(value) + shift).ok();
        let Some((x, y)) = place(x, dx).zip(place(y, dy)) else {
            continue;
        };
        let Some(near) = other.get_pixel_checked(x, y) else {
            continue;
        };
        let ([a], [b]) = (pixel.0.map(f64::from), near.0.map(f64::from));
        for (sum, term) in sums.iter_mut().zip([1.0, a, b, a * a, b * b, a * b]) {
            *sum += term;
        }
    }
    let [n, a, b, aa, bb, ab] = sums;
    let spread = (n * aa - a * a) * (n * bb - b * b);
    if spread > 0.0 {
        (n * ab - a * b) / spread.sqrt()
    } else {
        0.0
    }
}
