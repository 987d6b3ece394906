//! A list of mail domains, made to be thrown away or registered lately: one a line, `#` begins a
//! remark.

use std::collections::HashSet;
use std::path::Path;

use super::watched::{SourceError, read_file};

/// Bytes of a list: public ones have a tenth of a megabyte.
const LIST_MAX: u64 = 16 << 20;
/// Bytes of a domain (RFC 1035 2.3.4).
const DOMAIN_MAX: usize = 253;

/// Domains in lower case.
#[derive(Debug)]
pub(super) struct Domains(HashSet<String>);

impl Domains {
    /// Reads a file. One line that is no domain makes the whole file unusable: it is another file.
    pub(super) fn open(path: &Path) -> Result<Self, SourceError> {
        let bytes = read_file(path, LIST_MAX)?;
        Self::parse(&String::from_utf8_lossy(&bytes))
    }

    pub(super) fn parse(text: &str) -> Result<Self, SourceError> {
        let mut domains = HashSet::new();
        for (number, line) in (1..).zip(text.lines()) {
            let entry = line.split('#').next().unwrap_or_default().trim();
            if entry.is_empty() {
                continue;
            }
            let domain = entry.trim_end_matches('.').to_lowercase();
            if !is_domain(&domain) {
                return Err(SourceError::Line(number));
            }
            domains.insert(domain);
        }
        if domains.is_empty() {
            return Err(SourceError::Empty);
        }
        Ok(Self(domains))
    }

    pub(super) fn contains(&self, domain: &str) -> bool {
        self.0.contains(domain)
    }

    pub(super) fn len(&self) -> usize {
        self.0.len()
    }
}

fn is_domain(text: &str) -> bool {
    text.len() <= DOMAIN_MAX
        && text.contains('.')
        && text.split('.').all(|label| !label.is_empty())
        && text
            .chars()
            .all(|c| c.is_alphanumeric() || "-._".contains(c))
}
