//! The spoken phrase: where somebody speaks, which digits were said, and when.
//!
//! The purpose sentence is for people, who listen; nothing here writes down words. The digits are
//! told apart by a small model on stretches of speech found by energy, and set against the digits
//! that the page showed.

mod align;
mod digits;
mod mel;
mod phrase;
pub(crate) mod sound;
mod voice;

pub use digits::DigitListener;
pub use phrase::{Hearing, PhraseLook, PhraseReport, SaidDigit, phrase};
pub use sound::{RATE as SOUND_RATE, Sound};
