//! Signed messages: published vectors, what the library signs, what was changed, what strangers
//! type, and the text that is signed.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    missing_docs
)]

mod messages {
    mod changed;
    mod hostile;
    mod signed;
    mod signer;
    mod text;
    mod vectors;
}

use proptest::prelude::ProptestConfig;
use recovery::clues::address::Chain;
use wallet::{Refused, Scheme, verify};

/// Which chain and scheme, or why not.
fn told(address: &str, text: &str, signature: &str) -> Result<(Chain, Scheme), Refused> {
    verify(address, text, signature).map(|proof| (proof.chain, proof.scheme))
}

/// Of so many cases, none written down: there is no folder for them beside a test.
fn config(cases: u32) -> ProptestConfig {
    ProptestConfig {
        cases,
        failure_persistence: None,
        ..ProptestConfig::default()
    }
}
