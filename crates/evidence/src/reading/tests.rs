//! What a reading says against a record: zones and words made by hand, no tool.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic
)]

use jiff::civil::date;
use recovery::document::{DocumentKind, DocumentRecord, normalised_number};
use recovery::evidence::EvidenceKind;
use recovery::finding::{Audience, Finding, Outcome};
use recovery::id::BlindIndex;
use recovery::policy::{Checks, DEFAULT, Policy};

use super::{Reading, Side, compare, text};
use crate::mrz::{ZoneRead, parse};
use crate::ocr::Word;
use crate::parse_licence;

const PASSPORT: [&str; 2] = [
    "P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<",
    "L898902C36UTO7408122F2804154ZE184226B<<<<<18",
];
const CARD: [&str; 3] = [
    "I<UTOD231458907<<<<<<<<<<<<<<<",
    "7408122F2804154UTO<<<<<<<<<<<4",
    "ERIKSSON<<ANNA<MARIA<<<<<<<<<<",
];

fn checks() -> Checks {
    Policy::parse(DEFAULT).unwrap().checks
}

fn digest(number: &str) -> BlindIndex {
    BlindIndex(format!("digest of {number}"))
}

fn record(kind: DocumentKind, number: &str) -> DocumentRecord {
    DocumentRecord {
        kind,
        country: "UTO".to_owned(),
        number: digest(&normalised_number(number)),
        name: "Anna Maria Eriksson".to_owned().into(),
        birth_date: "1974-08-12".to_owned().into(),
        expiry: None,
    }
}

fn zone(lines: &[&str]) -> ZoneRead {
    ZoneRead {
        mrz: parse(lines).unwrap(),
        repaired: false,
        confidence: 91.0,
        exact: true,
        turns: 0,
        calls: 1,
        place: [100.0, 500.0, 800.0, 100.0],
    }
}

fn words(lines: &[&str]) -> Vec<Word> {
    let rows = lines.iter().zip(0..).flat_map(|(line, row)| {
        line.split(' ').zip(0..).map(move |(word, place)| Word {
            text: word.to_owned().into(),
            confidence: 90.0,
            place: [place * 100, row * 30, 90, 20],
            line: row,
        })
    });
    rows.collect()
}

fn side(zone: Option<ZoneRead>, words: Option<Vec<Word>>) -> Side {
    Side {
        zone,
        words,
        size: (1000, 630),
        ..Side::default()
    }
}

fn page(lines: &[&str]) -> Reading {
    Reading {
        front: side(Some(zone(lines)), None),
        back: None,
        available: true,
    }
}

fn card(back: &[&str], front: &[&str]) -> Reading {
    Reading {
        front: side(None, Some(words(front))),
        back: Some(side(Some(zone(back)), None)),
        available: true,
    }
}

fn look(reading: &Reading, record: Option<&DocumentRecord>, chosen: DocumentKind) -> Vec<Finding> {
    compare(
        reading,
        record,
        Some(chosen),
        date(2026, 11, 25),
        &digest,
        &checks(),
    )
}

fn outcome(findings: &[Finding], code: &str) -> Option<Outcome> {
    findings
        .iter()
        .find(|one| one.code == code)
        .map(|one| one.outcome)
}

fn same(reading: &Reading, record: &DocumentRecord, chosen: DocumentKind) -> Outcome {
    outcome(&look(reading, Some(record), chosen), "document.same").unwrap()
}

#[test]
fn the_passport_of_the_record_passes() {
    let record = record(DocumentKind::Passport, "L898902C3");
    let findings = look(&page(&PASSPORT), Some(&record), DocumentKind::Passport);
    assert!(
        findings.iter().all(|one| one.outcome == Outcome::Pass),
        "{findings:?}"
    );
    for code in [
        "document.same",
        "document.age",
        "id.expired",
        "document.edited",
    ] {
        assert!(outcome(&findings, code).is_some(), "{code}");
    }
}

#[test]
fn nothing_that_was_read_stands_in_a_finding_or_a_debug_output() {
    let (reading, record) = (page(&PASSPORT), record(DocumentKind::Passport, "other"));
    let findings = look(&reading, Some(&record), DocumentKind::Passport);
    let told = format!("{findings:?} {reading:?}").to_uppercase();
    for datum in ["ERIKSSON", "ANNA", "L898902C3", "1974-08-12", "740812"] {
        assert!(!told.contains(datum), "{datum}");
    }
}

#[test]
fn another_number_alone_is_for_people_and_with_another_person_it_fails() {
    let mut record = record(DocumentKind::Passport, "X00000000");
    let reading = page(&PASSPORT);
    assert_eq!(
        same(&reading, &record, DocumentKind::Passport),
        Outcome::Unsure
    );
    record.birth_date = "1974-08-13".to_owned().into();
    assert_eq!(
        same(&reading, &record, DocumentKind::Passport),
        Outcome::Fail
    );
    record.birth_date = "1974-08-12".to_owned().into();
    record.name = "Petra Svensson".to_owned().into();
    assert_eq!(
        same(&reading, &record, DocumentKind::Passport),
        Outcome::Fail
    );
}

#[test]
fn a_zone_that_is_not_right_never_speaks_against_anybody() {
    let mut record = record(DocumentKind::Passport, "X00000000");
    record.birth_date = "1974-08-13".to_owned().into();
    let wrong = PASSPORT[1].replace("L898902C36", "L898902C37");
    let reading = page(&[PASSPORT[0], &wrong]);
    assert_eq!(
        same(&reading, &record, DocumentKind::Passport),
        Outcome::Unsure
    );
    let mut repaired = page(&PASSPORT);
    repaired.front.zone.as_mut().unwrap().repaired = true;
    assert_eq!(
        same(&repaired, &record, DocumentKind::Passport),
        Outcome::Unsure
    );
}

#[test]
fn an_edited_digit_is_for_people_and_only_where_it_was_read_surely() {
    let edited = PASSPORT[1].replace("L898902C36", "L898903C36");
    let mut reading = page(&[PASSPORT[0], &edited]);
    let record = record(DocumentKind::Passport, "L898903C3");
    let findings = look(&reading, Some(&record), DocumentKind::Passport);
    assert_eq!(outcome(&findings, "document.edited"), Some(Outcome::Unsure));
    assert_eq!(outcome(&findings, "document.same"), Some(Outcome::Unsure));
    reading.front.zone.as_mut().unwrap().confidence = 40.0;
    let findings = look(&reading, Some(&record), DocumentKind::Passport);
    assert_eq!(outcome(&findings, "document.edited"), None);
}

#[test]
fn another_kind_is_told_by_the_choice_and_never_by_the_record() {
    let passport = record(DocumentKind::Passport, "D23145890");
    let reading = card(&CARD, &["UTOPIA IDENTITY CARD", "ERIKSSON", "ANNA MARIA"]);
    let findings = look(&reading, Some(&passport), DocumentKind::Passport);
    let told = |audience| {
        let mut all = findings.iter().filter(|one| one.code == "id.kind");
        all.find(|one| one.audience == audience)
            .map(|one| one.outcome)
    };
    assert_eq!(told(Audience::Applicant), Some(Outcome::Retake));
    assert_eq!(told(Audience::Reviewer), Some(Outcome::Fail));
    assert_eq!(outcome(&findings, "document.same"), Some(Outcome::Unsure));
    // Chosen as it is, and another kind on record: nothing of that reaches the applicant.
    let findings = look(&reading, Some(&passport), DocumentKind::NationalId);
    let applicant = findings
        .iter()
        .filter(|one| one.audience == Audience::Applicant);
    assert!(applicant.clone().count() > 0);
    let without = look(&reading, None, DocumentKind::NationalId);
    let unknown = without
        .iter()
        .filter(|one| one.audience == Audience::Applicant);
    assert!(applicant.eq(unknown));
}

#[test]
fn a_card_agrees_with_its_front_or_goes_to_people() {
    let record = record(DocumentKind::NationalId, "D23145890");
    let agrees = card(
        &CARD,
        &[
            "UTOPIA IDENTITY CARD",
            "ERIKSSON",
            "ANNA MARIA",
            "D23145890",
        ],
    );
    let findings = look(&agrees, Some(&record), DocumentKind::NationalId);
    assert_eq!(outcome(&findings, "document.agree"), Some(Outcome::Pass));
    assert_eq!(outcome(&findings, "document.same"), Some(Outcome::Pass));
    let other = card(
        &CARD,
        &["UTOPIA IDENTITY CARD", "SVENSSON", "PETRA", "X99999999"],
    );
    let findings = look(&other, Some(&record), DocumentKind::NationalId);
    assert_eq!(outcome(&findings, "document.agree"), Some(Outcome::Unsure));
}

#[test]
fn a_page_held_together_with_the_back_of_a_card_is_two_documents() {
    let record = record(DocumentKind::NationalId, "D23145890");
    let page = ["UTOPIA PASSPORT", "ERIKSSON", "ANNA MARIA", PASSPORT[0]];
    let mut both = card(&CARD, &page);
    assert!(text::like_a_zone(both.words()));
    assert!(!text::like_a_zone(&words(&[
        "UTOPIA IDENTITY CARD",
        "D23145890"
    ])));
    both.front.zone = Some(zone(&PASSPORT));
    let findings = look(&both, Some(&record), DocumentKind::NationalId);
    assert_eq!(outcome(&findings, "id.kind"), Some(Outcome::Unsure));
    assert_eq!(outcome(&findings, "document.agree"), Some(Outcome::Unsure));
    assert_eq!(outcome(&findings, "document.same"), Some(Outcome::Unsure));
}

#[test]
fn the_back_photographed_as_the_front_is_told() {
    let swapped = Reading {
        front: side(Some(zone(&CARD)), None),
        back: Some(side(None, None)),
        available: true,
    };
    let findings = look(&swapped, None, DocumentKind::NationalId);
    let side = findings.iter().find(|one| one.code == "id.side").unwrap();
    assert_eq!(
        (side.outcome, side.audience),
        (Outcome::Retake, Audience::Applicant)
    );
    assert_eq!(side.kind, Some(EvidenceKind::IdFront));
    assert_eq!(
        outcome(
            &look(&page(&PASSPORT), None, DocumentKind::Passport),
            "id.side"
        ),
        None
    );
}

#[test]
fn an_expired_or_young_document_is_for_people() {
    let old = [PASSPORT[0], "L898902C36UTO7408122F1204159ZE184226B<<<<<10"];
    let findings = look(&page(&old), None, DocumentKind::Passport);
    assert_eq!(outcome(&findings, "id.expired"), Some(Outcome::Unsure));
    let young = [
        "P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<",
        "L898902C36UTO1408120F2804154ZE184226B<<<<<14",
    ];
    let findings = look(&page(&young), None, DocumentKind::Passport);
    assert_eq!(outcome(&findings, "document.age"), Some(Outcome::Unsure));
}

#[test]
fn words_alone_find_number_name_and_date_and_never_pass_the_gate() {
    let front = [
        "DRIVING LICENCE",
        "1. ERIKSSON",
        "2. ANNA MARIA",
        "3. 12.08.1974",
        "5. ERIK 740 812 AM9",
    ];
    let reading = Reading {
        front: side(None, Some(words(&front))),
        back: Some(side(None, None)),
        available: true,
    };
    let record = record(DocumentKind::DrivingLicence, "ERIK740812AM9");
    let findings = look(&reading, Some(&record), DocumentKind::DrivingLicence);
    assert_eq!(outcome(&findings, "document.number"), Some(Outcome::Pass));
    assert_eq!(
        outcome(&findings, "document.birth_date"),
        Some(Outcome::Pass)
    );
    assert_eq!(outcome(&findings, "document.name"), Some(Outcome::Unsure));
    assert_eq!(outcome(&findings, "document.same"), Some(Outcome::Unsure));
    // An O where a nought stands makes no other number.
    let misread = ["5. ERIK 74O 8I2 AM9"];
    let reading = Reading {
        front: side(None, Some(words(&misread))),
        ..reading
    };
    let findings = look(&reading, Some(&record), DocumentKind::DrivingLicence);
    assert_eq!(outcome(&findings, "document.number"), Some(Outcome::Pass));
}

#[test]
fn a_barcode_passes_only_with_a_front_that_says_the_same() {
    let text = "@\n\u{1e}\rANSI 636000100202DL00410278DLDAQT64235789\nDCSERIKSSON\nDACANNA\n\
        DADMARIA\nDBB08121974\nDBA04152028\nDCGUSA\n";
    let back = |front: &[&str]| Reading {
        front: side(None, Some(words(front))),
        back: Some(Side {
            licence: parse_licence(text),
            ..side(None, None)
        }),
        available: true,
    };
    let record = record(DocumentKind::DrivingLicence, "T64235789");
    let agrees = back(&["DRIVER LICENSE", "ERIKSSON", "ANNA MARIA", "T64235789"]);
    assert_eq!(
        same(&agrees, &record, DocumentKind::DrivingLicence),
        Outcome::Pass
    );
    let alone = back(&[]);
    assert_eq!(
        same(&alone, &record, DocumentKind::DrivingLicence),
        Outcome::Unsure
    );
    assert_eq!(
        same(&agrees, &record, DocumentKind::NationalId),
        Outcome::Unsure
    );
}

#[test]
fn without_a_reader_or_a_record_nothing_passes() {
    let record = record(DocumentKind::Passport, "L898902C3");
    let findings = look(
        &Reading::unavailable(),
        Some(&record),
        DocumentKind::Passport,
    );
    assert!(
        findings
            .iter()
            .all(|one| one.outcome == Outcome::Unavailable)
    );
    assert_eq!(findings.len(), 4);
    let findings = look(&page(&PASSPORT), None, DocumentKind::Passport);
    for code in [
        "document.same",
        "document.number",
        "document.name",
        "document.birth_date",
    ] {
        assert_eq!(
            outcome(&findings, code),
            Some(Outcome::Unavailable),
            "{code}"
        );
    }
}

#[test]
fn an_empty_photo_is_taken_again() {
    let reading = Reading {
        front: side(None, Some(Vec::new())),
        back: None,
        available: true,
    };
    let findings = look(&reading, None, DocumentKind::Passport);
    assert_eq!(outcome(&findings, "id.text"), Some(Outcome::Retake));
}
