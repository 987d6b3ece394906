//! The applicant before the camera of the page: what its script sends, and when.

use anyhow::{Context as _, Result, bail, ensure};
use image::RgbImage;
use recovery::id::ContentDigest;
use recovery::time::{Span, Timestamp};
use reqwest::Method;
use serde_json::{Value, json};

use super::Applicant;
use crate::demo::walkthrough::browser::Answer;
use crate::demo::walkthrough::recorder::{
    FRAMES, Recorder, SECOND, digit, millis_of, silence, words,
};
use crate::demo::walkthrough::tus::{checksum, metadata};

/// Seconds for the sentence, and after the last digit.
const SENTENCE: f32 = 4.0;
const TAIL_MS: usize = 1000;
/// Sides of the frame that is recorded.
const SIDE: u32 = 720;
/// Sides of the photos.
const PHOTO: (u32, u32) = (1600, 1200);

/// What the browser says of its camera.
fn camera((width, height): (u32, u32), frames: i64) -> Value {
    json!({
        "label": "Front camera",
        "given": { "width": width, "height": height },
        "frames": [frames, 0],
        "changes": 0,
    })
}

fn done(answer: &Answer, what: &str) -> Result<()> {
    ensure!(
        answer.status.is_success(),
        "{what}: {} {}",
        answer.status,
        answer.body
    );
    Ok(())
}

fn text_of<'a>(answer: &'a Value, name: &str) -> Result<&'a str> {
    let value = answer.get(name).and_then(Value::as_str);
    value.with_context(|| format!("the answer has no {name}"))
}

fn number_of(answer: &Value, name: &str) -> Result<u64> {
    let value = answer.get(name).and_then(Value::as_u64);
    value.with_context(|| format!("the answer has no {name}"))
}

impl Applicant<'_> {
    async fn script(
        &self,
        method: Method,
        path: &str,
        headers: &[(&str, String)],
        body: Vec<u8>,
    ) -> Result<Answer> {
        let mut headers = headers.to_vec();
        headers.push(("Tus-Resumable", "1.0.0".to_owned()));
        self.browser.script(method, path, &headers, body).await
    }

    async fn calls(&self, path: &str, body: &Value) -> Result<Answer> {
        let json = [("Content-Type", "application/json".to_owned())];
        let body = body.to_string().into_bytes();
        self.script(Method::POST, path, &json, body).await
    }

    async fn takes(&self, about: &Value) -> Result<Value> {
        let begun = self.calls("/case/takes", about).await?;
        done(&begun, "begins a take")?;
        Ok(serde_json::from_str(&begun.body)?)
    }

    /// Begins an upload of a take; its address. Without a length it is told at the end.
    async fn begins_upload(&self, pairs: &[(&str, &str)], length: Option<usize>) -> Result<String> {
        let length = match length {
            Some(length) => ("Upload-Length", length.to_string()),
            None => ("Upload-Defer-Length", "1".to_owned()),
        };
        let headers = [("Upload-Metadata", metadata(pairs)), length];
        let begun = self
            .script(Method::POST, "/case/uploads", &headers, Vec::new())
            .await?;
        done(&begun, "begins an upload")?;
        begun.header("location").context("an upload has an address")
    }

    async fn appends(
        &self,
        place: &str,
        offset: usize,
        bytes: &[u8],
        whole: Option<&[u8]>,
    ) -> Result<()> {
        let mut headers = vec![
            ("Content-Type", "application/offset+octet-stream".to_owned()),
            ("Upload-Offset", offset.to_string()),
            ("Upload-Checksum", checksum(bytes)?),
        ];
        if let Some(whole) = whole {
            let digest = ContentDigest::of(whole).0;
            headers.push(("Upload-Length", whole.len().to_string()));
            headers.push(("Upload-Metadata", metadata(&[("sha256", &digest)])));
        }
        let sent = self
            .script(Method::PATCH, place, &headers, bytes.to_vec())
            .await?;
        done(&sent, "sends a piece")
    }

    /// A photo, with the camera of the page.
    async fn photographs(&mut self, kind: &str, bytes: Vec<u8>, what: &str) -> Result<()> {
        let about = json!({ "kind": kind, "camera": camera(PHOTO, 0) });
        let said = self.takes(&about).await?;
        let take = text_of(&said, "take")?;
        let pairs = [("kind", kind), ("type", "image/jpeg"), ("take", take)];
        let place = self.begins_upload(&pairs, Some(bytes.len())).await?;
        self.appends(&place, 0, &bytes, None).await?;
        let page = self.browser.get(&format!("/case/taken/{kind}")).await?;
        self.note(what, &page);
        page.expect("Check it")
    }

    /// Document, note and video, all before the camera of the page.
    pub(crate) async fn shows_everything_live(&mut self) -> Result<()> {
        let salt = self.shows.salt;
        let papers = self.papers.as_ref();
        let papers = papers.context("a live walkthrough needs documents that can be read")?;
        let (front, back) = (papers.front(salt)?, papers.back(salt + 7)?);
        let page = self.browser.get("/case/document").await?;
        let typed = [("document", "national_id")];
        let (what, next) = ("says which ID it is", "Photo of the front");
        self.press(&page, "/case/document", &typed, what, next)
            .await?;
        self.photographs("id_front", front, "photographs the front of the ID")
            .await?;
        self.photographs("id_back", back, "photographs the back of the ID")
            .await?;
        let note = self.note_photo(salt + 13).await?;
        self.photographs("note_photo", note, "photographs the note")
            .await?;
        let selfie = self.shows.selfie.clone();
        self.films(&selfie).await?;
        let page = self.browser.get("/case/taken/video").await?;
        self.note("says sentence and digits before the camera", &page);
        page.expect("Check it")
    }

    /// A video in one take: digits are told one by one while its pieces arrive.
    pub(crate) async fn films(&mut self, face: &RgbImage) -> Result<()> {
        let frame = (SIDE, SIDE);
        let about = json!({ "kind": "video", "streams": true, "camera": camera(frame, 0) });
        let said = self.takes(&about).await?;
        let take = text_of(&said, "take")?.to_owned();
        let sentence = text_of(&said, "sentence")?;
        let digits = number_of(&said, "digits")?;
        #[allow(clippy::cast_precision_loss, reason = "a second or two")]
        let pace = number_of(&said, "pace_ms")? as f32 / 1000.0;
        let pairs = [
            ("kind", "video"),
            ("type", "video/webm"),
            ("take", take.as_str()),
        ];
        let place = self.begins_upload(&pairs, None).await?;
        let mut film = Film {
            recorder: Recorder::starts(face)?,
            place,
            began: self.stage.world.clock().now(),
            millis: 0,
            whole: Vec::new(),
        };
        let speech = words(sentence, SENTENCE).await?;
        self.records(&mut film, &speech).await?;
        for _ in 0..digits {
            let shown = self
                .calls(&format!("/case/takes/{take}/next"), &json!({}))
                .await?;
            done(&shown, "asks for the next digit")?;
            let shown: Value = serde_json::from_str(&shown.body)?;
            let said = text_of(&shown, "digit")?.parse()?;
            let speech = digit(said, pace).await?;
            self.records(&mut film, &speech).await?;
        }
        self.records(&mut film, &silence(TAIL_MS)).await?;
        self.ends_take(film, &take).await
    }

    /// Speaks, and second by second sends what the file grew by when it is as old as that.
    async fn records(&self, film: &mut Film, speech: &[u8]) -> Result<()> {
        let clock = self.stage.world.clock();
        for second in speech.chunks(SECOND) {
            let piece = film.recorder.hears(second).await?;
            film.millis += millis_of(second);
            let ahead = (film.began + Span::millis(film.millis)).since(clock.now());
            if ahead > Span::ZERO {
                clock.advance(ahead).await?;
            }
            if !piece.is_empty() {
                self.appends(&film.place, film.whole.len(), &piece, None)
                    .await?;
                film.whole.extend(piece);
            }
        }
        Ok(())
    }

    async fn ends_take(&mut self, film: Film, take: &str) -> Result<()> {
        let frames = film.millis * i64::from(FRAMES) / 1000;
        let said = json!({
            "camera": camera((SIDE, SIDE), frames),
            "interruptions": [],
            "duration_ms": film.millis,
        });
        let ended = self
            .calls(&format!("/case/takes/{take}/end"), &said)
            .await?;
        done(&ended, "ends the take")?;
        let offset = film.whole.len();
        let rest = film.recorder.ends().await?;
        let whole = [film.whole.as_slice(), rest.as_slice()].concat();
        if whole.is_empty() {
            bail!("nothing was recorded");
        }
        self.appends(&film.place, offset, &rest, Some(&whole)).await
    }
}

/// A take that goes on.
struct Film {
    recorder: Recorder,
    /// The upload's address.
    place: String,
    began: Timestamp,
    /// How much was spoken.
    millis: i64,
    whole: Vec<u8>,
}
