//! The reference names every event and every refusal, and nothing else.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    missing_docs
)]

use std::collections::BTreeSet;
use std::path::PathBuf;

fn read(path: &str) -> String {
    let crate_folder = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
    std::fs::read_to_string(crate_folder.join(path)).unwrap()
}

fn headings(text: &str) -> BTreeSet<String> {
    let heading = |line: &str| line.strip_prefix("## ").map(str::to_owned);
    text.lines().filter_map(heading).collect()
}

/// The codes of `Refusal::code`, read from its source: the type has no list of itself.
fn codes() -> BTreeSet<String> {
    let source = read("src/case/refusal.rs");
    let code = |line: &str| Some(line.split_once("=> \"")?.1.split('"').next()?.to_owned());
    source.lines().filter_map(code).collect()
}

#[test]
fn every_refusal_has_its_entry() {
    let codes = codes();
    assert!(codes.len() > 30);
    assert_eq!(headings(&read("../../docs/reference/refusals.md")), codes);
}

#[test]
fn every_event_has_its_entry_with_its_golden_bytes() {
    let text = read("../../docs/reference/events.md");
    let digests = read("tests/golden/digests.txt");
    let kinds: BTreeSet<String> = digests
        .lines()
        .map(|line| line.split(' ').next().unwrap().to_owned())
        .collect();
    assert_eq!(headings(&text), kinds);
    for kind in kinds {
        let golden = read(&format!("tests/golden/{kind}.json"));
        let section = text.split(&format!("## {kind}\n")).nth(1).unwrap();
        let example = section.lines().find(|line| line.starts_with('{')).unwrap();
        let stored = format!("\"event\":{example},\"seq\"");
        assert!(golden.contains(&stored), "{kind}: {example}");
    }
}

#[test]
fn every_signal_has_its_row() {
    let text = read("../../docs/reference/signals.md");
    let row = |line: &str| Some(line.strip_prefix("| `")?.split('`').next()?.to_owned());
    let rows = text.lines().filter_map(row);
    // The keys of the configuration have a table of their own.
    let rows: Vec<String> = rows.filter(|row| !row.starts_with("signals.")).collect();
    assert_eq!(rows, recovery::signals::CODES);
}
