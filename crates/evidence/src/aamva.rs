//! Parses the text in the barcode of North American licences (AAMVA DL/ID Card Design Standard).
//!
//! Elements are told by their three letters, not by the offsets in the header, which issuers get
//! wrong. Pure and bounded: any text gives a licence or nothing.

use jiff::civil::Date;
use recovery::sensitive::Sensitive;

/// Longest text that is looked at, in bytes: PDF417 holds 1,108 at most.
const LONGEST: usize = 4096;
/// Most elements.
const MOST_ELEMENTS: usize = 128;
/// Longest value in letters; names have 40 (D20 of the standard, annex D).
const LONGEST_VALUE: usize = 125;

/// What a licence's barcode says.
#[derive(Debug, Clone)]
pub struct Licence {
    /// Customer id number: the number of the licence.
    pub number: Sensitive<String>,
    /// Surname.
    pub surname: Sensitive<String>,
    /// First and middle names.
    pub given: Sensitive<String>,
    /// Date of birth.
    pub birth: Option<Date>,
    /// Date of expiry.
    pub expiry: Option<Date>,
    /// Issuing country, ISO 3166-1 alpha-3; empty in old versions of the standard.
    pub country: String,
    /// True for an identity card without the right to drive.
    pub identity_card: bool,
}

/// Parses a barcode's text; nothing if it is none of a licence or has no number or name.
#[must_use]
pub fn parse_licence(text: &str) -> Option<Licence> {
    let end = (0..=LONGEST.min(text.len()))
        .rev()
        .find(|end| text.is_char_boundary(*end))?;
    let text = text.get(..end)?;
    let start = text.find("ANSI ").or_else(|| text.find("AAMVA"))?;
    let (identity_card, body) = body(text.get(start..)?)?;
    let elements: Vec<(&str, &str)> = body
        .split(['\n', '\r', '|', '\u{1e}'])
        .filter_map(|line| Some((line.get(..3)?, line.get(3..)?.trim())))
        .take(MOST_ELEMENTS)
        .collect();
    let element = |code: &str| {
        let found = elements
            .iter()
            .find(|(name, value)| *name == code && !value.is_empty());
        found.map(|(_, value)| value.chars().take(LONGEST_VALUE).collect::<String>())
    };
    let (surname, given) = names(&element)?;
    Some(Licence {
        number: element("DAQ")?.into(),
        surname: surname.into(),
        given: given.into(),
        birth: element("DBB").and_then(|text| date(&text)),
        expiry: element("DBA").and_then(|text| date(&text)),
        country: element("DCG").unwrap_or_default(),
        identity_card,
    })
}

/// The elements of the first subfile: after its designator and, if an issuer left that out, from
/// the first element's code on. True if the header announces an identity card.
fn body(text: &str) -> Option<(bool, &str)> {
    let element = |place: usize| {
        let letters = text.as_bytes().get(place..place + 3);
        matches!(letters, Some([b'D', b'A'..=b'D', b'A'..=b'Z']))
    };
    for (place, _) in text.match_indices(['D', 'I']) {
        let Some(designator @ ("DL" | "ID")) = text.get(place..place + 2) else {
            continue;
        };
        let rest = text.get(place + 2..)?.trim_start();
        if element(text.len() - rest.len()) {
            return Some((designator == "ID", rest));
        }
    }
    let first = (0..text.len()).find(|place| element(*place))?;
    Some((text.get(..first)?.contains("ID0"), text.get(first..)?))
}

/// Surname and given names, in any of the ways the standard's versions have had.
fn names(element: &impl Fn(&str) -> Option<String>) -> Option<(String, String)> {
    let spaced = |text: String| {
        let words = text.replace([',', '$', '@'], " ");
        words.split_whitespace().collect::<Vec<_>>().join(" ")
    };
    // "NONE" and "unavl" are the standard's words for a name that does not exist.
    let real = |text: &String| !matches!(text.as_str(), "NONE" | "unavl" | "UNAVL");
    let surname = element("DCS").or_else(|| element("DAB"));
    if let Some(surname) = surname {
        let first = element("DAC").or_else(|| element("DCT")).filter(real);
        let middle = element("DAD").filter(real);
        let given = [first, middle]
            .into_iter()
            .flatten()
            .collect::<Vec<_>>()
            .join(" ");
        return Some((spaced(surname), spaced(given)));
    }
    // Version 1: the whole name, surname first where it is parted by commas, else last.
    let whole = element("DAA")?;
    let parts = whole.split_once([',', '@']);
    let (surname, given) = parts.or_else(|| whole.rsplit_once(' ').map(|(a, b)| (b, a)))?;
    Some((spaced(surname.to_owned()), spaced(given.to_owned())))
}

/// `MMDDCCYY` in the United States, `CCYYMMDD` in Canada and in version 1.
fn date(text: &str) -> Option<Date> {
    let digits: String = text.chars().filter(char::is_ascii_digit).collect();
    if digits.len() != 8 {
        return None;
    }
    let number = |from: usize, to: usize| digits.get(from..to)?.parse::<i16>().ok();
    let of = |year: i16, month: i16, day: i16| {
        let plausible = (1900..2200).contains(&year);
        let (month, day) = (i8::try_from(month).ok()?, i8::try_from(day).ok()?);
        Date::new(year, month, day).ok().filter(|_| plausible)
    };
    of(number(4, 8)?, number(0, 2)?, number(2, 4)?)
        .or_else(|| of(number(0, 4)?, number(4, 6)?, number(6, 8)?))
}
