//! Every parser of hostile bytes as one function of bytes, for `fuzz/` and for the smoke run in
//! `tests/fuzz_smoke.rs`. A new parser is one line in [`TARGETS`]. Not part of the crate's use.

use recovery::evidence::EvidenceKind;
use recovery::time::Timestamp;

use crate::reuse::{Part, near_duplicate, prints, sound_print};
use crate::{Limits, MediaTools, decode_picture, metadata_findings, open_still, recognise};
use crate::{aamva, jpeg, mrz, names, ppm, speech, video};

/// A parser by name.
pub type Target = (&'static str, fn(&[u8]));

/// All of them.
pub const TARGETS: &[Target] = &[
    ("sniff", |bytes| drop(recognise(bytes))),
    ("jpeg", |bytes| drop(jpeg::walk(bytes))),
    ("picture", picture),
    ("still", still),
    ("ppm", |bytes| drop(ppm::read_frames(bytes, 1800, 3))),
    ("prints", raw_picture),
    ("sound", sound),
    ("mrz", |bytes| {
        let text = text(bytes);
        drop(mrz::parse(&text.lines().collect::<Vec<_>>()));
    }),
    ("aamva", |bytes| drop(aamva::parse_licence(&text(bytes)))),
    ("name", |bytes| drop(names::Name::new(&text(bytes)))),
    ("avi", |bytes| drop(video::avi::read_avi(bytes))),
    ("edits", |bytes| {
        let _ = video::edits::most_pieces(bytes);
    }),
    ("ffprobe", |bytes| {
        drop(video::probe::read_report(bytes, &Limits::default()));
    }),
    ("pcm", |bytes| drop(speech::sound::Sound::from_pcm(bytes))),
];

/// Runs the target of that name; false if there is none.
pub fn run(name: &str, bytes: &[u8]) -> bool {
    let target = TARGETS.iter().find(|(known, _)| *known == name);
    if let Some((_, target)) = target {
        target(bytes);
    }
    target.is_some()
}

/// Small enough that a run is a matter of milliseconds.
fn limits() -> Limits {
    Limits {
        max_pixels: 1 << 20,
        max_alloc: 32 << 20,
        ..Limits::default()
    }
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

fn picture(bytes: &[u8]) {
    if let Ok(picture) = decode_picture(bytes, None, &limits()) {
        let kind = EvidenceKind::IdFront;
        drop(metadata_findings(
            bytes,
            &picture,
            kind,
            Timestamp::from_millis(0),
            2.0,
        ));
        drop(prints(&[(Part::Whole, &picture.rgb)]));
    }
}

/// What happens before a tool is started; tools have fuzzers of their own.
fn still(bytes: &[u8]) {
    let kind = EvidenceKind::Screenshot;
    drop(open_still(
        bytes,
        None,
        kind,
        &limits(),
        &MediaTools::none(),
    ));
}

/// The first two bytes are a width, the rest are pixels.
fn raw_picture(bytes: &[u8]) {
    let Some((sides, pixels)) = bytes.split_first_chunk::<2>() else {
        return;
    };
    let width = u32::from(u16::from_le_bytes(*sides) % 512).max(1);
    let rows = u32::try_from(pixels.len()).unwrap_or(0) / 3 / width;
    let length = (width * rows * 3) as usize;
    let pixels = pixels.get(..length).unwrap_or_default().to_vec();
    if let Some(picture) = image::RgbImage::from_raw(width, rows, pixels) {
        let turned = image::imageops::rotate90(&picture);
        drop(prints(&[(Part::Whole, &picture), (Part::Card, &turned)]));
        drop(near_duplicate(&picture, &turned));
    }
}

fn sound(bytes: &[u8]) {
    let (pairs, _) = bytes.as_chunks::<4>();
    let samples: Vec<f32> = pairs.iter().map(|four| f32::from_le_bytes(*four)).collect();
    drop(sound_print(&samples));
}
