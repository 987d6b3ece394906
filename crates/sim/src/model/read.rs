//! From TOML to parameters by their path; every path is known, every value in range.

use std::collections::BTreeMap;

use super::{ATTACKS, GROUPS, HIJACKED, ModelError, Parameter, SHARE, WHY_MAX};
use crate::keys::{Key, Pace, Staff, Trait, Watch};

/// The paths of a section's parameters.
pub(super) fn named<K: Key>(section: &str, keys: &[K]) -> Vec<String> {
    let path = |key: &K| format!("{section}.{}", key.name());
    keys.iter().map(path).collect()
}

/// The name at the end of a path.
pub(super) fn last(path: &str) -> &str {
    path.rsplit('.').next().unwrap_or_default()
}

/// The names of a section's parameters with their bounds; none for a section that is not known.
fn keys_of(section: &str) -> Option<Vec<(&'static str, (f64, f64))>> {
    fn all<K: Key>(keys: &[K]) -> Vec<(&'static str, (f64, f64))> {
        keys.iter().map(|key| (key.name(), key.bounds())).collect()
    }
    let of_honest = || {
        let keys = Trait::ALL.iter().filter(|key| !key.of_attackers());
        keys.map(|key| (key.name(), key.bounds())).collect()
    };
    let with_share = |mut keys: Vec<_>| {
        keys.push((SHARE, (0.0, 1.0)));
        keys
    };
    Some(match section.split_once('.') {
        None => match section {
            "honest" => of_honest(),
            "attacker" => all(Trait::ALL),
            "reviewers" => all(Staff::ALL),
            "holder" => all(Watch::ALL),
            "time" => all(Pace::ALL),
            _ => return None,
        },
        Some(("groups", name)) if GROUPS.contains(&name) => with_share(of_honest()),
        Some(("attacks", HIJACKED)) => with_share(of_honest()),
        Some(("attacks", name)) if ATTACKS.contains(&name) => with_share(all(Trait::ALL)),
        Some(_) => return None,
    })
}

/// The least and the most of a parameter; none for a path that is not known.
pub(super) fn bounds(path: &str) -> Option<(f64, f64)> {
    let (section, key) = path.rsplit_once('.')?;
    let keys = keys_of(section)?;
    keys.iter()
        .find(|(name, _)| *name == key)
        .map(|(_, bounds)| *bounds)
}

/// Reads a document into parameters by path; every path is known and every value in range.
pub(super) fn read(text: &str) -> Result<BTreeMap<String, Parameter>, ModelError> {
    let document: toml::Table = toml::from_str(text)?;
    let mut parameters = BTreeMap::new();
    for (section, value) in &document {
        match section.as_str() {
            "groups" => read_named(section, &GROUPS, value, &mut parameters)?,
            "attacks" => read_named(section, &ATTACKS, value, &mut parameters)?,
            _ => read_section(section, value, &mut parameters)?,
        }
    }
    Ok(parameters)
}

fn unknown(path: &str, known: &[&str]) -> ModelError {
    ModelError::Unknown {
        path: path.to_owned(),
        known: known.join(", "),
    }
}

fn shape(path: &str) -> ModelError {
    ModelError::Shape {
        path: path.to_owned(),
    }
}

fn read_named(
    section: &str,
    names: &[&str],
    value: &toml::Value,
    into: &mut BTreeMap<String, Parameter>,
) -> Result<(), ModelError> {
    let table = value.as_table().ok_or_else(|| unknown(section, names))?;
    for (name, inner) in table {
        let path = format!("{section}.{name}");
        if !names.contains(&name.as_str()) {
            return Err(unknown(&path, names));
        }
        read_section(&path, inner, into)?;
    }
    Ok(())
}

fn read_section(
    section: &str,
    value: &toml::Value,
    into: &mut BTreeMap<String, Parameter>,
) -> Result<(), ModelError> {
    const SECTIONS: [&str; 7] = [
        "honest",
        "groups",
        "attacker",
        "attacks",
        "reviewers",
        "holder",
        "time",
    ];
    let keys = keys_of(section).ok_or_else(|| unknown(section, &SECTIONS))?;
    let names: Vec<&str> = keys.iter().map(|(name, _)| *name).collect();
    let table = value.as_table().ok_or_else(|| unknown(section, &names))?;
    for (key, inner) in table {
        let path = format!("{section}.{key}");
        let known = keys.iter().find(|(name, _)| name == key);
        let (_, (least, most)) = known.ok_or_else(|| unknown(&path, &names))?;
        let parameter: Parameter = inner.clone().try_into().map_err(|_| shape(&path))?;
        check(&path, &parameter, *least, *most)?;
        into.insert(path, parameter);
    }
    Ok(())
}

fn check(path: &str, parameter: &Parameter, least: f64, most: f64) -> Result<(), ModelError> {
    let (path, value) = (path.to_owned(), parameter.value);
    if !(least..=most).contains(&value) {
        return Err(ModelError::Range {
            path,
            value,
            least,
            most,
        });
    }
    let long = parameter.why.chars().count() > WHY_MAX;
    if long || parameter.why.trim().is_empty() {
        return Err(ModelError::Why { path });
    }
    Ok(())
}
