//! Scenarios over HTTP against a whole world: portal, console, exchange, mail and worker.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stderr
)]

mod access;
mod bad_input;
mod browser;
mod support;
mod tripwire;
