//! Machine readable zones: every collected text, and random ones.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic
)]

mod support;

use evidence::mrz::{check_digit, parse};
use evidence::parse_licence;
use proptest::prelude::*;
use recovery::document::DocumentKind;
use serde_json::Value;
use support::{files, skipped, testdata};

fn today() -> jiff::civil::Date {
    jiff::civil::date(2026, 11, 25)
}

/// Lines of a collected vector with what its source says of it.
fn vectors() -> Option<Vec<(Vec<String>, Value)>> {
    let path = testdata("id_documents")?.join("mrz_text_vectors.jsonl");
    let Ok(text) = std::fs::read_to_string(path) else {
        skipped("no vectors of zones");
        return None;
    };
    let rows = text.lines().map(|row| {
        let row: Value = serde_json::from_str(row).unwrap();
        let lines = row["lines"].as_array().unwrap().iter();
        (
            lines
                .map(|line| line.as_str().unwrap().to_owned())
                .collect(),
            row,
        )
    });
    Some(rows.collect())
}

#[test]
fn every_collected_zone_is_taken_as_its_source_takes_it() {
    let Some(vectors) = vectors() else { return };
    for (lines, row) in &vectors {
        let lines: Vec<&str> = lines.iter().map(String::as_str).collect();
        let format = row["format"].as_str().unwrap();
        let Some(mrz) = parse(&lines) else {
            assert!(
                matches!(format, "malformed-shape" | "bad-charset"),
                "{lines:?}"
            );
            continue;
        };
        assert_eq!(mrz.format.name(), format, "{lines:?}");
        let right = |name: &str| row["check_digits"].get(name).and_then(Value::as_bool);
        // The vectors know no number that goes on in the optional field.
        if mrz.number.reveal().len() <= 9 || format != "TD1" {
            assert_eq!(mrz.checks.number, right("number"), "{lines:?}");
        }
        assert_eq!(mrz.checks.birth, right("birth"), "{lines:?}");
        assert_eq!(mrz.checks.expiry, right("expiry"), "{lines:?}");
        assert_eq!(mrz.checks.personal, right("personal"), "{lines:?}");
        assert_eq!(mrz.checks.composite, right("composite"), "{lines:?}");
        let good = row["all_check_digits_good"].as_bool().unwrap_or(false);
        assert_eq!(mrz.checks.good(), good, "{lines:?}");
    }
    assert!(vectors.len() >= 30);
}

#[test]
fn every_reading_of_the_samples_has_the_checks_it_was_counted_with() {
    let Some(folder) = testdata("id_documents") else {
        return;
    };
    let text = std::fs::read_to_string(folder.join("mrz_samples.json")).unwrap();
    let mut parsed = 0;
    for row in serde_json::from_str::<Vec<Value>>(&text).unwrap() {
        let Some(lines) = row["lines"].as_array() else {
            continue;
        };
        let lines: Vec<&str> = lines.iter().map(|line| line.as_str().unwrap()).collect();
        let Some(mrz) = parse(&lines) else { continue };
        parsed += 1;
        let all = row["checks"] == row["checks_ok"];
        // The samples count four digits of a passport; the composite one is among them.
        if all {
            assert!(mrz.checks.good(), "{}", row["file"]);
        }
    }
    assert!(parsed >= 25, "{parsed}");
}

#[test]
fn fields_of_the_specimens_are_read() {
    let passport = [
        "P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<",
        "L898902C36UTO7408122F1204159ZE184226B<<<<<10",
    ];
    let mrz = parse(&passport).unwrap();
    assert_eq!(mrz.number.reveal(), "L898902C3");
    assert_eq!(
        (mrz.surname.reveal().as_str(), mrz.given.reveal().as_str()),
        ("ERIKSSON", "ANNA MARIA")
    );
    assert_eq!(
        (mrz.issuer.as_str(), mrz.nationality.as_str()),
        ("UTO", "UTO")
    );
    assert_eq!(mrz.birth_date(today()).unwrap().to_string(), "1974-08-12");
    assert_eq!(mrz.expiry_date(today()).unwrap().to_string(), "2012-04-15");
    assert_eq!(mrz.is_of(DocumentKind::Passport), Some(true));
    assert_eq!(mrz.is_of(DocumentKind::NationalId), Some(false));
    assert!(!format!("{mrz:?}").contains("ERIKSSON"));
    let card = [
        "IDBEL000590240<6013<<<<<<<<<<<",
        "8512017F1311048BEL851201002007",
        "REINARTZ<<ULRIKE<KATIA<E<<<<<<",
    ];
    let mrz = parse(&card).unwrap();
    assert_eq!(mrz.number.reveal(), "000590240601");
    assert_eq!(mrz.is_of(DocumentKind::ResidencePermit), Some(false));
    assert_eq!(mrz.is_of(DocumentKind::NationalId), Some(true));
}

#[test]
fn centuries_follow_today() {
    let born = |birth: &str| {
        let digit = char::from(check_digit(birth.as_bytes()));
        let second = format!("L898902C36UTO{birth}{digit}F1204159ZE184226B<<<<<10");
        parse(&["P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<", &second])
            .unwrap()
            .birth_date(today())
            .map(|date| date.to_string())
    };
    assert_eq!(born("261125").unwrap(), "2026-11-25");
    assert_eq!(born("261126").unwrap(), "1926-11-26");
    assert_eq!(born("991301"), None);
    assert_eq!(born("74<<<<"), None);
}

#[test]
fn every_collected_licence_is_read() {
    let Some(folder) = testdata("id_documents/aamva") else {
        return;
    };
    let (mut read, mut bad) = (0, 0);
    for path in files(&folder) {
        let text = String::from_utf8_lossy(&std::fs::read(&path).unwrap()).into_owned();
        let licence = parse_licence(&text);
        if path.to_string_lossy().contains("bad-licenses") {
            bad += 1;
            assert!(licence.is_none_or(|one| one.birth.is_none() || one.expiry.is_none()));
            continue;
        }
        let licence = licence.unwrap_or_else(|| panic!("{}", path.display()));
        read += 1;
        assert!(
            licence.birth.is_some() && licence.expiry.is_some(),
            "{}",
            path.display()
        );
        assert!(!licence.surname.reveal().is_empty() && !licence.number.reveal().is_empty());
    }
    assert!(read >= 38 && bad == 1, "{read} {bad}");
}

proptest! {
    #[test]
    fn any_lines_get_an_answer(lines in prop::collection::vec("[A-Z0-9<é]{0,50}", 0..4)) {
        let lines: Vec<&str> = lines.iter().map(String::as_str).collect();
        if let Some(mrz) = parse(&lines) {
            let _ = (mrz.birth_date(today()), mrz.expiry_date(today()));
            let _ = mrz.is_of(DocumentKind::Other);
        }
    }

    #[test]
    fn one_changed_digit_of_the_number_is_noticed(place in 0_usize..9, digit in 0_u8..10) {
        let line = "L898902C36UTO7408122F1204159ZE184226B<<<<<10";
        let mut bytes = line.as_bytes().to_vec();
        prop_assume!(bytes[place].is_ascii_digit() && bytes[place] != b'0' + digit);
        bytes[place] = b'0' + digit;
        let changed = String::from_utf8(bytes).unwrap();
        let mrz = parse(&["P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<", &changed]).unwrap();
        // Weight 7, 3 or 1 times a difference below ten is never a multiple of ten.
        prop_assert!(!mrz.checks.good());
    }

    #[test]
    fn any_text_of_a_barcode_gets_an_answer(text in ".{0,300}", body in "[A-Z0-9\n\\|é]{0,200}") {
        let _ = parse_licence(&text);
        let _ = parse_licence(&format!("@\n\u{1e}\rANSI 636059080001DL00310248DL{body}"));
    }
}
