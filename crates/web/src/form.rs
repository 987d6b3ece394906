//! Forms as people send them: read within limits, cleaned silently, never rejected for a space.

use axum::extract::{FromRequest, Request};
use axum::response::Response;
use bytes::Bytes;
use http::{Method, header};

use crate::csrf;
use crate::error::{Failure, FieldError};
use crate::visit::Visit;

/// Most fields of a form.
const FIELDS_MAX: usize = 200;

/// A form that was sent, after its token was checked.
#[derive(Debug, Clone, Default)]
pub struct Posted {
    pairs: Vec<(String, String)>,
    /// The key of this press.
    pub once: String,
}

impl Posted {
    /// From pairs (tests, multipart).
    #[must_use]
    pub fn from_pairs(pairs: Vec<(String, String)>) -> Self {
        let mut form = Self {
            pairs,
            once: String::new(),
        };
        form.once = form.line("once");
        form
    }

    /// The first value of a field as sent; empty if there is none.
    #[must_use]
    pub fn raw(&self, name: &str) -> &str {
        self.pairs
            .iter()
            .find(|(key, _)| key == name)
            .map_or("", |(_, value)| value.as_str())
    }

    /// The form without what these fields hold, for a page that may not show it again.
    #[must_use]
    pub fn emptied(mut self, fields: &[&str]) -> Self {
        self.pairs
            .retain(|(key, _)| !fields.contains(&key.as_str()));
        self
    }

    /// The first value on one line: invisible characters gone, spaces folded, ends trimmed.
    #[must_use]
    pub fn line(&self, name: &str) -> String {
        clean(self.raw(name))
    }

    /// Every value of a field, cleaned, without the empty ones.
    #[must_use]
    pub fn all(&self, name: &str) -> Vec<String> {
        self.pairs
            .iter()
            .filter(|(key, _)| key == name)
            .map(|(_, value)| clean(value))
            .filter(|value| !value.is_empty())
            .collect()
    }

    /// The first value if it is one of these.
    #[must_use]
    pub fn choice<'a>(&self, name: &str, among: &[&'a str]) -> Option<&'a str> {
        let value = self.line(name);
        among.iter().find(|known| **known == value).copied()
    }

    /// Whether a field has this value among its values.
    #[must_use]
    pub fn has(&self, name: &str, value: &str) -> bool {
        self.pairs
            .iter()
            .any(|(key, given)| key == name && given == value)
    }

    /// Digits of a field, whatever stands between them; full-width digits count.
    #[must_use]
    pub fn digits(&self, name: &str) -> String {
        self.line(name)
            .chars()
            .filter(char::is_ascii_digit)
            .collect()
    }
}

/// One line of typed text: full-width forms become ordinary ones, invisible characters vanish.
#[must_use]
pub fn clean(text: &str) -> String {
    let plain: String = text
        .chars()
        .map(|c| match c {
            // Full-width ASCII (U+FF01 to U+FF5E) as East Asian keyboards type it.
            '\u{ff01}'..='\u{ff5e}' => char::from_u32(u32::from(c) - 0xfee0).unwrap_or(c),
            c if c.is_whitespace() => ' ',
            c => c,
        })
        .filter(|c| !invisible(*c))
        .collect();
    plain
        .split(' ')
        .filter(|word| !word.is_empty())
        .collect::<Vec<_>>()
        .join(" ")
}

fn invisible(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}'
            | '\u{2060}'..='\u{2064}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
}

/// Reads an urlencoded body into pairs.
pub(crate) fn pairs(body: &[u8]) -> Vec<(String, String)> {
    url::form_urlencoded::parse(body)
        .take(FIELDS_MAX)
        .map(|(key, value)| (key.into_owned(), value.into_owned()))
        .collect()
}

/// Checks the token of a form against the session its cookie names. A caller without a cookie has
/// no session that could be misused.
pub(crate) fn check_token(visit: &Visit, given: &str) -> Result<(), Failure> {
    match visit.secret() {
        Some(secret) if !csrf::fits(secret.reveal(), given) => Err(Failure::OldForm),
        _ => Ok(()),
    }
}

impl<S: Send + Sync> FromRequest<S> for Posted {
    type Rejection = Failure;

    async fn from_request(request: Request, state: &S) -> Result<Self, Failure> {
        let visit = request
            .extensions()
            .get::<Visit>()
            .cloned()
            .ok_or_else(Failure::internal)?;
        let declared = crate::client::text(request.headers(), header::CONTENT_TYPE);
        let is_form = declared.starts_with("application/x-www-form-urlencoded");
        if request.method() == Method::POST && !is_form {
            return Err(Failure::ContentType {
                wanted: "application/x-www-form-urlencoded",
            });
        }
        let body = Bytes::from_request(request, state)
            .await
            .map_err(|_| Failure::TooLarge)?;
        let form = Self::from_pairs(pairs(&body));
        check_token(&visit, form.raw(csrf::FIELD))?;
        Ok(form)
    }
}

/// What needs fixing in a form.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Errors(Vec<FieldError>);

impl Errors {
    /// Nothing yet.
    #[must_use]
    pub const fn none() -> Self {
        Self(Vec::new())
    }

    /// One.
    #[must_use]
    pub fn one(field: &'static str, code: &'static str, sentence: impl Into<String>) -> Self {
        let mut errors = Self::none();
        errors.add(field, code, sentence);
        errors
    }

    /// Adds one.
    pub fn add(&mut self, field: &'static str, code: &'static str, sentence: impl Into<String>) {
        self.0.push(FieldError {
            field,
            code,
            sentence: sentence.into(),
        });
    }

    /// Nothing needs fixing.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// All, for the summary.
    #[must_use]
    pub fn list(&self) -> &[FieldError] {
        &self.0
    }

    /// The sentence beside a field; empty if it is fine.
    #[must_use]
    pub fn at(&self, field: &str) -> &str {
        self.0
            .iter()
            .find(|error| error.field == field)
            .map_or("", |error| error.sentence.as_str())
    }

    /// A field error of the engine becomes words on the page; everything else goes on as it is.
    ///
    /// # Errors
    /// Whatever is not about a field.
    pub fn catch<T>(result: engine::Result<T>) -> Result<Result<T, Self>, Failure> {
        match result {
            Ok(value) => Ok(Ok(value)),
            Err(engine::EngineError::Input {
                field,
                code,
                sentence,
            }) => Ok(Err(Self::one(field, code, sentence))),
            Err(other) => Err(other.into()),
        }
    }

    /// The answer for scripts, if the caller is one; pages are rendered by the handler.
    #[must_use]
    pub fn for_scripts(&self, visit: &Visit) -> Option<Response> {
        visit
            .client
            .wants_json
            .then(|| crate::problem::problem_of_fields(&self.0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn typed_text_is_cleaned_silently() {
        assert_eq!(clean("  a\u{200b}b \t c\r\n"), "ab c");
        assert_eq!(clean("\u{ff11}\u{ff12}\u{ff21}"), "12A");
        let form = Posted::from_pairs(pairs(b"code=12-34+5.6&way=a&way=&way=b&once=K"));
        assert_eq!(form.digits("code"), "123456");
        assert_eq!(form.all("way"), ["a", "b"]);
        assert_eq!(form.once, "K");
        assert_eq!(form.choice("way", &["a"]), Some("a"));
        assert_eq!(form.choice("way", &["z"]), None);
        assert_eq!(form.raw("missing"), "");
    }

    #[test]
    fn a_form_has_a_bounded_number_of_fields() {
        let body = "a=1&".repeat(1000);
        assert_eq!(pairs(body.as_bytes()).len(), FIELDS_MAX);
    }

    #[test]
    fn the_first_error_of_a_field_stands_beside_it() {
        let mut errors = Errors::one("year", "missing", "Enter the year");
        errors.add("city", "missing", "Enter a city");
        assert_eq!(errors.at("year"), "Enter the year");
        assert_eq!(errors.at("other"), "");
        assert_eq!(errors.list().len(), 2);
    }
}
