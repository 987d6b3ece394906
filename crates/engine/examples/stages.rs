//! The stages of looking at a photo that no outside program does, timed, for
//! `scripts/bench/stages.py`: `stages MODELS PHOTO`; one line of JSON for every line of input.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing)]
#![allow(clippy::print_stdout, clippy::disallowed_methods, missing_docs)]

use std::io::BufRead as _;
use std::time::Instant;

use evidence::reuse::{Part, prints};
use evidence::{Limits, decode_picture, quality};
use face::FaceEngine;
use models::ModelSet;
use recovery::evidence::EvidenceKind;
use recovery::policy::{DEFAULT, Policy};

fn timed<T>(work: impl FnOnce() -> T) -> (T, f64) {
    let start = Instant::now();
    let result = std::hint::black_box(work());
    (result, start.elapsed().as_secs_f64() * 1e3)
}

fn main() {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let set = ModelSet::open(args[0].as_ref()).expect("models");
    let engine = FaceEngine::open(&set).expect("engine");
    let limits = Limits::default();
    let checks = Policy::parse(DEFAULT).unwrap().checks;
    let bytes = std::fs::read(&args[1]).expect("a file");
    for _ in std::io::stdin().lock().lines() {
        let (whole, decode_ms) = timed(|| decode_picture(&bytes, None, &limits).unwrap());
        let (_, quality_ms) = timed(|| quality(&whole, EvidenceKind::NotePhoto, &checks.image));
        let (_, faces_ms) = timed(|| engine.look_at(&whole.rgb).unwrap());
        let (_, hashes_ms) = timed(|| prints(&[(Part::Whole, &whole.rgb)]));
        println!(
            "{{\"decode\": {decode_ms:.2}, \
             \"quality\": {quality_ms:.2}, \"faces\": {faces_ms:.2}, \"hashes\": {hashes_ms:.2}}}"
        );
    }
}
