//! Faces of a case: the evidence against the portrait of the KYC record, by the thresholds of the
//! case's policy.

mod compared;
mod quality;
mod seen;

use image::RgbImage;
use recovery::evidence::EvidenceKind;
use recovery::finding::{Audience, Finding};
use recovery::policy::FaceChecks;

use crate::engine::FaceEngine;
use crate::error::FaceError;
use crate::geometry::DetectedFace;
use crate::stopwatch::Stopwatch;
use seen::Seen;

/// The person in the note photo against the KYC portrait (reviewers).
pub const CODE_KYC_NOTE: &str = "face.kyc_note";
/// The person in the video against the KYC portrait: the median of the best frames (reviewers).
pub const CODE_KYC_VIDEO: &str = "face.kyc_video";
/// One and the same person throughout the video (reviewers).
pub const CODE_VIDEO_SAME: &str = "face.video_same";
/// The portrait on the document against the KYC portrait (reviewers; pass or unsure).
pub const CODE_DOCUMENT_KYC: &str = "face.document_kyc";
/// The portrait on the document against the person in the note photo (reviewers; pass or unsure).
pub const CODE_DOCUMENT_NOTE: &str = "face.document_note";
/// A face before the camera, not a print or a screen (reviewers; pass or unsure, advisory).
pub const CODE_LIVE: &str = "face.live";
/// No face where one must be (applicant, retake).
pub const CODE_NONE: &str = "face.none";
/// More than one person: a second one as prominent as the first (applicant, retake), or somebody
/// in the background (reviewers, unsure).
pub const CODE_SEVERAL: &str = "face.several";
/// The face is turned away (applicant, pass or retake).
pub const CODE_ANGLE: &str = "face.angle";
/// Something covers eyes or mouth (applicant, pass or retake).
pub const CODE_COVERED: &str = "face.covered";
/// The face, or a portrait, is not good enough to be compared (reviewers).
pub const CODE_QUALITY: &str = "face.quality";

/// The engine named in findings when there is none.
pub const ANY_ENGINE: &str = "face/none";

/// Most frames of a video looked at; more are thinned out evenly.
pub const MAX_FRAMES: usize = 12;

/// Evidence that shows the applicant's face.
pub struct Probe<'a> {
    /// [`EvidenceKind::NotePhoto`] or [`EvidenceKind::Video`]; other kinds are not looked at.
    pub kind: EvidenceKind,
    /// The picture, or frames of the video in order.
    pub frames: &'a [RgbImage],
    /// Milliseconds of each frame from the first one; empty for a picture, or where unknown.
    pub times_ms: &'a [u32],
}

/// The pictures of a case that show faces.
pub struct CaseFaces<'a> {
    /// The portrait of the KYC record.
    pub kyc: Option<&'a RgbImage>,
    /// The front of the document: its largest face counts. Best is the rectified card.
    pub document: Option<&'a RgbImage>,
    /// Note photo and video.
    pub probes: &'a [Probe<'a>],
}

/// What a photo of a person gave when it arrived.
pub struct FirstLook {
    /// Every face, largest first.
    pub faces: Vec<DetectedFace>,
    /// What the applicant may hear, passed checks included.
    pub findings: Vec<Finding>,
}

/// The findings when no model is at hand, or the check broke: never a pass.
#[must_use]
pub fn unavailable_findings(kinds: &[EvidenceKind]) -> Vec<Finding> {
    let of = |kind: &EvidenceKind| unavailable(*kind, ANY_ENGINE, 0);
    kinds.iter().flat_map(of).collect()
}

/// Every code that a piece of evidence gets when all goes well.
fn codes(kind: EvidenceKind) -> &'static [&'static str] {
    match kind {
        EvidenceKind::IdFront => &[CODE_DOCUMENT_KYC, CODE_DOCUMENT_NOTE],
        EvidenceKind::NotePhoto => &[CODE_KYC_NOTE, CODE_LIVE],
        EvidenceKind::Video => &[CODE_KYC_VIDEO, CODE_VIDEO_SAME, CODE_LIVE],
        _ => &[],
    }
}

fn unavailable(kind: EvidenceKind, engine: &str, took_ms: u32) -> Vec<Finding> {
    let one = |code: &&str| unavailable_one(kind, code, engine, took_ms);
    codes(kind).iter().map(one).collect()
}

fn unavailable_one(kind: EvidenceKind, code: &str, engine: &str, took_ms: u32) -> Finding {
    Finding::unavailable(code, engine).about(kind).took(took_ms)
}

impl FaceEngine {
    /// Compares the evidence of a case with the portrait of the KYC record, and judges whether its
    /// faces can be compared and are live.
    ///
    /// A comparison appears when it was due and the evidence shows a face: pass is a match, fail
    /// is no match, unsure is in between, or several people or a bad picture on either side;
    /// unavailable is a missing portrait, a portrait without a face, thresholds of another
    /// embedder, or a broken engine. Evidence without a face gives `face.none` instead. The
    /// document's portrait and liveness never fail: they pass or go to people. No finding of this
    /// function passes a comparison without a face on both sides.
    #[must_use]
    pub fn findings(&self, case: &CaseFaces<'_>, checks: &FaceChecks) -> Vec<Finding> {
        let look = Looking {
            engine: self,
            checks,
        };
        let kyc = look.portrait(case.kyc);
        let document = look.portrait(case.document);
        let mut findings = Vec::new();
        if let Some(portrait) = &kyc {
            findings.extend(look.several(None, portrait));
            findings.extend(look.quality(None, portrait));
        }
        let mut note = None;
        for probe in case.probes {
            if !matches!(probe.kind, EvidenceKind::NotePhoto | EvidenceKind::Video) {
                continue;
            }
            let watch = Stopwatch::start();
            let answer = look.see(probe).and_then(|seen| {
                let of_probe = look.probe(kyc.as_ref(), probe.kind, &seen)?;
                Ok((seen, of_probe))
            });
            match answer {
                Ok((seen, of_probe)) => {
                    findings.extend(of_probe);
                    if probe.kind == EvidenceKind::NotePhoto {
                        note = Some(seen).filter(Seen::enough_faces);
                    }
                }
                Err(_) => {
                    findings.extend(unavailable(probe.kind, &self.label(), watch.whole_ms()));
                }
            }
        }
        if case.document.is_some() {
            let sides = [kyc.as_ref(), note.as_ref()];
            findings.extend(look.document(document.as_ref(), sides));
        }
        findings
    }

    /// What the applicant can mend in a photo of themselves: the same findings for them as
    /// [`Self::findings`] gives later. The face becomes no vector and is compared with nothing.
    ///
    /// # Errors
    /// [`FaceError`] when inference fails. No face is a finding.
    pub fn first_look(
        &self,
        picture: &RgbImage,
        kind: EvidenceKind,
        checks: &FaceChecks,
    ) -> Result<FirstLook, FaceError> {
        let look = Looking {
            engine: self,
            checks,
        };
        let seen = Seen::measured(self, picture, checks)?;
        let mut findings = look.mendable(kind, &seen);
        findings.retain(|finding| finding.audience == Audience::Applicant);
        let frames = seen.frames.into_iter();
        Ok(FirstLook {
            faces: frames.flat_map(|frame| frame.seen.faces).collect(),
            findings,
        })
    }
}

/// One look at a case.
struct Looking<'a> {
    engine: &'a FaceEngine,
    checks: &'a FaceChecks,
}

impl Looking<'_> {
    /// A portrait with a face; a broken engine is as no portrait.
    fn portrait(&self, picture: Option<&RgbImage>) -> Option<Seen> {
        let probe = Probe {
            kind: EvidenceKind::IdFront,
            frames: std::slice::from_ref(picture?),
            times_ms: &[],
        };
        self.see(&probe).ok().filter(Seen::enough_faces)
    }

    fn see(&self, probe: &Probe<'_>) -> Result<Seen, FaceError> {
        Seen::of(self.engine, probe, self.checks)
    }

    /// Whether one person's face is there, straight and free.
    fn mendable(&self, kind: EvidenceKind, seen: &Seen) -> Vec<Finding> {
        if !seen.enough_faces() {
            return vec![self.retake(CODE_NONE, kind, seen.took_ms)];
        }
        let mut findings: Vec<Finding> = self.several(Some(kind), seen).into_iter().collect();
        findings.extend(self.coaching(kind, seen));
        findings
    }

    fn probe(
        &self,
        kyc: Option<&Seen>,
        kind: EvidenceKind,
        seen: &Seen,
    ) -> Result<Vec<Finding>, FaceError> {
        let mut findings = self.mendable(kind, seen);
        if !seen.enough_faces() {
            return Ok(findings);
        }
        findings.extend(self.quality(Some(kind), seen));
        let code = match kind {
            EvidenceKind::Video => CODE_KYC_VIDEO,
            _ => CODE_KYC_NOTE,
        };
        findings.push(match kyc {
            None => unavailable_one(kind, code, &self.engine.label(), seen.took_ms),
            Some(kyc) => self.against(kyc, seen, kind, code)?,
        });
        if kind == EvidenceKind::Video {
            findings.push(self.same_throughout(seen)?);
        }
        findings.push(self.live(kind, seen));
        Ok(findings)
    }
}
