//! Figures about reading documents, for docs/reference/evaluation.md: zones in specimen pictures,
//! barcodes, licence texts, and the comparison of names.
//!
//! `REGAIN_SHARED=... cargo run -p evidence --example evaluate_reading [zones|barcodes|names]`
//! prints counts and times, and nothing that was read.
#![allow(
    clippy::print_stdout,
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::disallowed_methods,
    missing_docs,
    reason = "a command line tool for measurements"
)]

#[path = "../tests/support/csv.rs"]
mod csv;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Instant;

use csv::fields;
use evidence::mrz::read_mrz;
use evidence::{MediaTools, Name, Ocr, parse_licence, read_barcode};
use serde_json::Value;

fn main() {
    let shared = PathBuf::from(std::env::var_os("REGAIN_SHARED").unwrap());
    let testdata = shared.join("testdata");
    let what = std::env::args().nth(1).unwrap_or_default();
    let wants = |name: &str| what.is_empty() || what == name;
    if wants("zones") {
        let model = shared.join("models/mrz/mrz.traineddata");
        zones(
            &testdata.join("id_documents"),
            &Ocr::new(MediaTools::find(), Some(&model)),
        );
    }
    if wants("barcodes") {
        barcodes(&testdata.join("id_documents"));
    }
    if wants("names") {
        names(&testdata.join("names"));
    }
}

fn files(folder: &Path, endings: &[&str]) -> Vec<PathBuf> {
    let (mut found, mut open) = (Vec::new(), vec![folder.to_owned()]);
    while let Some(next) = open.pop() {
        for entry in std::fs::read_dir(next).unwrap() {
            let path = entry.unwrap().path();
            let ending = path.extension().and_then(|ending| ending.to_str());
            if path.is_dir() {
                open.push(path);
            } else if ending.is_some_and(|ending| endings.contains(&ending)) {
                found.push(path);
            }
        }
    }
    found.sort();
    found
}

/// The true lines, where somebody typed them or a reading had every check digit right.
fn truths(folder: &Path) -> BTreeMap<String, String> {
    let mut truths = BTreeMap::new();
    let joined = |lines: &Value| {
        let lines = lines.as_array().unwrap().iter();
        lines.map(|line| line.as_str().unwrap()).collect::<String>()
    };
    let typed = std::fs::read_to_string(folder.join("images/arg0s/expected_mrz.jsonl")).unwrap();
    for row in typed.lines() {
        let row: Value = serde_json::from_str(row).unwrap();
        let name = row["image"]
            .as_str()
            .unwrap()
            .rsplit('/')
            .next()
            .unwrap()
            .to_owned();
        // Two of the typed zones differ from their pictures; their check digits tell.
        if row["all_check_digits_good"] == true {
            truths.insert(name, joined(&row["lines"]));
        }
    }
    let read = std::fs::read_to_string(folder.join("mrz_samples.json")).unwrap();
    for row in serde_json::from_str::<Vec<Value>>(&read).unwrap() {
        if row["checks"].as_u64() > Some(0) && row["checks"] == row["checks_ok"] {
            let name = row["file"]
                .as_str()
                .unwrap()
                .rsplit('/')
                .next()
                .unwrap()
                .to_owned();
            truths.insert(name, joined(&row["lines"]));
        }
    }
    truths
}

fn zones(folder: &Path, ocr: &Ocr) {
    let truths = truths(folder);
    let (mut count, mut good, mut repaired, mut calls) = (0, 0, 0, 0);
    let (mut right, mut wrong) = (0, 0);
    let begun = Instant::now();
    for path in files(&folder.join("images"), &["png", "jpg"]) {
        let name = path.file_name().unwrap().to_str().unwrap().to_owned();
        let started = Instant::now();
        let Ok(picture) = image::load_from_memory(&std::fs::read(&path).unwrap()) else {
            println!("{name:44} not a picture");
            continue;
        };
        let grey = picture.to_luma8();
        let read = read_mrz(&grey, ocr).unwrap();
        let took = started.elapsed().as_millis();
        count += 1;
        let Some(read) = read else {
            println!("{name:44} no zone, {took} ms");
            continue;
        };
        calls += read.calls;
        let checks = &read.mrz.checks;
        let valid = checks.good() && !read.repaired;
        good += usize::from(valid);
        repaired += usize::from(checks.good() && read.repaired);
        let truth = truths.get(&name).map(|lines| {
            let number = read.mrz.number.reveal();
            lines.replace('<', "").contains(number.as_str())
                && lines.contains(read.mrz.birth.reveal())
        });
        if valid {
            right += usize::from(truth == Some(true));
            wrong += usize::from(truth == Some(false));
        }
        println!(
            "{name:44} {:8} {}/{} right{}{}, confidence {:.0}, {} turns, {} calls, {took} ms{}",
            read.mrz.format.name(),
            checks.right(),
            checks.right() + checks.wrong(),
            if valid { ", VALID" } else { "" },
            if read.repaired { ", repaired" } else { "" },
            read.confidence,
            read.turns,
            read.calls,
            match truth {
                Some(true) => ", as expected",
                Some(false) => ", NOT as expected",
                None => "",
            }
        );
    }
    println!(
        "zones: {good} of {count} pictures fully valid, {repaired} more after a repair; \
         of the valid ones with a known truth {right} right and {wrong} wrong; \
         {calls} calls, {} ms",
        begun.elapsed().as_millis()
    );
}

fn barcodes(folder: &Path) {
    let (mut count, mut read, mut right) = (0, 0, 0);
    let begun = Instant::now();
    for path in files(&folder.join("pdf417"), &["png", "webp"]) {
        let picture = image::open(&path).unwrap().to_rgb8();
        let started = Instant::now();
        let text = read_barcode(&picture);
        count += 1;
        read += usize::from(text.is_some());
        let expected = std::fs::read(path.with_extension("txt")).unwrap_or_default();
        let same = text
            .is_some_and(|text| text.reveal().trim() == String::from_utf8_lossy(&expected).trim());
        right += usize::from(same);
        println!(
            "{} {} ms {same}",
            path.display(),
            started.elapsed().as_millis()
        );
    }
    println!(
        "barcodes: {read} of {count} photos read, {right} equal to the text; {} ms",
        begun.elapsed().as_millis()
    );
    let (mut good, mut all) = (0, 0);
    for path in files(&folder.join("aamva"), &["txt"]) {
        let text = String::from_utf8_lossy(&std::fs::read(&path).unwrap()).into_owned();
        all += 1;
        let licence = parse_licence(&text);
        good += usize::from(licence.as_ref().is_some_and(|one| one.birth.is_some()));
        if licence.is_none_or(|one| one.birth.is_none() || one.expiry.is_none()) {
            println!("{}: not whole", path.file_name().unwrap().to_str().unwrap());
        }
    }
    println!("licence texts: {good} of {all} parsed with number, name and date of birth");
}

fn names(folder: &Path) {
    let cases = std::fs::read_to_string(folder.join("nomenklatura/cases.csv")).unwrap();
    let mut scored: Vec<(f64, bool)> = Vec::new();
    let mut listed = Vec::new();
    for row in cases.lines().skip(1) {
        let row = fields(row);
        if row[1] == "Person" {
            let score = Name::new(&row[2]).compare(&Name::new(&row[3]));
            scored.push((score, row[4] == "true"));
            listed.push((score, row[4] == "true", row[2].clone(), row[3].clone()));
        }
    }
    if std::env::args().nth(2).is_some() {
        listed.sort_by(|a, b| a.0.total_cmp(&b.0));
        for (score, same, a, b) in listed {
            println!("{score:.3} {same} {a} | {b}");
        }
    }
    let all = scored.iter().filter(|(_, same)| *same).count();
    println!(
        "names: {} pairs of persons, {all} of one person",
        scored.len()
    );
    for percent in [60, 65, 70, 75, 80, 84, 86, 88, 90, 92, 94, 96] {
        let threshold = f64::from(percent) / 100.0;
        let found: Vec<_> = scored
            .iter()
            .filter(|(score, _)| *score >= threshold)
            .collect();
        let same = found.iter().filter(|(_, same)| *same).count();
        println!(
            "  from {threshold:.2}: precision {:.3} ({} false), recall {:.3}",
            same as f64 / found.len().max(1) as f64,
            found.len() - same,
            same as f64 / all as f64
        );
    }
    transliterations(folder);
    nicknames(folder);
}

fn transliterations(folder: &Path) {
    for path in files(&folder.join("transliteration"), &["tsv"]) {
        let text = std::fs::read_to_string(&path).unwrap();
        let rows: Vec<(Name, Name)> = text
            .lines()
            .filter_map(|row| {
                let mut cells = row.split('\t');
                let (latin, other) = (cells.next()?, cells.next()?);
                Some((Name::new(latin), Name::new(&other.replace(' ', ""))))
            })
            .collect();
        let share = |shift: usize, threshold: f64| {
            let scores = rows.iter().zip(rows.iter().cycle().skip(shift));
            let hits = scores
                .filter(|(a, b)| a.0.compare(&b.1) >= threshold)
                .count();
            hits as f64 / rows.len() as f64
        };
        println!(
            "  {}: {} tokens, same name from 0.75 {:.3}, from 0.92 {:.3}; \
             other name from 0.75 {:.4}",
            path.file_name().unwrap().to_str().unwrap(),
            rows.len(),
            share(0, 0.75),
            share(0, 0.92),
            share(1, 0.75),
        );
    }
}

fn nicknames(folder: &Path) {
    let text = std::fs::read_to_string(folder.join("nicknames/names.csv")).unwrap();
    let scores: Vec<f64> = text
        .lines()
        .skip(1)
        .map(fields)
        .filter(|row| row.len() > 2)
        .map(|row| {
            let whole = |given: &str| Name::new(&format!("{given} Hawthorne"));
            whole(&row[0]).compare(&whole(&row[2]))
        })
        .collect();
    let from = |threshold: f64| scores.iter().filter(|score| **score >= threshold).count();
    println!(
        "nicknames: {} pairs with a surname, {} from 0.75, {} from 0.92",
        scores.len(),
        from(0.75),
        from(0.92)
    );
}
