//! The exchange over real sockets: the contract, the restrictions, the pages.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    missing_docs,
    unreachable_pub
)]

mod authenticator;
mod codes;
mod conformance;
mod contract;
mod enrol;
mod pages;
mod records;
mod restrictions;
mod securing;
mod world;
