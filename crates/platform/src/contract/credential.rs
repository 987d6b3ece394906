//! New credentials: checked, staged, and active only when the old factors are suspended.

use recovery::sensitive::Sensitive;
use recovery::time::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Asks whether a password would do: `POST /accounts/{ref}/credentials/password/check`.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PasswordCheck {
    /// The password as typed.
    #[schema(value_type = String)]
    pub password: Sensitive<String>,
}

/// Why a password does not do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum PasswordReason {
    /// Shorter than the platform takes.
    TooShort,
    /// Longer than the platform takes.
    TooLong,
    /// On a list of common or leaked passwords.
    TooCommon,
    /// The account used it before.
    UsedBefore,
    /// It holds the user name or the e-mail address.
    HoldsIdentity,
    /// Another reason of the platform.
    #[serde(other)]
    Other,
}

/// Whether the password would do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct PasswordAnswer {
    /// Yes or no.
    pub acceptable: bool,
    /// The reason of a no.
    pub reason: Option<PasswordReason>,
}

/// The hash inside a TOTP (RFC 6238 section 1.2).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub enum TotpAlgorithm {
    /// HMAC-SHA-1, which every authenticator speaks.
    #[serde(rename = "SHA1")]
    Sha1,
    /// HMAC-SHA-256.
    #[serde(rename = "SHA256")]
    Sha256,
}

/// A new authenticator, whose first code the applicant already proved to Regain.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TotpSecret {
    /// Secret in base 32 without padding, 128 bits at least (RFC 4226 section 4, R6).
    #[schema(value_type = String)]
    pub secret: Sensitive<String>,
    /// The hash.
    pub algorithm: TotpAlgorithm,
    /// Digits of a code: 6 or 8.
    pub digits: u8,
    /// Seconds of a step: 30.
    pub period: u16,
    /// The step (RFC 6238 section 4.2, T) whose code was the proof. A code serves once (section
    /// 5.2), so whoever signs in shows a code of a later step.
    #[serde(default)]
    pub used_step: Option<u64>,
}

/// A new passkey, made on Regain's page for the platform's relying party.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PasskeyCredential {
    /// For whom it was made.
    pub rp_id: String,
    /// The stored credential (public key, identifier, counter): what `webauthn-rs` stores of a
    /// passkey, opaque to the contract.
    #[schema(value_type = Object)]
    pub credential: serde_json::Value,
}

/// Stages new credentials: `PUT /accounts/{ref}/recoveries/{case}/credentials`.
///
/// Each kind that is present replaces what was staged of that kind. The same
/// idempotency key with the same body does nothing again, with another body it is refused (409).
/// So is, under a key that is not known yet, what belongs to an earlier handover of the case than
/// one that was seen (409, `earlier_handover`): a call under way in the browser of whoever began
/// before may come last.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CredentialsRequest {
    /// Names this request for ever: 1 to 128 characters.
    pub idempotency_key: String,
    /// When the handover began that this belongs to. It tells handovers of one case apart.
    #[schema(value_type = i64)]
    pub begun_at: Timestamp,
    /// The proved new e-mail address.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    pub email: Option<Sensitive<String>>,
    /// The new password.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    pub password: Option<Sensitive<String>>,
    /// The new authenticator.
    #[serde(default)]
    pub totp: Option<TotpSecret>,
    /// The new passkey.
    #[serde(default)]
    pub passkey: Option<PasskeyCredential>,
    /// New recovery codes: [`RECOVERY_CODES`] many, each 80 random bits as 16 letters and digits in
    /// groups. They are staged and replaced together. Absent for a platform that has none, which
    /// may not know the field.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Vec<String>>)]
    pub recovery_codes: Option<Vec<Sensitive<String>>>,
    /// What may stay of what was staged for this case before: a kind that is false here is taken
    /// away, unless this request stages it anew. Absent: all of it stays. Whoever began the
    /// handover before leaves nothing behind that comes into force.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub keep: Option<StagedCredentials>,
}

impl CredentialsRequest {
    /// A request of this key for this handover that stages nothing yet, and takes nothing away.
    #[must_use]
    pub fn nothing(idempotency_key: impl Into<String>, begun_at: Timestamp) -> Self {
        Self {
            idempotency_key: idempotency_key.into(),
            begun_at,
            email: None,
            password: None,
            totp: None,
            passkey: None,
            recovery_codes: None,
            keep: None,
        }
    }
}

/// The code of the refusal of what belongs to an earlier handover.
pub const EARLIER_HANDOVER: &str = "earlier_handover";

/// How many recovery codes Regain makes (UX.md P26).
pub const RECOVERY_CODES: usize = 12;

/// A recovery code as it is compared: letters in capitals and digits, without what groups them.
#[must_use]
pub fn plain_recovery_code(typed: &str) -> String {
    let plain = typed.chars().filter(char::is_ascii_alphanumeric);
    plain.map(|c| c.to_ascii_uppercase()).collect()
}

/// Which kinds are staged now: answer of the `PUT`, and of `GET` at the same place.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct StagedCredentials {
    /// An e-mail address.
    pub email: bool,
    /// A password.
    pub password: bool,
    /// An authenticator.
    pub totp: bool,
    /// A passkey.
    pub passkey: bool,
    /// Recovery codes.
    #[serde(default)]
    pub recovery_codes: bool,
}
