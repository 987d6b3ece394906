//! The code that every message carries, so that anyone can check whether we sent it.

use std::fmt;
use std::str::FromStr;

use rand::Rng;
use recovery::id::read_symbols;
use serde::{Deserialize, Serialize};
use thiserror::Error;

/// Crockford's base32: no I, L, O or U.
const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
/// Symbols before the check symbol: 40 random bits. With a million messages a collision has a
/// chance of one in two; the store's unique index asks for another one then.
const SYMBOLS: usize = 8;

/// A message's code, such as `RG-M-9QX4T07KD`: eight random symbols and a check symbol.
///
/// It is a name, not a secret: a thief can copy it from a real message.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct MessageCode(String);

/// The text is not a message code.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("not a message code such as RG-M-9QX4T07KD")]
pub struct NotAMessageCode;

fn symbol(value: u64) -> char {
    let index = (value & 31) as usize;
    ALPHABET.get(index).map_or('0', |byte| char::from(*byte))
}

/// Weighted sum modulo 32 with odd weights: every single wrong symbol changes it.
fn check_symbol(symbols: &str) -> char {
    let sum = symbols
        .bytes()
        .enumerate()
        .map(|(place, byte)| {
            let value = ALPHABET
                .iter()
                .position(|known| *known == byte)
                .unwrap_or(0);
            (2 * place as u64 + 1) * value as u64
        })
        .sum();
    symbol(sum)
}

impl MessageCode {
    /// What every message code begins with.
    pub const PREFIX: &'static str = "RG-M-";

    /// A new code.
    pub fn new(rng: &mut impl Rng) -> Self {
        Self::of(rng.next_u64())
    }

    /// The code of these bits, of which the lowest 40 count.
    #[must_use]
    pub fn of(chance: u64) -> Self {
        let symbols: String = (0..SYMBOLS)
            .map(|place| symbol(chance >> (5 * place)))
            .collect();
        Self::with_check(&symbols)
    }

    fn with_check(symbols: &str) -> Self {
        Self(format!(
            "{}{symbols}{}",
            Self::PREFIX,
            check_symbol(symbols)
        ))
    }

    /// The code as it is shown.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for MessageCode {
    type Err = NotAMessageCode;

    /// Reads a code as people type it: any case, spaces and dashes, and O, I, L for 0, 1, 1.
    fn from_str(text: &str) -> Result<Self, NotAMessageCode> {
        let plain = read_symbols(text);
        let symbols = match plain.strip_prefix("RGM") {
            Some(rest) if rest.len() == SYMBOLS + 1 => rest,
            _ => plain.as_str(),
        };
        if symbols.len() != SYMBOLS + 1 || !symbols.bytes().all(|b| ALPHABET.contains(&b)) {
            return Err(NotAMessageCode);
        }
        let (body, check) = symbols.split_at(SYMBOLS);
        let code = Self::with_check(body);
        if code.0.ends_with(check) {
            Ok(code)
        } else {
            Err(NotAMessageCode)
        }
    }
}

impl TryFrom<String> for MessageCode {
    type Error = NotAMessageCode;

    fn try_from(text: String) -> Result<Self, NotAMessageCode> {
        text.parse()
    }
}

impl From<MessageCode> for String {
    fn from(code: MessageCode) -> Self {
        code.0
    }
}

impl fmt::Display for MessageCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
