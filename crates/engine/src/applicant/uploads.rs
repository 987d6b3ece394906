//! Resumable uploads: sealed chunks until the whole is there, then evidence like any other.

use recovery::evidence::{Capture, EvidenceKind};
use recovery::id::{CaseId, ContentDigest, UploadId};
use recovery::time::Span;
use store::{Advanced, NewUpload, Upload};
use vault::ObjectName;

use super::gathering::may_send;
use crate::engine::Engine;
use crate::error::{EngineError, Result};
use crate::inputs::UploadRequest;
use crate::views::{Received, UploadView};

/// How long an unfinished upload is kept (UX.md F).
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

impl Engine {
    /// Begins an upload.
    ///
    /// # Errors
    /// When it would be too large, or too many are open.
    pub async fn begin_upload(&self, id: &CaseId, request: UploadRequest) -> Result<UploadId> {
        let Some(length) = request.length else {
            return wrong(
                "length_missing",
                "Say how long the file is (Upload-Length).",
            );
        };
        let limit = self.0.limits.bytes_for(request.kind);
        if length > limit {
            return Err(evidence::MediaRefusal::TooLarge {
                bytes: length,
                limit,
            }
            .into());
        }
        if length == 0 {
            return wrong("length_zero", "The file is empty. Choose it again.");
        }
        let digest = match request.sha256.as_deref().map(hex_digest) {
            Some(None) => return wrong("digest_form", "The digest must be 64 hexadecimal digits."),
            Some(Some(digest)) => Some(digest),
            None => None,
        };
        // Nothing fills the disk before somebody proved an address.
        may_send(&self.case(id).await?)?;
        self.allow(&format!("upload/{id}"), UPLOADS_BURST, UPLOADS_PER_HOUR)
            .await?;
        let mut tx = self.0.store.begin().await?;
        let now = tx.now().await?;
        if tx.count_open_uploads(id).await? >= OPEN_MAX {
            return wrong("uploads_open", "Finish or cancel an upload first.");
        }
        let upload = self.random(|rng| UploadId::new(now, rng));
        let capture = match request.capture {
            Capture::Live => "live",
            Capture::NotLive => "not_live",
        };
        tx.create_upload(&NewUpload {
            id: &upload,
            case_id: id,
            kind: request.kind.name(),
            slot: "",
            length,
            declared_type: Some(&request.media_type),
            declared_digest: digest.as_ref(),
            capture: Some(capture),
            expires_at: now + LIFE,
        })
        .await?;
        tx.commit().await?;
        Ok(upload)
    }

    async fn own_upload(&self, id: &CaseId, upload: &UploadId) -> Result<Upload> {
        let found = self.0.store.read().await?.upload(upload).await?;
        found
            .filter(|found| found.case_id == *id && found.finished_at.is_none())
            .ok_or(EngineError::NotFound)
    }

    /// How far an upload is.
    ///
    /// # Errors
    /// [`EngineError::NotFound`] for another case's, a finished or an expired one.
    pub async fn upload(&self, id: &CaseId, upload: &UploadId) -> Result<UploadView> {
        let found = self.own_upload(id, upload).await?;
        Ok(UploadView {
            offset: found.received,
            length: Some(found.length),
            expires_at: found.expires_at,
        })
    }

    /// Takes the next chunk; the new offset comes back.
    ///
    /// # Errors
    /// `chunk_digest` when it was damaged on its way, `chunk_offset` when it does not begin where
    /// the upload stands.
    pub async fn append_chunk(
        &self,
        id: &CaseId,
        upload: &UploadId,
        offset: u64,
        bytes: Vec<u8>,
        sha256: Option<&str>,
    ) -> Result<u64> {
        let found = self.own_upload(id, upload).await?;
        if bytes.is_empty() || bytes.len() > CHUNK_MAX {
            return wrong("chunk_size", "A chunk has 1 byte to 4 MB.");
        }
        if found.received != offset {
            return wrong(
                "chunk_offset",
                format!("The upload stands at {}.", found.received),
            );
        }
        // Before anything is kept: what is too long must not become part of the whole.
        if offset.saturating_add(bytes.len() as u64) > found.length {
            return wrong("chunk_length", "That is more than was announced.");
        }
        let claimed = sha256.map(hex_digest);
        if claimed.is_some_and(|claimed| claimed != Some(ContentDigest::of(&bytes))) {
            return wrong(
                "chunk_digest",
                "The chunk was damaged on its way. Send it again.",
            );
        }
        self.0
            .vault
            .put_object(id, &ObjectName::chunk(upload, offset), &bytes)
            .await?;
        let mut tx = self.0.store.begin().await?;
        let advanced = tx
            .advance_upload(upload, offset, bytes.len() as u64)
            .await?;
        match advanced {
            Advanced::To(received) => {
                tx.commit().await?;
                Ok(received)
            }
            Advanced::OffsetIs(received) => {
                wrong("chunk_offset", format!("The upload stands at {received}."))
            }
            Advanced::TooLong => wrong("chunk_length", "That is more than was announced."),
            Advanced::Gone => Err(EngineError::NotFound),
        }
    }

    /// Puts the chunks together and takes the whole in as evidence.
    ///
    /// # Errors
    /// As [`Engine::put_evidence`]; `upload_digest` when the whole is not what was announced.
    pub async fn finish_upload(&self, id: &CaseId, upload: &UploadId) -> Result<Received> {
        let found = self.own_upload(id, upload).await?;
        if found.received < found.length {
            return wrong(
                "upload_short",
                format!("The upload stands at {}.", found.received),
            );
        }
        // The place is taken before the whole is put together in memory.
        let _place = self.intake()?;
        let prefix = format!("{upload}/");
        let names = self.0.vault.object_names(id).await?;
        let mut whole = Vec::new();
        for name in names
            .iter()
            .filter(|name| name.as_str().starts_with(&prefix))
        {
            whole.extend_from_slice(&self.0.vault.get_object(id, name).await?);
        }
        let other = |claimed: ContentDigest| claimed != ContentDigest::of(&whole);
        if whole.len() as u64 != found.length || found.declared_digest.is_some_and(other) {
            self.cancel_upload(id, upload).await?;
            return wrong(
                "upload_digest",
                "The file was damaged on its way. Send it again.",
            );
        }
        let kind = EvidenceKind::named(&found.kind).ok_or(EngineError::NotFound)?;
        let capture = match found.capture.as_deref() {
            Some("live") => Capture::Live,
            _ => Capture::NotLive,
        };
        let received = self
            .take_in(id, kind, capture, found.declared_type.as_deref(), whole)
            .await;
        // Taken in or refused, the pieces are not needed any more.
        if !matches!(received, Err(EngineError::Unavailable { .. })) {
            self.cancel_upload(id, upload).await?;
        }
        received
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

fn hex_digest(text: &str) -> Option<ContentDigest> {
    let lower = text.trim().to_ascii_lowercase();
    let plain = lower.len() == 64 && lower.bytes().all(|b| b.is_ascii_hexdigit());
    plain.then_some(ContentDigest(lower))
}
