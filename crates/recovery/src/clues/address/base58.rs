//! Base58 with a check (Bitcoin's old addresses, Tron's) and without one (Solana's).

use std::ops::RangeInclusive;

use super::{Address, AddressError, Chain, letters_and_digits};
use crate::sensitive::Sensitive;

/// One kind of address with a check.
struct Kind {
    chain: Chain,
    /// The byte before the hash.
    version: u8,
    /// The symbol that this byte makes the first.
    first: char,
    /// How long a text with that symbol is taken for such an address with a mistake: a symbol
    /// more or fewer than right ones have, but not 35 where others have theirs (Waves `3`,
    /// Decred `T`).
    symbols: RangeInclusive<usize>,
}

const KINDS: [Kind; 3] = [
    Kind {
        chain: Chain::Bitcoin,
        version: 0x00,
        first: '1',
        symbols: 26..=35,
    },
    Kind {
        chain: Chain::Bitcoin,
        version: 0x05,
        first: '3',
        symbols: 33..=34,
    },
    Kind {
        chain: Chain::Tron,
        version: 0x41,
        first: 'T',
        symbols: 33..=34,
    },
];
/// Bitcoin's test networks.
const TESTS: [u8; 2] = [0x6f, 0xc4];
/// The version and the hash.
const BYTES: usize = 21;
/// More symbols than any address in base58 has: decoding takes the square of it.
const TEXT_MAX: usize = 64;

/// Symbols and bytes of a Solana address, which is a public key.
const KEY_SYMBOLS: RangeInclusive<usize> = 32..=44;
const KEY_BYTES: usize = 32;

/// Whether a text is of any chain's kind with a check that fits.
pub(super) fn is_checked(text: &str) -> bool {
    text.len() <= TEXT_MAX && bs58::decode(text).with_check(None).into_vec().is_ok()
}

/// An address with a check.
pub(super) fn checked(text: &str) -> Option<Result<Address, AddressError>> {
    if text.len() > TEXT_MAX || !letters_and_digits(text) {
        return None;
    }
    let looks = KINDS
        .iter()
        .any(|kind| text.starts_with(kind.first) && kind.symbols.contains(&text.len()));
    let bytes = match bs58::decode(text).with_check(None).into_vec() {
        Ok(bytes) => bytes,
        Err(_) if !looks => return None,
        Err(bs58::decode::Error::InvalidCharacter { .. }) => {
            return Some(Err(AddressError::Symbol));
        }
        Err(_) => return Some(Err(AddressError::Checksum)),
    };
    let version = *bytes.first()?;
    if TESTS.contains(&version) && bytes.len() == BYTES {
        return Some(Err(AddressError::Network));
    }
    let kind = KINDS.iter().find(|kind| kind.version == version)?;
    if bytes.len() != BYTES {
        return Some(Err(AddressError::Length));
    }
    Some(Ok(Address {
        chain: kind.chain,
        canonical: Sensitive::new(text.to_owned()),
    }))
}

/// A Solana address: nothing in it tells a typing mistake.
pub(super) fn solana(text: &str) -> Option<Result<Address, AddressError>> {
    if !KEY_SYMBOLS.contains(&text.len()) {
        return None;
    }
    let bytes = bs58::decode(text).into_vec().ok()?;
    (bytes.len() == KEY_BYTES).then(|| {
        Ok(Address {
            chain: Chain::Solana,
            canonical: Sensitive::new(text.to_owned()),
        })
    })
}
