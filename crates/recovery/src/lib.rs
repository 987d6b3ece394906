//! The rules: the pure case machine, policy, evidence kinds, restrictions and calendar.
//!
//! Nothing here reads a clock, a random source, a file or a network: time and randomness are
//! arguments. The shell (`engine`) loads a case, asks [`case::decide`] and stores what it answers.

pub mod id;
pub mod sensitive;
pub mod time;

pub mod actor;
pub mod calendar;
pub mod card;
pub mod case;
pub mod chain;
pub mod clues;
pub mod document;
pub mod evidence;
pub mod figures;
pub mod finding;
pub mod nearest;
pub mod policy;
pub mod reason;
pub mod restriction;
pub mod risk;
pub mod share;
pub mod signal;
pub mod signals;
