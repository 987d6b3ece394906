//! The skeleton of a JPEG, walked before any decoder: size, scans, and whether its end is there.
//!
//! Decoders made for viewing fill what is missing with grey. A photo that is evidence must be
//! whole, so the end marker is demanded here and the decoder runs in its strict mode after it.

use image::metadata::Orientation;
use image::{ImageDecoder as _, RgbImage};
use zune_core::bytestream::ZCursor;
use zune_core::colorspace::ColorSpace;
use zune_core::options::DecoderOptions;

use crate::{Limits, MediaRefusal};

/// Segments before we give up; the largest real files (photos with depth maps) have some hundred.
const MAX_SEGMENTS: usize = 10_000;

const SOS: u8 = 0xDA;
const EOI: u8 = 0xD9;

/// What the walk learnt.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Skeleton {
    pub(crate) width: u32,
    pub(crate) height: u32,
    components: u8,
    progressive: bool,
    scans: usize,
    /// Where the end marker begins.
    end: usize,
}

const fn damaged(what: &'static str) -> MediaRefusal {
    MediaRefusal::Damaged { what }
}

/// Walks the segments up to the end marker.
pub(crate) fn walk(bytes: &[u8]) -> Result<Skeleton, MediaRefusal> {
    let cut = || damaged("its end is missing");
    let mut frame: Option<Skeleton> = None;
    let mut scans = 0;
    let mut at = 2;
    for _ in 0..MAX_SEGMENTS {
        let (marker, body) = next_marker(bytes, at).ok_or_else(cut)?;
        match marker {
            EOI if scans == 0 => return Err(damaged("it holds no picture")),
            EOI => {
                let frame = frame.ok_or(damaged("it holds no picture"))?;
                return Ok(Skeleton {
                    scans,
                    end: body.saturating_sub(2),
                    ..frame
                });
            }
            // Markers without a length.
            0x01 | 0xD0..=0xD8 => at = body,
            _ => {
                let length = be16(bytes, body).ok_or_else(cut)?;
                if length < 2 {
                    return Err(damaged("a segment has no length"));
                }
                if is_frame_header(marker) && frame.is_none() {
                    frame = Some(frame_header(bytes, body, marker)?);
                }
                at = body + usize::from(length);
                if marker == SOS {
                    scans += 1;
                    at = end_of_scan(bytes, at).ok_or_else(cut)?;
                }
            }
        }
    }
    Err(MediaRefusal::TooComplex)
}

fn be16(bytes: &[u8], at: usize) -> Option<u16> {
    match bytes.get(at..at + 2)? {
        [high, low] => Some(u16::from_be_bytes([*high, *low])),
        _ => None,
    }
}

/// The next marker at or after a place, and where its body begins. Some cameras pad with bytes in
/// between.
fn next_marker(bytes: &[u8], from: usize) -> Option<(u8, usize)> {
    let rest = bytes.get(from..)?;
    let mut previous = 0;
    for (offset, byte) in rest.iter().enumerate() {
        if previous == 0xFF && *byte != 0xFF && *byte != 0 {
            return Some((*byte, from + offset + 1));
        }
        previous = *byte;
    }
    None
}

/// Where entropy-coded data ends: at the marker that is neither a stuffed zero nor a restart.
fn end_of_scan(bytes: &[u8], from: usize) -> Option<usize> {
    let rest = bytes.get(from..)?;
    rest.windows(2)
        .position(
            |pair| matches!(pair, [0xFF, second] if !matches!(second, 0 | 0xFF | 0xD0..=0xD7)),
        )
        .map(|offset| from + offset)
}

const fn is_frame_header(marker: u8) -> bool {
    matches!(marker, 0xC0..=0xCF) && !matches!(marker, 0xC4 | 0xC8 | 0xCC)
}

fn frame_header(bytes: &[u8], body: usize, marker: u8) -> Result<Skeleton, MediaRefusal> {
    let size = be16(bytes, body + 3).zip(be16(bytes, body + 5));
    let (height, width) = size.ok_or(damaged("its header is cut off"))?;
    let components = *bytes
        .get(body + 7)
        .ok_or(damaged("its header is cut off"))?;
    if width == 0 || height == 0 {
        return Err(damaged("its header names no size"));
    }
    Ok(Skeleton {
        width: u32::from(width),
        height: u32::from(height),
        components,
        progressive: matches!(marker, 0xC2),
        scans: 0,
        end: 0,
    })
}

impl Skeleton {
    /// Refuses what decoding would make too dear: a progressive file keeps every coefficient.
    pub(crate) fn check(&self, limits: &Limits) -> Result<(), MediaRefusal> {
        let pixels = u64::from(self.width) * u64::from(self.height);
        let per_pixel = if self.progressive {
            3 + 2 * u64::from(self.components)
        } else {
            3
        };
        if pixels.saturating_mul(per_pixel) > limits.max_alloc || self.scans > limits.max_scans {
            return Err(MediaRefusal::TooComplex);
        }
        Ok(())
    }
}

/// Zeros after the last scan instead of its end marker: more than the decoder reads ahead, so a
/// whole picture never notices, and one whose scan was cut runs out of bytes.
const RUNWAY: usize = 16;

/// The bytes for the decoder. It forgives a scan that an end marker cuts short, strict or not, but
/// not one that the end of the data cuts short; so an ordinary picture is fed without the marker.
fn without_end_marker(bytes: &[u8], skeleton: &Skeleton) -> Option<Vec<u8>> {
    if skeleton.progressive || skeleton.scans != 1 {
        return None;
    }
    let mut copy = bytes.get(..skeleton.end)?.to_vec();
    copy.extend([0; RUNWAY]);
    Some(copy)
}

/// Decodes strictly: a scan that ends early or holds nonsense is an error, never grey.
pub(crate) fn decode(
    bytes: &[u8],
    skeleton: &Skeleton,
    limits: &Limits,
) -> Result<(RgbImage, Orientation), MediaRefusal> {
    let wrong = || damaged("its picture data cannot be read");
    let side = usize::try_from(limits.max_side).unwrap_or(usize::MAX);
    let options = DecoderOptions::default()
        .set_strict_mode(true)
        .set_max_width(side)
        .set_max_height(side)
        .jpeg_set_max_scans(limits.max_scans)
        .jpeg_set_out_colorspace(ColorSpace::RGB);
    let fed = without_end_marker(bytes, skeleton);
    let fed = fed.as_deref().unwrap_or(bytes);
    let mut decoder = zune_jpeg::JpegDecoder::new_with_options(ZCursor::new(fed), options);
    let pixels = decoder.decode().map_err(|_| wrong())?;
    let rgb = RgbImage::from_raw(skeleton.width, skeleton.height, pixels).ok_or_else(wrong)?;
    Ok((rgb, orientation(bytes)))
}

/// How the camera was held; upright when it does not say.
pub(crate) fn orientation(bytes: &[u8]) -> Orientation {
    image::codecs::jpeg::JpegDecoder::new(std::io::Cursor::new(bytes))
        .and_then(|mut decoder| decoder.orientation())
        .unwrap_or(Orientation::NoTransforms)
}
