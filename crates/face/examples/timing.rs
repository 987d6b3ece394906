//! Prints how long each stage takes, and what a size of detection costs in accuracy.
//!
//! `timing MODELS PICTURE...` prints milliseconds for the pictures;
//! `timing MODELS --pairs FACES SET N` compares N same and N different pairs of `FACES/pairs.tsv`.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic
)]
#![allow(clippy::print_stdout, clippy::disallowed_methods, missing_docs)]

use std::path::Path;
use std::time::Instant;

use face::FaceEngine;
use models::ModelSet;

const ROUNDS: usize = 9;

fn open(path: &Path) -> image::RgbImage {
    image::open(path).expect("a picture").to_rgb8()
}

fn median_ms<T>(mut run: impl FnMut() -> T) -> f64 {
    let mut all: Vec<f64> = (0..ROUNDS)
        .map(|_| {
            let start = Instant::now();
            std::hint::black_box(run());
            start.elapsed().as_secs_f64() * 1e3
        })
        .collect();
    all.sort_by(f64::total_cmp);
    all[ROUNDS / 2]
}

fn times(engine: &FaceEngine, path: &Path) {
    let picture = open(path);
    let faces = engine.detect(&picture).unwrap();
    println!(
        "{} x {}, {} faces",
        picture.width(),
        picture.height(),
        faces.len()
    );
    for long in [160, 192, 320, 640] {
        let found = engine.detect_at(&picture, long).unwrap().len();
        println!(
            "  detect at {long}: {:.1} ms, {found} faces",
            median_ms(|| { engine.detect_at(&picture, long).unwrap() })
        );
    }
    println!(
        "  detect: {:.1} ms",
        median_ms(|| engine.detect(&picture).unwrap())
    );
    let Some(face) = faces.first() else { return };
    println!(
        "  align: {:.2} ms",
        median_ms(|| engine.align(&picture, face).unwrap())
    );
    let aligned = engine.align(&picture, face).unwrap();
    println!(
        "  embed: {:.1} ms",
        median_ms(|| engine.embed_aligned(&aligned).unwrap())
    );
    println!(
        "  all: {:.1} ms",
        median_ms(|| engine.look_at(&picture).unwrap())
    );
}

fn pairs(engine: &FaceEngine, faces: &Path, set: &str, most: usize) {
    let table = std::fs::read_to_string(faces.join("pairs.tsv")).unwrap();
    let policy = recovery::policy::Policy::parse(recovery::policy::DEFAULT).unwrap();
    let checks = policy.checks.face;
    for label in ["same", "different"] {
        let rows: Vec<Vec<&str>> = table
            .lines()
            .map(|line| line.split('\t').collect::<Vec<_>>())
            .filter(|row| row[0] == set && row[1] == label)
            .collect();
        let step = (rows.len() / most).max(1);
        let mut scores = Vec::new();
        let (mut missed, mut unsure) = (0, std::collections::BTreeMap::new());
        let mut qualities = Vec::new();
        for row in rows.iter().step_by(step).take(most) {
            let answer = engine
                .compare_pictures(
                    &open(&faces.join(row[2])),
                    &open(&faces.join(row[3])),
                    &checks,
                )
                .unwrap();
            for side in [&answer.one, &answer.other] {
                for reason in &side.reasons {
                    *unsure.entry(format!("{reason:?}")).or_insert(0) += 1;
                }
                qualities.extend(side.quality);
            }
            match answer.similarity {
                Some(similarity) => scores.push(similarity.cosine()),
                None => missed += 1,
            }
        }
        scores.sort_by(f32::total_cmp);
        let from = |limit: f32| scores.iter().filter(|score| **score >= limit).count();
        println!(
            "{set} {label}: {} scored, {missed} without a face; >=0.34 {}, >=0.43 {}, >=0.50 {}; \
             min {:.3} median {:.3} max {:.3}; reasons {unsure:?}",
            scores.len(),
            from(0.34),
            from(0.43),
            from(0.5),
            scores[0],
            scores[scores.len() / 2],
            scores[scores.len() - 1],
        );
        let show = |name: &str, value: &dyn Fn(&face::Quality) -> f32| {
            let mut all: Vec<f32> = qualities.iter().map(value).collect();
            all.sort_by(f32::total_cmp);
            let at = |share: f64| all[((all.len() - 1) as f64 * share) as usize];
            println!(
                "  {name}: min {:.2} p1 {:.2} median {:.2} p99 {:.2} max {:.2}",
                at(0.0),
                at(0.01),
                at(0.5),
                at(0.99),
                at(1.0)
            );
        };
        show("width", &|quality| quality.width);
        show("luma", &|quality| quality.luma);
        show("sharpness", &|quality| quality.sharpness);
        show("turn", &|quality| quality.turn);
        show("eyes", &|quality| quality.cover.eyes_light);
        show("mouth", &|quality| quality.cover.mouth_detail);
    }
}

fn main() {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let start = Instant::now();
    let set = ModelSet::open(Path::new(&args[0])).expect("models");
    println!("open: {:.1} ms", start.elapsed().as_secs_f64() * 1e3);
    let engine = FaceEngine::open(&set).expect("engine");
    if args[1] == "--pairs" {
        return pairs(
            &engine,
            Path::new(&args[2]),
            &args[3],
            args[4].parse().unwrap(),
        );
    }
    for path in &args[1..] {
        times(&engine, Path::new(path));
    }
}
