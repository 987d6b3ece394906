//! Why a call gave no answer: the kinds of failures, and nothing that the other side said in words.

use thiserror::Error;

use crate::contract::Problem;

/// Longest code of a problem that is passed on.
const PROBLEM_CODE_MAX: usize = 64;

/// Why a call gave no answer. Holds no personal data.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum ClientError {
    /// No connection, or it broke.
    #[error("the other side cannot be reached")]
    Unreachable,
    /// No whole answer in time. Whether the call took effect is unknown.
    #[error("the other side did not answer in time")]
    Timeout,
    /// A signed refusal.
    #[error("the other side answered {code} ({})", problem.as_deref().unwrap_or("no code"))]
    Status {
        /// HTTP status.
        code: u16,
        /// The stable code of the problem, if it names one.
        problem: Option<String>,
    },
    /// The answer bears no right signature: it may come from anybody.
    #[error("the answer (status {code}) is not signed by the other side")]
    Unsigned {
        /// HTTP status, not to be trusted.
        code: u16,
    },
    /// Signed, but not in the contract's form.
    #[error("the answer is not in the contract's form")]
    Malformed,
    /// Longer than the contract allows.
    #[error("the answer is longer than the contract allows")]
    TooLarge,
    /// The account reference cannot stand in a path.
    #[error("an account reference is 1 to 128 letters, digits, dashes and underscores")]
    BadAccount,
    /// The base address does not do.
    #[error("the base address must be https (or http on this machine), without query")]
    BadBaseUrl,
    /// The HTTP client could not be set up (no trust roots, say).
    #[error("the HTTP client cannot be set up")]
    Setup,
}

impl ClientError {
    /// Whether it is a signed refusal that names this problem.
    #[must_use]
    pub fn is(&self, problem: &str) -> bool {
        matches!(self, Self::Status { problem: Some(named), .. } if named == problem)
    }
}

/// What a failed request came to.
pub(crate) fn failure(error: &reqwest::Error) -> ClientError {
    if error.is_timeout() {
        ClientError::Timeout
    } else {
        ClientError::Unreachable
    }
}

/// A signed refusal, with the problem's code where it is one.
pub(crate) fn refusal(code: u16, body: &[u8]) -> ClientError {
    let is_code = |text: &String| {
        text.len() <= PROBLEM_CODE_MAX
            && text
                .bytes()
                .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b"_.".contains(&b))
    };
    let problem = serde_json::from_slice::<Problem>(body)
        .ok()
        .map(|problem| problem.code);
    ClientError::Status {
        code,
        problem: problem.filter(is_code),
    }
}
