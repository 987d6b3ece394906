//! What the applicant asks for.

mod authenticator;
mod clues;
mod codes;
mod coming_back;
mod flags;
mod fresh_face;
mod gathering;
mod handover;
mod look;
mod new_passkey;
mod opening;
mod password;
mod phone;
mod signed;
mod takes;
mod uploads;
mod view;

pub(crate) use clues::{compare_clues, grounds_of};
pub(crate) use fresh_face::FRESH_FACE;
pub(crate) use signed::SignedAddress;
pub(crate) use view::timeline;
