//! Exact searches among many faces, for `scripts/bench/gallery.py`: `gallery VECTORS QUERIES
//! DIMENSIONS COUNT`. Both files hold little-endian f32; each line of the input begins one round,
//! whose answer is its time in milliseconds and the nearest keys of every query as JSON.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing)]
#![allow(clippy::print_stdout, clippy::disallowed_methods, missing_docs)]

use std::time::Instant;

use face::{Embedding, Gallery};

const MODEL: &str = "bench";

fn faces(path: &str, dimensions: usize) -> Vec<Embedding> {
    let bytes = std::fs::read(path).expect("vectors");
    let rows = bytes.chunks_exact(dimensions * 4);
    rows.map(|row| Embedding::from_bytes(row, MODEL).expect("a vector"))
        .collect()
}

fn main() {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let (dimensions, count) = (args[2].parse().unwrap(), args[3].parse().unwrap());
    let mut gallery = Gallery::new();
    for (key, face) in (0..).zip(faces(&args[0], dimensions)) {
        gallery.add(key, &face).unwrap();
    }
    let queries = faces(&args[1], dimensions);
    for _ in std::io::stdin().lines() {
        let start = Instant::now();
        let found: Vec<Vec<u64>> = queries
            .iter()
            .map(|query| gallery.search(query, count).unwrap())
            .map(|near| near.iter().map(|near| near.key).collect())
            .collect();
        let ms = start.elapsed().as_secs_f64() * 1e3;
        println!(r#"{{"ms":{ms},"found":{found:?}}}"#);
    }
}
