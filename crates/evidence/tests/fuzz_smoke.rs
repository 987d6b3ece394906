//! A smoke run of every fuzz target on stable Rust: the shared hostile files and small made-up
//! ones, changed in a few places, under a fixed seed. `docs/guide/fuzzing.md` says how to run long.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic
)]

mod support;

use evidence::fuzzing::{TARGETS, run};
use image::ImageFormat;
use support::{cloth, encode, files, testdata};

/// Changed files for each target, unless `REGAIN_FUZZ_RUNS` says how many.
const RUNS: usize = 300;
/// Larger files are cut to this: what breaks a parser stands at the beginning.
const LONGEST: usize = 32 * 1024;

/// A generator that is the same everywhere (Knuth's constants).
struct Seeded(u64);

impl Seeded {
    fn next(&mut self, below: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005);
        self.0 = self.0.wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % below.max(1)
    }

    /// Flips, overwrites, cuts and repeats, one to eight times.
    fn change(&mut self, bytes: &mut Vec<u8>) {
        for _ in 0..=self.next(8) {
            let at = self.next(bytes.len());
            match self.next(5) {
                0 if !bytes.is_empty() => bytes[at] ^= 1 << self.next(8),
                1 if !bytes.is_empty() => bytes[at] = self.next(256) as u8,
                2 => {
                    let end = bytes.len().min(at + 4);
                    bytes[at..end].fill(0xFF);
                }
                3 => bytes.truncate(at),
                _ => {
                    let end = bytes.len().min(at + 64);
                    let piece = bytes[at..end].to_vec();
                    bytes.splice(at..at, piece);
                }
            }
        }
    }
}

fn corpus() -> Vec<Vec<u8>> {
    let cloth = cloth(64, 48);
    let mut all: Vec<Vec<u8>> = [ImageFormat::Jpeg, ImageFormat::Png, ImageFormat::WebP]
        .map(|format| encode(&cloth, format))
        .to_vec();
    all.extend(
        [
            "P6\n2 1\n255\nabcdef",
            "%PDF-1.4\n%%EOF",
            "I<UTOD231458907<<<<<<<<<<<<<<<\n7408122F1204159UTO<<<<<<<<<<<6\n\
             ERIKSSON<<ANNA<MARIA<<<<<<<<<<",
            "@\n\x1e\rANSI 636000100002DL00410278DLDAQT64235789\nDCSSAMPLE\nDBB06061986\n",
            r#"{"streams":[{"index":0,"codec_type":"video","width":2,"height":2}],"packets":[]}"#,
        ]
        .map(|text| text.as_bytes().to_vec()),
    );
    if let Some(folder) = testdata("hostile_media") {
        let paths = files(&folder);
        let read = |path: &std::path::PathBuf| std::fs::read(path).unwrap();
        all.extend(paths.iter().step_by(3).map(read));
    }
    for file in &mut all {
        file.truncate(LONGEST);
    }
    all
}

#[test]
fn no_target_breaks_on_changed_files() {
    let corpus = corpus();
    #[allow(clippy::disallowed_methods, reason = "a longer run, by hand")]
    let runs = std::env::var("REGAIN_FUZZ_RUNS").map_or(RUNS, |runs| runs.parse().unwrap());
    for (number, (name, _)) in TARGETS.iter().enumerate() {
        let mut random = Seeded(number as u64 + 1);
        for _ in 0..runs {
            let mut bytes = corpus[random.next(corpus.len())].clone();
            random.change(&mut bytes);
            assert!(run(name, &bytes));
        }
    }
    assert!(!run("none", b""));
}
