//! The enrolment assertion: Regain's word that this browser may make a new credential for a case on
//! the platform's own page.
//!
//! Text form as that of the entry ticket, with the label `regain-enrol-v1`; the payload is the JSON
//! of [`EnrolAssertion`]. Regain signs, the platform verifies. It signs nobody in: what is made on
//! that page is staged for the case and counts only when the handover ends.

use recovery::id::{AccountRef, CaseId};
use recovery::time::{Span, Timestamp};
use serde::{Deserialize, Serialize};
use thiserror::Error;
use url::Url;
use utoipa::ToSchema;

use crate::keys::{SharedKey, SharedKeys};
use crate::paths::is_account_ref;
use crate::signature::is_nonce;
use crate::signed_text::{self, Broken};
use crate::transport::stays_private;

/// Longest life of an assertion.
pub const LIFE_MAX: Span = Span::minutes(10);
/// How far in the future one may have been issued (clocks differ).
const AHEAD_MAX: Span = Span::minutes(1);
/// Longest assertion, in bytes.
const TEXT_MAX: usize = 2048;
/// Longest address to go back to, in bytes.
const RETURN_MAX: usize = 512;

const LABEL: &[u8] = b"regain-enrol-v1";

/// Why an assertion is worth nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum AssertionError {
    /// Not in the form of an assertion.
    #[error("this is not an enrolment assertion")]
    Malformed,
    /// No live key made this signature.
    #[error("the enrolment assertion was not signed by Regain")]
    Forged,
    /// Its time is over.
    #[error("the enrolment assertion has expired")]
    Expired,
    /// It was issued in the future or for longer than ten minutes.
    #[error("the enrolment assertion's times are not acceptable")]
    BadTimes,
}

/// What may be made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum EnrolPurpose {
    /// One passkey.
    Passkey,
}

/// What an assertion says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct EnrolAssertion {
    /// For which account.
    #[schema(value_type = String)]
    pub account: AccountRef,
    /// For which case it is staged.
    #[schema(value_type = String)]
    pub case: CaseId,
    /// When the handover began that it belongs to. It tells handovers of one case apart: what was
    /// made for an earlier one than was seen is staged no more.
    #[schema(value_type = i64)]
    pub begun_at: Timestamp,
    /// What may be made.
    pub purpose: EnrolPurpose,
    /// When it was issued.
    #[schema(value_type = i64)]
    pub issued_at: Timestamp,
    /// When it expires, at most ten minutes later.
    #[schema(value_type = i64)]
    pub expires_at: Timestamp,
    /// 128 random bits in base64url: the platform keeps it, and takes each once.
    pub nonce: String,
    /// Where the browser goes back to: https (or http on this machine), on Regain's origin.
    pub return_url: String,
}

impl EnrolAssertion {
    /// The assertion as text, for an address.
    ///
    /// # Errors
    /// [`AssertionError`] when its own parts would not verify.
    pub fn sign(&self, key: &SharedKey) -> Result<String, AssertionError> {
        self.check_parts()?;
        let payload = serde_json::to_vec(self).map_err(|_| AssertionError::Malformed)?;
        Ok(signed_text::sign(LABEL, &payload, key))
    }

    fn check_parts(&self) -> Result<(), AssertionError> {
        let back = Url::parse(&self.return_url).is_ok_and(|url| stays_private(&url));
        let known = is_account_ref(&self.account.0) && is_nonce(&self.nonce);
        if !known || !back || self.return_url.len() > RETURN_MAX {
            return Err(AssertionError::Malformed);
        }
        let life = self.expires_at.since(self.issued_at);
        if life <= Span::ZERO || life > LIFE_MAX {
            return Err(AssertionError::BadTimes);
        }
        Ok(())
    }
}

/// The platform's page with an assertion in its query; nothing for a page that would be no safe
/// place to send a browser to.
#[must_use]
pub fn page_with(page: &str, assertion: &str) -> Option<Url> {
    let mut url = Url::parse(page).ok().filter(stays_private)?;
    url.query_pairs_mut().append_pair("assertion", assertion);
    Some(url)
}

/// Reads an assertion. Single use is the caller's: it stores `nonce` until `expires_at`, uniquely.
///
/// # Errors
/// [`AssertionError`] when it is malformed, forged, expired or lives too long.
pub fn verify_assertion(
    text: &str,
    keys: &SharedKeys,
    now: Timestamp,
) -> Result<EnrolAssertion, AssertionError> {
    let payload =
        signed_text::open(LABEL, text, TEXT_MAX, keys).map_err(|broken| match broken {
            Broken::Malformed => AssertionError::Malformed,
            Broken::Forged => AssertionError::Forged,
        })?;
    let assertion: EnrolAssertion =
        serde_json::from_slice(&payload).map_err(|_| AssertionError::Malformed)?;
    assertion.check_parts()?;
    if assertion.issued_at > now + AHEAD_MAX {
        return Err(AssertionError::BadTimes);
    }
    if assertion.expires_at <= now {
        return Err(AssertionError::Expired);
    }
    Ok(assertion)
}
