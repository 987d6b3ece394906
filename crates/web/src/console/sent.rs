//! What a console page or a script sends: a form with its token, or plain JSON.
//!
//! JSON needs no token: another site can send `application/json` only after a preflight that is
//! never answered, and the guard has looked at where the request comes from.

use axum::extract::{FromRequest, Request};
use bytes::Bytes;
use http::header;
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::client::text;
use crate::error::Failure;
use crate::form::Posted;

/// A body.
#[derive(Debug, Clone)]
pub(crate) enum Sent {
    /// Fields of a page, token checked.
    Form(Posted),
    /// JSON of a script.
    Json(Value),
}

impl Sent {
    /// The JSON as a type; only for scripts.
    ///
    /// # Errors
    /// [`Failure::Malformed`] naming what is missing or unknown, never a value.
    pub(crate) fn json<T: DeserializeOwned>(value: Value) -> Result<T, Failure> {
        serde_json::from_value(value).map_err(|error| Failure::Malformed {
            sentence: format!("the JSON does not fit: {}", kind_of(&error)),
        })
    }
}

/// What is wrong with a document without repeating any of its values.
fn kind_of(error: &serde_json::Error) -> String {
    let said = error.to_string();
    if said.starts_with("unknown field") || said.starts_with("missing field") {
        said.chars().take(120).collect()
    } else {
        "a member has the wrong type".to_owned()
    }
}

impl<S: Send + Sync> FromRequest<S> for Sent {
    type Rejection = Failure;

    async fn from_request(request: Request, state: &S) -> Result<Self, Failure> {
        if !is_json(text(request.headers(), header::CONTENT_TYPE)) {
            return Ok(Self::Form(Posted::from_request(request, state).await?));
        }
        let body = Bytes::from_request(request, state)
            .await
            .map_err(|_| Failure::TooLarge)?;
        let value = serde_json::from_slice(&body).map_err(|_| Failure::Malformed {
            sentence: "this is not JSON".to_owned(),
        })?;
        Ok(Self::Json(value))
    }
}

/// Only JSON, for calls that no form sends.
#[derive(Debug, Clone)]
pub(crate) struct OnlyJson(pub(crate) Value);

impl<S: Send + Sync> FromRequest<S> for OnlyJson {
    type Rejection = Failure;

    async fn from_request(request: Request, state: &S) -> Result<Self, Failure> {
        if !is_json(text(request.headers(), header::CONTENT_TYPE)) {
            return Err(Failure::ContentType {
                wanted: "application/json",
            });
        }
        match Sent::from_request(request, state).await? {
            Sent::Json(value) => Ok(Self(value)),
            Sent::Form(_) => Err(Failure::ContentType {
                wanted: "application/json",
            }),
        }
    }
}

fn is_json(declared: &str) -> bool {
    declared
        .split(';')
        .next()
        .is_some_and(|kind| kind.trim().eq_ignore_ascii_case("application/json"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_exact_type_is_json() {
        assert!(is_json("application/json; charset=utf-8"));
        assert!(is_json("Application/JSON"));
        assert!(!is_json("text/plain"));
        assert!(!is_json("application/jsonp"));
        assert!(!is_json(""));
    }

    #[test]
    fn a_complaint_about_json_repeats_no_value() {
        let wrong = serde_json::from_str::<u8>("\"secret value\"").map_err(|e| kind_of(&e));
        assert_eq!(wrong, Err("a member has the wrong type".to_owned()));
    }
}
