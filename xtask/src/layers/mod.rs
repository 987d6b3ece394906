//! Who may import whom: the table in ARCHITECTURE.md against the dependencies cargo resolved.

mod graph;
mod table;

#[cfg(test)]
mod tests;

use std::path::Path;

use anyhow::{Context as _, Result};

use crate::violation::Violation;
use graph::{Crate, Graph};
use table::{Row, Table};

const DOCUMENT: &str = "ARCHITECTURE.md";

pub(crate) fn run(root: &Path) -> Result<Vec<Violation>> {
    let text = std::fs::read_to_string(root.join(DOCUMENT)).context(DOCUMENT)?;
    let table = Table::parse(&text).context(DOCUMENT)?;
    let graph = Graph::load(root)?;
    Ok(check(&table, &graph))
}

fn check(table: &Table, graph: &Graph) -> Vec<Violation> {
    let mut out = Vec::new();
    for row in &table.rows {
        let what = match graph.own(&row.name) {
            None => format!("row {}, no such crate in the workspace", row.name),
            Some(_) => continue,
        };
        out.push(Violation::new(DOCUMENT, row.line, what));
    }
    for (name, own) in graph.crates() {
        match table.row(name) {
            Some(row) => check_crate(table, row, own, graph, &mut out),
            None => {
                let what = format!("crate {name}, a row for it in {DOCUMENT}");
                out.push(Violation::new(&own.manifest, 1, what));
            }
        }
    }
    out
}

fn check_crate(table: &Table, row: &Row, own: &Crate, graph: &Graph, out: &mut Vec<Violation>) {
    // Tests may use any outside crate; an own one would turn the layers upside down all the same.
    for import in own.normal.iter().chain(&own.dev) {
        if graph.own(import).is_some() && *import != row.name && !row.may_import(import) {
            let what = format!(
                "{} imports {import}, may import {}",
                row.name,
                row.own_words()
            );
            out.push(Violation::new(&own.manifest, own.line_of(import), what));
        }
    }
    for fenced in table.fenced() {
        if row.fenced.contains(fenced) {
            continue;
        }
        if let Some(way) = graph.way(&row.name, fenced) {
            let users = table.users_of(fenced).join(", ");
            let what = format!("{}, {fenced} is for {users}", way.join(" -> "));
            let first = way.get(1).map_or(fenced.as_str(), String::as_str);
            out.push(Violation::new(&own.manifest, own.line_of(first), what));
        }
    }
}
