//! Prints how often a picture is found again after each change, how often another person's photo
//! is taken for it, and how long a million prints take. `evaluate_reuse TESTDATA [MODELS]`; with
//! models, the prints of faces are taken as well.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic
)]
#![allow(clippy::print_stdout, clippy::disallowed_methods, missing_docs)]

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::time::Instant;

use evidence::reuse::{PRINT_BYTES, Part, Print, PrintBits, PrintIndex, prints};
use face::FaceEngine;
use face::evaluate::{lower_bound, upper_bound};
use image::{DynamicImage, Rgb, RgbImage, imageops};
use models::ModelSet;
use sha2::{Digest, Sha256};

/// `checks.reuse.bits` of the default policy.
const BITS: u32 = 60;
/// Photos of the false hits, and of the changes.
const PEOPLE: usize = 1_200;
const CHANGED: usize = 120;
/// Prints of the benchmark.
const MILLION: u64 = 1_000_000;

type Change = (&'static str, fn(&RgbImage) -> RgbImage);

const CHANGES: [Change; 13] = [
    ("JPEG quality 40", |picture| {
        let mut bytes = Vec::new();
        image::codecs::jpeg::JpegEncoder::new_with_quality(&mut bytes, 40)
            .encode_image(picture)
            .unwrap();
        image::load_from_memory(&bytes).unwrap().into_rgb8()
    }),
    ("half size", |picture| {
        imageops::thumbnail(picture, picture.width() / 2, picture.height() / 2)
    }),
    ("brightness +25 %", |picture| {
        each(picture, |value| value * 1.25)
    }),
    ("brightness -25 %", |picture| {
        each(picture, |value| value * 0.75)
    }),
    ("contrast +25 %", |picture| {
        each(picture, |value| (value - 128.0) * 1.25 + 128.0)
    }),
    ("contrast -25 %", |picture| {
        each(picture, |value| (value - 128.0) * 0.75 + 128.0)
    }),
    ("noise +-20", noise),
    ("crop 2 %", |picture| crop(picture, 0.02)),
    ("turned 2 degrees", |picture| turn(picture, 2.0)),
    ("crop 5 %", |picture| crop(picture, 0.05)),
    ("turned 5 degrees", |picture| turn(picture, 5.0)),
    ("mirrored, 90 degrees", |picture| {
        imageops::rotate90(&imageops::flip_horizontal(picture))
    }),
    ("screenshot", |picture| {
        let wide = imageops::resize(
            picture,
            720,
            720 * picture.height() / picture.width(),
            imageops::FilterType::Triangle,
        );
        let mut screen = RgbImage::from_pixel(720, wide.height() + 700, Rgb([15, 15, 15]));
        imageops::replace(&mut screen, &wide, 0, 400);
        screen
    }),
];

fn each(picture: &RgbImage, change: impl Fn(f32) -> f32) -> RgbImage {
    let mut picture = picture.clone();
    for value in picture.iter_mut() {
        *value = change(f32::from(*value)).clamp(0.0, 255.0) as u8;
    }
    picture
}

fn noise(picture: &RgbImage) -> RgbImage {
    let mut picture = picture.clone();
    let mut seed = 1_u32;
    for value in picture.iter_mut() {
        seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        let more = i32::try_from((seed >> 16) % 41).unwrap() - 20;
        *value = (i32::from(*value) + more).clamp(0, 255) as u8;
    }
    picture
}

fn crop(picture: &RgbImage, share: f32) -> RgbImage {
    let (width, height) = picture.dimensions();
    let (x, y) = (
        (width as f32 * share) as u32,
        (height as f32 * share) as u32,
    );
    imageops::crop_imm(picture, x, y, width - 2 * x, height - 2 * y).to_image()
}

fn turn(picture: &RgbImage, degrees: f32) -> RgbImage {
    let (width, height) = picture.dimensions();
    let (sin, cos) = degrees.to_radians().sin_cos();
    let (middle_x, middle_y) = (width as f32 / 2.0, height as f32 / 2.0);
    RgbImage::from_fn(width, height, |x, y| {
        let (dx, dy) = (x as f32 - middle_x, y as f32 - middle_y);
        let (u, v) = (
            middle_x + cos * dx + sin * dy,
            middle_y - sin * dx + cos * dy,
        );
        let inside = u >= 0.0 && v >= 0.0 && u < width as f32 && v < height as f32;
        if inside {
            *picture.get_pixel(u as u32, v as u32)
        } else {
            Rgb([0; 3])
        }
    })
}

fn prints_of(picture: &RgbImage, faces: Option<&FaceEngine>) -> Vec<Print> {
    let face = faces.and_then(|engine| {
        let found = engine.detect(picture).ok()?;
        engine.align(picture, found.first()?).ok()
    });
    let mut parts = vec![(Part::Whole, picture)];
    parts.extend(face.as_ref().map(|face| (Part::Face, face)));
    prints(&parts)
}

fn is_near(some: &[Print], stored: &[Print]) -> bool {
    some.iter().any(|one| {
        let met = stored.iter().filter(|other| one.part.meets(other.part));
        met.map(|other| one.distance(other.bits))
            .any(|distance| distance <= BITS)
    })
}

/// Exact 95 % bounds of a share (Clopper and Pearson): 2.5 % on either side.
fn bounds(hits: u64, all: u64) -> (f64, f64) {
    const ONE_SIDE: f64 = 0.975;
    (
        lower_bound(hits, all, ONE_SIDE),
        upper_bound(hits, all, ONE_SIDE),
    )
}

fn line(name: &str, hits: u64, all: u64) {
    let (low, high) = bounds(hits, all);
    let share = 100.0 * hits as f64 / all.max(1) as f64;
    println!(
        "| {name} | {hits} of {all} | {share:.4} % | {:.4} to {:.4} % |",
        100.0 * low,
        100.0 * high
    );
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let (mut found, mut open) = (Vec::new(), vec![folder.to_owned()]);
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

/// Pictures of a folder, exact copies left aside, evenly spread.
fn pictures(folder: &Path, most: usize) -> Vec<(PathBuf, RgbImage)> {
    let paths = files(folder);
    let mut seen = BTreeSet::new();
    let step = (paths.len() / most.max(1)).max(1);
    let read = |path: &PathBuf| {
        let bytes = std::fs::read(path).ok()?;
        let fresh = seen.insert(Sha256::digest(&bytes).to_vec());
        let picture = image::load_from_memory(&bytes)
            .map(DynamicImage::into_rgb8)
            .ok()?;
        (fresh && picture.width().min(picture.height()) >= 100).then(|| (path.clone(), picture))
    };
    paths.iter().step_by(step).filter_map(read).collect()
}

fn found_again(name: &str, folder: &Path, faces: Option<&FaceEngine>) {
    let all = pictures(folder, CHANGED);
    let stored: Vec<Vec<Print>> = all.iter().map(|(_, one)| prints_of(one, faces)).collect();
    println!(
        "\n{name}: {} pictures\n| change | found | share | 95 % |\n|---|---|---|---|",
        all.len()
    );
    for (change, apply) in CHANGES {
        let near = |(one, stored): (&(PathBuf, RgbImage), &Vec<Print>)| {
            is_near(&prints_of(&apply(&one.1), faces), stored)
        };
        let hits = all
            .iter()
            .zip(&stored)
            .map(near)
            .filter(|near| *near)
            .count();
        line(change, hits as u64, all.len() as u64);
    }
}

fn false_hits(name: &str, folder: &Path, faces: Option<&FaceEngine>) {
    let all = pictures(folder, PEOPLE);
    let stored: Vec<(&Path, Vec<Print>)> = all
        .iter()
        .map(|(path, one)| (path.parent().unwrap(), prints_of(one, faces)))
        .collect();
    let (mut hits, mut pairs) = (0, 0);
    for (at, (person, one)) in stored.iter().enumerate() {
        for (_, other) in stored[..at].iter().filter(|(other, _)| other != person) {
            pairs += 1;
            hits += u64::from(is_near(one, other));
        }
    }
    line(name, hits, pairs);
}

fn million() {
    let mut seed = 1_u64;
    let mut index = PrintIndex::default();
    for row in 0..MILLION {
        let bytes = std::array::from_fn::<u8, PRINT_BYTES, _>(|_| {
            seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            (seed >> 56) as u8
        });
        index.add(row as i64, Part::Whole, PrintBits::from_bytes(bytes));
    }
    let picture = RgbImage::from_fn(640, 480, |x, y| Rgb([(x * y / 97 % 256) as u8; 3]));
    let print = prints(&[(Part::Whole, &picture)]).remove(0);
    let begun = Instant::now();
    let near = index.near(&print, BITS, 50);
    println!(
        "\n{MILLION} prints in 8 positions: {:?}, {} near",
        begun.elapsed(),
        near.len()
    );
}

fn main() {
    let mut words = std::env::args().skip(1).map(PathBuf::from);
    let root = words.next().expect("evaluate_reuse TESTDATA [MODELS]");
    let models = words
        .next()
        .map(|folder| ModelSet::open(&folder).expect("models"));
    let faces = models.map(|set| FaceEngine::open(&set).expect("face models"));
    million();
    for set in ["faces/lfw", "id_documents/images"] {
        found_again(set, &root.join(set), None);
    }
    found_again(
        "faces/lfw with face cuttings",
        &root.join("faces/lfw"),
        faces.as_ref(),
    );
    println!("\n| false hits | pairs | share | 95 % |\n|---|---|---|---|");
    for set in ["faces/lfw", "faces/uk-members-over-years"] {
        false_hits(set, &root.join(set), None);
        false_hits(
            &format!("{set}, with faces"),
            &root.join(set),
            faces.as_ref(),
        );
    }
}
