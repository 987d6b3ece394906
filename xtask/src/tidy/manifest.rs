//! Every crate's manifest: the workspace's lints apply to all.

use crate::violation::Violation;

pub(super) fn check(path: &str, text: &str, out: &mut Vec<Violation>) {
    let manifest: toml::Table = match toml::from_str(text) {
        Ok(manifest) => manifest,
        Err(error) => {
            out.push(Violation::new(
                path,
                1,
                format!("unreadable ({}), TOML", error.message()),
            ));
            return;
        }
    };
    let inherits = manifest
        .get("lints")
        .and_then(|lints| lints.get("workspace"))
        .and_then(toml::Value::as_bool)
        .unwrap_or(false);
    // Whoever is a workspace of its own has none to inherit from (the fuzz targets).
    let apart = manifest.contains_key("workspace");
    if manifest.contains_key("package") && !apart && !inherits {
        out.push(Violation::new(
            path,
            1,
            "own lints, write [lints] workspace = true",
        ));
    }
}
