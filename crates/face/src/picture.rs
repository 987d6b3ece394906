//! Making pictures smaller without aliasing, whatever their size.

use image::{Rgb, RgbImage};

/// Most samples per direction that make one pixel of the copy. Enough for whole coverage up to
/// this ratio, and for a fair mean beyond, so that a picture of 36 megapixels costs no more than
/// a small one.
const MAX_TAPS: u32 = 6;

/// A part of a picture in whole pixels, inside it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Region {
    /// Left edge.
    pub(crate) x: u32,
    /// Top edge.
    pub(crate) y: u32,
    /// Width, not 0.
    pub(crate) width: u32,
    /// Height, not 0.
    pub(crate) height: u32,
}

/// A smaller copy of a part of a picture: every pixel is the mean over the area it covers.
pub(crate) fn reduced(picture: &RgbImage, region: Region, width: u32, height: u32) -> RgbImage {
    let columns = taps(region.x, region.width, picture.width(), width);
    let rows = taps(region.y, region.height, picture.height(), height);
    let mut out = RgbImage::new(width, height);
    for (pixels, rows) in out.rows_mut().zip(&rows) {
        for (pixel, columns) in pixels.zip(&columns) {
            let mut sum = [0u32; 3];
            let mut count = 0u32;
            for row in rows {
                for column in columns {
                    if let Some(Rgb(values)) = picture.get_pixel_checked(*column, *row) {
                        for (sum, value) in sum.iter_mut().zip(values) {
                            *sum += u32::from(*value);
                        }
                        count += 1;
                    }
                }
            }
            let mean = |sum: u32| (sum + count / 2).checked_div(count).unwrap_or(0);
            *pixel = Rgb(sum.map(|sum| u8::try_from(mean(sum)).unwrap_or(u8::MAX)));
        }
    }
    out
}

/// A copy of a part of a picture of any size, each pixel sampled bilinearly at its middle: what
/// models see that were trained on such copies. Coarser than [`reduced`], and meant to be.
pub(crate) fn sampled(picture: &RgbImage, region: Region, width: u32, height: u32) -> RgbImage {
    let columns = places(region.x, region.width, picture.width(), width);
    let rows = places(region.y, region.height, picture.height(), height);
    let mut out = RgbImage::new(width, height);
    for (pixels, (upper, lower, down)) in out.rows_mut().zip(&rows) {
        for (pixel, (left, right, across)) in pixels.zip(&columns) {
            let at = |x: &u32, y: &u32| match picture.get_pixel_checked(*x, *y) {
                Some(Rgb(values)) => values.map(f32::from),
                None => [0.0; 3],
            };
            let mix = |one: [f32; 3], other: [f32; 3], share: f32| {
                let mut mixed = one;
                for (value, other) in mixed.iter_mut().zip(other) {
                    *value += (other - *value) * share;
                }
                mixed
            };
            let above = mix(at(left, upper), at(right, upper), *across);
            let below = mix(at(left, lower), at(right, lower), *across);
            #[allow(
                clippy::cast_possible_truncation,
                clippy::cast_sign_loss,
                reason = "0.5 to 255.5"
            )]
            let rounded = mix(above, below, *down).map(|value| (value + 0.5) as u8);
            *pixel = Rgb(rounded);
        }
    }
    out
}

/// For each pixel of the copy the two source pixels around its middle, and how near the second.
fn places(first: u32, length: u32, limit: u32, to: u32) -> Vec<(u32, u32, f32)> {
    let last = first.saturating_add(length).min(limit).saturating_sub(1);
    let place = |pixel: u32| {
        let middle = (f64::from(pixel) + 0.5) * f64::from(length) / f64::from(to.max(1)) - 0.5;
        let middle = middle.max(0.0);
        #[allow(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "0 to the side"
        )]
        let (before, share) = (middle.floor() as u32, middle.fract() as f32);
        let before = first.saturating_add(before).min(last);
        (before, before.saturating_add(1).min(last), share)
    };
    (0..to).map(place).collect()
}

/// For each pixel of the copy where in the picture it is sampled, in one direction.
fn taps(first: u32, length: u32, limit: u32, to: u32) -> Vec<Vec<u32>> {
    let to = to.max(1);
    let wanted = length.saturating_mul(2).div_ceil(to).clamp(1, MAX_TAPS);
    let (length, wide, limit) = (u64::from(length), u64::from(wanted), u64::from(limit));
    let position = |pixel: u32, tap: u32| {
        // The middle of the tap-th part of the pixel, in source pixels, rounded down.
        let parts = u64::from(pixel) * wide * 2 + u64::from(tap) * 2 + 1;
        let offset = parts * length / (wide * 2 * u64::from(to));
        let at = (u64::from(first) + offset).min(limit.saturating_sub(1));
        u32::try_from(at).unwrap_or(u32::MAX)
    };
    (0..to)
        .map(|pixel| (0..wanted).map(|tap| position(pixel, tap)).collect())
        .collect()
}

/// A copy whose long side is `long` pixels, or none when the picture is not longer than that.
pub(crate) fn shrunk(picture: &RgbImage, long: u32) -> Option<RgbImage> {
    let (width, height) = picture.dimensions();
    let longest = width.max(height);
    if longest <= long || width == 0 || height == 0 {
        return None;
    }
    let side = |side: u32| {
        let scaled = u64::from(side) * u64::from(long) / u64::from(longest);
        u32::try_from(scaled).unwrap_or(long).max(1)
    };
    Some(reduced(
        picture,
        Region {
            x: 0,
            y: 0,
            width,
            height,
        },
        side(width),
        side(height),
    ))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn every_pixel_is_the_mean_of_its_area() {
        let picture = RgbImage::from_fn(4, 2, |x, _| Rgb([if x % 2 == 0 { 0 } else { 100 }; 3]));
        let out = shrunk(&picture, 2).unwrap();
        assert_eq!(out.dimensions(), (2, 1));
        assert!(out.pixels().all(|pixel| pixel.0 == [50; 3]));
    }

    #[test]
    fn a_fine_pattern_becomes_grey_and_does_not_alias() {
        let picture = RgbImage::from_fn(1000, 1000, |x, y| Rgb([((x + y) % 2) as u8 * 200; 3]));
        for long in [160, 320, 640] {
            let out = shrunk(&picture, long).unwrap();
            let grey = out
                .pixels()
                .filter(|pixel| (40..=160).contains(&pixel.0[0]))
                .count();
            assert!(grey * 100 >= out.pixels().count() * 95, "{long}: {grey}");
        }
    }

    #[test]
    fn a_sampled_ramp_stays_a_ramp_up_and_down() {
        let picture = RgbImage::from_fn(100, 4, |x, _| Rgb([(x * 2) as u8; 3]));
        let whole = Region {
            x: 20,
            y: 0,
            width: 60,
            height: 4,
        };
        for (width, step) in [(30, 4.0), (60, 2.0), (120, 1.0)] {
            let out = sampled(&picture, whole, width, 4);
            for x in 1..width - 1 {
                let wanted = 40.0 + (x as f32 + 0.5) * step - 1.0;
                let found = f32::from(out.get_pixel(x, 1).0[0]);
                assert!(
                    (found - wanted).abs() <= 0.6,
                    "{width} {x}: {found} {wanted}"
                );
            }
        }
    }

    #[test]
    fn thin_pictures_keep_at_least_one_pixel() {
        assert_eq!(
            shrunk(&RgbImage::new(12_000, 1), 160).unwrap().dimensions(),
            (160, 1)
        );
        assert_eq!(
            shrunk(&RgbImage::new(1, 12_000), 160).unwrap().dimensions(),
            (1, 160)
        );
        assert!(shrunk(&RgbImage::new(1, 1), 160).is_none());
        assert!(shrunk(&RgbImage::new(0, 500), 160).is_none());
    }
}
