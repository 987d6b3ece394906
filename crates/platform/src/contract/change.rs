//! What changed of an account while its recovery waits.

use recovery::time::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Longest name that a platform gives a change, in bytes.
pub const CHANGE_KEY_MAX: usize = 128;

/// What changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum SecurityChangeKind {
    /// Another e-mail address.
    NewEmail,
    /// Another second factor.
    NewFactor,
    /// A sign-in from a device that the account had not used.
    NewDevice,
    /// A sign-in that the platform finds suspicious.
    SuspiciousLogin,
    /// Another password.
    PasswordChanged,
    /// Something else, or a kind that this version of the contract does not know: it counts.
    #[serde(other)]
    Other,
}

/// Something security-relevant changed while a recovery of the account waits:
/// `POST /platform/v1/accounts/{ref}/changes`. It can only make the wait longer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ChangeRequest {
    /// What changed.
    pub kind: SecurityChangeKind,
    /// When.
    #[schema(value_type = i64)]
    pub at: Timestamp,
    /// The platform's own name for this change, 1 to 128 bytes: told again, it counts once. Only a
    /// keyed digest is kept.
    pub idempotency_key: String,
}

/// What became of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ChangeAnswer {
    /// Whether it made a wait longer; false when nothing waits, when policy gives the change no
    /// weight, when the wait has grown as far as it may, and when it was told before.
    pub longer: bool,
}
