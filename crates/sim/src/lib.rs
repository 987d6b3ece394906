//! A simulation of a population: honest applicants and attackers, drawn by seed from a model, each
//! run through the real rules (`recovery::case`, `recovery::risk`) in virtual time.
//!
//! It is a model. It says what follows from its assumptions, not what will happen.

mod agenda;
mod applicant;
mod draw;
mod grounds;
mod keys;
mod measure;
mod model;
mod report;
mod run;
mod sensitivity;
mod showing;
mod staff;
mod world;

pub use model::{ATTACKS, DEFAULT_MODEL, GROUPS, Model, ModelError, Parameter};
pub use recovery::share::Share;
pub use report::{
    AttackRow, Capacity, Goal, GroupRow, Moved, ParameterRow, Report, Times, html, json, text,
};
pub use run::{Settings, SimError, simulate};
