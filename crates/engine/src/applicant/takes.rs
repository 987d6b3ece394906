//! Takes: a page of the camera may record now. Digits are revealed one by one, to whoever is seen
//! recording; what came of it is kept with the evidence.

use recovery::evidence::EvidenceKind;
use recovery::id::{CaseId, EvidenceId, TakeId, UploadId};
use recovery::sensitive::Sensitive;
use recovery::time::{Span, Timestamp};
use serde::Serialize;
use store::{NewTake, SecretDigest, Take, Tx, Upload};

use super::gathering::may_send;
use crate::canvas::from_a_canvas;
use crate::engine::Engine;
use crate::error::{EngineError, Result};
use crate::inputs::{OwnTake, TakeRequest};
use crate::takes::{
    Arrival, CHUNKS_MAX, DIGITS, EndOfTake, Progress, Reveal, Script, Step, TakeRecord,
};
use crate::views::{PhraseView, TakeView};

/// How long a take lives (UX.md P15: the words expire 10 minutes after they were shown).
const LIFE: Span = Span::minutes(10);
/// Takes of one case over a day (UX.md B3).
const VIDEOS_A_DAY: u64 = 20;
const PHOTOS_A_DAY: u64 = 30;
const DAY: Span = Span::hours(24);
/// Bytes of what a browser may say of its camera, each time: ours needs a few hundred.
const TELEMETRY_MAX: usize = 4096;

pub(super) fn wrong<T>(code: &'static str, sentence: impl Into<String>) -> Result<T> {
    Err(EngineError::Input {
        field: "take",
        code,
        sentence: sentence.into(),
    })
}

/// The name of the sealed piece with the take of one piece of evidence.
pub(super) fn record_name(evidence: &EvidenceId) -> String {
    format!("take/{evidence}")
}

/// Under which name the sealed part of a take is bound to it.
fn script_name(take: &TakeId) -> String {
    format!("take/{take}")
}

/// Neither expired, nor replaced, nor used.
pub(super) fn is_open(take: &Take, now: Timestamp) -> bool {
    take.ended_at.is_none() && now < take.expires_at
}

fn small(telemetry: Option<&Sensitive<String>>) -> Result<()> {
    if telemetry.is_some_and(|text| text.reveal().len() > TELEMETRY_MAX) {
        return wrong(
            "camera_size",
            "What is said of the camera has at most 4 kB.",
        );
    }
    Ok(())
}

pub(super) fn over<T>() -> Result<T> {
    wrong("take_over", "This take is over. Begin a new one.")
}

fn bytes_of(value: &impl Serialize) -> Result<Vec<u8>> {
    serde_json::to_vec(value).map_err(|error| EngineError::internal("take", &error))
}

pub(super) fn progress_of(take: &Take) -> Result<Progress> {
    serde_json::from_slice(&take.progress).map_err(|error| EngineError::internal("take", &error))
}

impl Engine {
    /// What a video says first; the digits follow.
    pub(crate) fn purpose(&self) -> String {
        format!(
            "I ask {} to give me back my account.",
            self.settings().platform
        )
    }

    /// Begins a take; the open one of the same kind ends, also one of another device.
    ///
    /// # Errors
    /// [`EngineError::Limited`] when a day's takes are used up; `camera_size`, `take_kind`.
    pub async fn begin_take(
        &self,
        id: &CaseId,
        session: &Sensitive<String>,
        request: TakeRequest,
    ) -> Result<TakeView> {
        small(request.camera.as_ref())?;
        if request.kind == EvidenceKind::Screenshot {
            return wrong("take_kind", "A screenshot is not taken with a camera.");
        }
        let case = self.case(id).await?;
        let is_video = request.kind == EvidenceKind::Video;
        if !(is_video && self.face_wanted(&case).await?) {
            may_send(&case)?;
        }
        let now = self.now().await?;
        let take = self.random(|rng| TakeId::new(now, rng));
        let script = Script {
            sentence: if is_video {
                self.purpose()
            } else {
                String::new()
            },
            digits: if is_video {
                self.digits()
            } else {
                Sensitive::default()
            },
            streams: is_video && request.streams,
            slower: is_video && request.slower,
            camera: request.camera,
            ended: None,
        };
        let sealed = self.seal(id, &script_name(&take), &script).await?;
        let mut tx = self.0.store.begin().await?;
        within_a_day(&mut tx, id, request.kind).await?;
        let expires_at = tx.now().await? + LIFE;
        tx.create_take(&NewTake {
            id: &take,
            case_id: id,
            session: &SecretDigest::of(session.reveal().as_bytes()),
            kind: request.kind.name(),
            expires_at,
            sealed: &sealed,
            progress: &bytes_of(&Progress::default())?,
        })
        .await?;
        tx.commit().await?;
        Ok(TakeView {
            take,
            expires_in: LIFE,
            phrase: is_video.then(|| PhraseView {
                sentence: script.sentence.clone(),
                digits: DIGITS,
                pace: script.pace(),
            }),
        })
    }

    fn digits(&self) -> Sensitive<String> {
        use rand::Rng as _;
        // The bias of the remainder is below one in ten to the thirteenth.
        let number = self.random(|rng| rng.next_u64()) % 1_000_000;
        Sensitive::new(format!("{number:06}"))
    }

    async fn script(&self, take: &Take) -> Result<Script> {
        let name = script_name(&take.id);
        let vault = &self.0.vault;
        let plain = vault
            .open_record(&take.case_id, &name, &take.sealed)
            .await?;
        serde_json::from_slice(&plain).map_err(|_| EngineError::internal("take", &"unreadable"))
    }

    /// Reveals the next digit, or tells one again that was revealed: its place, itself, and how
    /// long it is to stand. `None` after the last.
    ///
    /// # Errors
    /// `take_waiting` while nothing arrives, `take_early`, `take_over`, `take_place`, `take_kind`;
    /// [`EngineError::NotFound`] for a take of another session.
    pub async fn next_digit(
        &self,
        id: &CaseId,
        own: &OwnTake,
        wanted: Option<u8>,
    ) -> Result<Option<(u8, char, Span)>> {
        let take = self.0.store.read().await?.take(&own.id).await?;
        let script = self.script(&owned(take, id, own)?).await?;
        if script.digits.reveal().is_empty() {
            return wrong("take_kind", "A photo has no digits.");
        }
        let mut tx = self.0.store.begin().await?;
        let take = owned(tx.lock_take(&own.id).await?, id, own)?;
        let now = tx.now().await?;
        if !is_open(&take, now) {
            return over();
        }
        let mut progress = progress_of(&take)?;
        let place = match progress.step(&script, wanted, now) {
            Step::Done => return Ok(None),
            Step::Waiting => return wrong("take_waiting", "Nothing of the video arrives."),
            Step::Early => return wrong("take_early", "The last digit was shown just now."),
            Step::Ahead => return wrong("take_place", "The digits come in order."),
            Step::Again(place) => place,
            Step::Reveal(place) => {
                progress.reveals.push(Reveal { place, at: now });
                tx.put_take_progress(&take.id, &bytes_of(&progress)?)
                    .await?;
                tx.commit().await?;
                place
            }
        };
        let digit = script.digit(place).ok_or(EngineError::NotFound)?;
        Ok(Some((place, digit, script.pace())))
    }

    /// Keeps what the browser says at the end of a take, also after its file was taken in.
    ///
    /// # Errors
    /// `take_over` when the take is no more, `camera_size`; [`EngineError::NotFound`] for a take of
    /// another session.
    pub async fn end_take(&self, id: &CaseId, own: &OwnTake, end: EndOfTake) -> Result<()> {
        small(Some(&end.telemetry))?;
        let take = self.0.store.read().await?.take(&own.id).await?;
        let take = owned(take, id, own)?;
        let replaced = take.ended_at.is_some() && take.evidence_id.is_none();
        if replaced || self.now().await? >= take.expires_at {
            return over();
        }
        let mut script = self.script(&take).await?;
        script.ended = Some(end.clone());
        let sealed = self.seal(id, &script_name(&take.id), &script).await?;
        let record = match &take.evidence_id {
            Some(evidence) => self.ended_record(id, evidence, end).await?,
            None => None,
        };
        let mut tx = self.0.store.begin().await?;
        let locked = owned(tx.lock_take(&own.id).await?, id, own)?;
        tx.put_take_sealed(&locked.id, &sealed).await?;
        if let Some((name, bytes)) = record {
            tx.put_sealed(id, &name, &bytes).await?;
        }
        tx.commit().await?;
        Ok(())
    }

    async fn ended_record(
        &self,
        id: &CaseId,
        evidence: &EvidenceId,
        end: EndOfTake,
    ) -> Result<Option<(String, Vec<u8>)>> {
        let Some(mut record) = self.take_record(id, evidence).await? else {
            return Ok(None);
        };
        record.ended = Some(end);
        let name = record_name(evidence);
        let sealed = self.seal(id, &name, &record).await?;
        Ok(Some((name, sealed)))
    }

    /// The take that a piece of evidence came by, if it came by one.
    ///
    /// # Errors
    /// When the database or the key store does not answer.
    pub async fn take_record(
        &self,
        id: &CaseId,
        evidence: &EvidenceId,
    ) -> Result<Option<TakeRecord>> {
        self.unseal(id, &record_name(evidence)).await
    }

    /// What a finished upload says of its take: whether the evidence is live by it, and the record
    /// to keep. `None` without a take.
    pub(super) async fn record_of(
        &self,
        upload: &Upload,
        kind: EvidenceKind,
        bytes: &[u8],
    ) -> Result<Option<TakeRecord>> {
        let Some(id) = &upload.take_id else {
            return Ok(None);
        };
        let take = self.0.store.read().await?.take(id).await?;
        let Some(take) = take.filter(|take| take.case_id == upload.case_id) else {
            return Ok(None);
        };
        let now = self.now().await?;
        let script = self.script(&take).await?;
        let progress = progress_of(&take)?;
        let is_own = take.upload_id.as_ref() == Some(&upload.id);
        let is_video = kind == EvidenceKind::Video;
        let live = is_own && is_open(&take, now) && (is_video || from_a_canvas(bytes));
        let pace = u32::try_from(script.pace().as_millis()).unwrap_or(u32::MAX);
        Ok(Some(TakeRecord {
            take: take.id,
            kind,
            live,
            streamed: is_own && script.streams && upload.capture.as_deref() == Some(STREAMED),
            created_at: take.created_at,
            expires_at: take.expires_at,
            finished_at: now,
            sentence: script.sentence,
            digits: script.digits,
            reveals: progress.reveals,
            chunks: if is_own { progress.chunks } else { Vec::new() },
            pace_ms: if is_video { pace } else { 0 },
            slower: script.slower,
            camera: script.camera,
            ended: script.ended,
        }))
    }
}

/// How an upload is captured whose length was not known when it began.
pub(super) const STREAMED: &str = "streamed";

/// The take, if it is this case's and this session's.
pub(super) fn owned(take: Option<Take>, id: &CaseId, own: &OwnTake) -> Result<Take> {
    let session = SecretDigest::of(own.session.reveal().as_bytes());
    take.filter(|take| take.case_id == *id && take.session == session)
        .ok_or(EngineError::NotFound)
}

async fn within_a_day(tx: &mut Tx, id: &CaseId, kind: EvidenceKind) -> Result<()> {
    let since = tx.now().await? - DAY;
    let (many, first) = tx.takes_since(id, kind.name(), since).await?;
    let most = if kind == EvidenceKind::Video {
        VIDEOS_A_DAY
    } else {
        PHOTOS_A_DAY
    };
    match first {
        Some(first) if many >= most => Err(EngineError::Limited { until: first + DAY }),
        _ => Ok(()),
    }
}

/// Notes that a piece arrived, if its upload is the one that counts for an open take.
pub(super) async fn note_arrival(
    tx: &mut Tx,
    take: &TakeId,
    upload: &UploadId,
    offset: u64,
    len: u64,
) -> Result<()> {
    let now = tx.now().await?;
    let Some(take) = tx.lock_take(take).await? else {
        return Ok(());
    };
    if !is_open(&take, now) || take.upload_id.as_ref() != Some(upload) {
        return Ok(());
    }
    let mut progress = progress_of(&take)?;
    if progress.chunks.len() >= CHUNKS_MAX {
        return wrong("chunks_many", "That is too many pieces for one take.");
    }
    let at = now;
    progress.chunks.push(Arrival { offset, len, at });
    tx.put_take_progress(&take.id, &bytes_of(&progress)?)
        .await?;
    Ok(())
}
