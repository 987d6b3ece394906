//! Gates and attacks on real photos: covers, turns, documents, prints and screens.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic
)]
#![allow(clippy::print_stderr, clippy::disallowed_methods, unreachable_pub)]
#![allow(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    clippy::cast_precision_loss,
    reason = "pixels"
)]

mod common;

use std::path::{Path, PathBuf};

use common::{checks, clear_pair, engine, photo, shared};
use face::{CaseFaces, FaceEngine, Point, Probe};
use image::{Rgb, RgbImage};
use recovery::evidence::EvidenceKind;
use recovery::finding::{Audience, Finding, Outcome};

fn of_note(engine: &FaceEngine, picture: &RgbImage) -> Vec<Finding> {
    let probe = Probe {
        kind: EvidenceKind::NotePhoto,
        frames: std::slice::from_ref(picture),
        times_ms: &[],
    };
    let case = CaseFaces {
        kyc: Some(picture),
        document: None,
        probes: &[probe],
    };
    engine.findings(&case, &checks())
}

fn outcome(findings: &[Finding], code: &str) -> Option<Outcome> {
    let mut found = findings.iter().filter(|finding| finding.code == code);
    found.next().map(|finding| finding.outcome)
}

/// What the applicant hears of a photo, without the time it took.
fn told(findings: Vec<Finding>) -> Vec<Finding> {
    let for_applicant = |finding: &Finding| finding.audience == Audience::Applicant;
    let told = findings.into_iter().filter(for_applicant);
    told.map(|finding| finding.took(0)).collect()
}

#[test]
fn the_first_look_tells_what_the_check_tells_later_and_compares_nothing() {
    let Some((engine, faces)) = engine() else {
        return;
    };
    let mut retakes = 0;
    for path in files(&faces.join("edge")) {
        let picture = photo(&path);
        let kind = EvidenceKind::NotePhoto;
        let first = engine.first_look(&picture, kind, &checks()).unwrap();
        let later = told(of_note(&engine, &picture));
        assert_eq!(told(first.findings.clone()), later, "{}", path.display());
        assert_eq!(first.findings.len(), later.len(), "{}", path.display());
        assert_eq!(first.faces, engine.detect(&picture).unwrap());
        assert!(engine.measure(&picture).unwrap().face.is_none());
        let bad = |finding: &&Finding| finding.outcome == Outcome::Retake;
        retakes += first.findings.iter().filter(bad).count();
    }
    assert!(retakes > 0);
}

fn files(dir: &Path) -> Vec<PathBuf> {
    let mut all: Vec<PathBuf> = std::fs::read_dir(dir)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    all.sort();
    all
}

/// Paints a bar along the line of the eyes: `middle` is its middle, half as wide and high as said
/// in distances between the eyes.
fn bar(
    picture: &RgbImage,
    eyes: [Point; 2],
    middle: Point,
    half: (f32, f32),
    grey: u8,
) -> RgbImage {
    let (across, down) = (eyes[1].x - eyes[0].x, eyes[1].y - eyes[0].y);
    let distance = across.hypot(down);
    let mut out = picture.clone();
    for (x, y, pixel) in out.enumerate_pixels_mut() {
        let (dx, dy) = (x as f32 - middle.x, y as f32 - middle.y);
        let along = (dx * across + dy * down) / distance / distance;
        let beside = (dy * across - dx * down) / distance / distance;
        if along.abs() <= half.0 && beside.abs() <= half.1 {
            *pixel = Rgb([grey + ((x * 7 + y * 13) % 5) as u8; 3]);
        }
    }
    out
}

/// Share of photos with `face.covered` as they are, with covered eyes, with covered mouths.
fn covered_shares(engine: &FaceEngine, photos: &[PathBuf]) -> [usize; 3] {
    let checks = checks();
    let covered = |picture: &RgbImage| {
        use face::QualityIssue::{EyesCovered, MouthCovered};
        let seen = engine.look_at(picture).unwrap();
        let issues = seen.issues(&checks);
        issues.contains(&EyesCovered) || issues.contains(&MouthCovered)
    };
    let mut counts = [0; 3];
    for path in photos {
        let picture = photo(path);
        let Some(face) = engine.detect(&picture).unwrap().first().copied() else {
            continue;
        };
        let [left, right, _, mouth_left, mouth_right] = face.landmarks;
        let between = |one: Point, other: Point| Point {
            x: f32::midpoint(one.x, other.x),
            y: f32::midpoint(one.y, other.y),
        };
        let eyes = bar(
            &picture,
            [left, right],
            between(left, right),
            (1.0, 0.3),
            20,
        );
        let mouth = between(mouth_left, mouth_right);
        let mask = bar(&picture, [left, right], mouth, (0.95, 0.6), 190);
        for (count, picture) in counts.iter_mut().zip([&picture, &eyes, &mask]) {
            *count += usize::from(covered(picture));
        }
    }
    counts
}

#[test]
fn covers_are_found_and_bare_faces_are_left_alone() {
    let Some((engine, faces)) = engine() else {
        return;
    };
    let people = files(&faces.join("lfw"));
    let photos: Vec<PathBuf> = people
        .iter()
        .step_by(people.len() / 150)
        .map(|person| files(person).remove(0))
        .collect();
    let all = photos.len();
    let [bare, eyes, mouth] = covered_shares(&engine, &photos);
    eprintln!("of {all}: bare {bare}, eyes covered {eyes}, mouth covered {mouth}");
    assert!(
        bare * 100 <= all * 2,
        "{bare} of {all} bare faces called covered"
    );
    assert!(eyes * 100 >= all * 75, "{eyes} of {all} covered eyes found");
    assert!(
        mouth * 100 >= all * 90,
        "{mouth} of {all} covered mouths found"
    );
}

#[test]
fn sunglasses_are_to_be_taken_off() {
    let Some((engine, _)) = engine() else { return };
    let Some(attacks) = shared("testdata/presentation_attacks") else {
        return;
    };
    let findings = of_note(
        &engine,
        &photo(&attacks.join("other/recognito-vision_att_1.jpg")),
    );
    let covered = findings.iter().find(|found| found.code == "face.covered");
    let covered = covered.unwrap();
    assert_eq!(covered.outcome, Outcome::Retake);
    assert_eq!(covered.audience, Audience::Applicant);
    assert!(covered.region.is_some() && covered.score_milli < covered.threshold_milli);
    assert_eq!(outcome(&findings, "face.kyc_note"), Some(Outcome::Unsure));
}

#[test]
fn no_attack_looks_live() {
    let Some((engine, _)) = engine() else { return };
    let Some(attacks) = shared("testdata/presentation_attacks") else {
        return;
    };
    let mut live = 0;
    for (folder, label) in [("attack", false), ("live", true)] {
        for path in files(&attacks.join(folder)) {
            let findings = of_note(&engine, &photo(&path));
            let found = outcome(&findings, "face.live");
            if label {
                live += usize::from(found == Some(Outcome::Pass));
            } else {
                // No face found would be no live face either.
                assert_ne!(found, Some(Outcome::Pass), "{}", path.display());
            }
        }
    }
    assert!(live >= 2, "{live} of 3 live pictures pass");
}

#[test]
fn another_embedder_makes_comparisons_unavailable() {
    let Some((engine, faces)) = engine() else {
        return;
    };
    let [one, other] = clear_pair(&engine, &faces, "same");
    let mut checks = checks();
    checks.embedder = "another".to_owned();
    let frames = [other.clone(), other.clone()];
    let probes = [EvidenceKind::NotePhoto, EvidenceKind::Video].map(|kind| Probe {
        kind,
        frames: &frames,
        times_ms: &[],
    });
    let case = CaseFaces {
        kyc: Some(&one),
        document: Some(&one),
        probes: &probes,
    };
    let findings = engine.findings(&case, &checks);
    for code in [
        "face.kyc_note",
        "face.kyc_video",
        "face.video_same",
        "face.document_kyc",
        "face.document_note",
    ] {
        assert_eq!(
            outcome(&findings, code),
            Some(Outcome::Unavailable),
            "{code}"
        );
    }
    let answer = engine.compare_pictures(&one, &other, &checks).unwrap();
    assert_eq!((answer.band, answer.verdict), (None, face::Verdict::Unsure));
}

/// A card with a portrait on it.
fn card(portrait: &RgbImage) -> RgbImage {
    let mut card = RgbImage::from_pixel(1000, 630, Rgb([214, 222, 216]));
    let small = image::imageops::thumbnail(portrait, 260, 330);
    image::imageops::replace(&mut card, &small, 60, 160);
    card
}

#[test]
fn the_portrait_on_the_document_passes_or_goes_to_people() {
    let Some((engine, faces)) = engine() else {
        return;
    };
    for label in ["same", "different"] {
        let [kyc, note] = clear_pair(&engine, &faces, label);
        let document = card(&kyc);
        let probe = Probe {
            kind: EvidenceKind::NotePhoto,
            frames: std::slice::from_ref(&note),
            times_ms: &[],
        };
        let case = CaseFaces {
            kyc: Some(&kyc),
            document: Some(&document),
            probes: &[probe],
        };
        let findings = engine.findings(&case, &checks());
        let of_note = outcome(&findings, "face.document_note").unwrap();
        if label == "different" {
            assert_eq!(of_note, Outcome::Unsure);
        }
        let of_kyc = findings
            .iter()
            .find(|found| found.code == "face.document_kyc");
        let of_kyc = of_kyc.unwrap();
        assert_eq!(of_kyc.outcome, Outcome::Pass, "the same print");
        assert_eq!(of_kyc.threshold_milli, Some(750));
        let region = of_kyc.region.unwrap();
        assert!(region.x < 330 && region.width < 300, "{region:?}");
    }
}

#[test]
fn findings_of_a_video_say_where_and_when() {
    let Some((engine, faces)) = engine() else {
        return;
    };
    let [one, other] = clear_pair(&engine, &faces, "different");
    let frames = [one.clone(), one.clone(), one.clone(), other];
    let probe = Probe {
        kind: EvidenceKind::Video,
        frames: &frames,
        times_ms: &[0, 500, 1000, 1500],
    };
    let case = CaseFaces {
        kyc: Some(&one),
        document: None,
        probes: &[probe],
    };
    let findings = engine.findings(&case, &checks());
    let same = findings
        .iter()
        .find(|found| found.code == "face.video_same");
    let same = same.unwrap();
    assert_eq!((same.outcome, same.at_ms), (Outcome::Fail, Some(1500)));
    assert!(same.region.is_some());
}

#[test]
fn a_still_picture_does_not_move_its_mouth() {
    let Some((engine, faces)) = engine() else {
        return;
    };
    let [one, _] = clear_pair(&engine, &faces, "same");
    let small = image::imageops::grayscale(&image::imageops::thumbnail(&one, 232, 288));
    let frames: Vec<_> = (0..60).map(|n| (n * 50, small.clone())).collect();
    let motion = engine.motion(&frames).unwrap();
    assert_eq!(motion.len(), 30, "ten a second");
    let loudness = |moments: &[u32]| {
        let loud = moments.iter().map(|at| ((at / 100 * at / 100) % 7) as f32);
        loud.collect()
    };
    let findings = engine.motion_findings(&frames, loudness, &checks());
    let told: Vec<_> = findings
        .iter()
        .map(|one| (one.code.as_str(), one.outcome))
        .collect();
    let unsure = Outcome::Unsure;
    assert_eq!(told, [("video.head", unsure), ("video.sync", unsure)]);
}

#[test]
fn an_aligned_face_is_upright_for_people_and_scores_have_a_scale() {
    let Some((engine, faces)) = engine() else {
        return;
    };
    let [one, other] = clear_pair(&engine, &faces, "same");
    let aligned = engine.aligned_face(&one).unwrap();
    assert_eq!(aligned.dimensions(), (face::SHOWN_SIDE, face::SHOWN_SIDE));
    let again = engine.detect(&aligned).unwrap();
    let [left, right, ..] = again[0].landmarks;
    assert!((left.y - right.y).abs() < 12.0, "eyes are level");
    assert!(engine.aligned_face(&RgbImage::new(300, 300)).is_none());
    let score = engine
        .compare_pictures(&one, &other, &checks())
        .unwrap()
        .similarity
        .unwrap();
    assert!(engine.one_in(score).unwrap() >= 10_000);
    let nobody = engine.compare_pictures(
        &one,
        &clear_pair(&engine, &faces, "different")[1],
        &checks(),
    );
    let low = nobody.unwrap().similarity.unwrap();
    if low.cosine() < 0.34 {
        assert_eq!(engine.one_in(low), None);
    }
}
