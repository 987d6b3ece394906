//! What is bound and what is secured in a handover.

use serde::{Deserialize, Serialize};

/// A credential bound in the handover.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CredentialKind {
    /// The proved new address.
    Email,
    /// A new password.
    Password,
    /// A new authenticator.
    Totp,
    /// A new passkey.
    Passkey,
    /// Codes that sign in once each in the place of the authenticator, saved by the applicant.
    RecoveryCodes,
}

/// Something old that is secured, by its name in the platform contract (`api_keys`, ...).
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct SecuringAction(pub String);

/// What is done to it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SecuringVerb {
    /// Out of force, can come back.
    Suspend,
    /// Back in force.
    Restore,
    /// Gone for ever.
    Destroy,
}
