//! Names: every collected pair of persons, and samples of the long lists, as tables that people
//! have looked at. Rows are named by their number, never by who they are about.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic
)]

mod support;

#[path = "support/csv.rs"]
mod csv;

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use csv::fields;
use evidence::Name;
use recovery::policy::ReadingChecks;
use support::{checks, files, testdata};

/// Every so many rows of a long list are compared.
const STEP: usize = 50;
/// Rows of a list that are shown one by one.
const SHOWN: usize = 12;

/// The grade by the thresholds that ship, and the score cut to twentieths.
fn grade(one: &str, other: &str, checks: &ReadingChecks) -> (&'static str, f64) {
    let score = Name::new(one).compare(&Name::new(other));
    let grade = match score {
        _ if score >= checks.name_match => "match",
        _ if score >= checks.name_near => "near",
        _ => "other",
    };
    (grade, (score * 20.0 + 1e-6).floor() / 20.0)
}

#[test]
fn every_pair_of_persons_has_the_grade_that_was_looked_at() {
    let Some(folder) = testdata("names/nomenklatura") else {
        return;
    };
    let cases = std::fs::read_to_string(folder.join("cases.csv")).unwrap();
    let thresholds = checks().reading;
    let mut table = String::from("line of cases.csv, the source's label: grade and score\n");
    for (line, row) in (1..).zip(cases.lines()) {
        let row = fields(row);
        if row[1] == "Person" {
            let label = if row[4] == "true" {
                "same"
            } else {
                "different"
            };
            let (grade, score) = grade(&row[2], &row[3], &thresholds);
            writeln!(table, "{line:03} {} {label}: {grade} {score:.2}", row[0]).unwrap();
        }
    }
    insta::assert_snapshot!("pairs", table);
}

/// Grades of a list's pairs: how many of each, and the first few one by one.
fn list(table: &mut String, name: &str, pairs: &[(usize, String, String)]) {
    let thresholds = checks().reading;
    let mut counts = BTreeMap::<&str, usize>::new();
    let mut shown = Vec::new();
    for (line, one, other) in pairs {
        let (grade, score) = grade(one, other, &thresholds);
        *counts.entry(grade).or_default() += 1;
        shown.push(format!("{line} {grade} {score:.2}"));
    }
    let step = pairs.len().div_ceil(SHOWN).max(1);
    let shown: Vec<String> = shown.into_iter().step_by(step).collect();
    writeln!(table, "{name}: {counts:?}; {}", shown.join(", ")).unwrap();
}

/// Rows of a list of tabs: a token in Latin letters and in another alphabet, letters parted.
fn transliterations(path: &Path) -> Vec<(usize, String, String)> {
    let text = std::fs::read_to_string(path).unwrap();
    let rows = (1..).zip(text.lines()).step_by(STEP);
    let pair = |(line, row): (usize, &str)| {
        let mut cells = row.split('\t');
        let (latin, other) = (cells.next()?, cells.next()?);
        Some((line, latin.to_owned(), other.replace(' ', "")))
    };
    rows.filter_map(pair).collect()
}

/// One name in 81 spellings and alphabets, each against its line in plain English.
fn spellings(folder: &Path) -> String {
    const ENGLISH: usize = 20;
    let is_list = |path: &&Path| path.extension().is_some_and(|ending| ending == "txt");
    let all = files(folder);
    let path = all.iter().map(PathBuf::as_path).find(is_list).unwrap();
    let text = std::fs::read_to_string(path).unwrap();
    let english = text.lines().nth(ENGLISH - 1).unwrap();
    let thresholds = checks().reading;
    let mut table = format!("spellings of one name, against line {ENGLISH}\n");
    for (line, other) in (1..).zip(text.lines()) {
        let (grade, score) = grade(english, other, &thresholds);
        writeln!(table, "{line:02} {grade} {score:.2}").unwrap();
    }
    table
}

#[test]
fn samples_of_the_long_lists_have_the_grades_that_were_looked_at() {
    let Some(folder) = testdata("names") else {
        return;
    };
    let mut table = String::from("list: counts; line, grade and score of some\n");
    for path in files(&folder.join("transliteration")) {
        if path.extension().is_some_and(|ending| ending == "tsv") {
            let name = path.file_name().unwrap().to_str().unwrap();
            let pairs = transliterations(&path);
            list(&mut table, name, &pairs);
            let others = pairs.iter().cycle().skip(1);
            let strangers = pairs.iter().zip(others);
            let strangers: Vec<_> = strangers
                .map(|(one, other)| (one.0, one.1.clone(), other.2.clone()))
                .collect();
            list(&mut table, &format!("{name}, strangers"), &strangers);
        }
    }
    let text = std::fs::read_to_string(folder.join("nicknames/names.csv")).unwrap();
    let rows = (1..).zip(text.lines()).skip(1).step_by(STEP / 10);
    let whole = |given: &str| format!("{given} Hawthorne");
    let pair = |(line, row): (usize, &str)| {
        let row = fields(row);
        (line, whole(&row[0]), whole(&row[2]))
    };
    let pairs: Vec<_> = rows.map(pair).collect();
    list(&mut table, "nicknames with a surname", &pairs);
    table.push_str(&spellings(&folder.join("nomenklatura")));
    insta::assert_snapshot!("lists", table);
}
