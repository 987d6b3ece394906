//! Bitcoin's bech32 and bech32m addresses (BIP-173, BIP-350).

use bech32::primitives::decode::{
    CharError, CheckedHrpstring, CheckedHrpstringError, SegwitHrpstring, SegwitHrpstringError,
    UncheckedHrpstringError,
};
use bech32::{Bech32, Bech32m};

use super::{Address, AddressError, Chain, base58, letters_and_digits};
use crate::sensitive::Sensitive;

/// With the separator.
const MAIN: &str = "bc1";
const TESTS: [&str; 2] = ["tb1", "bcrt1"];
/// Symbols of an address: a program of 2 bytes, and BIP-173's bound.
const SYMBOLS: std::ops::RangeInclusive<usize> = 14..=90;

/// An address that begins with `bc1`; those of test networks only where they are right.
pub(super) fn read(text: &str) -> Option<Result<Address, AddressError>> {
    let begins = |with: &str| {
        text.get(..with.len())
            .is_some_and(|start| start.eq_ignore_ascii_case(with))
    };
    if !letters_and_digits(text) {
        return None;
    }
    if TESTS.iter().any(|test| begins(test)) {
        return decode(text).is_ok().then_some(Err(AddressError::Network));
    }
    // Other chains' addresses in base58 may begin so by chance.
    if !begins(MAIN) || base58::is_checked(text) {
        return None;
    }
    if !SYMBOLS.contains(&text.len()) {
        return Some(Err(AddressError::Length));
    }
    Some(decode(text).map(|()| Address {
        chain: Chain::Bitcoin,
        canonical: Sensitive::new(text.to_ascii_lowercase()),
    }))
}

fn decode(text: &str) -> Result<(), AddressError> {
    // A wrong version or padding counts only where a check fits: else it is a typing mistake.
    if let Err(error) = CheckedHrpstring::new::<Bech32m>(text)
        && CheckedHrpstring::new::<Bech32>(text).is_err()
    {
        use UncheckedHrpstringError::Char;
        return Err(match error {
            CheckedHrpstringError::Parse(Char(CharError::MixedCase)) => AddressError::Case,
            CheckedHrpstringError::Parse(_) => AddressError::Symbol,
            _ => AddressError::Checksum,
        });
    }
    SegwitHrpstring::new(text)
        .map(|_| ())
        .map_err(|error| match error {
            // The check of the other version: bech32 where bech32m is due, or the reverse.
            SegwitHrpstringError::Checksum(_) => AddressError::Checksum,
            _ => AddressError::Content,
        })
}
