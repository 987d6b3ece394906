//! Everything that is wrong with a policy document, each with its line and column.
//!
//! First the document is compared with the table of keys: unknown and missing keys, other types,
//! numbers that are never allowed. What is wrong is then put right from the default policy, so
//! that what the other sections say together can be looked at in the same go.

mod place;
mod values;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use toml::de::{DeTable, DeValue};
use toml::{Spanned, Table, Value};

use super::keys::{self, Section};
use super::limits::{self, Limits};
use super::{DEFAULT, LATER_SECTIONS, Policy, PolicyError};
use crate::nearest::nearest;

pub use place::line_and_column;

/// Most problems told of one document: a person mends these first.
const PROBLEMS_MAX: usize = 100;

/// One thing that is wrong.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Problem {
    /// The line, from 1.
    pub line: usize,
    /// The column in characters, from 1.
    pub column: usize,
    /// `key: what is wrong; what to do`.
    pub words: String,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: {}", self.line, self.column, self.words)
    }
}

/// Everything that is wrong with a document, in its order; empty exactly when
/// [`Policy::parse`] takes it.
#[must_use]
pub fn problems(text: &str) -> Vec<Problem> {
    let (document, errors) = DeTable::parse_recoverable(text);
    let mut look = Look::new(text);
    if errors.is_empty() {
        look.at_sections(document.get_ref());
        look.at_meaning(document.get_ref());
    }
    for error in errors {
        let at = error.span().map_or(0, |span| span.start);
        let message = error.message().replace('\n', ", ");
        look.tell(at, format!("this is not TOML: {message}; correct it"));
    }
    look.problems.sort();
    look.problems.dedup();
    look.problems.truncate(PROBLEMS_MAX);
    look.problems
}

struct Look<'a> {
    text: &'a str,
    problems: Vec<Problem>,
    /// Whole keys that are put right before the policy's meaning is looked at.
    wrong: BTreeSet<String>,
    /// Keys and sections that stand there misspelt, so that they are not told as missing too.
    meant: BTreeSet<String>,
    shipped: Table,
    limits: BTreeMap<&'static str, Limits>,
}

impl<'a> Look<'a> {
    fn new(text: &'a str) -> Self {
        Self {
            text,
            problems: Vec::new(),
            wrong: BTreeSet::new(),
            meant: BTreeSet::new(),
            shipped: toml::from_str(DEFAULT).unwrap_or_default(),
            limits: limits::widest(),
        }
    }

    fn tell(&mut self, at: usize, words: String) {
        let (line, column) = line_and_column(self.text, at);
        self.problems.push(Problem {
            line,
            column,
            words,
        });
    }

    fn tell_wrong(&mut self, key: &str, at: usize, words: &str) {
        self.tell(at, format!("{key}: {words}"));
        self.wrong.insert(key.to_owned());
    }

    fn at_sections(&mut self, document: &DeTable<'_>) {
        self.at_unknown(document, "");
        for section in keys::sections() {
            let top = section.path.split('.').next().unwrap_or_default();
            if LATER_SECTIONS.contains(&top) && place::key(document, top).is_none() {
                continue;
            }
            match place::section(document, section.path) {
                Some((at, table)) => self.at_keys(section, at, table),
                None if section.optional => {}
                None if self.is_wrong_above(section.path) => {
                    self.wrong.insert(section.path.to_owned());
                }
                None => {
                    let words = "this section is missing; add it, as in the default policy";
                    self.tell_wrong(section.path, 0, words);
                }
            }
        }
    }

    /// Whether a section, or one around it, was told already to be something else.
    fn is_wrong_above(&self, path: &str) -> bool {
        let above = |wrong: &String| path == wrong || path.starts_with(&format!("{wrong}."));
        self.wrong.iter().chain(&self.meant).any(above)
    }

    /// Keys and sections that nobody knows, and sections that are no section.
    fn at_unknown(&mut self, table: &DeTable<'_>, path: &str) {
        let known = known_in(path);
        for (key, value) in table {
            let name: &str = key.get_ref();
            let whole = joined(path, name);
            let at = key.span().start;
            if !known.contains(name) {
                let hint = match nearest(name, known.iter().copied()) {
                    Some(meant) => {
                        self.meant.insert(joined(path, meant));
                        format!("did you mean {meant}?")
                    }
                    None => format!("known here: {}", listed(&known)),
                };
                self.tell_wrong(&whole, at, &format!("this key is unknown; {hint}"));
            } else if keys::key(&whole).is_none() {
                match value.get_ref() {
                    DeValue::Table(inner) => self.at_unknown(inner, &whole),
                    _ => self.tell_wrong(
                        &whole,
                        at,
                        &format!("this is a section; write it as [{whole}]"),
                    ),
                }
            }
        }
    }

    fn at_keys(&mut self, section: &Section, at: usize, table: &DeTable<'_>) {
        for key in section.keys {
            let whole = section.join(key.name);
            match place::key(table, key.name) {
                Some((_, value)) => self.at_value(key, &whole, value),
                None if self.meant.contains(&whole) => {
                    self.wrong.insert(whole);
                }
                None => {
                    let usual = place::value(&self.shipped, &whole).map(Value::to_string);
                    let usual = usual.filter(|text| text.len() <= 40);
                    let usual = usual.map(|text| format!(" {} = {text}", key.name));
                    let words = format!(
                        "this key is missing; add{}, as in the default policy",
                        usual.unwrap_or_else(|| " it".to_owned())
                    );
                    self.tell_wrong(&whole, at, &words);
                }
            }
        }
    }

    /// What the document says as a whole, with what was wrong put right.
    fn at_meaning(&mut self, document: &DeTable<'_>) {
        let Ok(mut table) = toml::from_str::<Table>(self.text) else {
            return;
        };
        for key in &self.wrong {
            place::put(&mut table, key, place::value(&self.shipped, key).cloned());
        }
        let policy = match Policy::of_table(table) {
            Ok(policy) => policy,
            // Nothing is known to lead here; whatever does is still told.
            Err(error) if self.problems.is_empty() => {
                let at = error.span().map_or(0, |span| span.start);
                return self.tell(at, error.message().to_owned());
            }
            Err(_) => return,
        };
        for fault in policy.faults() {
            self.at_fault(document, &fault);
        }
    }

    fn at_fault(&mut self, document: &DeTable<'_>, fault: &PolicyError) {
        let words = fault.to_string();
        let key = words.split(": ").next().unwrap_or_default();
        let top = |key: &str| key.split('.').next().map(str::to_owned);
        // A neighbour was put right, so what they say together is not the document's word.
        if self.wrong.iter().any(|wrong| top(wrong) == top(key)) {
            return;
        }
        let at = place::of(document, key, fault.entry()).unwrap_or_default();
        self.tell(at, words);
    }
}

/// The names of keys and sections that may stand in a section.
fn known_in(path: &str) -> BTreeSet<&'static str> {
    let inside = |whole: &'static str| -> Option<&'static str> {
        let rest = match path {
            "" => whole,
            _ => whole.strip_prefix(path)?.strip_prefix('.')?,
        };
        rest.split('.').next().filter(|name| !name.is_empty())
    };
    let own = keys::section(path).into_iter().flat_map(|one| one.keys);
    let own = own.map(|key| key.name);
    let below = keys::sections().filter_map(|one| inside(one.path));
    own.chain(below).collect()
}

fn joined(path: &str, name: &str) -> String {
    if path.is_empty() {
        return name.to_owned();
    }
    format!("{path}.{name}")
}

fn listed(names: &BTreeSet<&'static str>) -> String {
    let names: Vec<&str> = names.iter().copied().collect();
    names.join(", ")
}

fn start(value: &Spanned<DeValue<'_>>) -> usize {
    value.span().start
}
