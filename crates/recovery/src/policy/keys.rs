//! What each key of a policy is for: the one table of words behind messages, `regain policy diff`,
//! the schema and the reference page.
//!
//! Bounds are not here: they stand beside the checks that hold a policy to them ([`limits`]).
//! [`limits`]: super::Policy::limits

mod checks;
mod process;
mod risk;

use std::fmt;

/// What a value is, as a person would say it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A whole number.
    Whole,
    /// A number.
    Number,
    /// `true` or `false`.
    Switch,
    /// A text.
    Word,
    /// A text that is one of these.
    Choice(&'static [&'static str]),
    /// Points by code: a section, or a table between braces.
    Points,
    /// A list of texts.
    Words,
    /// A list whose entries are among these.
    Choices(&'static [&'static str]),
    /// The list of evaluations.
    Evaluations,
}

/// Which way a key goes when recovery becomes stricter: harder for who should not get in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stricter {
    /// A larger number, `true`, or more entries.
    More,
    /// A smaller number, `false`, or fewer entries.
    Less,
    /// Neither way: it moves time, work or words.
    Neither,
}

/// A bound that is another key's value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Within {
    /// No lower than that key.
    From(&'static str),
    /// No higher than that key.
    UpTo(&'static str),
}

/// One key of a section.
#[derive(Debug, Clone, Copy)]
pub struct Key {
    /// The key without its section.
    pub name: &'static str,
    /// What it is, as the subject of a sentence: "the shortest wait".
    pub says: &'static str,
    /// Its unit, in the plural; empty where there is none.
    pub unit: &'static str,
    /// What may stand there.
    pub kind: Kind,
    /// Which way is stricter.
    pub stricter: Stricter,
    /// The bound that another key sets, where one does.
    pub within: Option<Within>,
}

/// One section.
#[derive(Debug, Clone, Copy)]
pub struct Section {
    /// As between brackets; empty for the keys above all sections.
    pub path: &'static str,
    /// What its keys are about.
    pub says: &'static str,
    /// Whether it may be left out.
    pub optional: bool,
    /// Its keys, in the order of the default policy.
    pub keys: &'static [Key],
}

/// The keys of one entry of `checks.evaluations`, all texts.
pub const EVALUATION: [&str; 4] = ["name", "set", "date", "limits"];

/// Every section, in the order of the default policy.
pub fn sections() -> impl Iterator<Item = &'static Section> {
    let process = process::SECTIONS.iter().chain(risk::SECTIONS);
    process.chain(checks::SECTIONS)
}

/// The section of that path.
#[must_use]
pub fn section(path: &str) -> Option<&'static Section> {
    sections().find(|one| one.path == path)
}

/// The key of a whole path such as `cooling_off.high_hours`.
#[must_use]
pub fn key(path: &str) -> Option<&'static Key> {
    let (folder, name) = path.rsplit_once('.').unwrap_or(("", path));
    section(folder)?.keys.iter().find(|one| one.name == name)
}

impl Section {
    /// The whole path of one of its keys.
    #[must_use]
    pub fn join(&self, name: &str) -> String {
        if self.path.is_empty() {
            return name.to_owned();
        }
        format!("{}.{name}", self.path)
    }
}

impl Key {
    const fn of(name: &'static str, kind: Kind, stricter: Stricter, says: &'static str) -> Self {
        Self {
            name,
            says,
            unit: "",
            kind,
            stricter,
            within: None,
        }
    }

    const fn in_unit(self, unit: &'static str) -> Self {
        Self { unit, ..self }
    }

    const fn within(self, within: Within) -> Self {
        Self {
            within: Some(within),
            ..self
        }
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Whole => f.write_str("a whole number"),
            Self::Number => f.write_str("a number"),
            Self::Switch => f.write_str("true or false"),
            Self::Word => f.write_str("a text in quotes"),
            Self::Choice(all) => write!(f, "one of: {}", all.join(", ")),
            Self::Points => f.write_str("codes in quotes with their points"),
            Self::Words => f.write_str("a list of texts in quotes"),
            Self::Choices(all) => write!(f, "a list of some of: {}", all.join(", ")),
            Self::Evaluations => f.write_str("evaluations, each as [[checks.evaluations]]"),
        }
    }
}
