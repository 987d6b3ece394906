//! The same picture is found again, another one is not, and what was pasted in is pointed at.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic
)]

mod support;

use std::path::PathBuf;

use evidence::reuse::{Part, Print, PrintBits, PrintIndex, near_duplicate, prints, sound_print};
use image::{DynamicImage, ImageFormat, Rgb, RgbImage, imageops};
use support::{encode, files, testdata};

/// `checks.reuse.bits` of the default policy.
const BITS: u32 = 60;

/// A picture with large and small shapes, another one for each seed.
fn scene(seed: u32, width: u32, height: u32) -> RgbImage {
    let wave = |x: f32, y: f32, k: u32| {
        let turn = (seed * 7 + k * 13) as f32;
        ((x * (3.0 + (turn % 5.0)) + y * (2.0 + (turn % 3.0))) * 3.0 + turn).sin()
    };
    RgbImage::from_fn(width, height, |x, y| {
        let (x, y) = (x as f32 / width as f32, y as f32 / height as f32);
        let sum: f32 = (0..6).map(|k| wave(x, y, k)).sum();
        let value = (128.0 + sum * 20.0) as u8;
        Rgb([value, value, 255 - value])
    })
}

fn whole(picture: &RgbImage) -> Print {
    prints(&[(Part::Whole, picture)]).remove(0)
}

#[test]
fn turned_mirrored_and_worked_on_pictures_are_near() {
    let picture = scene(1, 640, 480);
    let stored = whole(&picture).bits;
    let ways = [
        ("turned", imageops::rotate90(&picture)),
        ("turned back", imageops::rotate270(&picture)),
        ("upside down", imageops::rotate180(&picture)),
        ("mirrored", imageops::flip_horizontal(&picture)),
        ("flipped", imageops::flip_vertical(&picture)),
        ("half", imageops::thumbnail(&picture, 320, 240)),
        ("brighter", imageops::brighten(&picture, 60)),
        ("harder", imageops::contrast(&picture, 25.0)),
    ];
    for (name, changed) in ways {
        let distance = whole(&changed).distance(stored);
        assert!(distance <= 40, "{name}: {distance}");
    }
    let other = whole(&scene(2, 640, 480)).distance(stored);
    assert!(other > BITS, "another picture is {other} away");
}

#[test]
fn a_screenshot_of_a_picture_is_near_the_picture() {
    let picture = scene(3, 600, 450);
    let stored = whole(&picture);
    let mut screen = RgbImage::from_pixel(720, 1560, Rgb([12, 12, 14]));
    let clock = RgbImage::from_fn(80, 24, |x, y| {
        Rgb([if (x / 6 + y / 6) % 2 == 0 { 230 } else { 12 }; 3])
    });
    imageops::replace(&mut screen, &clock, 40, 20);
    let fitted = imageops::resize(&picture, 720, 540, imageops::FilterType::Triangle);
    imageops::replace(&mut screen, &fitted, 0, 500);
    let found = prints(&[(Part::Whole, &screen)]);
    let content = found
        .iter()
        .find(|print| print.part == Part::Content)
        .unwrap();
    let distance = content.distance(stored.bits);
    assert!(distance <= 40, "{distance}");
    let mut index = PrintIndex::default();
    index.add(7, Part::Whole, stored.bits);
    assert_eq!(index.near(content, BITS, 5)[0].row, 7);
}

#[test]
fn an_even_picture_has_no_print() {
    for picture in [
        RgbImage::from_pixel(640, 480, Rgb([255; 3])),
        RgbImage::from_fn(640, 480, |x, _| Rgb([(x / 3) as u8; 3])),
        RgbImage::new(1, 1),
        RgbImage::new(0, 0),
    ] {
        assert!(prints(&[(Part::Whole, &picture)]).is_empty());
    }
}

#[test]
fn the_index_gives_the_nearest_first_and_keeps_parts_apart() {
    let print = whole(&scene(4, 640, 480));
    let bits = print.bits.to_bytes();
    assert_eq!(PrintBits::from_bytes(bits), print.bits);
    let mut near = bits;
    near[0] ^= 0b111;
    let mut index = PrintIndex::default();
    assert!(index.is_empty());
    index.add(1, Part::Whole, PrintBits::from_bytes(near));
    index.add(2, Part::Content, print.bits);
    index.add(3, Part::Card, print.bits);
    index.add(
        4,
        Part::Whole,
        PrintBits::from_bytes(bits.map(|byte| !byte)),
    );
    assert_eq!(index.len(), 4);
    let found = index.near(&print, BITS, 9);
    let rows: Vec<(i64, u32)> = found.iter().map(|near| (near.row, near.distance)).collect();
    assert_eq!(rows, [(2, 0), (1, 2)]);
    assert_eq!(index.near(&print, BITS, 1).len(), 1);
    assert!(!format!("{print:?}").contains("true"));
}

/// A sheet with lines of writing and a date, on a table.
fn note(date: u32) -> RgbImage {
    let mut photo = scene(5, 960, 720);
    let paper = RgbImage::from_fn(480, 360, |x, y| {
        let line = y / 90;
        let seed = if line == 2 { date } else { line };
        let stroke = (x / 6 * 31 + seed * 17 + y / 8 * 7) % 5 < 2;
        let ink = stroke && y % 90 > 40 && (30..450).contains(&x) && line < 3;
        Rgb([if ink { 40 } else { 235 }; 3])
    });
    imageops::replace(&mut photo, &paper, 400, 260);
    photo
}

#[test]
fn a_date_pasted_into_a_note_is_pointed_at() {
    let first = note(11);
    let coded = encode(&first, ImageFormat::Jpeg);
    let coded = image::load_from_memory(&coded)
        .unwrap()
        .brighten(15)
        .into_rgb8();
    let same = near_duplicate(&first, &coded).unwrap();
    assert!(same.changed.is_empty(), "{same:?}");
    let changed = near_duplicate(&first, &note(12)).unwrap();
    assert_eq!(changed.changed.len(), 1, "{changed:?}");
    let region = changed.changed[0];
    // The third line: 430 to 850 of 960 pixels across, 480 to 530 of 720 down.
    assert!(
        (400..=470).contains(&region.x) && (620..=690).contains(&region.y),
        "{region:?}"
    );
    assert!(region.height <= 130, "{region:?}");
    assert_eq!(near_duplicate(&first, &scene(6, 960, 720)), None);
}

#[test]
fn a_sound_is_found_at_another_volume_and_silence_has_no_print() {
    let voice = |seed: usize| -> Vec<f32> {
        (0..48_000)
            .map(|at| {
                let slow = ((at / 700 + seed) * (at / 1900 + 3 * seed + 1)) % 17;
                (at as f32 * 0.05).sin() * slow as f32 / 20.0
            })
            .collect()
    };
    let first = sound_print(&voice(1)).unwrap();
    let quiet: Vec<f32> = voice(1).iter().map(|value| value * 0.3).collect();
    let late: Vec<f32> = std::iter::repeat_n(0.0, 9_000).chain(voice(1)).collect();
    for changed in [quiet, late] {
        assert!(sound_print(&changed).unwrap().distance(first.bits) <= 20);
    }
    assert!(sound_print(&voice(2)).unwrap().distance(first.bits) > BITS);
    assert!(sound_print(&[0.0; 48_000]).is_none());
    assert!(sound_print(&[]).is_none());
}

#[test]
fn photos_of_different_people_are_far_apart() {
    let Some(folder) = testdata("faces/lfw") else {
        return;
    };
    let mut found: Vec<(PathBuf, Print)> = Vec::new();
    for path in files(&folder).iter().step_by(11) {
        let person = path.parent().unwrap().to_owned();
        if let Ok(picture) = image::open(path).map(DynamicImage::into_rgb8) {
            let prints = prints(&[(Part::Whole, &picture)]).into_iter();
            found.extend(prints.map(|print| (person.clone(), print)));
        }
    }
    let (mut pairs, mut hits) = (0_u32, 0_u32);
    for (at, (person, one)) in found.iter().enumerate() {
        for (_, other) in found[..at].iter().filter(|(other, _)| other != person) {
            pairs += 1;
            hits += u32::from(one.distance(other.bits) <= BITS);
        }
    }
    support::note(&format!(
        "{} prints, {hits} of {pairs} pairs within {BITS} bits",
        found.len()
    ));
    assert!(pairs > 10_000);
    assert!(
        f64::from(hits) <= f64::from(pairs) * 1e-4,
        "{hits} of {pairs}"
    );
}
