//! What changes from one policy to another, in words.

use std::fmt;

use toml::{Table, Value};

use super::Policy;
use super::keys::{self, Key, Kind, Stricter};

/// What a change does to recovery.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Effect {
    /// It becomes stricter.
    Stricter,
    /// It becomes looser.
    Looser,
    /// Neither, or both.
    Unknown,
}

/// One key that says something else.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// The whole key.
    pub key: String,
    /// What changes, as one sentence without a full stop.
    pub words: String,
    /// What that does.
    pub effect: Effect,
}

impl fmt::Display for Change {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.key, self.words)?;
        match self.effect {
            Effect::Stricter => f.write_str(" (stricter)"),
            Effect::Looser => f.write_str(" (looser)"),
            Effect::Unknown => Ok(()),
        }
    }
}

/// What changes from `before` to `after`, in the order of the default policy; nothing when both
/// say the same.
///
/// # Errors
/// When a policy cannot be written as a document, which a parsed one can.
pub fn changes(before: &Policy, after: &Policy) -> Result<Vec<Change>, toml::ser::Error> {
    let (before, after) = (Table::try_from(before)?, Table::try_from(after)?);
    let mut all = Vec::new();
    for section in keys::sections() {
        let (old, new) = (inside(&before, section.path), inside(&after, section.path));
        for key in section.keys {
            let value = |table: Option<&'_ Table>| table.and_then(|it| it.get(key.name)).cloned();
            let (old, new) = (value(old), value(new));
            if old == new {
                continue;
            }
            let whole = section.join(key.name);
            match (old, new) {
                (Some(Value::Array(old)), Some(Value::Array(new))) => {
                    all.extend(of_lists(&whole, key, &old, &new));
                }
                (old, new) => all.push(of_values(whole, key, old.as_ref(), new.as_ref())),
            }
        }
    }
    Ok(all)
}

fn inside<'t>(table: &'t Table, path: &str) -> Option<&'t Table> {
    let mut found = table;
    for name in path.split('.').filter(|name| !name.is_empty()) {
        found = found.get(name)?.as_table()?;
    }
    Some(found)
}

fn of_values(whole: String, key: &Key, old: Option<&Value>, new: Option<&Value>) -> Change {
    let says = key.says;
    let (words, more) = match (old, new) {
        (Some(old), Some(new)) => match (number(old), number(new)) {
            (Some(from), Some(to)) => {
                let way = if to > from { "rises" } else { "falls" };
                let to_words = in_unit(new, key.unit);
                (
                    format!("{says} {way} from {old} to {to_words}"),
                    Some(to > from),
                )
            }
            _ => match (old, new) {
                (Value::Boolean(_), Value::Boolean(to)) => {
                    (format!("{says} changes from {old} to {new}"), Some(*to))
                }
                _ => (format!("{says} changes from {old} to {new}"), None),
            },
        },
        (None, Some(new)) => {
            let new = in_unit(new, key.unit);
            (format!("{says} is new: {new}"), None)
        }
        (Some(old), None) => {
            let old = in_unit(old, key.unit);
            (format!("{says} is gone; it was {old}"), None)
        }
        (None, None) => (says.to_owned(), None),
    };
    let effect = more.map_or(Effect::Unknown, |more| effect(key, more));
    Change {
        key: whole,
        words,
        effect,
    }
}

/// What is added and what is removed: two changes, for one may be stricter and the other looser.
fn of_lists(whole: &str, key: &Key, old: &[Value], new: &[Value]) -> Vec<Change> {
    if key.kind == Kind::Evaluations {
        return of_evaluations(whole, old, new);
    }
    let missing = |from: &[Value], other: &[Value]| -> Vec<String> {
        let one = |value: &&Value| !other.contains(value);
        from.iter().filter(one).map(Value::to_string).collect()
    };
    let (added, removed) = (missing(new, old), missing(old, new));
    let change = |words: String, effect: Effect| Change {
        key: whole.to_owned(),
        words,
        effect,
    };
    let mut all = Vec::new();
    if !added.is_empty() {
        let words = format!("{}: added {}", key.says, added.join(", "));
        all.push(change(words, effect(key, true)));
    }
    if !removed.is_empty() {
        let words = format!("{}: removed {}", key.says, removed.join(", "));
        all.push(change(words, effect(key, false)));
    }
    if all.is_empty() {
        let words = format!("{}: the same entries in another order", key.says);
        all.push(change(words, Effect::Unknown));
    }
    all
}

fn of_evaluations(whole: &str, old: &[Value], new: &[Value]) -> Vec<Change> {
    let name = |value: &Value| {
        let name = value.get("name").and_then(Value::as_str);
        name.unwrap_or_default().to_owned()
    };
    let find = |list: &[Value], wanted: &str| list.iter().find(|it| name(it) == wanted).cloned();
    let mut all = Vec::new();
    let mut tell = |words: String| {
        all.push(Change {
            key: whole.to_owned(),
            words,
            effect: Effect::Unknown,
        });
    };
    for value in new {
        let name = name(value);
        match find(old, &name) {
            None => tell(format!("the evaluation \"{name}\" is added")),
            Some(before) if before != *value => {
                tell(format!("the evaluation \"{name}\" has other words"));
            }
            Some(_) => {}
        }
    }
    for value in old {
        let name = name(value);
        if find(new, &name).is_none() {
            tell(format!("the evaluation \"{name}\" is removed"));
        }
    }
    if all.is_empty() {
        let words = "the same evaluations in another order".to_owned();
        all.push(Change {
            key: whole.to_owned(),
            words,
            effect: Effect::Unknown,
        });
    }
    all
}

const fn effect(key: &Key, more: bool) -> Effect {
    match (key.stricter, more) {
        (Stricter::Neither, _) => Effect::Unknown,
        (Stricter::More, true) | (Stricter::Less, false) => Effect::Stricter,
        (Stricter::More, false) | (Stricter::Less, true) => Effect::Looser,
    }
}

fn number(value: &Value) -> Option<f64> {
    match value {
        Value::Integer(number) => number.to_string().parse().ok(),
        Value::Float(number) => Some(*number),
        _ => None,
    }
}

/// `1 hour`, `24 hours`, `0.5`.
fn in_unit(value: &Value, unit: &str) -> String {
    let one = matches!(value, Value::Integer(1));
    let unit = match unit.strip_suffix('s') {
        Some(single) if one => single,
        _ => unit,
    };
    format!("{value} {unit}").trim_end().to_owned()
}
