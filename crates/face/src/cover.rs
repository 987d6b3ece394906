//! Whether something covers the eyes or the mouth: two numbers on the aligned face.
//!
//! The same cover on two pictures makes strangers look alike (false accepts rise up to 60 times),
//! so a covered face is not compared by the machine alone.

use image::{Rgb, RgbImage};
use serde::Serialize;

/// A part of the aligned face, as shares of its sides: left, top, right, bottom.
type Part = [f64; 4];

/// The parts on the template of the embedder (eyes at 0.32 and 0.68 of the width, 0.46 of the
/// height; the corners of the mouth at 0.82 of the height).
const LEFT_EYE: Part = [0.22, 0.39, 0.41, 0.53];
const RIGHT_EYE: Part = [0.59, 0.39, 0.78, 0.53];
const BELOW_EYES: Part = [0.235, 0.5625, 0.766, 0.656];
const MOUTH: Part = [0.33, 0.74, 0.67, 0.91];
const FACE: Part = [0.20, 0.16, 0.80, 0.92];

/// How free a face is.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Cover {
    /// Luma of the lighter eye as a share of the skin below the eyes: dark glasses and bars are
    /// near 0.17, free eyes near 0.76.
    pub eyes_light: f32,
    /// Contrast about the mouth as a share of the whole face's: a mask is near 0.05, a free mouth
    /// near 0.8.
    pub mouth_detail: f32,
}

impl Cover {
    /// Measures an aligned face.
    pub(crate) fn of(aligned: &RgbImage) -> Self {
        let mean = |part| spread(aligned, part).0;
        let deviation = |part| spread(aligned, part).1;
        let eyes = mean(LEFT_EYE).max(mean(RIGHT_EYE));
        #[allow(clippy::cast_possible_truncation, reason = "ratios of small numbers")]
        Self {
            eyes_light: (eyes / mean(BELOW_EYES).max(1.0)) as f32,
            mouth_detail: (deviation(MOUTH) / deviation(FACE).max(1.0)) as f32,
        }
    }
}

/// Mean and standard deviation of the luma of a part.
pub(crate) fn spread(picture: &RgbImage, [left, top, right, bottom]: Part) -> (f64, f64) {
    #[allow(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "0 to the side"
    )]
    let place = |share: f64, side: u32| (share * f64::from(side)).round() as u32;
    let (mut sum, mut squares, mut count) = (0.0f64, 0.0f64, 0.0f64);
    for y in place(top, picture.height())..place(bottom, picture.height()) {
        for x in place(left, picture.width())..place(right, picture.width()) {
            if let Some(pixel) = picture.get_pixel_checked(x, y) {
                let value = luma(*pixel);
                sum += value;
                squares += value * value;
                count += 1.0;
            }
        }
    }
    let mean = sum / count.max(1.0);
    (
        mean,
        (squares / count.max(1.0) - mean * mean).max(0.0).sqrt(),
    )
}

/// Luma, 0 to 255 (Rec. 601).
pub(crate) fn luma(Rgb([red, green, blue]): Rgb<u8>) -> f64 {
    0.299 * f64::from(red) + 0.587 * f64::from(green) + 0.114 * f64::from(blue)
}
