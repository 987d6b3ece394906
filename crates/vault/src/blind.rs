//! Blind indexes: keyed digests under which something personal is looked up unseen.

use data_encoding::HEXLOWER;
use hkdf::Hkdf;
use hmac::{Hmac, KeyInit, Mac};
use recovery::id::BlindIndex;
use sha2::Sha256;
use zeroize::Zeroizing;

use crate::error::VaultError;

/// Bytes of the index key.
pub(crate) const KEY_BYTES: usize = 32;
/// Bytes of a block of SHA-256, to which HMAC pads a key with zeros (RFC 2104).
const BLOCK_BYTES: usize = 64;
/// First part of HKDF's info; the purpose follows.
const LABEL: &[u8] = b"regain blind index v1\0";

/// The key of all blind indexes of an installation.
pub(crate) struct IndexKey(Zeroizing<[u8; KEY_BYTES]>);

impl IndexKey {
    /// A new key from the operating system.
    pub(crate) fn generate() -> Result<Self, VaultError> {
        use rand::TryRng;
        let mut key = Zeroizing::new([0; KEY_BYTES]);
        rand::rngs::SysRng
            .try_fill_bytes(key.as_mut())
            .map_err(VaultError::storage)?;
        Ok(Self(key))
    }

    /// Reads 64 hexadecimal digits.
    pub(crate) fn from_hex(text: &str) -> Option<Self> {
        let bytes = Zeroizing::new(HEXLOWER.decode(text.as_bytes()).ok()?);
        <[u8; KEY_BYTES]>::try_from(bytes.as_slice())
            .ok()
            .map(|key| Self(Zeroizing::new(key)))
    }

    pub(crate) fn to_hex(&self) -> Zeroizing<String> {
        Zeroizing::new(HEXLOWER.encode(self.0.as_ref()))
    }

    /// HMAC-SHA-256 of the value under a key of that purpose (HKDF-SHA-256, no salt).
    pub(crate) fn index(&self, purpose: &str, value: &str) -> BlindIndex {
        let (extracted, _) = Hkdf::<Sha256>::extract(None, self.0.as_ref());
        // The first 32 bytes of HKDF-Expand are HMAC(PRK, info | 0x01) (RFC 5869, section 2.3).
        // Written out, since the general function can fail where this cannot; a test compares.
        let mut expand = mac(&Zeroizing::new(extracted.into()));
        expand.update(LABEL);
        expand.update(purpose.as_bytes());
        expand.update(&[1]);
        let purpose_key = Zeroizing::new(expand.finalize().into_bytes().into());
        let mut digest = mac(&purpose_key);
        digest.update(value.as_bytes());
        BlindIndex(HEXLOWER.encode(&digest.finalize().into_bytes()))
    }
}

/// HMAC-SHA-256 with a key of 32 bytes, padded as RFC 2104 says.
fn mac(key: &[u8; KEY_BYTES]) -> Hmac<Sha256> {
    let mut block = Zeroizing::new([0; BLOCK_BYTES]);
    block.split_at_mut(KEY_BYTES).0.copy_from_slice(key);
    <Hmac<Sha256> as KeyInit>::new((&*block).into())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    /// Computed once with Python's hmac module from the definition in RFC 5869 and RFC 2104.
    #[test]
    fn agrees_with_an_independent_computation() {
        let key = IndexKey::from_hex(&"07".repeat(KEY_BYTES)).unwrap();
        let BlindIndex(found) = key.index("mail", "ann@example.org");
        assert_eq!(
            found,
            "7bb8e7df6b9f895a811f26b6b2d4a84dee06dec3ce31e62c1fdf8d8bb6ff4b92"
        );
    }

    #[test]
    fn agrees_with_the_general_hkdf() {
        let key = IndexKey::generate().unwrap();
        let mut expanded = [0; KEY_BYTES];
        Hkdf::<Sha256>::new(None, key.0.as_ref())
            .expand_multi_info(&[LABEL, b"phone"], &mut expanded)
            .unwrap();
        let mut general = <Hmac<Sha256> as KeyInit>::new_from_slice(&expanded).unwrap();
        general.update(b"value");
        let general = HEXLOWER.encode(&general.finalize().into_bytes());
        assert_eq!(key.index("phone", "value").0, general);
    }

    #[test]
    fn keys_survive_their_text_form_and_differ() {
        let key = IndexKey::generate().unwrap();
        let again = IndexKey::from_hex(&key.to_hex()).unwrap();
        assert_eq!(key.index("mail", "x"), again.index("mail", "x"));
        assert_ne!(
            key.index("mail", "x"),
            IndexKey::generate().unwrap().index("mail", "x")
        );
        assert!(IndexKey::from_hex("00").is_none());
    }
}
