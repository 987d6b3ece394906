//! The program as a child, and the folder of files that are not in this repository.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// The program in a folder of its own, without the variables of whoever runs the tests.
pub(crate) fn regain(folder: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_regain"));
    command.current_dir(folder);
    for name in [
        "REGAIN_CONFIG",
        "REGAIN_DATABASE_URL",
        "REGAIN_LISTEN",
        "REGAIN_LOG",
        "REGAIN_MASTER_KEY",
        "REGAIN_MODELS_DIR",
        "REGAIN_ORIGIN",
        "REGAIN_PLATFORM_KEY",
        "REGAIN_SMTP_PASSWORD",
    ] {
        command.env_remove(name);
    }
    command
}

pub(crate) fn run(folder: &Path, args: &[&str]) -> Output {
    regain(folder).args(args).output().unwrap()
}

pub(crate) fn stdout(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).unwrap()
}

pub(crate) fn stderr(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).unwrap()
}

#[expect(clippy::disallowed_methods, reason = "tests find shared files by it")]
pub(crate) fn shared(path: &str) -> Option<PathBuf> {
    let root = std::env::var_os("REGAIN_SHARED").map_or_else(
        || Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared"),
        PathBuf::from,
    );
    let found = root.join(path);
    if found.exists() {
        return Some(found.canonicalize().unwrap());
    }
    eprintln!("skipped: no {}", found.display());
    None
}
