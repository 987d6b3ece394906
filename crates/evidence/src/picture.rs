//! Stills: bounded decoding, upright turning, and the copy that reviewers see.

use std::borrow::Cow;
use std::io::Cursor;
use std::panic::{AssertUnwindSafe, catch_unwind};

use image::codecs::jpeg::JpegEncoder;
use image::codecs::png::PngDecoder;
use image::codecs::webp::WebPDecoder;
use image::metadata::Orientation;
use image::{ColorType, DynamicImage, ImageDecoder, ImageError, RgbImage};

use crate::resize::{triangle_rgb, within};
use crate::{Limits, MediaRefusal, MediaType, jpeg, recognise, webp};

/// Quality of reviewers' copies: no visible loss on small print, a third of the camera's bytes.
const COPY_QUALITY: u8 = 88;

/// A decoded still, upright, without any metadata.
#[derive(Clone, PartialEq, Eq)]
pub struct Picture {
    /// Its pixels, turned as the camera's orientation tag demands.
    pub rgb: RgbImage,
    /// The format it came in.
    pub media_type: MediaType,
    /// Pixels across, after turning.
    pub width: u32,
    /// Pixels down, after turning.
    pub height: u32,
}

impl std::fmt::Debug for Picture {
    /// Size and format only: the pixels are a person.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            f,
            "Picture({:?}, {} x {})",
            self.media_type, self.width, self.height
        )
    }
}

/// Decodes a photo or screenshot inside the limits.
///
/// `declared_type` is the sender's content type, if there was one; it must agree with the bytes.
/// The number of bytes is bounded by the larger of the two picture limits; the caller knows the
/// kind and checks [`Limits::bytes_for`] before it even reads the body.
///
/// # Errors
/// A [`MediaRefusal`]; nothing is decoded before size, magic bytes, declared type and header agree.
pub fn decode_picture(
    bytes: &[u8],
    declared_type: Option<&str>,
    limits: &Limits,
) -> Result<Picture, MediaRefusal> {
    let limit = limits.photo_bytes.max(limits.screenshot_bytes);
    if bytes.len() as u64 > limit {
        return Err(MediaRefusal::TooLarge {
            bytes: bytes.len() as u64,
            limit,
        });
    }
    let media_type = recognise(bytes)?;
    if declared_type.is_some_and(|declared| !media_type.agrees_with(declared)) {
        return Err(MediaRefusal::DeclaredType {
            found: media_type.mime(),
        });
    }
    // The decoders are memory-safe but not proven free of panics; hostile bytes end here.
    catch_unwind(AssertUnwindSafe(|| decode(bytes, media_type, limits))).unwrap_or(Err(
        MediaRefusal::Damaged {
            what: "its picture data cannot be read",
        },
    ))
}

fn decode(bytes: &[u8], kind: MediaType, limits: &Limits) -> Result<Picture, MediaRefusal> {
    let (rgb, orientation) = match kind {
        MediaType::Jpeg => {
            let skeleton = jpeg::walk(bytes)?;
            check_size(skeleton.width, skeleton.height, limits)?;
            skeleton.check(limits)?;
            jpeg::decode(bytes, &skeleton, limits)?
        }
        MediaType::Png => {
            let decoder = PngDecoder::with_limits(Cursor::new(bytes), image_limits(limits))
                .map_err(|error| refusal_of(&error))?;
            let animated = decoder.is_apng().unwrap_or(false);
            decode_still(decoder, animated, limits)?
        }
        MediaType::WebP => {
            if !webp::chunks_fit(bytes) {
                return Err(MediaRefusal::Damaged {
                    what: "a part of it is longer than the file",
                });
            }
            let decoder =
                WebPDecoder::new(Cursor::new(bytes)).map_err(|error| refusal_of(&error))?;
            let animated = decoder.has_animation();
            decode_still(decoder, animated, limits)?
        }
        MediaType::Mp4 | MediaType::WebM => {
            return Err(MediaRefusal::WrongKind {
                found: "a video",
                expected: "a photo",
            });
        }
        // These need a tool: see `open_still`.
        MediaType::Heic | MediaType::Avif | MediaType::Pdf => {
            return Err(MediaRefusal::NotMedia { found: kind.noun() });
        }
    };
    let rgb = upright(rgb, orientation);
    let (width, height) = rgb.dimensions();
    Ok(Picture {
        rgb,
        media_type: kind,
        width,
        height,
    })
}

fn decode_still(
    mut decoder: impl ImageDecoder,
    animated: bool,
    limits: &Limits,
) -> Result<(RgbImage, Orientation), MediaRefusal> {
    let (width, height) = decoder.dimensions();
    check_size(width, height, limits)?;
    if animated {
        return Err(MediaRefusal::Animated);
    }
    // What is not plain 8-bit RGB is converted, so both copies exist for a moment.
    let converted = match decoder.color_type() {
        ColorType::Rgb8 => 0,
        _ => u64::from(width) * u64::from(height) * 3,
    };
    if decoder.total_bytes().saturating_add(converted) > limits.max_alloc {
        return Err(MediaRefusal::TooComplex);
    }
    decoder
        .set_limits(image_limits(limits))
        .map_err(|error| refusal_of(&error))?;
    let orientation = decoder.orientation().unwrap_or(Orientation::NoTransforms);
    let picture = DynamicImage::from_decoder(decoder).map_err(|error| refusal_of(&error))?;
    Ok((flatten(picture), orientation))
}

/// Transparent pixels become what they would show on white paper, instead of hidden colours.
fn flatten(picture: DynamicImage) -> RgbImage {
    if !picture.color().has_alpha() {
        return picture.into_rgb8();
    }
    let rgba = picture.into_rgba8();
    let (width, height) = rgba.dimensions();
    let mut rgb = RgbImage::new(width, height);
    for (target, source) in rgb.pixels_mut().zip(rgba.pixels()) {
        let [red, green, blue, alpha] = source.0;
        let over = |value: u8| {
            let mixed = u32::from(value) * u32::from(alpha) + 255 * (255 - u32::from(alpha));
            u8::try_from((mixed + 127) / 255).unwrap_or(u8::MAX)
        };
        target.0 = [over(red), over(green), over(blue)];
    }
    rgb
}

pub(crate) fn upright(rgb: RgbImage, orientation: Orientation) -> RgbImage {
    if orientation == Orientation::NoTransforms {
        return rgb;
    }
    let mut picture = DynamicImage::ImageRgb8(rgb);
    picture.apply_orientation(orientation);
    picture.into_rgb8()
}

pub(crate) fn check_size(width: u32, height: u32, limits: &Limits) -> Result<(), MediaRefusal> {
    let (wide, high) = (u64::from(width), u64::from(height));
    if width == 0 || height == 0 {
        return Err(MediaRefusal::Damaged {
            what: "its header names no size",
        });
    }
    if width.max(height) > limits.max_side || wide * high > limits.max_pixels {
        return Err(MediaRefusal::TooManyPixels {
            width: wide,
            height: high,
        });
    }
    Ok(())
}

fn image_limits(limits: &Limits) -> image::Limits {
    // Sides are checked by `check_size`, which can say the numbers; the library guards memory.
    let mut bounds = image::Limits::no_limits();
    bounds.max_alloc = Some(limits.max_alloc);
    bounds
}

fn refusal_of(error: &ImageError) -> MediaRefusal {
    match error {
        ImageError::Limits(_) => MediaRefusal::TooComplex,
        ImageError::Unsupported(_) => MediaRefusal::Damaged {
            what: "its coding is not read",
        },
        _ => MediaRefusal::Damaged {
            what: "its picture data cannot be read",
        },
    }
}

/// The copy that reviewers see: a new JPEG of the pixels alone, no side longer than `max_side`.
///
/// Nothing of the original file survives: no place, camera, thumbnail, comment or appended data.
///
/// # Errors
/// [`MediaRefusal::ToolFailed`] if the encoder fails, which only lack of memory could cause.
pub fn reviewer_copy(picture: &RgbImage, max_side: u32) -> Result<Vec<u8>, MediaRefusal> {
    let small = if picture.width().max(picture.height()) > max_side.max(1) {
        let size = within(picture.dimensions(), max_side.max(1));
        Cow::Owned(triangle_rgb(picture, size))
    } else {
        Cow::Borrowed(picture)
    };
    let mut bytes = Vec::new();
    small
        .write_with_encoder(JpegEncoder::new_with_quality(&mut bytes, COPY_QUALITY))
        .map_err(|_| MediaRefusal::ToolFailed {
            step: "reviewer copy",
        })?;
    Ok(bytes)
}
