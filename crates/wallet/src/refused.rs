//! Why a signature is no proof.

use thiserror::Error;

/// Why a signature is no proof. None of them tells anything about an account.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Error)]
pub enum Refused {
    /// Tron, Solana, test networks, chains that are not known, no address at all, or one too long.
    #[error("messages cannot be verified for this kind of address")]
    AddressUnknown,
    /// The address's own check does not fit.
    #[error("the address has a typing mistake")]
    AddressMistyped,
    /// A Bitcoin address of a script that is not one key: several signatures (P2WSH, most P2SH),
    /// a leaf of a taproot tree, a witness version that has no meaning yet.
    #[error("the address is not of a single key")]
    ScriptUnsupported,
    /// A signature of a form that is known and not verified: BIP-322 full and proof of funds, the
    /// older form for a taproot address, those of Ethereum contracts (ERC-1271, ERC-6492).
    #[error("signatures of this form cannot be verified")]
    SignatureUnsupported,
    /// No signature: not base64 or hexadecimal, cut off, or with a part that no signature has.
    #[error("this is not a signature")]
    SignatureMalformed,
    /// More than [`crate::SIGNATURE_MAX`]; it was not read.
    #[error("the signature is too long")]
    SignatureTooLong,
    /// A signature with another key, of another text, or changed.
    #[error("the signature does not fit this text and address")]
    SignatureDoesNotFit,
    /// More than [`crate::TEXT_MAX`]; it was not read.
    #[error("the text is too long")]
    TextTooLong,
}

impl Refused {
    /// Every one, for tables and pages.
    pub const ALL: [Self; 8] = [
        Self::AddressUnknown,
        Self::AddressMistyped,
        Self::ScriptUnsupported,
        Self::SignatureUnsupported,
        Self::SignatureMalformed,
        Self::SignatureTooLong,
        Self::SignatureDoesNotFit,
        Self::TextTooLong,
    ];

    /// A stable name.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::AddressUnknown => "address.unknown",
            Self::AddressMistyped => "address.mistyped",
            Self::ScriptUnsupported => "script.unsupported",
            Self::SignatureUnsupported => "signature.unsupported",
            Self::SignatureMalformed => "signature.malformed",
            Self::SignatureTooLong => "signature.too_long",
            Self::SignatureDoesNotFit => "signature.does_not_fit",
            Self::TextTooLong => "text.too_long",
        }
    }
}
