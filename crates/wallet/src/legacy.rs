//! The older Bitcoin signed message: the key is recovered from the signature and must make the
//! address. Headers as in BIP-137, and as Electrum reads them where a wallet does not know those.

use bitcoin::hashes::Hash;
use bitcoin::secp256k1::ecdsa::{RecoverableSignature, RecoveryId};
use bitcoin::secp256k1::{Message, Secp256k1};
use bitcoin::sign_message::signed_msg_hash;
use bitcoin::{Address, CompressedPublicKey, PublicKey, ScriptBuf};

use crate::bitcoin_script::Script;
use crate::{Refused, is_low_s};

/// A header, r and s.
pub(crate) const BYTES: usize = 65;

/// Verifies a header, r and s.
pub(crate) fn verify(
    address: &Address,
    script: Script,
    text: &str,
    signature: &[u8; BYTES],
) -> Result<(), Refused> {
    let [header, numbers @ ..] = signature;
    // What the header says of the address. 31 to 34 is what wallets without BIP-137 write for
    // every address of a compressed key.
    let (first, scripts): (u8, &[Script]) = match header {
        27..=30 => (27, &[Script::P2pkh]),
        31..=34 => (31, &[Script::P2pkh, Script::P2sh, Script::P2wpkh]),
        35..=38 => (35, &[Script::P2sh]),
        39..=42 => (39, &[Script::P2wpkh]),
        _ => return Err(Refused::SignatureMalformed),
    };
    let signature = RecoveryId::from_i32(i32::from(header - first))
        .and_then(|id| RecoverableSignature::from_compact(numbers, id))
        .map_err(|_| Refused::SignatureMalformed)?;
    // The form is not defined for taproot.
    if script == Script::P2tr {
        return Err(Refused::SignatureUnsupported);
    }
    if !scripts.contains(&script) || !is_low_s(&signature.to_standard()) {
        return Err(Refused::SignatureDoesNotFit);
    }
    let message = Message::from_digest(signed_msg_hash(text).to_byte_array());
    let inner = Secp256k1::verification_only()
        .recover_ecdsa(&message, &signature)
        .map_err(|_| Refused::SignatureDoesNotFit)?;
    let compressed = first != 27;
    let witness = ScriptBuf::new_p2wpkh(&CompressedPublicKey(inner).wpubkey_hash());
    let signed_for = match script {
        Script::P2pkh => ScriptBuf::new_p2pkh(&PublicKey { compressed, inner }.pubkey_hash()),
        Script::P2sh => ScriptBuf::new_p2sh(&witness.script_hash()),
        Script::P2wpkh | Script::P2tr => witness,
    };
    if address.script_pubkey() == signed_for {
        Ok(())
    } else {
        Err(Refused::SignatureDoesNotFit)
    }
}
