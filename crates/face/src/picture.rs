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
