//! The program as people start it: its commands, their words and their exit codes.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stderr,
    missing_docs
)]

mod support;

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Command, Stdio};

use support::{regain, run, shared, stderr, stdout};

const EXAMPLE: &str = include_str!("../regain.example.toml");

/// A folder with a configuration that can be served, and its keys.
fn installed() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir(folder.path().join("secrets")).unwrap();
    for (kind, file) in [("master", "master.key"), ("platform", "platform.key")] {
        let file = format!("secrets/{file}");
        let made = run(folder.path(), &["keys", "new", kind, &file]);
        assert!(made.status.success(), "{}", stderr(&made));
    }
    let config = EXAMPLE
        .replace("127.0.0.1:8080", "127.0.0.1:0")
        .replace("https://recover.exchange.example", "http://localhost:8080")
        .replace("user = \"regain\"\n", "")
        .replace("password_file = \"secrets/smtp.password\"\n", "")
        .replace("smtp.exchange.example", "127.0.0.1")
        .replace("port = 465 ", "port = 1 ")
        .replace("tls = \"tls\" ", "tls = \"none\" ")
        .replace(
            "url = \"https://exchange.example\" ",
            "url = \"http://127.0.0.1:1\" ",
        );
    std::fs::write(folder.path().join("regain.toml"), config).unwrap();
    folder
}

#[test]
fn face_compare_tells_one_person_from_two() {
    let faces = [
        "testdata/faces/lfw/Aaron_Peirsol/Aaron_Peirsol_0001.jpg",
        "testdata/faces/lfw/Aaron_Peirsol/Aaron_Peirsol_0003.jpg",
        "testdata/faces/lfw/Aaron_Sorkin/Aaron_Sorkin_0001.jpg",
    ];
    let (Some(models), [Some(a), Some(b), Some(other)]) = (shared("models"), faces.map(shared))
    else {
        return;
    };
    let folder = tempfile::tempdir().unwrap();
    let compare = |one: &Path, two: &Path, extra: &[&str]| {
        let mut command = regain(folder.path());
        command
            .args(["face", "compare"])
            .args([one, two])
            .args(extra);
        command.env("REGAIN_MODELS_DIR", &models).output().unwrap()
    };
    let same = compare(&a, &b, &["--json"]);
    assert_eq!(same.status.code(), Some(0), "{}", stderr(&same));
    let report: serde_json::Value = serde_json::from_slice(&same.stdout).unwrap();
    assert_eq!(report["verdict"], "match", "{report}");
    let different = compare(&a, &other, &[]);
    assert_eq!(different.status.code(), Some(0));
    let text = stdout(&different);
    assert!(text.contains("verdict: no match"), "{text}");
    let text_file = folder.path().join("photo.jpg");
    std::fs::write(&text_file, "not a picture").unwrap();
    let bad = compare(&a, &text_file, &[]);
    assert_eq!(bad.status.code(), Some(2));
    assert!(stderr(&bad).contains("photo.jpg: "), "{}", stderr(&bad));
    let without = run(
        folder.path(),
        &["face", "compare", a.to_str().unwrap(), b.to_str().unwrap()],
    );
    assert_eq!(without.status.code(), Some(1));
    let words = stderr(&without);
    assert!(
        words.starts_with("error: no model files are configured"),
        "{words}"
    );
}

#[test]
fn policy_check_says_what_is_wrong_and_where() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("policy.toml");
    let check = |text: &str| {
        std::fs::write(&path, text).unwrap();
        run(folder.path(), &["policy", "check", "policy.toml"])
    };
    let good = recovery::policy::DEFAULT;
    let output = check(good);
    assert_eq!(output.status.code(), Some(0));
    assert_eq!(
        stdout(&output),
        "ok: policy.toml (version 2; waits of 24, 48, 72 and 168 hours by tier, 72 after a \
         contest)\n"
    );
    let line = |text: &str, begins: &str| {
        let found = text.lines().position(|line| line.starts_with(begins));
        found.unwrap() + 1
    };
    let output = check(&good.replace("standard_hours = 24", "standard_hours = 23"));
    assert_eq!(output.status.code(), Some(1));
    assert_eq!(
        stderr(&output),
        format!(
            "error: policy.toml:{}:18: cooling_off.standard_hours: 23 is out of range; use 24 to \
             720\n",
            line(good, "standard_hours")
        )
    );
    let misspelt = good.replace("standard_hours", "standart_hours");
    let line = line(&misspelt, "standart");
    let output = check(&misspelt);
    assert_eq!(output.status.code(), Some(1));
    assert_eq!(
        stderr(&output),
        format!(
            "error: policy.toml:{line}:1: cooling_off.standart_hours: this key is unknown; \
             did you mean standard_hours?\n"
        )
    );
}

#[test]
fn policy_diff_says_in_words_what_changes() {
    let folder = tempfile::tempdir().unwrap();
    let good = recovery::policy::DEFAULT;
    let changed = good.replace("standard_hours = 24", "standard_hours = 48");
    std::fs::write(folder.path().join("a.toml"), good).unwrap();
    std::fs::write(folder.path().join("b.toml"), changed).unwrap();
    let diff = |a: &str, b: &str| run(folder.path(), &["policy", "diff", a, b]);
    let output = diff("a.toml", "b.toml");
    assert_eq!(output.status.code(), Some(0));
    assert_eq!(
        stdout(&output),
        "cooling_off.standard_hours: the shortest wait rises from 24 to 48 hours (stricter)\n"
    );
    let same = diff("a.toml", "a.toml");
    assert_eq!(same.status.code(), Some(0));
    assert_eq!(stdout(&same), "The two say the same\n");
    assert_eq!(diff("a.toml", "c.toml").status.code(), Some(1));
    let schema = run(folder.path(), &["policy", "schema"]);
    assert_eq!(schema.status.code(), Some(0));
    let schema: serde_json::Value = serde_json::from_slice(&schema.stdout).unwrap();
    assert_eq!(schema["type"], "object");
}

#[test]
fn doctor_works_without_a_configuration() {
    let folder = tempfile::tempdir().unwrap();
    let output = run(folder.path(), &["doctor"]);
    assert_eq!(output.status.code(), Some(1), "{}", stderr(&output));
    let text = stdout(&output);
    assert!(
        text.starts_with("missing  configuration    no regain.toml\n"),
        "{text}"
    );
    assert!(
        text.contains("missing  models           no folder is configured\n"),
        "{text}"
    );
    assert!(text.contains("ffmpeg"), "{text}");
    assert!(
        text.ends_with("1 essential thing is missing or broken\n"),
        "{text}"
    );
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
}

#[test]
fn doctor_finds_what_does_not_answer_and_changes_nothing() {
    let folder = installed();
    let output = run(folder.path(), &["doctor", "--json"]);
    assert_eq!(output.status.code(), Some(1));
    let rows: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    let state = |what: &str| {
        let row = rows
            .as_array()
            .unwrap()
            .iter()
            .find(|row| row["what"] == what);
        row.unwrap_or_else(|| panic!("no {what}"))["state"].clone()
    };
    assert_eq!(state("configuration"), "ok");
    assert_eq!(state("policy"), "ok");
    assert_eq!(state("database"), "missing");
    assert_eq!(state("vault"), "ok");
    assert_eq!(state("mail server"), "broken");
    assert_eq!(state("platform"), "broken");
    assert!(!folder.path().join("data").exists() && !folder.path().join("keys").exists());
}

#[test]
fn config_check_shows_values_and_no_secret() {
    let folder = installed();
    let check = |secret: &str| {
        let mut command = regain(folder.path());
        command.args(["config", "check"]);
        command.env("REGAIN_DATABASE_URL", secret).output().unwrap()
    };
    let output = check("postgres://regain:hunter2-and-more@db/regain");
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    let text = stdout(&output);
    assert!(
        text.contains("postgres://regain:redacted@db/regain"),
        "{text}"
    );
    assert!(text.contains("REGAIN_DATABASE_URL"), "{text}");
    assert!(
        !text.contains("hunter2") && !text.contains("AGE-SECRET"),
        "{text}"
    );
    std::fs::write(folder.path().join("other.toml"), "[server]\nlsten = 1\n").unwrap();
    let output = run(folder.path(), &["config", "check", "other.toml"]);
    assert_eq!(output.status.code(), Some(1));
    assert_eq!(
        stderr(&output),
        "error: other.toml:2:1: unknown key \"lsten\"; did you mean \"listen\"?\n"
    );
}

#[test]
fn an_installation_goes_from_nothing_to_serving_and_ends_cleanly() {
    let folder = installed();
    let early = run(folder.path(), &["serve"]);
    assert_eq!(early.status.code(), Some(1));
    assert!(
        stderr(&early).contains("run: regain migrate"),
        "{}",
        stderr(&early)
    );
    for expected in [
        "the database went from schema version 0 to ",
        "the database is up to date (schema version ",
    ] {
        let output = run(folder.path(), &["migrate"]);
        assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
        assert!(stdout(&output).starts_with(expected), "{}", stdout(&output));
    }
    let added = run(
        folder.path(),
        &["staff", "add", "Rita Reviewer", "--rank", "senior"],
    );
    assert_eq!(added.status.code(), Some(0), "{}", stderr(&added));
    let link = "once within 24 hours: http://localhost:8080/console/enrol/";
    assert!(stdout(&added).contains(link), "{}", stdout(&added));
    let listed = stdout(&run(folder.path(), &["staff", "list"]));
    assert!(
        listed.contains("senior") && listed.contains("Rita Reviewer"),
        "{listed}"
    );
    let rotated = run(folder.path(), &["keys", "rotate"]);
    assert_eq!(rotated.status.code(), Some(0), "{}", stderr(&rotated));
    assert!(
        stdout(&rotated).contains("0 unreadable"),
        "{}",
        stdout(&rotated)
    );
    serve_and_stop(folder.path());
    work_and_stop(folder.path());
}

/// The worker alone ends by SIGTERM as well.
fn work_and_stop(folder: &Path) {
    let mut child = regain(folder)
        .arg("worker")
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stderr.take().unwrap()).lines();
    let started = |line: String| line.contains("the worker has started");
    assert!(lines.by_ref().any(|line| started(line.unwrap())));
    terminate(&child);
    let rest: Vec<String> = lines.map(Result::unwrap).collect();
    assert_eq!(child.wait().unwrap().code(), Some(0), "{rest:?}");
}

fn terminate(child: &std::process::Child) {
    let pid = child.id().to_string();
    let killed = Command::new("kill").args(["-TERM", &pid]).status().unwrap();
    assert!(killed.success());
}

/// Serves on a free port, asks for a page, ends it by SIGTERM.
fn serve_and_stop(folder: &Path) {
    let mut child = regain(folder)
        .arg("serve")
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stderr.take().unwrap()).lines();
    let address = lines
        .by_ref()
        .map(|line| serde_json::from_str::<serde_json::Value>(&line.unwrap()).unwrap())
        .find_map(|line| line["address"].as_str().map(str::to_owned))
        .expect("it never served");
    let mut stream = TcpStream::connect(&address).unwrap();
    stream
        .write_all(b"GET / HTTP/1.1\r\nHost: localhost:8080\r\nConnection: close\r\n\r\n")
        .unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    assert!(answer.starts_with("HTTP/1.1 "), "{answer}");
    terminate(&child);
    let rest: Vec<serde_json::Value> = lines
        .map(|line| serde_json::from_str(&line.unwrap()).unwrap())
        .collect();
    assert_eq!(child.wait().unwrap().code(), Some(0), "{rest:?}");
    let last = rest.last().unwrap();
    assert_eq!(last["message"], "stopped", "{rest:?}");
    assert!(last["timestamp"].as_str().unwrap().ends_with('Z'), "{last}");
}
