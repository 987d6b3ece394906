//! The import table: Markdown between two markers, so that people and the check read the same.

use std::collections::BTreeSet;

use anyhow::{Context as _, Result, ensure};

const BEGIN: &str = "<!-- layers:begin -->";
const END: &str = "<!-- layers:end -->";
const HEADER: [&str; 3] = [
    "crate",
    "own crates it may import",
    "heavy crates it may import",
];

/// `| crate | own, own | heavy, heavy |`; own may be `nothing` or `everything`, heavy `nothing`.
pub(super) struct Table {
    pub(super) rows: Vec<Row>,
}

pub(super) struct Row {
    /// In ARCHITECTURE.md, from 1.
    pub(super) line: usize,
    pub(super) name: String,
    own: Own,
    /// A crate in this column of any row is fenced: the other rows may not have it.
    pub(super) fenced: BTreeSet<String>,
}

enum Own {
    Everything,
    Only(BTreeSet<String>),
}

impl Table {
    pub(super) fn parse(document: &str) -> Result<Self> {
        let mut lines = document
            .lines()
            .enumerate()
            .map(|(index, line)| (index + 1, line.trim()));
        lines
            .find(|(_, line)| *line == BEGIN)
            .with_context(|| format!("no line {BEGIN}"))?;
        let mut rows = Vec::new();
        let mut header = false;
        for (line, text) in lines {
            if text == END {
                ensure!(!rows.is_empty(), "the import table is empty");
                return Ok(Self { rows });
            }
            let Some(cells) = cells(text) else { continue };
            if !header {
                ensure!(cells == HEADER, "line {line}: the columns are {HEADER:?}");
                header = true;
            } else if !text.starts_with("|-") {
                rows.push(Row::parse(line, &cells)?);
            }
        }
        anyhow::bail!("no line {END}")
    }

    pub(super) fn row(&self, name: &str) -> Option<&Row> {
        self.rows.iter().find(|row| row.name == name)
    }

    pub(super) fn fenced(&self) -> BTreeSet<&String> {
        self.rows.iter().flat_map(|row| &row.fenced).collect()
    }

    pub(super) fn users_of(&self, fenced: &str) -> Vec<&str> {
        self.rows
            .iter()
            .filter(|row| row.fenced.contains(fenced))
            .map(|row| row.name.as_str())
            .collect()
    }
}

impl Row {
    fn parse(line: usize, cells: &[&str]) -> Result<Self> {
        let [name, own, fenced] = cells else {
            anyhow::bail!("line {line}: {} columns, not 3", cells.len())
        };
        let own = match *own {
            "everything" => Own::Everything,
            names => Own::Only(list(names)),
        };
        Ok(Self {
            line,
            name: bare(name),
            own,
            fenced: list(fenced),
        })
    }

    pub(super) fn may_import(&self, name: &str) -> bool {
        match &self.own {
            Own::Everything => true,
            Own::Only(names) => names.contains(name),
        }
    }

    pub(super) fn own_words(&self) -> String {
        match &self.own {
            Own::Everything => "everything".to_owned(),
            Own::Only(names) if names.is_empty() => "nothing".to_owned(),
            Own::Only(names) => names.iter().cloned().collect::<Vec<_>>().join(", "),
        }
    }
}

fn cells(line: &str) -> Option<Vec<&str>> {
    let inner = line.strip_prefix('|')?.strip_suffix('|')?;
    Some(inner.split('|').map(str::trim).collect())
}

fn list(cell: &str) -> BTreeSet<String> {
    cell.split(',')
        .map(bare)
        .filter(|name| !name.is_empty() && name != "nothing")
        .collect()
}

fn bare(name: &str) -> String {
    name.trim().trim_matches('`').to_owned()
}
