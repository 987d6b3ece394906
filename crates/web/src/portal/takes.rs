//! Takes: what the page of the camera asks for while it records. JSON, for scripts only.

use axum::Json;
use axum::extract::Path;
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use bytes::Bytes;
use engine::inputs::{OwnTake, TakeRequest};
use engine::takes::EndOfTake;
use http::{HeaderMap, StatusCode, header};
use recovery::evidence::EvidenceKind;
use recovery::sensitive::Sensitive;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use crate::client::text;
use crate::error::{Failure, FieldError};
use crate::portal::uploads::version;
use crate::routes::{POST, Route, TAKE_BYTES, Who};
use crate::visit::Visit;

/// Takes.
pub(crate) const ROUTES: &[Route] = &[
    Route::page("/case/takes", Who::Camera, "Begin a take", || post(begin))
        .only(POST)
        .up_to(TAKE_BYTES),
    Route::page(
        "/case/takes/{take}/next",
        Who::Camera,
        "The next digit of a take",
        || post(next),
    )
    .only(POST)
    .up_to(TAKE_BYTES),
    Route::page(
        "/case/takes/{take}/end",
        Who::Camera,
        "What the browser says of a take",
        || post(end),
    )
    .only(POST)
    .up_to(TAKE_BYTES),
];

const JSON: &str = "application/json";

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Begin {
    kind: EvidenceKind,
    #[serde(default)]
    streams: bool,
    #[serde(default)]
    slower: bool,
    #[serde(default)]
    camera: Option<Value>,
}

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields, default)]
struct Next {
    place: Option<u8>,
}

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields, default)]
struct End {
    camera: Option<Value>,
    interruptions: Option<Value>,
    duration_ms: Option<u64>,
}

/// A body of JSON, from a caller who shows that no form sent it.
fn read<T: DeserializeOwned>(headers: &HeaderMap, body: &Bytes) -> Result<T, Failure> {
    version(headers)?;
    if !text(headers, header::CONTENT_TYPE).starts_with(JSON) {
        return Err(Failure::ContentType { wanted: JSON });
    }
    serde_json::from_slice(body).map_err(|_| {
        // What was sent is not repeated: it may say something about a person.
        Failure::Field(FieldError {
            field: "body",
            code: "malformed",
            sentence: "The body is not what this address takes.".to_owned(),
        })
    })
}

fn own(visit: &Visit, take: &str) -> Result<OwnTake, Failure> {
    let session = visit.secret().ok_or(Failure::SignedOut { staff: false })?;
    Ok(OwnTake {
        id: take.parse().map_err(|_| Failure::NotFound)?,
        session: session.clone(),
    })
}

fn telemetry(value: &Value) -> Sensitive<String> {
    Sensitive::new(value.to_string())
}

async fn begin(visit: Visit, headers: HeaderMap, body: Bytes) -> Result<Response, Failure> {
    let asked: Begin = read(&headers, &body)?;
    let session = visit.secret().ok_or(Failure::SignedOut { staff: false })?;
    let request = TakeRequest {
        kind: asked.kind,
        streams: asked.streams,
        slower: asked.slower,
        camera: asked.camera.as_ref().map(telemetry),
    };
    let engine = visit.engine();
    let begun = engine.begin_take(visit.case()?, session, request).await?;
    let mut answer = json!({
        "take": begun.take.as_str(),
        "expires_in_ms": begun.expires_in.as_millis(),
    });
    if let (Some(phrase), Some(fields)) = (&begun.phrase, answer.as_object_mut()) {
        fields.insert("sentence".to_owned(), json!(phrase.sentence));
        fields.insert("digits".to_owned(), json!(phrase.digits));
        fields.insert("pace_ms".to_owned(), json!(phrase.pace.as_millis()));
    }
    let place = [(header::LOCATION, format!("/case/takes/{}", begun.take))];
    Ok((StatusCode::CREATED, place, Json(answer)).into_response())
}

async fn next(
    visit: Visit,
    Path(take): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, Failure> {
    let asked: Next = if body.is_empty() {
        version(&headers)?;
        Next::default()
    } else {
        read(&headers, &body)?
    };
    let own = own(&visit, &take)?;
    let engine = visit.engine();
    let step = engine.next_digit(visit.case()?, &own, asked.place).await?;
    let answer = match step {
        Some((place, digit, pace)) => json!({
            "place": place,
            "digit": digit,
            "after_ms": pace.as_millis(),
        }),
        None => json!({ "done": true }),
    };
    Ok(Json(answer).into_response())
}

async fn end(
    visit: Visit,
    Path(take): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, Failure> {
    let said: End = read(&headers, &body)?;
    let own = own(&visit, &take)?;
    let end = EndOfTake {
        telemetry: telemetry(&json!({
            "camera": said.camera,
            "interruptions": said.interruptions,
        })),
        duration_ms: said.duration_ms,
    };
    visit.engine().end_take(visit.case()?, &own, end).await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}
