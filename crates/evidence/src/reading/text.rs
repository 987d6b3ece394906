//! Looks for a known number, name or date among words of any layout.
//!
//! The number is known only by its digest, so plausible words and joins of neighbours are tried,
//! so many at most.

use jiff::civil::Date;
use recovery::document::normalised_number;
use recovery::id::BlindIndex;

use crate::names::Name;
use crate::ocr::{Word, by_lines};

/// Most digests that are made for one document.
const MOST_TRIES: usize = 600;
/// Fewest letters of a number.
const SHORTEST: usize = 5;
/// Fewest symbols of a line that looks like a zone's: the shortest has 30, and some are lost.
const SHORTEST_ZONE: usize = 24;
/// How many of its symbols must be ones of a zone, as a fraction.
const LIKE_A_ZONE: (usize, usize) = (9, 10);
/// Most neighbours that are joined: numbers are printed in up to four groups.
const MOST_JOINED: usize = 4;
/// Names of months as documents print them, first three letters.
const MONTHS: [&str; 12] = [
    "JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC",
];

/// Whether one of the words, or a join of neighbours on a line, is the number with this digest.
pub(super) fn has_number(
    words: &[Word],
    wanted: &BlindIndex,
    digest: &dyn Fn(&str) -> BlindIndex,
) -> bool {
    let mut tries = 0;
    for start in 0..words.len() {
        let mut joined = String::new();
        let line = words.get(start).map(|word| word.line);
        for word in words.iter().skip(start).take(MOST_JOINED) {
            if Some(word.line) != line {
                break;
            }
            joined.push_str(&normalised_number(word.text.reveal()));
            for candidate in spellings(&joined) {
                if tries == MOST_TRIES {
                    return false;
                }
                tries += 1;
                if digest(&candidate) == *wanted {
                    return true;
                }
            }
        }
    }
    false
}

/// A candidate as read, and with letters for which digits are often taken as digits: all of them,
/// and all after the letters at its beginning. Nothing if it is too short or has no digit.
fn spellings(text: &str) -> Vec<String> {
    let digits = text.chars().filter(char::is_ascii_digit).count();
    if text.len() < SHORTEST || digits < 2 {
        return Vec::new();
    }
    let as_digit = |c: char| match c {
        'O' | 'Q' | 'D' => '0',
        'I' | 'L' => '1',
        'Z' => '2',
        'S' => '5',
        'G' => '6',
        'B' => '8',
        other => other,
    };
    let letters = text.chars().take_while(char::is_ascii_alphabetic).count();
    let (before, after) = text.split_at(letters);
    let all: String = text.chars().map(as_digit).collect();
    let after: String = after.chars().map(as_digit).collect();
    let mut found = vec![text.to_owned(), format!("{before}{after}"), all];
    found.dedup();
    found
}

/// Whether a line of the words looks like one of a zone: long, in capitals, digits and fillers.
pub(super) fn like_a_zone(words: &[Word]) -> bool {
    by_lines(words).any(|line| {
        let symbols: Vec<char> = line
            .iter()
            .flat_map(|word| word.text.reveal().chars())
            .collect();
        let of_a_zone =
            |c: &&char| c.is_ascii_uppercase() || c.is_ascii_digit() || matches!(c, '<' | '«');
        let fit = symbols.iter().filter(of_a_zone).count();
        fit >= SHORTEST_ZONE && fit * LIKE_A_ZONE.1 >= symbols.len() * LIKE_A_ZONE.0
    })
}

/// How much of a name stands among the words, 0 to 1: its tokens one by one, wherever they stand.
pub(super) fn name_among(words: &[Word], name: &Name) -> f64 {
    name.found_among(words.iter().map(|word| word.text.reveal().as_str()))
}

/// Whether a date stands among the words, in digits of any order or with an English month.
pub(super) fn has_date(words: &[Word], date: Date) -> bool {
    let (year, month, day) = (date.year(), date.month(), date.day());
    let short = year % 100;
    let name = usize::try_from(month - 1)
        .ok()
        .and_then(|place| MONTHS.get(place));
    let name = name.copied().unwrap_or("-");
    let forms = [
        format!("{day:02}{month:02}{year}"),
        format!("{month:02}{day:02}{year}"),
        format!("{year}{month:02}{day:02}"),
        format!("{day:02}{month:02}{short:02}"),
        format!("{day:02}{name}{year}"),
        format!("{day:02}{name}{short:02}"),
        format!("{name}{day:02}{year}"),
    ];
    by_lines(words).any(|line| {
        let text: String = line
            .iter()
            .flat_map(|word| word.text.reveal().chars())
            .filter(char::is_ascii_alphanumeric)
            .map(|c| c.to_ascii_uppercase())
            .collect();
        forms.iter().any(|form| text.contains(form.as_str()))
    })
}
