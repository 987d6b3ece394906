//! A form with files: read part by part within limits, its token checked before any file is kept.

use axum::extract::multipart::{Field, MultipartError};
use axum::extract::{FromRequest, Multipart, Request};
use http::StatusCode;

use crate::csrf;
use crate::error::Failure;
use crate::form::{Errors, Posted, check_token};
use crate::visit::Visit;

/// Most parts of such a form.
const PARTS_MAX: usize = 24;
/// Most bytes of a text field.
const TEXT_MAX: usize = 4096;

/// One file that was chosen.
#[derive(Debug)]
pub(crate) struct File {
    /// Its media type as the browser names it; `None` where the browser knew none.
    pub(crate) declared: Option<String>,
    /// Its name on the person's device, shown only to that person.
    pub(crate) name: String,
    /// Its bytes.
    pub(crate) bytes: Vec<u8>,
}

/// What arrived: the fields, and the files or what is wrong with them.
#[derive(Debug)]
pub(crate) struct Files {
    pub(crate) form: Posted,
    pub(crate) files: Vec<File>,
    /// Something is wrong with the files; the page shows it beside the field.
    pub(crate) errors: Errors,
}

impl<S: Send + Sync> FromRequest<S> for Files {
    type Rejection = Failure;

    async fn from_request(request: Request, state: &S) -> Result<Self, Failure> {
        let visit = request
            .extensions()
            .get::<Visit>()
            .cloned()
            .ok_or_else(Failure::internal)?;
        let parts =
            Multipart::from_request(request, state)
                .await
                .map_err(|_| Failure::ContentType {
                    wanted: "multipart/form-data",
                })?;
        read(&visit, parts).await
    }
}

async fn read(visit: &Visit, mut parts: Multipart) -> Result<Files, Failure> {
    let mut pairs = Vec::new();
    let mut files = Vec::new();
    let mut errors = Errors::none();
    for _ in 0..PARTS_MAX {
        let part = match parts.next_field().await {
            Ok(Some(part)) => part,
            Ok(None) => break,
            Err(error) => {
                errors = broken(&error);
                break;
            }
        };
        if part.file_name().is_some() {
            let form = Posted::from_pairs(pairs.clone());
            check_token(visit, form.raw(csrf::FIELD))?;
            match file(part).await {
                Ok(Some(file)) => files.push(file),
                Ok(None) => {}
                Err(error) => {
                    errors = broken(&error);
                    break;
                }
            }
        } else if let Some(pair) = text(part).await {
            pairs.push(pair);
        }
    }
    let form = Posted::from_pairs(pairs);
    check_token(visit, form.raw(csrf::FIELD))?;
    Ok(Files {
        form,
        files,
        errors,
    })
}

/// A chosen file; a file field that was left empty has neither name nor bytes.
async fn file(part: Field<'_>) -> Result<Option<File>, MultipartError> {
    let name = part.file_name().unwrap_or_default().to_owned();
    // "application/octet-stream" is a browser's way to say that it does not know.
    let declared = part
        .content_type()
        .filter(|kind| *kind != "application/octet-stream")
        .map(str::to_owned);
    let bytes = part.bytes().await?.to_vec();
    Ok((!(name.is_empty() && bytes.is_empty())).then_some(File {
        declared,
        name: name.chars().take(80).collect(),
        bytes,
    }))
}

async fn text(part: Field<'_>) -> Option<(String, String)> {
    let name = part.name()?.to_owned();
    let value = part.text().await.ok()?;
    (value.len() <= TEXT_MAX).then_some((name, value))
}

fn broken(error: &MultipartError) -> Errors {
    if error.status() == StatusCode::PAYLOAD_TOO_LARGE {
        Errors::one(
            "file",
            "media.too_large",
            "That is larger than allowed here. Choose a smaller file",
        )
    } else {
        Errors::one(
            "file",
            "upload.damaged",
            "The file did not arrive whole. Choose it again",
        )
    }
}
