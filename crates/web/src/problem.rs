//! Errors get their words: a page for people, a problem document (RFC 9457) for scripts.

use askama::Template;
use axum::response::{IntoResponse, Response};
use http::{HeaderName, HeaderValue, StatusCode, header};
use serde_json::json;

use crate::error::{Dressed, Failure, FieldError, media_status};
use crate::layout::Frame;
use crate::visit::{App, render};
use crate::when;

#[derive(Template)]
#[template(path = "error.html")]
struct ErrorPage {
    frame: Frame,
    body: String,
    next: (&'static str, &'static str),
}

/// Gives a bare error its words; leaves everything else alone.
pub fn dress(app: &App, response: Response, json: bool, path: &str) -> Response {
    let status = response.status();
    if !(status.is_client_error() || status.is_server_error())
        || response.extensions().get::<Dressed>().is_some()
    {
        return response;
    }
    let failure = response
        .extensions()
        .get::<Failure>()
        .cloned()
        .unwrap_or_else(|| unnamed(status));
    let settings = app.settings();
    let until = match &failure {
        Failure::Limited { until } => Some(*until),
        _ => None,
    };
    let mut dressed = if json {
        problem(&failure, path)
    } else {
        let (title, mut body, mut next) = failure.words(&settings.host());
        if let Some(until) = until {
            let when = when::moment(until, "");
            body = format!("Try again after {when}. Waiting does not harm your request.");
        }
        if path.starts_with("/console") && next.1 == "/" {
            next = ("Back to my work", "/console");
        }
        let page = ErrorPage {
            frame: Frame::new(settings, title),
            body,
            next,
        };
        render(status, &page).unwrap_or_else(|_| status.into_response())
    };
    let (parts, _) = response.into_parts();
    let offset = HeaderName::from_static("upload-offset");
    for name in [
        header::SET_COOKIE,
        header::ALLOW,
        header::RETRY_AFTER,
        offset,
    ] {
        for value in parts.headers.get_all(&name) {
            dressed.headers_mut().append(name.clone(), value.clone());
        }
    }
    if until.is_some() {
        dressed
            .headers_mut()
            .entry(header::RETRY_AFTER)
            .or_insert(HeaderValue::from_static("60"));
    }
    dressed
}

/// A failure for what axum itself refused.
fn unnamed(status: StatusCode) -> Failure {
    match status {
        StatusCode::NOT_FOUND => Failure::NotFound,
        StatusCode::METHOD_NOT_ALLOWED => Failure::Method,
        StatusCode::PAYLOAD_TOO_LARGE => Failure::TooLarge,
        StatusCode::UNSUPPORTED_MEDIA_TYPE => Failure::ContentType {
            wanted: "the content type of this address",
        },
        status if status.is_client_error() => Failure::Malformed {
            sentence: "the request cannot be read".to_owned(),
        },
        _ => Failure::internal(),
    }
}

/// The problem document of a failure.
fn problem(failure: &Failure, path: &str) -> Response {
    let status = failure.status();
    let mut document = json!({
        "type": format!("urn:regain:problem:{}", failure.code()),
        "title": failure.to_string(),
        "status": status.as_u16(),
        "code": failure.code(),
        "instance": path,
    });
    if let Some(object) = document.as_object_mut() {
        match failure {
            Failure::Limited { until } => {
                object.insert("until".to_owned(), json!(until.millis()));
            }
            Failure::Field(error) => {
                object.insert("errors".to_owned(), fields(std::slice::from_ref(error)));
            }
            _ => {}
        }
    }
    as_problem(status, &document)
}

/// The problem document of a form that needs fixing. Scripts get the status that says most: a
/// file that is too large is 413 whether it was counted while it arrived or afterwards.
pub(crate) fn problem_of_fields(errors: &[FieldError]) -> Response {
    let status = match errors {
        [FieldError { code, .. }] if code.starts_with("media.") => media_status(code),
        _ => StatusCode::UNPROCESSABLE_ENTITY,
    };
    let document = json!({
        "type": "urn:regain:problem:fields",
        "title": "Something needs fixing",
        "status": status.as_u16(),
        "code": errors.first().map_or("fields", |error| error.code),
        "errors": fields(errors),
    });
    as_problem(status, &document)
}

fn fields(errors: &[FieldError]) -> serde_json::Value {
    errors
        .iter()
        .map(|error| json!({"field": error.field, "code": error.code, "sentence": error.sentence}))
        .collect()
}

fn as_problem(status: StatusCode, document: &serde_json::Value) -> Response {
    let headers = [(header::CONTENT_TYPE, "application/problem+json")];
    let mut response = (status, headers, document.to_string()).into_response();
    response.extensions_mut().insert(Dressed);
    response
}
