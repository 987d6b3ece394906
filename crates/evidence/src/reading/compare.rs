//! What was read against what is on record: findings, in codes and figures only.
//!
//! The number is compared by keyed digest. A letter that was misread makes a difference, never a
//! match, so a match needs little else and a difference speaks against somebody only where every
//! check digit says that nothing was misread.

use jiff::civil::Date;
use recovery::document::{DocumentKind, DocumentRecord, normalised_number};
use recovery::evidence::EvidenceKind;
use recovery::finding::{Finding, Outcome, Region};
use recovery::id::BlindIndex;
use recovery::policy::Checks;

use super::{Reading, Source, text};
use crate::names::Name;

/// What looked.
const ENGINE: &str = "tesseract/mrz";
/// Fewest words that a side with writing on it gives.
const FEWEST_WORDS: usize = 3;
/// Confidence from which a line of a zone is believed to be printed as it was read.
const SURE: f32 = 80.0;
/// How much of the surname must stand on the front to say that front and back agree, 0 to 1.
const SURNAME: f64 = 0.85;

/// The codes that need the record.
const AGAINST_RECORD: [&str; 4] = [
    "document.same",
    "document.number",
    "document.name",
    "document.birth_date",
];

/// A reading with what it is compared with.
struct Case<'a> {
    reading: &'a Reading,
    source: Option<Source>,
    today: Date,
    checks: &'a Checks,
    digest: &'a dyn Fn(&str) -> BlindIndex,
}

/// How a datum of the document stands to the record's.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Match {
    /// Equal, in what was made for machines.
    Machine,
    /// Equal, among the words.
    Words,
    /// Something else stands in what was made for machines.
    Other,
    /// Not found.
    Unknown,
}

impl Match {
    const fn equal(self) -> bool {
        matches!(self, Self::Machine | Self::Words)
    }

    const fn outcome(self) -> Outcome {
        if self.equal() {
            Outcome::Pass
        } else {
            Outcome::Unsure
        }
    }
}

/// Findings of a document, applicant's and reviewers'.
///
/// `chosen` is the kind the applicant chose, `today` the day on which ages and expiry are counted,
/// `digest` makes the keyed digest of a normalised number. Without a record what needs one is
/// unavailable; so is everything without a reader.
#[must_use]
pub fn compare(
    reading: &Reading,
    record: Option<&DocumentRecord>,
    chosen: Option<DocumentKind>,
    today: Date,
    digest: &dyn Fn(&str) -> BlindIndex,
    checks: &Checks,
) -> Vec<Finding> {
    let source = reading.source(today);
    let known = reading.available || source.is_some();
    let mut findings = Vec::new();
    let case = Case {
        reading,
        source,
        today,
        checks,
        digest,
    };
    match record.filter(|_| known) {
        Some(record) => findings.extend(case.against(record, chosen)),
        None => {
            let each = AGAINST_RECORD.iter();
            findings.extend(each.map(|code| Finding::unavailable(code, ENGINE)));
        }
    }
    if known {
        findings.extend(case.by_itself(chosen));
    }
    findings
}

fn reviewer(code: &str, outcome: Outcome) -> Finding {
    Finding::reviewer(code, outcome, ENGINE)
}

impl Case<'_> {
    fn against(&self, record: &DocumentRecord, chosen: Option<DocumentKind>) -> Vec<Finding> {
        let number = self.number(record);
        let (name, likeness) = self.name(record);
        let birth = self.birth(record);
        let kind = self.kind_fits(record.kind);
        let thresholds = &self.checks.reading;
        let chosen_other = chosen.is_some_and(|chosen| chosen != record.kind);
        let kind_outcome = match kind {
            Some(false) => Outcome::Fail,
            // Without anything made for machines the kind is nowhere told; two zones tell two.
            _ if chosen_other || self.source.is_none() || !self.reading.one_zone() => {
                Outcome::Unsure
            }
            _ => Outcome::Pass,
        };
        let same = self.same(number, likeness, name, birth, kind_outcome);
        let mut same = reviewer("document.same", same);
        if let Some(region) = self.region() {
            same = same.at(region.0).about(region.1);
        }
        let name_outcome = if likeness >= thresholds.name_match {
            Outcome::Pass
        } else {
            Outcome::Unsure
        };
        vec![
            same,
            reviewer("document.number", number.outcome()),
            reviewer("document.name", name_outcome).measured(
                likeness,
                thresholds.name_match,
                "similarity",
            ),
            reviewer("document.birth_date", birth.outcome()),
            reviewer("id.kind", kind_outcome),
        ]
    }

    /// The gate. Passes only when everything agrees and more than one thing says so; fails only
    /// where the document itself proves that it is another one of another person.
    fn same(
        &self,
        number: Match,
        likeness: f64,
        name: Match,
        birth: Match,
        kind: Outcome,
    ) -> Outcome {
        let Some(source) = &self.source else {
            // Words alone are one source, and any of them may be anything.
            return Outcome::Unsure;
        };
        let near = likeness >= self.checks.reading.name_near;
        let second = self.front_agrees(source) == Some(true);
        let zone = self.reading.zone().is_some();
        let sure = source.whole && (zone || second);
        if number.equal() && near && birth.equal() && kind == Outcome::Pass && (sure || second) {
            return Outcome::Pass;
        }
        let proof = source.whole && !source.repaired;
        let other_person = birth == Match::Other || (name == Match::Other && !near);
        if proof && number == Match::Other && other_person {
            return Outcome::Fail;
        }
        Outcome::Unsure
    }

    fn number(&self, record: &DocumentRecord) -> Match {
        let is = |number: &str| (self.digest)(&normalised_number(number)) == record.number;
        let numbers = self.source.iter().flat_map(|source| &source.numbers);
        if numbers.into_iter().any(|number| is(number.reveal())) {
            return Match::Machine;
        }
        if text::has_number(self.reading.words(), &record.number, self.digest) {
            return Match::Words;
        }
        if self.source.is_some() {
            Match::Other
        } else {
            Match::Unknown
        }
    }

    fn name(&self, record: &DocumentRecord) -> (Match, f64) {
        let wanted = Name::new(record.name.reveal());
        let near = self.checks.reading.name_near;
        if let Some(source) = &self.source {
            let likeness = source.name.compare(&wanted);
            let found = if likeness >= near {
                Match::Machine
            } else {
                Match::Other
            };
            return (found, likeness);
        }
        // Wherever the tokens stand: near at best.
        let most = self.checks.reading.name_match - 0.01;
        let likeness = text::name_among(self.reading.words(), &wanted).min(most);
        let found = if likeness >= near {
            Match::Words
        } else {
            Match::Unknown
        };
        (found, likeness)
    }

    fn birth(&self, record: &DocumentRecord) -> Match {
        let Ok(wanted) = record.birth_date.reveal().parse::<Date>() else {
            return Match::Unknown;
        };
        match self.source.as_ref().and_then(|source| source.birth) {
            Some(birth) if birth == wanted => Match::Machine,
            Some(_) => Match::Other,
            None if text::has_date(self.reading.words(), wanted) => Match::Words,
            None => Match::Unknown,
        }
    }

    /// Whether what was made for machines is of this kind; nothing where it does not tell. A zone
    /// that is not right does not tell.
    fn kind_fits(&self, kind: DocumentKind) -> Option<bool> {
        if let Some(zone) = self.reading.zone() {
            return zone
                .mrz
                .is_of(kind)
                .filter(|_| zone.mrz.checks.right() >= 3);
        }
        let licence = self.reading.licence()?;
        let own = if licence.identity_card {
            DocumentKind::NationalId
        } else {
            DocumentKind::DrivingLicence
        };
        Some(kind == own)
    }

    /// Whether the words on the front say what the other source says; nothing without both.
    fn front_agrees(&self, source: &Source) -> Option<bool> {
        if !self.reading.one_zone() {
            return Some(false);
        }
        let words = self.reading.front.words.as_ref().filter(|_| source.back)?;
        if self.reading.words_read() < FEWEST_WORDS {
            return None;
        }
        let surname = Name::new(source.surname.reveal());
        let number = source
            .numbers
            .first()
            .map(|number| normalised_number(number.reveal()));
        let same = |text: &str| BlindIndex(text.to_owned());
        let number = number.is_some_and(|number| text::has_number(words, &same(&number), &same));
        Some(number || text::name_among(words, &surname) >= SURNAME)
    }

    /// Where the zone is, and on which photo.
    fn region(&self) -> Option<(Region, EvidenceKind)> {
        let back = self
            .reading
            .back
            .as_ref()
            .filter(|side| side.zone.is_some());
        let (side, kind) = match back {
            Some(back) => (back, EvidenceKind::IdBack),
            None => (&self.reading.front, EvidenceKind::IdFront),
        };
        Some((
            Region::of_pixels(side.zone.as_ref()?.place, side.size),
            kind,
        ))
    }

    /// What needs no record.
    fn by_itself(&self, chosen: Option<DocumentKind>) -> Vec<Finding> {
        let mut findings = self.for_applicant(chosen);
        if let Some(source) = &self.source {
            match self.front_agrees(source) {
                Some(true) => findings.push(reviewer("document.agree", Outcome::Pass)),
                Some(false) => findings.push(reviewer("document.agree", Outcome::Unsure)),
                None if self.reading.back.is_some() => {
                    findings.push(Finding::unavailable("document.agree", ENGINE));
                }
                None => {}
            }
        }
        if let Some(birth) = self.source.as_ref().and_then(|source| source.birth) {
            let least = self.checks.reading.least_age_years;
            let years = f64::from(age(birth, self.today));
            let outcome = if years >= least {
                Outcome::Pass
            } else {
                Outcome::Unsure
            };
            findings.push(reviewer("document.age", outcome).measured(years, least, "years"));
        }
        findings.extend(self.edited());
        findings
    }

    /// A check digit that does not fit where every letter was read with confidence.
    fn edited(&self) -> Option<Finding> {
        let zone = self.reading.zone()?;
        let checked = zone.mrz.checks.right() + zone.mrz.checks.wrong() > 0;
        let wrong = zone.mrz.checks.wrong() > 0 || zone.repaired;
        let outcome = match (checked, wrong, zone.exact && zone.confidence >= SURE) {
            (false, ..) | (_, true, false) => return None,
            (_, true, true) => Outcome::Unsure,
            (_, false, _) => Outcome::Pass,
        };
        let finding = reviewer("document.edited", outcome);
        let right = zone.mrz.checks.right() as f64;
        let all = right + zone.mrz.checks.wrong() as f64;
        let finding = finding.measured(right, all, "check digits");
        let (region, kind) = self.region()?;
        Some(finding.at(region).about(kind))
    }

    fn for_applicant(&self, chosen: Option<DocumentKind>) -> Vec<Finding> {
        let applicant = |code, outcome| Finding::applicant(code, outcome, ENGINE);
        let mut findings = Vec::new();
        let (front, back) = (EvidenceKind::IdFront, EvidenceKind::IdBack);
        let place = if self.source.as_ref().is_some_and(|source| source.back) {
            back
        } else {
            front
        };
        let told = chosen.and_then(|chosen| self.kind_fits(chosen));
        if let Some(fits) = told {
            let outcome = if fits { Outcome::Pass } else { Outcome::Retake };
            findings.push(applicant("id.kind", outcome).about(place));
        }
        if self.reading.sides_swapped() {
            findings.push(applicant("id.side", Outcome::Retake).about(front));
        }
        if let Some(expiry) = self.source.as_ref().and_then(|source| source.expiry) {
            let outcome = if expiry >= self.today {
                Outcome::Pass
            } else {
                Outcome::Unsure
            };
            findings.push(applicant("id.expired", outcome).about(place));
        }
        if self.reading.available {
            let nothing = self.source.is_none() && self.reading.words_read() < FEWEST_WORDS;
            let outcome = if nothing {
                Outcome::Retake
            } else {
                Outcome::Pass
            };
            findings.push(applicant("id.text", outcome).about(front));
        }
        findings
    }
}

/// Whole years from one day to another.
fn age(birth: Date, today: Date) -> i16 {
    let before_birthday = (today.month(), today.day()) < (birth.month(), birth.day());
    today.year() - birth.year() - i16::from(before_birthday)
}
