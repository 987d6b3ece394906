//! E-mail addresses as people type them.

use recovery::sensitive::Sensitive;
use serde::{Deserialize, Serialize};
use thiserror::Error;

/// RFC 5321: a path of 256 octets with its angle brackets.
const MAX_ADDRESS: usize = 254;
/// RFC 5321, section 4.5.3.1.1.
const MAX_LOCAL: usize = 64;
/// RFC 1035, section 2.3.4.
const MAX_LABEL: usize = 63;
/// More than this is not read at all.
const MAX_INPUT: usize = 1024;

/// Why a text is not taken as an address.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum AddressError {
    /// Nothing was typed.
    #[error("Enter an e-mail address")]
    Empty,
    /// Not of the form that mail servers everywhere accept.
    #[error("Enter an e-mail address in the form name@example.com")]
    Form,
    /// Longer than an address can be.
    #[error("That is too long to be an e-mail address")]
    TooLong,
}

/// An address that mail can be sent to: one `@`, plain name, a domain of at least two labels in
/// lower case. Redacted in `Debug`.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct EmailAddress(Sensitive<String>);

impl EmailAddress {
    /// Reads an address as typed: blanks around it, invisible characters and full-width letters
    /// are mended, the domain becomes lower case. The name before the `@` keeps its case.
    ///
    /// # Errors
    /// [`AddressError`], whose text is the sentence for the field.
    pub fn parse(typed: &str) -> Result<Self, AddressError> {
        if typed.len() > MAX_INPUT {
            return Err(AddressError::TooLong);
        }
        let mended: String = typed.chars().filter_map(mend).collect();
        let plain = mended.trim();
        let plain = plain.strip_prefix("mailto:").unwrap_or(plain);
        if plain.is_empty() {
            return Err(AddressError::Empty);
        }
        if plain.len() > MAX_ADDRESS {
            return Err(AddressError::TooLong);
        }
        let (local, domain) = plain.rsplit_once('@').ok_or(AddressError::Form)?;
        let domain = domain.to_ascii_lowercase();
        if !is_local(local) || !is_domain(&domain) {
            return Err(AddressError::Form);
        }
        Ok(Self(Sensitive::new(format!("{local}@{domain}"))))
    }

    /// The address to send to.
    #[must_use]
    pub const fn address(&self) -> &Sensitive<String> {
        &self.0
    }

    /// The form under which two addresses are the same one: all lower case. Mail providers that
    /// tell `Ann@` from `ann@` do not exist in practice.
    #[must_use]
    pub fn comparable(&self) -> Sensitive<String> {
        Sensitive::new(self.0.reveal().to_ascii_lowercase())
    }
}

impl TryFrom<String> for EmailAddress {
    type Error = AddressError;

    fn try_from(text: String) -> Result<Self, AddressError> {
        Self::parse(&text)
    }
}

impl From<EmailAddress> for String {
    fn from(address: EmailAddress) -> Self {
        address.0.reveal().clone()
    }
}

/// The character meant: full-width forms become plain, invisible ones vanish.
fn mend(c: char) -> Option<char> {
    match c {
        '\u{00AD}' | '\u{200B}'..='\u{200F}' | '\u{2060}' | '\u{FEFF}' => None,
        '\u{00A0}' | '\u{3000}' => Some(' '),
        '\u{FF01}'..='\u{FF5E}' => char::from_u32(u32::from(c) - 0xFEE0),
        other => Some(other),
    }
}

/// A dot-atom (RFC 5322, section 3.2.3) in ASCII; quoted names are legal and never meant.
fn is_local(local: &str) -> bool {
    let atom = |c: char| c.is_ascii_alphanumeric() || "!#$%&'*+-/=?^_`{|}~".contains(c);
    local.len() <= MAX_LOCAL
        && local
            .split('.')
            .all(|part| !part.is_empty() && part.chars().all(atom))
}

fn is_domain(domain: &str) -> bool {
    let label = |part: &str| {
        (1..=MAX_LABEL).contains(&part.len())
            && part.chars().all(|c| c.is_ascii_alphanumeric() || c == '-')
            && !part.starts_with('-')
            && !part.ends_with('-')
    };
    let last = domain.rsplit('.').next().unwrap_or_default();
    domain.contains('.')
        && domain.split('.').all(label)
        && last.len() >= 2
        && !last.bytes().all(|byte| byte.is_ascii_digit())
}
