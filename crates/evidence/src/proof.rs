//! Reads screenshots and pages about earlier transactions, and counts what the dossier knows too.
//!
//! Amounts, dates, addresses and transaction ids are recognised by their shape and compared as
//! keyed digests, so nobody sees what the record holds. A match speaks for the applicant; none
//! says nothing, since a screenshot may show anything: the outcome is never `fail`.

mod shortened;
#[cfg(test)]
mod tests;
mod values;

use std::collections::BTreeSet;

use image::RgbImage;
use recovery::evidence::EvidenceKind;
use recovery::finding::{Finding, Outcome};
use recovery::id::BlindIndex;
use recovery::sensitive::Sensitive;

use self::shortened::{Ends, Shortened};
use self::values::{amount, dates, hexadecimal};
pub use self::values::{normalised_address, normalised_amount};
use crate::MediaRefusal;
use crate::ocr::{Ocr, Task, by_lines, smaller};

/// What looked.
const ENGINE: &str = "tesseract/eng";
/// Long side of a page as it is read, in pixels.
const PAGE_SIDE: u32 = 2400;
/// Most values of one kind that are taken from a page.
const MOST_VALUES: usize = 200;
/// Letters of an address: Bitcoin's shortest has 26, Cardano's longest 103.
const ADDRESS: std::ops::RangeInclusive<usize> = 26..=103;
/// Letters of a transaction id in hexadecimal.
const TRANSACTION: usize = 64;

/// What the record knows of earlier transactions: keyed digests of the normalised values that
/// [`ProofText`] gives, made as the fields say.
#[derive(Debug, Clone, Default)]
pub struct ProofRecord {
    /// Of addresses, see [`ProofRecord::add_address`].
    addresses: BTreeSet<BlindIndex>,
    /// Of their beginnings and ends.
    ends: Ends,
    /// Of transaction ids: 64 lower-case hexadecimal digits.
    pub transactions: BTreeSet<BlindIndex>,
    /// Of amounts, see [`normalised_amount`].
    pub amounts: BTreeSet<BlindIndex>,
    /// Of dates: `YYYY-MM-DD`.
    pub dates: BTreeSet<BlindIndex>,
}

impl ProofRecord {
    /// Takes in an address as it is written, and its ends, for pages that leave the middle out.
    pub fn add_address(&mut self, address: &str, digest: &dyn Fn(&str) -> BlindIndex) {
        let address = normalised_address(address);
        self.ends.add(&address, digest);
        self.addresses.insert(digest(&address));
    }

    /// Digests of the addresses: of [`normalised_address`].
    #[must_use]
    pub const fn addresses(&self) -> &BTreeSet<BlindIndex> {
        &self.addresses
    }
}

/// A transaction that a page names.
#[derive(Debug, Clone)]
pub struct NamedTransaction {
    /// Its id: 64 lower-case hexadecimal digits.
    pub id: Sensitive<String>,
    /// The page marks it as a hexadecimal number (`0x`), as Ethereum does and Bitcoin does not.
    pub marked: bool,
}

/// What a page says, normalised. Its `Debug` shows no text.
#[derive(Debug, Clone, Default)]
pub struct ProofText {
    addresses: Vec<Sensitive<String>>,
    shortened: Vec<Shortened>,
    transactions: Vec<NamedTransaction>,
    amounts: Vec<Sensitive<String>>,
    dates: Vec<Sensitive<String>>,
}

/// Reads one page: one call of the reader, 0.5 to 1.5 s.
///
/// # Errors
/// As [`Ocr::read`].
pub fn read_proof(page: &RgbImage, ocr: &Ocr) -> Result<ProofText, MediaRefusal> {
    let grey = smaller(page, PAGE_SIDE);
    let words = ocr.read(&grey, Task::Sparse)?;
    let lines: Vec<Vec<&str>> = by_lines(&words)
        .map(|line| {
            line.iter()
                .map(|word| word.text.reveal().as_str())
                .collect()
        })
        .collect();
    Ok(ProofText::of_lines(&lines))
}

impl ProofText {
    /// From lines of words.
    fn of_lines(lines: &[Vec<&str>]) -> Self {
        let mut found = Self::default();
        for line in lines {
            found.shortened.extend(shortened::in_line(line));
            for (place, word) in line.iter().enumerate() {
                found.take_long(word);
                // Long ids are broken into groups, or by a space that is none.
                if let Some(next) = line.get(place + 1) {
                    found.take_long(&format!("{word}{next}"));
                }
                let before = place.checked_sub(1).and_then(|before| line.get(before));
                if let Some(amount) = amount(before.copied(), word, line.get(place + 1).copied()) {
                    found.amounts.push(amount.into());
                }
                let rest = line.get(place..).unwrap_or_default();
                found
                    .dates
                    .extend(dates(rest).into_iter().map(|date| date.to_string().into()));
            }
        }
        // An id is often set in two lines.
        for pair in lines.windows(2) {
            if let [upper, lower] = pair {
                let ends = (upper.last(), lower.first());
                if let (Some(upper), Some(lower)) = ends {
                    found.take_long(&format!("{upper}{lower}"));
                }
            }
        }
        found.shortened.truncate(MOST_VALUES);
        found.transactions.truncate(MOST_VALUES);
        for list in found.lists_mut() {
            list.truncate(MOST_VALUES);
        }
        found
    }

    const fn lists_mut(&mut self) -> [&mut Vec<Sensitive<String>>; 3] {
        [&mut self.addresses, &mut self.amounts, &mut self.dates]
    }

    /// Takes a word that has the shape of a transaction id or an address.
    fn take_long(&mut self, word: &str) {
        let word = word.trim_matches(|c: char| !c.is_ascii_alphanumeric());
        if !ADDRESS.contains(&word.len()) || !word.bytes().all(|c| c.is_ascii_alphanumeric()) {
            return;
        }
        let hex = hexadecimal(word);
        let digits = hex.strip_prefix("0x").unwrap_or(&hex);
        let is_hex = digits.bytes().all(|c| c.is_ascii_hexdigit());
        if is_hex && digits.len() == TRANSACTION {
            self.transactions.push(NamedTransaction {
                id: digits.to_owned().into(),
                marked: hex.starts_with("0x"),
            });
        } else if is_hex && hex.starts_with("0x") {
            self.addresses.push(normalised_address(&hex).into());
        } else if word.bytes().any(|c| c.is_ascii_digit()) {
            self.addresses.push(normalised_address(word).into());
        }
    }
}

/// Transactions that the pages name, each once, and first those that the record knows.
#[must_use]
pub fn named_transactions(
    pages: &[ProofText],
    record: Option<&ProofRecord>,
    digest: &dyn Fn(&str) -> BlindIndex,
) -> Vec<NamedTransaction> {
    let mut seen = BTreeSet::new();
    let named = pages.iter().flat_map(|page| &page.transactions);
    let fresh = named.filter_map(|one| {
        let index = digest(one.id.reveal());
        let known = record.is_some_and(|record| record.transactions.contains(&index));
        seen.insert(index).then(|| (known, one.clone()))
    });
    let (known, others): (Vec<_>, Vec<_>) = fresh.partition(|(known, _)| *known);
    known
        .into_iter()
        .chain(others)
        .map(|(_, one)| one)
        .collect()
}

/// Findings of all pages together: how many different values the record knows too. Unavailable
/// without a record or without a page that was read.
#[must_use]
pub fn compare_proof(
    pages: &[ProofText],
    record: Option<&ProofRecord>,
    digest: &dyn Fn(&str) -> BlindIndex,
) -> Vec<Finding> {
    type Of = fn(&ProofText) -> Vec<&Sensitive<String>>;
    type Known = fn(&ProofRecord) -> &BTreeSet<BlindIndex>;
    let kinds: [(&str, Of, Known); 4] = [
        (
            "proof.address",
            |page| page.addresses.iter().collect(),
            |record| &record.addresses,
        ),
        (
            "proof.transaction",
            |page| page.transactions.iter().map(|one| &one.id).collect(),
            |record| &record.transactions,
        ),
        (
            "proof.amount",
            |page| page.amounts.iter().collect(),
            |record| &record.amounts,
        ),
        (
            "proof.date",
            |page| page.dates.iter().collect(),
            |record| &record.dates,
        ),
    ];
    let finding = |(code, of, known): (&str, Of, Known)| {
        let about = |finding: Finding| finding.about(EvidenceKind::Screenshot);
        let Some(record) = record.filter(|_| !pages.is_empty()) else {
            return about(Finding::unavailable(code, ENGINE));
        };
        let values = pages
            .iter()
            .flat_map(of)
            .map(|value| digest(value.reveal()));
        let matched = values.filter(|value| known(record).contains(value));
        let count = matched.collect::<BTreeSet<_>>().len();
        let outcome = if count > 0 {
            Outcome::Pass
        } else {
            Outcome::Unsure
        };
        about(Finding::reviewer(code, outcome, ENGINE)).measured(count as f64, 1.0, "matches")
    };
    let mut findings: Vec<Finding> = kinds.into_iter().map(finding).collect();
    let passed = |one: &Finding| one.code == "proof.address" && one.outcome == Outcome::Pass;
    if !findings.iter().any(passed) {
        findings.extend(compare_shortened(pages, record, digest));
    }
    findings
}

/// How many addresses of the record a page may show with their middle left out: for a person to
/// look at, and never more. Nothing where no place fits exactly one address.
fn compare_shortened(
    pages: &[ProofText],
    record: Option<&ProofRecord>,
    digest: &dyn Fn(&str) -> BlindIndex,
) -> Option<Finding> {
    let record = record?;
    let fitting: BTreeSet<&BlindIndex> = pages
        .iter()
        .flat_map(|page| &page.shortened)
        .filter_map(|shortened| record.ends.only_one(shortened, digest))
        .collect();
    (!fitting.is_empty()).then(|| {
        Finding::reviewer("proof.shortened", Outcome::Unsure, ENGINE)
            .about(EvidenceKind::Screenshot)
            .measured(fitting.len() as f64, 1.0, "matches")
    })
}
