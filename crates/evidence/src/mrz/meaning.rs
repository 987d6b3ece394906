//! What a zone's letters mean: whole dates from two digits of a year, and the kind of document.

use jiff::civil::Date;
use recovery::document::DocumentKind;

use super::parse::{Format, Mrz};

/// A document is valid for 50 years at most, so an expiry lies within this many of today.
const EXPIRY_YEARS: i16 = 50;

/// Year of the century, month and day of `YYMMDD`; nothing if a part is unknown.
fn parts(text: &str) -> Option<(i16, i8, i8)> {
    let number = |from: usize| text.get(from..from + 2)?.parse::<i8>().ok();
    Some((number(0)?.into(), number(2)?, number(4)?))
}

impl Mrz {
    /// Date of birth: the latest such day that is not after today (two digits tell no century).
    #[must_use]
    pub fn birth_date(&self, today: Date) -> Option<Date> {
        let (year, month, day) = parts(self.birth.reveal())?;
        let in_century = |century: i16| Date::new(century + year, month, day).ok();
        let this = today.year() / 100 * 100;
        in_century(this)
            .filter(|date| *date <= today)
            .or_else(|| in_century(this - 100))
    }

    /// Date of expiry: the such day nearest to today.
    #[must_use]
    pub fn expiry_date(&self, today: Date) -> Option<Date> {
        let (year, month, day) = parts(&self.expiry)?;
        let this = today.year() / 100 * 100;
        let full = [this - 100, this, this + 100].map(|century| century + year);
        let near = |year: &i16| (year - today.year()).abs() < EXPIRY_YEARS;
        let year = full.into_iter().find(near).unwrap_or(this + year);
        Date::new(year, month, day).ok()
    }

    /// Whether the zone is one of a document of this kind; nothing where it does not tell.
    #[must_use]
    pub fn is_of(&self, kind: DocumentKind) -> Option<bool> {
        use DocumentKind::{DrivingLicence, NationalId, Passport, ResidencePermit};
        let residence = matches!(self.code.as_str(), "IR" | "AR" | "CR" | "C1" | "C2" | "IT");
        let kinds: &[DocumentKind] = match (self.format, self.code.as_bytes()) {
            (Format::Td3, _) | (Format::Td2, [b'P', ..]) => &[Passport],
            (Format::VisaA | Format::VisaB, _) => &[],
            (Format::SwissLicence, _) | (_, [b'D', ..]) => &[DrivingLicence],
            (Format::FrenchId, _) | (_, b"ID") => &[NationalId],
            _ if residence => &[ResidencePermit],
            // The passport card of the United States is taken for either.
            (_, [b'I', b'P']) => &[NationalId, Passport],
            (_, [b'I' | b'A' | b'C', ..]) => &[NationalId, ResidencePermit],
            _ => return None,
        };
        match (kinds.contains(&kind), kinds.len()) {
            (true, 2..) => None,
            (fits, _) => Some(fits),
        }
    }
}
