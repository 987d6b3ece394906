//! Where the shared inputs are, and small files made by hand.
#![allow(dead_code, reason = "each test binary uses a part")]

use std::path::{Path, PathBuf};

use evidence::{MediaTools, Ocr, Task};
use image::{DynamicImage, ImageFormat, Rgb, RgbImage};

#[expect(
    clippy::disallowed_methods,
    reason = "tests find the shared inputs by it"
)]
/// The shared test data, or nothing where it was not brought along.
pub(crate) fn testdata(folder: &str) -> Option<PathBuf> {
    let root = std::env::var_os("REGAIN_SHARED").map_or_else(
        || Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared"),
        PathBuf::from,
    );
    let found = root.join("testdata").join(folder);
    if found.is_dir() {
        Some(found)
    } else {
        skipped(&format!("no shared {folder}"));
        None
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "tests find the model files by it"
)]
/// The folder of the model files, or nothing where it was not brought along.
pub(crate) fn models() -> Option<PathBuf> {
    let shared = || std::env::var_os("REGAIN_SHARED").map(|root| Path::new(&root).join("models"));
    let named = std::env::var_os("REGAIN_MODELS_DIR").map(PathBuf::from);
    let found = named
        .or_else(shared)
        .unwrap_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/models"));
    if found.is_dir() {
        Some(found)
    } else {
        skipped("no models");
        None
    }
}

#[allow(clippy::print_stderr, reason = "a skipped test must say why")]
pub(crate) fn skipped(why: &str) {
    eprintln!("skipped: {why}");
}

/// All files below a folder, in order.
pub(crate) fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut open = vec![folder.to_owned()];
    while let Some(next) = open.pop() {
        for entry in std::fs::read_dir(next).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                open.push(path)
            } else {
                found.push(path)
            }
        }
    }
    found.sort();
    found
}

/// A picture with structure at every scale: a checked cloth under a slope of light.
pub(crate) fn cloth(width: u32, height: u32) -> RgbImage {
    RgbImage::from_fn(width, height, |x, y| {
        let square = if (x / 16 + y / 16) % 2 == 0 { 60 } else { 150 };
        let slope = (x * 80 / width) as u8;
        Rgb([square + slope, square, 120])
    })
}

pub(crate) fn encode(picture: &RgbImage, format: ImageFormat) -> Vec<u8> {
    let mut bytes = std::io::Cursor::new(Vec::new());
    DynamicImage::ImageRgb8(picture.clone())
        .write_to(&mut bytes, format)
        .unwrap();
    bytes.into_inner()
}

/// A PNG chunk with its length and checksum.
pub(crate) fn png_chunk(kind: &[u8; 4], data: &[u8]) -> Vec<u8> {
    let mut chunk = u32::try_from(data.len()).unwrap().to_be_bytes().to_vec();
    chunk.extend(kind);
    chunk.extend(data);
    let sum = crc32(&chunk[4..]);
    chunk.extend(sum.to_be_bytes());
    chunk
}

fn crc32(bytes: &[u8]) -> u32 {
    let mut sum = u32::MAX;
    for byte in bytes {
        sum ^= u32::from(*byte);
        for _ in 0..8 {
            sum = if sum & 1 == 1 {
                sum >> 1 ^ 0xEDB8_8320
            } else {
                sum >> 1
            };
        }
    }
    !sum
}

/// A PNG that claims this size and colour depth (bits per sample, colour type).
pub(crate) fn png_claiming(width: u32, height: u32, depth: u8, colour: u8) -> Vec<u8> {
    let mut header = width.to_be_bytes().to_vec();
    header.extend(height.to_be_bytes());
    header.extend([depth, colour, 0, 0, 0]);
    let mut file = b"\x89PNG\r\n\x1A\n".to_vec();
    file.extend(png_chunk(b"IHDR", &header));
    file.extend(png_chunk(b"IDAT", b"\x78\x9C\x03\x00\x00\x00\x00\x01"));
    file.extend(png_chunk(b"IEND", b""));
    file
}

/// An MP4 box.
pub(crate) fn mp4_box(kind: &[u8; 4], body: &[u8]) -> Vec<u8> {
    let mut bytes = u32::try_from(body.len() + 8)
        .unwrap()
        .to_be_bytes()
        .to_vec();
    bytes.extend(kind);
    bytes.extend(body);
    bytes
}

/// A measured figure, for who runs the tests with their output.
#[allow(clippy::print_stderr, reason = "figures of a test run")]
pub(crate) fn note(figure: &str) {
    eprintln!("{figure}");
}

/// The thresholds that ship.
pub(crate) fn checks() -> recovery::policy::Checks {
    recovery::policy::Policy::parse(recovery::policy::DEFAULT)
        .unwrap()
        .checks
}

/// The tools for video, or nothing (said aloud) on a machine without them.
pub(crate) fn tools() -> Option<MediaTools> {
    let tools = MediaTools::find();
    if tools.report().video {
        Some(tools)
    } else {
        skipped("no ffmpeg, ffprobe or prlimit");
        None
    }
}

/// The reader of writing and zones, or nothing (said aloud) on a machine without one.
pub(crate) fn reader() -> Option<Ocr> {
    let model = models()?.join("mrz/mrz.traineddata");
    let ocr = Ocr::new(MediaTools::find(), Some(&model));
    if ocr.can(Task::Mrz) {
        Some(ocr)
    } else {
        skipped("no tesseract or no mrz.traineddata");
        None
    }
}
