//! Every shared hostile file goes through intake: an answer, in time, without a panic. What each
//! gets stands in a table that people have looked at.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic
)]

mod support;

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::Path;
use std::time::{Duration, Instant};

use evidence::reuse::{Part, prints};
use evidence::{
    Limits, MediaTools, MediaType, decode_picture, inspect_video, metadata_findings, open_still,
    quality, recognise, reviewer_copy, sniff,
};
use recovery::evidence::EvidenceKind;
use recovery::finding::{Finding, Outcome};
use recovery::time::Timestamp;
use support::{files, skipped, testdata};

/// The path of a file in its folder.
fn name(path: &Path, folder: &Path) -> String {
    path.strip_prefix(folder).unwrap().display().to_string()
}

/// What is not a pass, by code.
fn words(findings: &[Finding]) -> String {
    let mut words = String::new();
    for one in findings.iter().filter(|one| one.outcome != Outcome::Pass) {
        write!(words, ", {} {}", one.code, one.outcome.name()).unwrap();
    }
    words
}

/// One file may take this long at most, on a busy machine and without optimisation.
const SLOWEST: Duration = Duration::from_secs(10);

#[test]
#[allow(
    clippy::disallowed_methods,
    reason = "measures how long each file takes"
)]
fn every_hostile_file_gets_an_answer_in_time() {
    let Some(folder) = testdata("hostile_media") else {
        return;
    };
    let limits = Limits::default();
    let tools = MediaTools::find();
    let mut answers = BTreeMap::<&'static str, usize>::new();
    let (mut all, mut table, mut by_tools) = (0, String::new(), String::new());
    for path in files(&folder) {
        let bytes = std::fs::read(&path).unwrap();
        let mut row = String::new();
        let begun = Instant::now();
        let answer = open_still(&bytes, None, EvidenceKind::Screenshot, &limits, &tools);
        for picture in answer.iter().flatten() {
            assert!(picture.width <= limits.max_side && picture.height <= limits.max_side);
            assert!(!sniff(&bytes).unwrap().is_video());
            let now = Timestamp::from_millis(0);
            let said = metadata_findings(&bytes, picture, EvidenceKind::IdFront, now, 2.0);
            assert!(said.iter().all(|one| one.outcome == Outcome::Unsure));
            assert!(prints(&[(Part::Whole, &picture.rgb)]).len() <= 2);
            let coaching = quality(picture, EvidenceKind::IdFront, &support::checks().image);
            assert_eq!(coaching.len(), 4);
            let copy = reviewer_copy(&picture.rgb, 1600).unwrap();
            assert!(!holds_metadata(&copy), "{}", path.display());
            let (kind, wide, high) = (picture.media_type.mime(), picture.width, picture.height);
            write!(row, " {kind} {wide}x{high}{}", words(&said)).unwrap();
            row.push_str(&words(&coaching));
        }
        assert!(
            begun.elapsed() < SLOWEST,
            "{} took {:?}",
            path.display(),
            begun.elapsed()
        );
        let code = answer
            .as_ref()
            .map_or_else(evidence::MediaRefusal::code, |_| "taken");
        *answers.entry(code).or_default() += 1;
        // What another version of a tool opens, it may open otherwise.
        let tool = matches!(
            sniff(&bytes),
            Some(MediaType::Heic | MediaType::Avif | MediaType::Pdf)
        );
        let table = if tool { &mut by_tools } else { &mut table };
        writeln!(table, "{}: {code}{row}", name(&path, &folder)).unwrap();
        all += 1;
    }
    support::note(&format!("{all} hostile files: {answers:?}"));
    assert!(all >= 800, "only {all} files");
    assert!(answers.len() >= 6, "{answers:?}");
    insta::assert_snapshot!("files", table);
    let report = tools.report();
    if report.heif_convert && report.pdftoppm && report.pdfinfo && report.prlimit {
        insta::assert_snapshot!("files_by_tools", by_tools);
    } else {
        skipped(
            "the table of HEIC, AVIF and PDF needs heif-convert, pdftoppm, pdfinfo and prlimit",
        );
    }
}

#[test]
fn every_hostile_video_gets_an_answer() {
    let (Some(tools), Some(folder)) = (support::tools(), testdata("hostile_media")) else {
        return;
    };
    let mut table = String::new();
    for path in files(&folder) {
        let bytes = std::fs::read(&path).unwrap();
        if !recognise(&bytes).is_ok_and(|found| found.is_video()) {
            continue;
        }
        let name = name(&path, &folder);
        match inspect_video(&bytes, None, &Limits::default(), &tools) {
            Err(refusal) => writeln!(table, "{name}: {}", refusal.code()).unwrap(),
            Ok(facts) => {
                let said = evidence::take_findings(&facts, None, &support::checks().video);
                writeln!(table, "{name}: taken{}", words(&said)).unwrap();
            }
        }
    }
    insta::assert_snapshot!("videos", table);
}

/// Whether a JPEG has any segment that could hold metadata: APP1 to APP15, or a comment.
fn holds_metadata(jpeg: &[u8]) -> bool {
    let mut at = 2;
    while let [0xFF, marker, high, low, ..] = jpeg[at..] {
        if matches!(marker, 0xE1..=0xEF | 0xFE) {
            return true;
        }
        if marker == 0xDA {
            return false;
        }
        at += 2 + usize::from(u16::from_be_bytes([high, low]));
    }
    true
}

#[test]
fn photos_of_real_cameras_are_taken() {
    for folder in ["hostile_media/exif_cameras", "hostile_media/exif_gps"] {
        let Some(folder) = testdata(folder) else {
            return;
        };
        let mut refused = Vec::new();
        let mut all = 0;
        for path in files(&folder) {
            let bytes = std::fs::read(&path).unwrap();
            if sniff(&bytes) != Some(MediaType::Jpeg) {
                continue;
            }
            all += 1;
            if let Err(refusal) = decode_picture(&bytes, Some("image/jpeg"), &Limits::default()) {
                refused.push((path.file_name().unwrap().to_owned(), refusal));
            }
        }
        assert!(all > 0);
        assert!(
            refused.is_empty(),
            "{} of {all}: {refused:?}",
            refused.len()
        );
    }
}

#[test]
fn portraits_and_cards_pass_the_coaching_checks() {
    let Some(faces) = testdata("faces/lfw") else {
        return;
    };
    let Some(cards) = testdata("id_documents/images") else {
        return;
    };
    let limits = Limits::default();
    let decode =
        |path: &std::path::Path| decode_picture(&std::fs::read(path).unwrap(), None, &limits);
    let mut notes = Vec::new();
    for path in files(&faces).iter().step_by(40).take(40) {
        let Ok(portrait) = decode(path) else { continue };
        notes.push(measure(note_photo(&portrait.rgb)));
    }
    let mut photos = Vec::new();
    let mut blurred = Vec::new();
    for path in files(&cards).iter().take(60) {
        let Ok(card) = decode(path) else { continue };
        if card.width.min(card.height) >= 480 {
            let soft = image::DynamicImage::ImageRgb8(card.rgb.clone())
                .resize(1000, 1000, image::imageops::FilterType::Triangle)
                .fast_blur(6.0);
            blurred.push(measure(soft.into_rgb8()));
            photos.push(measure(card.rgb));
        }
    }
    for (name, list) in [
        ("notes", &mut notes),
        ("cards", &mut photos),
        ("blurred", &mut blurred),
    ] {
        list.sort_by(|a, b| a.1.total_cmp(&b.1));
        let lights: Vec<f64> = list.iter().map(|each| each.0).collect();
        let (dim, light) = lights.iter().fold((f64::MAX, f64::MIN), |(low, high), v| {
            (low.min(*v), high.max(*v))
        });
        let blur: Vec<i64> = list.iter().map(|each| each.1 as i64).collect();
        support::note(&format!(
            "{name}: luma {dim:.0} to {light:.0}, sharpness {blur:?}"
        ));
    }
    assert!(notes.len() >= 30);
    assert!(
        notes.iter().all(|each| each.2),
        "a note photo of a good portrait must pass"
    );
    assert!(
        blurred.iter().all(|each| !each.2),
        "a card blurred by 6 pixels is taken again"
    );
    let good = photos.iter().filter(|each| each.2).count();
    assert!(
        good * 10 >= photos.len() * 9,
        "{good} of {} cards pass",
        photos.len()
    );
}

/// Luma, sharpness, and whether nothing is to be taken again.
fn measure(rgb: image::RgbImage) -> (f64, f64, bool) {
    let (width, height) = rgb.dimensions();
    let picture = evidence::Picture {
        rgb,
        media_type: MediaType::Jpeg,
        width,
        height,
    };
    let findings = quality(&picture, EvidenceKind::NotePhoto, &support::checks().image);
    let score = |code: &str| {
        let found = findings
            .iter()
            .find(|finding| finding.code == code)
            .unwrap();
        found.score_milli.unwrap() as f64 / 1000.0
    };
    let good = findings
        .iter()
        .all(|f| f.outcome == recovery::finding::Outcome::Pass);
    (score("image.dark"), score("image.blur"), good)
}

/// The walkthrough's note photo: a portrait, enlarged, beside a white paper on a grey wall.
fn note_photo(portrait: &image::RgbImage) -> image::RgbImage {
    let mut photo = image::RgbImage::from_pixel(1280, 960, image::Rgb([150, 150, 145]));
    let large = image::DynamicImage::ImageRgb8(portrait.clone())
        .resize(600, 600, image::imageops::FilterType::CatmullRom)
        .into_rgb8();
    image::imageops::replace(&mut photo, &large, 60, 180);
    let paper = image::RgbImage::from_fn(480, 360, |x, y| {
        let ink = y % 90 > 60 && x > 30 && x < 450 && (x / 7 + y / 5) % 3 == 0;
        image::Rgb(if ink { [40; 3] } else { [235; 3] })
    });
    image::imageops::replace(&mut photo, &paper, 740, 300);
    photo
}
