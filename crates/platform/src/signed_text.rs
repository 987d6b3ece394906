//! Short signed texts that travel in addresses.
//!
//! `base64url(payload).base64url(HMAC-SHA-256)`, without padding; the signature is over a label of
//! the text's kind, a line feed and the encoded payload, so that one kind never serves as another.

use data_encoding::BASE64URL_NOPAD;

use crate::keys::{SharedKey, SharedKeys};

/// Why a text is worth nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Broken {
    /// Not in this form, or too long.
    Malformed,
    /// No live key made this signature.
    Forged,
}

/// The payload with its signature.
pub(crate) fn sign(label: &[u8], payload: &[u8], key: &SharedKey) -> String {
    let payload = BASE64URL_NOPAD.encode(payload);
    let signature = BASE64URL_NOPAD.encode(&key.sign(&[label, payload.as_bytes()]));
    format!("{payload}.{signature}")
}

/// The payload of a text that a live key signed; nothing is decoded before the signature fits.
pub(crate) fn open(
    label: &[u8],
    text: &str,
    longest: usize,
    keys: &SharedKeys,
) -> Result<Vec<u8>, Broken> {
    if text.len() > longest {
        return Err(Broken::Malformed);
    }
    let (payload, signature) = text.split_once('.').ok_or(Broken::Malformed)?;
    let signature = BASE64URL_NOPAD
        .decode(signature.as_bytes())
        .map_err(|_| Broken::Malformed)?;
    if !keys
        .all()
        .any(|key| key.verifies(&[label, payload.as_bytes()], &signature))
    {
        return Err(Broken::Forged);
    }
    BASE64URL_NOPAD
        .decode(payload.as_bytes())
        .map_err(|_| Broken::Malformed)
}
