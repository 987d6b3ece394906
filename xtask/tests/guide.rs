//! What the guide names is in the tree: tests, steps of the walkthrough, addresses, files.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    missing_docs
)]

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// The folder, from here upwards, that has the rules.
fn root() -> PathBuf {
    let here = std::env::current_dir().unwrap();
    let mut folders = here.ancestors();
    let root = folders.find(|folder| folder.join("xtask/tidy.toml").is_file());
    root.unwrap().to_owned()
}

fn read(path: &str) -> String {
    fs::read_to_string(root().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// Every Rust file below a folder.
fn files_below(path: &str) -> Vec<PathBuf> {
    let mut files = Vec::new();
    let mut folders = vec![root().join(path)];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap().flatten() {
            let path = entry.path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|end| end == "rs") {
                files.push(path);
            }
        }
    }
    files
}

/// The same in one text.
fn rust_below(path: &str) -> String {
    let files = files_below(path).into_iter();
    files
        .map(|file| fs::read_to_string(file).unwrap())
        .collect()
}

/// What stands between backticks.
fn quoted(text: &str) -> Vec<&str> {
    text.split('`').skip(1).step_by(2).collect()
}

/// Whether `text` declares this test: the attribute before it, or the body of a store test that
/// runs on both engines.
fn has_test(text: &str, name: &str) -> bool {
    let lines: Vec<&str> = text.lines().map(str::trim).collect();
    let (plain, on_both) = (format!("fn {name}("), format!("fn {name}(world: World)"));
    lines.iter().enumerate().any(|(place, line)| {
        let before = &lines[place.saturating_sub(6)..place];
        let attribute = before
            .iter()
            .rev()
            .take_while(|line| !line.is_empty() && **line != "}")
            .any(|line| line.ends_with("test]") || line.contains("::test("));
        line.contains(&on_both) || (line.contains(&plain) && attribute)
    })
}

/// The rows of `docs/guide/process.md`, as cells.
fn rows(text: &str) -> Vec<Vec<&str>> {
    text.lines()
        .filter(|line| line.starts_with("| M"))
        .map(|line| line.split('|').map(str::trim).collect())
        .collect()
}

#[test]
fn the_process_has_every_row_once_and_each_says_what_proves_it() {
    let text = read("docs/guide/process.md");
    let rows = rows(&text);
    let wanted: Vec<String> = (1..=35).map(|number| format!("M{number}")).collect();
    let found: Vec<&str> = rows.iter().map(|cells| cells[1]).collect();
    assert_eq!(found, wanted);
    for cells in &rows {
        assert_eq!(cells.len(), 7, "{}: five cells", cells[1]);
        let (proof, missing) = (cells[4], cells[5]);
        assert!(!proof.is_empty() || !missing.is_empty(), "{}", cells[1]);
    }
}

#[test]
fn every_proof_of_the_process_is_in_the_tree() {
    let text = read("docs/guide/process.md");
    let steps = rust_below("crates/regain/src/demo/walkthrough")
        + &read("crates/regain/src/demo/walkthrough.rs");
    let runs = read("scripts/walkthroughs.txt");
    for cells in rows(&text) {
        for proof in quoted(cells[4]) {
            let found = if let Some(words) = proof.strip_prefix("walkthrough: ") {
                steps.contains(&format!("\"{words}\""))
            } else if let Some(option) = proof.strip_prefix("walkthrough ") {
                runs.lines().any(|line| line.contains(option))
            } else {
                let (krate, test) = proof.split_once("::").expect(proof);
                has_test(&rust_below(&format!("crates/{krate}")), test)
            };
            assert!(found, "{}: `{proof}` is not in the tree", cells[1]);
        }
    }
}

#[test]
fn a_function_that_is_no_test_proves_nothing() {
    let text = "#[test]\n#[ignore]\nfn one() {}\n\nfn two() {}\n\n\
                async fn three(world: World) {}\n\n#[tokio::test]\nasync fn four() {}\n";
    let names = ["one", "two", "three", "four", "five"];
    let found = names.map(|name| has_test(text, name));
    assert_eq!(found, [true, false, true, true, false]);
}

#[test]
fn every_address_of_the_process_is_served() {
    let text = read("docs/guide/process.md");
    let served = rust_below("crates/web/src") + &rust_below("crates/exchange/src");
    for cells in rows(&text) {
        let addresses = quoted(cells[3]);
        for address in addresses.iter().filter(|text| text.starts_with('/')) {
            let literal = format!("\"{address}\"");
            assert!(served.contains(&literal), "{}: {address}", cells[1]);
        }
    }
}

/// Codes of findings as they stand in the code, comments apart.
fn codes_in(text: &str) -> BTreeSet<String> {
    let families = [
        "image.",
        "media.",
        "face.",
        "upload.",
        "video.",
        "document.",
        "id.",
        "proof.",
        "phrase.",
        "reuse.",
        "contact.",
        "check.",
        "flag.",
        "capture.",
        "note.",
    ];
    let plain = |word: &&str| {
        word.bytes()
            .all(|byte| byte.is_ascii_lowercase() || b"._".contains(&byte))
    };
    let file = |word: &str| {
        [".jpg", ".png", ".mp4"]
            .iter()
            .any(|end| word.ends_with(end))
    };
    let whole = |word: &&str| !word.ends_with(['_', '.']) && !file(word);
    text.lines()
        .filter(|line| !line.trim_start().starts_with("//"))
        .flat_map(|line| line.split('"').skip(1).step_by(2))
        .filter(|word| families.iter().any(|family| word.starts_with(family)))
        .filter(|word| plain(word) && whole(word))
        .map(str::to_owned)
        .collect()
}

#[test]
fn every_finding_has_its_row_and_every_row_its_finding() {
    let sources = ["evidence", "face", "engine"].map(|name| format!("crates/{name}/src"));
    let mut text: String = sources.iter().map(|path| rust_below(path)).collect();
    text.push_str(&read("crates/recovery/src/case/decide/checks.rs"));
    let mut emitted = codes_in(&text);
    // The name of a sealed piece, which looks alike.
    emitted.remove("contact.pending");
    // Signals, which have their rows in docs/reference/signals.md.
    emitted.remove("contact.cases");
    emitted.remove("contact.marked");
    let page = read("docs/reference/findings.md");
    let rows = page.lines().filter(|line| line.starts_with("| `"));
    let told: BTreeSet<String> = rows.map(|row| quoted(row)[0].to_owned()).collect();
    assert_eq!(told, emitted);
}

/// Documents whose paths and links are checked.
const DOCUMENTS: [&str; 9] = [
    "README.md",
    "ARCHITECTURE.md",
    "CONTRIBUTING.md",
    "SECURITY.md",
    "CHANGELOG.md",
    "docs/guide/process.md",
    "docs/guide/demo.md",
    "docs/guide/limits.md",
    "docs/reference/findings.md",
];

#[test]
fn paths_and_links_of_the_documents_lead_somewhere() {
    for document in DOCUMENTS {
        let text = read(document);
        let folder = root().join(document).parent().map(Path::to_owned).unwrap();
        for word in quoted(&text) {
            let ours = ["crates/", "docs/", "xtask/", "scripts/"];
            let path = ours.iter().any(|start| word.starts_with(start));
            if path && !word.contains(['*', ' ', '{']) {
                assert!(root().join(word).exists(), "{document}: {word}");
            }
        }
        for link in text.split("](").skip(1) {
            let link = link.split([')', '#']).next().unwrap_or_default();
            if !link.is_empty() && !link.contains("://") {
                assert!(folder.join(link).exists(), "{document}: {link}");
            }
        }
    }
}

#[test]
fn the_map_names_files_and_functions_that_exist() {
    let text = read("ARCHITECTURE.md");
    let (files, code) = (files_below("crates"), rust_below("crates"));
    for word in quoted(&text) {
        if word.ends_with(".rs") && !word.contains([' ', '{', '*']) {
            let found = files.iter().any(|file| file.ends_with(word));
            assert!(found || root().join(word).exists(), "{word}");
        }
        if let Some(name) = word.strip_suffix("()") {
            let declared = [format!("fn {name}("), format!("fn {name}<")];
            assert!(declared.iter().any(|it| code.contains(it)), "{word}");
        }
    }
}
