//! BIP-322, the simple form: the witness of a transaction that can never be sent.

use bip322::{Error, Verification, verify_simple};
use bitcoin::secp256k1;
use bitcoin::{Address, Witness};

use crate::Refused;
use crate::bitcoin_script::Script;

/// A public key in a witness: segwit takes only compressed ones (BIP-143).
const KEY: usize = 33;
/// A signature of taproot, and one that names what it covers (BIP-341).
const SCHNORR: [usize; 2] = [64, 65];
/// The first byte of a length that takes two bytes more; longer ones fit into no signature here.
const TWO_BYTES: u8 = 0xfd;

/// Verifies a witness.
pub(crate) fn verify(
    address: &Address,
    script: Script,
    text: &str,
    bytes: &[u8],
) -> Result<(), Refused> {
    let items = items(bytes).ok_or(Refused::SignatureMalformed)?;
    let fits = match items.as_slice() {
        [only] if SCHNORR.contains(&only.len()) => script == Script::P2tr,
        [_, key] if key.len() == KEY => matches!(script, Script::P2wpkh | Script::P2sh),
        [] | [_] | [_, _] => return Err(Refused::SignatureMalformed),
        _ => return Err(Refused::ScriptUnsupported),
    };
    if !fits {
        return Err(Refused::SignatureDoesNotFit);
    }
    match verify_simple(address, text, Witness::from_slice(&items)) {
        Ok(Verification::Valid { .. }) => Ok(()),
        Ok(Verification::Inconclusive) => Err(Refused::ScriptUnsupported),
        Err(
            Error::PublicKeyMismatch
            | Error::InvalidPublicKey
            | Error::SignatureInvalid {
                source: secp256k1::Error::IncorrectSignature,
            },
        ) => Err(Refused::SignatureDoesNotFit),
        Err(_) => Err(Refused::SignatureMalformed),
    }
}

/// The items of a witness, if that is what the bytes are and nothing follows.
///
/// Not with the library's decoder: it makes room for as many items and bytes as five bytes can
/// claim, up to 16 MB, before it reads the first one.
fn items(bytes: &[u8]) -> Option<Vec<&[u8]>> {
    let (count, mut rest) = length(bytes)?;
    let mut items = Vec::new();
    // Each item takes a byte at least, so a wrong count ends with the bytes.
    for _ in 0..count {
        let (size, after) = length(rest)?;
        let (item, after) = after.split_at_checked(size)?;
        items.push(item);
        rest = after;
    }
    rest.is_empty().then_some(items)
}

/// A compact size and what follows it; each number in its shortest form only.
fn length(bytes: &[u8]) -> Option<(usize, &[u8])> {
    match bytes {
        [TWO_BYTES, low, high, rest @ ..] => {
            let size = u16::from_le_bytes([*low, *high]);
            (size >= u16::from(TWO_BYTES)).then_some((usize::from(size), rest))
        }
        [size, rest @ ..] if *size < TWO_BYTES => Some((usize::from(*size), rest)),
        _ => None,
    }
}
