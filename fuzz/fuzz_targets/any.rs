//! Runs the parser that `REGAIN_FUZZ_TARGET` names: see `evidence::fuzzing::TARGETS`.
#![no_main]

use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;

static NAME: LazyLock<String> =
    LazyLock::new(|| std::env::var("REGAIN_FUZZ_TARGET").unwrap_or_else(|_| "picture".to_owned()));

fuzz_target!(|bytes: &[u8]| {
    assert!(evidence::fuzzing::run(&NAME, bytes), "no such target");
});
