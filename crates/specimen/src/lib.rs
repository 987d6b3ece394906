//! Documents, notes and clips of invented people, drawn and filmed for the demo and its tests: real
//! pictures that are really read, of nobody. A crate of its own, so that a test build may draw them
//! with all optimisations.

mod clip;
mod document;
mod ink;
mod papers;
pub mod photo;

pub use self::clip::{WORDS, before_a_wall};
pub use self::document::Identity;
pub use self::papers::{Forgery, Papers};
