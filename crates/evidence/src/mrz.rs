//! Machine readable zones: found, read, parsed, and believed only as far as check digits go.

mod locate;
mod meaning;
mod parse;
mod read;
mod repair;

pub use parse::{CheckDigits, Format, Mrz, check_digit, parse};
pub use read::{ZoneRead, read_mrz};
