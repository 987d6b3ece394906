//! Two JPEGs to a face score, timed, for `scripts/bench/face.py`: `face_score MODELS A B`; one
//! line of JSON for every line of input. Files are read and decoded anew each time.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing)]
#![allow(clippy::print_stdout, clippy::disallowed_methods, missing_docs)]

use std::io::BufRead as _;
use std::time::Instant;

use evidence::{Limits, decode_picture, decode_picture_near};
use face::{Face, FaceEngine};
use models::ModelSet;

/// Longer side from which a face is looked for, in pixels.
const SIDE: u32 = 640;
/// A face narrower than this in the smaller copy is looked at in the whole picture: the embedder
/// sees 128 pixels, of which the face fills about 112.
const LEAST_FACE: f32 = 112.0;

fn look(engine: &FaceEngine, path: &str) -> Face {
    let bytes = std::fs::read(path).expect("a file");
    let limits = Limits::default();
    let small = decode_picture_near(&bytes, None, &limits, SIDE).expect("a picture");
    let faces = engine.detect(&small.rgb).unwrap();
    let wide = faces.first().filter(|face| face.bounds.width >= LEAST_FACE);
    if let Some(face) = wide {
        return engine.face(&small.rgb, face).unwrap();
    }
    let whole = decode_picture(&bytes, None, &limits).expect("a picture");
    let faces = engine.detect(&whole.rgb).unwrap();
    engine
        .face(&whole.rgb, faces.first().expect("a face"))
        .unwrap()
}

fn main() {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let set = ModelSet::open(args[0].as_ref()).expect("models");
    let engine = FaceEngine::open(&set).expect("engine");
    for _ in std::io::stdin().lock().lines() {
        let start = Instant::now();
        let [one, other] = [&args[1], &args[2]].map(|path| look(&engine, path));
        let score = engine.compare(&one, &other).unwrap();
        let ms = start.elapsed().as_secs_f64() * 1e3;
        println!("{{\"ms\": {ms:.2}, \"score\": {:.4}}}", score.cosine());
    }
}
