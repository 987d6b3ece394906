//! Takes and the uploads that are made for them: what counts as live, and what is kept of it.

use image::RgbImage;
use recovery::evidence::{Capture, EvidenceKind};
use recovery::id::{CaseId, ContentDigest, TakeId, UploadId};
use recovery::sensitive::Sensitive;
use recovery::time::Span;

use super::{engine, reachable};
use crate::engine::Engine;
use crate::error::{EngineError, Result};
use crate::inputs::{OwnTake, TakeRequest, UploadChunk, UploadRequest};
use crate::takes::EndOfTake;
use crate::views::Received;

fn session() -> Sensitive<String> {
    Sensitive::new("a session".to_owned())
}

fn own(id: &TakeId) -> OwnTake {
    let (id, session) = (id.clone(), session());
    OwnTake { id, session }
}

async fn take(engine: &Engine, case: &CaseId, kind: EvidenceKind, streams: bool) -> OwnTake {
    let request = TakeRequest {
        kind,
        streams,
        slower: false,
        camera: Some(Sensitive::new("{\"label\":\"Front\"}".to_owned())),
    };
    let begun = engine.begin_take(case, &session(), request).await.unwrap();
    assert_eq!(begun.phrase.is_some(), kind == EvidenceKind::Video);
    own(&begun.take)
}

fn code<T: std::fmt::Debug>(result: Result<T>) -> &'static str {
    match result {
        Err(EngineError::Input { code, .. }) => code,
        Err(EngineError::NotFound) => "not_found",
        Err(EngineError::Limited { .. }) => "limited",
        other => panic!("{other:?}"),
    }
}

fn asked(kind: EvidenceKind, length: Option<usize>, take: Option<&OwnTake>) -> UploadRequest {
    let media_type = match kind {
        EvidenceKind::Video => "video/webm",
        _ => "image/jpeg",
    };
    UploadRequest {
        kind,
        length: length.map(|length| length as u64),
        media_type: media_type.to_owned(),
        sha256: None,
        take: take.cloned(),
    }
}

fn piece(offset: usize, bytes: &[u8]) -> UploadChunk {
    UploadChunk {
        offset: offset as u64,
        bytes: bytes.to_vec(),
        ..UploadChunk::default()
    }
}

/// A photo as a canvas makes it, each shade another file.
fn photo(shade: u8) -> Vec<u8> {
    let picture = RgbImage::from_fn(640, 400, |x, y| {
        let step = if (x / 8 + y / 8) % 2 == 0 { 0 } else { 90 };
        // Far enough apart that no two are the same file.
        image::Rgb([20 * shade + step, 120, 80])
    });
    crate::media::jpeg(&picture).unwrap()
}

async fn send(
    engine: &Engine,
    case: &CaseId,
    kind: EvidenceKind,
    bytes: &[u8],
    take: Option<&OwnTake>,
) -> Result<(UploadId, Received)> {
    let request = asked(kind, Some(bytes.len()), take);
    let upload = engine.begin_upload(case, request).await?;
    let view = engine.append_chunk(case, &upload, piece(0, bytes)).await?;
    assert!(view.complete());
    let received = engine.finish_upload(case, &upload).await?;
    Ok((upload, received))
}

async fn later(engine: &Engine, span: Span) {
    engine.0.store.advance_demo_clock(span).await.unwrap();
}

const FRONT: EvidenceKind = EvidenceKind::IdFront;
const VIDEO: EvidenceKind = EvidenceKind::Video;

#[tokio::test]
async fn a_photo_is_live_by_its_take_and_once() {
    let (engine, _folder) = engine().await;
    let case = reachable(&engine, "new@example.com").await;
    let (_, file) = send(&engine, &case, FRONT, &photo(1), None).await.unwrap();
    assert_eq!(file.capture, Capture::NotLive);
    assert!(
        engine
            .take_record(&case, &file.evidence)
            .await
            .unwrap()
            .is_none()
    );

    let one = take(&engine, &case, FRONT, false).await;
    let (upload, live) = send(&engine, &case, FRONT, &photo(2), Some(&one))
        .await
        .unwrap();
    assert_eq!(live.capture, Capture::Live);
    let record = engine
        .take_record(&case, &live.evidence)
        .await
        .unwrap()
        .unwrap();
    assert!(record.live && !record.streamed);
    assert_eq!((&record.take, record.chunks.len()), (&one.id, 1));
    assert_eq!(record.phrase(), None);
    assert!(record.camera.unwrap().reveal().contains("Front"));
    assert!(!format!("{:?}", record.digits).contains('0'));

    // The same end again, for whoever did not get the answer.
    let again = engine.finish_upload(&case, &upload).await.unwrap();
    assert_eq!(
        (again.evidence, again.capture),
        (live.evidence.clone(), live.capture)
    );
    let end = piece(photo(2).len(), b"");
    assert!(
        engine
            .append_chunk(&case, &upload, end)
            .await
            .unwrap()
            .complete()
    );
    let wrong = engine.append_chunk(&case, &upload, piece(0, b"x")).await;
    assert_eq!(code(wrong), "chunk_offset");

    let used = send(&engine, &case, FRONT, &photo(3), Some(&one)).await;
    assert_eq!(code(used), "take_over");
    let end = EndOfTake {
        telemetry: Sensitive::new("{}".to_owned()),
        duration_ms: Some(5),
    };
    engine.end_take(&case, &one, end).await.unwrap();
    let record = engine
        .take_record(&case, &live.evidence)
        .await
        .unwrap()
        .unwrap();
    assert_eq!(record.ended.unwrap().duration_ms, Some(5));
}

#[tokio::test]
async fn what_is_not_the_takes_own_first_file_is_not_live() {
    let (engine, _folder) = engine().await;
    let case = reachable(&engine, "new@example.com").await;
    // A second upload, after bytes of the first arrived.
    let one = take(&engine, &case, FRONT, false).await;
    let begin = |take: OwnTake| {
        let request = asked(FRONT, Some(1000), Some(&take));
        let (engine, case) = (engine.clone(), case.clone());
        async move { engine.begin_upload(&case, request).await }
    };
    let empty = begin(one.clone()).await.unwrap();
    let first = begin(one.clone()).await.unwrap();
    assert_eq!(
        code(engine.upload(&case, &empty).await),
        "not_found",
        "replaced"
    );
    engine
        .append_chunk(&case, &first, piece(0, b"x"))
        .await
        .unwrap();
    let (_, second) = send(&engine, &case, FRONT, &photo(4), Some(&one))
        .await
        .unwrap();
    assert_eq!(second.capture, Capture::NotLive);
    let record = engine
        .take_record(&case, &second.evidence)
        .await
        .unwrap()
        .unwrap();
    assert!(!record.live && record.chunks.is_empty());
    // A camera's own file.
    let mut camera = photo(5);
    let note = b"\xff\xfe\0\x06abcd";
    camera.splice(2..2, note.iter().copied());
    let two = take(&engine, &case, FRONT, false).await;
    let (_, camera) = send(&engine, &case, FRONT, &camera, Some(&two))
        .await
        .unwrap();
    assert_eq!(camera.capture, Capture::NotLive);
    // What ends after its take.
    let three = take(&engine, &case, FRONT, false).await;
    let bytes = photo(6);
    let request = asked(FRONT, Some(bytes.len()), Some(&three));
    let slow = engine.begin_upload(&case, request).await.unwrap();
    engine
        .append_chunk(&case, &slow, piece(0, &bytes))
        .await
        .unwrap();
    later(&engine, Span::minutes(10)).await;
    let late = engine.finish_upload(&case, &slow).await.unwrap();
    assert_eq!(late.capture, Capture::NotLive);
    assert_eq!(code(begin(three).await), "take_over");
}

#[tokio::test]
async fn digits_are_revealed_while_the_video_arrives() {
    let (engine, _folder) = engine().await;
    let case = reachable(&engine, "new@example.com").await;
    let own = take(&engine, &case, VIDEO, true).await;
    let next = || engine.next_digit(&case, &own, None);
    assert_eq!(code(next().await), "take_waiting");
    let request = asked(VIDEO, None, Some(&own));
    let upload = engine.begin_upload(&case, request).await.unwrap();
    let view = engine.upload(&case, &upload).await.unwrap();
    assert_eq!((view.offset, view.length), (0, None));
    assert_eq!(code(next().await), "take_waiting");
    let mut said = String::new();
    for slice in 0..6 {
        let bytes = piece(slice * 3, b"abc");
        engine.append_chunk(&case, &upload, bytes).await.unwrap();
        let (place, digit, pace) = next().await.unwrap().unwrap();
        assert_eq!((usize::from(place), pace.as_millis()), (slice + 1, 1350));
        said.push(digit);
        if place < 6 {
            assert_eq!(code(next().await), "take_early");
        }
        let again = engine.next_digit(&case, &own, Some(place)).await.unwrap();
        assert_eq!(again.unwrap().1, digit);
        later(&engine, Span::millis(1350)).await;
    }
    assert!(next().await.unwrap().is_none());
    assert!(said.bytes().all(|byte| byte.is_ascii_digit()));
    // The end of a deferred upload says length and digest.
    let end = |total: u64, digest: Option<&[u8]>| UploadChunk {
        offset: 18,
        total: Some(total),
        whole_sha256: digest.map(|bytes| ContentDigest::of(bytes).0),
        ..UploadChunk::default()
    };
    let put = |chunk| engine.append_chunk(&case, &upload, chunk);
    assert_eq!(code(put(piece(18, b"")).await), "chunk_size");
    assert_eq!(code(put(end(18, None)).await), "digest_missing");
    assert_eq!(code(put(end(17, Some(b"x"))).await), "chunk_size");
    let whole = b"abc".repeat(6);
    assert!(put(end(18, Some(&whole))).await.unwrap().complete());
    assert!(
        put(end(18, Some(&whole))).await.unwrap().complete(),
        "lost answer"
    );
    // That was no video, so nothing is kept of it.
    assert!(engine.finish_upload(&case, &upload).await.is_err());
    assert_eq!(code(engine.upload(&case, &upload).await), "not_found");
}

#[tokio::test]
async fn a_take_is_its_sessions_and_ends() {
    let (engine, _folder) = engine().await;
    let case = reachable(&engine, "new@example.com").await;
    let first = take(&engine, &case, VIDEO, false).await;
    let foreign = OwnTake {
        session: Sensitive::new("another session".to_owned()),
        ..first.clone()
    };
    let next = |own: OwnTake| {
        let (engine, case) = (engine.clone(), case.clone());
        async move { engine.next_digit(&case, &own, None).await }
    };
    assert_eq!(code(next(foreign.clone()).await), "not_found");
    let request = asked(VIDEO, Some(5), Some(&foreign));
    assert_eq!(code(engine.begin_upload(&case, request).await), "not_found");
    let request = asked(FRONT, Some(5), Some(&first));
    assert_eq!(code(engine.begin_upload(&case, request).await), "take_kind");
    assert_eq!(next(first.clone()).await.unwrap().unwrap().0, 1);
    let ahead = engine.next_digit(&case, &first, Some(3)).await;
    assert_eq!(code(ahead), "take_place");
    let second = take(&engine, &case, VIDEO, false).await;
    assert_eq!(code(next(first).await), "take_over");
    let photo = take(&engine, &case, FRONT, false).await;
    assert_eq!(code(next(photo).await), "take_kind");
    later(&engine, Span::minutes(10)).await;
    assert_eq!(code(next(second.clone()).await), "take_over");
    let end = EndOfTake {
        telemetry: Sensitive::new("x".repeat(4097)),
        duration_ms: None,
    };
    assert_eq!(
        code(engine.end_take(&case, &second, end).await),
        "camera_size"
    );
}

#[tokio::test]
async fn a_day_has_twenty_videos() {
    let (engine, _folder) = engine().await;
    let case = reachable(&engine, "new@example.com").await;
    for _ in 0..20 {
        take(&engine, &case, VIDEO, false).await;
    }
    let request = || TakeRequest {
        kind: VIDEO,
        streams: false,
        slower: true,
        camera: None,
    };
    let session = session();
    let more = engine.begin_take(&case, &session, request()).await;
    assert_eq!(code(more), "limited");
    take(&engine, &case, FRONT, false).await;
    later(&engine, Span::hours(24)).await;
    engine.tidy().await.unwrap();
    let begun = engine.begin_take(&case, &session, request()).await.unwrap();
    assert_eq!(begun.phrase.unwrap().pace.as_millis(), 2700);
}
