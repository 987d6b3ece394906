//! What a file is, by its bytes alone: names and declared types are never believed.

use serde::{Deserialize, Serialize};

use crate::MediaRefusal;

/// How far into a file a second identity is looked for. Readers of PDF accept 1,024 bytes of junk.
const HEAD: usize = 1024;
/// A zip archive's last record: 22 bytes and a comment of at most 65,535.
const ZIP_TAIL: usize = 22 + 65_535;

/// A format that is taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MediaType {
    /// JPEG.
    Jpeg,
    /// PNG.
    Png,
    /// WebP.
    WebP,
    /// HEIC and other HEIF stills, as phones take them; opened by a tool.
    Heic,
    /// AVIF; opened by a tool.
    Avif,
    /// PDF, for screenshots only; drawn by a tool.
    Pdf,
    /// MP4 and its QuickTime relatives.
    Mp4,
    /// WebM and Matroska.
    WebM,
}

impl MediaType {
    /// The media type as in a `Content-Type` header.
    #[must_use]
    pub const fn mime(self) -> &'static str {
        match self {
            Self::Jpeg => "image/jpeg",
            Self::Png => "image/png",
            Self::WebP => "image/webp",
            Self::Heic => "image/heic",
            Self::Avif => "image/avif",
            Self::Pdf => "application/pdf",
            Self::Mp4 => "video/mp4",
            Self::WebM => "video/webm",
        }
    }

    /// True for stills.
    #[must_use]
    pub const fn is_picture(self) -> bool {
        matches!(
            self,
            Self::Jpeg | Self::Png | Self::WebP | Self::Heic | Self::Avif
        )
    }

    /// True for videos.
    #[must_use]
    pub const fn is_video(self) -> bool {
        matches!(self, Self::Mp4 | Self::WebM)
    }

    /// What people call it, with its article.
    pub(crate) const fn noun(self) -> &'static str {
        match self {
            Self::Jpeg | Self::Png | Self::WebP => "a photo",
            Self::Heic | Self::Avif => "a HEIC or AVIF picture",
            Self::Pdf => "a PDF document",
            Self::Mp4 | Self::WebM => "a video",
        }
    }

    /// True if a declared type means this format. Parameters (`;codecs=...`) are ignored.
    ///
    /// Phones name their recordings loosely: QuickTime is read as MP4, and Matroska as WebM.
    #[must_use]
    pub fn agrees_with(self, declared: &str) -> bool {
        let plain = declared
            .split(';')
            .next()
            .unwrap_or_default()
            .trim()
            .to_ascii_lowercase();
        match self {
            Self::Jpeg => matches!(plain.as_str(), "image/jpeg" | "image/jpg"),
            Self::Png => plain == "image/png",
            Self::WebP => plain == "image/webp",
            Self::Heic => matches!(plain.as_str(), "image/heic" | "image/heif"),
            Self::Avif => plain == "image/avif",
            Self::Pdf => plain == "application/pdf",
            Self::Mp4 => matches!(plain.as_str(), "video/mp4" | "video/quicktime"),
            Self::WebM => matches!(plain.as_str(), "video/webm" | "video/x-matroska"),
        }
    }
}

/// The format by magic bytes, or nothing. Says nothing about a second identity: see [`recognise`].
#[must_use]
pub fn sniff(bytes: &[u8]) -> Option<MediaType> {
    if bytes.starts_with(b"\xFF\xD8\xFF") {
        Some(MediaType::Jpeg)
    } else if bytes.starts_with(b"\x89PNG\r\n\x1A\n") {
        Some(MediaType::Png)
    } else if bytes.starts_with(b"RIFF") && bytes.get(8..12) == Some(b"WEBP") {
        Some(MediaType::WebP)
    } else if bytes.starts_with(b"\x1A\x45\xDF\xA3") {
        Some(MediaType::WebM)
    } else if bytes.starts_with(b"%PDF-") {
        Some(MediaType::Pdf)
    } else if bytes.get(4..8) == Some(b"ftyp") {
        Some(still_brand(bytes).unwrap_or(MediaType::Mp4))
    } else {
        None
    }
}

/// HEIF and AVIF share MP4's box format: a file is what its first brand says.
fn still_brand(bytes: &[u8]) -> Option<MediaType> {
    /// Brands of HEIF that say how a still is coded; `mif1` says only that it is one.
    const HEIC: [&[u8]; 8] = [
        b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1",
    ];
    const AVIF: [&[u8]; 2] = [b"avif", b"avis"];
    /// Bytes of a `ftyp` box that are looked at: a dozen further brands.
    const BRANDS: usize = 64;
    let brand = bytes.get(8..12)?;
    let further = bytes.get(12..BRANDS.min(bytes.len()))?;
    if AVIF.contains(&brand) || brand == b"mif1" && contains(further, b"avif") {
        return Some(MediaType::Avif);
    }
    HEIC.contains(&brand).then_some(MediaType::Heic)
}

/// The format, or the precise reason why it is not taken.
///
/// # Errors
/// [`MediaRefusal::Empty`], [`MediaRefusal::Archive`], [`MediaRefusal::Playlist`],
/// [`MediaRefusal::NotMedia`], or [`MediaRefusal::Disguised`] for a file of two formats.
pub fn recognise(bytes: &[u8]) -> Result<MediaType, MediaRefusal> {
    if bytes.is_empty() {
        return Err(MediaRefusal::Empty);
    }
    match sniff(bytes) {
        Some(kind) => match second_identity(bytes, kind) {
            Some(other) => Err(MediaRefusal::Disguised { other }),
            None => Ok(kind),
        },
        None => Err(name_of_other(bytes)),
    }
}

fn head_lower(bytes: &[u8]) -> Vec<u8> {
    bytes
        .iter()
        .take(HEAD)
        .map(u8::to_ascii_lowercase)
        .collect()
}

fn contains(haystack: &[u8], needle: &[u8]) -> bool {
    haystack
        .windows(needle.len())
        .any(|window| window == needle)
}

fn second_identity(bytes: &[u8], kind: MediaType) -> Option<&'static str> {
    let head = head_lower(bytes);
    if kind != MediaType::Pdf && contains(&head, b"%pdf-") {
        return Some("a PDF document");
    }
    let markup: [&[u8]; 4] = [b"<!doctype html", b"<html", b"<script", b"<svg"];
    if markup.iter().any(|tag| contains(&head, tag)) {
        return Some("a web page");
    }
    ends_as_zip(bytes).then_some("an archive")
}

/// True if a zip end record closes the file exactly, its comment length included.
fn ends_as_zip(bytes: &[u8]) -> bool {
    let tail = bytes
        .get(bytes.len().saturating_sub(ZIP_TAIL)..)
        .unwrap_or(bytes);
    tail.windows(22).enumerate().any(|(start, record)| {
        let comment = match record {
            [b'P', b'K', 5, 6, .., low, high] => usize::from(u16::from_le_bytes([*low, *high])),
            _ => return false,
        };
        start + 22 + comment == tail.len()
    })
}

fn name_of_other(bytes: &[u8]) -> MediaRefusal {
    let head = head_lower(bytes);
    let trimmed = head.trim_ascii_start();
    let text = trimmed.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(trimmed);
    let archives: [&[u8]; 7] = [
        b"pk\x03\x04",
        b"pk\x05\x06",
        b"pk\x07\x08",
        b"\x1f\x8b",
        b"bzh",
        b"rar!",
        b"7z\xbc\xaf",
    ];
    if archives.iter().any(|magic| head.starts_with(magic)) || head.starts_with(b"\xfd7zxz") {
        return MediaRefusal::Archive;
    }
    if text.starts_with(b"#extm3u") || text.starts_with(b"ffconcat") {
        return MediaRefusal::Playlist;
    }
    let found = if contains(&head, b"%pdf-") {
        "a PDF document"
    } else if contains(text, b"<svg") {
        "an SVG drawing"
    } else if contains(text, b"<html") || contains(text, b"<!doctype html") {
        "a web page"
    } else if head.get(4..8) == Some(b"ftyp") {
        "a HEIC or AVIF picture"
    } else if head.starts_with(b"gif8") {
        "a GIF picture"
    } else if head.starts_with(b"bm") && !is_text(bytes) {
        "a BMP picture"
    } else if head.starts_with(b"ii*\0") || head.starts_with(b"mm\0*") {
        "a TIFF picture"
    } else if is_text(bytes) {
        "a text file"
    } else {
        "of an unknown kind"
    };
    MediaRefusal::NotMedia { found }
}

fn is_text(bytes: &[u8]) -> bool {
    let head = bytes.get(..HEAD.min(bytes.len())).unwrap_or(bytes);
    let printable = head
        .iter()
        .all(|b| *b >= 0x20 && *b != 0x7F || matches!(b, 9 | 10 | 13));
    let utf8 = match std::str::from_utf8(head) {
        Ok(_) => true,
        Err(error) => error.error_len().is_none(),
    };
    printable && utf8
}
