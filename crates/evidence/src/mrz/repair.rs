//! Letters that look alike, put right only where a check digit proves it.
//!
//! Where only digits can stand, a letter that looks like one digit is that digit: the field's own
//! check digit still has the last word. In a number both can stand, so one letter at a time is
//! tried, and a repair counts only if exactly one makes the number and the whole zone right. Even
//! so it can be wrong (a check digit lets one in ten through): such a zone says that it was
//! repaired, and nobody is held to what it says against them.

use super::parse::{Format, Mrz, parse};

/// Pairs of letters that recognisers take for one another in OCR-B and its like.
const ALIKE: [(u8, u8); 9] = [
    (b'O', b'0'),
    (b'I', b'1'),
    (b'S', b'5'),
    (b'B', b'8'),
    (b'Z', b'2'),
    (b'G', b'6'),
    (b'Q', b'0'),
    (b'D', b'0'),
    (b'L', b'1'),
];

fn as_digit(letter: u8) -> u8 {
    let pair = ALIKE.iter().find(|(written, _)| *written == letter);
    pair.map_or(letter, |(_, digit)| *digit)
}

fn as_letter(letter: u8) -> u8 {
    let pair = ALIKE.iter().find(|(_, digit)| *digit == letter);
    pair.map_or(letter, |(written, _)| *written)
}

/// What can stand in each column of a format's lines: `9` a digit, `A` a letter, `x` either, and
/// either after the end. Fillers can stand anywhere. Names in passports are `x`: Russian ones
/// write letters of their own alphabet as digits (ICAO 9303-3, section 6).
const fn columns(format: Format) -> [&'static str; 3] {
    const NAMES_36: &str = "AxAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
    match format {
        Format::Td1 => [
            "AxAAAxxxxxxxxx9",
            "9999999A9999999AAAxxxxxxxxxxx9",
            "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
        ],
        Format::Td2 => [NAMES_36, "xxxxxxxxx9AAA9999999A9999999xxxxxxx9", ""],
        Format::Td3 => ["AxAAA", "xxxxxxxxx9AAA9999999A9999999xxxxxxxxxxxxxx99", ""],
        Format::VisaA => ["AxAAA", "xxxxxxxxx9AAA9999999A9999999", ""],
        Format::VisaB => [NAMES_36, "xxxxxxxxx9AAA9999999A9999999", ""],
        Format::FrenchId => [
            "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
            "xxxxxxxxxxxx9AAAAAAAAAAAAAA9999999A9",
            "",
        ],
        Format::SwissLicence => ["", "", ""],
    }
}

/// The lines with letters and digits where only they can stand.
fn classed(format: Format, lines: &[String]) -> Vec<String> {
    let line = |(line, columns): (&String, &str)| {
        let columns = columns.bytes().chain(std::iter::repeat(b'x'));
        let put = |(letter, column)| match column {
            b'9' => as_digit(letter),
            b'A' => as_letter(letter),
            _ => letter,
        };
        line.bytes()
            .zip(columns)
            .map(|both| char::from(put(both)))
            .collect()
    };
    lines.iter().zip(columns(format)).map(line).collect()
}

/// A parsed zone, and whether a letter of its number was put right.
pub(crate) struct Repaired {
    pub(crate) mrz: Mrz,
    pub(crate) repaired: bool,
}

fn parsed(lines: &[String]) -> Option<Mrz> {
    parse(&lines.iter().map(String::as_str).collect::<Vec<_>>())
}

/// Where the number stands: line and columns.
const fn number_place(format: Format) -> (usize, std::ops::Range<usize>) {
    match format {
        Format::Td1 => (0, 5..14),
        Format::FrenchId => (1, 0..12),
        Format::SwissLicence => (1, 0..0),
        _ => (1, 0..9),
    }
}

/// Every reading that differs in one letter of the number, where both kinds can stand.
fn others(format: Format, lines: &[String]) -> Vec<Vec<String>> {
    let mut found = Vec::new();
    let (row, columns) = number_place(format);
    let Some(line) = lines.get(row) else {
        return found;
    };
    for (column, letter) in line
        .bytes()
        .enumerate()
        .filter(|(at, _)| columns.contains(at))
    {
        for (written, digit) in ALIKE {
            let other = match letter {
                letter if letter == written => digit,
                letter if letter == digit => written,
                _ => continue,
            };
            let change = |(at, c): (usize, char)| if at == column { char::from(other) } else { c };
            let mut changed = lines.to_vec();
            if let Some(place) = changed.get_mut(row) {
                *place = line.chars().enumerate().map(change).collect();
            }
            found.push(changed);
        }
    }
    found
}

/// Parses lines of a known length, and puts right what check digits prove: in the number only if
/// all lines are `whole`, as they were read.
pub(crate) fn parse_repaired(lines: &[String], whole: bool) -> Option<Repaired> {
    let plain = parsed(lines)?;
    if plain.checks.good() {
        let mrz = plain;
        return Some(Repaired {
            mrz,
            repaired: false,
        });
    }
    let lines = classed(plain.format, lines);
    let classed = parsed(&lines)?;
    if classed.checks.good() || !whole {
        let mrz = classed;
        return Some(Repaired {
            mrz,
            repaired: false,
        });
    }
    let mut good = others(classed.format, &lines)
        .iter()
        .filter_map(|lines| parsed(lines))
        .filter(|mrz| mrz.checks.good())
        .collect::<Vec<_>>();
    match (good.pop(), good.is_empty()) {
        (Some(mrz), true) => Some(Repaired {
            mrz,
            repaired: true,
        }),
        _ => Some(Repaired {
            mrz: classed,
            repaired: false,
        }),
    }
}
