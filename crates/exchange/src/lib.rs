//! A small reference exchange that speaks the platform contract.
//!
//! It is there so that a person can see a recovery work, and so that tests have a real platform at
//! the other end of a real socket. [`Exchange::open`] opens its database; [`Exchange::router`] or
//! [`Exchange::serve`] serves it: pages for people (the same calls as JSON for scripts) and the
//! contract under `/regain/v1`. Everything a holder does goes through one guard (`guard.rs`).

mod accounts;
mod activity;
mod changes;
mod config;
mod contract;
mod db;
mod error;
mod factors;
mod faults;
mod guard;
mod holdings;
mod limits;
mod messages;
mod money;
mod pages;
mod secrets;
mod seed;
mod start;

pub use config::{Config, Outgoing, OutgoingMail};
pub use error::ExchangeError;
pub use faults::{Fault, FaultSwitch};
pub use seed::{AuthorisationKind, SeedAccount, SeedBalance, Seeded};
pub use start::Exchange;
