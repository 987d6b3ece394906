//! Killed at every named failpoint and started again, the program goes on where it was, and
//! nothing happens twice: a whole walkthrough for each, on both engines at each kind of failpoint.
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

fn recovers(failpoint: &str, database: Option<&str>) {
    let folder = tempfile::tempdir().unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_regain"));
    command
        .current_dir(folder.path())
        .env_remove("REGAIN_MODELS_DIR")
        .env_remove("REGAIN_FAILPOINT")
        .args(["demo", "--walkthrough", "--expect", "recovered"])
        .args(["--crash-at", failpoint]);
    if let Some(url) = database {
        command.args(["--database", url]);
    }
    let output = command.output().unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    let logged = String::from_utf8_lossy(&output.stderr);
    assert!(
        output.status.success()
            && said.contains("looks for anything that happened twice")
            && said.ends_with("outcome: recovered\n"),
        "killed at {failpoint}:\n{logged}\n{said}"
    );
}

/// One test per row: a failpoint, and at which of its hits the program is killed.
macro_rules! killed_at {
    ($engine:ident, |$name:ident| $database:expr; $($test:ident: $failpoint:literal;)*) => {
        mod $engine {
            $(
                #[test]
                fn $test() {
                    let $name = concat!("crash_", stringify!($test));
                    let Some(database) = $database else {
                        return;
                    };
                    super::recovers($failpoint, database.as_deref());
                }
            )*
        }
    };
}

// Appends are counted over the whole way: opening, evidence, checks, looks and verdicts, handover,
// securing, end. Mails and notices by the order in which they are sent.
killed_at! {
    sqlite, |_name| Some(None::<String>);
    before_the_first_append: "append.before:1";
    before_the_append_of_a_handover_step: "append.before:45";
    after_the_first_append: "append.after:1";
    after_a_reviewer_took_the_case: "append.after:12";
    after_an_append_of_the_handover: "append.after:40";
    after_an_append_of_the_securing: "append.after:52";
    after_the_lock_was_acknowledged: "platform.acknowledged:1";
    after_the_freeze_was_acknowledged: "platform.acknowledged:2";
    after_the_first_thing_was_secured: "platform.secured:1";
    after_the_third_thing_was_secured: "platform.secured:3";
    after_the_first_mail_was_taken: "mail.accepted:1";
    after_the_third_mail_was_taken: "mail.accepted:3";
    after_the_first_notice_was_taken: "notices.accepted:1";
    after_the_second_notice_was_taken: "notices.accepted:2";
}

// Each kind of failpoint on the other engine, too; `nodes.rs` kills two nodes on it.
killed_at! {
    postgres, |name| super::fresh::database(name).map(Some);
    before_the_append_of_a_handover_step: "append.before:45";
    after_an_append_of_the_handover: "append.after:40";
    after_the_freeze_was_acknowledged: "platform.acknowledged:2";
    after_the_third_thing_was_secured: "platform.secured:3";
    after_the_third_mail_was_taken: "mail.accepted:3";
    after_the_second_notice_was_taken: "notices.accepted:2";
}
