//! Identifiers: newtypes with a prefix, made from a moment and a random source.

use std::fmt;
use std::str::FromStr;

use rand::Rng;
use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::time::Timestamp;

/// Crockford's base 32: no I, L, O or U, so that nothing read aloud is mistaken.
const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
/// Symbols of an identifier after its prefix: 10 of time, 16 of chance (80 bits).
const BODY_SYMBOLS: usize = 26;
/// Of these, symbols of time.
const TIME_SYMBOLS: usize = 10;

/// Why a text is not an identifier.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("not {expected}: it must be the prefix and {BODY_SYMBOLS} symbols")]
pub struct IdError {
    expected: &'static str,
}

fn symbol(value: u128) -> char {
    let index = (value & 31) as usize;
    ALPHABET.get(index).map_or('0', |byte| char::from(*byte))
}

/// A 26-symbol body: 48 bits of milliseconds, then 80 random bits (the layout of a ULID).
fn body(now: Timestamp, rng: &mut impl Rng) -> String {
    let time = u128::from(now.millis().max(0).cast_unsigned()) & ((1 << 48) - 1);
    let chance = (u128::from(rng.next_u64()) << 64 | u128::from(rng.next_u64())) & ((1 << 80) - 1);
    let value = time << 80 | chance;
    (0..BODY_SYMBOLS)
        .rev()
        .map(|place| symbol(value >> (5 * place)))
        .collect()
}

fn is_body(text: &str) -> bool {
    text.len() == BODY_SYMBOLS && text.bytes().all(|byte| ALPHABET.contains(&byte))
}

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident = $prefix:literal;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $name(String);

        impl $name {
            /// What every identifier of this kind begins with.
            pub const PREFIX: &'static str = $prefix;

            /// A new identifier from a moment (sortable) and 80 random bits.
            pub fn new(now: Timestamp, rng: &mut impl Rng) -> Self {
                Self(format!("{}{}", Self::PREFIX, body(now, rng)))
            }

            /// The moment it was made at, to the millisecond.
            #[must_use]
            pub fn made_at(&self) -> Timestamp {
                let symbols = self.0.bytes().skip(Self::PREFIX.len()).take(TIME_SYMBOLS);
                // Ten symbols carry 50 bits, of which the lower 48 are milliseconds.
                let millis = symbols.fold(0_i64, |value, symbol| {
                    let place = ALPHABET.iter().position(|one| *one == symbol).unwrap_or(0);
                    value << 5 | i64::try_from(place).unwrap_or(0)
                });
                Timestamp::from_millis(millis)
            }

            /// The whole identifier, prefix included.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl FromStr for $name {
            type Err = IdError;

            fn from_str(text: &str) -> Result<Self, IdError> {
                match text.strip_prefix(Self::PREFIX) {
                    Some(rest) if is_body(rest) => Ok(Self(text.to_owned())),
                    _ => Err(IdError { expected: concat!("a ", $prefix, " identifier") }),
                }
            }
        }

        impl TryFrom<String> for $name {
            type Error = IdError;

            fn try_from(text: String) -> Result<Self, IdError> {
                text.parse()
            }
        }

        impl From<$name> for String {
            fn from(id: $name) -> Self {
                id.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    )*};
}

ids! {
    /// One recovery case.
    CaseId = "case_";
    /// One piece of evidence of a case.
    EvidenceId = "ev_";
    /// One upload that may still be unfinished.
    UploadId = "up_";
    /// One take: a photo or video that the page of the camera may now record.
    TakeId = "take_";
    /// One link that hands the camera's parts of a case to a phone.
    PhoneLinkId = "link_";
    /// One member of staff: reviewer, senior, lead or administrator.
    ReviewerId = "rev_";
    /// One assignment of a case to a reviewer.
    AssignmentId = "asg_";
    /// One message handed to a channel.
    MessageId = "msg_";
    /// One job of the shell.
    JobId = "job_";
}

/// The platform's own reference of an account: opaque to Regain, without personal data by contract.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct AccountRef(pub String);

impl fmt::Display for AccountRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A keyed digest (hex) under which something personal can be looked up and compared unseen.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct BlindIndex(pub String);

/// SHA-256 of some content, as 64 lower-case hexadecimal digits.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ContentDigest(pub String);

impl ContentDigest {
    /// The digest of these bytes.
    #[must_use]
    pub fn of(bytes: &[u8]) -> Self {
        use sha2::{Digest, Sha256};
        Self(data_encoding::HEXLOWER.encode(&Sha256::digest(bytes)))
    }
}

/// The short public code of a case, as people write it on their note: `RG-7K2M-91QX`.
///
/// 35 random bits and a check symbol. It is a name, not a secret.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct CaseCode(String);

/// Symbols of a case code before its check symbol.
const CODE_SYMBOLS: usize = 7;

impl CaseCode {
    /// A new code.
    pub fn new(rng: &mut impl Rng) -> Self {
        let chance = u128::from(rng.next_u64());
        let symbols: String = (0..CODE_SYMBOLS)
            .map(|place| symbol(chance >> (5 * place)))
            .collect();
        Self::with_check(&symbols)
    }

    fn with_check(symbols: &str) -> Self {
        let check = check_symbol(symbols);
        let (head, tail) = symbols.split_at(4);
        Self(format!("RG-{head}-{tail}{check}"))
    }

    /// The code as it is shown.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Weights of the symbols before the check symbol, whose own weight is 1: the powers 21 to 27 of
/// x in the field of 32 elements. None is 0 and all eight differ, so every single wrong symbol and
/// every swap of two symbols changes the sum.
const CODE_WEIGHTS: [u8; CODE_SYMBOLS] = [24, 21, 15, 30, 25, 23, 11];

/// Product in the field of 32 elements, modulo x^5 + x^2 + 1.
fn times(mut a: u8, b: u8) -> u8 {
    let mut product = 0;
    for bit in 0..5 {
        if b >> bit & 1 == 1 {
            product ^= a;
        }
        a <<= 1;
        if a & 32 != 0 {
            a ^= 0b10_0101;
        }
    }
    product
}

fn value_of(byte: u8) -> u8 {
    let place = ALPHABET
        .iter()
        .zip(0_u8..)
        .find(|(known, _)| **known == byte);
    place.map_or(0, |(_, value)| value)
}

/// Weighted sum in the field of 32 elements (a plain sum modulo 32 misses swaps of symbols that
/// lie 16 apart).
fn check_symbol(symbols: &str) -> char {
    let weighted = symbols.bytes().zip(CODE_WEIGHTS);
    let sum = weighted.fold(0, |sum, (byte, weight)| sum ^ times(value_of(byte), weight));
    symbol(u128::from(sum))
}

impl FromStr for CaseCode {
    type Err = IdError;

    /// Reads a code as people type it: any case, spaces and dashes, and O, I, L for 0, 1, 1.
    fn from_str(text: &str) -> Result<Self, IdError> {
        let wrong = IdError {
            expected: "a case code such as RG-7K2M-91QX",
        };
        let plain = read_symbols(text);
        // The prefix may be left out, and a code may itself begin with RG.
        let symbols = match plain.strip_prefix("RG") {
            Some(rest) if plain.len() > CODE_SYMBOLS + 1 => rest,
            _ => &plain,
        };
        if symbols.len() != CODE_SYMBOLS + 1 || !symbols.bytes().all(|b| ALPHABET.contains(&b)) {
            return Err(wrong);
        }
        let (body, check) = symbols.split_at(CODE_SYMBOLS);
        let code = Self::with_check(body);
        if code.0.ends_with(check) {
            Ok(code)
        } else {
            Err(wrong)
        }
    }
}

/// Symbols as typed by people: upper case, separators dropped, look-alikes mended.
#[must_use]
pub fn read_symbols(text: &str) -> String {
    text.chars()
        .filter(|c| c.is_ascii_alphanumeric())
        .map(|c| match c.to_ascii_uppercase() {
            'O' => '0',
            'I' | 'L' => '1',
            other => other,
        })
        .collect()
}

impl TryFrom<String> for CaseCode {
    type Error = IdError;

    fn try_from(text: String) -> Result<Self, IdError> {
        text.parse()
    }
}

impl From<CaseCode> for String {
    fn from(code: CaseCode) -> Self {
        code.0
    }
}

impl fmt::Display for CaseCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
