//! Addresses that an app shows with their middle left out: `0x12ab…9f3c`.
//!
//! Beginning and end are compared in the record by keyed digests, as whole addresses are. They
//! tell too little to speak for anybody: 8 symbols of Base58 or bech32 are 34 bits, of hexadecimal
//! 32, and addresses with chosen ends are made to deceive. What fits is shown to a person.

use std::collections::{BTreeMap, BTreeSet};

use recovery::id::BlindIndex;
use recovery::sensitive::Sensitive;

use super::values::normalised_address;

/// Letters on either side, what every address of a chain begins with left aside.
const LEAST: usize = 4;
/// Most letters on either side; apps show 4 to 10.
const MOST: usize = 24;
/// Dots that stand for what is left out: two, for a reader misses some.
const DOTS: usize = 2;
/// Beginnings that say only which chain it is, as [`normalised_address`] writes them: `0x`, `bc1`
/// and `tb1` with `q` or `p`, `ltc1q`, `addr1q`, `addr1v`. Elsewhere it is the first letter.
const PREFIXES: [&str; 8] = [
    "0x", "6c16", "6c1p", "t616", "t61p", "1tc16", "addr16", "addr1u",
];

/// The two ends of one place on a page, normalised, in every way they can be read.
#[derive(Clone, Default)]
pub(super) struct Shortened {
    heads: Vec<Sensitive<String>>,
    tails: Vec<Sensitive<String>>,
}

impl std::fmt::Debug for Shortened {
    /// Nothing: it is what the page says.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Shortened")
    }
}

/// Digests of the ends of addresses, and which addresses have them.
#[derive(Debug, Clone, Default)]
pub(super) struct Ends(BTreeMap<BlindIndex, BTreeSet<BlindIndex>>);

impl Ends {
    /// Takes in every beginning and every end of a normalised address that a page may show.
    pub(super) fn add(&mut self, address: &str, digest: &dyn Fn(&str) -> BlindIndex) {
        let whole = digest(address);
        let letters: Vec<char> = address.chars().collect();
        for count in LEAST..=MOST.min(letters.len().saturating_sub(1)) {
            let head: String = letters.iter().take(count).collect();
            let tail: String = letters.iter().skip(letters.len() - count).collect();
            for end in [of_head(&head), of_tail(&tail)] {
                self.0
                    .entry(digest(&end))
                    .or_default()
                    .insert(whole.clone());
            }
        }
    }

    /// The one address that has both ends; none if no address or several have.
    pub(super) fn only_one(
        &self,
        shortened: &Shortened,
        digest: &dyn Fn(&str) -> BlindIndex,
    ) -> Option<&BlindIndex> {
        let known = |end: String| self.0.get(&digest(&end));
        let mut fitting = BTreeSet::new();
        for head in &shortened.heads {
            for tail in &shortened.tails {
                let (head, tail) = (known(of_head(head.reveal())), known(of_tail(tail.reveal())));
                if let (Some(head), Some(tail)) = (head, tail) {
                    fitting.extend(head.intersection(tail));
                }
            }
        }
        fitting.pop_first().filter(|_| fitting.is_empty())
    }
}

/// No address begins with these words.
fn of_head(head: &str) -> String {
    format!("begins {head}")
}

fn of_tail(tail: &str) -> String {
    format!("ends {tail}")
}

/// Every place of a line at which the middle of a word is left out, and that is long enough on
/// both sides.
pub(super) fn in_line(words: &[&str]) -> Vec<Shortened> {
    let line: Vec<char> = words.join(" ").chars().collect();
    let (mut found, mut at) = (Vec::new(), 0);
    while at < line.len() {
        let rest = line.get(at..).unwrap_or_default();
        let length = rest.iter().take_while(|c| is_gap(**c)).count();
        let (before, after) = (line.get(..at), line.get(at + length..));
        if dots(rest.get(..length).unwrap_or_default()) >= DOTS
            && let (Some(before), Some(after)) = (before, after)
        {
            let shortened = Shortened {
                heads: heads(before),
                tails: tails(after),
            };
            if !shortened.heads.is_empty() && !shortened.tails.is_empty() {
                found.push(shortened);
            }
        }
        at += length.max(1);
    }
    found
}

fn is_gap(c: char) -> bool {
    c.is_whitespace() || dots(&[c]) > 0
}

/// How many dots the characters draw.
fn dots(gap: &[char]) -> usize {
    let count = |c: &char| match c {
        '.' | '·' | '•' | '*' => 1,
        '‥' => 2,
        '…' | '⋯' => 3,
        _ => 0,
    };
    gap.iter().map(count).sum()
}

/// What stands before: the last word, and with the one before it, for a reader puts in spaces.
fn heads(before: &[char]) -> Vec<Sensitive<String>> {
    let mut reversed = before.to_vec();
    reversed.reverse();
    let turned = |text: String| text.chars().rev().collect::<String>();
    let read = runs(&reversed).into_iter().map(turned);
    read.filter_map(|text| {
        let text = normalised_address(&text);
        let prefix = PREFIXES.iter().find(|prefix| text.starts_with(**prefix));
        let prefix = prefix.map_or(1, |prefix| prefix.len());
        within(&text, prefix).then(|| text.into())
    })
    .collect()
}

/// What stands behind, in the same way.
fn tails(after: &[char]) -> Vec<Sensitive<String>> {
    let read = runs(after).into_iter();
    read.map(|text| normalised_address(&text))
        .filter(|text| within(text, 0))
        .map(Into::into)
        .collect()
}

fn within(text: &str, prefix: usize) -> bool {
    (LEAST + prefix..=MOST).contains(&text.len())
}

/// The letters and digits that come first, and those with the next word's after one space.
fn runs(text: &[char]) -> Vec<String> {
    let word = |from: usize| {
        let rest = text.get(from..).unwrap_or_default().iter();
        rest.take_while(|c| c.is_ascii_alphanumeric())
            .take(MOST + 1)
            .collect::<String>()
    };
    let first = word(0);
    let both = match text.get(first.len()) {
        Some(' ') => format!("{first}{}", word(first.len() + 1)),
        _ => first.clone(),
    };
    let mut found = vec![first, both];
    found.dedup();
    found
}
