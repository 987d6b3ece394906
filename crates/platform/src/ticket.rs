//! The entry ticket: what a platform tells Regain about the browser that it sends over (M1).
//!
//! Text form: `base64url(payload).base64url(HMAC-SHA-256)`, without padding; the payload is the
//! JSON of [`EntryTicket`], and the signature is over `regain-ticket-v1`, a line feed and the
//! encoded payload, with a shared key. A ticket opens nothing: it carries a device that the
//! platform knows (M7) and, from its app, which account is meant.

use recovery::id::AccountRef;
use recovery::sensitive::Sensitive;
use recovery::time::{Span, Timestamp};
use serde::{Deserialize, Serialize};
use thiserror::Error;
use utoipa::ToSchema;

use crate::keys::{SharedKey, SharedKeys};
use crate::paths::is_account_ref;
use crate::signature::is_nonce;
use crate::signed_text::{self, Broken};

/// Longest life of a ticket.
pub const LIFE_MAX: Span = Span::minutes(10);
/// How far in the future a ticket may have been issued (clocks differ).
const AHEAD_MAX: Span = Span::minutes(1);
/// Longest ticket, in bytes.
const TEXT_MAX: usize = 2048;
/// Longest device token, in bytes.
const DEVICE_MAX: usize = 256;

const LABEL: &[u8] = b"regain-ticket-v1";

/// Why a ticket is worth nothing. Entry goes on without it: it is a hint, not a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum TicketError {
    /// Not in the form of a ticket.
    #[error("this is not an entry ticket")]
    Malformed,
    /// No live key made this signature.
    #[error("the entry ticket was not signed by this platform")]
    Forged,
    /// Its time is over.
    #[error("the entry ticket has expired")]
    Expired,
    /// It was issued in the future or for longer than ten minutes.
    #[error("the entry ticket's times are not acceptable")]
    BadTimes,
}

/// What a ticket says.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct EntryTicket {
    /// Which account is meant, when the platform knows (its app does, its login page may not).
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    pub account: Option<AccountRef>,
    /// The device, by the token that the dossier's logins carry. Never a cookie's own value: that
    /// would open a session to whoever reads the address.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    pub device: Option<Sensitive<String>>,
    /// When it was issued.
    #[schema(value_type = i64)]
    pub issued_at: Timestamp,
    /// When it expires, at most ten minutes later.
    #[schema(value_type = i64)]
    pub expires_at: Timestamp,
    /// 128 random bits in base64url: whoever verifies keeps it, and takes each once.
    pub nonce: String,
}

impl EntryTicket {
    /// The ticket as text, for an address.
    ///
    /// # Errors
    /// [`TicketError`] when its own parts would not verify.
    pub fn sign(&self, key: &SharedKey) -> Result<String, TicketError> {
        self.check_parts()?;
        let payload = serde_json::to_vec(self).map_err(|_| TicketError::Malformed)?;
        Ok(signed_text::sign(LABEL, &payload, key))
    }

    fn check_parts(&self) -> Result<(), TicketError> {
        let account = self
            .account
            .as_ref()
            .is_none_or(|account| is_account_ref(&account.0));
        let device = self.device.as_ref().is_none_or(|device| {
            let device = device.reveal();
            !device.is_empty() && device.len() <= DEVICE_MAX
        });
        if !account || !device || !is_nonce(&self.nonce) {
            return Err(TicketError::Malformed);
        }
        let life = self.expires_at.since(self.issued_at);
        if life <= Span::ZERO || life > LIFE_MAX {
            return Err(TicketError::BadTimes);
        }
        Ok(())
    }
}

/// Reads a ticket. Single use is the caller's: it stores `nonce` until `expires_at`, uniquely.
///
/// # Errors
/// [`TicketError`] when it is malformed, forged, expired or lives too long.
pub fn verify_ticket(
    text: &str,
    keys: &SharedKeys,
    now: Timestamp,
) -> Result<EntryTicket, TicketError> {
    let payload =
        signed_text::open(LABEL, text, TEXT_MAX, keys).map_err(|broken| match broken {
            Broken::Malformed => TicketError::Malformed,
            Broken::Forged => TicketError::Forged,
        })?;
    let ticket: EntryTicket =
        serde_json::from_slice(&payload).map_err(|_| TicketError::Malformed)?;
    ticket.check_parts()?;
    if ticket.issued_at > now + AHEAD_MAX {
        return Err(TicketError::BadTimes);
    }
    if ticket.expires_at <= now {
        return Err(TicketError::Expired);
    }
    Ok(ticket)
}
