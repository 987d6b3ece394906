//! The receiving side of signed requests: who signed it, when, and not for the second time.

use std::collections::{BTreeSet, HashSet};
use std::sync::{Mutex, PoisonError};

use recovery::time::{Span, Timestamp};
use thiserror::Error;

use crate::keys::SharedKeys;
use crate::signature::{
    KEY_HEADER, NONCE_HEADER, RequestParts, SIGNATURE_HEADER, SignedHeaders, TIME_HEADER, is_nonce,
    request_verifies, sign_answer, sign_event,
};

/// How far the sender's clock may be from ours.
pub const SKEW_MAX: Span = Span::minutes(5);
/// How many nonces are remembered. Only requests with a right signature get in, so a stranger
/// cannot fill it; when the partner does, requests are refused until the oldest expire.
pub const NONCES_MAX: usize = 200_000;

/// Why a request is refused. The sender hears 401 and no more.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum VerifyError {
    /// A header is missing or not in form.
    #[error("the request is not signed")]
    Unsigned,
    /// No live key has that identifier.
    #[error("the request is signed with a key that is not live")]
    UnknownKey,
    /// The time is too far from ours.
    #[error("the request's time is more than five minutes from ours")]
    Stale,
    /// The signature does not fit.
    #[error("the request's signature is wrong")]
    BadSignature,
    /// The nonce was seen before.
    #[error("the request was received before")]
    Replayed,
    /// Too many requests within the window.
    #[error("too many signed requests within ten minutes to remember them all")]
    Busy,
}

/// What a server received.
#[derive(Debug, Clone, Copy)]
pub struct Incoming<'a> {
    /// Method in capitals.
    pub method: &'a str,
    /// Path with query as on the wire, before any routing changes it.
    pub path_and_query: &'a str,
    /// The whole body.
    pub body: &'a [u8],
    /// `Regain-Key`.
    pub key: Option<&'a str>,
    /// `Regain-Time`.
    pub time: Option<&'a str>,
    /// `Regain-Nonce`.
    pub nonce: Option<&'a str>,
    /// `Regain-Signature`.
    pub signature: Option<&'a str>,
}

impl<'a> Incoming<'a> {
    /// From a request's parts and a way to read a header by name.
    pub fn new(
        method: &'a str,
        path_and_query: &'a str,
        body: &'a [u8],
        header: impl Fn(&str) -> Option<&'a str>,
    ) -> Self {
        Self {
            method,
            path_and_query,
            body,
            key: header(KEY_HEADER),
            time: header(TIME_HEADER),
            nonce: header(NONCE_HEADER),
            signature: header(SIGNATURE_HEADER),
        }
    }
}

/// Proof that a request was verified; needed to sign the answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verified {
    key_id: String,
    nonce: String,
}

impl Verified {
    /// Identifier of the key that signed.
    #[must_use]
    pub fn key_id(&self) -> &str {
        &self.key_id
    }
}

#[derive(Debug, Default)]
struct NonceMemory {
    seen: HashSet<String>,
    by_expiry: BTreeSet<(Timestamp, String)>,
}

impl NonceMemory {
    fn remember(
        &mut self,
        nonce: &str,
        expires: Timestamp,
        now: Timestamp,
    ) -> Result<(), VerifyError> {
        while let Some((when, _)) = self.by_expiry.first() {
            if *when >= now {
                break;
            }
            if let Some((_, old)) = self.by_expiry.pop_first() {
                self.seen.remove(&old);
            }
        }
        if self.seen.contains(nonce) {
            return Err(VerifyError::Replayed);
        }
        if self.seen.len() >= NONCES_MAX {
            return Err(VerifyError::Busy);
        }
        self.seen.insert(nonce.to_owned());
        self.by_expiry.insert((expires, nonce.to_owned()));
        Ok(())
    }
}

/// Verifies requests and signs answers. One per process; a node that has its own memory accepts a
/// request that another node has seen, which the idempotency of every call makes harmless.
#[derive(Debug)]
pub struct Verifier {
    keys: SharedKeys,
    memory: Mutex<NonceMemory>,
}

impl Verifier {
    /// A verifier for these live keys.
    #[must_use]
    pub fn new(keys: SharedKeys) -> Self {
        Self {
            keys,
            memory: Mutex::new(NonceMemory::default()),
        }
    }

    /// Accepts a request once.
    ///
    /// # Errors
    /// [`VerifyError`] when it is unsigned, stale, wrong or seen before.
    pub fn verify(&self, request: &Incoming<'_>, now: Timestamp) -> Result<Verified, VerifyError> {
        let (verified, signed_at) = self.check(request, now)?;
        // Until its time is stale by itself, and not only for five minutes from now.
        let expires = signed_at + SKEW_MAX;
        let mut memory = self.memory.lock().unwrap_or_else(PoisonError::into_inner);
        memory.remember(&verified.nonce, expires, now)?;
        Ok(verified)
    }

    /// Accepts a request that changes nothing, as often as it comes within its five minutes: who
    /// repeats it hears what its sender may hear, bound to the sender's own nonce.
    ///
    /// # Errors
    /// [`VerifyError`] when it is unsigned, stale or wrong.
    pub fn verify_read(
        &self,
        request: &Incoming<'_>,
        now: Timestamp,
    ) -> Result<Verified, VerifyError> {
        Ok(self.check(request, now)?.0)
    }

    /// Everything but freshness; gives the time of signing, too.
    fn check(
        &self,
        request: &Incoming<'_>,
        now: Timestamp,
    ) -> Result<(Verified, Timestamp), VerifyError> {
        let (Some(key_id), Some(time), Some(nonce), Some(signature)) =
            (request.key, request.time, request.nonce, request.signature)
        else {
            return Err(VerifyError::Unsigned);
        };
        let millis: i64 = time.parse().map_err(|_| VerifyError::Unsigned)?;
        if !is_nonce(nonce) {
            return Err(VerifyError::Unsigned);
        }
        let key = self.keys.find(key_id).ok_or(VerifyError::UnknownKey)?;
        let parts = RequestParts {
            method: request.method,
            path_and_query: request.path_and_query,
            time,
            nonce,
            body: request.body,
        };
        if !request_verifies(key, &parts, signature) {
            return Err(VerifyError::BadSignature);
        }
        let signed_at = Timestamp::from_millis(millis);
        if signed_at > now + SKEW_MAX || signed_at + SKEW_MAX < now {
            return Err(VerifyError::Stale);
        }
        let verified = Verified {
            key_id: key_id.to_owned(),
            nonce: nonce.to_owned(),
        };
        Ok((verified, signed_at))
    }

    /// Headers that sign the answer to a verified request, with the same key.
    #[must_use]
    pub fn sign_answer(&self, request: &Verified, status: u16, body: &[u8]) -> SignedHeaders {
        self.keys
            .find(&request.key_id)
            .map(|key| sign_answer(key, &request.nonce, status, body))
            .unwrap_or_default()
    }

    /// The signature of an event of the stream that answers a verified request.
    #[must_use]
    pub fn sign_event(&self, request: &Verified, place: u64, data: &[u8]) -> String {
        self.keys
            .find(&request.key_id)
            .map(|key| sign_event(key, &request.nonce, place, data))
            .unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_memory_is_bounded_and_forgets_what_is_stale_by_itself() {
        let mut memory = NonceMemory::default();
        let now = Timestamp::from_millis(1_000);
        let expires = now + SKEW_MAX;
        for nonce in 0..NONCES_MAX {
            assert_eq!(memory.remember(&nonce.to_string(), expires, now), Ok(()));
        }
        let one_more = memory.remember("one more", expires, now);
        assert_eq!(
            one_more,
            Err(VerifyError::Busy),
            "it refuses rather than forgets"
        );
        assert_eq!(
            memory.remember("7", expires, expires),
            Err(VerifyError::Replayed)
        );
        let later = expires + Span::millis(1);
        assert_eq!(memory.remember("one more", later + SKEW_MAX, later), Ok(()));
        assert_eq!(memory.seen.len(), 1);
        assert_eq!(memory.by_expiry.len(), 1);
    }
}
