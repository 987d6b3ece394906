//! What the applicant asks for.

mod clues;
mod coming_back;
mod gathering;
mod handover;
mod opening;
mod uploads;
mod view;

pub(crate) use clues::{ClueRecord, compare as compare_clues};
pub(crate) use view::timeline;
