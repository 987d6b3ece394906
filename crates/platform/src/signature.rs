//! What is signed, byte by byte: requests, answers, and their headers.
//!
//! A request's signature is HMAC-SHA-256 over these lines, joined by `\n`: `regain-request-v1`, key
//! identifier, method, path with query as on the wire, time in ms, nonce, SHA-256 of the body in
//! lower-case hexadecimal. An answer's: `regain-answer-v1`, key identifier, the request's nonce,
//! status, SHA-256 of the body; an answer 304 has no body, and its `ETag` is signed in its place.
//! An event of a stream: `regain-event-v1`, key identifier, the request's nonce, the event's place
//! in the stream from 0, SHA-256 of its data. Signatures and nonces are base64url without padding.

use data_encoding::{BASE64URL_NOPAD, HEXLOWER};
use recovery::time::Timestamp;
use sha2::{Digest, Sha256};

use crate::keys::{MAC_BYTES, SharedKey};

/// Header (`Regain-Key`; these are in small letters, as libraries and HTTP/2 want them): identifier
/// of the key.
pub const KEY_HEADER: &str = "regain-key";
/// Header: when it was signed, in milliseconds since the epoch.
pub const TIME_HEADER: &str = "regain-time";
/// Header: 128 random bits in base64url; an answer repeats the request's.
pub const NONCE_HEADER: &str = "regain-nonce";
/// Header: the signature.
pub const SIGNATURE_HEADER: &str = "regain-signature";

/// Bytes of a nonce (128 bits).
pub const NONCE_BYTES: usize = 16;

const REQUEST_LABEL: &[u8] = b"regain-request-v1";
const ANSWER_LABEL: &[u8] = b"regain-answer-v1";
const EVENT_LABEL: &[u8] = b"regain-event-v1";

/// Header names with their values.
pub type SignedHeaders = Vec<(&'static str, String)>;

/// What of a request is signed, apart from the key.
#[derive(Debug, Clone, Copy)]
pub struct RequestParts<'a> {
    /// `GET`, `POST` or `PUT`.
    pub method: &'a str,
    /// Path with query, as on the wire.
    pub path_and_query: &'a str,
    /// Milliseconds since the epoch, as written in the header.
    pub time: &'a str,
    /// Nonce, as written in the header.
    pub nonce: &'a str,
    /// The whole body.
    pub body: &'a [u8],
}

/// SHA-256 of nothing, in hexadecimal: what most requests carry.
const DIGEST_OF_NOTHING: &[u8; 64] =
    b"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

/// SHA-256 in hexadecimal.
fn digest(body: &[u8]) -> [u8; 64] {
    if body.is_empty() {
        return *DIGEST_OF_NOTHING;
    }
    let mut text = [0; 64];
    HEXLOWER.encode_mut(&Sha256::digest(body), &mut text);
    text
}

/// A nonce as written in the header.
#[must_use]
pub fn nonce_text(bytes: [u8; NONCE_BYTES]) -> String {
    BASE64URL_NOPAD.encode(&bytes)
}

/// Whether a text is a nonce of 128 bits.
#[must_use]
pub fn is_nonce(text: &str) -> bool {
    // One length only: longer texts of the same bytes would be different nonces in the memory.
    decoded::<NONCE_BYTES>(text).is_some()
}

/// So many bytes as base64url writes them, and no other number.
fn decoded<const BYTES: usize>(text: &str) -> Option<[u8; BYTES]> {
    let mut bytes = [0; BYTES];
    let fits = BASE64URL_NOPAD.decode_len(text.len()) == Ok(BYTES);
    let read = fits.then(|| BASE64URL_NOPAD.decode_mut(text.as_bytes(), &mut bytes).ok());
    read.flatten().map(|_| bytes)
}

/// Headers of a signed request.
#[must_use]
pub fn sign_request(
    key: &SharedKey,
    method: &str,
    path_and_query: &str,
    body: &[u8],
    now: Timestamp,
    nonce: &str,
) -> SignedHeaders {
    let time = now.millis().to_string();
    let parts = RequestParts {
        method,
        path_and_query,
        time: &time,
        nonce,
        body,
    };
    let signature =
        BASE64URL_NOPAD.encode(&with_request_lines(key, &parts, |k, lines| k.sign(lines)));
    vec![
        (KEY_HEADER, key.id().to_owned()),
        (TIME_HEADER, time),
        (NONCE_HEADER, nonce.to_owned()),
        (SIGNATURE_HEADER, signature),
    ]
}

/// Whether the request's signature is right.
#[must_use]
pub fn request_verifies(key: &SharedKey, parts: &RequestParts<'_>, signature: &str) -> bool {
    let Some(signature) = decoded::<MAC_BYTES>(signature) else {
        return false;
    };
    with_request_lines(key, parts, |k, lines| k.verifies(lines, &signature))
}

fn with_request_lines<R>(
    key: &SharedKey,
    parts: &RequestParts<'_>,
    act: impl FnOnce(&SharedKey, &[&[u8]]) -> R,
) -> R {
    let body = digest(parts.body);
    let lines = [
        REQUEST_LABEL,
        key.id().as_bytes(),
        parts.method.as_bytes(),
        parts.path_and_query.as_bytes(),
        parts.time.as_bytes(),
        parts.nonce.as_bytes(),
        &body,
    ];
    act(key, &lines)
}

/// Headers of a signed answer to the request of that nonce.
#[must_use]
pub fn sign_answer(key: &SharedKey, nonce: &str, status: u16, body: &[u8]) -> SignedHeaders {
    let signature = with_answer_lines(key, nonce, status, body, |k, lines| k.sign(lines));
    vec![
        (KEY_HEADER, key.id().to_owned()),
        (NONCE_HEADER, nonce.to_owned()),
        (SIGNATURE_HEADER, BASE64URL_NOPAD.encode(&signature)),
    ]
}

/// Whether an answer's signature is right.
#[must_use]
pub fn answer_verifies(
    key: &SharedKey,
    nonce: &str,
    status: u16,
    body: &[u8],
    signature: &str,
) -> bool {
    let Some(signature) = decoded::<MAC_BYTES>(signature) else {
        return false;
    };
    with_answer_lines(key, nonce, status, body, |k, lines| {
        k.verifies(lines, &signature)
    })
}

fn with_answer_lines<R>(
    key: &SharedKey,
    nonce: &str,
    status: u16,
    body: &[u8],
    act: impl FnOnce(&SharedKey, &[&[u8]]) -> R,
) -> R {
    let (status, body) = (status.to_string(), digest(body));
    let lines = [
        ANSWER_LABEL,
        key.id().as_bytes(),
        nonce.as_bytes(),
        status.as_bytes(),
        &body,
    ];
    act(key, &lines)
}

/// The signature of an event of a stream that the request of that nonce began. Its place makes
/// an event that somebody takes out, doubles or moves fail.
#[must_use]
pub fn sign_event(key: &SharedKey, nonce: &str, place: u64, data: &[u8]) -> String {
    BASE64URL_NOPAD.encode(&with_event_lines(key, nonce, place, data, |k, lines| {
        k.sign(lines)
    }))
}

/// Whether an event's signature is right.
#[must_use]
pub fn event_verifies(
    key: &SharedKey,
    nonce: &str,
    place: u64,
    data: &[u8],
    signature: &str,
) -> bool {
    let Some(signature) = decoded::<MAC_BYTES>(signature) else {
        return false;
    };
    with_event_lines(key, nonce, place, data, |k, lines| {
        k.verifies(lines, &signature)
    })
}

fn with_event_lines<R>(
    key: &SharedKey,
    nonce: &str,
    place: u64,
    data: &[u8],
    act: impl FnOnce(&SharedKey, &[&[u8]]) -> R,
) -> R {
    let (place, data) = (place.to_string(), digest(data));
    let lines = [
        EVENT_LABEL,
        key.id().as_bytes(),
        nonce.as_bytes(),
        place.as_bytes(),
        &data,
    ];
    act(key, &lines)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_has_the_digest_that_is_written_here() {
        let digest = HEXLOWER.encode(&Sha256::digest(b""));
        assert_eq!(digest.as_bytes(), DIGEST_OF_NOTHING);
    }
}
