//! Every still that is taken: what is decoded in process, and what a tool turns into that first.
//!
//! Phones take HEIC and AVIF; banks hand out PDF. Their readers are large and written in C, so they
//! run behind the walls of [`MediaTools`], and what comes out of them is hostile again: it goes
//! through the same strict decoder as everything else.

use recovery::evidence::EvidenceKind;

use crate::picture::check_size;
use crate::ppm::read_frames;
use crate::sandbox::{INPUT, MAX_OUTPUT, OUTPUT, Run, Tool};
use crate::{Limits, MediaRefusal, MediaTools, MediaType, Picture, decode_picture, recognise};

/// Pages of a PDF that are looked at.
pub const MAX_PAGES: usize = 3;
/// Long side of a drawn page in pixels: 154 to the inch of A4. Three have 22 MB together.
const PAGE_SIDE: u32 = 1800;
/// Address space of a still's tool in bytes; a 12-megapixel HEIC needs 160 MB.
const STILL_MEMORY: u64 = 500 << 20;
/// Processor seconds of a still's tool; a 12-megapixel HEIC needs one.
const STILL_CPU_SECONDS: u32 = 6;
/// Wall clock seconds of a still's tool.
const STILL_WALL_SECONDS: u32 = 8;
/// Quality of the JPEG between the tool and us: no visible loss.
const BETWEEN_QUALITY: &str = "92";
/// How far into a file its boxes with sizes stand: they come before the picture.
const HEADER: usize = 64 * 1024;

/// Opens a photo or screenshot of any format that is taken for its kind. One picture, or up to
/// [`MAX_PAGES`] pages of a PDF, which only a screenshot may be.
///
/// Blocks while a tool runs (a second for a large HEIC), so it belongs on a worker's thread.
///
/// # Errors
/// A [`MediaRefusal`]; [`MediaRefusal::is_unavailable`] tells a missing tool from a bad file.
pub fn open_still(
    bytes: &[u8],
    declared_type: Option<&str>,
    kind: EvidenceKind,
    limits: &Limits,
    tools: &MediaTools,
) -> Result<Vec<Picture>, MediaRefusal> {
    let (size, limit) = (bytes.len() as u64, limits.bytes_for(kind));
    if size > limit {
        return Err(MediaRefusal::TooLarge { bytes: size, limit });
    }
    let media_type = recognise(bytes)?;
    let agrees = declared_type.is_none_or(|declared| media_type.agrees_with(declared));
    match media_type {
        MediaType::Heic | MediaType::Avif | MediaType::Pdf if !agrees => {
            Err(MediaRefusal::DeclaredType {
                found: media_type.mime(),
            })
        }
        MediaType::Heic | MediaType::Avif => {
            heif(bytes, media_type, limits, tools).map(|picture| vec![picture])
        }
        MediaType::Pdf if kind == EvidenceKind::Screenshot => pages(bytes, limits, tools),
        MediaType::Pdf => Err(MediaRefusal::WrongKind {
            found: "a PDF document",
            expected: "a photo",
        }),
        _ => decode_picture(bytes, declared_type, limits).map(|picture| vec![picture]),
    }
}

/// The limits of a still's tool.
fn small(limits: &Limits) -> Limits {
    Limits {
        tool_memory: limits.tool_memory.min(STILL_MEMORY),
        tool_cpu_seconds: limits.tool_cpu_seconds.min(STILL_CPU_SECONDS),
        tool_wall_seconds: limits.tool_wall_seconds.min(STILL_WALL_SECONDS),
        ..limits.clone()
    }
}

fn heif(
    bytes: &[u8],
    media_type: MediaType,
    limits: &Limits,
    tools: &MediaTools,
) -> Result<Picture, MediaRefusal> {
    for (width, height) in announced_sizes(bytes) {
        check_size(width, height, limits)?;
    }
    let output = format!("{OUTPUT}.jpg");
    let run = Run {
        tool: Tool::HeifConvert,
        input: bytes,
        arguments: &["--quiet", "-q", BETWEEN_QUALITY, INPUT, &output],
        files: &[],
    };
    let ran = tools.run(&run, &small(limits))?;
    if ran.output.is_empty() {
        return Err(unreadable());
    }
    // The tool's answer may be larger than what people may send, but not than it may write.
    let between = Limits {
        photo_bytes: MAX_OUTPUT,
        ..limits.clone()
    };
    let picture = decode_picture(&ran.output, Some("image/jpeg"), &between)?;
    Ok(Picture {
        media_type,
        ..picture
    })
}

fn pages(bytes: &[u8], limits: &Limits, tools: &MediaTools) -> Result<Vec<Picture>, MediaRefusal> {
    let (last, side) = (MAX_PAGES.to_string(), PAGE_SIDE.to_string());
    let run = Run {
        tool: Tool::PdfToPpm,
        input: bytes,
        arguments: &["-q", "-f", "1", "-l", &last, "-scale-to", &side, INPUT],
        files: &[],
    };
    let ran = tools.run(&run, &small(limits))?;
    let frames = read_frames(&ran.output, PAGE_SIDE, MAX_PAGES);
    if frames.is_empty() {
        return Err(unreadable());
    }
    let picture = |rgb: image::RgbImage| {
        let (width, height) = rgb.dimensions();
        Picture {
            rgb,
            media_type: MediaType::Pdf,
            width,
            height,
        }
    };
    Ok(frames.into_iter().map(picture).collect())
}

const fn unreadable() -> MediaRefusal {
    MediaRefusal::Damaged {
        what: "its picture data cannot be read",
    }
}

/// The sizes that `ispe` boxes announce (ISO/IEC 23008-12, 6.5.3): four bytes of version and flags,
/// then width and height.
fn announced_sizes(bytes: &[u8]) -> impl Iterator<Item = (u32, u32)> {
    let header = bytes.get(..HEADER.min(bytes.len())).unwrap_or(bytes);
    header.windows(16).filter_map(|window| match window {
        [b'i', b's', b'p', b'e', _, _, _, _, size @ ..] => {
            let (sides, _) = size.as_chunks::<4>();
            match sides {
                [width, height] => Some((u32::from_be_bytes(*width), u32::from_be_bytes(*height))),
                _ => None,
            }
        }
        _ => None,
    })
}
