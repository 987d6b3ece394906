//! Phase 1: the machine looks at everything that was sent.

use evidence::{Limits, MediaTools, decode_picture, inspect_video, quality};
use face::{Probe, unavailable_findings};
use image::RgbImage;
use platform::contract::{Dossier, ResolveRequest, ValueClass};
use recovery::case::{Case, Command, State};
use recovery::evidence::{EvidenceItem, EvidenceKind};
use recovery::finding::{Finding, Outcome};
use recovery::id::{CaseId, ContentDigest};
use recovery::policy::{Checks, Tier};
use recovery::sensitive::Sensitive;
use recovery::time::Span;
use vault::ObjectName;
use zeroize::Zeroizing;

use crate::engine::Engine;
use crate::error::EngineError;
use crate::handle::Attached;
use crate::media;
use crate::record::piece;
use crate::worker::{Done, Later};

/// How long the checks wait for the platform's answer about the account before they look again.
const ACCOUNT_WAIT: Span = Span::seconds(1);
/// Checks that come with the document and speech engines; until then nothing passes by machine.
const NOT_BUILT: [(&str, EvidenceKind); 2] = [
    ("document.same", EvidenceKind::IdFront),
    ("phrase.spoken", EvidenceKind::Video),
];

/// One piece of evidence with its bytes.
struct Piece {
    item: EvidenceItem,
    bytes: Zeroizing<Vec<u8>>,
}

/// What a look at the media gave.
struct Looked {
    findings: Vec<Finding>,
    frames: Vec<RgbImage>,
}

impl Engine {
    pub(crate) async fn run_checks(&self, id: &CaseId, round: u32) -> Result<Done, Later> {
        let case = self.case(id).await?;
        if case.state != State::Checking || case.round != round {
            return Ok(Done::nothing());
        }
        if !case.resolved {
            return Err(Later::At(self.now().await? + ACCOUNT_WAIT));
        }
        let dossier = match &case.account {
            Some(account) => Some(self.0.platform.dossier(account).await?),
            None => None,
        };
        let portrait = self.fetch_portrait(&case, dossier.as_ref()).await?;
        let looked = self.look(&case, portrait).await?;
        for (place, frame) in looked.frames.iter().enumerate() {
            let copy = media::jpeg(frame)?;
            self.0
                .vault
                .put_object(id, &media::frame_name(place)?, &copy)
                .await?;
        }
        let mut findings = looked.findings;
        findings.extend(self.contact_finding(id).await?);
        let mut attached = Attached::default();
        if let Some(dossier) = &dossier {
            attached.sealed.push((
                piece::DOSSIER,
                self.seal(id, piece::DOSSIER, dossier).await?,
            ));
        }
        let tier = dossier
            .as_ref()
            .map_or(Tier::High, |dossier| tier(dossier.value));
        let command = Command::FinishChecks {
            round,
            findings,
            tier,
        };
        Ok(Done {
            commands: vec![(id.clone(), command, attached)],
            ..Done::default()
        })
    }

    /// The portrait of the record, decoded and kept sealed for the reviewers.
    async fn fetch_portrait(
        &self,
        case: &Case,
        dossier: Option<&Dossier>,
    ) -> Result<Option<RgbImage>, Later> {
        let (Some(account), Some(dossier)) = (&case.account, dossier) else {
            return Ok(None);
        };
        if dossier.portrait.is_none() {
            return Ok(None);
        }
        let bytes = self.0.platform.portrait(account).await?;
        let limits = self.0.limits.clone();
        let decoded = self
            .look_at_media(move || decode_picture(&bytes, None, &limits).map(|p| p.rgb))
            .await?;
        // A portrait that cannot be read is no portrait: people decide then.
        let Ok(portrait) = decoded else {
            return Ok(None);
        };
        let copy = media::jpeg(&portrait)?;
        self.0
            .vault
            .put_object(&case.id, &media::portrait_name()?, &copy)
            .await?;
        Ok(Some(portrait))
    }

    async fn look(&self, case: &Case, portrait: Option<RgbImage>) -> Result<Looked, Later> {
        let mut pieces = Vec::with_capacity(case.evidence.len());
        for item in &case.evidence {
            let bytes = self
                .0
                .vault
                .get_object(&case.id, &ObjectName::from(&item.id))
                .await?;
            pieces.push(Piece {
                item: item.clone(),
                bytes,
            });
        }
        let engine = self.clone();
        let rules = self.rules(case.policy_version).await?;
        let limits = self.0.limits.clone();
        let tools = self.0.tools.clone();
        let looked = self
            .look_at_media(move || {
                let checks = &rules.policy.checks;
                look_at(&engine, &pieces, portrait.as_ref(), checks, &limits, &tools)
            })
            .await?;
        Ok(looked)
    }

    /// An address that the platform knows already is told to reviewers, never to the applicant.
    async fn contact_finding(&self, id: &CaseId) -> Result<Option<Finding>, Later> {
        let contact: Option<Sensitive<String>> = self.unseal(id, piece::CONTACT).await?;
        let Some(identifier) = contact else {
            return Ok(None);
        };
        let known = self
            .0
            .platform
            .resolve(&ResolveRequest { identifier })
            .await?
            .is_some();
        let outcome = if known {
            Outcome::Unsure
        } else {
            Outcome::Pass
        };
        Ok(Some(plain(
            "contact.unregistered",
            None,
            outcome,
            "platform",
        )))
    }
}

fn tier(value: ValueClass) -> Tier {
    match value {
        ValueClass::Small => Tier::Standard,
        ValueClass::Medium => Tier::Elevated,
        ValueClass::Large => Tier::High,
    }
}

fn plain(code: &str, kind: Option<EvidenceKind>, outcome: Outcome, engine: &str) -> Finding {
    Finding {
        kind,
        ..Finding::reviewer(code, outcome, engine)
    }
}

/// Decodes, judges quality and compares faces. Runs on a worker thread.
fn look_at(
    engine: &Engine,
    pieces: &[Piece],
    portrait: Option<&RgbImage>,
    checks: &Checks,
    limits: &Limits,
    tools: &MediaTools,
) -> Looked {
    let mut findings = Vec::new();
    let mut note: Option<RgbImage> = None;
    let mut frames: Vec<RgbImage> = Vec::new();
    for Piece { item, bytes } in pieces {
        if ContentDigest::of(bytes) != item.digest {
            findings.push(plain(
                "upload.intact",
                Some(item.kind),
                Outcome::Unsure,
                "sha256",
            ));
            continue;
        }
        if item.kind == EvidenceKind::Video {
            match inspect_video(bytes, Some(&item.media_type), limits, tools) {
                Ok(facts) => frames = facts.frames,
                Err(refusal) => findings.push(media_finding(item.kind, &refusal)),
            }
            continue;
        }
        match decode_picture(bytes, Some(&item.media_type), limits) {
            Ok(picture) => {
                findings.extend(quality(&picture, item.kind, &checks.image));
                if item.kind == EvidenceKind::NotePhoto {
                    note = Some(picture.rgb);
                }
            }
            Err(refusal) => findings.push(media_finding(item.kind, &refusal)),
        }
    }
    findings.extend(faces(engine, portrait, note.as_ref(), &frames));
    for (code, kind) in NOT_BUILT {
        findings.push(plain(code, Some(kind), Outcome::Unavailable, "none"));
    }
    Looked { findings, frames }
}

fn media_finding(kind: EvidenceKind, refusal: &evidence::MediaRefusal) -> Finding {
    let outcome = if refusal.is_unavailable() {
        Outcome::Unavailable
    } else {
        Outcome::Unsure
    };
    plain(refusal.code(), Some(kind), outcome, "media")
}

fn faces(
    engine: &Engine,
    portrait: Option<&RgbImage>,
    note: Option<&RgbImage>,
    frames: &[RgbImage],
) -> Vec<Finding> {
    let kinds = [EvidenceKind::NotePhoto, EvidenceKind::Video];
    let Some(face) = &engine.0.face else {
        return unavailable_findings(&kinds);
    };
    let mut probes = Vec::new();
    if let Some(note) = note {
        probes.push(Probe {
            kind: EvidenceKind::NotePhoto,
            frames: std::slice::from_ref(note),
        });
    }
    if !frames.is_empty() {
        probes.push(Probe {
            kind: EvidenceKind::Video,
            frames,
        });
    }
    let mut findings = face.findings(portrait, &probes);
    if portrait.is_none() {
        // Nobody on file: outwardly this must look like somebody else's account (statement 5), so
        // it is treated as no match. A person, not the machine, decides in the end either way.
        for finding in &mut findings {
            let compared = finding.code.starts_with("face.kyc_");
            if compared && finding.outcome == Outcome::Unavailable {
                finding.outcome = Outcome::Fail;
            }
        }
    }
    findings
}

impl Engine {
    /// Runs work on media on a thread of its own, a bounded number at a time.
    pub(crate) async fn look_at_media<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, EngineError> {
        let _place = self
            .0
            .media
            .acquire()
            .await
            .map_err(|_| EngineError::Unavailable {
                what: "the media worker",
            })?;
        tokio::task::spawn_blocking(work)
            .await
            .map_err(|error| EngineError::internal("media", &error))
    }
}
