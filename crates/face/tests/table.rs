//! The findings of every odd picture and every attack, and of a sample of photos and of pairs of
//! each set, as tables that people have looked at. Files are named by the head of their SHA-256,
//! never by who is on them.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic
)]
#![allow(clippy::print_stderr, clippy::disallowed_methods, unreachable_pub)]

mod common;

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::Path;

use common::{checks, engine, pairs, photo, shared};
use face::{CaseFaces, FaceEngine, Probe};
use image::RgbImage;
use recovery::evidence::EvidenceKind;
use recovery::finding::{Finding, Outcome};

/// Head of the digest of each file of a folder, by its path in it, and its label.
fn digests(folder: &Path) -> BTreeMap<String, (String, String)> {
    let table = std::fs::read_to_string(folder.join("FILES.tsv")).unwrap();
    let rows = table.lines().skip(1).map(|line| {
        let cells: Vec<&str> = line.split('\t').collect();
        let label = cells.last().unwrap_or(&"");
        (
            cells[0].to_owned(),
            (cells[1][..10].to_owned(), (*label).to_owned()),
        )
    });
    rows.collect()
}

fn looked_at(engine: &FaceEngine, kyc: Option<&RgbImage>, picture: &RgbImage) -> Vec<Finding> {
    let probe = Probe {
        kind: EvidenceKind::NotePhoto,
        frames: std::slice::from_ref(picture),
        times_ms: &[],
    };
    let case = CaseFaces {
        kyc,
        document: None,
        probes: &[probe],
    };
    engine.findings(&case, &checks())
}

/// Codes and outcomes; what passes is left out, except liveness.
fn words(findings: &[Finding]) -> String {
    let said = findings.iter().filter(|finding| {
        let told = finding.outcome != Outcome::Pass || finding.code == "face.live";
        told && finding.outcome != Outcome::Unavailable
    });
    let words: Vec<String> = said
        .map(|finding| format!("{} {}", &finding.code[5..], finding.outcome.name()))
        .collect();
    words.join(", ")
}

#[test]
fn odd_pictures_and_attacks_get_the_findings_that_people_looked_at() {
    let Some((engine, faces)) = engine() else {
        return;
    };
    let Some(attacks) = shared("testdata/presentation_attacks") else {
        return;
    };
    let mut table = String::new();
    for (folder, below) in [(faces.as_path(), "edge/"), (attacks.as_path(), "")] {
        for (path, (digest, label)) in digests(folder) {
            if path.starts_with(below) {
                let picture = photo(&folder.join(&path));
                let count = engine.detect(&picture).unwrap().len();
                let said = words(&looked_at(&engine, None, &picture));
                let label = label.split(['=', ' ', '(']).next().unwrap_or("").to_owned();
                let set = if below.is_empty() {
                    label.as_str()
                } else {
                    "edge"
                };
                writeln!(table, "{set:<10} {digest} {count} faces: {said}").unwrap();
            }
        }
    }
    insta::assert_snapshot!(table);
}

/// The sets of photos with labelled people.
const SETS: [&str; 8] = [
    "compreface",
    "deepface",
    "face-api-bbt",
    "face_recognition",
    "lfw",
    "ms-family",
    "orl",
    "uk-members-over-years",
];

#[test]
fn photos_of_every_set_get_the_findings_that_people_looked_at() {
    /// Most photos of a set, spread evenly over it.
    const MOST: usize = 6;
    let Some((engine, faces)) = engine() else {
        return;
    };
    let digests = digests(&faces);
    let mut table = String::new();
    for set in SETS {
        let of_set = |path: &&String| path.starts_with(&format!("{set}/"));
        let photos: Vec<&String> = digests.keys().filter(of_set).collect();
        for path in photos.iter().step_by(photos.len().div_ceil(MOST)) {
            let picture = photo(&faces.join(path));
            let count = engine.detect(&picture).unwrap().len();
            let said = words(&looked_at(&engine, None, &picture));
            writeln!(
                table,
                "{set:<21} {} {count} faces: {said}",
                digests[*path].0
            )
            .unwrap();
        }
    }
    insta::assert_snapshot!(table);
}

#[test]
fn pairs_of_every_set_get_the_findings_that_people_looked_at() {
    let Some((engine, faces)) = engine() else {
        return;
    };
    let digests = digests(&faces);
    let mut table = String::new();
    for set in SETS {
        for label in ["same", "different"] {
            if set == "compreface" && label == "different" {
                continue;
            }
            for [one, other] in pairs(&faces, set, label, 5) {
                let name = |path: &Path| {
                    let path = path.strip_prefix(&faces).unwrap().to_str().unwrap();
                    digests[path].0.clone()
                };
                let findings = looked_at(&engine, Some(&photo(&one)), &photo(&other));
                let score = findings.iter().find(|found| found.code == "face.kyc_note");
                let score = score.map_or("no face", |found| found.outcome.name());
                writeln!(
                    table,
                    "{set:<21} {label:<9} {} {}: {score}; {}",
                    name(&one),
                    name(&other),
                    words(&findings)
                )
                .unwrap();
            }
        }
    }
    insta::assert_snapshot!(table);
}
