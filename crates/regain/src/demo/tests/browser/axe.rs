//! Accessibility: axe-core looks at a page as it is now. The engine is no part of the repository;
//! `scripts/setup.sh` fetches it into a cache folder.

use std::path::PathBuf;

use anyhow::{Context as _, Result};
use serde_json::{Value, json};

use super::driver::devtools;
use super::gallery::Gallery;
use super::person::Person;

/// The version that `scripts/setup.sh` fetches.
const FOLDER: &str = "regain/axe-core-4.14.1/axe.min.js";
/// Everything of WCAG 2.2 A and AA that axe knows, and its own good practice.
const RUN: &str = r#"axe.run(document, { resultTypes: ["violations"] }).then((found) =>
  found.violations.map((v) => [v.id, v.help, v.nodes.slice(0, 3).map((n) => String(n.target))]))"#;

/// The engine, if this machine has it.
pub(super) fn source() -> Option<String> {
    let named = std::env::var_os("REGAIN_AXE").map(PathBuf::from);
    let cache = std::env::var_os("XDG_CACHE_HOME")
        .map(PathBuf::from)
        .or_else(|| Some(PathBuf::from(std::env::var_os("HOME")?).join(".cache")));
    let file = named.or_else(|| Some(cache?.join(FOLDER)))?;
    std::fs::read_to_string(file).ok()
}

/// Notes everything that axe finds on the page. Through the protocol, so that the page's own
/// policy stays in force.
pub(super) async fn audit(
    person: &Person<'_>,
    gallery: &Gallery,
    axe: Option<&String>,
    name: &str,
) -> Result<()> {
    let Some(axe) = axe else { return Ok(()) };
    let client = person.client();
    let load = json!({ "expression": axe });
    devtools(client, "Runtime.evaluate", load).await?;
    let run = json!({ "expression": RUN, "awaitPromise": true, "returnByValue": true });
    let answer = devtools(client, "Runtime.evaluate", run).await?;
    let found = answer
        .pointer("/result/value")
        .and_then(Value::as_array)
        .with_context(|| format!("axe did not answer on {name}: {answer}"))?;
    for violation in found {
        gallery.notes(format!("{name}: axe: {violation}"));
    }
    Ok(())
}
