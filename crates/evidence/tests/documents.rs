//! Documents as objects: found, straightened, and told what is wrong with them, on photos made by
//! the tests and on the shared specimens.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    missing_docs
)]

mod support;
#[path = "support/synthetic.rs"]
mod synthetic;

use std::fmt::Write;

use evidence::{
    Limits, Shape, annotate, decode_picture, document, find_card, note, quick, same_document,
    with_document,
};
use image::{Rgb, RgbImage};
use proptest::prelude::*;
use recovery::evidence::EvidenceKind;
use recovery::finding::{Audience, Finding, Outcome};
use support::{checks, files, testdata};
use synthetic::{Chance, Quad, TABLES, Table};

fn photo(seed: u64, table: Table) -> (RgbImage, Quad, Chance) {
    let mut chance = Chance(seed);
    let flat = synthetic::card(1012, 638, &mut chance);
    let under = synthetic::table(table, 900, 675, &mut chance);
    let (picture, quad) = synthetic::photo(&flat, under, &mut chance);
    (picture, quad, chance)
}

fn outcome(findings: &[Finding], code: &str) -> Outcome {
    let found = findings.iter().find(|one| one.code == code);
    found.unwrap_or_else(|| panic!("no {code}")).outcome
}

fn front(picture: &RgbImage) -> Vec<Finding> {
    document(picture, EvidenceKind::IdFront, &checks()).findings
}

#[test]
fn a_card_is_found_to_a_pixel_on_every_table() {
    for table in TABLES {
        let (picture, quad, mut chance) = photo(11, table);
        let picture = synthetic::camera(&picture, 0.7, &mut chance);
        let card = find_card(&picture).unwrap();
        assert!(card.whole() && card.shape == Shape::Card, "{table:?}");
        for ([x, y], [wx, wy]) in card.corners.iter().zip(quad) {
            assert!(
                (x - wx).hypot(y - wy) < 1.5,
                "{table:?}: {x} {y} for {wx} {wy}"
            );
        }
        let ratio = card.rectified(&picture).width() as f64 / card.across();
        assert!((ratio - 1.0).abs() < 0.01);
        assert_eq!(outcome(&front(&picture), "id.edge"), Outcome::Pass);
    }
}

#[test]
fn a_card_that_is_cut_off_is_taken_again() {
    let (picture, quad, mut chance) = photo(11, Table::Plain);
    let picture = synthetic::camera(&picture, 0.7, &mut chance);
    let left = (quad[0][0] + 90.0) as u32;
    let cut = image::imageops::crop_imm(&picture, left, 0, 900 - left, 675).to_image();
    let findings = front(&cut);
    let edge = findings.iter().find(|one| one.code == "id.edge").unwrap();
    assert_eq!(
        (edge.outcome, edge.audience),
        (Outcome::Retake, Audience::Applicant)
    );
    assert!(edge.region.unwrap().x <= 2);
}

#[test]
fn a_photo_without_a_card_goes_to_a_person() {
    let mut chance = Chance(3);
    let empty = synthetic::table(Table::Plain, 900, 675, &mut chance);
    for picture in [empty, RgbImage::new(900, 675)] {
        let findings = front(&picture);
        let edge = findings.iter().find(|one| one.code == "id.edge").unwrap();
        assert_eq!(
            (edge.outcome, edge.audience),
            (Outcome::Unsure, Audience::Reviewer)
        );
        assert!(findings.iter().all(|one| one.outcome != Outcome::Retake));
    }
}

#[test]
fn shine_blur_and_distance_are_told() {
    let (clean, quad, mut chance) = photo(11, Table::Plain);
    let centre = [
        (quad[0][0] + quad[2][0]) / 2.0,
        (quad[0][1] + quad[2][1]) / 2.0,
    ];
    let clear = front(&synthetic::camera(&clean, 0.7, &mut chance));
    for code in [
        "id.glare",
        "image.blur",
        "id.covered",
        "image.dark",
        "image.bright",
    ] {
        assert_eq!(outcome(&clear, code), Outcome::Pass, "{code}");
    }
    let mut shiny = clean.clone();
    synthetic::shine(&mut shiny, centre, 70.0);
    let findings = front(&synthetic::camera(&shiny, 0.7, &mut chance));
    let glare = findings.iter().find(|one| one.code == "id.glare").unwrap();
    assert_eq!(glare.outcome, Outcome::Retake);
    let region = glare.region.unwrap();
    assert!(region.x < 500 && region.x + region.width > 500 && region.width < 300);
    let blurred = front(&synthetic::camera(&clean, 4.0, &mut chance));
    assert_eq!(outcome(&blurred, "image.blur"), Outcome::Retake);
    let small = image::imageops::thumbnail(&clean, 600, 450);
    assert_eq!(outcome(&front(&small), "image.small"), Outcome::Retake);
}

#[test]
fn a_thumb_over_the_edge_is_for_a_person() {
    let (mut picture, quad, mut chance) = photo(11, Table::Plain);
    synthetic::thumb(&mut picture, &quad);
    let findings = front(&synthetic::camera(&picture, 0.7, &mut chance));
    let covered = findings
        .iter()
        .find(|one| one.code == "id.covered")
        .unwrap();
    assert_eq!(
        (covered.outcome, covered.audience),
        (Outcome::Unsure, Audience::Reviewer)
    );
}

#[test]
fn the_document_speaks_for_the_picture_it_is_in() {
    let (picture, ..) = photo(11, Table::Plain);
    let mut dark = RgbImage::from_pixel(2400, 1800, Rgb([6, 6, 6]));
    image::imageops::replace(&mut dark, &picture, 700, 500);
    let whole = evidence::Picture {
        width: dark.width(),
        height: dark.height(),
        rgb: dark,
        media_type: evidence::MediaType::Jpeg,
    };
    let findings = quick(&whole, EvidenceKind::IdFront, &checks());
    let mut codes: Vec<&str> = findings.iter().map(|one| one.code.as_str()).collect();
    codes.sort_unstable();
    let count = codes.len();
    codes.dedup();
    assert_eq!(codes.len(), count, "each code once");
    let of_note = quick(&whole, EvidenceKind::NotePhoto, &checks());
    assert_eq!(of_note.len(), 4);
    assert!(with_document(of_note.clone(), Vec::new()) == of_note);
}

/// A person's photo: a head, a card with a portrait, a sheet with three lines.
fn with_note(seed: u64, sheet: bool) -> (RgbImage, [[f64; 4]; 2]) {
    let mut chance = Chance(seed);
    let mut picture = synthetic::table(Table::Plain, 1200, 1600, &mut Chance(4));
    synthetic::disc(&mut picture, [600.0, 420.0], 230.0, Rgb([200, 150, 125]));
    synthetic::block(&mut picture, 250, 700, 700, 900, Rgb([50, 60, 110]));
    let flat = synthetic::card(1012, 638, &mut chance);
    let quad = [
        [700.0, 900.0],
        [1020.0, 915.0],
        [1008.0, 1118.0],
        [690.0, 1100.0],
    ];
    synthetic::lay(&mut picture, &flat, &quad, 0.055);
    if sheet {
        let mut paper = RgbImage::from_pixel(900, 600, Rgb([228, 228, 222]));
        for line in 0..3 {
            let top = 90 + line * 160;
            synthetic::print(&mut paper, [60, top], 18, 7, Rgb([40, 40, 90]), &mut chance);
        }
        let quad = [
            [120.0, 980.0],
            [600.0, 1000.0],
            [590.0, 1330.0],
            [110.0, 1310.0],
        ];
        synthetic::lay(&mut picture, &paper, &quad, 0.0);
    }
    let picture = synthetic::camera(&picture, 0.7, &mut chance);
    (
        picture,
        [[400.0, 190.0, 400.0, 460.0], [720.0, 960.0, 60.0, 70.0]],
    )
}

#[test]
fn the_note_and_the_document_are_found_in_the_hand() {
    let (picture, faces) = with_note(8, true);
    let look = note(&picture, &faces, &checks());
    assert_eq!(outcome(&look.findings, "note.missing"), Outcome::Pass);
    assert_eq!(outcome(&look.findings, "note.id"), Outcome::Pass);
    let paper = look.paper.unwrap();
    for ([x, y], [wx, wy]) in paper.quad.iter().zip([[120.0, 980.0], [600.0, 1000.0]]) {
        assert!((x - wx).hypot(y - wy) < 40.0, "{x} {y} for {wx} {wy}");
    }
    assert!(paper.picture.width() > 900, "enlarged");
    // The card is the one of its front photo, and not another one.
    let card = look.card.unwrap();
    for ([x, y], [wx, wy]) in card.quad.iter().zip([[700.0, 900.0], [1020.0, 915.0]]) {
        // Known weakness: the header has almost the colour behind it: an edge 22 px low.
        assert!((x - wx).hypot(y - wy) < 24.0, "{x} {y} for {wx} {wy}");
    }
    let held = card.picture;
    let mut chance = Chance(8);
    let own = synthetic::card(1012, 638, &mut chance);
    let alike = |front: &RgbImage| {
        let found = same_document(front, &held, &checks().note);
        (found.outcome, found.score_milli.unwrap())
    };
    let other = RgbImage::from_fn(1012, 638, |x, y| Rgb([((x * 7 + y * 3) % 251) as u8; 3]));
    assert_eq!(alike(&other).0, Outcome::Unsure);
    // The low edge costs likeness: nearer than another card, but not enough to pass.
    let (own, other) = (alike(&own).1, alike(&other).1);
    assert!(own > other + 200, "{own} and {other}");
}

#[test]
fn a_photo_without_a_sheet_does_not_pass() {
    let (picture, faces) = with_note(8, false);
    let look = note(&picture, &faces, &checks());
    assert_ne!(outcome(&look.findings, "note.missing"), Outcome::Pass);
    let close = [[0.0, 0.0, 900.0, 1200.0]];
    let dark = RgbImage::from_pixel(1200, 1600, Rgb([40, 20, 20]));
    let look = note(&dark, &close, &checks());
    assert_eq!(outcome(&look.findings, "note.missing"), Outcome::Retake);
    assert_eq!(outcome(&look.findings, "note.id"), Outcome::Retake);
}

/// Codes, outcomes and scores (whole units, but thousandths of shares) of a folder's pictures.
fn table_of(folder: &str) -> Option<String> {
    let root = testdata(folder)?;
    let mut table = String::new();
    for path in files(&root) {
        let bytes = std::fs::read(&path).unwrap();
        let Ok(picture) = decode_picture(&bytes, None, &Limits::default()) else {
            continue;
        };
        let name = path.strip_prefix(&root).unwrap().display().to_string();
        let said = quick(&picture, EvidenceKind::IdFront, &checks());
        assert_eq!(
            annotate(&picture.rgb, &said).dimensions(),
            picture.rgb.dimensions()
        );
        let words = said.iter().map(|one| {
            let score = one.score_milli.map_or(String::new(), |milli| {
                let share = one
                    .unit
                    .as_deref()
                    .is_some_and(|unit| unit.starts_with("share"));
                let step = if share { 10 } else { 1000 };
                format!(" {}", milli / step)
            });
            format!("{} {}{score}", one.code, one.outcome.name())
        });
        let words: Vec<String> = words.collect();
        writeln!(table, "{name}: {}", words.join(", ")).unwrap();
    }
    Some(table)
}

#[test]
fn the_specimens_get_these_findings() {
    if let Some(table) = table_of("id_documents/images") {
        insta::assert_snapshot!("specimens", table);
    }
}

#[test]
fn pictures_of_faces_get_these_findings() {
    if let Some(table) = table_of("presentation_attacks") {
        insta::assert_snapshot!("attacks", table);
    }
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 48,
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    #[test]
    fn no_picture_is_too_odd(
        (width, height) in prop_oneof![
            (0_u32..40, 0_u32..40),
            (1_u32..3, 1_u32..12_000),
            (1_u32..12_000, 1_u32..3),
            (100_u32..700, 100_u32..300),
        ],
        seed in any::<u64>(),
        face in proptest::array::uniform4(-1e6_f64..1e6),
    ) {
        let mut chance = Chance(seed);
        let noisy = chance.below(2) == 0;
        let picture = RgbImage::from_fn(width, height, |x, y| {
            let cloth = ((x / 9 + y / 7) % 2 * 250) as u8;
            Rgb([if noisy { (chance.next() >> 9) as u8 } else { cloth }; 3])
        });
        let look = document(&picture, EvidenceKind::IdBack, &checks());
        prop_assert!(look.findings.iter().any(|one| one.code == "id.edge"));
        let seen = note(&picture, &[face, [f64::NAN; 4]], &checks());
        prop_assert_eq!(seen.findings.len(), 2);
        let _ = annotate(&picture, &look.findings);
        if let Some(card) = look.card {
            let _ = card.rectified(&picture);
        }
    }
}
