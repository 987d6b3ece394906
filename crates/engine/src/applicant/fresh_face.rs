//! A face shown afresh at the handover, in place of the case key (M20): one video, recorded in the
//! page while its digits are revealed, compared with the portrait on record. The machine alone
//! looks, so anything but a pass on every finding that policy names leaves the key, or people.

use evidence::decode_picture;
use image::RgbImage;
use recovery::actor::Actor;
use recovery::case::{Case, Command, Refusal, faces_left};
use recovery::evidence::EvidenceKind;
use recovery::finding::Finding;
use recovery::id::{CaseId, ContentDigest, EvidenceId, UploadId};
use recovery::sensitive::Sensitive;
use recovery::time::Span;
use store::{NewSecret, SecretDigest, Upload};
use zeroize::Zeroizing;

use crate::effects::video_take;
use crate::engine::Engine;
use crate::error::{EngineError, Result};
use crate::examine::{CameraReport, Piece};
use crate::handle::{Attached, UploadEnd};
use crate::media;
use crate::takes::TakeRecord;
use crate::views::FreshFaceView;
use crate::when;

/// Marks an upload that is such a video, and the secret of the session in which it passed.
pub(crate) const FRESH_FACE: &str = "fresh_face";

impl Engine {
    /// Whether a video that is recorded now is a face shown afresh.
    pub(super) async fn face_wanted(&self, case: &Case) -> Result<bool> {
        let rules = self.rules(case.policy_version).await?;
        Ok(faces_left(case, &rules.policy, self.now().await?).is_ok())
    }

    /// What a session may do about a fresh face.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn fresh_face(
        &self,
        id: &CaseId,
        session: &Sensitive<String>,
    ) -> Result<FreshFaceView> {
        let case = self.case(id).await?;
        let rules = self.rules(case.policy_version).await?;
        let now = self.now().await?;
        let open = match faces_left(&case, &rules.policy, now) {
            Ok(left) => FreshFaceView::Open {
                left,
                failed: case.handover.faces_failed > 0,
            },
            Err(Refusal::FacesUsed) => FreshFaceView::UsedUp,
            Err(_) => return Ok(FreshFaceView::NotOffered),
        };
        let (Some(at), Some(rule)) = (case.handover.face_at, &rules.policy.fresh_face) else {
            return Ok(open);
        };
        let until = at + Span::minutes(rule.minutes);
        if now < until && self.face_passed_in(id, session).await? {
            return Ok(FreshFaceView::Passed { until });
        }
        Ok(open)
    }

    /// Whether the newest face passed in this very session.
    pub(super) async fn face_passed_in(
        &self,
        id: &CaseId,
        session: &Sensitive<String>,
    ) -> Result<bool> {
        let digest = self.face_secret(session);
        let reader = &mut self.0.store.read().await?;
        let found = reader.peek_secret(&digest, FRESH_FACE).await?;
        Ok(found.is_some_and(|secret| secret.case_id.as_ref() == Some(id)))
    }

    fn face_secret(&self, session: &Sensitive<String>) -> SecretDigest {
        self.keyed_digest(FRESH_FACE, session.reveal())
    }

    /// Looks at a face whose video has arrived, and keeps the findings; the video is not kept. The
    /// same answer for one that was looked at before.
    ///
    /// # Errors
    /// `upload_digest` when the whole is not what was announced; the refusals of the rules.
    pub async fn finish_fresh_face(
        &self,
        id: &CaseId,
        upload: &UploadId,
        session: &Sensitive<String>,
    ) -> Result<()> {
        let found = self.own_upload(id, upload).await?;
        if found.slot != FRESH_FACE {
            return Err(EngineError::NotFound);
        }
        if found.finished_at.is_some() {
            return Ok(());
        }
        let _place = self.intake()?;
        let Some(whole) = self.arrived(&found).await? else {
            return Ok(());
        };
        let case = self.case(id).await?;
        if !self.face_wanted(&case).await? {
            self.forget_upload(&found).await?;
            return Err(Refusal::WrongStep.into());
        }
        let record = self.record_of(&found, EvidenceKind::Video, &whole).await?;
        let record = record.filter(|record| record.live);
        let take = record.as_ref().map(|record| record.take.clone());
        let piece = self.piece_of(&case, &found, whole, record.as_ref()).await?;
        let findings = Box::pin(self.look_at_face(&case, piece)).await?;
        let now = self.now().await?;
        let attached = Attached {
            upload: Some(UploadEnd {
                upload: found.id.clone(),
                evidence: self.random(|rng| EvidenceId::new(now, rng)),
                take,
            }),
            ..Attached::default()
        };
        let command = Command::ShowFace { findings };
        let case = self.handle(id, &Actor::System, &command, &attached).await?;
        if case.handover.face_at.is_some() {
            self.remember_face(&case, session).await?;
        }
        if let Err(error) = self.forget_pieces(&found).await {
            tracing::warn!(case = %id, error = %error, "pieces are kept until tomorrow");
        }
        Ok(())
    }

    /// Ties a pass to the session in which it was shown.
    async fn remember_face(&self, case: &Case, session: &Sensitive<String>) -> Result<()> {
        let rules = self.rules(case.policy_version).await?;
        let Some(rule) = &rules.policy.fresh_face else {
            return Ok(());
        };
        let mut tx = self.0.store.begin().await?;
        let expires_at = tx.now().await? + Span::minutes(rule.minutes);
        tx.put_secret(&NewSecret {
            digest: self.face_secret(session),
            purpose: FRESH_FACE,
            case_id: Some(&case.id),
            subject: "applicant",
            expires_at,
        })
        .await?;
        tx.commit().await?;
        Ok(())
    }

    async fn piece_of(
        &self,
        case: &Case,
        upload: &Upload,
        whole: Vec<u8>,
        record: Option<&TakeRecord>,
    ) -> Result<Piece> {
        let now = self.now().await?;
        let zone = self.zone_of(case).await?;
        Ok(Piece {
            id: self.random(|rng| EvidenceId::new(now, rng)),
            kind: EvidenceKind::Video,
            media_type: upload.declared_type.clone(),
            digest: ContentDigest::of(&whole),
            bytes: Zeroizing::new(whole),
            day: when::civil(now, zone.as_deref()),
            take: record.map(video_take),
            camera: record.map(CameraReport::from),
        })
    }

    /// What is found in the video alone.
    async fn look_at_face(&self, case: &Case, piece: Piece) -> Result<Vec<Finding>> {
        let portrait = self.kept_portrait(case).await?;
        let examined = self
            .look_at_pieces(case, vec![piece], None, portrait)
            .await?;
        let mut findings = examined.findings;
        findings.retain(|finding| finding.kind == Some(EvidenceKind::Video));
        Ok(findings)
    }

    /// The portrait of the record as it was when the checks ran; none where there was none, or it
    /// cannot be read.
    async fn kept_portrait(&self, case: &Case) -> Result<Option<RgbImage>> {
        let name = media::portrait_name()?;
        let bytes = match self.0.vault.get_object(&case.id, &name).await {
            Ok(bytes) => bytes,
            Err(vault::VaultError::Missing) => return Ok(None),
            Err(error) => return Err(error.into()),
        };
        let limits = self.0.limits.clone();
        let decoded = self
            .look_at_media(move || decode_picture(&bytes, None, &limits).map(|p| p.rgb))
            .await?;
        Ok(decoded.ok())
    }
}
