//! Addresses of Ethereum and of chains with its form: 20 bytes in hex, checked by their letters'
//! case (ERC-55).

use sha3::{Digest, Keccak256};

use super::{Address, AddressError, Chain, letters_and_digits};
use crate::sensitive::Sensitive;

/// Symbols of 20 bytes.
const SYMBOLS: usize = 40;
/// What ERC-55 hashes before the address: nothing; and what Rootstock does (ERC-1191).
const MAIN: [&str; 2] = ["", "300x"];
/// Rootstock's test network.
const TEST: &str = "310x";

/// An address that begins with `0x`, or is 40 hexadecimal digits.
pub(super) fn read(text: &str) -> Option<Result<Address, AddressError>> {
    let hex = |text: &str| text.bytes().all(|b| b.is_ascii_hexdigit());
    let digits = match text.get(..2) {
        Some("0x" | "0X") => text.get(2..)?,
        _ if text.len() == SYMBOLS && hex(text) => text,
        _ => return None,
    };
    if digits.len() != SYMBOLS || !letters_and_digits(digits) {
        return Some(Err(AddressError::Length));
    }
    if !hex(digits) || text.starts_with("0X") {
        return Some(Err(AddressError::Symbol));
    }
    let lower = digits.to_ascii_lowercase();
    let mixed = digits != lower && digits != digits.to_ascii_uppercase();
    if !mixed || MAIN.iter().any(|before| checked(before, &lower) == digits) {
        return Some(Ok(Address {
            chain: Chain::Evm,
            canonical: Sensitive::new(format!("0x{lower}")),
        }));
    }
    Some(Err(if checked(TEST, &lower) == digits {
        AddressError::Network
    } else {
        AddressError::Checksum
    }))
}

/// The digits with the case that the hash of them asks for.
fn checked(before: &str, lower: &str) -> String {
    let hash = Keccak256::new()
        .chain_update(before)
        .chain_update(lower)
        .finalize();
    let nibbles = hash.iter().flat_map(|byte| [byte >> 4, byte & 15]);
    lower
        .chars()
        .zip(nibbles)
        .map(|(digit, nibble)| match nibble {
            8.. => digit.to_ascii_uppercase(),
            _ => digit,
        })
        .collect()
}
