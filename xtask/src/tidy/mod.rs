//! Limits and words: what a reader of any file of this repository may rely on.

mod manifest;
mod rust;
mod text;

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;

use anyhow::{Context as _, Result, ensure};
use serde::Deserialize;

use crate::violation::Violation;

/// `xtask/tidy.toml`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Rules {
    limits: Limits,
    markers: Markers,
    machine_paths: MachinePaths,
    /// Banned part of an identifier -> the word to use.
    words: BTreeMap<String, String>,
    exempt: Exempt,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Limits {
    function_lines: usize,
    test_function_lines: usize,
    file_lines: usize,
    test_file_lines: usize,
    line_columns: usize,
    blob_bytes: usize,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Markers {
    words: Vec<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct MachinePaths {
    prefixes: Vec<String>,
}

/// Paths, from the root, that one check passes over.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Exempt {
    markers: Vec<String>,
    machine_paths: Vec<String>,
    words: Vec<String>,
    blob_bytes: Vec<String>,
}

/// Checks every file that git tracks or would track.
pub(crate) fn run(root: &Path) -> Result<Vec<Violation>> {
    let rules = root.join("xtask/tidy.toml");
    let rules = std::fs::read_to_string(&rules).with_context(|| rules.display().to_string())?;
    let rules: Rules = toml::from_str(&rules).context("xtask/tidy.toml")?;
    let mut violations = Vec::new();
    for path in tracked(root)? {
        let Ok(bytes) = std::fs::read(root.join(&path)) else {
            continue; // Deleted, and the deletion is not committed yet.
        };
        check_file(&rules, &path, &bytes, &mut violations);
    }
    Ok(violations)
}

/// Paths from the root, of what is committed and of what is new and not ignored.
fn tracked(root: &Path) -> Result<Vec<String>> {
    let listing = Command::new("git")
        .args([
            "ls-files",
            "-z",
            "--cached",
            "--others",
            "--exclude-standard",
        ])
        .current_dir(root)
        .output()
        .context("git does not run")?;
    ensure!(
        listing.status.success(),
        "git ls-files: {}",
        String::from_utf8_lossy(&listing.stderr)
    );
    let listing = String::from_utf8(listing.stdout).context("a file name is not UTF-8")?;
    let mut paths: Vec<String> = listing
        .split('\0')
        .filter(|path| !path.is_empty())
        .map(str::to_owned)
        .collect();
    paths.sort();
    paths.dedup();
    Ok(paths)
}

fn check_file(rules: &Rules, path: &str, bytes: &[u8], out: &mut Vec<Violation>) {
    let limit = rules.limits.blob_bytes;
    if bytes.len() > limit && !listed(&rules.exempt.blob_bytes, path) {
        out.push(Violation::new(
            path,
            1,
            format!("{} bytes, limit {limit}", bytes.len()),
        ));
    }
    let Ok(text) = std::str::from_utf8(bytes) else {
        return;
    };
    text::check(rules, path, text, out);
    if path.ends_with(".rs") {
        rust::check(rules, path, text, out);
    }
    if path.ends_with("Cargo.toml") {
        manifest::check(path, text, out);
    }
}

fn listed(paths: &[String], path: &str) -> bool {
    paths.iter().any(|listed| listed == path)
}
