//! What can go wrong, once: as a page for people, as a problem document (RFC 9457) for scripts.

use axum::response::{IntoResponse, Response};
use engine::EngineError;
use http::StatusCode;
use recovery::time::Timestamp;
use thiserror::Error;

use crate::session::fresh_once;

/// Where a page leads that knows nothing better.
const HOME: (&str, &str) = ("Go to the start", "/");

pub(crate) use crate::problem::problem_of_fields;

/// Symbols of an error reference.
const REFERENCE_SYMBOLS: usize = 6;

/// A field that needs fixing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldError {
    /// The field's name and the id of its control.
    pub field: &'static str,
    /// Stable code for scripts.
    pub code: &'static str,
    /// What to do.
    pub sentence: String,
}

/// Marks an answer that is complete as it is.
#[derive(Debug, Clone, Copy)]
pub struct Dressed;

/// Why a request was not served.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum Failure {
    /// No such page, or nothing here for this caller.
    #[error("there is nothing here")]
    NotFound,
    /// The address exists, but not for this method.
    #[error("this address does not take that method")]
    Method,
    /// No session, or one that ended.
    #[error("the session is over")]
    SignedOut {
        /// On the console.
        staff: bool,
    },
    /// The request came from another site.
    #[error("the request came from another site")]
    ForeignForm,
    /// The form belongs to an earlier session.
    #[error("this page was open for too long; load it again")]
    OldForm,
    /// More bytes than the address takes.
    #[error("this is larger than allowed here")]
    TooLarge,
    /// Another content type is needed.
    #[error("send this as {wanted}")]
    ContentType {
        /// Which.
        wanted: &'static str,
    },
    /// A header that must come first is missing.
    #[error("{sentence}")]
    Precondition {
        /// Which, and what it says.
        sentence: &'static str,
    },
    /// Not readable as what it should be.
    #[error("{sentence}")]
    Malformed {
        /// What is missing or broken.
        sentence: String,
    },
    /// Too many tries.
    #[error("too many tries for now")]
    Limited {
        /// When it can be tried again.
        until: Timestamp,
    },
    /// Somebody was faster.
    #[error("the case moved on meanwhile; nothing was saved")]
    MovedOn,
    /// A link that has ended.
    #[error("{sentence}")]
    DeadLink {
        /// What is the matter with it.
        title: &'static str,
        /// What to do.
        sentence: &'static str,
        /// The one next step: words and address.
        next: (&'static str, &'static str),
    },
    /// The rules do not allow it.
    #[error("{sentence}")]
    Refused {
        /// Stable code.
        code: &'static str,
        /// Why.
        sentence: String,
    },
    /// A field cannot be used and no page can show it beside the field.
    #[error("{}", .0.sentence)]
    Field(FieldError),
    /// A file cannot be used.
    #[error("{sentence}")]
    Media {
        /// Stable code.
        code: &'static str,
        /// What to do.
        sentence: String,
    },
    /// Something we need does not answer.
    #[error("{what} does not answer just now")]
    Unavailable {
        /// What.
        what: &'static str,
    },
    /// Our fault.
    #[error("something went wrong on our side (reference {reference})")]
    Internal {
        /// Also in the log line.
        reference: String,
    },
}

impl Failure {
    /// Our fault, with a reference that is also logged.
    #[must_use]
    pub fn internal() -> Self {
        let reference: String = fresh_once().chars().take(REFERENCE_SYMBOLS).collect();
        tracing::error!(reference, "a page could not be made");
        Self::Internal { reference }
    }

    /// The status of the answer.
    #[must_use]
    pub fn status(&self) -> StatusCode {
        match self {
            Self::NotFound => StatusCode::NOT_FOUND,
            Self::Method => StatusCode::METHOD_NOT_ALLOWED,
            Self::SignedOut { .. } => StatusCode::UNAUTHORIZED,
            Self::ForeignForm | Self::OldForm => StatusCode::FORBIDDEN,
            Self::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Self::ContentType { .. } => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            Self::Precondition { .. } => StatusCode::PRECONDITION_FAILED,
            Self::Malformed { .. } => StatusCode::BAD_REQUEST,
            Self::Limited { .. } => StatusCode::TOO_MANY_REQUESTS,
            Self::MovedOn | Self::Refused { .. } => StatusCode::CONFLICT,
            Self::DeadLink { .. } => StatusCode::GONE,
            Self::Field(error) => field_status(error.code),
            Self::Media { code, .. } => media_status(code),
            Self::Unavailable { .. } => StatusCode::SERVICE_UNAVAILABLE,
            Self::Internal { .. } => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    /// The stable code.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::NotFound => "not_found",
            Self::Method => "method",
            Self::SignedOut { .. } => "signed_out",
            Self::ForeignForm => "foreign_form",
            Self::OldForm => "old_form",
            Self::TooLarge => "too_large",
            Self::ContentType { .. } => "content_type",
            Self::Precondition { .. } => "precondition",
            Self::Malformed { .. } => "malformed",
            Self::Limited { .. } => "limited",
            Self::MovedOn => "moved_on",
            Self::DeadLink { .. } => "dead_link",
            Self::Refused { code, .. } | Self::Media { code, .. } => code,
            Self::Field(error) => error.code,
            Self::Unavailable { .. } => "unavailable",
            Self::Internal { .. } => "internal",
        }
    }

    /// Heading, body and the one next step of the page.
    pub(crate) fn words(&self, host: &str) -> (String, String, (&'static str, &'static str)) {
        let (title, body, next) = match self {
            Self::NotFound => (
                "There is nothing at this address",
                "Check the address, or start from the first page.".to_owned(),
                HOME,
            ),
            Self::Method => (
                "This address cannot do that",
                "Go back and use the buttons of the page.".to_owned(),
                HOME,
            ),
            Self::SignedOut { staff: false } => (
                "We closed this page to protect you",
                "What you saved is safe.".to_owned(),
                ("Come back to my request", "/continue"),
            ),
            Self::SignedOut { staff: true } => (
                "Sign in to go on",
                "Nothing is open here for longer than 15 quiet minutes.".to_owned(),
                ("Sign in", "/console/sign-in"),
            ),
            Self::ForeignForm => (
                "That came from another site",
                format!("Nothing was done. Type {host} into your browser yourself."),
                HOME,
            ),
            Self::OldForm => (
                "This page was open for too long",
                "Nothing was done. Load the page again and repeat the last step.".to_owned(),
                ("Come back to my request", "/continue"),
            ),
            Self::TooLarge => (
                "That is too large",
                "Choose a smaller file or a shorter text, then send it again.".to_owned(),
                HOME,
            ),
            Self::ContentType { .. } | Self::Precondition { .. } | Self::Malformed { .. } => (
                "We could not read that",
                "Nothing was saved. Go back and send the form again.".to_owned(),
                HOME,
            ),
            Self::Limited { .. } => ("Too many tries for now", String::new(), HOME),
            Self::MovedOn => (
                "This changed in the meantime",
                "Nothing was saved. Load the page again to see what changed.".to_owned(),
                ("Come back to my request", "/case/status"),
            ),
            Self::DeadLink {
                title,
                sentence,
                next,
            } => (*title, (*sentence).to_owned(), *next),
            told => told.told(),
        };
        (title.to_owned(), body, next)
    }

    /// The same for what the engine answered.
    fn told(&self) -> (&'static str, String, (&'static str, &'static str)) {
        match self {
            Self::Refused { sentence, .. } => (
                "This cannot be done now",
                sentence_case(sentence),
                ("See where your request stands", "/case/status"),
            ),
            Self::Field(error) => ("Something needs fixing", error.sentence.clone(), HOME),
            Self::Media { sentence, .. } => {
                ("We could not use this file", sentence_case(sentence), HOME)
            }
            Self::Internal { reference } => (
                "Something went wrong on our side",
                format!(
                    "Nothing you sent is lost. Try again in a few minutes. Reference {reference}."
                ),
                HOME,
            ),
            _ => (
                "Something went wrong on our side",
                "Nothing you sent is lost. Try again in a few minutes.".to_owned(),
                HOME,
            ),
        }
    }
}

fn field_status(code: &str) -> StatusCode {
    match code {
        "chunk_offset" | "take_waiting" => StatusCode::CONFLICT,
        "take_early" => StatusCode::TOO_EARLY,
        "take_over" => StatusCode::GONE,
        // The number the tus protocol gave to a chunk whose digest does not fit.
        "chunk_digest" => StatusCode::from_u16(460).unwrap_or(StatusCode::UNPROCESSABLE_ENTITY),
        _ => StatusCode::UNPROCESSABLE_ENTITY,
    }
}

pub(crate) fn media_status(code: &str) -> StatusCode {
    match code {
        "media.too_large" => StatusCode::PAYLOAD_TOO_LARGE,
        "media.type"
        | "media.declared_type"
        | "media.wrong_kind"
        | "media.archive"
        | "media.playlist"
        | "media.codec" => StatusCode::UNSUPPORTED_MEDIA_TYPE,
        "media.video_unavailable" | "media.tool_failed" => StatusCode::SERVICE_UNAVAILABLE,
        _ => StatusCode::UNPROCESSABLE_ENTITY,
    }
}

/// A sentence of the rules as it stands on a page: capital first, full stop last.
fn sentence_case(text: &str) -> String {
    let mut letters = text.chars();
    let mut sentence: String = letters
        .next()
        .into_iter()
        .flat_map(char::to_uppercase)
        .chain(letters)
        .collect();
    if !sentence.ends_with(['.', '!', '?']) {
        sentence.push('.');
    }
    sentence
}

impl From<EngineError> for Failure {
    fn from(error: EngineError) -> Self {
        match error {
            EngineError::Refused(refusal) => Self::Refused {
                code: refusal.code(),
                sentence: refusal.to_string(),
            },
            EngineError::Input {
                field,
                code,
                sentence,
            } => Self::Field(FieldError {
                field,
                code,
                sentence,
            }),
            EngineError::Media(refusal) => Self::Media {
                code: refusal.code(),
                sentence: refusal.sentence().to_string(),
            },
            EngineError::NotFound => Self::NotFound,
            EngineError::Limited { until } => Self::Limited { until },
            EngineError::MovedOn => Self::MovedOn,
            EngineError::Unavailable { what } => Self::Unavailable { what },
            EngineError::Internal { reference } => Self::Internal { reference },
        }
    }
}

impl IntoResponse for Failure {
    /// A bare answer that carries the failure; [`crate::problem::dress`] gives it its page or
    /// document.
    fn into_response(self) -> Response {
        let mut response = self.status().into_response();
        response.extensions_mut().insert(self);
        response
    }
}
