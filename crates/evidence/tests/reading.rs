//! Documents, from picture to findings, through the real reader: a table per specimen.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic
)]

mod support;

use std::fmt::Write as _;

use evidence::{MediaTools, Ocr, Reading, compare_document, read_document};
use image::imageops::{rotate90, rotate180};
use recovery::document::{DocumentKind, DocumentRecord};
use recovery::finding::{Audience, Finding, Outcome};
use recovery::id::BlindIndex;
use recovery::policy::{DEFAULT, Policy};
use support::{files, reader, testdata};

fn digest(number: &str) -> BlindIndex {
    BlindIndex(number.to_owned())
}

fn look(reading: &Reading, record: Option<&DocumentRecord>) -> Vec<Finding> {
    let today = jiff::civil::date(2010, 1, 1);
    compare_document(
        reading,
        record,
        None,
        today,
        &digest,
        &Policy::parse(DEFAULT).unwrap().checks,
    )
}

/// Codes, outcomes and scores, and nothing that was read.
fn told(findings: &[Finding]) -> String {
    let each = findings.iter().map(|one| {
        let mut text = format!("{} {}", one.code, one.outcome.name());
        if let (Some(score), Some(threshold)) = (one.score_milli, one.threshold_milli) {
            let _ = write!(text, " {score}/{threshold}");
        }
        if one.audience == Audience::Applicant {
            text.push('*');
        }
        text
    });
    each.collect::<Vec<_>>().join(", ")
}

#[test]
fn every_specimen_has_the_findings_that_were_looked_at() {
    let (Some(ocr), Some(folder)) = (reader(), testdata("id_documents/images")) else {
        return;
    };
    let mut table = String::from("* is told to the applicant; day of the checks 2010-01-01\n");
    for path in files(&folder) {
        let Ok(picture) = image::load_from_memory(&std::fs::read(&path).unwrap()) else {
            continue;
        };
        let reading = read_document(&picture.to_rgb8(), None, &ocr);
        let name = path.strip_prefix(&folder).unwrap().display();
        writeln!(table, "{name}: {}", told(&look(&reading, None))).unwrap();
    }
    insta::assert_snapshot!(table);
}

fn record(number: &str) -> DocumentRecord {
    DocumentRecord {
        kind: DocumentKind::Passport,
        country: "UTO".to_owned(),
        number: digest(number),
        name: "Sarah Martin".to_owned().into(),
        birth_date: "1985-01-01".to_owned().into(),
        expiry: None,
    }
}

#[test]
fn a_specimen_of_the_record_passes_in_every_orientation_and_no_other_record_does() {
    let (Some(ocr), Some(folder)) = (reader(), testdata("id_documents/images/arg0s")) else {
        return;
    };
    let picture = image::open(folder.join("passports_Canada.png"))
        .unwrap()
        .to_rgb8();
    let turned = rotate90(&picture);
    for picture in [&picture, &rotate180(&picture), &turned, &rotate180(&turned)] {
        let reading = read_document(picture, None, &ocr);
        let same = |record| {
            let findings = look(&reading, Some(&record));
            findings
                .iter()
                .find(|one| one.code == "document.same")
                .unwrap()
                .outcome
        };
        assert_eq!(same(record("ZE000509")), Outcome::Pass);
        assert_eq!(same(record("ZE000508")), Outcome::Unsure);
        let birth_date = "1985-01-02".to_owned().into();
        assert_eq!(
            same(DocumentRecord {
                birth_date,
                ..record("ZE000508")
            }),
            Outcome::Fail
        );
    }
}

#[test]
fn pictures_without_a_document_are_not_taken_for_one() {
    let (Some(ocr), Some(folder)) = (reader(), testdata("faces")) else {
        return;
    };
    for path in files(&folder)
        .iter()
        .filter(|path| path.extension().is_some_and(|e| e == "jpg"))
        .take(5)
    {
        let picture = image::open(path).unwrap().to_rgb8();
        let findings = look(
            &read_document(&picture, None, &ocr),
            Some(&record("ZE000509")),
        );
        let passed = findings.iter().filter(|one| one.outcome == Outcome::Pass);
        assert!(passed.clone().all(|one| one.code == "id.text"));
    }
}

#[test]
fn without_tools_everything_is_unavailable() {
    let ocr = Ocr::new(MediaTools::none(), None);
    let reading = read_document(&image::RgbImage::new(600, 400), None, &ocr);
    let findings = look(&reading, Some(&record("ZE000509")));
    assert!(
        findings
            .iter()
            .all(|one| one.outcome == Outcome::Unavailable)
    );
}
