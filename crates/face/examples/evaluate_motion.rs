//! Prints what `video.head` and `video.sync` measure on flat pictures:
//! `evaluate_motion MODELS FACES [PHOTOS]`.
//!
//! Photos of one face each are moved about as by a hand: shifted, turned, brought nearer, with the
//! noise of coding. None of them turns its head, so every pass is false.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing)]
#![allow(clippy::print_stdout, missing_docs)]
#![allow(
    clippy::cast_possible_truncation,
    clippy::cast_precision_loss,
    clippy::cast_sign_loss
)]

use std::path::{Path, PathBuf};

use face::{CODE_HEAD, CODE_SYNC, FaceEngine};
use image::codecs::jpeg::JpegEncoder;
use image::{GrayImage, Luma, RgbImage};
use models::ModelSet;
use recovery::policy::FaceChecks;

/// Frames of a clip, a tenth of a second apart.
const FRAMES: u32 = 40;
/// A phone held upright, as the look at a video makes it.
const SIZE: (u32, u32) = (160, 288);
/// Quality of the coding of each frame.
const QUALITY: u8 = 50;

fn main() {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let set = ModelSet::open(args[0].as_ref()).expect("models");
    let engine = FaceEngine::open(&set).expect("engine");
    let count = args.get(2).map_or(100, |count| count.parse().unwrap());
    let policy = recovery::policy::Policy::parse(recovery::policy::DEFAULT).unwrap();
    let checks = &policy.checks.face;
    let clips: Vec<Clip> = photos(args[1].as_ref())
        .iter()
        .filter_map(|path| clip(&engine, path, checks))
        .take(count)
        .collect();
    print("turn", clips.iter().map(|clip| clip.turn), checks.turn_from);
    print(
        "mouth with speech",
        clips.iter().map(|clip| clip.sync),
        checks.sync_from,
    );
}

fn print(what: &str, values: impl Iterator<Item = f64>, from: f64) {
    let mut values: Vec<f64> = values.collect();
    values.sort_by(f64::total_cmp);
    let at = |share: f64| values[((values.len() - 1) as f64 * share) as usize];
    println!(
        "{what}, {} flat pictures: median {:.3}, 95 of 100 below {:.3}, most {:.3}; \
         {} at {from} or above",
        values.len(),
        at(0.5),
        at(0.95),
        at(1.0),
        values.iter().filter(|value| **value >= from).count(),
    );
}

/// What was measured on one picture.
struct Clip {
    turn: f64,
    sync: f64,
}

/// One photo of each person, in order of names.
fn photos(faces: &Path) -> Vec<PathBuf> {
    let folders = std::fs::read_dir(faces).expect("a folder of faces");
    let mut all: Vec<PathBuf> = folders
        .filter_map(|folder| {
            let photos = std::fs::read_dir(folder.unwrap().path()).ok()?;
            photos.map(|photo| photo.unwrap().path()).min()
        })
        .collect();
    all.sort();
    all
}

fn clip(engine: &FaceEngine, path: &Path, checks: &FaceChecks) -> Option<Clip> {
    let photo = image::open(path).ok()?.to_rgb8();
    let frames: Vec<(u32, GrayImage)> = (0..FRAMES)
        .map(|frame| (frame * 100, held(&photo, frame)))
        .collect();
    if engine.motion(&frames).ok()?.len() < frames.len() {
        return None;
    }
    let findings = engine.motion_findings(&frames, syllables, checks);
    let score = |code: &str| {
        let one = findings.iter().find(|one| one.code == code)?;
        one.score_milli.map(|milli| milli as f64 / 1000.0)
    };
    Some(Clip {
        turn: score(CODE_HEAD)?,
        sync: score(CODE_SYNC)?,
    })
}

/// Six digits in four seconds: loud for 0.35 s, quiet until the next one.
fn syllables(moments: &[u32]) -> Vec<f32> {
    let first = moments.first().copied().unwrap_or(0);
    let loud = |at: &u32| f32::from(u8::from((at - first) % 660 < 350));
    moments.iter().map(loud).collect()
}

/// The photo as a hand holds it in that frame.
fn held(photo: &RgbImage, frame: u32) -> GrayImage {
    let wave = |seconds: f64, shift: f64| {
        let turns = f64::from(frame) / 10.0 / seconds + shift;
        (turns * std::f64::consts::TAU).sin()
    };
    let (width, height) = (f64::from(photo.width()), f64::from(photo.height()));
    let pixels = width / f64::from(SIZE.0) * (1.0 + 0.1 * wave(1.7, 0.2));
    let (sine, cosine) = (0.07 * wave(2.3, 0.0)).sin_cos();
    let (right, down) = (
        0.05 * width * wave(1.1, 0.4),
        0.05 * height * wave(1.3, 0.1),
    );
    let grey = GrayImage::from_fn(SIZE.0, SIZE.1, |x, y| {
        let across = (f64::from(x) + 0.5 - f64::from(SIZE.0) / 2.0) * pixels;
        let below = (f64::from(y) + 0.5 - f64::from(SIZE.1) / 2.0) * pixels;
        let x = across * cosine - below * sine + width / 2.0 + right;
        let y = across * sine + below * cosine + height / 2.0 + down;
        let inside = (0.0..width - 1.0).contains(&x) && (0.0..height - 1.0).contains(&y);
        if !inside {
            return Luma([128]);
        }
        let image::Rgb([red, green, blue]) = *photo.get_pixel(x as u32, y as u32);
        let luma = 0.299 * f64::from(red) + 0.587 * f64::from(green) + 0.114 * f64::from(blue);
        Luma([luma as u8])
    });
    let mut coded = Vec::new();
    let mut coder = JpegEncoder::new_with_quality(&mut coded, QUALITY);
    coder.encode_image(&grey).unwrap();
    image::load_from_memory(&coded).unwrap().to_luma8()
}
