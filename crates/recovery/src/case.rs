//! The case machine: three pure functions over one type.
//!
//! [`decide`] turns a command into events or a [`Refusal`], [`evolve`] applies an event, and
//! [`react`] says what an event asks of the shell.

mod after;
mod change;
mod command;
mod course;
mod decide;
mod event;
mod evolve;
mod facts;
mod news;
mod notice;
mod quorum;
mod react;
mod record;
mod refusal;
mod securing;
mod sides;
mod state;

pub use after::{Handover, Securing, Thaw, Wait};
pub use change::ChangeKind;
pub use command::{Command, Proof, ReturnItem, ToldChange, Verdict};
pub use course::Course;
pub use decide::{decide, faces_left, hands_over_later, may_speak, may_veto};
pub use event::{Decision, EndReason, Event, LockCause, Part, Pathway, Resolution};
pub use evolve::{evolve, replay};
pub use facts::{Facts, Rival, StaffFacts};
pub use news::{News, news};
pub use notice::Notice;
pub use react::{Effect, Timer, fired, react};
pub use record::{DecodeError, ENVELOPE, Recorded, decode, encode};
pub use refusal::Refusal;
pub use securing::{CredentialKind, SecuringAction, SecuringVerb};
pub use sides::{LiveFactor, ShownFactor, Side, Stop, StopCause, Winner};
pub use state::{Assigned, Case, Contact, Lock, Review, State, VerdictRecord};
