//! The person: record, document, note photo and video against one another, and what of all of it
//! finds the same picture again.

use evidence::reuse::{Part, prints, sound_print};
use face::{CaseFaces, FaceEngine, Probe, unavailable_findings};
use image::RgbImage;
use recovery::evidence::EvidenceKind;
use recovery::finding::{Finding, Outcome};
use recovery::id::ContentDigest;

use super::pictures::Seen;
use super::recording::Recording;
use super::shown::{self, Shown, ShownAs};
use super::{Context, Examined, Instruments, Piece, Still, Traces, VideoFacts};

/// What was seen of the person, piece by piece.
pub(super) struct Person<'a> {
    pub(super) stills: &'a [Still<'a>],
    pub(super) seen: Seen,
    pub(super) recording: Option<Recording>,
    pub(super) video: Option<&'a Piece>,
}

impl Person<'_> {
    fn newest(&self, kind: EvidenceKind) -> Option<&RgbImage> {
        let of_kind = |still: &&Still<'_>| still.piece.kind == kind;
        self.stills
            .iter()
            .rev()
            .find(of_kind)
            .map(|still| &still.picture.rgb)
    }

    fn facts(&self) -> Option<&VideoFacts> {
        self.recording.as_ref().and_then(|one| one.facts.as_ref())
    }

    /// Compares faces and gathers everything.
    pub(super) fn compare(self, context: &Context<'_>, tools: &Instruments) -> Examined {
        let front = self.seen.front.as_ref();
        let front = front.or_else(|| self.newest(EvidenceKind::IdFront));
        let note = self.newest(EvidenceKind::NotePhoto);
        let mut all = Examined {
            findings: findings(front, note, self.facts(), context, tools),
            ..Examined::default()
        };
        if let Some(face) = &tools.face {
            let frames = self.facts().map_or(&[][..], |facts| &facts.frames);
            let sides = [
                (ShownAs::FaceRecord, context.portrait),
                (ShownAs::FaceDocument, front),
                (ShownAs::FaceNote, note),
                (ShownAs::FaceVideo, frames.get(frames.len() / 2)),
            ];
            let upright = |(what, picture)| upright(face, what, picture);
            all.shown.extend(sides.into_iter().filter_map(upright));
        }
        all.traces = self.traces(tools);
        all.findings.extend(self.seen.findings);
        all.shown.extend(self.seen.shown);
        if let Some(recording) = self.recording {
            all.findings.extend(recording.findings);
            all.shown.extend(recording.shown);
            all.frames = recording
                .facts
                .map(|facts| facts.frames)
                .unwrap_or_default();
        }
        all
    }

    /// What finds the same pictures again.
    fn traces(&self, tools: &Instruments) -> Vec<Traces> {
        let mut all: Vec<Traces> = self
            .stills
            .iter()
            .map(|still| {
                let kind = still.piece.kind;
                let card = match kind {
                    EvidenceKind::IdFront => self.seen.front.as_ref(),
                    EvidenceKind::IdBack => self.seen.back.as_ref(),
                    EvidenceKind::NotePhoto => self.seen.held.as_ref(),
                    EvidenceKind::Video | EvidenceKind::Screenshot => None,
                };
                let face = match (&tools.face, kind) {
                    (Some(face), EvidenceKind::NotePhoto) => face.aligned_face(&still.picture.rgb),
                    _ => None,
                };
                let mut parts = vec![(Part::Whole, &still.picture.rgb)];
                parts.extend(card.map(|card| (Part::Card, card)));
                parts.extend(face.as_ref().map(|face| (Part::Face, face)));
                Traces {
                    id: still.piece.id.clone(),
                    kind,
                    pixels: Some(ContentDigest::of(still.picture.rgb.as_raw())),
                    prints: prints(&parts),
                }
            })
            .collect();
        if let (Some(facts), Some(piece)) = (self.facts(), self.video) {
            let frames: Vec<_> = facts
                .frames
                .iter()
                .map(|frame| (Part::Frame, frame))
                .collect();
            let mut found = prints(&frames);
            found.extend(sound_print(facts.sound.samples()));
            all.push(Traces {
                id: piece.id.clone(),
                kind: piece.kind,
                pixels: None,
                prints: found,
            });
        }
        all
    }
}

fn upright(face: &FaceEngine, what: ShownAs, picture: Option<&RgbImage>) -> Option<Shown> {
    shown::picture(what, &face.aligned_face(picture?)?)
}

fn findings(
    front: Option<&RgbImage>,
    note: Option<&RgbImage>,
    facts: Option<&VideoFacts>,
    context: &Context<'_>,
    tools: &Instruments,
) -> Vec<Finding> {
    let kinds = [
        EvidenceKind::IdFront,
        EvidenceKind::NotePhoto,
        EvidenceKind::Video,
    ];
    let Some(face) = &tools.face else {
        return unavailable_findings(&kinds);
    };
    let mut probes = Vec::new();
    if let Some(note) = note {
        probes.push(Probe {
            kind: EvidenceKind::NotePhoto,
            frames: std::slice::from_ref(note),
            times_ms: &[],
        });
    }
    if let Some(facts) = facts {
        probes.push(Probe {
            kind: EvidenceKind::Video,
            frames: &facts.frames,
            times_ms: &facts.frame_times_ms,
        });
    }
    let case = CaseFaces {
        kyc: context.portrait,
        document: front,
        probes: &probes,
    };
    let mut findings = face.findings(&case, &context.checks.face);
    if context.portrait.is_none() {
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
