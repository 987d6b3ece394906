//! Pictures, frames and the video of a case: recorded first, then shown, never to be kept.

use axum::extract::{Path, Query};
use axum::response::{IntoResponse, Response};
use engine::views::{Exhibit, Shown, ShownAs};
use http::{HeaderMap, StatusCode, header};
use serde::Deserialize;

use super::case::case_id;
use super::steps::Step;
use crate::client::text;
use crate::error::Failure;
use crate::visit::Visit;

/// Most digits of a frame's number.
const FRAME_DIGITS_MAX: usize = 4;
/// Types that are shown; anything else is handed over as bytes nobody opens.
const SHOWN: [&str; 6] = [
    "image/jpeg",
    "image/png",
    "image/webp",
    "video/mp4",
    "video/webm",
    "audio/wav",
];

/// For which step something is looked at.
#[derive(Debug, Deserialize)]
pub(crate) struct For {
    #[serde(rename = "for")]
    step: Option<String>,
}

/// `portrait`, `video`, `frame-0`, `shown-paper` or an evidence identifier.
fn named(what: &str) -> Option<Exhibit> {
    match what {
        "portrait" => Some(Exhibit::Portrait),
        "video" => Some(Exhibit::Video),
        other if other.starts_with("shown-") => {
            let what = other.strip_prefix("shown-").and_then(ShownAs::named);
            what.map(Exhibit::Shown)
        }
        other => match other.strip_prefix("frame-") {
            Some(number) if number.len() <= FRAME_DIGITS_MAX => {
                number.parse().ok().map(Exhibit::Frame)
            }
            Some(_) => None,
            None => other.parse().ok().map(Exhibit::Picture),
        },
    }
}

/// The reason that is recorded with a look: the step it is for.
pub(crate) fn reason(step: Step) -> String {
    format!("step.{}", step.slug())
}

/// `GET /console/case/{id}/exhibit/{what}?for=person`.
pub(crate) async fn show(
    visit: Visit,
    Path((case, what)): Path<(String, String)>,
    Query(asked): Query<For>,
    headers: HeaderMap,
) -> Result<Response, Failure> {
    let exhibit = named(&what).ok_or(Failure::NotFound)?;
    let step = asked
        .step
        .as_deref()
        .and_then(Step::named)
        .ok_or_else(|| Failure::Malformed {
            sentence: "say for which step this is looked at: ?for=person".to_owned(),
        })?;
    let shown = visit
        .engine()
        .show(visit.staff()?, &case_id(&case)?, exhibit, &reason(step))
        .await?;
    Ok(answer(shown, text(&headers, header::RANGE)))
}

/// The bytes with a fixed type and name, whole or the one range that was asked for.
pub(crate) fn answer(shown: Shown, range: &str) -> Response {
    let known = SHOWN.into_iter().find(|known| *known == shown.media_type);
    let disposition = if known.is_some() {
        "inline; filename=\"exhibit\""
    } else {
        "attachment; filename=\"exhibit\""
    };
    let headers = [
        (
            header::CONTENT_TYPE,
            known.unwrap_or("application/octet-stream"),
        ),
        (header::CONTENT_DISPOSITION, disposition),
        (header::CACHE_CONTROL, "no-store"),
        (header::ACCEPT_RANGES, "bytes"),
    ];
    let all = shown.bytes.len();
    let Some((first, last)) = one_range(range, all) else {
        return (headers, shown.bytes).into_response();
    };
    let part = shown.bytes.get(first..=last).unwrap_or_default().to_vec();
    let place = [(header::CONTENT_RANGE, format!("bytes {first}-{last}/{all}"))];
    (StatusCode::PARTIAL_CONTENT, headers, place, part).into_response()
}

/// `bytes=0-499` or `bytes=500-` (RFC 9110 section 14); anything else asks for everything.
/// Players of one vendor show no video without it.
fn one_range(range: &str, all: usize) -> Option<(usize, usize)> {
    let (first, last) = range.strip_prefix("bytes=")?.split_once('-')?;
    let first: usize = first.parse().ok()?;
    let end = all.checked_sub(1)?;
    let last = match last {
        "" => end,
        last => last.parse::<usize>().ok()?.min(end),
    };
    (first <= last).then_some((first, last))
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn exhibits_have_five_kinds_of_names() {
        assert_eq!(named("shown-paper"), Some(Exhibit::Shown(ShownAs::Paper)));
        assert_eq!(named("portrait"), Some(Exhibit::Portrait));
        assert_eq!(named("video"), Some(Exhibit::Video));
        assert_eq!(named("frame-12"), Some(Exhibit::Frame(12)));
        let picture = "ev_01J00000000000000000000000";
        assert_eq!(
            named(picture),
            Some(Exhibit::Picture(picture.parse().unwrap()))
        );
        for wrong in [
            "frame-",
            "frame--1",
            "frame-99999",
            "../portrait",
            "shown-",
            "shown-../paper",
            "",
            "ev_x",
        ] {
            assert_eq!(named(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn a_range_never_reaches_beyond_the_bytes() {
        assert_eq!(one_range("bytes=0-", 10), Some((0, 9)));
        assert_eq!(one_range("bytes=2-4", 10), Some((2, 4)));
        assert_eq!(one_range("bytes=2-999", 10), Some((2, 9)));
        for wrong in [
            "",
            "bytes=10-",
            "bytes=5-4",
            "bytes=-5",
            "items=0-1",
            "bytes=0-1,3-4",
        ] {
            assert_eq!(one_range(wrong, 10), None, "{wrong}");
        }
        assert_eq!(one_range("bytes=0-", 0), None);
    }

    #[test]
    fn foreign_types_are_never_shown_inline() {
        let shown = |media_type: &str| Shown {
            media_type: media_type.to_owned(),
            bytes: vec![1, 2, 3],
        };
        let svg = answer(shown("image/svg+xml"), "");
        assert_eq!(
            svg.headers().get("content-type").unwrap(),
            "application/octet-stream"
        );
        let disposition = svg.headers().get("content-disposition").unwrap();
        assert!(disposition.to_str().unwrap().starts_with("attachment"));
        let part = answer(shown("video/mp4"), "bytes=1-");
        assert_eq!(part.status(), StatusCode::PARTIAL_CONTENT);
        assert_eq!(part.headers().get("content-range").unwrap(), "bytes 1-2/3");
        assert_eq!(part.headers().get("cache-control").unwrap(), "no-store");
    }
}
