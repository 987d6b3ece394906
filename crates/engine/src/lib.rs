//! The shell: the only caller of `decide`, the only writer of cases; jobs and effects.
//!
//! `handle.rs` is the one way a case changes; `jobs.rs` writes effects as durable jobs in the same
//! transaction; `worker.rs` does them and completes each together with what it leads to.

pub mod chains;
pub mod error;
pub mod examine;
pub mod explain;
pub mod inputs;
pub mod signals;
pub mod takes;
pub mod transactions;
pub mod views;
pub mod when;

mod applicant;
mod calls;
mod canvas;
mod changes;
mod device;
mod effects;
mod engine;
mod figures;
mod gallery;
mod handle;
mod holder;
mod jobs;
mod media;
mod mirror;
mod objection;
mod passwords;
mod policies;
mod record;
mod restrictions;
mod reuse;
mod review;
mod room;
mod sessions;
mod staff;
mod stop_ways;
mod summary;
mod symbols;
#[cfg(test)]
mod tests;
mod tidy;
mod veto_codes;
mod webhooks;
mod worker;

pub use calls::{PlatformCall, account_named};
pub use engine::{Engine, Parts};
pub use error::{EngineError, Result};
pub use passwords::{BreachedError, BreachedList};
pub use platform::Incoming;
pub use platform::signature::{KEY_HEADER, NONCE_HEADER, SIGNATURE_HEADER, TIME_HEADER};
pub use policies::{Confirmed, Proposed, propose_policy};
pub use restrictions::{RestrictionAnswer, RestrictionNews, RestrictionStream};
pub use reuse::ReusePiece;
pub use webhooks::{Again, SCHEDULE, WebhookEndpoint, send_again};
