//! The person: record, document, note photo and video against one another, and what of all of it
//! finds the same picture again.

use evidence::reuse::{Part, Print, prints, sound_print};
use face::{CaseFaces, Probe, unavailable_findings};
use image::RgbImage;
use recovery::evidence::EvidenceKind;
use recovery::finding::{Finding, Outcome};
use recovery::id::ContentDigest;

use super::pictures::Seen;
use super::recording::Recording;
use super::shown::{self, Shown, ShownAs};
use super::{Context, Examined, Instruments, Piece, Still, VideoFacts, broke, newest};
use crate::reuse::ReusePiece;

/// What was seen of the person, piece by piece.
pub(super) struct Person<'a> {
    pub(super) stills: &'a [Still<'a>],
    pub(super) seen: Seen,
    pub(super) recording: Option<Recording>,
    pub(super) video: Option<&'a Piece>,
    /// Kinds of pieces of which none could be opened.
    pub(super) unopened: Vec<EvidenceKind>,
}

impl Person<'_> {
    fn newest(&self, kind: EvidenceKind) -> Option<&RgbImage> {
        newest(self.stills, kind).map(|still| &still.picture.rgb)
    }

    fn facts(&self) -> Option<&VideoFacts> {
        self.recording.as_ref().and_then(|one| one.facts.as_ref())
    }

    /// Compares faces and gathers everything.
    pub(super) fn compare(self, context: &Context<'_>, tools: &Instruments) -> Examined {
        let front = self.seen.front.as_ref();
        let front = front.or_else(|| self.newest(EvidenceKind::IdFront));
        let note = self.newest(EvidenceKind::NotePhoto);
        let of_note = tools.face.as_ref().zip(note);
        let of_note = of_note.and_then(|(face, note)| face.aligned_face(note));
        let mut all = Examined::default();
        let (found, upright, traces) = std::thread::scope(|scope| {
            let traces = scope.spawn(|| self.traces(of_note.as_ref()));
            let upright = scope.spawn(|| self.upright(front, of_note.as_ref(), context, tools));
            let found = findings(front, note, self.facts(), context, tools);
            (found, upright.join(), traces.join())
        });
        // A face that cannot be embedded is not there: what is told then is `unavailable`.
        let kept = tools.face.as_ref().zip(note.filter(|_| context.gallery));
        all.face = kept.and_then(|(face, note)| {
            let embedded = face.gallery_face(note, &context.checks.face);
            embedded.ok().flatten()
        });
        all.findings = found;
        // Without its prints a picture could be used again, and reviewers want the faces side by
        // side: where either broke, people are told.
        let mut broken = || all.findings.extend(broke(EvidenceKind::NotePhoto));
        all.shown = upright.inspect_err(|_| broken()).unwrap_or_default();
        all.traces = traces.inspect_err(|_| broken()).unwrap_or_default();
        if tools.face.is_some() {
            // Without an engine every kind is told already.
            all.findings.extend(unavailable_findings(&self.unopened));
        }
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

    /// The faces, upright, for the reviewers.
    fn upright(
        &self,
        front: Option<&RgbImage>,
        of_note: Option<&RgbImage>,
        context: &Context<'_>,
        tools: &Instruments,
    ) -> Vec<Shown> {
        let Some(face) = &tools.face else {
            return Vec::new();
        };
        let frames = self.facts().map_or(&[][..], |facts| &facts.frames);
        let upright = |picture: Option<&RgbImage>| face.aligned_face(picture?);
        let sides = [
            (ShownAs::FaceRecord, upright(context.portrait)),
            (ShownAs::FaceDocument, upright(front)),
            (ShownAs::FaceNote, of_note.cloned()),
            (
                ShownAs::FaceVideo,
                outward(frames).find_map(|frame| upright(Some(frame))),
            ),
        ];
        let shown = |(what, face): (_, Option<RgbImage>)| shown::picture(what, &face?);
        sides.into_iter().filter_map(shown).collect()
    }

    /// What finds the same pictures again; `face` is that of the note photo, upright.
    fn traces(&self, face: Option<&RgbImage>) -> Vec<ReusePiece> {
        let of_still = |still: &Still<'_>| {
            let kind = still.piece.kind;
            let (card, face) = match kind {
                EvidenceKind::IdFront => (self.seen.front.as_ref(), None),
                EvidenceKind::IdBack => (self.seen.back.as_ref(), None),
                EvidenceKind::NotePhoto => (self.seen.held.as_ref(), face),
                EvidenceKind::Video | EvidenceKind::Screenshot => (None, None),
            };
            let rgb = &still.picture.rgb;
            let mut parts = vec![(Part::Whole, rgb)];
            parts.extend(card.map(|card| (Part::Card, card)));
            parts.extend(face.map(|face| (Part::Face, face)));
            trace(
                still.piece,
                Some(ContentDigest::of(rgb.as_raw())),
                prints(&parts),
            )
        };
        let mut all: Vec<ReusePiece> = self.stills.iter().map(of_still).collect();
        if let (Some(facts), Some(piece)) = (self.facts(), self.video) {
            let frames = facts.frames.iter().map(|frame| (Part::Frame, frame));
            let mut found = prints(&frames.collect::<Vec<_>>());
            found.extend(sound_print(facts.sound.samples()));
            all.push(trace(piece, None, found));
        }
        all
    }
}

/// From the middle to both ends, by turns: hands reach for the button at begin and end.
fn outward<T>(all: &[T]) -> impl Iterator<Item = &T> {
    let (before, after) = all.split_at(all.len() / 2);
    let pair = |step| [after.get(step), before.iter().rev().nth(step)];
    (0..after.len()).flat_map(pair).flatten()
}

fn trace(piece: &Piece, pixels: Option<ContentDigest>, prints: Vec<Print>) -> ReusePiece {
    ReusePiece {
        evidence: piece.id.clone(),
        kind: piece.kind,
        file: piece.digest.clone(),
        pixels,
        prints,
    }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_face_is_looked_for_from_the_middle_outward_in_every_frame() {
        let walk = |frames: &[u8]| outward(frames).copied().collect::<Vec<_>>();
        assert_eq!(walk(&[0, 1, 2, 3, 4]), [2, 1, 3, 0, 4]);
        assert_eq!(walk(&[0, 1, 2, 3]), [2, 1, 3, 0]);
        assert_eq!(walk(&[0]), [0]);
        assert!(walk(&[]).is_empty());
    }
}
