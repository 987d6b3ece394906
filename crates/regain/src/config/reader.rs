//! Takes one value after the other from environment, file or default, and keeps what is wrong.

use std::ops::Range;
use std::path::{Path, PathBuf};

use recovery::sensitive::Sensitive;
use toml::Spanned;

use super::document::Value;
use super::problem::place;
use super::secret::{Secret, SecretFrom};
use super::{Setting, Source, Vars};

/// A key of the file, with what goes before it and what counts without it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Key {
    name: &'static str,
    variable: Option<&'static str>,
    default: Option<&'static str>,
}

impl Key {
    pub(super) const fn new(name: &'static str) -> Self {
        Self {
            name,
            variable: None,
            default: None,
        }
    }

    /// With a variable of the environment that goes before the file.
    pub(super) const fn or_variable(mut self, variable: &'static str) -> Self {
        self.variable = Some(variable);
        self
    }

    /// With a value that counts when nothing else is said.
    pub(super) const fn or(mut self, default: &'static str) -> Self {
        self.default = Some(default);
        self
    }
}

/// A value as text, before anybody looked at it.
pub(super) struct Found {
    pub(super) text: String,
    source: Source,
    span: Option<Range<usize>>,
    base: PathBuf,
}

impl Found {
    /// As a path; a relative one begins at the folder of the file that says it.
    pub(super) fn path(&self) -> PathBuf {
        self.path_of(&self.text)
    }

    /// The same for a path that is a part of the value.
    pub(super) fn path_of(&self, file: &str) -> PathBuf {
        self.base.join(file)
    }
}

/// How a value may be shown.
type Show = fn(&str) -> String;

pub(super) struct Reader<'a> {
    file: &'a str,
    text: &'a str,
    base: &'a Path,
    vars: &'a Vars,
    pub(super) settings: Vec<Setting>,
    pub(super) problems: Vec<String>,
}

impl<'a> Reader<'a> {
    pub(super) fn new(file: &'a str, text: &'a str, base: &'a Path, vars: &'a Vars) -> Self {
        Self {
            file,
            text,
            base,
            vars,
            settings: Vec::new(),
            problems: Vec::new(),
        }
    }

    /// A value that must be there.
    pub(super) fn required<T>(
        &mut self,
        key: Key,
        value: Value,
        read: impl FnOnce(&Found) -> Result<T, String>,
    ) -> Option<T> {
        self.required_shown(key, value, str::to_owned, read)
    }

    /// The same for a value that is not shown as it is.
    pub(super) fn required_shown<T>(
        &mut self,
        key: Key,
        value: Value,
        show: Show,
        read: impl FnOnce(&Found) -> Result<T, String>,
    ) -> Option<T> {
        let Some(found) = self.find(key, value) else {
            self.missing(key);
            return None;
        };
        self.read(key, &found, show, read)
    }

    /// A value that may be left out: `Some(None)` then, and `None` when it is wrong.
    pub(super) fn optional<T>(
        &mut self,
        key: Key,
        value: Value,
        read: impl FnOnce(&Found) -> Result<T, String>,
    ) -> Option<Option<T>> {
        self.optional_shown(key, value, str::to_owned, read)
    }

    /// The same for a value that is not shown as it is.
    pub(super) fn optional_shown<T>(
        &mut self,
        key: Key,
        value: Value,
        show: Show,
        read: impl FnOnce(&Found) -> Result<T, String>,
    ) -> Option<Option<T>> {
        match self.find(key, value) {
            None => {
                self.show(key.name, "-".to_owned(), Source::Default);
                Some(None)
            }
            Some(found) => self.read(key, &found, show, read).map(Some),
        }
    }

    /// A list, empty when left out.
    pub(super) fn list<T>(
        &mut self,
        name: &'static str,
        value: Value<Vec<String>>,
        read: impl Fn(&Found) -> Result<T, String>,
    ) -> Option<Vec<T>> {
        let Some(value) = value else {
            self.show(name, "-".to_owned(), Source::Default);
            return Some(Vec::new());
        };
        let span = value.span();
        let texts = value.into_inner();
        self.show(name, texts.join(", "), Source::File);
        let mut items = Vec::new();
        for text in texts {
            let found = Found {
                text,
                source: Source::File,
                span: Some(span.clone()),
                base: self.base.to_owned(),
            };
            match read(&found) {
                Ok(item) => items.push(item),
                Err(problem) => {
                    self.wrong(name, &found, &problem);
                    return None;
                }
            }
        }
        Some(items)
    }

    /// A secret: the variable, else the file named by the variable with `_FILE`, else the file
    /// named by the key.
    pub(super) fn secret(
        &mut self,
        what: &'static str,
        key: Key,
        variables: (&'static str, &'static str),
        value: Value,
    ) -> Option<Secret> {
        let (variable, file_variable) = variables;
        if let Some(text) = self.vars.get(variable) {
            let text = Sensitive::new(text.to_owned());
            self.show(
                key.name,
                "[redacted]".to_owned(),
                Source::Variable(variable),
            );
            let from = SecretFrom::Variable(variable, text);
            return Some(Secret { what, from });
        }
        let Some(found) = self.find(key.or_variable(file_variable), value) else {
            self.show(key.name, "-".to_owned(), Source::Default);
            return None;
        };
        let path = found.path();
        self.show(key.name, path.display().to_string(), found.source);
        let from = SecretFrom::File(path);
        Some(Secret { what, from })
    }

    /// Says that a value is needed.
    pub(super) fn missing(&mut self, key: Key) {
        let file = self.file;
        let or = key
            .variable
            .map_or_else(String::new, |name| format!(" (or set {name})"));
        self.problems
            .push(format!("{file}: {} is missing{or}", key.name));
    }

    /// Something is wrong with how values go together.
    pub(super) fn contradiction(&mut self, problem: &str) {
        self.problems.push(format!("{}: {problem}", self.file));
    }

    fn find(&self, key: Key, value: Value) -> Option<Found> {
        let here = |text: &str, source, base: &Path| Found {
            text: text.to_owned(),
            source,
            span: None,
            base: base.to_owned(),
        };
        if let Some(name) = key.variable
            && let Some(text) = self.vars.get(name)
        {
            return Some(here(text, Source::Variable(name), Path::new("")));
        }
        if let Some(value) = value {
            let mut found = here(value.get_ref(), Source::File, self.base);
            found.span = Some(value.span());
            return Some(found);
        }
        key.default
            .map(|text| here(text, Source::Default, self.base))
    }

    fn read<T>(
        &mut self,
        key: Key,
        found: &Found,
        show: Show,
        read: impl FnOnce(&Found) -> Result<T, String>,
    ) -> Option<T> {
        self.show(key.name, show(&found.text), found.source);
        match read(found) {
            Ok(value) => Some(value),
            Err(problem) => {
                self.wrong(key.name, found, &problem);
                None
            }
        }
    }

    fn show(&mut self, key: &'static str, value: String, source: Source) {
        self.settings.push(Setting { key, value, source });
    }

    fn wrong(&mut self, name: &str, found: &Found, problem: &str) {
        let place = match (&found.span, found.source) {
            (Some(span), _) => place(self.file, self.text, span),
            (None, Source::Variable(variable)) => variable.to_owned(),
            (None, _) => self.file.to_owned(),
        };
        self.problems.push(format!("{place}: {name}: {problem}"));
    }
}

/// A number as text, so that all values go one way.
pub(super) fn number(value: Value<u16>) -> Value {
    value.map(|value| {
        let span = value.span();
        Spanned::new(span, value.into_inner().to_string())
    })
}
