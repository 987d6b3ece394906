//! The quick look at arriving evidence: whether it can be opened, and what the applicant hears at
//! once.

use evidence::{
    Limits, MediaRefusal, MediaType, inspect_video, note, open_still, quick, recognise,
    reviewer_copy, take_findings,
};
use face::{FaceEngine, FaceError};
use image::RgbImage;
use recovery::case::Case;
use recovery::evidence::EvidenceKind;
use recovery::finding::{Audience, Finding};
use recovery::policy::Checks;

use crate::engine::Engine;
use crate::error::{EngineError, Result};
use crate::examine::Instruments;
use crate::media;

/// What the quick look at arriving evidence gave.
pub(super) struct Look {
    pub(super) media_type: MediaType,
    pub(super) copy: Option<Vec<u8>>,
    /// What the applicant may hear, passed checks included.
    pub(super) findings: Vec<Finding>,
    /// What should have looked could not.
    pub(super) unchecked: bool,
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
        let engine = self.clone();
        self.look_at_media(move || {
            let looking = Looking {
                checks: &rules.policy.checks,
                limits: &engine.0.limits,
                tools: &engine.0.instruments,
            };
            let look = looking.at(&bytes, declared.as_deref(), kind)?;
            Ok((look, bytes))
        })
        .await?
        .map_err(EngineError::Media)
    }
}

/// What looks, and by which thresholds.
struct Looking<'a> {
    checks: &'a Checks,
    limits: &'a Limits,
    tools: &'a Instruments,
}

impl Looking<'_> {
    fn at(
        &self,
        bytes: &[u8],
        declared: Option<&str>,
        kind: EvidenceKind,
    ) -> std::result::Result<Look, MediaRefusal> {
        let mut look = if kind == EvidenceKind::Video {
            self.video(bytes, declared)?
        } else {
            self.still(bytes, declared, kind)?
        };
        // What speaks of attack or likeness must not leave with the answer.
        look.findings
            .retain(|finding| finding.audience == Audience::Applicant);
        Ok(look)
    }

    fn still(
        &self,
        bytes: &[u8],
        declared: Option<&str>,
        kind: EvidenceKind,
    ) -> std::result::Result<Look, MediaRefusal> {
        let media_type = recognise(bytes)?;
        let pages = open_still(bytes, declared, kind, self.limits, &self.tools.media)?;
        let picture = pages.first().ok_or(MediaRefusal::Empty)?;
        let mut findings = quick(picture, kind, self.checks);
        let mut unchecked = false;
        if let (EvidenceKind::NotePhoto, Some(face)) = (kind, &self.tools.face) {
            match self.note_photo(&picture.rgb, face) {
                Ok(more) => findings.extend(more),
                Err(_) => unchecked = true,
            }
        }
        Ok(Look {
            media_type,
            copy: Some(reviewer_copy(&picture.rgb, media::COPY_SIDE)?),
            findings,
            unchecked,
        })
    }

    /// Whether one face, a note and the document are there. What the note says is read later: that
    /// takes a program more than the second in which a photo is answered.
    fn note_photo(
        &self,
        picture: &RgbImage,
        face: &FaceEngine,
    ) -> std::result::Result<Vec<Finding>, FaceError> {
        let first = face.first_look(picture, EvidenceKind::NotePhoto, &self.checks.face)?;
        let faces = first.faces.iter().map(|face| face.bounds.rectangle());
        let faces: Vec<[f64; 4]> = faces.collect();
        let mut findings = first.findings;
        findings.extend(note(picture, &faces, self.checks).findings);
        Ok(findings)
    }

    /// A video is looked at where the tools are there; without them it is kept for people, and the
    /// later check says that it could not look. What was said, and whether it was sent while it was
    /// recorded, is left for that check.
    fn video(
        &self,
        bytes: &[u8],
        declared: Option<&str>,
    ) -> std::result::Result<Look, MediaRefusal> {
        let mut look = Look {
            media_type: recognise(bytes)?,
            copy: None,
            findings: Vec::new(),
            unchecked: false,
        };
        match inspect_video(bytes, declared, self.limits, &self.tools.media) {
            Ok(facts) => look.findings = take_findings(&facts, None, &self.checks.video),
            Err(refusal) if refusal.is_unavailable() => look.unchecked = true,
            Err(refusal) => return Err(refusal),
        }
        Ok(look)
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::disallowed_methods, clippy::print_stderr)]
#[path = "look/tests.rs"]
mod tests;
