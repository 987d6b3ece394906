//! Compares two spellings of a person's name: 0 for strangers, 1 for the same letters.
//!
//! A document's zone writes `MUELLER<<JUERGEN`, its front `Müller, Jürgen`, the record perhaps
//! `Jurgen Muller`: every token is compared in its plain and its ICAO spelling (9303-3, section 6),
//! whatever the order. A missing middle name costs little, an initial or a short form of a name
//! makes a token near and never equal, a different surname sinks the whole.

use recovery::sensitive::Sensitive;
use strsim::osa_distance;

/// Most tokens of a name that are compared; the longest in the evaluation has nine.
const MOST_TOKENS: usize = 12;
/// Most letters of a name; one line of a passport's zone has 39.
const MOST_LETTERS: usize = 160;
/// Fewest letters of a beginning that can stand for a whole token.
const BEGINNING: usize = 3;
/// How alike a token and its initial are.
const INITIAL: f64 = 0.80;
/// How alike a given name and its short form are.
const SHORT_FORM: f64 = 0.80;
/// How alike two tokens with the same consonants are: spellings of one name in another alphabet.
const CONSONANTS: f64 = 0.86;
/// How alike a token and its cut-off form at the end of a full zone are.
const CUT_OFF: f64 = 0.97;
/// What a token without a partner in the other name weighs, next to one that has to have one.
const EXTRA: f64 = 0.12;

/// ICAO's spellings that differ from dropping the mark (9303-3, section 6).
const ICAO: [(char, &str); 10] = [
    ('ä', "ae"),
    ('ö', "oe"),
    ('ü', "ue"),
    ('å', "aa"),
    ('ø', "oe"),
    ('æ', "ae"),
    ('ß', "ss"),
    ('ñ', "n"),
    ('þ', "th"),
    ('ĳ', "ij"),
];

/// Titles, which are no part of a name.
const TITLES: [&str; 9] = [
    "mr", "mrs", "ms", "miss", "dr", "prof", "sir", "herr", "frau",
];

/// Short forms that are no beginning of the whole; others are recognised as such.
const SHORT_FORMS: [(&str, &str); 34] = [
    ("bill", "william"),
    ("billy", "william"),
    ("will", "william"),
    ("bob", "robert"),
    ("bobby", "robert"),
    ("rob", "robert"),
    ("dick", "richard"),
    ("rick", "richard"),
    ("jim", "james"),
    ("jimmy", "james"),
    ("jack", "john"),
    ("johnny", "john"),
    ("ted", "edward"),
    ("ted", "theodore"),
    ("ned", "edward"),
    ("tony", "anthony"),
    ("mike", "michael"),
    ("mick", "michael"),
    ("peggy", "margaret"),
    ("meg", "margaret"),
    ("maggie", "margaret"),
    ("liz", "elizabeth"),
    ("beth", "elizabeth"),
    ("betty", "elizabeth"),
    ("kate", "katherine"),
    ("kate", "catherine"),
    ("harry", "henry"),
    ("hank", "henry"),
    ("chuck", "charles"),
    ("charlie", "charles"),
    ("larry", "lawrence"),
    ("sasha", "alexander"),
    ("pepe", "jose"),
    ("molly", "mary"),
];

/// A name made comparable.
pub struct Name {
    tokens: Vec<Token>,
    truncated: bool,
}

struct Token {
    plain: Sensitive<String>,
    icao: Sensitive<String>,
}

impl Name {
    /// From any spelling, in any alphabet and order; 160 letters and twelve tokens of it.
    #[must_use]
    pub fn new(text: &str) -> Self {
        let lower: String = text
            .chars()
            .take(MOST_LETTERS)
            .flat_map(char::to_lowercase)
            .collect();
        // An apostrophe parts nothing: zones write OBRIEN.
        let joined = lower.replace(['\'', '’', 'ʼ', '`', '´'], "");
        let words = joined.split(|c: char| !c.is_alphanumeric() && !is_mark(c));
        let tokens = words.flat_map(tokens_of).filter(|token| {
            let plain = token.plain.reveal().as_str();
            !plain.is_empty() && !TITLES.contains(&plain)
        });
        Self {
            tokens: tokens.take(MOST_TOKENS).collect(),
            truncated: false,
        }
    }

    /// The same, from a zone whose place for names is full: its last token may be cut off, and
    /// further ones missing.
    #[must_use]
    pub fn truncated(text: &str) -> Self {
        Self {
            truncated: true,
            ..Self::new(text)
        }
    }

    /// True if nothing can be compared.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.tokens.is_empty()
    }

    /// How much of this name stands among words that hold other things too, 0 to 1: the mean over
    /// its tokens of the word most like each, sunk by the worst. Short forms and initials do not
    /// count here, where any word could be one.
    pub(crate) fn found_among<'a>(&self, words: impl Iterator<Item = &'a str>) -> f64 {
        let others: Vec<Token> = words.flat_map(|word| Self::new(word).tokens).collect();
        let best = |token: &Token| {
            let whole = |other: &&Token| other.plain.reveal().len() >= token.plain.reveal().len();
            let scores = others
                .iter()
                .filter(whole)
                .map(|other| alike(token, other, false));
            scores.fold(0.0, f64::max)
        };
        let scores: Vec<f64> = self.tokens.iter().map(best).collect();
        let worst = scores.iter().copied().fold(1.0, f64::min);
        let mean = scores.iter().sum::<f64>() / scores.len().max(1) as f64;
        mean * (0.4 + 0.6 * worst)
    }

    fn letters(&self) -> String {
        self.tokens
            .iter()
            .map(|token| token.plain.reveal().as_str())
            .collect()
    }

    /// How alike two names are, 0 to 1. An empty one is like none.
    #[must_use]
    pub fn compare(&self, other: &Self) -> f64 {
        if self.is_empty() || other.is_empty() {
            return 0.0;
        }
        let (few, many) = if self.tokens.len() <= other.tokens.len() {
            (self, other)
        } else {
            (other, self)
        };
        let aligned = aligned(few, many);
        // Spaces differ between spellings: `de Bruijn`, `Debruijn`; `Jin Ping`, `Jinping`.
        let (a, b) = (self.letters(), other.letters());
        if self.tokens.len() != other.tokens.len() && a == b {
            1.0
        } else {
            aligned
        }
    }
}

/// Combining marks belong to the letter before them.
fn is_mark(c: char) -> bool {
    ('\u{300}'..='\u{36f}').contains(&c)
}

fn tokens_of(word: &str) -> Vec<Token> {
    let plain = any_ascii::any_ascii(word).to_ascii_lowercase();
    let spelled: String = word
        .chars()
        .map(|c| {
            let icao = ICAO.iter().find(|(letter, _)| *letter == c);
            icao.map_or_else(|| c.to_string(), |(_, letters)| (*letters).to_owned())
        })
        .collect();
    let icao = any_ascii::any_ascii(&spelled).to_ascii_lowercase();
    let keep = |text: &str| {
        text.chars()
            .filter(char::is_ascii_alphanumeric)
            .collect::<String>()
    };
    vec![Token {
        plain: keep(&plain).into(),
        icao: keep(&icao).into(),
    }]
}

/// Best partners first (the greedy choice is the best one for names this short), then the mean by
/// length, sunk by the worst token that has to have a partner.
fn aligned(few: &Name, many: &Name) -> f64 {
    let mut pairs = Vec::new();
    for (i, one) in few.tokens.iter().enumerate() {
        for (j, other) in many.tokens.iter().enumerate() {
            let last = (few.truncated && i + 1 == few.tokens.len())
                || (many.truncated && j + 1 == many.tokens.len());
            pairs.push((alike(one, other, last), i, j));
        }
    }
    pairs.sort_by(|a, b| b.0.total_cmp(&a.0));
    let (mut taken_few, mut taken_many) = (Vec::new(), Vec::new());
    let (mut sum, mut weight, mut worst) = (0.0, 0.0, 1.0_f64);
    let length = |name: &Name, i: usize| {
        let token = name.tokens.get(i);
        token.map_or(0.0, |token| token.plain.reveal().len().max(2) as f64)
    };
    for (score, i, j) in pairs {
        if taken_few.contains(&i) || taken_many.contains(&j) {
            continue;
        }
        taken_few.push(i);
        taken_many.push(j);
        let share = f64::midpoint(length(few, i), length(many, j));
        sum += score * share;
        weight += share;
        worst = worst.min(score);
    }
    for j in 0..many.tokens.len() {
        if !taken_many.contains(&j) && !few.truncated {
            weight += length(many, j) * EXTRA;
        }
    }
    // One token of a full name is little to go by.
    let lone = if few.tokens.len() == 1 && many.tokens.len() > 1 {
        0.8
    } else {
        1.0
    };
    lone * (sum / weight.max(1.0)) * (0.4 + 0.6 * worst)
}

fn alike(one: &Token, other: &Token, cut_off: bool) -> f64 {
    let spellings = [
        (&one.plain, &other.plain),
        (&one.icao, &other.icao),
        (&one.plain, &other.icao),
        (&one.icao, &other.plain),
    ];
    let all = spellings
        .iter()
        .map(|(a, b)| letters_alike(a.reveal(), b.reveal(), cut_off));
    all.fold(0.0, f64::max)
}

fn letters_alike(a: &str, b: &str, cut_off: bool) -> f64 {
    if a == b {
        return 1.0;
    }
    let (short, long) = if a.len() <= b.len() { (a, b) } else { (b, a) };
    if long.starts_with(short) {
        if cut_off {
            return CUT_OFF;
        }
        if short.len() == 1 {
            return INITIAL;
        }
        if short.len() >= BEGINNING {
            return SHORT_FORM;
        }
    }
    let short_form =
        |(nick, whole): &(&str, &str)| (a == *nick && b == *whole) || (b == *nick && a == *whole);
    if SHORT_FORMS.iter().any(short_form) {
        return SHORT_FORM;
    }
    let edits = 1.0 - osa_distance(a, b) as f64 / long.len().max(1) as f64;
    let (first, second) = (consonants(a), consonants(b));
    if first.len() >= 2 && first == second {
        edits.max(CONSONANTS)
    } else {
        edits
    }
}

/// What is left when vowels, doubled letters and letters that alphabets swap are levelled.
fn consonants(token: &str) -> String {
    let level = |c: char| match c {
        'a' | 'e' | 'i' | 'o' | 'u' | 'y' | 'h' | 'j' => None,
        'c' | 'q' => Some('k'),
        'w' => Some('v'),
        'z' => Some('s'),
        other => Some(other),
    };
    let mut found = String::new();
    for c in token.replace("ph", "f").chars().filter_map(level) {
        if !found.ends_with(c) {
            found.push(c);
        }
    }
    found
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn score(a: &str, b: &str) -> f64 {
        Name::new(a).compare(&Name::new(b))
    }

    #[test]
    fn spellings_of_one_name_are_equal() {
        for (a, b) in [
            ("Jürgen Müller", "MUELLER JUERGEN"),
            ("Jurgen Muller", "Müller, Jürgen"),
            ("O'Brien Sean", "SEAN OBRIEN"),
            ("Willeke de Bruijn", "WILLEKE DEBRUIJN"),
            ("Smith-Jones Ann", "SMITH JONES ANN"),
            ("Dr. Anna Eriksson", "Eriksson Anna"),
            ("Михаил Горбачев", "Mikhail Gorbachev"),
        ] {
            assert!(score(a, b) > 0.84, "{a} / {b}: {}", score(a, b));
        }
    }

    #[test]
    fn another_surname_or_given_name_is_far() {
        for (a, b) in [
            ("Anna Maria Eriksson", "Anna Maria Svensson"),
            ("Anna Eriksson", "Petra Eriksson"),
            ("Anna", "Anna Eriksson"),
            ("", "Anna"),
            ("+++", "+++"),
        ] {
            assert!(score(a, b) < 0.82, "{a} / {b}: {}", score(a, b));
        }
    }

    #[test]
    fn short_forms_and_initials_are_near_and_never_equal() {
        for (a, b) in [
            ("William Shaw", "Bill Shaw"),
            ("William Shaw", "W Shaw"),
            ("Christopher Shaw", "Chris Shaw"),
        ] {
            let score = score(a, b);
            assert!((0.75..0.92).contains(&score), "{a} / {b}: {score}");
        }
    }

    #[test]
    fn a_cut_off_name_is_like_the_whole_one() {
        let zone = Name::truncated("CARLOS MONTEIRO AMELIA VANESS");
        let whole = Name::new("Amelia Vanessa Dos Santos Carlos Monteiro");
        assert!(zone.compare(&whole) > 0.92);
    }
}
