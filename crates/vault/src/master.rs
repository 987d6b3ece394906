//! The operator's master key: wraps the key of every case.

use std::fmt;
use std::path::Path;

use age::secrecy::ExposeSecret;
use age::x25519;
use zeroize::Zeroizing;

use crate::error::MasterProblem;

/// Bytes of a master key file that are read; a key line has 74, comments may follow.
const MAX_FILE_BYTES: u64 = 16 * 1024;

/// A master key: an age identity, `AGE-SECRET-KEY-1...`, as `age-keygen` writes it.
#[derive(Clone)]
pub struct MasterKey(x25519::Identity);

impl MasterKey {
    /// A new key, from the operating system's random source: for tests, the demo and set-up.
    #[must_use]
    pub fn generate() -> Self {
        Self(x25519::Identity::generate())
    }

    /// Reads a key from text: one key line; empty lines and `#` comments are skipped.
    ///
    /// # Errors
    /// [`MasterProblem::Malformed`].
    pub fn parse(text: &str) -> Result<Self, MasterProblem> {
        key_line(text)
            .and_then(|line| line.parse().ok())
            .map(Self)
            .ok_or(MasterProblem::Malformed)
    }

    /// Reads a key from a file.
    ///
    /// # Errors
    /// [`MasterProblem`]: the file cannot be read, is too long, or holds no key.
    pub fn from_file(path: impl AsRef<Path>) -> Result<Self, MasterProblem> {
        let path = path.as_ref();
        let meta = std::fs::metadata(path).map_err(|_| MasterProblem::Unreadable)?;
        if meta.len() > MAX_FILE_BYTES {
            return Err(MasterProblem::Malformed);
        }
        let text = std::fs::read_to_string(path).map_err(|_| MasterProblem::Unreadable)?;
        Self::parse(&Zeroizing::new(text))
    }

    /// Reads a key from an environment variable.
    ///
    /// # Errors
    /// [`MasterProblem`]: the variable is not set, or holds no key.
    #[expect(
        clippy::disallowed_methods,
        reason = "a secret takes no way through configuration"
    )]
    pub fn from_env(variable: &str) -> Result<Self, MasterProblem> {
        let text = std::env::var(variable).map_err(|_| MasterProblem::Unreadable)?;
        Self::parse(&Zeroizing::new(text))
    }

    /// The key as text with a line end, to be kept in a file of the operator's.
    #[must_use]
    pub fn to_secret_text(&self) -> Zeroizing<String> {
        let text = self.0.to_string();
        Zeroizing::new(format!("{}\n", text.expose_secret()))
    }

    pub(crate) const fn identity(&self) -> &x25519::Identity {
        &self.0
    }
}

impl fmt::Debug for MasterKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[redacted]")
    }
}

/// The only line that is neither empty nor a comment.
pub(crate) fn key_line(text: &str) -> Option<&str> {
    let mut lines = text
        .lines()
        .map(str::trim)
        .filter(|l| !l.is_empty() && !l.starts_with('#'));
    match (lines.next(), lines.next()) {
        (Some(line), None) => Some(line),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn reads_what_it_writes_and_what_age_keygen_writes() {
        let key = MasterKey::generate();
        let text = key.to_secret_text();
        let file = format!(
            "# created: 2026-11-23\n# public key: age1x\n\n{}",
            text.as_str()
        );
        assert_eq!(*MasterKey::parse(&file).unwrap().to_secret_text(), *text);
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("master.txt");
        std::fs::write(&path, file).unwrap();
        assert_eq!(
            *MasterKey::from_file(&path).unwrap().to_secret_text(),
            *text
        );
    }

    #[test]
    fn refuses_none_two_and_broken_keys() {
        let key = MasterKey::generate().to_secret_text();
        for text in [
            "",
            "# only a comment",
            "AGE-SECRET-KEY-1QQ",
            &format!("{0}{0}", *key),
        ] {
            assert_eq!(
                MasterKey::parse(text).unwrap_err(),
                MasterProblem::Malformed
            );
        }
        let absent = MasterKey::from_file("/nonexistent/master.txt");
        assert_eq!(absent.unwrap_err(), MasterProblem::Unreadable);
        let unset = MasterKey::from_env("REGAIN_TEST_VARIABLE_THAT_IS_NOT_SET");
        assert_eq!(unset.unwrap_err(), MasterProblem::Unreadable);
    }

    #[test]
    fn debug_shows_nothing() {
        assert_eq!(format!("{:?}", MasterKey::generate()), "[redacted]");
    }
}
