//! Evidence, sending, and what the applicant decides about the case.

use recovery::actor::Actor;
use recovery::case::{Case, Command, Pathway, Refusal, State};
use recovery::document::DocumentKind;
use recovery::evidence::{Capture, EvidenceItem, EvidenceKind};
use recovery::id::{CaseId, ContentDigest, EvidenceId};
use store::Upload;
use tokio::sync::SemaphorePermit;
use vault::ObjectName;

use super::clues::{answered, recalled};
use super::look::Look;
use super::takes::record_name;
use crate::engine::Engine;
use crate::error::{EngineError, Result};
use crate::handle::{Attached, UploadEnd};
use crate::inputs::Clues;
use crate::media;
use crate::record::piece;
use crate::views::{Received, Shown};

/// Looks at media from one case per hour (UX.md B3 allows 50 takes a day; bursts are normal).
const TAKES_BURST: u32 = 60;
const TAKES_PER_HOUR: u32 = 30;

/// Choices of the kind of document per case and hour: each is an event, and events are for ever.
const CHOICES_BURST: u32 = 12;
const CHOICES_PER_HOUR: u32 = 6;

/// Where a file comes from.
#[derive(Clone, Copy)]
enum Source<'a> {
    /// By itself: a form, or a caller inside this program.
    File(Capture),
    /// By an upload, which may be made for a take.
    Upload(&'a Upload),
}

/// The newest take of this kind, if it is this very file, sent since the case was last sent or
/// returned: whoever did not get the answer sends it again and must not be told to take a new one.
fn just_sent<'a>(
    case: &'a Case,
    kind: EvidenceKind,
    digest: &ContentDigest,
) -> Option<&'a EvidenceItem> {
    case.evidence_of(kind)
        .filter(|item| case.retaken.contains(&kind) && item.digest == *digest)
}

fn too_large(bytes: &[u8], limit: u64) -> EngineError {
    let bytes = bytes.len() as u64;
    evidence::MediaRefusal::TooLarge { bytes, limit }.into()
}

fn received(evidence: EvidenceId, capture: Capture, look: Look) -> Received {
    Received {
        evidence,
        findings: look.findings,
        unchecked: look.unchecked,
        capture,
    }
}

impl Engine {
    /// Takes evidence in: limits, decoding, quality, sealing, and only then the case.
    ///
    /// # Errors
    /// [`EngineError::Media`] says what is wrong with the file; nothing is stored then.
    pub async fn put_evidence(
        &self,
        id: &CaseId,
        kind: EvidenceKind,
        capture: Capture,
        declared_type: Option<&str>,
        bytes: Vec<u8>,
    ) -> Result<Received> {
        let _place = self.intake()?;
        let source = Source::File(capture);
        self.take_in(id, kind, declared_type, bytes, source).await
    }

    /// Takes in the whole of an upload. It is live only by the take it was made for.
    pub(super) async fn take_in_upload(&self, upload: &Upload, bytes: Vec<u8>) -> Result<Received> {
        let kind = EvidenceKind::named(&upload.kind).ok_or(EngineError::NotFound)?;
        let (id, declared) = (&upload.case_id, upload.declared_type.as_deref());
        self.take_in(id, kind, declared, bytes, Source::Upload(upload))
            .await
    }

    /// What was answered when this upload was taken in, made anew from what was kept.
    pub(super) async fn received_before(&self, upload: &Upload) -> Result<Received> {
        let (id, evidence) = (&upload.case_id, &upload.evidence_id);
        let case = self.case(id).await?;
        let item = evidence.as_ref().and_then(|id| case.evidence_with(id));
        let item = item.ok_or(EngineError::NotFound)?;
        let name = ObjectName::from(&item.id);
        let bytes = self.0.vault.get_object(id, &name).await?.to_vec();
        let declared = upload.declared_type.as_deref();
        let (look, _) = self.quick_look(&case, item.kind, declared, bytes).await?;
        Ok(received(item.id.clone(), item.capture, look))
    }

    /// How evidence comes by its source, with what is to be stored beside it.
    async fn by_source(
        &self,
        source: Source<'_>,
        kind: EvidenceKind,
        evidence: &EvidenceId,
        bytes: &[u8],
    ) -> Result<(Capture, Attached)> {
        let mut attached = Attached::default();
        let upload = match source {
            Source::File(capture) => return Ok((capture, attached)),
            Source::Upload(upload) => upload,
        };
        let record = self.record_of(upload, kind, bytes).await?;
        let live = record.as_ref().is_some_and(|record| record.live);
        if let Some(record) = &record {
            let name = record_name(evidence);
            let sealed = self.seal(&upload.case_id, &name, record).await?;
            attached.named.push((name, sealed));
        }
        attached.upload = Some(UploadEnd {
            upload: upload.id.clone(),
            evidence: evidence.clone(),
            take: upload.take_id.clone().filter(|_| live),
        });
        let capture = if live {
            Capture::Live
        } else {
            Capture::NotLive
        };
        Ok((capture, attached))
    }

    /// A place for one more file in memory, until it is dropped.
    pub(super) fn intake(&self) -> Result<SemaphorePermit<'_>> {
        let place = self.0.intake.try_acquire();
        place.map_err(|_| EngineError::Unavailable {
            what: "the place where files arrive",
        })
    }

    async fn take_in(
        &self,
        id: &CaseId,
        kind: EvidenceKind,
        declared_type: Option<&str>,
        bytes: Vec<u8>,
        source: Source<'_>,
    ) -> Result<Received> {
        let case = self.case(id).await?;
        may_send(&case)?;
        let takes = format!("take/{id}");
        self.allow(&takes, TAKES_BURST, TAKES_PER_HOUR).await?;
        let limit = self.0.limits.bytes_for(kind);
        if bytes.len() as u64 > limit {
            return Err(too_large(&bytes, limit));
        }
        let digest = ContentDigest::of(&bytes);
        if let Some(item) = just_sent(&case, kind, &digest) {
            let (look, _) = self.quick_look(&case, kind, declared_type, bytes).await?;
            if let Source::Upload(upload) = source {
                let mut tx = self.0.store.begin().await?;
                tx.finish_upload(&upload.id, &item.id).await?;
                tx.commit().await?;
            }
            return Ok(received(item.id.clone(), item.capture, look));
        }
        if case.digests.contains(&digest) {
            return Err(Refusal::SameEvidence.into());
        }
        let size = bytes.len() as u64;
        let (look, bytes) = self.quick_look(&case, kind, declared_type, bytes).await?;
        let now = self.now().await?;
        let evidence = self.random(|rng| EvidenceId::new(now, rng));
        let (capture, attached) = self.by_source(source, kind, &evidence, &bytes).await?;
        let name = ObjectName::from(&evidence);
        self.0.vault.put_object(id, &name, &bytes).await?;
        if let Some(copy) = &look.copy {
            self.0
                .vault
                .put_object(id, &media::copy_name(&evidence)?, copy)
                .await?;
        }
        let item = EvidenceItem {
            id: evidence.clone(),
            kind,
            capture,
            digest,
            media_type: look.media_type.mime().to_owned(),
            bytes: size,
        };
        let command = Command::AddEvidence { item };
        if let Err(error) = self
            .handle(id, &Actor::Applicant, &command, &attached)
            .await
        {
            // Nothing is stored half: what the case refused is not kept either.
            self.0.vault.delete_object(id, &name).await?;
            if look.copy.is_some() {
                self.0
                    .vault
                    .delete_object(id, &media::copy_name(&evidence)?)
                    .await?;
            }
            return Err(error);
        }
        if let Err(error) = self.forget_replaced(&case, kind).await {
            tracing::warn!(case = %id, error = %error, "a replaced take is kept until the end");
        }
        Ok(received(evidence, capture, look))
    }

    /// A take that was replaced before it was ever sent is not kept: nobody has seen it, and two
    /// hundred videos of one case would fill the disk.
    async fn forget_replaced(&self, before: &Case, kind: EvidenceKind) -> Result<()> {
        if kind == EvidenceKind::Screenshot || !before.retaken.contains(&kind) {
            return Ok(());
        }
        if let Some(old) = before.evidence_of(kind) {
            let id = &before.id;
            self.0
                .vault
                .delete_object(id, &ObjectName::from(&old.id))
                .await?;
            self.0
                .vault
                .delete_object(id, &media::copy_name(&old.id)?)
                .await?;
            let mut tx = self.0.store.begin().await?;
            tx.forget_sealed(id, &record_name(&old.id)).await?;
            tx.commit().await?;
        }
        Ok(())
    }

    /// The applicant's own picture, as a copy without metadata.
    ///
    /// # Errors
    /// [`EngineError::NotFound`] for what is not this case's.
    pub async fn applicant_picture(&self, id: &CaseId, evidence: &EvidenceId) -> Result<Shown> {
        let case = self.case(id).await?;
        let item = case.evidence_with(evidence).ok_or(EngineError::NotFound)?;
        self.copy_of(id, item).await
    }

    pub(crate) async fn copy_of(&self, id: &CaseId, item: &EvidenceItem) -> Result<Shown> {
        let (name, media_type) = if item.kind == EvidenceKind::Video {
            (ObjectName::from(&item.id), item.media_type.clone())
        } else {
            (media::copy_name(&item.id)?, "image/jpeg".to_owned())
        };
        let bytes = self.0.vault.get_object(id, &name).await?;
        Ok(Shown {
            media_type,
            bytes: bytes.to_vec(),
        })
    }

    /// Keeps which kind of document the applicant says they show: it decides whether a back is
    /// needed, and later checks compare the picture with it.
    ///
    /// # Errors
    /// When the case was sent and the front is not asked for again.
    pub async fn choose_document(&self, id: &CaseId, document: DocumentKind) -> Result<()> {
        self.allow(&format!("document/{id}"), CHOICES_BURST, CHOICES_PER_HOUR)
            .await?;
        self.applicant(id, Command::ChooseDocument { document })
            .await
    }

    /// Keeps what the applicant recalls, sealed. Nothing says whether any of it is right.
    ///
    /// # Errors
    /// [`EngineError::Input`] with the words of the page.
    pub async fn give_clues(&self, id: &CaseId, clues: Clues) -> Result<()> {
        let record = recalled(&clues, self.settings().platform_start_year)?;
        let answered = answered(&record);
        let attached = Attached {
            sealed: vec![(piece::CLUES, self.seal(id, piece::CLUES, &record).await?)],
            ..Attached::default()
        };
        let command = Command::GiveClues { answered };
        self.handle(id, &Actor::Applicant, &command, &attached)
            .await?;
        Ok(())
    }

    /// Sends the case.
    ///
    /// # Errors
    /// [`Refusal::PartsMissing`] while something required is missing.
    pub async fn submit(&self, id: &CaseId) -> Result<()> {
        self.applicant(
            id,
            Command::Submit {
                pathway: Pathway::Remote,
            },
        )
        .await
    }

    /// Stops one's own request.
    ///
    /// # Errors
    /// When the case is over, or new credentials are in force already.
    pub async fn withdraw(&self, id: &CaseId) -> Result<()> {
        self.applicant(id, Command::Withdraw).await
    }

    /// Says that an objection is wrong.
    ///
    /// # Errors
    /// When nothing can be disputed, or not any more.
    pub async fn dispute(&self, id: &CaseId) -> Result<()> {
        self.applicant(id, Command::Dispute).await
    }

    /// Asks other people, once.
    ///
    /// # Errors
    /// When nothing can be appealed, or not any more.
    pub async fn appeal(&self, id: &CaseId) -> Result<()> {
        self.applicant(id, Command::Appeal).await
    }

    async fn applicant(&self, id: &CaseId, command: Command) -> Result<()> {
        self.handle(id, &Actor::Applicant, &command, &Attached::default())
            .await?;
        Ok(())
    }
}

/// Whether a case can be sent anything now: the rules decide, but only after the bytes were looked
/// at and kept. Whoever has to show their side still may.
pub(super) fn may_send(case: &Case) -> Result<()> {
    if case.state != State::Gathering && case.proof_until().is_none() {
        return Err(Refusal::WrongStep.into());
    }
    if case.contact.is_none() {
        return Err(Refusal::ContactMissing.into());
    }
    Ok(())
}
