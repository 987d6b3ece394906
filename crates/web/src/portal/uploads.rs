//! Resumable uploads: the part of tus 1.0 that evidence needs (creation, checksum, expiration,
//! termination). The same verbs and headers, so that stock clients work.

use axum::extract::Path;
use axum::response::{IntoResponse, Response};
use axum::routing::{head, post};
use bytes::Bytes;
use data_encoding::{BASE64, HEXLOWER, HEXLOWER_PERMISSIVE};
use engine::EngineError;
use engine::inputs::{OwnTake, UploadChunk, UploadRequest};
use engine::views::UploadView;
use http::{HeaderMap, HeaderName, Method, StatusCode, header};
use recovery::evidence::EvidenceKind;
use recovery::id::UploadId;

use crate::client::text;
use crate::error::{Failure, FieldError};
use crate::portal::{fresh_face, taken};
use crate::routes::{CHUNK_BYTES, POST, Route, Who};
use crate::visit::Visit;

const PIECES: &[Method] = &[Method::HEAD, Method::PATCH, Method::DELETE];

/// Resumable uploads.
pub(crate) const ROUTES: &[Route] = &[
    Route::page(
        "/case/uploads",
        Who::Camera,
        "Begin a resumable upload",
        || post(begin),
    )
    .only(POST),
    Route::page(
        "/case/uploads/{upload}",
        Who::Camera,
        "Go on with an upload",
        || head(state).patch(append).delete(cancel),
    )
    .only(PIECES)
    .up_to(CHUNK_BYTES),
];

/// The protocol's version; a caller must name it. As a header that no form can send it is also a
/// second guard against requests from other sites.
const VERSION: &str = "1.0.0";
const CHUNK_TYPE: &str = "application/offset+octet-stream";
/// Most pairs of `Upload-Metadata`.
const PAIRS_MAX: usize = 16;

fn wrong(field: &'static str, code: &'static str, sentence: &str) -> Failure {
    Failure::Field(FieldError {
        field,
        code,
        sentence: sentence.to_owned(),
    })
}

/// Whether the caller names the protocol.
///
/// # Errors
/// [`Failure::Precondition`] if not.
pub(crate) fn version(headers: &HeaderMap) -> Result<(), Failure> {
    if text(headers, "tus-resumable") == VERSION {
        return Ok(());
    }
    Err(Failure::Precondition {
        sentence: "name the protocol: Tus-Resumable: 1.0.0",
    })
}

/// A header with a number; absent is `None`, unreadable is an error.
fn number(headers: &HeaderMap, name: &'static str) -> Result<Option<u64>, Failure> {
    match text(headers, name) {
        "" => Ok(None),
        value => value
            .parse()
            .map(Some)
            .map_err(|_| wrong(name, "number", "this header is a number of bytes")),
    }
}

/// One value of `Upload-Metadata`: names and base64 values, separated by commas.
fn metadata(headers: &HeaderMap, name: &str) -> Result<Option<String>, Failure> {
    let found = text(headers, "upload-metadata")
        .split(',')
        .take(PAIRS_MAX)
        .map(|pair| pair.trim().split_once(' ').unwrap_or((pair.trim(), "")))
        .find(|(key, _)| *key == name)
        .map(|(_, value)| value);
    let Some(value) = found else { return Ok(None) };
    BASE64
        .decode(value.as_bytes())
        .ok()
        .and_then(|bytes| String::from_utf8(bytes).ok())
        .map(Some)
        .ok_or_else(|| {
            wrong(
                "Upload-Metadata",
                "metadata",
                "values are base64 of UTF-8 text",
            )
        })
}

fn request(headers: &HeaderMap) -> Result<UploadRequest, Failure> {
    let length = number(headers, "upload-length")?;
    if length.is_none() && text(headers, "upload-defer-length") != "1" {
        let sentence = "say how long it is, or Upload-Defer-Length: 1";
        return Err(wrong("Upload-Length", "length_missing", sentence));
    }
    let kind = metadata(headers, "kind")?
        .and_then(|kind| EvidenceKind::named(&kind))
        .ok_or_else(|| {
            let sentence = "kind is one of id_front, id_back, note_photo, video, screenshot";
            wrong("Upload-Metadata", "kind", sentence)
        })?;
    let media_type = metadata(headers, "type")?
        .ok_or_else(|| wrong("Upload-Metadata", "type", "type names the media type"))?;
    Ok(UploadRequest {
        kind,
        length,
        media_type,
        sha256: whole_digest(headers)?,
        take: None,
    })
}

/// The digest of the whole, if the metadata name it.
fn whole_digest(headers: &HeaderMap) -> Result<Option<String>, Failure> {
    let Some(digest) = metadata(headers, "sha256")? else {
        return Ok(None);
    };
    if digest.len() == 64 && HEXLOWER_PERMISSIVE.decode(digest.as_bytes()).is_ok() {
        return Ok(Some(digest.to_lowercase()));
    }
    let sentence = "sha256 is 64 hexadecimal digits";
    Err(wrong("Upload-Metadata", "sha256", sentence))
}

/// The take that an upload is made for, if the metadata name one.
fn take_of(visit: &Visit, headers: &HeaderMap) -> Result<Option<OwnTake>, Failure> {
    let Some(take) = metadata(headers, "take")? else {
        return Ok(None);
    };
    let id = take
        .parse()
        .map_err(|_| wrong("Upload-Metadata", "take", "take names a take of yours"))?;
    let session = visit.secret().ok_or(Failure::SignedOut { staff: false })?;
    Ok(Some(OwnTake {
        id,
        session: session.clone(),
    }))
}

fn name(name: &'static str) -> HeaderName {
    HeaderName::from_static(name)
}

async fn begin(visit: Visit, headers: HeaderMap) -> Result<Response, Failure> {
    version(&headers)?;
    let request = UploadRequest {
        take: take_of(&visit, &headers)?,
        ..request(&headers)?
    };
    let upload = visit.engine().begin_upload(visit.case()?, request).await?;
    let answer = [
        (name("tus-resumable"), VERSION.to_owned()),
        (header::LOCATION, format!("/case/uploads/{upload}")),
        (name("upload-offset"), "0".to_owned()),
    ];
    Ok((StatusCode::CREATED, answer).into_response())
}

async fn find(visit: &Visit, upload: &str) -> Result<(UploadId, UploadView), Failure> {
    let id: UploadId = upload.parse().map_err(|_| Failure::NotFound)?;
    let view = visit.engine().upload(visit.case()?, &id).await?;
    Ok((id, view))
}

async fn state(
    visit: Visit,
    Path(upload): Path<String>,
    headers: HeaderMap,
) -> Result<Response, Failure> {
    version(&headers)?;
    let (_, view) = find(&visit, &upload).await?;
    let mut answer = vec![
        (name("tus-resumable"), VERSION.to_owned()),
        (name("upload-offset"), view.offset.to_string()),
    ];
    match view.length {
        Some(length) => answer.push((name("upload-length"), length.to_string())),
        None => answer.push((name("upload-defer-length"), "1".to_owned())),
    }
    Ok(with(StatusCode::OK, answer))
}

fn with(status: StatusCode, headers: Vec<(HeaderName, String)>) -> Response {
    let mut response = status.into_response();
    for (name, value) in headers {
        if let Ok(value) = value.parse() {
            response.headers_mut().insert(name, value);
        }
    }
    response
}

/// `Upload-Checksum: sha256 <base64>` as hexadecimal digits.
fn checksum(headers: &HeaderMap) -> Result<Option<String>, Failure> {
    let value = text(headers, "upload-checksum");
    if value.is_empty() {
        return Ok(None);
    }
    value
        .strip_prefix("sha256 ")
        .and_then(|digest| BASE64.decode(digest.trim().as_bytes()).ok())
        .filter(|digest| digest.len() == 32)
        .map(|digest| Some(HEXLOWER.encode(&digest)))
        .ok_or_else(|| {
            wrong(
                "Upload-Checksum",
                "checksum",
                "send: sha256 and base64 of 32 bytes",
            )
        })
}

async fn append(
    mut visit: Visit,
    Path(upload): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, Failure> {
    version(&headers)?;
    if text(&headers, header::CONTENT_TYPE) != CHUNK_TYPE {
        return Err(Failure::ContentType { wanted: CHUNK_TYPE });
    }
    let offset = number(&headers, "upload-offset")?.ok_or_else(|| {
        wrong(
            "Upload-Offset",
            "offset_missing",
            "say where this chunk begins",
        )
    })?;
    let chunk = UploadChunk {
        offset,
        sha256: checksum(&headers)?,
        total: number(&headers, "upload-length")?,
        whole_sha256: whole_digest(&headers)?,
        bytes: body.to_vec(),
    };
    let (id, _) = find(&visit, &upload).await?;
    let case = visit.case()?.clone();
    let view = match visit.engine().append_chunk(&case, &id, chunk).await {
        Ok(view) => view,
        Err(error) => return elsewhere(&visit, &upload, error).await,
    };
    let mut answer = vec![
        (name("tus-resumable"), VERSION.to_owned()),
        (name("upload-offset"), view.offset.to_string()),
    ];
    if view.complete() && view.fresh_face {
        let session = visit.secret().ok_or(Failure::SignedOut { staff: false })?;
        let engine = visit.engine();
        engine.finish_fresh_face(&case, &id, session).await?;
        answer.push((header::CONTENT_LOCATION, fresh_face::PATH.to_owned()));
    } else if view.complete() {
        let received = visit.engine().finish_upload(&case, &id).await?;
        answer.push((name("regain-evidence"), received.evidence.to_string()));
        visit
            .keep(|kept| taken::remember(kept, view.kind, &received))
            .await?;
        let page = format!("/case/taken/{}", view.kind.name());
        answer.push((header::CONTENT_LOCATION, page));
    }
    Ok(with(StatusCode::NO_CONTENT, answer))
}

/// A chunk that begins at the wrong place is told the right one at once.
async fn elsewhere(visit: &Visit, upload: &str, error: EngineError) -> Result<Response, Failure> {
    let misplaced = matches!(
        error,
        EngineError::Input {
            code: "chunk_offset",
            ..
        }
    );
    let failure = Failure::from(error);
    if !misplaced {
        return Err(failure);
    }
    let (_, view) = find(visit, upload).await?;
    let mut response = failure.into_response();
    let headers = response.headers_mut();
    headers.insert(name("upload-offset"), view.offset.into());
    Ok(response)
}

async fn cancel(
    visit: Visit,
    Path(upload): Path<String>,
    headers: HeaderMap,
) -> Result<Response, Failure> {
    version(&headers)?;
    let id: UploadId = upload.parse().map_err(|_| Failure::NotFound)?;
    visit.engine().cancel_upload(visit.case()?, &id).await?;
    let answer = vec![(name("tus-resumable"), VERSION.to_owned())];
    Ok(with(StatusCode::NO_CONTENT, answer))
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::panic)]
mod tests {
    use super::*;

    fn headers(pairs: &[(&'static str, &str)]) -> HeaderMap {
        let mut headers = HeaderMap::new();
        for (name, value) in pairs {
            headers.insert(*name, value.parse().unwrap());
        }
        headers
    }

    fn code(result: Result<UploadRequest, Failure>) -> &'static str {
        match result {
            Ok(_) => "fine",
            Err(failure) => failure.code(),
        }
    }

    #[test]
    fn an_upload_says_what_it_is_before_a_byte_is_taken() {
        let video = "kind dmlkZW8=,type dmlkZW8vbXA0";
        let fine = headers(&[("upload-length", "10"), ("upload-metadata", video)]);
        let Ok(read) = request(&fine) else {
            panic!("a complete request was refused")
        };
        assert_eq!((read.kind, read.length), (EvidenceKind::Video, Some(10)));
        assert_eq!(read.media_type, "video/mp4");
        let deferred = headers(&[("upload-defer-length", "1"), ("upload-metadata", video)]);
        assert_eq!(code(request(&deferred)), "fine");
        let cases: [(&str, &str, &str); 5] = [
            ("", video, "length_missing"),
            ("ten", video, "number"),
            ("10", "type dmlkZW8vbXA0", "kind"),
            ("10", "kind dmlkZW8=", "type"),
            ("10", "kind ****,type dmlkZW8vbXA0", "metadata"),
        ];
        for (length, metadata, wanted) in cases {
            let mut given = headers(&[("upload-metadata", metadata)]);
            if !length.is_empty() {
                given.insert("upload-length", length.parse().unwrap());
            }
            assert_eq!(code(request(&given)), wanted, "{length} {metadata}");
        }
    }

    #[test]
    fn a_checksum_is_base64_of_a_whole_digest() {
        let digest = BASE64.encode(&[7; 32]);
        let given = headers(&[("upload-checksum", &format!("sha256 {digest}"))]);
        assert_eq!(checksum(&given).unwrap(), Some("07".repeat(32)));
        assert!(checksum(&headers(&[("upload-checksum", "sha1 AAAA")])).is_err());
        assert!(checksum(&headers(&[("upload-checksum", "sha256 AAAA")])).is_err());
        assert_eq!(checksum(&HeaderMap::new()).unwrap(), None);
        assert!(version(&HeaderMap::new()).is_err());
    }
}
