//! Machine readable zones and texts of licences: every collected one, and random ones.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic
)]

mod support;

use std::fmt::Write as _;

use evidence::mrz::{Mrz, check_digit, parse};
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

/// The shape, each check digit, and which fields could be read; nothing that stands in them.
fn zone_words(zone: Option<&Mrz>) -> String {
    let Some(mrz) = zone else {
        return "no zone".to_owned();
    };
    let checks = mrz.checks;
    let digits = [
        ("number", checks.number),
        ("birth", checks.birth),
        ("expiry", checks.expiry),
        ("personal", checks.personal),
        ("composite", checks.composite),
    ];
    let digits = digits.iter().filter_map(|(name, right)| {
        right.map(|right| format!("{}{name} ", ["-", "+"][usize::from(right)]))
    });
    let fields = [
        ("surname", !mrz.surname.reveal().is_empty()),
        ("given", !mrz.given.reveal().is_empty()),
        ("birth", mrz.birth_date(today()).is_some()),
        ("expiry", mrz.expiry_date(today()).is_some()),
        ("cut off", mrz.truncated),
    ];
    let fields = fields.iter().filter(|field| field.1).map(|field| field.0);
    format!(
        "{} {} {}, digits {}{}, read {}",
        mrz.format.name(),
        mrz.code,
        mrz.issuer,
        digits.collect::<String>(),
        match (checks.good(), checks.right() + checks.wrong()) {
            (true, _) => "good",
            (false, 0) => "none",
            (false, _) => "not good",
        },
        fields.collect::<Vec<_>>().join(" "),
    )
}

#[test]
fn every_text_of_a_zone_gives_what_was_looked_at() {
    let (Some(vectors), Some(folder)) = (vectors(), testdata("id_documents")) else {
        return;
    };
    let mut table = String::from("mrz_text_vectors.jsonl, by line: as the source says; as read\n");
    for (place, (lines, row)) in (1..).zip(&vectors) {
        let lines: Vec<&str> = lines.iter().map(String::as_str).collect();
        let format = row["format"].as_str().unwrap();
        let good = match row["all_check_digits_good"].as_bool() {
            Some(true) => "good",
            Some(false) => "not good",
            None => "no digits",
        };
        let read = zone_words(parse(&lines).as_ref());
        writeln!(table, "{place:02} {format} {good}; {read}").unwrap();
    }
    table.push_str("mrz_samples.json: check digits as counted; as read\n");
    let text = std::fs::read_to_string(folder.join("mrz_samples.json")).unwrap();
    for row in serde_json::from_str::<Vec<Value>>(&text).unwrap() {
        let name = row["file"].as_str().unwrap().rsplit('/').next().unwrap();
        let lines = row["lines"].as_array().cloned().unwrap_or_default();
        let lines: Vec<&str> = lines.iter().map(|line| line.as_str().unwrap()).collect();
        let read = zone_words(parse(&lines).as_ref());
        writeln!(
            table,
            "{name} {}/{}; {read}",
            row["checks_ok"], row["checks"]
        )
        .unwrap();
    }
    table.push_str("vectors.json\n");
    let text = std::fs::read_to_string(folder.join("vectors.json")).unwrap();
    let specimens: Value = serde_json::from_str(&text).unwrap();
    for kind in ["td1", "td2", "td3"] {
        for lines in specimens[kind].as_array().unwrap() {
            let lines = lines.as_array().unwrap().iter();
            let lines: Vec<&str> = lines.map(|line| line.as_str().unwrap()).collect();
            writeln!(table, "{kind} {}", zone_words(parse(&lines).as_ref())).unwrap();
        }
    }
    insta::assert_snapshot!("zones", table);
}

#[test]
fn every_text_of_a_licence_gives_what_was_looked_at() {
    let Some(folder) = testdata("id_documents/aamva") else {
        return;
    };
    let mut table = String::from("name: kind, country, letters of number, words of names, dates\n");
    for path in files(&folder) {
        let text = String::from_utf8_lossy(&std::fs::read(&path).unwrap()).into_owned();
        let name = path.strip_prefix(&folder).unwrap().display();
        let Some(one) = parse_licence(&text) else {
            writeln!(table, "{name}: none").unwrap();
            continue;
        };
        let kind = if one.identity_card { "card" } else { "licence" };
        let country = if one.country.is_empty() {
            "?"
        } else {
            &one.country
        };
        let number = one.number.reveal().len();
        let count = |words: &str| words.split(' ').filter(|word| !word.is_empty()).count();
        let (surname, given) = (count(one.surname.reveal()), count(one.given.reveal()));
        let told = |date: bool, name| if date { name } else { "-" };
        let born = told(one.birth.is_some(), "birth");
        let ends = told(one.expiry.is_some(), "expiry");
        writeln!(
            table,
            "{name}: {kind} {country} {number} {surname}+{given} {born} {ends}"
        )
        .unwrap();
    }
    insta::assert_snapshot!("licences", table);
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
