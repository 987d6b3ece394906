//! Faces of a case: the evidence against the portrait of the KYC record.

use image::RgbImage;
use models::Bands;
use recovery::evidence::EvidenceKind;
use recovery::finding::{Finding, Outcome};

use crate::embed::{Similarity, Verdict, thousandths};
use crate::engine::{FaceEngine, LookedAt};
use crate::error::FaceError;
use crate::quality::QualityIssue;
use crate::stopwatch::Stopwatch;

/// The person in the note photo against the KYC portrait (reviewers).
pub const CODE_KYC_NOTE: &str = "face.kyc_note";
/// The person in the video against the KYC portrait: the median over the frames (reviewers).
pub const CODE_KYC_VIDEO: &str = "face.kyc_video";
/// One and the same person throughout the video: the least similarity of two consecutive frames
/// (reviewers).
pub const CODE_VIDEO_SAME: &str = "face.video_same";
/// No face where one must be (applicant, retake).
pub const CODE_NONE: &str = "face.none";
/// More than one person: a second one as prominent as the first (applicant, retake), or somebody
/// in the background (reviewers, unsure).
pub const CODE_SEVERAL: &str = "face.several";
/// The face, or the KYC portrait, is not good enough to be compared (reviewers).
pub const CODE_QUALITY: &str = "face.quality";

/// The engine named in findings when there is none.
pub const ANY_ENGINE: &str = "face/none";

/// Most frames of a video looked at; more are thinned out evenly.
pub const MAX_FRAMES: usize = 12;
/// A video must show a face in at least one of this many frames...
const FACE_IN_ONE_OF: usize = 2;
/// ... and it shows several people when one of this many frames does.
const SEVERAL_IN_ONE_OF: usize = 4;

/// Evidence that shows the applicant's face.
pub struct Probe<'a> {
    /// [`EvidenceKind::NotePhoto`] or [`EvidenceKind::Video`]; other kinds are not looked at.
    pub kind: EvidenceKind,
    /// The picture, or frames of the video in order.
    pub frames: &'a [RgbImage],
}

/// The findings when no model is at hand, or the check broke: never a pass.
#[must_use]
pub fn unavailable_findings(kinds: &[EvidenceKind]) -> Vec<Finding> {
    let codes = kinds
        .iter()
        .flat_map(|kind| codes(*kind).iter().map(move |code| (*kind, *code)));
    codes
        .map(|(kind, code)| unavailable(kind, code, ANY_ENGINE, 0))
        .collect()
}

/// Every code that a piece of evidence gets when all goes well.
fn codes(kind: EvidenceKind) -> &'static [&'static str] {
    match kind {
        EvidenceKind::NotePhoto => &[CODE_KYC_NOTE],
        EvidenceKind::Video => &[CODE_KYC_VIDEO, CODE_VIDEO_SAME],
        _ => &[],
    }
}

fn unavailable(kind: EvidenceKind, code: &str, engine: &str, took_ms: u32) -> Finding {
    Finding::unavailable(code, engine).about(kind).took(took_ms)
}

/// What counts of a portrait or of all frames of a probe.
struct Seen {
    frames: Vec<LookedAt>,
    took_ms: u32,
}

impl Seen {
    fn with_face(&self) -> impl Iterator<Item = &LookedAt> {
        self.frames.iter().filter(|seen| seen.embedding.is_some())
    }

    fn enough_faces(&self) -> bool {
        let with_face = self.with_face().count();
        with_face > 0 && with_face.saturating_mul(FACE_IN_ONE_OF) >= self.frames.len()
    }

    fn several(&self) -> bool {
        self.frames.iter().any(LookedAt::several)
    }

    /// Whether a second person is there for long enough to be no accident.
    fn second_person(&self) -> bool {
        let count = self
            .frames
            .iter()
            .filter(|seen| seen.second_person())
            .count();
        count > 0 && count.saturating_mul(SEVERAL_IN_ONE_OF) >= self.frames.len()
    }

    /// What is wrong with the face in at least half of the frames that have one.
    fn weakness(&self) -> Option<QualityIssue> {
        let all = self.with_face().count();
        let weak: Vec<_> = self
            .with_face()
            .filter_map(|seen| seen.issues().first().copied())
            .collect();
        weak.first()
            .copied()
            .filter(|_| weak.len().saturating_mul(2) >= all)
    }

    /// Whether a score against it may pass or fail.
    fn clear(&self) -> bool {
        self.weakness().is_none() && !self.several()
    }
}

impl FaceEngine {
    /// Compares the evidence of a case with the portrait of the KYC record.
    ///
    /// `face.kyc_note`, `face.kyc_video` and `face.video_same` appear when a comparison was due
    /// and the evidence shows a face: pass is a match, fail is no match, unsure is in between, or
    /// several people or a bad picture on either side; unavailable is a missing portrait, a
    /// portrait without a face, or a broken engine. Evidence without a face gives `face.none`
    /// instead. No finding of this function ever passes without a face on both sides.
    #[must_use]
    pub fn findings(&self, kyc: Option<&RgbImage>, probes: &[Probe<'_>]) -> Vec<Finding> {
        let portrait = kyc.map(|picture| self.see(std::slice::from_ref(picture)));
        let portrait = match portrait.transpose() {
            Ok(portrait) => portrait.filter(Seen::enough_faces),
            Err(_) => None,
        };
        let mut findings = Vec::new();
        if let Some(portrait) = &portrait {
            findings.extend(self.several(None, portrait));
            findings.extend(self.quality(None, portrait));
        }
        for probe in probes {
            if codes(probe.kind).is_empty() {
                continue;
            }
            let watch = Stopwatch::start();
            match self.probe(portrait.as_ref(), probe) {
                Ok(of_probe) => findings.extend(of_probe),
                Err(_) => findings.extend(
                    codes(probe.kind)
                        .iter()
                        .map(|code| unavailable(probe.kind, code, &self.label(), watch.whole_ms())),
                ),
            }
        }
        findings
    }

    fn see(&self, frames: &[RgbImage]) -> Result<Seen, FaceError> {
        let watch = Stopwatch::start();
        // Every n-th frame, so that the whole length is seen.
        let step = frames.len().div_ceil(MAX_FRAMES).max(1);
        let frames = frames.iter().step_by(step).take(MAX_FRAMES);
        let frames = frames
            .map(|frame| self.look_at(frame))
            .collect::<Result<_, _>>()?;
        Ok(Seen {
            frames,
            took_ms: watch.whole_ms(),
        })
    }

    fn probe(&self, kyc: Option<&Seen>, probe: &Probe<'_>) -> Result<Vec<Finding>, FaceError> {
        let seen = self.see(probe.frames)?;
        let mut findings = Vec::new();
        if !seen.enough_faces() {
            findings.push(self.retake(CODE_NONE, probe.kind, seen.took_ms));
            return Ok(findings);
        }
        findings.extend(self.several(Some(probe.kind), &seen));
        findings.extend(self.quality(Some(probe.kind), &seen));
        let code = match probe.kind {
            EvidenceKind::Video => CODE_KYC_VIDEO,
            _ => CODE_KYC_NOTE,
        };
        findings.push(match kyc {
            None => unavailable(probe.kind, code, &self.label(), seen.took_ms),
            Some(kyc) => self.against(kyc, &seen, probe.kind, code)?,
        });
        if probe.kind == EvidenceKind::Video {
            findings.push(self.same_throughout(&seen)?);
        }
        Ok(findings)
    }

    /// The median over the frames against the portrait.
    fn against(
        &self,
        kyc: &Seen,
        seen: &Seen,
        kind: EvidenceKind,
        code: &str,
    ) -> Result<Finding, FaceError> {
        let Some(portrait) = kyc.with_face().find_map(|seen| seen.embedding.as_ref()) else {
            return Ok(unavailable(kind, code, &self.label(), seen.took_ms));
        };
        let mut scores = Vec::new();
        for frame in seen.with_face().filter_map(|seen| seen.embedding.as_ref()) {
            scores.push(self.compare(portrait, frame)?);
        }
        scores.sort_by(|one, other| one.0.total_cmp(&other.0));
        // The lower middle of an even number: the score never looks better than it is.
        let median = scores.get(scores.len().saturating_sub(1) / 2).copied();
        let clear = kyc.clear() && seen.clear();
        let took_ms = kyc.took_ms.saturating_add(seen.took_ms);
        Ok(self.scored(code, kind, median, clear, took_ms))
    }

    /// The least similarity of consecutive frames.
    fn same_throughout(&self, seen: &Seen) -> Result<Finding, FaceError> {
        let faces: Vec<_> = seen
            .with_face()
            .filter_map(|seen| seen.embedding.as_ref())
            .collect();
        let mut least: Option<Similarity> = None;
        for pair in faces.windows(2) {
            if let [one, other] = pair {
                let score = self.compare(one, other)?;
                least = Some(least.map_or(score, |least| Similarity(least.0.min(score.0))));
            }
        }
        let clear = !seen.several();
        Ok(self.scored(
            CODE_VIDEO_SAME,
            EvidenceKind::Video,
            least,
            clear,
            seen.took_ms,
        ))
    }

    fn scored(
        &self,
        code: &str,
        kind: EvidenceKind,
        score: Option<Similarity>,
        clear: bool,
        took_ms: u32,
    ) -> Finding {
        let bands: Bands = self.bands();
        let verdict = score.filter(|_| clear).map(|score| score.verdict(&bands));
        let outcome = match verdict {
            Some(Verdict::Match) => Outcome::Pass,
            Some(Verdict::NoMatch) => Outcome::Fail,
            Some(Verdict::Unsure) | None => Outcome::Unsure,
        };
        Finding {
            score_milli: score.map(Similarity::thousandths),
            threshold_milli: Some(thousandths(bands.match_from)),
            unit: Some("cosine".to_owned()),
            ..Finding::reviewer(code, outcome, &self.label())
                .about(kind)
                .took(took_ms)
        }
    }

    fn retake(&self, code: &str, kind: EvidenceKind, took_ms: u32) -> Finding {
        Finding::applicant(code, Outcome::Retake, &self.label())
            .about(kind)
            .took(took_ms)
    }

    /// More than one person; `kind` is none for the portrait of the KYC record, which the
    /// applicant cannot take again.
    fn several(&self, kind: Option<EvidenceKind>, seen: &Seen) -> Option<Finding> {
        match kind {
            Some(kind) if seen.second_person() => {
                Some(self.retake(CODE_SEVERAL, kind, seen.took_ms))
            }
            _ if seen.several() => Some(self.doubt(CODE_SEVERAL, kind, seen.took_ms)),
            _ => None,
        }
    }

    /// A face that is not good enough; `kind` is none for the portrait of the KYC record.
    fn quality(&self, kind: Option<EvidenceKind>, seen: &Seen) -> Option<Finding> {
        let issue = seen.weakness()?;
        let weak = |frame: &LookedAt| {
            frame
                .quality
                .filter(|quality| quality.issues().first() == Some(&issue))
        };
        let (value, gate, unit) = seen.with_face().find_map(weak)?.measured(issue);
        Some(Finding {
            score_milli: Some(thousandths(value)),
            threshold_milli: Some(thousandths(gate)),
            unit: Some(unit.to_owned()),
            ..self.doubt(CODE_QUALITY, kind, seen.took_ms)
        })
    }

    fn doubt(&self, code: &str, kind: Option<EvidenceKind>, took_ms: u32) -> Finding {
        Finding {
            kind,
            ..Finding::reviewer(code, Outcome::Unsure, &self.label()).took(took_ms)
        }
    }
}
