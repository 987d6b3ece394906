//! What the applicant asks for.

mod clues;
mod coming_back;
mod flags;
mod gathering;
mod handover;
mod look;
mod opening;
mod phone;
mod takes;
mod uploads;
mod view;

pub(crate) use clues::{ClueRecord, compare as compare_clues};
pub(crate) use view::timeline;
