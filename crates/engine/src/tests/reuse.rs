//! The same picture again: who hears what, and what is left when a case is erased.

use evidence::reuse::{Part, prints};
use image::{Rgb, RgbImage};
use recovery::evidence::EvidenceKind;
use recovery::finding::{Audience, Finding, Outcome};
use recovery::id::{CaseId, ContentDigest, EvidenceId};
use recovery::time::Span;

use super::{engine, reachable};
use crate::engine::Engine;
use crate::reuse::ReusePiece;

/// A picture of shapes, another one for each seed.
fn scene(seed: u32) -> RgbImage {
    RgbImage::from_fn(320, 240, |x, y| {
        let (x, y) = (x as f32 / 320.0, y as f32 / 240.0);
        let sum: f32 = (0..6)
            .map(|k| {
                let turn = (seed * 7 + k * 13) as f32;
                ((x * (3.0 + turn % 5.0) + y * (2.0 + turn % 3.0)) * 3.0 + turn).sin()
            })
            .sum();
        Rgb([(128.0 + sum * 20.0) as u8; 3])
    })
}

/// A piece of evidence of this picture, whose file has this name as its content.
async fn piece(engine: &Engine, kind: EvidenceKind, picture: &RgbImage, file: &str) -> ReusePiece {
    let now = engine.now().await.unwrap();
    ReusePiece {
        evidence: engine.random(|rng| EvidenceId::new(now, rng)),
        kind,
        file: ContentDigest::of(file.as_bytes()),
        pixels: Some(ContentDigest::of(picture.as_raw())),
        prints: prints(&[(Part::Whole, picture)]),
    }
}

async fn look(engine: &Engine, case: &CaseId, piece: &ReusePiece) -> Vec<Finding> {
    let pieces = std::slice::from_ref(piece);
    let findings = engine.reuse_findings(case, pieces).await.unwrap();
    engine.remember_fingerprints(case, pieces).await.unwrap();
    findings
}

fn codes(findings: &[Finding]) -> Vec<&str> {
    findings
        .iter()
        .map(|finding| finding.code.as_str())
        .collect()
}

#[tokio::test]
async fn another_cases_picture_is_told_to_reviewers_only_and_never_fails_anybody() {
    let (engine, _folder) = engine().await;
    let ann = reachable(&engine, "ann@example.org").await;
    let eve = reachable(&engine, "eve@example.org").await;
    let kind = EvidenceKind::NotePhoto;
    let first = piece(&engine, kind, &scene(1), "a").await;
    assert!(look(&engine, &ann, &first).await.is_empty());
    let brighter = image::imageops::brighten(&scene(1), 20);
    let second = piece(&engine, kind, &brighter, "b").await;
    let found = look(&engine, &eve, &second).await;
    assert_eq!(codes(&found), ["reuse.picture", "reuse.cases"]);
    assert_eq!(found[1].score_milli, Some(1000));
    assert!(
        found
            .iter()
            .all(|finding| finding.audience == Audience::Reviewer)
    );
    assert!(
        found
            .iter()
            .all(|finding| finding.outcome == Outcome::Unsure)
    );
    let other = piece(&engine, kind, &scene(2), "c").await;
    assert!(look(&engine, &eve, &other).await.is_empty());
}

#[tokio::test]
async fn the_applicant_hears_of_the_same_picture_in_this_case_and_in_the_own_earlier_one() {
    let (engine, _folder) = engine().await;
    let ann = reachable(&engine, "ann@example.org").await;
    let kind = EvidenceKind::IdFront;
    let first = piece(&engine, kind, &scene(1), "a").await;
    assert!(look(&engine, &ann, &first).await.is_empty());
    assert!(
        look(&engine, &ann, &first).await.is_empty(),
        "a piece is not a copy of itself"
    );
    let again = piece(&engine, kind, &scene(1), "b").await;
    let found = look(&engine, &ann, &again).await;
    assert_eq!(codes(&found), ["image.again"]);
    assert_eq!(found[0].outcome, Outcome::Retake);
    engine
        .0
        .store
        .advance_demo_clock(Span::days(1))
        .await
        .unwrap();
    let later = reachable(&engine, "ann@example.org").await;
    let copy = piece(&engine, kind, &scene(1), "a").await;
    let found = look(&engine, &later, &copy).await;
    assert!(codes(&found).contains(&"image.older_case"), "{found:?}");
    let stranger = reachable(&engine, "eve@example.org").await;
    let found = look(&engine, &stranger, &copy_of(&engine, &copy).await).await;
    assert!(!codes(&found).contains(&"image.older_case"));
    assert!(codes(&found).contains(&"reuse.picture"));
}

/// The same file as another piece.
async fn copy_of(engine: &Engine, piece: &ReusePiece) -> ReusePiece {
    let now = engine.now().await.unwrap();
    ReusePiece {
        evidence: engine.random(|rng| EvidenceId::new(now, rng)),
        ..piece.clone()
    }
}

#[tokio::test]
async fn erased_prints_are_found_no_more_and_exact_copies_are() {
    let (engine, _folder) = engine().await;
    let ann = reachable(&engine, "ann@example.org").await;
    let eve = reachable(&engine, "eve@example.org").await;
    let kind = EvidenceKind::NotePhoto;
    let first = piece(&engine, kind, &scene(1), "a").await;
    look(&engine, &ann, &first).await;
    // The index is in memory by now; the table decides all the same.
    assert_eq!(
        engine
            .reuse_findings(&eve, &[copy_of(&engine, &first).await])
            .await
            .unwrap()
            .len(),
        3
    );
    let mut tx = engine.0.store.begin().await.unwrap();
    tx.delete_prints(&ann).await.unwrap();
    tx.commit().await.unwrap();
    let near = piece(
        &engine,
        kind,
        &image::imageops::brighten(&scene(1), 20),
        "b",
    )
    .await;
    assert!(
        engine
            .reuse_findings(&eve, &[near])
            .await
            .unwrap()
            .is_empty()
    );
    let exact = copy_of(&engine, &first).await;
    let found = engine.reuse_findings(&eve, &[exact]).await.unwrap();
    assert_eq!(codes(&found), ["reuse.picture", "reuse.cases"]);
}

#[tokio::test]
async fn a_video_is_found_by_most_of_its_frames_and_not_by_one() {
    let (engine, _folder) = engine().await;
    let ann = reachable(&engine, "ann@example.org").await;
    let eve = reachable(&engine, "eve@example.org").await;
    let frames = |seeds: [u32; 3]| {
        let scenes = seeds.map(scene);
        prints(&scenes.each_ref().map(|frame| (Part::Frame, frame)))
    };
    let kind = EvidenceKind::Video;
    let video = |seeds, piece: ReusePiece| ReusePiece {
        prints: frames(seeds),
        pixels: None,
        ..piece
    };
    let first = video([1, 2, 3], piece(&engine, kind, &scene(1), "a").await);
    look(&engine, &ann, &first).await;
    let one = video([1, 8, 9], piece(&engine, kind, &scene(1), "b").await);
    assert!(
        engine
            .reuse_findings(&eve, &[one])
            .await
            .unwrap()
            .is_empty()
    );
    let two = video([1, 2, 9], piece(&engine, kind, &scene(1), "c").await);
    let found = engine.reuse_findings(&eve, &[two]).await.unwrap();
    assert_eq!(codes(&found), ["reuse.video", "reuse.cases"]);
}
