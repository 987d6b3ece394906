//! Databases of their own on the PostgreSQL server of this run.

use std::process::Command;

/// The environment's address of a PostgreSQL server on which databases may be made.
const SERVER: &str = "REGAIN_TEST_POSTGRES";

/// A new, empty database; none when there is no server.
pub(crate) fn database(test: &str) -> Option<String> {
    let Ok(server) = std::env::var(SERVER) else {
        eprintln!("skipped: {SERVER} is not set");
        return None;
    };
    let name = format!("{test}_{}", std::process::id());
    let made = Command::new("psql")
        .args(["--quiet", "--no-psqlrc", &server, "--command"])
        .arg(format!("CREATE DATABASE {name}"))
        .output()
        .expect("psql is installed with the server");
    let said = String::from_utf8_lossy(&made.stderr);
    assert!(made.status.success(), "no new database: {said}");
    let (place, _) = server.rsplit_once('/').unwrap();
    Some(format!("{place}/{name}"))
}
