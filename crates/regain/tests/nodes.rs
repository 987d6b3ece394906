//! Two nodes on one PostgreSQL, of which one's own clock runs an hour fast or slow, and either is
//! killed where it hurts after an approval: nothing is lost, nothing happens twice, and money moves
//! no earlier than it should. A whole walkthrough for each.
#![cfg(debug_assertions)]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stderr,
    clippy::disallowed_methods,
    missing_docs
)]

mod fresh;

use std::process::Command;

fn recovers(test: &str, hours: &str, failpoint: Option<&str>) {
    let Some(database) = fresh::database(&format!("nodes_{test}")) else {
        return;
    };
    let folder = tempfile::tempdir().unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_regain"));
    command
        .current_dir(folder.path())
        .env_remove("REGAIN_MODELS_DIR")
        .env_remove("REGAIN_FAILPOINT")
        .args(["demo", "--walkthrough", "--expect", "recovered"])
        .args(["--database", &database, "--second-node", hours]);
    if let Some(failpoint) = failpoint {
        command.args(["--crash-at", failpoint]);
    }
    let output = command.output().unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    let logged = String::from_utf8_lossy(&output.stderr);
    assert!(
        output.status.success()
            && said.contains("signs in an hour before the end")
            && said.contains("looks for anything that happened twice")
            && said.ends_with("outcome: recovered\n"),
        "{hours} h, killed at {failpoint:?}:\n{logged}\n{said}"
    );
}

/// One test per row: the hours by which the second node's clock is off, and where both are killed,
/// each at its own arrival of that number.
macro_rules! two_nodes {
    ($($name:ident: $hours:literal, $failpoint:expr;)*) => {$(
        #[test]
        fn $name() {
            recovers(stringify!($name), $hours, $failpoint);
        }
    )*};
}

two_nodes! {
    an_hour_slow: "-1", None;
    an_hour_fast_killed_after_an_acknowledgement: "1", Some("platform.acknowledged:1");
    an_hour_slow_killed_after_securing: "-1", Some("platform.secured:1");
    an_hour_slow_killed_after_a_notice: "-1", Some("notices.accepted:1");
    an_hour_fast_killed_after_an_append: "1", Some("append.after:20");
}
