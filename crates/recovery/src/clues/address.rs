//! Addresses on chains: what was typed, whether its own check fits, and the form in which two
//! are compared.
//!
//! A broken check is told to the applicant, as it says nothing about the account. Whether an
//! address is one of the account's is never told.

mod base58;
mod evm;
mod segwit;

use thiserror::Error;

use crate::sensitive::Sensitive;

/// Symbols of the longest text that is looked at; the longest address known here has 90
/// (BIP-173), and a link to one carries an amount and a label.
const TEXT_MAX: usize = 400;

/// Chains whose addresses are known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Chain {
    /// Bitcoin, and the old forms of chains that kept its version bytes.
    Bitcoin,
    /// Ethereum and every chain with its addresses.
    Evm,
    /// Tron.
    Tron,
    /// Solana.
    Solana,
}

impl Chain {
    /// The name that people know: "Looks like Bitcoin".
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Bitcoin => "Bitcoin",
            Self::Evm => "Ethereum",
            Self::Tron => "Tron",
            Self::Solana => "Solana",
        }
    }
}

/// An address whose form and check fit.
#[derive(Debug, Clone)]
pub struct Address {
    /// Whose form it has.
    pub chain: Chain,
    /// The form that is compared: lower case where case means nothing, else as typed.
    pub canonical: Sensitive<String>,
}

/// Why a text is no address that we know.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Error)]
pub enum AddressError {
    /// The check does not fit: something was typed wrongly.
    #[error("the check of the address does not fit")]
    Checksum,
    /// A symbol that cannot stand in such an address, where the rest has its form.
    #[error("a symbol cannot stand in such an address")]
    Symbol,
    /// Small and capital letters mixed where the format forbids it (BIP-173).
    #[error("small and capital letters are mixed")]
    Case,
    /// It begins like an address and is too short or too long.
    #[error("the address is too short or too long")]
    Length,
    /// The check fits, but the rule for what it holds does not: a witness version, its padding.
    #[error("the address holds what its format does not allow")]
    Content,
    /// An address of a network for trials, where nothing has worth.
    #[error("the address is of a test network")]
    Network,
    /// No kind that we know: perhaps another chain, perhaps no address.
    #[error("an unknown kind of address")]
    Unknown,
}

impl AddressError {
    /// Every kind.
    pub const ALL: [Self; 7] = [
        Self::Checksum,
        Self::Symbol,
        Self::Case,
        Self::Length,
        Self::Content,
        Self::Network,
        Self::Unknown,
    ];

    /// A stable name.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Checksum => "checksum",
            Self::Symbol => "symbol",
            Self::Case => "case",
            Self::Length => "length",
            Self::Content => "content",
            Self::Network => "network",
            Self::Unknown => "unknown",
        }
    }

    /// What whoever typed it is told (UX.md P11). It speaks of the text alone, never of the
    /// account; what may be right is for them to keep. `clues.js` says the same words.
    #[must_use]
    pub const fn sentence(self) -> &'static str {
        match self {
            Self::Checksum => {
                "That address has a typing mistake, the check at its end does not fit"
            }
            Self::Symbol => {
                "That address has a typing mistake, one symbol cannot stand in this kind of address"
            }
            Self::Case => "That address has a typing mistake, it mixes small and capital letters",
            Self::Length => "That address is too short or too long. Keep it or change it",
            Self::Content => {
                "That address holds something its kind does not allow. Keep it or change it"
            }
            Self::Network => "That address is of a test network. Keep it or change it",
            Self::Unknown => "We do not know this kind of address. Keep it or change it",
        }
    }

    /// Whether it is surely a typing mistake. The others may be parts of an address, or addresses
    /// of chains that are unknown here, and are kept.
    #[must_use]
    pub const fn is_typing_mistake(self) -> bool {
        matches!(self, Self::Checksum | Self::Symbol | Self::Case)
    }
}

/// Reads a text as one format: nothing where it does not even begin like one.
type Format = fn(&str) -> Option<Result<Address, AddressError>>;

/// Every format. The first that fits wins, else the first that says what is wrong.
const FORMATS: [Format; 4] = [segwit::read, evm::read, base58::checked, base58::solana];

/// Beginnings of links to an address, as wallets put them into QR codes (BIP-21, ERC-681).
const SCHEMES: [(&str, Chain); 4] = [
    ("bitcoin", Chain::Bitcoin),
    ("ethereum", Chain::Evm),
    ("tron", Chain::Tron),
    ("solana", Chain::Solana),
];

/// Reads what somebody typed or pasted.
///
/// # Errors
/// What is wrong with it, see [`AddressError`]; [`AddressError::Unknown`] where it has no form
/// that we know.
pub fn parse(text: &str) -> Result<Address, AddressError> {
    let text = Sensitive::new(without_paste(text));
    let (chain, address) = without_scheme(text.reveal());
    if address.len() > TEXT_MAX {
        return Err(AddressError::Unknown);
    }
    let mut wrong = AddressError::Unknown;
    for read in FORMATS {
        match read(address) {
            Some(Ok(found)) if chain.is_none_or(|named| named == found.chain) => return Ok(found),
            Some(Err(error)) if wrong == AddressError::Unknown => wrong = error,
            _ => {}
        }
    }
    Err(wrong)
}

/// The form in which two addresses are compared, whatever they are: that of [`parse`], and for
/// all others the text without what a paste brings.
#[must_use]
pub fn comparable(text: &str) -> Sensitive<String> {
    parse(text).map_or_else(
        |_| Sensitive::new(without_paste(text)),
        |address| address.canonical,
    )
}

/// Without spaces, line ends and symbols of no width; addresses are shown in groups of four.
fn without_paste(text: &str) -> String {
    // Soft hyphens, joiners, marks of direction, byte order marks.
    let unseen = |c: char| {
        matches!(
            c,
            '\u{ad}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{feff}'
        ) || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}')
    };
    let nothing = |c: char| c.is_whitespace() || c.is_control() || unseen(c);
    text.chars().filter(|c| !nothing(*c)).collect()
}

/// The address in a link, and the chain that the link names.
fn without_scheme(text: &str) -> (Option<Chain>, &str) {
    let Some((scheme, rest)) = text.split_once(':') else {
        return (None, text);
    };
    let named = |(name, _): &&(&str, Chain)| name.eq_ignore_ascii_case(scheme);
    let Some((_, chain)) = SCHEMES.iter().find(named) else {
        return (None, text);
    };
    let rest = rest.strip_prefix("//").unwrap_or(rest);
    let rest = rest.strip_prefix("pay-").unwrap_or(rest);
    // Then an amount and a label, or the number of an EVM chain.
    let address = rest.split(['?', '@']).next().unwrap_or(rest);
    (Some(*chain), address)
}

/// Whether a text is only letters and digits, as every address is: others are notes in words.
fn letters_and_digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|b| b.is_ascii_alphanumeric())
}
