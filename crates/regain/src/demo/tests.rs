//! Scenarios over HTTP against a whole world: portal, console, exchange, mail and worker.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stderr,
    clippy::disallowed_methods
)]

mod access;
mod bad_input;
mod browser;
mod contested;
mod control;
mod engines;
mod explorers;
mod fresh_face;
mod gallery;
mod handover;
mod journeys;
mod notices;
mod numbers;
mod passwords;
mod policy;
mod rating;
mod restrictions;
mod rivals;
mod securing;
#[allow(dead_code, reason = "the wallet's own tests sign in more ways")]
#[path = "../../../wallet/tests/messages/signer.rs"]
mod signer;
mod support;
mod takes;
mod tripwire;
mod veto_codes;
mod webhooks;
