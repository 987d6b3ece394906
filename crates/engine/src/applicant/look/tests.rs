use std::path::{Path, PathBuf};

use evidence::MediaTools;
use image::Rgb;
use models::ModelSet;
use recovery::finding::Outcome;
use recovery::policy::{DEFAULT, Policy};

use super::*;

fn skipped(why: &str) {
    eprintln!("skipped: {why}");
}

/// A folder shared by the workspace's tests, or none with a word on stderr.
fn shared(folder: &str) -> Option<PathBuf> {
    let named = std::env::var_os("REGAIN_SHARED").map(PathBuf::from);
    let beside = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared");
    let found = named.unwrap_or(beside).join(folder);
    if found.is_dir() {
        return Some(found);
    }
    skipped(&format!("no shared folder {folder}"));
    None
}

fn look(kind: EvidenceKind, bytes: &[u8], tools: &Instruments) -> Look {
    let checks = Policy::parse(DEFAULT).unwrap().checks;
    let looking = Looking {
        checks: &checks,
        limits: &Limits::default(),
        tools,
    };
    let look = looking.at(bytes, None, kind).unwrap();
    for finding in &look.findings {
        assert_eq!(finding.audience, Audience::Applicant, "{finding:?}");
        assert_eq!(finding.kind, Some(kind), "{finding:?}");
    }
    look
}

fn retakes(look: &Look) -> Vec<&str> {
    let bad = |finding: &&Finding| finding.outcome == Outcome::Retake;
    let bad = look.findings.iter().filter(bad);
    bad.map(|finding| finding.code.as_str()).collect()
}

/// A room without anybody in it, sharp and well lit.
fn room() -> Vec<u8> {
    let picture = RgbImage::from_fn(1600, 1200, |x, y| {
        let square = if (x / 16 + y / 16) % 2 == 0 { 40 } else { 110 };
        Rgb([square, square / 2, 90])
    });
    media::jpeg(&picture).unwrap()
}

/// Faces are found; nothing else is there.
fn with_faces() -> Option<Instruments> {
    let models = ModelSet::open(&shared("models")?).unwrap();
    Some(Instruments {
        face: Some(FaceEngine::open(&models).unwrap()),
        ..Instruments::without_models()
    })
}

#[test]
fn a_video_is_told_at_once_what_is_wrong_with_it_and_no_more() {
    let tools = Instruments::without_models();
    let Some(folder) = shared("testdata/media/video") else {
        return;
    };
    if !tools.media.report().video {
        return skipped("no ffmpeg, ffprobe or prlimit");
    }
    let look = |name: &str| {
        let bytes = std::fs::read(folder.join(name)).unwrap();
        look(EvidenceKind::Video, &bytes, &tools)
    };
    // Its container speaks of editing, which reviewers alone hear of.
    let cut = look("e_jumpcut.webm");
    assert!(retakes(&cut).contains(&"video.cut"), "{:?}", cut.findings);
    assert!(!cut.unchecked);
    let whole = look("mr_vp8.webm");
    assert_eq!(retakes(&whole), Vec::<&str>::new());
    assert!(!whole.unchecked && !whole.findings.is_empty());
}

#[test]
fn a_video_that_no_tool_looked_at_is_not_called_good() {
    let tools = Instruments {
        media: MediaTools::none(),
        ..Instruments::without_models()
    };
    let look = look(EvidenceKind::Video, b"\x1A\x45\xDF\xA3", &tools);
    assert!(look.unchecked);
    assert!(look.findings.is_empty());
}

#[test]
fn a_note_photo_without_anybody_is_told_so_at_once() {
    let Some(tools) = with_faces() else { return };
    let look = look(EvidenceKind::NotePhoto, &room(), &tools);
    let retakes = retakes(&look);
    assert!(retakes.contains(&"face.none"), "{retakes:?}");
    assert!(retakes.contains(&"note.missing"), "{retakes:?}");
    assert!(!look.unchecked);
}

#[test]
fn a_second_person_in_the_note_photo_is_told_at_once() {
    let (Some(tools), Some(faces)) = (with_faces(), shared("testdata/faces/edge")) else {
        return;
    };
    let two = std::fs::read(faces.join("fr_two_people.jpg")).unwrap();
    let look = look(EvidenceKind::NotePhoto, &two, &tools);
    let retakes = retakes(&look);
    assert!(retakes.contains(&"face.several"), "{retakes:?}");
}

#[test]
fn nobody_looks_for_a_face_on_the_photo_of_a_document() {
    let Some(tools) = with_faces() else { return };
    let look = look(EvidenceKind::IdFront, &room(), &tools);
    let about_face = |finding: &&Finding| finding.code.starts_with("face.");
    assert_eq!(look.findings.iter().filter(about_face).count(), 0);
}

#[test]
fn without_models_a_note_photo_is_judged_by_its_light_alone() {
    let tools = Instruments::without_models();
    let look = look(EvidenceKind::NotePhoto, &room(), &tools);
    assert_eq!(retakes(&look), Vec::<&str>::new());
    assert!(!look.unchecked);
}
