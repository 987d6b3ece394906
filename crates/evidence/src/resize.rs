//! Copies of another size, by the library's vector instructions: a photo has twelve million pixels.

use fast_image_resize::images::{Image, ImageRef};
use fast_image_resize::pixels::{U8, U8x3};
use fast_image_resize::{FilterType, PixelTrait, ResizeAlg, ResizeOptions, Resizer};
use image::imageops::grayscale;
use image::{GrayImage, RgbImage};

/// A copy of `size` pixels, each the mean of the area it covers.
pub(crate) fn mean_rgb(picture: &RgbImage, size: (u32, u32)) -> RgbImage {
    rgb(picture, size, FilterType::Box)
}

/// A copy of `size` pixels by a triangle filter as wide as a pixel of the coarser one.
pub(crate) fn triangle_rgb(picture: &RgbImage, size: (u32, u32)) -> RgbImage {
    rgb(picture, size, FilterType::Bilinear)
}

/// As [`triangle_rgb`], of a grey picture.
pub(crate) fn triangle_grey(picture: &GrayImage, size: (u32, u32)) -> GrayImage {
    let (from, filter) = (picture.dimensions(), FilterType::Bilinear);
    let pixels = resized::<U8>(picture.as_raw(), from, size, filter);
    let copy = pixels.and_then(|pixels| GrayImage::from_raw(size.0, size.1, pixels));
    copy.unwrap_or_default()
}

/// A grey copy with a long side of `most` pixels at most, each the mean of the area it covers.
pub(crate) fn grey_within(picture: &RgbImage, most: u32) -> GrayImage {
    let (width, height) = picture.dimensions();
    if width.max(height) <= most {
        return grayscale(picture);
    }
    grayscale(&mean_rgb(picture, within((width, height), most)))
}

/// The size whose longer side is `most`, the proportions kept; at least one pixel.
pub(crate) fn within((width, height): (u32, u32), most: u32) -> (u32, u32) {
    let long = width.max(height).max(1);
    let side = |side: u32| {
        let side = (u64::from(side) * u64::from(most) + u64::from(long) / 2) / u64::from(long);
        u32::try_from(side).unwrap_or(most).max(1)
    };
    (side(width), side(height))
}

fn rgb(picture: &RgbImage, size: (u32, u32), filter: FilterType) -> RgbImage {
    let from = picture.dimensions();
    let pixels = resized::<U8x3>(picture.as_raw(), from, size, filter);
    let copy = pixels.and_then(|pixels| RgbImage::from_raw(size.0, size.1, pixels));
    copy.unwrap_or_default()
}

/// None when a picture has no pixels. Of one kind of pixel: for every kind there is, the library's
/// code is twenty times ours.
fn resized<P: PixelTrait>(
    pixels: &[u8],
    from: (u32, u32),
    to: (u32, u32),
    filter: FilterType,
) -> Option<Vec<u8>> {
    let source = ImageRef::new(from.0, from.1, pixels, P::pixel_type()).ok()?;
    let mut copy = Image::new(to.0, to.1, P::pixel_type());
    let options = ResizeOptions::new().resize_alg(ResizeAlg::Convolution(filter));
    let (source, mut view) = (source.typed_image::<P>()?, copy.typed_image_mut::<P>()?);
    let done = Resizer::new().resize_typed(&source, &mut view, &options);
    done.is_ok().then(|| copy.into_vec())
}

#[cfg(test)]
mod tests {
    use image::imageops;

    use super::*;

    fn scene() -> RgbImage {
        RgbImage::from_fn(613, 401, |x, y| {
            let wave = (x * 7 + y * 3) % 251;
            image::Rgb([wave as u8, (x * y % 256) as u8, (y % 256) as u8])
        })
    }

    /// Greatest and mean difference of two pictures' values.
    fn apart(one: &[u8], other: &[u8]) -> (u8, f64) {
        assert_eq!(one.len(), other.len());
        let all = one.iter().zip(other).map(|(a, b)| a.abs_diff(*b));
        let sum: u64 = all.clone().map(u64::from).sum();
        (all.max().unwrap(), sum as f64 / one.len() as f64)
    }

    #[test]
    fn copies_are_those_of_the_plain_filter() {
        let (scene, size) = (scene(), (100, 65));
        let plain = imageops::resize(&scene, 100, 65, imageops::FilterType::Triangle);
        let (most, mean) = apart(plain.as_raw(), triangle_rgb(&scene, size).as_raw());
        assert!(most <= 2 && mean < 0.5, "{most} {mean}");
        let grey = imageops::grayscale(&scene);
        let plain = imageops::resize(&grey, 100, 65, imageops::FilterType::Triangle);
        let (most, mean) = apart(plain.as_raw(), triangle_grey(&grey, size).as_raw());
        assert!(most <= 2 && mean < 0.5, "{most} {mean}");
        let plain = imageops::thumbnail(&scene, 100, 65);
        let (_, mean) = apart(plain.as_raw(), mean_rgb(&scene, size).as_raw());
        assert!(mean < 8.0, "{mean}");
    }

    #[test]
    fn sides_keep_their_proportions_and_nothing_is_no_harm() {
        assert_eq!(within((4000, 3000), 1000), (1000, 750));
        assert_eq!(within((3, 4000), 512), (1, 512));
        assert_eq!(within((0, 0), 512), (1, 1));
        assert!(mean_rgb(&RgbImage::new(0, 0), (4, 4)).len() <= 4 * 4 * 3);
        assert_eq!(triangle_grey(&GrayImage::new(2, 2), (0, 5)).len(), 0);
    }
}
