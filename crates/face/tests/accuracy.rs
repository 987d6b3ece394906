//! Real photos: who is recognised, who is not, and what is found at which size.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic
)]
#![allow(clippy::print_stderr, clippy::disallowed_methods, unreachable_pub)]

mod common;

use std::path::PathBuf;

use common::{checks, engine, pairs, photo};
use face::{FaceEngine, Verdict};

/// Similarities of pairs, on two threads, as the engine is used.
fn similarities(engine: &FaceEngine, pairs: &[[PathBuf; 2]]) -> Vec<f32> {
    let score = |[one, other]: &[PathBuf; 2]| {
        let answer = engine
            .compare_pictures(&photo(one), &photo(other), &checks())
            .unwrap();
        answer.similarity.map_or(-1.0, face::Similarity::cosine)
    };
    let half = pairs.len() / 2;
    std::thread::scope(|scope| {
        let first = scope.spawn(|| pairs[..half].iter().map(score).collect::<Vec<_>>());
        let mut all: Vec<f32> = pairs[half..].iter().map(score).collect();
        all.extend(first.join().unwrap());
        all
    })
}

#[test]
fn small_news_photos_are_told_apart() {
    let Some((engine, faces)) = engine() else {
        return;
    };
    let same = similarities(&engine, &pairs(&faces, "lfw", "same", 150));
    let different = similarities(&engine, &pairs(&faces, "lfw", "different", 150));
    let from = |scores: &[f32], limit: f32| scores.iter().filter(|s| **s >= limit).count();
    assert_eq!((same.len(), different.len()), (150, 150));
    assert!(
        from(&same, 0.43) >= 140,
        "{} of 150 right",
        from(&same, 0.43)
    );
    assert!(
        from(&different, 0.43) <= 1,
        "{} of 150 wrong",
        from(&different, 0.43)
    );
    assert_eq!(from(&different, 0.5), 0);
}

#[test]
fn large_photos_get_the_right_verdict() {
    let Some((engine, faces)) = engine() else {
        return;
    };
    for (label, wrong) in [("same", Verdict::NoMatch), ("different", Verdict::Match)] {
        for [one, other] in pairs(&faces, "deepface", label, 8) {
            let answer = engine
                .compare_pictures(&photo(&one), &photo(&other), &checks())
                .unwrap();
            assert_ne!(answer.verdict, wrong, "{}", one.display());
            assert!(answer.one.reasons.is_empty(), "{:?}", answer.one);
        }
    }
}

#[test]
fn sizes_agree_on_where_the_face_is() {
    let Some((engine, faces)) = engine() else {
        return;
    };
    for [path, _] in pairs(&faces, "deepface", "same", 6) {
        let picture = photo(&path);
        let found = engine.detect(&picture).unwrap();
        let small = found.first().unwrap();
        for long in [192, 320, 640] {
            let larger = engine.detect_at(&picture, long).unwrap();
            let larger = larger.first().unwrap();
            assert!(
                small.bounds.overlap(&larger.bounds) > 0.75,
                "{} {long}",
                path.display()
            );
            // A close-up at 640 is less exact than at 160: the model was made for small faces.
            let near = small.bounds.width * 0.12;
            for (one, other) in small.landmarks.iter().zip(&larger.landmarks) {
                let (across, down) = ((one.x - other.x).abs(), (one.y - other.y).abs());
                assert!(
                    across < near && down < near,
                    "{} {long}: {across} {down} of {}",
                    path.display(),
                    small.bounds.width
                );
            }
            let [one, other] = [small, larger].map(|face| engine.face(&picture, face).unwrap());
            assert!(
                engine.compare(&one, &other).unwrap().cosine() > 0.8,
                "{}",
                path.display()
            );
        }
    }
}

#[test]
fn a_face_is_the_same_in_every_size_of_the_picture() {
    let Some((engine, faces)) = engine() else {
        return;
    };
    let [path, _] = pairs(&faces, "deepface", "same", 1).remove(0);
    let picture = photo(&path);
    let whole = engine.look_at(&picture).unwrap();
    for long in [2000, 900, 300] {
        let (width, height) = (picture.width(), picture.height());
        let side = |side: u32| (side * long / width.max(height)).max(1);
        let copy = image::imageops::resize(
            &picture,
            side(width),
            side(height),
            image::imageops::FilterType::Triangle,
        );
        let seen = engine.look_at(&copy).unwrap();
        let score = engine
            .compare(whole.face.as_ref().unwrap(), seen.face.as_ref().unwrap())
            .unwrap();
        assert!(score.cosine() > 0.85, "{long}: {}", score.cosine());
    }
}

#[test]
fn groups_have_several_faces_and_scenery_none() {
    let Some((engine, faces)) = engine() else {
        return;
    };
    let count = |name: &str| {
        engine
            .detect(&photo(&faces.join("edge").join(name)))
            .unwrap()
            .len()
    };
    assert_eq!(count("human_background.jpg"), 0);
    assert_eq!(count("deepface_couple.jpg"), 2);
    assert_eq!(count("fr_two_people.jpg"), 2);
    for (name, least) in [("compreface_000_5.jpg", 5), ("compreface_016_8.jpg", 7)] {
        assert!(count(name) >= least, "{name}: {}", count(name));
    }
}
