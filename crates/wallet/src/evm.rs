//! Ethereum and chains like it: `personal_sign` (EIP-191), the key recovered from the signature.

use bitcoin::secp256k1::ecdsa::{RecoverableSignature, RecoveryId};
use bitcoin::secp256k1::{Message, Secp256k1};
use data_encoding::HEXLOWER_PERMISSIVE;
use sha3::{Digest, Keccak256};

use crate::{Refused, Scheme, is_low_s, without_space};

/// r, s and v.
const BYTES: usize = 65;
/// Bytes of an address: the last ones of a key's hash.
const ADDRESS: usize = 20;

/// Verifies a message for an address in its canonical form: `0x` and small digits.
pub(crate) fn verify(address: &str, text: &str, signature: &str) -> Result<Scheme, Refused> {
    let signature = without_space(signature)?;
    let digits = signature
        .strip_prefix("0x")
        .or_else(|| signature.strip_prefix("0X"))
        .unwrap_or(&signature);
    let bytes = HEXLOWER_PERMISSIVE
        .decode(digits.as_bytes())
        .map_err(|_| Refused::SignatureMalformed)?;
    let [numbers @ .., v] = <[u8; BYTES]>::try_from(bytes).map_err(|bytes| {
        // Contracts put several signatures, or a call, into one.
        if bytes.len() > BYTES {
            Refused::SignatureUnsupported
        } else {
            Refused::SignatureMalformed
        }
    })?;
    let id = match v {
        0 | 27 => 0,
        1 | 28 => 1,
        _ => return Err(Refused::SignatureMalformed),
    };
    let signature = RecoveryId::from_i32(id)
        .and_then(|id| RecoverableSignature::from_compact(&numbers, id))
        .map_err(|_| Refused::SignatureMalformed)?;
    if !is_low_s(&signature.to_standard()) {
        return Err(Refused::SignatureDoesNotFit);
    }
    let key = Secp256k1::verification_only()
        .recover_ecdsa(&Message::from_digest(digest(text)), &signature)
        .map_err(|_| Refused::SignatureDoesNotFit)?;
    // The first byte says that both numbers follow.
    let [_, point @ ..] = key.serialize_uncompressed();
    let hash: [u8; 32] = Keccak256::digest(point).into();
    let made = hash
        .last_chunk::<ADDRESS>()
        .map(|last| HEXLOWER_PERMISSIVE.encode(last));
    if made.as_deref() == address.strip_prefix("0x") {
        Ok(Scheme::Eip191)
    } else {
        Err(Refused::SignatureDoesNotFit)
    }
}

/// What is signed: the hash of a prefix, the text's length in bytes as decimal digits, the text.
fn digest(text: &str) -> [u8; 32] {
    Keccak256::new()
        .chain_update(b"\x19Ethereum Signed Message:\n")
        .chain_update(text.len().to_string())
        .chain_update(text)
        .finalize()
        .into()
}
