//! Passwords that thieves try first: those that are easy to guess, and those that leaked.
//!
//! NIST SP 800-63B-4 section 3.1.1.2 asks for a comparison with such passwords.

mod breached;
mod easy;
#[cfg(test)]
mod tests;

pub use breached::{BreachedError, BreachedList};
pub(crate) use easy::{holds, is_easy};
