//! Bitcoin: what an address's script asks for, and which form of signature was handed in.

use std::str::FromStr;

use base64::Engine;
use base64::alphabet::STANDARD;
use base64::engine::general_purpose::{GeneralPurpose, PAD};
use base64::engine::{DecodePaddingMode, GeneralPurposeConfig};
use bitcoin::{Address, Network};

use crate::{Refused, Scheme, legacy, simple, without_space};

/// With or without its padding, which some wallets leave away; strict in all else.
const BASE64: GeneralPurpose = GeneralPurpose::new(&STANDARD, PADDING);
const PADDING: GeneralPurposeConfig = PAD.with_decode_padding_mode(DecodePaddingMode::Indifferent);

/// What BIP-322 writes before its three forms; older signers write nothing.
const SIMPLE: &str = "smp";
const OTHER_FORMS: [&str; 2] = ["ful", "pof"];
/// How the full form begins: the version of a transaction, 0 or 2. No witness begins so.
const TRANSACTIONS: [[u8; 4]; 2] = [[0, 0, 0, 0], [2, 0, 0, 0]];

/// Scripts of one key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Script {
    /// `1...`: the hash of a key.
    P2pkh,
    /// `3...`: the hash of a script, which may be P2WPKH. Only the signature tells.
    P2sh,
    /// `bc1q...`, 20 bytes: the hash of a key, in the witness.
    P2wpkh,
    /// `bc1p...`: a key, which may stand for a tree of scripts too.
    P2tr,
}

impl Script {
    fn of(address: &Address) -> Result<Self, Refused> {
        let script = address.script_pubkey();
        if script.is_p2pkh() {
            Ok(Self::P2pkh)
        } else if script.is_p2sh() {
            Ok(Self::P2sh)
        } else if script.is_p2wpkh() {
            Ok(Self::P2wpkh)
        } else if script.is_p2tr() {
            Ok(Self::P2tr)
        } else {
            Err(Refused::ScriptUnsupported)
        }
    }
}

/// Verifies a message for an address of Bitcoin whose check is known to fit.
pub(crate) fn verify(address: &str, text: &str, signature: &str) -> Result<Scheme, Refused> {
    let address = Address::from_str(address)
        .ok()
        .and_then(|address| address.require_network(Network::Bitcoin).ok())
        .ok_or(Refused::AddressUnknown)?;
    let script = Script::of(&address)?;
    let signature = without_space(signature)?;
    if OTHER_FORMS.iter().any(|form| signature.starts_with(form)) {
        return Err(Refused::SignatureUnsupported);
    }
    let marked = signature.strip_prefix(SIMPLE);
    let bytes = BASE64
        .decode(marked.unwrap_or(&signature))
        .map_err(|_| Refused::SignatureMalformed)?;
    if TRANSACTIONS.iter().any(|start| bytes.starts_with(start)) {
        return Err(Refused::SignatureUnsupported);
    }
    if let (None, Ok(bytes)) = (marked, <&[u8; legacy::BYTES]>::try_from(bytes.as_slice())) {
        legacy::verify(&address, script, text, bytes)?;
        return Ok(Scheme::Legacy);
    }
    simple::verify(&address, script, text, &bytes)?;
    Ok(Scheme::Bip322Simple)
}
