//! Prints how long one exact search takes: `gallery MODELS PICTURE [FACES]`.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing)]
#![allow(clippy::print_stdout, clippy::disallowed_methods, missing_docs)]

use std::time::Instant;

use face::{FaceEngine, Gallery};
use models::ModelSet;

const ROUNDS: u32 = 20;

fn main() {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let set = ModelSet::open(args[0].as_ref()).expect("models");
    let engine = FaceEngine::open(&set).expect("engine");
    let picture = image::open(&args[1]).expect("a picture").to_rgb8();
    let face = engine.look_at(&picture).unwrap().embedding.expect("a face");
    let count: u64 = args.get(2).map_or(100_000, |count| count.parse().unwrap());
    let mut gallery = Gallery::new();
    for key in 0..count {
        gallery.add(key, &face).unwrap();
    }
    let start = Instant::now();
    for _ in 0..ROUNDS {
        std::hint::black_box(gallery.search(&face, 10).unwrap());
    }
    let ms = start.elapsed().as_secs_f64() * 1e3 / f64::from(ROUNDS);
    println!("{count} faces: {ms:.2} ms a search");
}
