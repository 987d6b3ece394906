//! Odd pictures, missing models, findings and reports.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic
)]
#![allow(clippy::print_stderr, unreachable_pub)]

mod common;

use common::{case, checks, clear_pair, engine, photo, shared};
use face::{Probe, QualityIssue, Reason, Verdict, report::FaceReport, unavailable_findings};
use image::{Rgb, RgbImage, imageops};
use models::{ModelError, ModelSet};
use recovery::evidence::EvidenceKind;
use recovery::finding::{Audience, Finding, Outcome};

fn codes(findings: &[Finding]) -> Vec<(&str, Outcome)> {
    findings
        .iter()
        .map(|finding| (finding.code.as_str(), finding.outcome))
        .collect()
}

fn note(picture: &RgbImage) -> Probe<'_> {
    Probe {
        kind: EvidenceKind::NotePhoto,
        frames: std::slice::from_ref(picture),
        times_ms: &[],
    }
}

fn video(frames: &[RgbImage]) -> Probe<'_> {
    Probe {
        kind: EvidenceKind::Video,
        frames,
        times_ms: &[],
    }
}

/// Two pictures beside each other.
fn beside(left: &RgbImage, right: &RgbImage) -> RgbImage {
    let height = left.height().max(right.height());
    let mut both = RgbImage::new(left.width() + right.width(), height);
    imageops::replace(&mut both, left, 0, 0);
    imageops::replace(&mut both, right, i64::from(left.width()), 0);
    both
}

#[test]
fn odd_pictures_have_no_face() {
    let Some((engine, _)) = engine() else { return };
    for (width, height) in [
        (0, 0),
        (0, 9),
        (1, 1),
        (12_000, 1),
        (1, 12_000),
        (31, 33),
        (800, 600),
    ] {
        let black = RgbImage::new(width, height);
        let white = RgbImage::from_pixel(width, height, Rgb([255; 3]));
        for picture in [black, white] {
            assert_eq!(engine.detect(&picture).unwrap(), [], "{width} x {height}");
            assert!(engine.look_at(&picture).unwrap().face.is_none());
        }
    }
}

#[test]
fn a_missing_or_changed_model_is_refused() {
    let Some(from) = shared("models") else { return };
    let dir = tempfile::tempdir().unwrap();
    let refusal = || ModelSet::open(dir.path()).err().unwrap();
    std::fs::copy(
        from.join("yunet_n_dynamic.onnx"),
        dir.path().join("yunet_n_dynamic.onnx"),
    )
    .unwrap();
    assert!(matches!(refusal(), ModelError::Missing { file, .. } if file == "face_reid_0095.onnx"));
    let mut bytes = std::fs::read(from.join("face_reid_0095.onnx")).unwrap();
    bytes[4_000_000] ^= 1;
    std::fs::write(dir.path().join("face_reid_0095.onnx"), bytes).unwrap();
    let ModelError::WrongDigest {
        file,
        expected,
        found,
    } = refusal()
    else {
        panic!("digest")
    };
    assert_eq!(file, "face_reid_0095.onnx");
    assert!(expected.starts_with("0f411eb4") && found.len() == 64 && found != expected);
}

#[test]
fn without_an_engine_nothing_passes() {
    let findings = unavailable_findings(&EvidenceKind::ALL);
    let expected = [
        "face.document_kyc",
        "face.document_note",
        "face.kyc_note",
        "face.live",
        "face.kyc_video",
        "face.video_same",
        "face.live",
    ];
    assert_eq!(
        codes(&findings),
        expected.map(|code| (code, Outcome::Unavailable))
    );
    assert!(
        findings
            .iter()
            .all(|finding| finding.audience == Audience::Reviewer)
    );
}

#[test]
fn the_same_person_passes_and_another_fails() {
    let Some((engine, faces)) = engine() else {
        return;
    };
    let [kyc, probe] = clear_pair(&engine, &faces, "same");
    let frames = vec![probe.clone(); 3];
    let findings = case(&engine, Some(&kyc), &[note(&probe), video(&frames)]);
    let expected = ["face.kyc_note", "face.kyc_video", "face.video_same"];
    assert_eq!(codes(&findings), expected.map(|code| (code, Outcome::Pass)));
    let first = &findings[0];
    assert_eq!(first.kind, Some(EvidenceKind::NotePhoto));
    assert_eq!(
        (first.threshold_milli, first.unit.as_deref()),
        (Some(500), Some("cosine"))
    );
    assert!((500..=1000).contains(&first.score_milli.unwrap()));
    assert_eq!(first.engine, "rten/face_reid_0095");

    let [kyc, other] = clear_pair(&engine, &faces, "different");
    let findings = case(&engine, Some(&kyc), &[note(&other)]);
    assert_eq!(codes(&findings), [("face.kyc_note", Outcome::Fail)]);
    assert_eq!(findings[0].audience, Audience::Reviewer);
    assert!(findings[0].score_milli.unwrap() < 340);
}

#[test]
fn a_swap_in_the_video_is_seen() {
    let Some((engine, faces)) = engine() else {
        return;
    };
    let [one, other] = clear_pair(&engine, &faces, "different");
    let frames = [one.clone(), one.clone(), one.clone(), other];
    let findings = case(&engine, Some(&one), &[video(&frames)]);
    let expected = [
        ("face.kyc_video", Outcome::Pass),
        ("face.video_same", Outcome::Fail),
    ];
    assert_eq!(codes(&findings), expected);
    // One frame alone proves nothing of the others.
    let findings = case(&engine, Some(&one), &[video(&frames[..1])]);
    assert_eq!(codes(&findings)[1], ("face.video_same", Outcome::Unsure));
}

#[test]
fn no_face_is_for_the_applicant_to_mend() {
    let Some((engine, faces)) = engine() else {
        return;
    };
    let [kyc, _] = clear_pair(&engine, &faces, "same");
    let empty = RgbImage::new(640, 480);
    let findings = case(&engine, Some(&kyc), &[note(&empty), video(&[]), note(&kyc)]);
    let expected = [
        ("face.none", Outcome::Retake),
        ("face.none", Outcome::Retake),
        ("face.kyc_note", Outcome::Pass),
    ];
    assert_eq!(codes(&findings), expected);
    assert_eq!(findings[0].audience, Audience::Applicant);
    assert_eq!(findings[1].kind, Some(EvidenceKind::Video));
}

#[test]
fn a_missing_or_faceless_portrait_is_unavailable() {
    let Some((engine, faces)) = engine() else {
        return;
    };
    let [_, probe] = clear_pair(&engine, &faces, "same");
    let empty = RgbImage::new(64, 64);
    for kyc in [None, Some(&empty)] {
        let findings = case(&engine, kyc, &[note(&probe)]);
        assert_eq!(codes(&findings), [("face.kyc_note", Outcome::Unavailable)]);
    }
}

#[test]
fn several_people_never_match() {
    let Some((engine, faces)) = engine() else {
        return;
    };
    let [kyc, probe] = clear_pair(&engine, &faces, "same");
    let half = |picture: &RgbImage| imageops::thumbnail(picture, 400, 500);
    let twice = beside(&half(&probe), &half(&probe));
    let findings = case(&engine, Some(&kyc), &[note(&twice)]);
    let expected = [
        ("face.several", Outcome::Retake),
        ("face.kyc_note", Outcome::Unsure),
    ];
    assert_eq!(codes(&findings), expected);
    let answer = engine.compare_pictures(&kyc, &twice, &checks()).unwrap();
    assert_eq!(answer.verdict, Verdict::Unsure);
    assert_eq!(answer.band, Some(Verdict::Match));
    assert_eq!(answer.other.reasons, [Reason::SeveralFaces]);
    // The small portrait on a card is no second person.
    let card = imageops::thumbnail(&kyc, 100, 125);
    let with_card = beside(&half(&probe), &card);
    let findings = case(&engine, Some(&kyc), &[note(&with_card)]);
    assert_eq!(codes(&findings), [("face.kyc_note", Outcome::Pass)]);
}

#[test]
fn bad_pictures_never_pass_on_either_side() {
    let Some((engine, faces)) = engine() else {
        return;
    };
    let [kyc, probe] = clear_pair(&engine, &faces, "same");
    let width = engine.detect(&kyc).unwrap()[0].bounds.width;
    #[allow(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "pixels"
    )]
    let side = |side: u32| (side as f32 * 32.0 / width) as u32;
    let tiny = imageops::thumbnail(&kyc, side(kyc.width()), side(kyc.height()));
    let mut dark = kyc.clone();
    dark.pixels_mut()
        .for_each(|pixel| pixel.0 = pixel.0.map(|value| value / 9));
    for (bad, issue) in [(&tiny, QualityIssue::Small), (&dark, QualityIssue::Dark)] {
        let answer = engine.compare_pictures(&kyc, bad, &checks()).unwrap();
        assert_eq!(answer.verdict, Verdict::Unsure);
        assert!(
            answer.other.reasons.contains(&Reason::Quality(issue)),
            "{:?}",
            answer.other
        );
        for (kyc, probe) in [(bad, &probe), (&kyc, bad)] {
            let findings = case(&engine, Some(kyc), &[note(probe)]);
            let expected = [
                ("face.quality", Outcome::Unsure),
                ("face.kyc_note", Outcome::Unsure),
            ];
            assert_eq!(codes(&findings), expected, "{issue:?}");
            assert!(findings[0].score_milli < findings[0].threshold_milli);
        }
    }
}

#[test]
fn the_report_says_it_in_text_and_json() {
    let Some((engine, faces)) = engine() else {
        return;
    };
    let [one, other] = clear_pair(&engine, &faces, "same");
    let answer = engine.compare_pictures(&one, &other, &checks()).unwrap();
    let report = FaceReport::from(&answer);
    let text = report.to_text();
    assert!(
        text.contains("verdict: match\n") && text.contains("A: 1 face, "),
        "{text}"
    );
    assert!(
        text.contains("below 0.34 no match, to 0.50 unsure"),
        "{text}"
    );
    let json = serde_json::to_value(&report).unwrap();
    assert_eq!(json["verdict"], "match");
    assert_eq!(json["engine"], "rten/face_reid_0095");
    assert!(json["similarity"].as_f64().unwrap() >= 0.5);
    assert!(json["a"]["faces"][0]["width"].as_f64().unwrap() > 100.0);
    assert!(json["ms"].as_f64().unwrap() > 0.0);

    let nobody = photo(&faces.join("edge/human_background.jpg"));
    let report = FaceReport::from(&engine.compare_pictures(&one, &nobody, &checks()).unwrap());
    let text = report.to_text();
    assert!(
        text.contains("similarity: none") && text.contains("B: 0 faces"),
        "{text}"
    );
    assert!(
        text.contains("verdict: unsure (B: there is no face)"),
        "{text}"
    );
    assert_eq!(
        serde_json::to_value(&report).unwrap()["b"]["reasons"][0],
        "no_face"
    );
}
