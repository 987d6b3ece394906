//! Parses machine readable zones: ICAO 9303 parts 4 to 7, and the older French identity card.
//!
//! Pure and strict: lines of the exact length with the exact letters, or nothing. Whether the zone
//! can be believed say its check digits; a zone whose digits are wrong is still parsed, because
//! where a digit is wrong is what a person wants to know.

use recovery::sensitive::Sensitive;

/// The shape of a zone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Format {
    /// Three lines of 30: cards (ICAO 9303-5).
    Td1,
    /// Two lines of 36: larger cards (ICAO 9303-6).
    Td2,
    /// Two lines of 44: passports (ICAO 9303-4).
    Td3,
    /// Two lines of 44: visas (ICAO 9303-7, MRV-A).
    VisaA,
    /// Two lines of 36: small visas (ICAO 9303-7, MRV-B).
    VisaB,
    /// Two lines of 36 in an order of their own: French identity cards until 2021.
    FrenchId,
    /// Lines of 9, 30 and 30 without any check digit: Swiss driving licences.
    SwissLicence,
}

impl Format {
    /// How many letters its lines have.
    #[must_use]
    pub const fn lines(self) -> &'static [usize] {
        match self {
            Self::Td1 => &[30, 30, 30],
            Self::Td2 | Self::VisaB | Self::FrenchId => &[36, 36],
            Self::Td3 | Self::VisaA => &[44, 44],
            Self::SwissLicence => &[9, 30, 30],
        }
    }

    /// The stable name, for tables.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Td1 => "TD1",
            Self::Td2 => "TD2",
            Self::Td3 => "TD3",
            Self::VisaA => "MRVA",
            Self::VisaB => "MRVB",
            Self::FrenchId => "FRA-ID",
            Self::SwissLicence => "SWISS-DL",
        }
    }
}

/// Which check digits are right; `None` where the format has none.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct CheckDigits {
    /// Of the document's number.
    pub number: Option<bool>,
    /// Of the date of birth.
    pub birth: Option<bool>,
    /// Of the date of expiry.
    pub expiry: Option<bool>,
    /// Of the personal number.
    pub personal: Option<bool>,
    /// Over nearly everything.
    pub composite: Option<bool>,
}

impl CheckDigits {
    /// The most check digits that a zone has.
    pub const MOST: usize = 5;

    const fn all(&self) -> [Option<bool>; Self::MOST] {
        [
            self.number,
            self.birth,
            self.expiry,
            self.personal,
            self.composite,
        ]
    }

    /// How many are right.
    #[must_use]
    pub fn right(&self) -> usize {
        self.all().iter().filter(|one| **one == Some(true)).count()
    }

    /// How many are wrong.
    #[must_use]
    pub fn wrong(&self) -> usize {
        self.all().iter().filter(|one| **one == Some(false)).count()
    }

    /// At least one is there and none is wrong.
    #[must_use]
    pub fn good(&self) -> bool {
        self.number == Some(true) && self.wrong() == 0
    }
}

/// What a zone says.
#[derive(Debug, Clone)]
pub struct Mrz {
    /// Its shape.
    pub format: Format,
    /// The document's code without fillers, such as `P` or `ID`.
    pub code: String,
    /// Who issued it, without fillers: ISO 3166-1 alpha-3, or ICAO's own such as `D`.
    pub issuer: String,
    /// Nationality in the same way; empty where the format has none.
    pub nationality: String,
    /// The document's number without fillers.
    pub number: Sensitive<String>,
    /// What stands in the optional fields, words parted by spaces: some states put the number
    /// that people know there.
    pub optional: Sensitive<String>,
    /// Six letters `YYMMDD`; fillers stand for what is unknown.
    pub birth: Sensitive<String>,
    /// The same; empty where the format has none or the document does not expire.
    pub expiry: String,
    /// Surname, words parted by spaces.
    pub surname: Sensitive<String>,
    /// Given names.
    pub given: Sensitive<String>,
    /// True if the names fill their place to the end and may be cut off.
    pub truncated: bool,
    /// Which check digits are right.
    pub checks: CheckDigits,
}

/// The value of a letter in a check sum: digits count themselves, A is 10, the filler nothing.
const fn value(letter: u8) -> u32 {
    match letter {
        b'0'..=b'9' => (letter - b'0') as u32,
        b'A'..=b'Z' => (letter - b'A') as u32 + 10,
        _ => 0,
    }
}

/// The check digit of these letters: weights 7, 3, 1 in turn (ICAO 9303-3, 4.9).
#[must_use]
pub fn check_digit(letters: &[u8]) -> u8 {
    let weights = [7, 3, 1].into_iter().cycle();
    let sum: u32 = letters
        .iter()
        .zip(weights)
        .map(|(letter, weight)| value(*letter) * weight)
        .sum();
    // Below ten, so it fits.
    b'0' + (sum % 10) as u8
}

/// Letters of a line from one column up to another; lines were measured before.
fn cut(line: &[u8], from: usize, to: usize) -> &[u8] {
    line.get(from..to).unwrap_or_default()
}

fn at(line: &[u8], column: usize) -> u8 {
    line.get(column).copied().unwrap_or(b'<')
}

/// Whether a field's digit is right; an empty field may have a filler for it (9303-4, 4.2.2).
fn right(field: &[u8], digit: u8) -> bool {
    digit == check_digit(field) || (digit == b'<' && field.iter().all(|letter| *letter == b'<'))
}

/// Letters without fillers at the end, those between as spaces.
fn words(field: &[u8]) -> String {
    let text: Vec<&str> = std::str::from_utf8(field)
        .unwrap_or_default()
        .split('<')
        .filter(|word| !word.is_empty())
        .collect();
    text.join(" ")
}

/// Surname and given names of one field, and whether they reach its end.
fn names(field: &[u8]) -> (String, String, bool) {
    let middle = field.windows(2).position(|pair| pair == b"<<");
    let (surname, given) = field.split_at(middle.unwrap_or(field.len()));
    (
        words(surname),
        words(given),
        at(field, field.len().saturating_sub(1)) != b'<',
    )
}

/// Parses the lines of a zone; nothing if they have no known shape or foreign letters.
#[must_use]
pub fn parse(lines: &[&str]) -> Option<Mrz> {
    let known =
        |letter: u8| letter == b'<' || letter.is_ascii_uppercase() || letter.is_ascii_digit();
    if !lines.iter().all(|line| line.bytes().all(known)) {
        return None;
    }
    let bytes: Vec<&[u8]> = lines.iter().map(|line| line.as_bytes()).collect();
    let visa = lines.first().is_some_and(|line| line.starts_with('V'));
    let lengths: Vec<usize> = lines.iter().map(|line| line.len()).collect();
    match (bytes.as_slice(), lengths.as_slice()) {
        ([first, second, third], [30, 30, 30]) => Some(td1(first, second, third)),
        ([_, second, third], [9, 30, 30]) if second.starts_with(b"FACHE") => {
            Some(swiss(second, third))
        }
        ([first, second], [36, 36]) if first.starts_with(b"IDFRA") => Some(french(first, second)),
        ([first, second], [44, 44]) if visa => Some(two_lines(Format::VisaA, first, second)),
        ([first, second], [36, 36]) if visa => Some(two_lines(Format::VisaB, first, second)),
        ([first, second], [44, 44]) => Some(two_lines(Format::Td3, first, second)),
        ([first, second], [36, 36]) => Some(two_lines(Format::Td2, first, second)),
        _ => None,
    }
}

/// A number of nine letters with its digit, or a longer one that goes on in the optional field with
/// its digit at its end (9303-5, note j; 9303-6, note j).
fn number(nine: &[u8], digit: u8, optional: &[u8]) -> (String, bool) {
    let more = optional
        .iter()
        .take_while(|letter| **letter != b'<')
        .count();
    match cut(optional, 0, more).split_last() {
        Some((digit, rest)) if digit_is_elsewhere(nine, digit, rest) => {
            let whole = [nine, rest].concat();
            // The filler in the digit's own place counts as a column.
            let columns = [nine, b"<", rest].concat();
            (words(&whole), check_digit(&columns) == *digit)
        }
        _ => (
            words(nine).replace(' ', ""),
            right(nine, digit) && digit != b'<',
        ),
    }
}

/// The long form is meant only if all nine letters are taken.
fn digit_is_elsewhere(nine: &[u8], digit: &u8, rest: &[u8]) -> bool {
    digit.is_ascii_digit() && !rest.is_empty() && !nine.contains(&b'<')
}

fn td1(first: &[u8], second: &[u8], third: &[u8]) -> Mrz {
    let optional = cut(first, 15, 30);
    let long = if at(first, 14) == b'<' { optional } else { b"" };
    let (number, number_right) = number(cut(first, 5, 14), at(first, 14), long);
    let (birth, expiry) = (cut(second, 0, 6), cut(second, 8, 14));
    let composite = [
        cut(first, 5, 30),
        cut(second, 0, 7),
        cut(second, 8, 15),
        cut(second, 18, 29),
    ];
    let (surname, given, truncated) = names(third);
    Mrz {
        format: Format::Td1,
        code: words(cut(first, 0, 2)),
        issuer: words(cut(first, 2, 5)),
        nationality: words(cut(second, 15, 18)),
        number: number.into(),
        optional: words(&[cut(first, 15, 30), b"<", cut(second, 18, 29)].concat()).into(),
        birth: date_text(birth).into(),
        expiry: date_text(expiry),
        surname: surname.into(),
        given: given.into(),
        truncated,
        checks: CheckDigits {
            number: Some(number_right),
            birth: Some(right(birth, at(second, 6))),
            expiry: Some(right(expiry, at(second, 14))),
            personal: None,
            composite: Some(check_digit(&composite.concat()) == at(second, 29)),
        },
    }
}

fn two_lines(format: Format, first: &[u8], second: &[u8]) -> Mrz {
    let end = second.len();
    let long = match format {
        Format::Td2 if at(second, 9) == b'<' => cut(second, 28, 35),
        _ => b"",
    };
    let (number, number_right) = number(cut(second, 0, 9), at(second, 9), long);
    let (birth, expiry) = (cut(second, 13, 19), cut(second, 21, 27));
    let composite = [
        cut(second, 0, 10),
        cut(second, 13, 20),
        cut(second, 21, end - 1),
    ];
    let visa = matches!(format, Format::VisaA | Format::VisaB);
    let (surname, given, truncated) = names(cut(first, 5, end));
    Mrz {
        format,
        code: words(cut(first, 0, 2)),
        issuer: words(cut(first, 2, 5)),
        nationality: words(cut(second, 10, 13)),
        number: number.into(),
        optional: words(cut(
            second,
            28,
            if format == Format::Td3 { 42 } else { end },
        ))
        .into(),
        birth: date_text(birth).into(),
        expiry: date_text(expiry),
        surname: surname.into(),
        given: given.into(),
        truncated,
        checks: CheckDigits {
            number: Some(number_right),
            birth: Some(right(birth, at(second, 19))),
            expiry: Some(right(expiry, at(second, 27))),
            personal: (format == Format::Td3).then(|| right(cut(second, 28, 42), at(second, 42))),
            composite: (!visa).then(|| check_digit(&composite.concat()) == at(second, end - 1)),
        },
    }
}

fn french(first: &[u8], second: &[u8]) -> Mrz {
    let (number, birth) = (cut(second, 0, 12), cut(second, 27, 33));
    let given = cut(second, 13, 27);
    let composite = [first, cut(second, 0, 35)].concat();
    Mrz {
        format: Format::FrenchId,
        code: "ID".to_owned(),
        issuer: "FRA".to_owned(),
        nationality: "FRA".to_owned(),
        number: words(number).into(),
        optional: String::new().into(),
        birth: date_text(birth).into(),
        expiry: String::new(),
        surname: words(cut(first, 5, 30)).into(),
        given: words(given).into(),
        truncated: at(given, 13) != b'<' || at(first, 29) != b'<',
        checks: CheckDigits {
            number: Some(right(number, at(second, 12))),
            birth: Some(right(birth, at(second, 33))),
            expiry: None,
            personal: None,
            composite: Some(check_digit(&composite) == at(second, 35)),
        },
    }
}

fn swiss(second: &[u8], third: &[u8]) -> Mrz {
    let (surname, given, truncated) = names(third);
    Mrz {
        format: Format::SwissLicence,
        code: "FA".to_owned(),
        issuer: "CHE".to_owned(),
        nationality: String::new(),
        number: words(cut(second, 5, 17)).into(),
        optional: String::new().into(),
        birth: date_text(cut(second, 19, 25)).into(),
        expiry: String::new(),
        surname: surname.into(),
        given: given.into(),
        truncated,
        checks: CheckDigits::default(),
    }
}

fn date_text(field: &[u8]) -> String {
    let text = String::from_utf8_lossy(field);
    let empty = field.iter().all(|letter| *letter == b'<');
    if empty {
        String::new()
    } else {
        text.into_owned()
    }
}
