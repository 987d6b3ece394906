//! Where a key stands in a document.

use toml::de::{DeTable, DeValue};
use toml::{Spanned, Table, Value};

/// Line and column of a place in a text, in characters, both from 1.
#[must_use]
pub fn line_and_column(text: &str, at: usize) -> (usize, usize) {
    let before = text.get(..at).unwrap_or(text);
    let line = before.matches('\n').count() + 1;
    let column = before.rsplit('\n').next().unwrap_or_default();
    (line, column.chars().count() + 1)
}

/// A key of a table: where it begins, and its value.
pub(super) fn key<'t, 'd>(
    table: &'t DeTable<'d>,
    name: &str,
) -> Option<(usize, &'t Spanned<DeValue<'d>>)> {
    let (key, value) = table.iter().find(|(key, _)| key.get_ref() == name)?;
    Some((key.span().start, value))
}

/// A section: where its name begins, and its table.
pub(super) fn section<'t, 'd>(
    document: &'t DeTable<'d>,
    path: &str,
) -> Option<(usize, &'t DeTable<'d>)> {
    let mut found = (0, document);
    for name in path.split('.').filter(|name| !name.is_empty()) {
        let (at, value) = key(found.1, name)?;
        found = (at, value.get_ref().as_table()?);
    }
    Some(found)
}

/// Where the value of a whole key begins, or the entry of its list; else its nearest section.
pub(super) fn of(document: &DeTable<'_>, path: &str, entry: Option<&str>) -> Option<usize> {
    let (folder, name) = path.rsplit_once('.').unwrap_or(("", path));
    let (at, table) = section(document, folder)?;
    let Some((_, value)) = key(table, name) else {
        return Some(at);
    };
    let list = value.get_ref().as_array();
    let inside = list.and_then(|list| {
        let wanted = |one: &&Spanned<DeValue<'_>>| one.get_ref().as_str() == entry;
        entry.and(list.iter().find(wanted))
    });
    Some(inside.unwrap_or(value).span().start)
}

/// The value of a whole key.
pub(super) fn value<'t>(table: &'t Table, path: &str) -> Option<&'t Value> {
    let (first, rest) = match path.split_once('.') {
        Some((first, rest)) => (first, Some(rest)),
        None => (path, None),
    };
    let found = table.get(first)?;
    match rest {
        Some(rest) => value(found.as_table()?, rest),
        None => Some(found),
    }
}

/// Sets the value of a whole key, or takes it away.
pub(super) fn put(table: &mut Table, path: &str, new: Option<Value>) {
    let Some((first, rest)) = path.split_once('.') else {
        match new {
            Some(new) => table.insert(path.to_owned(), new),
            None => table.remove(path),
        };
        return;
    };
    if let Some(Value::Table(inner)) = table.get_mut(first) {
        put(inner, rest, new);
    }
}
