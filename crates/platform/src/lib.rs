//! The operator's system: the contract by which Regain asks it and commands it, and a client.
//!
//! The *platform* (an exchange, a broker) implements the calls under [`paths::REGAIN_BASE`]; Regain
//! calls them through [`PlatformClient`]. Regain implements the few calls under
//! [`paths::PLATFORM_BASE`]; the platform calls them through [`RegainClient`]. Requests and answers
//! are signed with keys that both hold ([`keys`], [`signature`], [`verifier`]). The types of both
//! directions are in [`contract`], and `docs/reference/platform-openapi.json` is made from them.
//! [`conformance`] tries a platform, call by call.

pub mod changes;
pub mod client;
pub mod conformance;
pub mod contract;
pub mod enrol;
mod failure;
pub mod hooks;
pub mod keys;
pub mod openapi;
pub mod paths;
pub mod regain;
pub mod restrictions;
pub mod signature;
mod signed_text;
pub mod ticket;
mod transport;
pub mod verifier;

pub use changes::RestrictionChanges;
pub use client::PlatformClient;
pub use enrol::{AssertionError, EnrolAssertion, EnrolPurpose, verify_assertion};
pub use failure::ClientError;
pub use keys::{KeyError, SharedKey, SharedKeys};
pub use regain::RegainClient;
pub use restrictions::{Restrictions, Word};
pub use ticket::{EntryTicket, TicketError, verify_ticket};
pub use transport::{Clock, Timeouts};
pub use verifier::{Incoming, Verified, Verifier, VerifyError};

// A platform is written against this crate alone, so the words it shares with the rules come along.
pub use recovery::id::{AccountRef, CaseId, ContentDigest};
pub use recovery::sensitive::Sensitive;
pub use recovery::time::{Span, Timestamp};
