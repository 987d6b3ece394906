//! What can go wrong when somebody asks the engine, in the words of the caller.

use recovery::case::Refusal;
use recovery::time::Timestamp;
use thiserror::Error;

/// Why a request did not succeed.
#[derive(Debug, Error)]
pub enum EngineError {
    /// The rules do not allow it: an answer, not a fault.
    #[error("{0}")]
    Refused(#[from] Refusal),
    /// What was typed cannot be used; `sentence` stands beside `field` on the page.
    #[error("{sentence}")]
    Input {
        /// The form field.
        field: &'static str,
        /// Stable code for scripts.
        code: &'static str,
        /// What to do, in plain words.
        sentence: String,
    },
    /// A file cannot be used; the refusal has a code and a sentence.
    #[error("{}", .0.sentence())]
    Media(#[from] evidence::MediaRefusal),
    /// No such thing, or not this caller's.
    #[error("there is nothing here")]
    NotFound,
    /// Too many tries; nobody is locked out, it can be done again from this moment on.
    #[error("too many tries for now")]
    Limited {
        /// When it can be tried again.
        until: Timestamp,
    },
    /// Somebody else was faster; loading again shows what changed.
    #[error("the case moved on meanwhile; nothing was saved")]
    MovedOn,
    /// Something this needs is not there just now. Nothing is lost.
    #[error("{what} does not answer just now; nothing is lost, try again in a few minutes")]
    Unavailable {
        /// What, in plain words.
        what: &'static str,
    },
    /// Our fault; the reference finds it in the log.
    #[error("something went wrong on our side (reference {reference})")]
    Internal {
        /// Six symbols, also in the log line.
        reference: String,
    },
}

/// What every call of the engine returns.
pub type Result<T> = std::result::Result<T, EngineError>;

impl EngineError {
    /// Logs what really happened under a reference and keeps it from the caller.
    pub(crate) fn internal(what: &'static str, error: &dyn std::fmt::Display) -> Self {
        use std::sync::atomic::{AtomicU32, Ordering};
        static COUNT: AtomicU32 = AtomicU32::new(1);
        let reference = format!(
            "{:06X}",
            COUNT.fetch_add(0x9E37, Ordering::Relaxed) & 0xFF_FFFF
        );
        tracing::error!(reference, what, error = %error, "internal error");
        Self::Internal { reference }
    }
}

impl From<store::StoreError> for EngineError {
    fn from(error: store::StoreError) -> Self {
        match error {
            store::StoreError::Conflict => Self::MovedOn,
            store::StoreError::Taken(store::Rule::OneApprovalPerAccount) => {
                Self::Refused(Refusal::AlreadyApproved)
            }
            store::StoreError::Taken(_) => Self::MovedOn,
            store::StoreError::Unavailable(_) => Self::Unavailable {
                what: "the database",
            },
            other => Self::internal("store", &other),
        }
    }
}

impl From<vault::VaultError> for EngineError {
    fn from(error: vault::VaultError) -> Self {
        match error {
            vault::VaultError::NoKey
            | vault::VaultError::Destroyed
            | vault::VaultError::Missing => Self::NotFound,
            vault::VaultError::Storage(_) => Self::Unavailable {
                what: "the evidence store",
            },
            other => Self::internal("vault", &other),
        }
    }
}

impl From<platform::ClientError> for EngineError {
    fn from(error: platform::ClientError) -> Self {
        tracing::warn!(error = %error, "the platform did not answer as it should");
        Self::Unavailable {
            what: "the platform",
        }
    }
}
