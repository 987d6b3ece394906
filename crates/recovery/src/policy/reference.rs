//! The policy's reference, made of the table of keys: a page for people, a schema for machines.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use serde::Serialize;
use toml::{Table, Value};

use super::keys::{self, EVALUATION, Key, Kind, Section, Stricter, Within};
use super::limits::{self, Limits};
use super::{DEFAULT, LATER_SECTIONS, Policy, PolicyError};

/// How the schema calls itself.
const DIALECT: &str = "https://json-schema.org/draft/2020-12/schema";
/// Longest default that a row of the page shows.
const SHOWN_MAX: usize = 80;

/// A schema, or a part of one. Maps are sorted, so the text is the same wherever it is made.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
struct Schema {
    #[serde(rename = "$schema", skip_serializing_if = "Option::is_none")]
    dialect: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    title: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    description: Option<String>,
    #[serde(rename = "type")]
    kind: &'static str,
    #[serde(rename = "enum", skip_serializing_if = "Vec::is_empty")]
    choices: Vec<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    minimum: Option<serde_json::Number>,
    #[serde(skip_serializing_if = "Option::is_none")]
    maximum: Option<serde_json::Number>,
    #[serde(skip_serializing_if = "Option::is_none")]
    default: Option<Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    items: Option<Box<Self>>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    properties: BTreeMap<String, Self>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    required: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    additional_properties: Option<bool>,
}

impl Schema {
    fn of(kind: &'static str) -> Self {
        Self {
            kind,
            ..Self::default()
        }
    }

    fn object() -> Self {
        Self {
            additional_properties: Some(false),
            ..Self::of("object")
        }
    }

    /// The part for a section, made on the way.
    fn section(&mut self, path: &str) -> &mut Self {
        let mut at = self;
        for name in path.split('.').filter(|name| !name.is_empty()) {
            let properties = &mut at.properties;
            at = properties
                .entry(name.to_owned())
                .or_insert_with(Self::object);
        }
        at
    }
}

fn defaults() -> Table {
    toml::from_str(DEFAULT).unwrap_or_default()
}

fn default_of<'t>(table: &'t Table, section: &Section, key: &Key) -> Option<&'t Value> {
    let mut found = table;
    for name in section.path.split('.').filter(|name| !name.is_empty()) {
        found = found.get(name)?.as_table()?;
    }
    found.get(key.name)
}

/// The JSON Schema (draft 2020-12) of a policy document, with a newline at its end.
///
/// It holds what one value can be. What values say together only [`super::problem::problems`]
/// tells.
///
/// # Errors
/// When it cannot be written, which no policy can cause.
pub fn schema() -> Result<String, serde_json::Error> {
    let (table, limits) = (defaults(), limits::widest());
    let mut root = Schema {
        dialect: Some(DIALECT),
        title: Some("Regain's policy"),
        ..Schema::object()
    };
    for section in keys::sections() {
        let part = root.section(section.path);
        part.description = Some(section.says.to_owned());
        for key in section.keys {
            let limits = limits.get(section.join(key.name).as_str());
            let mut leaf = leaf(key, limits);
            leaf.default = default_of(&table, section, key).cloned();
            if key.kind == Kind::Evaluations {
                leaf.default = None;
            }
            part.properties.insert(key.name.to_owned(), leaf);
            part.required.push(key.name.to_owned());
        }
        let above = section.path.rsplit_once('.');
        let (above, name) = above.unwrap_or(("", section.path));
        // A document from before they existed has none of them.
        let later = LATER_SECTIONS.contains(&section.path);
        let free = section.optional || later || section.path.is_empty();
        if !free {
            root.section(above).required.push(name.to_owned());
        }
    }
    Ok(format!("{}\n", serde_json::to_string_pretty(&root)?))
}

fn leaf(key: &Key, limits: Option<&Limits>) -> Schema {
    let text = || Some(Box::new(Schema::of("string")));
    let mut leaf = match key.kind {
        Kind::Whole => Schema::of("integer"),
        Kind::Number => Schema::of("number"),
        Kind::Switch => Schema::of("boolean"),
        Kind::Word | Kind::Choice(_) => Schema::of("string"),
        Kind::Points => Schema::of("object"),
        Kind::Words | Kind::Choices(_) | Kind::Evaluations => Schema::of("array"),
    };
    match key.kind {
        Kind::Words => leaf.items = text(),
        Kind::Choice(all) => leaf.choices = all.to_vec(),
        Kind::Points => leaf.additional_properties = Some(true),
        Kind::Choices(all) => {
            leaf.items = text();
            if let Some(items) = &mut leaf.items {
                items.choices = all.to_vec();
            }
        }
        Kind::Evaluations => {
            let mut entry = Schema::object();
            for name in EVALUATION {
                entry
                    .properties
                    .insert(name.to_owned(), Schema::of("string"));
                entry.required.push(name.to_owned());
            }
            leaf.items = Some(Box::new(entry));
        }
        _ => {}
    }
    match limits {
        Some(Limits::Whole(min, max)) => {
            (leaf.minimum, leaf.maximum) = (Some((*min).into()), Some((*max).into()));
        }
        Some(Limits::Number(min, max)) => {
            leaf.minimum = serde_json::Number::from_f64(*min);
            leaf.maximum = serde_json::Number::from_f64(*max);
        }
        None => {}
    }
    let unit = Some(key.unit).filter(|unit| !unit.is_empty());
    let unit = unit.map(|unit| format!(", in {unit}")).unwrap_or_default();
    leaf.description = Some(format!("{}{unit}", key.says));
    leaf
}

/// The reference page, as Markdown.
///
/// # Errors
/// When the policy that ships is wrong.
pub fn page() -> Result<String, PolicyError> {
    Policy::parse(DEFAULT)?;
    let (table, limits) = (defaults(), limits::widest());
    let mut page = String::from(
        "# Policy\n\n\
         Every key of a policy document. Generated from the table of keys in \
         `crates/recovery/src/policy/keys`; the defaults are\n\
         `crates/recovery/src/policy.default.toml`, the limits those that `regain policy check` \
         holds a file to.\n\
         [policy.schema.json](policy.schema.json) says the same to editors \
         (`regain policy schema` prints it).\n\n\
         Stricter says which way makes recovery harder for who should not get in: a larger or a \
         smaller value, more or fewer entries.\n",
    );
    for section in keys::sections() {
        let heading = match section.path {
            "" => "Above all sections".to_owned(),
            path => format!("[{path}]"),
        };
        let free = if section.optional {
            " May be left out."
        } else {
            ""
        };
        let _ = write!(
            page,
            "\n## {heading}\n\n{}.{free}\n\n\
             | key | what | default | least | most | unit | stricter |\n\
             |---|---|---|---|---|---|---|\n",
            section.says
        );
        for key in section.keys {
            let limits = limits.get(section.join(key.name).as_str());
            page.push_str(&row(key, default_of(&table, section, key), limits));
        }
    }
    Ok(page)
}

fn row(key: &Key, default: Option<&Value>, limits: Option<&Limits>) -> String {
    let default = match (key.kind, default) {
        (Kind::Evaluations, _) | (_, None) => "as shipped".to_owned(),
        (_, Some(value)) => {
            let text = value.to_string().replace('\n', " ");
            if text.chars().count() > SHOWN_MAX {
                "as shipped".to_owned()
            } else {
                format!("`{text}`")
            }
        }
    };
    let (mut least, mut most) = match limits {
        Some(Limits::Whole(min, max)) => (min.to_string(), max.to_string()),
        Some(Limits::Number(min, max)) => (min.to_string(), max.to_string()),
        None => (String::new(), String::new()),
    };
    match key.within {
        Some(Within::From(other)) => least = format!("`{other}`"),
        Some(Within::UpTo(other)) => most = format!("`{other}`"),
        None => {}
    }
    let list = matches!(key.kind, Kind::Words | Kind::Choices(_));
    let stricter = match (key.stricter, list, key.kind) {
        (Stricter::Neither, ..) => "",
        (Stricter::More, true, _) => "more",
        (Stricter::Less, true, _) => "fewer",
        (Stricter::More, _, Kind::Switch) => "true",
        (Stricter::Less, _, Kind::Switch) => "false",
        (Stricter::More, ..) => "larger",
        (Stricter::Less, ..) => "smaller",
    };
    format!(
        "| `{}` | {} | {default} | {least} | {most} | {} | {stricter} |\n",
        key.name, key.says, key.unit
    )
}
