//! The note's three lines among the words that were read: the request, the day, the code of the
//! case.
//!
//! Handwriting is read badly (35 % of dates), so what is not there is for a person. Only another
//! day or another case's code, read as a whole, asks for a new photo.

use recovery::finding::{Finding, Outcome};
use recovery::id::CaseCode;
use recovery::policy::NoteChecks;

use super::ENGINE;
use super::dates::{Day, days_in};

/// A word that was read. It stays with the caller: what people wrote is personal.
#[derive(Clone, Copy)]
pub struct NoteWord<'a> {
    /// Its letters.
    pub text: &'a str,
    /// How sure the reader is, 0 to 100.
    pub confidence: f32,
}

/// From here on a word was read with certainty.
const CERTAIN: f32 = 80.0;
/// Most words looked at: a note has a dozen.
const WORDS_MAX: usize = 200;
/// Longest run of words joined to one code: people put spaces between its parts.
const CODE_WORDS: usize = 4;

/// What must stand on the note.
#[derive(Debug, Clone)]
pub struct Expected<'a> {
    /// The line that says what is asked for, as the applicant was shown it.
    pub request: &'a str,
    /// The day where the applicant is.
    pub today: Day,
    /// The code of the case.
    pub code: &'a CaseCode,
}

/// `note.text`, `note.date`, `note.code` from the words read on the paper, in reading order.
#[must_use]
pub fn read_note(
    words: &[NoteWord<'_>],
    expected: &Expected<'_>,
    checks: &NoteChecks,
) -> Vec<Finding> {
    let words = words.get(..WORDS_MAX.min(words.len())).unwrap_or(&[]);
    vec![
        text(words, expected.request, checks),
        date(words, expected.today, checks),
        code(words, expected.code),
    ]
}

/// Share of the request's letters that stand on the note, word by word.
fn text(words: &[NoteWord<'_>], request: &str, checks: &NoteChecks) -> Finding {
    let read: Vec<String> = words.iter().map(|word| plain(word.text)).collect();
    let (mut found, mut all) = (0, 0);
    for wanted in request.split_whitespace().map(plain) {
        let length = wanted.chars().count();
        all += length;
        // One letter in four may be misread.
        if read.iter().any(|word| unlike(word, &wanted) * 4 <= length) {
            found += length;
        }
    }
    let share = f64::from(u32::try_from(found).unwrap_or(0))
        / f64::from(u32::try_from(all).unwrap_or(u32::MAX)).max(1.0);
    finding("note.text", share >= checks.words_share).measured(
        share,
        checks.words_share,
        "share of letters",
    )
}

fn finding(code: &str, good: bool) -> Finding {
    if good {
        Finding::applicant(code, Outcome::Pass, ENGINE)
    } else {
        Finding::reviewer(code, Outcome::Unsure, ENGINE)
    }
}

/// Letters and digits in lower case.
fn plain(text: &str) -> String {
    text.chars()
        .filter(|c| c.is_alphanumeric())
        .flat_map(char::to_lowercase)
        .collect()
}

/// Letters to change, add or drop to make one of the other (Levenshtein).
fn unlike(one: &str, other: &str) -> usize {
    /// Longer words are none of ours.
    const LETTERS_MAX: usize = 64;
    if one.len() > LETTERS_MAX || other.len() > LETTERS_MAX {
        return LETTERS_MAX;
    }
    let mut row: Vec<usize> = (0..=other.chars().count()).collect();
    for (above, a) in one.chars().enumerate() {
        let mut corner = above;
        let mut left = above + 1;
        let mut next = vec![left];
        for (b, up) in other.chars().zip(row.iter().skip(1)) {
            let change = corner + usize::from(a != b);
            corner = *up;
            left = change.min(up + 1).min(left + 1);
            next.push(left);
        }
        row = next;
    }
    row.last().copied().unwrap_or(0)
}

/// The nearest day on the note. Ambiguous orders count for the applicant.
fn date(words: &[NoteWord<'_>], today: Day, checks: &NoteChecks) -> Finding {
    let texts: Vec<&str> = words.iter().map(|word| word.text).collect();
    let away = |day: &Day| day.days_from(today).unsigned_abs();
    let all = days_in(&texts);
    let finding = |outcome| match outcome {
        Outcome::Unsure => Finding::reviewer("note.date", outcome, ENGINE),
        _ => Finding::applicant("note.date", outcome, ENGINE),
    };
    let Some(nearest) = all.iter().flat_map(|read| &read.days).map(away).min() else {
        return finding(Outcome::Unsure);
    };
    let days = f64::from(nearest.min(100_000));
    let outcome = if days <= checks.date_days {
        Outcome::Pass
    } else if all
        .iter()
        .all(|read| read.whole && certain(words, &read.words))
    {
        Outcome::Retake
    } else {
        Outcome::Unsure
    };
    finding(outcome).measured(days, checks.date_days, "days")
}

fn certain(words: &[NoteWord<'_>], places: &std::ops::Range<usize>) -> bool {
    let part = words.get(places.clone()).unwrap_or(&[]);
    !part.is_empty() && part.iter().all(|word| word.confidence >= CERTAIN)
}

/// This case's code, or another's whose check symbol is right and whose prefix was read.
fn code(words: &[NoteWord<'_>], wanted: &CaseCode) -> Finding {
    let mut other = false;
    for start in 0..words.len() {
        let mut joined = String::new();
        for end in start..(start + CODE_WORDS).min(words.len()) {
            joined.push_str(words.get(end).map_or("", |word| word.text));
            match joined.parse::<CaseCode>() {
                Ok(code) if code == *wanted => {
                    return Finding::applicant("note.code", Outcome::Pass, ENGINE);
                }
                Ok(_) => other |= prefixed(&joined) && certain(words, &(start..end + 1)),
                Err(_) => {}
            }
        }
    }
    if other {
        Finding::applicant("note.code", Outcome::Retake, ENGINE)
    } else {
        Finding::reviewer("note.code", Outcome::Unsure, ENGINE)
    }
}

/// One word in 32 of eight letters has a right check symbol by chance: only with its prefix does a
/// text say that it is a code.
fn prefixed(text: &str) -> bool {
    let letters = text.chars().filter(char::is_ascii_alphanumeric);
    let text: String = letters.map(|c| c.to_ascii_uppercase()).collect();
    text.len() == 10 && text.starts_with("RG")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(text: &str, confidence: f32) -> Vec<NoteWord<'_>> {
        let word = |text| NoteWord { text, confidence };
        text.split_whitespace().map(word).collect()
    }

    fn outcomes(text: &str, confidence: f32) -> [Outcome; 3] {
        let code: CaseCode = code_of("7K2M91Q");
        let expected = Expected {
            request: "Request to recover Example account",
            today: Day::new(2026, 11, 24).unwrap(),
            code: &code,
        };
        let checks = recovery::policy::Policy::parse(recovery::policy::DEFAULT)
            .unwrap()
            .checks;
        let findings = read_note(&words(text, confidence), &expected, &checks.note);
        let codes: Vec<&str> = findings.iter().map(|one| one.code.as_str()).collect();
        assert_eq!(codes, ["note.text", "note.date", "note.code"]);
        [0, 1, 2].map(|place: usize| findings[place].outcome)
    }

    /// The code with these symbols and its right check symbol.
    fn code_of(symbols: &str) -> CaseCode {
        let all = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
        let mut codes = all
            .chars()
            .filter_map(|check| format!("RG{symbols}{check}").parse().ok());
        codes.next_back().unwrap()
    }

    #[test]
    fn a_note_as_it_should_be_passes() {
        let code = code_of("7K2M91Q");
        let note = format!("Request to recover Example account 24 November 2026 {code}");
        assert_eq!(outcomes(&note, 30.0), [Outcome::Pass; 3]);
        let spaced = code.as_str().replace('-', " - ").to_lowercase();
        let note = format!("requst to recouer Exmple account, 11/24/26. {spaced}");
        assert_eq!(outcomes(&note, 30.0), [Outcome::Pass; 3]);
    }

    #[test]
    fn what_cannot_be_read_is_for_a_person() {
        assert_eq!(outcomes("", 100.0), [Outcome::Unsure; 3]);
        assert_eq!(
            outcomes("Rqst bla 24 Novmber RG-7K2M", 100.0),
            [Outcome::Unsure; 3]
        );
        let long = "x".repeat(5000) + " 99999999999999999999999 ";
        assert_eq!(outcomes(&long.repeat(300), 100.0), [Outcome::Unsure; 3]);
    }

    #[test]
    fn another_day_and_another_code_are_taken_again_only_when_read_with_certainty() {
        let other = code_of("1111112");
        let note = format!("17 November 2026 {other}");
        assert_eq!(
            outcomes(&note, 90.0),
            [Outcome::Unsure, Outcome::Retake, Outcome::Retake]
        );
        assert_eq!(outcomes(&note, 50.0), [Outcome::Unsure; 3]);
        // Without a year, and without the prefix.
        let short = &other.as_str()[3..];
        assert_eq!(
            outcomes(&format!("17 November {short}"), 90.0),
            [Outcome::Unsure; 3]
        );
    }
}
