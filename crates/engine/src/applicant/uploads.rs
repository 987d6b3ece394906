//! Resumable uploads: sealed chunks until the whole is there, then evidence like any other.

use recovery::evidence::EvidenceKind;
use recovery::id::{CaseId, ContentDigest, UploadId};
use recovery::time::Span;
use store::{Advanced, NewUpload, Tx, Upload};
use vault::ObjectName;

use super::fresh_face::FRESH_FACE;
use super::gathering::may_send;
use super::takes::{STREAMED, is_open, note_arrival, over, owned, progress_of};
use crate::engine::Engine;
use crate::error::{EngineError, Result};
use crate::inputs::{OwnTake, UploadChunk, UploadRequest};
use crate::views::{Received, UploadView};

/// How long an upload is kept (UX.md F); a finished one too, for whoever did not get the answer.
const LIFE: Span = Span::hours(24);
/// Unfinished uploads of one case.
const OPEN_MAX: u64 = 6;
/// Uploads that one case may begin at once, and each hour after that.
const UPLOADS_BURST: u32 = 30;
const UPLOADS_PER_HOUR: u32 = 30;
/// Bytes of one chunk.
pub(crate) const CHUNK_MAX: usize = 4 * 1024 * 1024;

fn wrong<T>(code: &'static str, sentence: impl Into<String>) -> Result<T> {
    Err(EngineError::Input {
        field: "upload",
        code,
        sentence: sentence.into(),
    })
}

fn stands<T>(at: u64) -> Result<T> {
    wrong("chunk_offset", format!("The upload stands at {at}."))
}

fn too_long<T>() -> Result<T> {
    wrong("chunk_length", "That is more than was announced.")
}

fn view(upload: &Upload) -> Result<UploadView> {
    Ok(UploadView {
        kind: EvidenceKind::named(&upload.kind).ok_or(EngineError::NotFound)?,
        offset: upload.received,
        length: (!upload.deferred).then_some(upload.length),
        expires_at: upload.expires_at,
        fresh_face: upload.slot == FRESH_FACE,
    })
}

impl Engine {
    /// Begins an upload.
    ///
    /// # Errors
    /// When it would be too large, or too many are open; `take_over`, `take_kind`, or
    /// [`EngineError::NotFound`] when its take is not one that it can be made for.
    pub async fn begin_upload(&self, id: &CaseId, request: UploadRequest) -> Result<UploadId> {
        let limit = self.0.limits.bytes_for(request.kind);
        let streams = request.take.is_some() && request.kind == EvidenceKind::Video;
        let length = match request.length {
            Some(length) => length,
            None if streams => limit,
            None => {
                let sentence = "Say how long the file is (Upload-Length).";
                return wrong("length_missing", sentence);
            }
        };
        if length > limit {
            let bytes = length;
            return Err(evidence::MediaRefusal::TooLarge { bytes, limit }.into());
        }
        if length == 0 {
            return wrong("length_zero", "The file is empty. Choose it again.");
        }
        let digest = request.sha256.as_deref().map(hex_digest).transpose()?;
        // Nothing fills the disk before somebody proved an address.
        let case = self.case(id).await?;
        let face = streams && self.face_wanted(&case).await?;
        if !face {
            may_send(&case)?;
        }
        self.allow(&format!("upload/{id}"), UPLOADS_BURST, UPLOADS_PER_HOUR)
            .await?;
        let mut tx = self.0.store.begin().await?;
        let now = tx.now().await?;
        let upload = self.random(|rng| UploadId::new(now, rng));
        if let Some(own) = &request.take {
            bind(&mut tx, id, own, request.kind, &upload).await?;
        }
        if tx.count_open_uploads(id).await? >= OPEN_MAX {
            return wrong("uploads_open", "Finish or cancel an upload first.");
        }
        let deferred = request.length.is_none();
        tx.create_upload(&NewUpload {
            id: &upload,
            case_id: id,
            kind: request.kind.name(),
            slot: if face { FRESH_FACE } else { "" },
            length,
            declared_type: Some(&request.media_type),
            declared_digest: digest.as_ref(),
            capture: deferred.then_some(STREAMED),
            expires_at: now + LIFE,
            take_id: request.take.as_ref().map(|own| &own.id),
            deferred,
        })
        .await?;
        tx.commit().await?;
        Ok(upload)
    }

    pub(super) async fn own_upload(&self, id: &CaseId, upload: &UploadId) -> Result<Upload> {
        let found = self.0.store.read().await?.upload(upload).await?;
        found
            .filter(|found| found.case_id == *id)
            .ok_or(EngineError::NotFound)
    }

    /// How far an upload is; a finished one stands at its end.
    ///
    /// # Errors
    /// [`EngineError::NotFound`] for another case's, or one that is no more.
    pub async fn upload(&self, id: &CaseId, upload: &UploadId) -> Result<UploadView> {
        view(&self.own_upload(id, upload).await?)
    }

    /// Takes the next chunk, and the length of the whole if it is said now. Says how far the upload
    /// is then.
    ///
    /// # Errors
    /// `chunk_digest` when it was damaged on its way, `chunk_offset` when it does not begin where
    /// the upload stands; `chunk_size`, `chunk_length`, `chunks_many`, `digest_missing`.
    pub async fn append_chunk(
        &self,
        id: &CaseId,
        upload: &UploadId,
        chunk: UploadChunk,
    ) -> Result<UploadView> {
        let found = self.own_upload(id, upload).await?;
        let UploadChunk { offset, bytes, .. } = &chunk;
        let (offset, len) = (*offset, bytes.len() as u64);
        let end = offset.saturating_add(len);
        if found.finished_at.is_some() {
            // Whoever did not get the last answer sends the end again.
            return if end == found.length {
                view(&found)
            } else {
                stands(found.received)
            };
        }
        let ends = chunk.total.unwrap_or(found.length) == end;
        if bytes.len() > CHUNK_MAX || (bytes.is_empty() && !ends) {
            return wrong("chunk_size", "A chunk has 1 byte to 4 MB.");
        }
        if found.received != offset {
            return stands(found.received);
        }
        let told = told(&found, &chunk)?;
        // Before anything is kept: what is too long must not become part of the whole.
        if end > told.as_ref().map_or(found.length, |(total, _)| *total) {
            return too_long();
        }
        let claimed = chunk.sha256.as_deref().map(hex_digest).transpose()?;
        if claimed.is_some_and(|claimed| claimed != ContentDigest::of(bytes)) {
            let sentence = "The chunk was damaged on its way. Send it again.";
            return wrong("chunk_digest", sentence);
        }
        if !bytes.is_empty() {
            let name = ObjectName::chunk(upload, offset);
            self.0.vault.put_object(id, &name, bytes).await?;
        }
        let mut tx = self.0.store.begin().await?;
        match tx.advance_upload(upload, offset, len).await? {
            Advanced::To(_) => {}
            Advanced::OffsetIs(received) => return stands(received),
            Advanced::TooLong => return too_long(),
            Advanced::Gone => return Err(EngineError::NotFound),
        }
        if let Some(take) = found.take_id.as_ref().filter(|_| len > 0) {
            note_arrival(&mut tx, take, upload, offset, len).await?;
        }
        if let Some((total, digest)) = told
            && !tx.settle_upload(upload, total, &digest).await?
        {
            return too_long();
        }
        let after = tx.upload(upload).await?.ok_or(EngineError::NotFound)?;
        tx.commit().await?;
        view(&after)
    }

    /// Puts the chunks together and takes the whole in as evidence. The same answer for one that
    /// was finished before.
    ///
    /// # Errors
    /// As [`Engine::put_evidence`]; `upload_digest` when the whole is not what was announced.
    pub async fn finish_upload(&self, id: &CaseId, upload: &UploadId) -> Result<Received> {
        let found = self.own_upload(id, upload).await?;
        if found.slot == FRESH_FACE {
            return Err(EngineError::NotFound);
        }
        if found.finished_at.is_some() {
            return Box::pin(self.received_before(&found)).await;
        }
        // The place is taken before the whole is put together in memory.
        let _place = self.intake()?;
        let Some(whole) = self.arrived(&found).await? else {
            let now = self.own_upload(id, upload).await?;
            return Box::pin(self.received_before(&now)).await;
        };
        // On the heap: decoding and deciding make it a large future.
        match Box::pin(self.take_in_upload(&found, whole)).await {
            Ok(received) => {
                if let Err(error) = self.forget_pieces(&found).await {
                    tracing::warn!(case = %id, error = %error, "pieces are kept until tomorrow");
                }
                Ok(received)
            }
            Err(error) => {
                let now = self.own_upload(id, upload).await?;
                if now.finished_at.is_some() {
                    return Box::pin(self.received_before(&now)).await;
                }
                let again = matches!(
                    error,
                    EngineError::Unavailable { .. }
                        | EngineError::Limited { .. }
                        | EngineError::MovedOn
                );
                if !again {
                    // Refused: the pieces are not needed any more.
                    self.forget_upload(&found).await?;
                }
                Err(error)
            }
        }
    }

    /// The whole of an upload; nothing where another request took it in, and its pieces away, just
    /// now.
    pub(super) async fn arrived(&self, upload: &Upload) -> Result<Option<Vec<u8>>> {
        if upload.deferred || upload.received < upload.length {
            let sentence = format!("The upload stands at {}.", upload.received);
            return wrong("upload_short", sentence);
        }
        let whole = self.whole(upload).await?;
        let other = |claimed: &ContentDigest| *claimed != ContentDigest::of(&whole);
        let damaged = upload.declared_digest.as_ref().is_some_and(other);
        if whole.len() as u64 == upload.length && !damaged {
            return Ok(Some(whole));
        }
        let now = self.own_upload(&upload.case_id, &upload.id).await?;
        if now.finished_at.is_some() {
            return Ok(None);
        }
        self.forget_upload(upload).await?;
        let sentence = "The file was damaged on its way. Send it again.";
        wrong("upload_digest", sentence)
    }

    async fn whole(&self, upload: &Upload) -> Result<Vec<u8>> {
        let prefix = format!("{}/", upload.id);
        let (vault, id) = (&self.0.vault, &upload.case_id);
        let names = vault.object_names(id).await?;
        let mut whole = Vec::new();
        for name in names
            .iter()
            .filter(|name| name.as_str().starts_with(&prefix))
        {
            whole.extend_from_slice(&vault.get_object(id, name).await?);
        }
        Ok(whole)
    }

    /// Forgets an upload and its chunks.
    ///
    /// # Errors
    /// [`EngineError::NotFound`] for another case's.
    pub async fn cancel_upload(&self, id: &CaseId, upload: &UploadId) -> Result<()> {
        let found = self.own_upload(id, upload).await?;
        self.forget_upload(&found).await
    }
}

/// Makes a new upload the one that counts for its take, if nothing of another one arrived.
async fn bind(
    tx: &mut Tx,
    id: &CaseId,
    own: &OwnTake,
    kind: EvidenceKind,
    upload: &UploadId,
) -> Result<()> {
    let now = tx.now().await?;
    let take = owned(tx.lock_take(&own.id).await?, id, own)?;
    if take.kind != kind.name() {
        return super::takes::wrong("take_kind", "This take is of another kind.");
    }
    if !is_open(&take, now) {
        return over();
    }
    if !progress_of(&take)?.chunks.is_empty() {
        return Ok(());
    }
    if let Some(empty) = &take.upload_id {
        tx.delete_upload(empty).await?;
    }
    tx.bind_take(&take.id, upload).await?;
    Ok(())
}

/// The length and digest that end a deferred upload, if they are said now.
fn told(upload: &Upload, chunk: &UploadChunk) -> Result<Option<(u64, ContentDigest)>> {
    let Some(total) = chunk.total.filter(|_| upload.deferred) else {
        return Ok(None);
    };
    let Some(digest) = &chunk.whole_sha256 else {
        return wrong(
            "digest_missing",
            "Say the digest of the whole with its length.",
        );
    };
    if total == 0 || total > upload.length {
        return too_long();
    }
    Ok(Some((total, hex_digest(digest)?)))
}

fn hex_digest(text: &str) -> Result<ContentDigest> {
    let lower = text.trim().to_ascii_lowercase();
    if lower.len() == 64 && lower.bytes().all(|b| b.is_ascii_hexdigit()) {
        return Ok(ContentDigest(lower));
    }
    wrong("digest_form", "The digest must be 64 hexadecimal digits.")
}
