//! Identity documents: their kinds, and what the record says of the one with which the account was
//! verified (M6).

use serde::{Deserialize, Serialize};

use crate::id::BlindIndex;
use crate::sensitive::Sensitive;

/// A kind of identity document.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DocumentKind {
    /// Passport.
    Passport,
    /// National identity card.
    NationalId,
    /// Driving licence.
    DrivingLicence,
    /// Residence permit.
    ResidencePermit,
    /// Another kind; a person must look.
    Other,
}

impl DocumentKind {
    /// Every kind that an applicant can choose, in the order in which they are offered.
    pub const CHOICES: [Self; 4] = [
        Self::NationalId,
        Self::Passport,
        Self::ResidencePermit,
        Self::DrivingLicence,
    ];

    /// The stable name in events, forms and files.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Passport => "passport",
            Self::NationalId => "national_id",
            Self::DrivingLicence => "driving_licence",
            Self::ResidencePermit => "residence_permit",
            Self::Other => "other",
        }
    }

    /// The kind of that name among those that can be chosen.
    #[must_use]
    pub fn chosen(name: &str) -> Option<Self> {
        Self::CHOICES.into_iter().find(|kind| kind.name() == name)
    }

    /// Whether it has a back with something on it.
    #[must_use]
    pub const fn has_back(self) -> bool {
        !matches!(self, Self::Passport)
    }
}

/// What the record says of the verified document, as the checks need it.
#[derive(Debug, Clone)]
pub struct DocumentRecord {
    /// What it is.
    pub kind: DocumentKind,
    /// Issuing country, ISO 3166-1 alpha-3.
    pub country: String,
    /// Keyed digest of the number as [`normalised_number`] gives it: checks compare digests and
    /// never hold the number.
    pub number: BlindIndex,
    /// Full name as the holder gave it.
    pub name: Sensitive<String>,
    /// Date of birth, `YYYY-MM-DD`.
    pub birth_date: Sensitive<String>,
    /// Date of expiry, `YYYY-MM-DD`, if the document has one.
    pub expiry: Option<String>,
}

/// A document's number without what people and printers put between its characters: ASCII letters
/// in upper case and digits, at most 32 of them.
#[must_use]
pub fn normalised_number(text: &str) -> String {
    /// The longest number of ICAO 9303 has 22 characters (9, and 13 more in optional data).
    const NUMBER_MAX: usize = 32;
    text.chars()
        .filter(char::is_ascii_alphanumeric)
        .take(NUMBER_MAX)
        .map(|c| c.to_ascii_uppercase())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_compared_without_spaces_dashes_and_fillers() {
        assert_eq!(normalised_number(" l8 98-902c3<<"), "L898902C3");
        assert_eq!(normalised_number("é€"), "");
    }
}
