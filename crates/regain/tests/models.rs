//! `regain models` and what `regain doctor` says of model files: exact words and exit codes.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stderr,
    missing_docs
)]

mod support;

use std::fs;
use std::net::TcpListener;
use std::path::Path;
use std::process::Output;

use support::{regain, run, shared, stderr, stdout};

/// A file that is not run, and its digest.
const CONTENT: &str = "0123456789abcdef";
const DIGEST: &str = "9f9f5111f7b27a781f1f1ddde5ebc2dd2b796bfc7365c9c28b548e564176929f";
/// The same of `x123456789abcdef`.
const OTHER: &str = "0f53b409ea2e4b5389d146c28dac17c16894213aaf0b10850ff53a973e84a13a";

/// A folder whose manifest knows one file, at that address.
fn folder(address: &str) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let manifest = format!(
        r#"version = 1
[[model]]
name = "tiny"
role = "ocr_mrz"
file = "mrz/tiny.data"
sha256 = "{DIGEST}"
bytes = {}
licence = "MIT"
decoder = "file"
preprocessing = "none"
source = {{ repository = "a/b", path = "c", conversion = "none" }}
[[model.original]]
file = "tiny.raw"
urls = ["{address}/tiny.raw"]
"#,
        CONTENT.len()
    );
    fs::write(folder.path().join("regain-models.toml"), manifest).unwrap();
    folder
}

fn models(to: &Path, args: &[&str]) -> Output {
    let mut command = regain(to);
    command.env("REGAIN_MODELS_DIR", to);
    command.arg("models").args(args).output().unwrap()
}

/// Exit code, standard output, standard error.
fn said(output: &Output) -> (Option<i32>, String, String) {
    (output.status.code(), stdout(output), stderr(output))
}

fn line(name: &str, words: &str) -> String {
    format!("  {name:<24} {words}\n")
}

fn summary(counts: &str, to: &Path) -> String {
    format!("{counts}, in {}\n", to.display())
}

fn how_to_use(to: &Path) -> String {
    let to = to.display();
    format!("Use them with [models] dir = \"{to}\", or REGAIN_MODELS_DIR={to}\n")
}

#[test]
fn a_good_folder_is_taken_once() {
    let (to, from) = (folder("http://127.0.0.1:1"), tempfile::tempdir().unwrap());
    fs::write(from.path().join("tiny.raw"), CONTENT).unwrap();
    let fetch = ["fetch", "--from", from.path().to_str().unwrap()];
    for (words, counts) in [
        ("done", "1 fetched, 0 were there, 0 missing"),
        ("there", "0 fetched, 1 were there, 0 missing"),
    ] {
        let out = summary(counts, to.path()) + &how_to_use(to.path());
        let got = said(&models(to.path(), &fetch));
        assert_eq!(got, (Some(0), out, line("tiny", words)));
    }
    let checked = said(&models(to.path(), &["check"]));
    let out = format!("{:<24} right digest\n", "tiny");
    assert_eq!(checked, (Some(0), out, String::new()));
}

#[test]
fn a_changed_file_is_not_taken_and_not_used() {
    let (to, from) = (folder("http://127.0.0.1:1"), tempfile::tempdir().unwrap());
    let changed = CONTENT.replace('0', "x");
    fs::write(from.path().join("tiny.raw"), &changed).unwrap();
    let got = said(&models(
        to.path(),
        &["fetch", "--from", from.path().to_str().unwrap()],
    ));
    let why = format!(
        "missing (optional): tiny.raw has digest {OTHER}, the manifest says {DIGEST}: not taken"
    );
    let out = summary("0 fetched, 0 were there, 1 missing", to.path());
    assert_eq!(got, (Some(1), out, line("tiny", &why)));
    assert!(!to.path().join("mrz/tiny.data").exists());

    fs::create_dir_all(to.path().join("mrz")).unwrap();
    fs::write(to.path().join("mrz/tiny.data"), &changed).unwrap();
    let out = format!("{:<24} not the file of the manifest: not used\n", "tiny");
    let checked = said(&models(to.path(), &["check"]));
    assert_eq!(checked, (Some(1), out, String::new()));
}

#[test]
fn a_missing_file_is_named_with_the_folder() {
    let (to, from) = (folder("http://127.0.0.1:1"), tempfile::tempdir().unwrap());
    let there = from.path().to_str().unwrap();
    let why = format!(
        "missing (optional): neither mrz/tiny.data nor its original tiny.raw is in {there} as the \
         manifest has it"
    );
    let out = summary("0 fetched, 0 were there, 1 missing", to.path());
    let got = said(&models(to.path(), &["fetch", "--from", there]));
    assert_eq!(got, (Some(1), out, line("tiny", &why)));
    // What is not required may be missing.
    let out = format!("{:<24} not there (optional)\n", "tiny");
    let checked = said(&models(to.path(), &["check"]));
    assert_eq!(checked, (Some(0), out, String::new()));

    let nowhere = said(&models(to.path(), &["fetch", "--from", "nowhere"]));
    let why = "error: nowhere is no folder\n".to_owned();
    assert_eq!(nowhere, (Some(1), String::new(), why));
    let unknown = said(&models(to.path(), &["fetch", "--only", "large"]));
    let why = "error: no model is named large; there are tiny\n".to_owned();
    assert_eq!(unknown, (Some(1), String::new(), why));
}

#[test]
fn without_a_network_it_says_so_and_how_to_go_on() {
    // Free once the listener is gone: nobody answers there.
    let closed = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = closed.local_addr().unwrap().to_string();
    drop(closed);
    let to = folder(&format!("http://{address}"));
    let why = format!(
        "missing (optional): could not reach {address}: io: Connection refused (os error \
         111); without a network, use --from DIR"
    );
    let out = summary("0 fetched, 0 were there, 1 missing", to.path());
    let got = said(&models(to.path(), &["fetch"]));
    assert_eq!(got, (Some(1), out, line("tiny", &why)));
}

#[test]
fn the_models_regain_knows_are_taken_and_checked() {
    let Some(from) = shared("models") else { return };
    let to = tempfile::tempdir().unwrap();
    let fetch = ["fetch", "--from", from.to_str().unwrap()];
    let got = models(to.path(), &fetch);
    let out = summary("9 fetched, 0 were there, 0 missing", to.path()) + &how_to_use(to.path());
    assert_eq!(stdout(&got), out, "{}", stderr(&got));
    assert_eq!(got.status.code(), Some(0));
    let checked = models(to.path(), &["check"]);
    assert_eq!(checked.status.code(), Some(0), "{}", stdout(&checked));
    let text = stdout(&checked);
    assert_eq!(text.lines().count(), 9, "{text}");
    assert_eq!(text.matches(" right digest").count(), 9, "{text}");
    // What is run answers as its reference; the list of digits and the zones' data are not run.
    assert_eq!(text.matches("answers rightly").count(), 7, "{text}");

    // A required file that is another one: no model is used.
    let file = to.path().join("yunet_n_dynamic.onnx");
    let mut bytes = fs::read(&file).unwrap();
    *bytes.last_mut().unwrap() ^= 1;
    fs::write(&file, bytes).unwrap();
    let checked = models(to.path(), &["check"]);
    assert_eq!(checked.status.code(), Some(1));
    let why = "no set of models: model file yunet_n_dynamic.onnx has SHA-256 ";
    assert!(stderr(&checked).starts_with(why), "{}", stderr(&checked));
    let line = format!(
        "{:<24} not the file of the manifest: not used\n",
        "yunet_n_dynamic"
    );
    assert!(stdout(&checked).starts_with(&line), "{}", stdout(&checked));
    // Once more from the good folder mends it.
    let got = models(to.path(), &fetch);
    let out = summary("1 fetched, 8 were there, 0 missing", to.path()) + &how_to_use(to.path());
    assert_eq!(stdout(&got), out, "{}", stderr(&got));
}

#[test]
fn without_the_required_files_it_says_what_is_lost() {
    let (to, from) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let from = from.path().to_str().unwrap();
    let got = models(to.path(), &["fetch", "--from", from]);
    assert_eq!(got.status.code(), Some(1));
    let out = summary("0 fetched, 0 were there, 9 missing", to.path());
    assert_eq!(stdout(&got), out);
    let end = "Without the required ones no model is used: faces are not compared, spoken digits \
               not heard, machine-readable zones not read, and every case waits for a human.\n";
    assert!(stderr(&got).ends_with(end), "{}", stderr(&got));
}

/// The rows about models of `doctor --json`: what, and what it costs.
fn costs(command: &mut std::process::Command) -> Vec<(String, String)> {
    let output = command.args(["doctor", "--json"]).output().unwrap();
    let rows: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    let text = |value: &serde_json::Value| value.as_str().unwrap_or_default().to_owned();
    let rows = rows.as_array().unwrap().iter();
    rows.map(|row| (text(&row["what"]), text(&row["cost"])))
        .filter(|(what, _)| what.starts_with("model"))
        .collect()
}

#[test]
fn doctor_says_all_that_is_lost_without_models() {
    let all = "faces are neither found nor compared, a print or a screen is not told from a live \
               face, the head's angle is not measured, spoken digits are not heard, \
               machine-readable zones are not read, the same face is not found in other cases; \
               every case waits for a human";
    let folder = tempfile::tempdir().unwrap();
    let rows = costs(&mut regain(folder.path()));
    assert_eq!(rows, [("models".to_owned(), all.to_owned())]);

    // A folder without files: the required ones cost everything, each other one its own check.
    let empty = folder.path().join("empty");
    fs::create_dir(&empty).unwrap();
    let rows = costs(regain(folder.path()).env("REGAIN_MODELS_DIR", &empty));
    let told: Vec<(&str, &str)> = rows
        .iter()
        .map(|(what, cost)| (what.as_str(), cost.split([',', ';', ':']).next().unwrap()))
        .collect();
    let live = "a print or a screen is not told from a live face";
    let digits = "spoken digits are not heard";
    assert_eq!(
        told,
        [
            (
                "model yunet_n_dynamic",
                "faces are neither found nor compared"
            ),
            (
                "model face_reid_0095",
                "faces are neither found nor compared"
            ),
            ("model minifasnet_v2_2.7_80", live),
            ("model minifasnet_v1se_4.0_80", live),
            (
                "model head_pose_0001",
                "a head that looks up or down is not noticed"
            ),
            ("model open-closed-eye", "nothing today"),
            ("model spelling_cnn", digits),
            ("model spelling_cnn_meta", digits),
            (
                "model mrz_traineddata",
                "machine-readable zones are not read"
            ),
        ]
    );
    for (what, cost) in &rows {
        let waits = cost.ends_with("every case waits for a human");
        let optional = ["head_pose", "open-closed", "mrz_"];
        let expected = !optional.iter().any(|name| what.contains(name));
        assert_eq!(waits, expected, "{what}: {cost}");
    }
    assert!(rows[0].1 == all && rows[1].1 == all);
}

#[test]
fn a_folder_must_be_named_where_there_is_no_home() {
    let folder = tempfile::tempdir().unwrap();
    let mut command = regain(folder.path());
    command.env_remove("HOME").env_remove("XDG_DATA_HOME");
    let output = command.args(["models", "check"]).output().unwrap();
    let why = "error: name the folder with --models DIR\n".to_owned();
    assert_eq!(said(&output), (Some(1), String::new(), why));
    let help = run(folder.path(), &["models", "--help"]);
    for command in ["fetch", "check"] {
        assert!(stdout(&help).contains(command), "{}", stdout(&help));
    }
}
