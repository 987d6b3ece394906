//! Messages signed with the key of an address: whoever signs our text shows control of it (B14).
//!
//! It only verifies; nothing here holds or takes a private key. It is mathematics over three
//! texts, without a clock, a chain or a network, so it says nothing of what lies at an address.
//! All three texts are hostile: each has its bound before it is read.

mod bitcoin_script;
mod evm;
mod legacy;
mod refused;
mod simple;
mod text;

use ::bitcoin::secp256k1::ecdsa::Signature;
use recovery::clues::address::{self, Chain};
use recovery::sensitive::Sensitive;

pub use refused::Refused;
pub use text::text_to_sign;

/// Bytes of the longest address that is looked at: `recovery` reads 400 symbols, and spaces and
/// marks of no width that a paste brings take up to 3 bytes each.
pub const ADDRESS_MAX: usize = 1_000;
/// Bytes of the longest text: ours has some 250.
pub const TEXT_MAX: usize = 4_096;
/// Bytes of the longest signature as typed: those that are verified take some 150 at most; the rest
/// is room for broken lines, and to tell other forms by what they hold.
pub const SIGNATURE_MAX: usize = 1_000;

/// How a message was signed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Scheme {
    /// BIP-322, the simple form: a witness.
    Bip322Simple,
    /// The older Bitcoin signed message with a key that is recovered (BIP-137 and before).
    Legacy,
    /// `personal_sign` of Ethereum wallets (EIP-191, version `0x45`).
    Eip191,
}

impl Scheme {
    /// A stable name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Bip322Simple => "bip322_simple",
            Self::Legacy => "legacy",
            Self::Eip191 => "eip191",
        }
    }
}

/// A signature that fits: its maker had the key of the address and signed this very text.
#[derive(Debug, Clone)]
pub struct Proof {
    /// The address's chain: Bitcoin, or Ethereum and those like it.
    pub chain: Chain,
    /// How it was signed.
    pub scheme: Scheme,
    /// The address in the form in which addresses are compared, see
    /// [`recovery::clues::address::Address::canonical`].
    pub canonical: Sensitive<String>,
}

/// Verifies that `signature` was made of `text` with the key of `address`.
///
/// White space in the signature does not count. A signature with the greater of the two values of
/// s is refused, as by BIP-146 and EIP-2: no wallet makes one, anybody can make it of the other.
///
/// # Errors
/// Why it is no proof, see [`Refused`]. The address is judged before the signature.
pub fn verify(address: &str, text: &str, signature: &str) -> Result<Proof, Refused> {
    if address.len() > ADDRESS_MAX {
        return Err(Refused::AddressUnknown);
    }
    if text.len() > TEXT_MAX {
        return Err(Refused::TextTooLong);
    }
    let address = address::parse(address).map_err(|error| {
        if error.is_typing_mistake() {
            Refused::AddressMistyped
        } else {
            Refused::AddressUnknown
        }
    })?;
    let canonical = address.canonical.reveal();
    let scheme = match address.chain {
        Chain::Bitcoin => bitcoin_script::verify(canonical, text, signature)?,
        Chain::Evm => evm::verify(canonical, text, signature)?,
        Chain::Tron | Chain::Solana => return Err(Refused::AddressUnknown),
    };
    Ok(Proof {
        chain: address.chain,
        scheme,
        canonical: address.canonical,
    })
}

/// What was typed as a signature without white space; mails and terminals break lines.
fn without_space(signature: &str) -> Result<String, Refused> {
    if signature.len() > SIGNATURE_MAX {
        return Err(Refused::SignatureTooLong);
    }
    Ok(signature.chars().filter(|c| !c.is_whitespace()).collect())
}

/// Whether s is the lesser of its two values (BIP-146, EIP-2).
fn is_low_s(signature: &Signature) -> bool {
    let mut low = *signature;
    low.normalize_s();
    low == *signature
}
