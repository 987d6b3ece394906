//! Bringing a face upright and to the size that the embedder wants.

use image::{Rgb, RgbImage};
use models::LANDMARKS;

use crate::geometry::{DetectedFace, Point, Similarity2};
use crate::picture::{Region, reduced};

/// A face larger than this many times the template is made smaller first: sampling four pixels
/// out of many would alias.
const SHRINK_FROM: f64 = 1.5;

/// The face, `width` x `height` pixels, landmarks at the template; black where the picture ends.
/// None when the landmarks make no face.
pub(crate) fn aligned(
    picture: &RgbImage,
    face: &DetectedFace,
    template: &[[f32; 2]; LANDMARKS],
    (width, height): (u32, u32),
) -> Option<RgbImage> {
    let template = template.map(|[x, y]| Point { x, y });
    let fitted = Similarity2::fit(&face.landmarks, &template)?;
    let ratio = 1.0 / fitted.scale();
    if ratio < SHRINK_FROM {
        return Some(warped(picture, &fitted, width, height));
    }
    let region = around(picture, &fitted, width, height)?;
    let side = |side: u32| (f64::from(side) / ratio).round().max(1.0);
    let (small_width, small_height) = (side(region.width), side(region.height));
    #[allow(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "1 to the side"
    )]
    let small = reduced(picture, region, small_width as u32, small_height as u32);
    // The same landmarks in the pixels of the smaller copy.
    let scale = (
        small_width / f64::from(region.width),
        small_height / f64::from(region.height),
    );
    let landmarks = face.landmarks.map(|point| {
        let x = (f64::from(point.x) - f64::from(region.x) + 0.5) * scale.0 - 0.5;
        let y = (f64::from(point.y) - f64::from(region.y) + 0.5) * scale.1 - 0.5;
        #[allow(clippy::cast_possible_truncation, reason = "pixels")]
        Point {
            x: x as f32,
            y: y as f32,
        }
    });
    let fitted = Similarity2::fit(&landmarks, &template)?;
    Some(warped(&small, &fitted, width, height))
}

/// The part of the picture that the aligned face is made of, in whole pixels.
fn around(picture: &RgbImage, fitted: &Similarity2, width: u32, height: u32) -> Option<Region> {
    let (right, bottom) = (f64::from(width), f64::from(height));
    let corners = [(-1.0, -1.0), (right, -1.0), (-1.0, bottom), (right, bottom)]
        .map(|(x, y)| fitted.source_of(x, y));
    let (x, width) = span(corners.map(|corner| corner.0), picture.width())?;
    let (y, height) = span(corners.map(|corner| corner.1), picture.height())?;
    Some(Region {
        x,
        y,
        width,
        height,
    })
}

/// First pixel and number of pixels from the least to the greatest value, inside the picture.
fn span(values: [f64; 4], side: u32) -> Option<(u32, u32)> {
    let least = values.into_iter().fold(f64::INFINITY, f64::min).floor();
    let greatest = values.into_iter().fold(f64::NEG_INFINITY, f64::max).ceil();
    let first = least.clamp(0.0, f64::from(side));
    let end = greatest.clamp(0.0, f64::from(side));
    if !(end - first).is_normal() || end < first {
        return None;
    }
    #[allow(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "0 to the side"
    )]
    Some((first as u32, (end - first) as u32))
}

/// Samples the picture for every pixel of the aligned face, bilinear.
fn warped(picture: &RgbImage, fitted: &Similarity2, width: u32, height: u32) -> RgbImage {
    let mut out = RgbImage::new(width, height);
    for (column, row, pixel) in out.enumerate_pixels_mut() {
        let (x, y) = fitted.source_of(f64::from(column), f64::from(row));
        *pixel = sample(picture, x, y);
    }
    out
}

fn sample(picture: &RgbImage, x: f64, y: f64) -> Rgb<u8> {
    let (left, top) = (x.floor(), y.floor());
    let (right_part, lower_part) = (x - left, y - top);
    let corners = [
        (left, top, (1.0 - right_part) * (1.0 - lower_part)),
        (left + 1.0, top, right_part * (1.0 - lower_part)),
        (left, top + 1.0, (1.0 - right_part) * lower_part),
        (left + 1.0, top + 1.0, right_part * lower_part),
    ];
    let mut sum = [0.5f64; 3];
    for (x, y, weight) in corners {
        let inside = x >= 0.0
            && y >= 0.0
            && x < f64::from(picture.width())
            && y < f64::from(picture.height());
        if inside {
            #[allow(
                clippy::cast_possible_truncation,
                clippy::cast_sign_loss,
                reason = "inside the picture"
            )]
            let Rgb(values) = *picture.get_pixel(x as u32, y as u32);
            for (sum, value) in sum.iter_mut().zip(values) {
                *sum += weight * f64::from(value);
            }
        }
    }
    #[allow(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "0.5 to 255.5"
    )]
    Rgb(sum.map(|value| value as u8))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::geometry::Bounds;

    const TEMPLATE: [[f32; 2]; 5] = [
        [40.0, 59.0],
        [87.0, 59.0],
        [64.0, 82.0],
        [45.0, 105.0],
        [84.0, 105.0],
    ];

    fn face_at(scale: f32, shift: f32) -> DetectedFace {
        DetectedFace {
            bounds: Bounds {
                x: 0.0,
                y: 0.0,
                width: 100.0,
                height: 100.0,
            },
            landmarks: TEMPLATE.map(|[x, y]| Point {
                x: x * scale + shift,
                y: y * scale + shift,
            }),
            score: 1.0,
        }
    }

    fn gradient(side: u32) -> RgbImage {
        RgbImage::from_fn(side, side, |x, y| {
            let value = |part: u32| u8::try_from(part * 255 / side).unwrap();
            Rgb([value(x), value(y), 9])
        })
    }

    #[test]
    fn a_face_that_lies_at_the_template_is_copied() {
        let picture = gradient(128);
        let out = aligned(&picture, &face_at(1.0, 0.0), &TEMPLATE, (128, 128)).unwrap();
        assert_eq!(out.as_raw(), picture.as_raw());
    }

    #[test]
    fn large_faces_look_like_small_ones() {
        let small = aligned(&gradient(128), &face_at(1.0, 0.0), &TEMPLATE, (128, 128)).unwrap();
        let picture = gradient(1280);
        let large = aligned(&picture, &face_at(10.0, 4.5), &TEMPLATE, (128, 128)).unwrap();
        let difference = small.as_raw().iter().zip(large.as_raw());
        let worst = difference
            .map(|(one, other)| one.abs_diff(*other))
            .max()
            .unwrap();
        assert!(worst <= 3, "{worst}");
    }

    #[test]
    fn a_face_outside_the_picture_is_black_or_nothing() {
        let picture = gradient(50);
        let out = aligned(&picture, &face_at(1.0, 900.0), &TEMPLATE, (128, 128)).unwrap();
        assert!(out.as_raw().iter().all(|value| *value == 0));
        assert!(aligned(&picture, &face_at(9.0, 900.0), &TEMPLATE, (128, 128)).is_none());
    }
}
