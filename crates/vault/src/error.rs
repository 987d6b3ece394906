//! What can go wrong in the vault. No variant holds plaintext or key material.

use thiserror::Error;

/// Why the vault could not do what was asked.
#[derive(Debug, Error)]
pub enum VaultError {
    /// The case has no key: it was destroyed, or never made.
    #[error("the case has no key: destroyed, or never made")]
    NoKey,
    /// A key was asked for a case whose key was destroyed; it is never made again.
    #[error("the key of this case was destroyed and is never made again")]
    Destroyed,
    /// Authentication failed: altered, cut short, another key, another case or another name.
    #[error("sealed data does not open: damaged, or not sealed for this case and name")]
    Damaged,
    /// There is no object of that name.
    #[error("there is no such object")]
    Missing,
    /// More bytes than [`crate::MAX_SEALED_BYTES`].
    #[error("more than {} bytes in one sealed item", crate::MAX_SEALED_BYTES)]
    TooLarge,
    /// More objects or keys than one listing may hold.
    #[error("more than {0} entries in one listing")]
    TooMany(usize),
    /// A name outside the allowed symbols.
    #[error("not a name: letters, digits, `_`, `.`, `-` and single `/` between parts")]
    BadName,
    /// A location that cannot be used.
    #[error("not a usable location: {0}")]
    BadLocation(&'static str),
    /// Something is wrong with the master keys.
    #[error("master key: {0}")]
    Master(#[from] MasterProblem),
    /// The store underneath failed; trying again later may help.
    #[error("the store failed")]
    Storage(#[source] Box<dyn std::error::Error + Send + Sync>),
}

/// What is wrong with a master key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum MasterProblem {
    /// The file or the environment variable cannot be read.
    #[error("cannot be read")]
    Unreadable,
    /// Not exactly one `AGE-SECRET-KEY-1...` line.
    #[error("must hold exactly one line AGE-SECRET-KEY-1...")]
    Malformed,
    /// The vault was opened without one.
    #[error("none given")]
    NoneGiven,
    /// None of the given master keys opens a wrapped key, or that wrapped key is damaged.
    #[error("none of those given opens this wrapped key (or the wrapped key is damaged)")]
    NoneOpens,
}

impl VaultError {
    /// Wraps an error of the store, or of the machine underneath.
    pub(crate) fn storage(source: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        Self::Storage(source.into())
    }
}
