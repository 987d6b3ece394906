//! What is wrong with a configuration, with its place, in words that say what to do.

use std::ops::Range;

use recovery::nearest::nearest;
use recovery::policy::problem::line_and_column;

/// Everything that is wrong, so that it can be mended in one go.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Problems(pub(crate) Vec<String>);

impl std::fmt::Display for Problems {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0.join("\n       "))
    }
}

impl std::error::Error for Problems {}

/// `file:line:column` of a place in the text; lines and columns begin at 1.
pub(super) fn place(file: &str, text: &str, span: &Range<usize>) -> String {
    let (line, column) = line_and_column(text, span.start);
    format!("{file}:{line}:{column}")
}

/// The TOML reader's complaint with its place; an unknown key with the key that was meant.
pub(crate) fn of_toml(file: &str, text: &str, error: &toml::de::Error) -> String {
    let place = error
        .span()
        .map_or_else(|| file.to_owned(), |span| place(file, text, &span));
    let message = error.message();
    format!(
        "{place}: {}",
        unknown_key(message).unwrap_or_else(|| message.to_owned())
    )
}

/// serde says: unknown field `x`, expected `a` or `b` (or: expected one of `a`, `b`, `c`).
fn unknown_key(message: &str) -> Option<String> {
    let rest = message.strip_prefix("unknown field `")?;
    let mut words = rest.split('`').step_by(2);
    let typed = words.next()?;
    let known: Vec<&str> = words.filter(|word| !word.is_empty()).collect();
    Some(match nearest(typed, known.iter().copied()) {
        Some(meant) => format!("unknown key \"{typed}\"; did you mean \"{meant}\"?"),
        None => format!("unknown key \"{typed}\"; known here: {}", known.join(", ")),
    })
}
