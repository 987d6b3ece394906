//! Days as people write them: any order, any digits, month names of the major languages.

use std::ops::Range;

/// A calendar day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Day {
    year: i32,
    month: u8,
    day: u8,
}

impl Day {
    /// A day of the Gregorian calendar between the years 1900 and 2199; nothing if there is none
    /// such.
    #[must_use]
    pub const fn new(year: i32, month: u8, day: u8) -> Option<Self> {
        let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
        let last = match month {
            4 | 6 | 9 | 11 => 30,
            2 if leap => 29,
            2 => 28,
            1..=12 => 31,
            _ => return None,
        };
        if year < 1900 || year > 2199 || day == 0 || day > last {
            return None;
        }
        Some(Self { year, month, day })
    }

    /// Days after `other`; negative before it.
    #[must_use]
    pub const fn days_from(self, other: Self) -> i32 {
        self.number() - other.number()
    }

    /// Days since some day: months counted from March, so that a leap day comes last.
    const fn number(self) -> i32 {
        let (year, month) = if self.month > 2 {
            (self.year, self.month as i32 - 3)
        } else {
            (self.year - 1, self.month as i32 + 9)
        };
        let years = year * 365 + year / 4 - year / 100 + year / 400;
        years + (153 * month + 2) / 5 + self.day as i32
    }
}

/// A date among the words.
pub(super) struct Read {
    /// Every day it can mean.
    pub(super) days: Vec<Day>,
    /// Whether a year was written with four digits: the rest may be a number of something else.
    pub(super) whole: bool,
    /// The words it stands in.
    pub(super) words: Range<usize>,
}

/// Zeros of the decimal digits of the scripts in use (Unicode, general category Nd).
const ZEROS: [char; 14] = [
    '\u{0660}', '\u{06F0}', '\u{0966}', '\u{09E6}', '\u{0A66}', '\u{0AE6}', '\u{0B66}', '\u{0BE6}',
    '\u{0C66}', '\u{0CE6}', '\u{0D66}', '\u{0E50}', '\u{1040}', '\u{FF10}',
];

/// Beginnings of month names, by month: English, Spanish, Portuguese, French, German, Italian,
/// Dutch, Polish, Russian, Ukrainian, Turkish, Indonesian, Vietnamese, Arabic, Hindi. Enough
/// letters that no name begins two months.
const MONTHS: [&str; 12] = [
    "jan ene gen янв січ oca ينا जन sty tháng1",
    "feb fev fév fèv февр фев лют şub subat फर lut luty peb فبر",
    "mar mär maa märz мар бер مار मार्च",
    "apr abr avr ápr апр квіт nis kwi أبر ابر अप्र",
    "may mai mag mei мая май трав maj مايو मई",
    "jun juin giu июн черв haz cze يون जून",
    "jul juil lug июл лип tem lip يول जुल",
    "aug ago août aou авг серп ağu agu sie أغس اغس अग",
    "sep set сен вер eyl wrz سبت सित",
    "oct out okt ott окт жовт eki paź paz أكت اكت अक्",
    "nov нояб ноя лист kas lis نوف नव",
    "dec dic dez déc dék des дек груд ara gru ديس दिस",
];

/// A number or a month's name, and the word it stands in.
#[derive(Clone, Copy)]
struct Part {
    value: Value,
    word: usize,
}

#[derive(Clone, Copy)]
enum Value {
    /// A number and how many digits it has.
    Number(i32, usize),
    Month(u8),
}

/// All dates among the words of a note.
pub(super) fn days_in(words: &[&str]) -> Vec<Read> {
    let parts: Vec<Part> = words
        .iter()
        .enumerate()
        .flat_map(|(word, text)| parts_of(text, word))
        .collect();
    let mut found: Vec<Read> = Vec::new();
    for three in parts.windows(3) {
        if let [a, b, c] = three {
            let days = meanings([a.value, b.value, c.value]);
            if !days.is_empty() {
                let whole = three
                    .iter()
                    .any(|part| matches!(part.value, Value::Number(_, 4)));
                found.push(Read {
                    days,
                    whole,
                    words: a.word..c.word + 1,
                });
            }
        }
    }
    found
}

fn parts_of(text: &str, word: usize) -> Vec<Part> {
    /// Longer words are no dates.
    const LETTERS_MAX: usize = 40;
    let (mut parts, mut open) = (Vec::new(), String::new());
    let mut was_digit = false;
    for c in text.chars().take(LETTERS_MAX).chain([' ']) {
        let c = western(c);
        let (digit, letter) = (c.is_ascii_digit(), c.is_alphabetic() || combining(c));
        if !open.is_empty() && (digit != was_digit || !(digit || letter)) {
            parts.extend(value_of(&open).map(|value| Part { value, word }));
            open.clear();
        }
        if digit || letter {
            open.push(c);
            was_digit = digit;
        }
    }
    // 20261124 and 24112026: eight digits in a row.
    let split = |part: Part| match part.value {
        Value::Number(value, 8) => eight(value)
            .map(|(number, digits)| Part {
                value: Value::Number(number, digits),
                word,
            })
            .to_vec(),
        _ => vec![part],
    };
    parts.into_iter().flat_map(split).collect()
}

fn eight(value: i32) -> [(i32, usize); 3] {
    if (1900..2200).contains(&(value / 10_000)) {
        [
            (value / 10_000, 4),
            (value / 100 % 100, 2),
            (value % 100, 2),
        ]
    } else {
        [
            (value / 1_000_000, 2),
            (value / 10_000 % 100, 2),
            (value % 10_000, 4),
        ]
    }
}

/// Signs that are written on letters of Arabic and Devanagari.
fn combining(c: char) -> bool {
    let ranges = [
        '\u{0300}'..='\u{036F}',
        '\u{064B}'..='\u{0652}',
        '\u{0900}'..='\u{0903}',
        '\u{093C}'..='\u{094F}',
    ];
    ranges.iter().any(|range| range.contains(&c))
}

/// The same digit as 0 to 9, other characters as they are.
fn western(c: char) -> char {
    let digit = ZEROS.iter().find_map(|zero| {
        let value = u32::from(c).checked_sub(u32::from(*zero))?;
        (value < 10).then(|| char::from_digit(value, 10)).flatten()
    });
    digit.unwrap_or(c)
}

fn value_of(text: &str) -> Option<Value> {
    if text.starts_with(|c: char| c.is_ascii_digit()) {
        let number = (text.len() <= 8).then(|| text.parse().ok()).flatten()?;
        return Some(Value::Number(number, text.len()));
    }
    let text = text.to_lowercase();
    // Signs of dates in Chinese, Japanese and Korean divide, and ordinals and prepositions are
    // passed over.
    let month = MONTHS.iter().zip(1..).find(|(names, _)| {
        names
            .split(' ')
            .any(|name| text.starts_with(name) && text.chars().count() >= 2)
    });
    month.map(|(_, month)| Value::Month(month))
}

/// The days that three parts can mean, in every order.
fn meanings([a, b, c]: [Value; 3]) -> Vec<Day> {
    let orders = [
        [a, b, c],
        [a, c, b],
        [b, a, c],
        [b, c, a],
        [c, a, b],
        [c, b, a],
    ];
    let mut days: Vec<Day> = Vec::new();
    for [year, month, day] in orders {
        let Value::Number(day, 1 | 2) = day else {
            continue;
        };
        let month = match month {
            Value::Month(month) => month,
            Value::Number(month, 1 | 2) => u8::try_from(month).unwrap_or(0),
            Value::Number(..) => continue,
        };
        let years: [Option<i32>; 2] = match year {
            // The Thai calendar is 543 years ahead.
            Value::Number(year, 4) => [Some(year), Some(year - 543)],
            Value::Number(year, 2) => [Some(year + 2000), None],
            _ => continue,
        };
        for year in years.into_iter().flatten() {
            let day = Day::new(year, month, u8::try_from(day).unwrap_or(0));
            days.extend(day.filter(|day| !days.contains(day)));
        }
    }
    days
}

#[cfg(test)]
mod tests {
    use super::*;

    fn means(text: &str, year: i32, month: u8, day: u8) -> bool {
        let words: Vec<&str> = text.split_whitespace().collect();
        let wanted = Day::new(year, month, day).unwrap();
        days_in(&words)
            .iter()
            .any(|read| read.days.contains(&wanted))
    }

    #[test]
    fn days_are_read_in_any_order_script_and_language() {
        let texts = [
            "24 November 2026",
            "November 24th, 2026",
            "2026-11-24",
            "24.11.2026",
            "24/11/26",
            "11/24/2026",
            "24 de noviembre de 2026",
            "24. listopada 2026",
            "24 ноября 2026 г.",
            "24 Kasım 2026",
            "24 novembre 2026",
            "24 tháng 11, 2026",
            "٢٤/١١/٢٠٢٦",
            "۲۴/۱۱/۲۰۲۶",
            "२४ नवम्बर २०२६",
            "2026年11月24日",
            "24 พฤศจิกายน 2569 24/11/2569",
            "20261124",
            "24112026",
            "２０２６年１１月２４日",
            "24-NOV-26",
            "24 نوفمبر 2026",
            "24. 11. 2026",
        ];
        for text in texts {
            assert!(means(text, 2026, 11, 24), "{text}");
        }
    }

    #[test]
    fn an_ambiguous_order_means_both_days() {
        assert!(means("03/04/2026", 2026, 4, 3) && means("03/04/2026", 2026, 3, 4));
        assert!(!means("24 November 2026", 2026, 10, 24));
        assert!(days_in(&["31.02.2026"]).is_empty());
        assert!(days_in(&["99999999", "1", "٣"]).is_empty());
    }

    #[test]
    fn days_are_counted_over_leap_days_and_years() {
        let day = |y, m, d| Day::new(y, m, d).unwrap();
        assert_eq!(day(2024, 3, 1).days_from(day(2024, 2, 28)), 2);
        assert_eq!(day(2026, 1, 1).days_from(day(2025, 12, 31)), 1);
        assert_eq!(day(2025, 12, 31).days_from(day(2026, 1, 1)), -1);
        assert_eq!(day(2000, 3, 1).days_from(day(1999, 3, 1)), 366);
    }
}
