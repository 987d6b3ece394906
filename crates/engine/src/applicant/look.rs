//! The quick look at arriving evidence: whether it can be opened, and what the applicant hears at
//! once.

use evidence::{MediaType, inspect_video, open_still, quick, recognise, reviewer_copy};
use recovery::case::Case;
use recovery::evidence::EvidenceKind;
use recovery::finding::Finding;

use crate::engine::Engine;
use crate::error::{EngineError, Result};
use crate::media;

/// What the quick look at arriving evidence gave.
pub(super) struct Look {
    pub(super) media_type: MediaType,
    pub(super) copy: Option<Vec<u8>>,
    pub(super) findings: Vec<Finding>,
}

impl Engine {
    pub(super) async fn quick_look(
        &self,
        case: &Case,
        kind: EvidenceKind,
        declared_type: Option<&str>,
        bytes: Vec<u8>,
    ) -> Result<(Look, Vec<u8>)> {
        let declared = declared_type.map(str::to_owned);
        let rules = self.rules(case.policy_version).await?;
        let limits = self.0.limits.clone();
        let tools = self.0.instruments.media.clone();
        self.look_at_media(move || {
            let declared = declared.as_deref();
            if kind == EvidenceKind::Video {
                let look = look_at_video(&bytes, declared, &limits, &tools)?;
                return Ok((look, bytes));
            }
            let media_type = recognise(&bytes)?;
            let pages = open_still(&bytes, declared, kind, &limits, &tools)?;
            let picture = pages.first().ok_or(evidence::MediaRefusal::Empty)?;
            let findings = quick(picture, kind, &rules.policy.checks);
            let copy = reviewer_copy(&picture.rgb, media::COPY_SIDE)?;
            let look = Look {
                media_type,
                copy: Some(copy),
                findings,
            };
            Ok((look, bytes))
        })
        .await?
        .map_err(EngineError::Media)
    }
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
