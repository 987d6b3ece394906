//! JPEG at the scale that is needed: a photo of twelve megapixels in a quarter of the time, where
//! a smaller copy of it is all that a check looks at.

use std::panic::{AssertUnwindSafe, catch_unwind};

use image::RgbImage;
use jpeg_decoder::{Decoder, PixelFormat};

use crate::picture::{check_size, upright};
use crate::{Limits, MediaRefusal, MediaType, Picture, decode_picture, jpeg, recognise};

/// As [`decode_picture`], except that a large JPEG may come out smaller: by a half, a quarter or an
/// eighth, its longer side never below `least_side` pixels unless it was so to begin with. That
/// holds for colour and grey JPEG; anything else is decoded whole.
///
/// This is for looking at, not for taking in: a scan that ends early is filled with grey here
/// instead of being refused. What an applicant sends is decoded whole once, by
/// [`decode_picture`], before it is kept.
///
/// # Errors
/// As [`decode_picture`].
pub fn decode_picture_near(
    bytes: &[u8],
    declared_type: Option<&str>,
    limits: &Limits,
    least_side: u32,
) -> Result<Picture, MediaRefusal> {
    let whole = || decode_picture(bytes, declared_type, limits);
    let short = bytes.len() as u64 <= limits.photo_bytes.max(limits.screenshot_bytes);
    let jpeg = short && recognise(bytes)? == MediaType::Jpeg;
    if !jpeg || declared_type.is_some_and(|declared| !MediaType::Jpeg.agrees_with(declared)) {
        return whole();
    }
    // The decoder is memory-safe but not proven free of panics; hostile bytes end here.
    let small = catch_unwind(AssertUnwindSafe(|| scaled(bytes, limits, least_side)));
    match small {
        Ok(Ok(Some(picture))) => Ok(picture),
        Ok(Err(refusal)) => Err(refusal),
        Ok(Ok(None)) | Err(_) => whole(),
    }
}

/// None when the picture is not so large that a smaller copy would do, or not of a usual kind.
fn scaled(bytes: &[u8], limits: &Limits, least_side: u32) -> Result<Option<Picture>, MediaRefusal> {
    let skeleton = jpeg::walk(bytes)?;
    check_size(skeleton.width, skeleton.height, limits)?;
    skeleton.check(limits)?;
    // The decoder takes the next larger of 1/8, 1/4 and 1/2.
    let longer = skeleton.width.max(skeleton.height);
    if longer / 2 < least_side.max(1) {
        return Ok(None);
    }
    let side = |side: u32| {
        // Rounded up: the decoder is content when either side is large enough.
        let wanted = u64::from(side) * u64::from(least_side.max(1));
        let wanted = wanted.div_ceil(u64::from(longer.max(1)));
        u16::try_from(wanted).unwrap_or(u16::MAX).max(1)
    };
    let mut decoder = Decoder::new(bytes);
    decoder.set_max_decoding_buffer_size(usize::try_from(limits.max_alloc).unwrap_or(usize::MAX));
    let decoded = decoder
        .scale(side(skeleton.width), side(skeleton.height))
        .and_then(|size| decoder.decode().map(|pixels| (size, pixels)));
    let (Ok(((width, height), pixels)), Some(info)) = (decoded, decoder.info()) else {
        return Ok(None);
    };
    let (width, height) = (u32::from(width), u32::from(height));
    let pixels = match info.pixel_format {
        PixelFormat::RGB24 => pixels,
        PixelFormat::L8 => pixels.into_iter().flat_map(|grey| [grey; 3]).collect(),
        PixelFormat::L16 | PixelFormat::CMYK32 => return Ok(None),
    };
    let Some(rgb) = RgbImage::from_raw(width, height, pixels) else {
        return Ok(None);
    };
    let rgb = upright(rgb, jpeg::orientation(bytes));
    let (width, height) = rgb.dimensions();
    Ok(Some(Picture {
        rgb,
        media_type: MediaType::Jpeg,
        width,
        height,
    }))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn photo(width: u32, height: u32) -> Vec<u8> {
        let picture = RgbImage::from_fn(width, height, |x, y| {
            image::Rgb([(x * 255 / width) as u8, (y * 255 / height) as u8, 60])
        });
        let mut bytes = std::io::Cursor::new(Vec::new());
        picture
            .write_to(&mut bytes, image::ImageFormat::Jpeg)
            .unwrap();
        bytes.into_inner()
    }

    #[test]
    fn a_large_photo_comes_out_smaller_and_looks_the_same() {
        let bytes = photo(1600, 1200);
        let limits = Limits::default();
        let small = decode_picture_near(&bytes, Some("image/jpeg"), &limits, 400).unwrap();
        assert_eq!((small.width, small.height), (400, 300));
        let whole = decode_picture(&bytes, None, &limits).unwrap();
        let copy = image::imageops::thumbnail(&whole.rgb, 400, 300);
        let pairs = small.rgb.as_raw().iter().zip(copy.as_raw());
        let worst = pairs
            .map(|(one, other)| one.abs_diff(*other))
            .max()
            .unwrap();
        assert!(worst <= 6, "{worst}");
        for (least, width) in [(401, 800), (800, 800), (801, 1600), (5000, 1600), (0, 200)] {
            let small = decode_picture_near(&bytes, None, &limits, least).unwrap();
            assert_eq!(small.width, width, "{least}");
        }
    }

    #[test]
    fn what_is_refused_whole_is_refused_small() {
        let limits = Limits::default();
        let bytes = photo(900, 600);
        for broken in [&bytes[..bytes.len() / 2], b"\xFF\xD8\xFF", b"GIF89a", b""] {
            assert!(decode_picture_near(broken, None, &limits, 100).is_err());
        }
        assert!(decode_picture_near(&bytes, Some("image/png"), &limits, 100).is_err());
        let tight = Limits {
            max_pixels: 1000,
            ..Limits::default()
        };
        assert!(decode_picture_near(&bytes, None, &tight, 100).is_err());
    }
}
