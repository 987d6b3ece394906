//! Evidence, sending, and what the applicant decides about the case.

use evidence::{MediaType, decode_picture, inspect_video, quality, recognise, reviewer_copy};
use recovery::actor::Actor;
use recovery::case::{Case, Command, Pathway, Refusal, State};
use recovery::evidence::{Capture, EvidenceItem, EvidenceKind};
use recovery::finding::{Audience, Finding};
use recovery::id::{CaseId, ContentDigest, EvidenceId};
use tokio::sync::SemaphorePermit;
use vault::ObjectName;

use super::clues::ClueRecord;
use crate::engine::Engine;
use crate::error::{EngineError, Result};
use crate::handle::Attached;
use crate::inputs::Clues;
use crate::media;
use crate::record::piece;
use crate::views::{Received, Shown};

/// Looks at media from one case per hour (UX.md B3 allows 50 takes a day; bursts are normal).
const TAKES_BURST: u32 = 60;
const TAKES_PER_HOUR: u32 = 30;

/// What the quick look at arriving evidence gave.
struct Look {
    media_type: MediaType,
    copy: Option<Vec<u8>>,
    findings: Vec<Finding>,
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

fn received(evidence: EvidenceId, capture: Capture, look: Look) -> Received {
    let mut findings = look.findings;
    findings.retain(|finding| finding.audience == Audience::Applicant);
    Received {
        evidence,
        findings,
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
        self.take_in(id, kind, capture, declared_type, bytes).await
    }

    /// A place for one more file in memory, until it is dropped.
    pub(super) fn intake(&self) -> Result<SemaphorePermit<'_>> {
        let place = self.0.intake.try_acquire();
        place.map_err(|_| EngineError::Unavailable {
            what: "the place where files arrive",
        })
    }

    pub(super) async fn take_in(
        &self,
        id: &CaseId,
        kind: EvidenceKind,
        capture: Capture,
        declared_type: Option<&str>,
        bytes: Vec<u8>,
    ) -> Result<Received> {
        let case = self.case(id).await?;
        may_send(&case)?;
        self.allow(&format!("take/{id}"), TAKES_BURST, TAKES_PER_HOUR)
            .await?;
        let limit = self.0.limits.bytes_for(kind);
        if bytes.len() as u64 > limit {
            let bytes = bytes.len() as u64;
            return Err(evidence::MediaRefusal::TooLarge { bytes, limit }.into());
        }
        let digest = ContentDigest::of(&bytes);
        if let Some(item) = just_sent(&case, kind, &digest) {
            let (look, _) = self.quick_look(&case, kind, declared_type, bytes).await?;
            return Ok(received(item.id.clone(), item.capture, look));
        }
        if case.digests.contains(&digest) {
            return Err(Refusal::SameEvidence.into());
        }
        let size = bytes.len() as u64;
        let (look, bytes) = self.quick_look(&case, kind, declared_type, bytes).await?;
        let now = self.now().await?;
        let evidence = self.random(|rng| EvidenceId::new(now, rng));
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
            .handle(id, &Actor::Applicant, &command, &Attached::default())
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
        }
        Ok(())
    }

    async fn quick_look(
        &self,
        case: &Case,
        kind: EvidenceKind,
        declared_type: Option<&str>,
        bytes: Vec<u8>,
    ) -> Result<(Look, Vec<u8>)> {
        let declared = declared_type.map(str::to_owned);
        let rules = self.rules(case.policy_version).await?;
        let limits = self.0.limits.clone();
        let tools = self.0.tools.clone();
        self.look_at_media(move || {
            let declared = declared.as_deref();
            if kind == EvidenceKind::Video {
                let look = look_at_video(&bytes, declared, &limits, &tools)?;
                return Ok((look, bytes));
            }
            let picture = decode_picture(&bytes, declared, &limits)?;
            let findings = quality(&picture, kind, &rules.policy.checks.image);
            let copy = reviewer_copy(&picture, media::COPY_SIDE)?;
            let look = Look {
                media_type: picture.media_type,
                copy: Some(copy),
                findings,
            };
            Ok((look, bytes))
        })
        .await?
        .map_err(EngineError::Media)
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

    /// Keeps what the applicant recalls, sealed. Nothing says whether any of it is right.
    ///
    /// # Errors
    /// [`EngineError::Input`] with the words of the page.
    pub async fn give_clues(&self, id: &CaseId, clues: Clues) -> Result<()> {
        let record = ClueRecord::check(&clues, self.settings().platform_start_year)?;
        let answered = record.answered();
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

    /// Somebody seems to be telling the applicant what to do: seniors see a private flag.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn flag_pressure(&self, id: &CaseId) -> Result<()> {
        let sealed = self.seal(id, piece::FLAGS, &vec!["pressure"]).await?;
        let mut tx = self.0.store.begin().await?;
        tx.put_sealed(id, piece::FLAGS, &sealed).await?;
        tx.commit().await?;
        Ok(())
    }
}

/// Whether a case can be sent anything now: the rules decide, but only after the bytes were looked
/// at and kept. A stopped case still takes in what its side has to show.
pub(super) fn may_send(case: &Case) -> Result<()> {
    if !matches!(case.state, State::Gathering | State::Stopped) {
        return Err(Refusal::WrongStep.into());
    }
    if case.contact.is_none() {
        return Err(Refusal::ContactMissing.into());
    }
    Ok(())
}

/// A video is looked at where the tools are there; without them it is kept for people and the
/// later check says that it could not look.
fn look_at_video(
    bytes: &[u8],
    declared: Option<&str>,
    limits: &evidence::Limits,
    tools: &evidence::MediaTools,
) -> std::result::Result<Look, evidence::MediaRefusal> {
    let media_type = match inspect_video(bytes, declared, limits, tools) {
        Ok(facts) => facts.container,
        Err(refusal) if refusal.is_unavailable() => recognise(bytes)?,
        Err(refusal) => return Err(refusal),
    };
    Ok(Look {
        media_type,
        copy: None,
        findings: Vec::new(),
    })
}
