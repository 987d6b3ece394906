//! Names of sealed objects and records.

use std::fmt;
use std::str::FromStr;

use recovery::id::{EvidenceId, UploadId};

use crate::error::VaultError;

/// Symbols of a whole name. Ours; it keeps the header of a sealed item short.
const MAX_NAME: usize = 200;
/// Symbols of one part of a name; file systems take 255 bytes, suffixes included.
const MAX_PART: usize = 120;
/// Digits of an upload offset, so that names sort as offsets do.
const OFFSET_DIGITS: usize = 12;

/// The name of one sealed object within its case: made from identifiers, never from what a
/// person typed. Parts of `[A-Za-z0-9_.-]`, separated by single slashes; no part begins with a
/// dot or ends in `.age`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ObjectName(String);

impl ObjectName {
    /// The name of one chunk of an unfinished upload: `up_.../000000524288`.
    #[must_use]
    pub fn chunk(upload: &UploadId, offset: u64) -> Self {
        Self(format!("{upload}/{offset:0OFFSET_DIGITS$}"))
    }

    /// The name as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl From<&EvidenceId> for ObjectName {
    fn from(id: &EvidenceId) -> Self {
        Self(id.as_str().to_owned())
    }
}

impl FromStr for ObjectName {
    type Err = VaultError;

    fn from_str(text: &str) -> Result<Self, VaultError> {
        check(text)?;
        Ok(Self(text.to_owned()))
    }
}

impl fmt::Display for ObjectName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Whether a text may name a sealed object or record.
///
/// # Errors
/// [`VaultError::BadName`].
pub(crate) fn check(text: &str) -> Result<(), VaultError> {
    let fits = text.len() <= MAX_NAME && text.split('/').all(is_part);
    if fits {
        Ok(())
    } else {
        Err(VaultError::BadName)
    }
}

/// `.age` is refused at the end, since `a.age/b` and `a` would then want the same place on disk.
fn is_part(part: &str) -> bool {
    let symbols = part
        .bytes()
        .all(|b| b.is_ascii_alphanumeric() || b"_.-".contains(&b));
    (1..=MAX_PART).contains(&part.len())
        && symbols
        && !part.starts_with('.')
        && !part.ends_with(".age")
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn names_that_could_leave_their_folder_are_refused() {
        for bad in [
            "", "/", "a/", "/a", "a//b", "..", "a/../b", ".hidden", "a b", "a\n", "ü",
        ] {
            assert!(bad.parse::<ObjectName>().is_err(), "{bad:?}");
        }
        assert!("a.age/b".parse::<ObjectName>().is_err());
        assert!("a\\b".parse::<ObjectName>().is_err());
        assert!("x".repeat(MAX_PART + 1).parse::<ObjectName>().is_err());
    }

    #[test]
    fn names_from_identifiers_pass_their_own_check() {
        let upload: UploadId = "up_01J9ZQ5C8W0000000000000000".parse().unwrap();
        let name = ObjectName::chunk(&upload, 524_288);
        assert_eq!(name.as_str(), "up_01J9ZQ5C8W0000000000000000/000000524288");
        assert_eq!(name.as_str().parse::<ObjectName>().unwrap(), name);
        assert!(
            ObjectName::chunk(&upload, u64::MAX)
                .as_str()
                .parse::<ObjectName>()
                .is_ok()
        );
    }
}
