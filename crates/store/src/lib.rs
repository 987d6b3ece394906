//! Cases, summaries, jobs, reads and sessions on SQLite and PostgreSQL: one SQL text, two engines.
//!
//! [`Store::open`] connects, [`Store::migrate`] brings the tables up to date, [`Store::begin`]
//! gives the one kind of write transaction ([`Tx`]) and [`Store::read`] a connection that cannot
//! write ([`Reader`]). A `Tx` dereferences to a `Reader`: whatever can be read can be read inside
//! a write.
//!
//! Nothing here knows the rules of a case. Events, jobs and restriction sets are bytes; states,
//! kinds and roles are text that the layers above give meaning to. No personal data enters in
//! clear.

#[macro_use]
mod dialect;
#[macro_use]
mod statements;

#[macro_use]
mod rows;

mod accounts;
mod assignments;
mod cases;
mod challenges;
mod clock;
mod error;
mod failpoint;
mod feed;
mod figures;
mod gallery;
mod jobs;
mod limits;
mod lists;
mod marks;
mod messages;
mod migrate;
mod open;
mod origins;
mod phone_links;
mod policies;
mod prints;
mod proposals;
mod purge;
mod sealed;
mod secrets;
mod sessions;
mod staff;
mod takes;
mod tx;
mod undone;
mod uploads;
mod veto_codes;
mod webhooks;

pub use accounts::Account;
pub use assignments::{Assignment, NewAssignment};
pub use cases::{
    CaseRow, Loaded, MAX_EVENTS_PER_APPEND, MAX_EVENTS_PER_CASE, NewEvent, StoredEvent,
};
pub use challenges::Checked;
pub use dialect::Engine;
pub use error::{Rule, StoreError};
pub use failpoint::failpoint;
pub use feed::{FEED_PAGE, RestrictionChange};
pub use gallery::GalleryRow;
pub use jobs::{FAILING_FROM, JOB_FAILED, Job, JobPriority, MAX_CLAIM, NewJob, QueueHealth};
pub use limits::Taken;
pub use lists::{MAX_PAGE, PageKey, StateCount};
pub use messages::{Message, NewMessage};
pub use migrate::SCHEMA_VERSION;
pub use open::{Mode, Settings, Store};
pub use origins::{NewOrigin, Others};
pub use phone_links::{LinkEnd, NewPhoneLink, PhoneLink};
pub use policies::StoredPolicy;
pub use prints::{
    IndexedPrint, MAX_PRINTS, NewCopy, NewPrint, PRINTS_PAGE, StoredCopy, StoredPrint,
};
pub use proposals::{PolicyProposal, PolicyStep};
pub use purge::{MAX_PURGE, Purged};
pub use secrets::{NewSecret, Secret, SecretDigest};
pub use sessions::{NewSession, Session};
pub use staff::{Passkey, Staff};
pub use takes::{NewTake, Take};
pub use tx::{Reader, Tx};
pub use undone::Undone;
pub use uploads::{Advanced, NewUpload, Upload};
pub use veto_codes::VetoCode;
pub use webhooks::{DisabledEndpoint, NewWebhook, Webhook, WebhookCount, WebhookState, WebhookTry};

/// What every fallible function here returns.
pub type Result<T, E = StoreError> = std::result::Result<T, E>;
