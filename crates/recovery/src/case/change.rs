//! Changes of an account while its recovery waits: what each is called.

use serde::{Deserialize, Serialize};

/// Something security-relevant that changed during the wait.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ChangeKind {
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
    /// The handover was begun again; Regain sees this one itself.
    Handover,
    /// Another change that the platform finds worth telling.
    Other,
}

impl ChangeKind {
    /// Every kind.
    pub const ALL: [Self; 7] = [
        Self::NewEmail,
        Self::NewFactor,
        Self::NewDevice,
        Self::SuspiciousLogin,
        Self::PasswordChanged,
        Self::Handover,
        Self::Other,
    ];

    /// The stable name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::NewEmail => "new_email",
            Self::NewFactor => "new_factor",
            Self::NewDevice => "new_device",
            Self::SuspiciousLogin => "suspicious_login",
            Self::PasswordChanged => "password_changed",
            Self::Handover => "handover",
            Self::Other => "other",
        }
    }

    /// The reason that stands with a longer wait.
    #[must_use]
    pub fn reason(self) -> String {
        format!("change.{}", self.name())
    }
}
