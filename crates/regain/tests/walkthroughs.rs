//! Walkthroughs of what the applicant recalls, of accounts that are not offered any more, and of a
//! country of high risk, each on the real program.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stderr,
    clippy::disallowed_methods,
    missing_docs
)]

#[allow(dead_code, reason = "walkthroughs only find files by it")]
mod support;

use std::process::Command;

/// Runs one to its end and gives what it said.
fn walks(arguments: &[&str], outcome: &str) -> String {
    let folder = tempfile::tempdir().unwrap();
    let output = Command::new(env!("CARGO_BIN_EXE_regain"))
        .current_dir(folder.path())
        .env_remove("REGAIN_MODELS_DIR")
        .env_remove("REGAIN_CITY_DB")
        .args(["demo", "--walkthrough"])
        .args(arguments)
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    let logged = String::from_utf8_lossy(&output.stderr);
    let ends = said.ends_with(&format!("outcome: {outcome}\n"));
    assert!(output.status.success() && ends, "{said}\n{logged}");
    said
}

#[test]
fn clues_that_are_right_bring_the_account_back() {
    let said = walks(&["--clues", "good"], "recovered");
    assert!(said.contains("recalls everything"));
}

#[test]
fn clues_that_were_bought_do_not_keep_people_from_refusing() {
    let said = walks(&["--clues", "stolen"], "rejected");
    assert!(said.contains("tells what was bought"));
}

/// Evidence, and not what is recalled, makes a case well documented.
#[test]
fn a_well_documented_case_is_decided_within_a_day_whatever_is_recalled() {
    let shared = |path| support::shared(path).map(|path| path.to_string_lossy().into_owned());
    let models = shared("models");
    let portrait = shared("testdata/faces/lfw/Aaron_Peirsol/Aaron_Peirsol_0001.jpg");
    let selfie = shared("testdata/faces/lfw/Aaron_Peirsol/Aaron_Peirsol_0003.jpg");
    let (Some(models), Some(portrait), Some(selfie)) = (models, portrait, selfie) else {
        return;
    };
    let live = ["--live", "--models", &models];
    let person = ["--kyc-portrait", &portrait, "--selfie", &selfie];
    let shown = [&live[..], &person, &["--clues", "poor"]].concat();
    let said = walks(&shown, "recovered");
    assert!(said.contains("tier standard, lane fast"), "{said}");
    assert!(said.contains("clue.cards miss"), "{said}");
    let sent = [&live[1..], &person, &["--clues", "good"]].concat();
    let said = walks(&sent, "recovered");
    assert!(said.contains("lane ordinary"), "{said}");
}

#[test]
fn an_archived_account_is_refused_with_its_reason() {
    walks(&["--account", "archived"], "rejected");
}

#[test]
fn a_restricted_account_is_refused_with_its_reason() {
    walks(&["--account", "restricted"], "rejected");
}

#[test]
fn a_country_of_high_risk_is_told_and_people_are_a_way_on() {
    let places = support::shared("testdata/ip_geography/test-data/GeoIP2-City-Test.mmdb");
    let Some(places) = places else { return };
    let places = places.to_string_lossy();
    let korea = [
        "--ip",
        "2001:220::1",
        "--high-risk",
        "KR",
        "--city-db",
        &places,
    ];
    let said = walks(&korea, "recovered");
    assert!(said.contains("asks people to look at it"));
    assert!(said.contains("tier exceptional"));
    let elsewhere = [
        "--ip",
        "214.0.1.1",
        "--high-risk",
        "KR",
        "--city-db",
        &places,
    ];
    let said = walks(&elsewhere, "recovered");
    assert!(!said.contains("asks people to look at it"));
}
