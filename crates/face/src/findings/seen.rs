//! What was seen in a portrait, or in the frames of a probe.

use std::thread::ScopedJoinHandle;

use image::RgbImage;
use recovery::evidence::EvidenceKind;
use recovery::finding::{Finding, Region};
use recovery::policy::FaceChecks;

use super::{MAX_FRAMES, Probe};
use crate::engine::{FaceEngine, LookedAt};
use crate::error::FaceError;
use crate::geometry::Bounds;
use crate::likeness::Face;
use crate::quality::{Quality, QualityIssue};
use crate::stopwatch::Stopwatch;

/// A video must show a face in at least one of this many frames...
const FACE_IN_ONE_OF: usize = 2;
/// ... and it shows several people when one of this many frames does.
const SEVERAL_IN_ONE_OF: usize = 4;
/// Frames that are compared with the portrait: the best ones, an odd number for the median.
const BEST_FRAMES: usize = 3;

/// One frame.
pub(super) struct Frame {
    pub(super) seen: LookedAt,
    /// What is wrong with its face.
    pub(super) issues: Vec<QualityIssue>,
    /// How sure the models are that the face is live; none without them.
    pub(super) live: Option<f32>,
    size: (u32, u32),
    at_ms: Option<u32>,
}

impl Frame {
    fn of(
        engine: &FaceEngine,
        picture: &RgbImage,
        kind: EvidenceKind,
        at_ms: Option<u32>,
        checks: &FaceChecks,
    ) -> Result<Self, FaceError> {
        let seen = engine.look_at(picture)?;
        let live = match seen.faces.first() {
            Some(face) if kind != EvidenceKind::IdFront => engine.live(picture, face)?,
            _ => None,
        };
        let frame = Self::seen(seen, picture, checks);
        Ok(Self {
            live,
            at_ms,
            ..frame
        })
    }

    fn seen(seen: LookedAt, picture: &RgbImage, checks: &FaceChecks) -> Self {
        Self {
            issues: seen.issues(checks),
            live: None,
            size: picture.dimensions(),
            at_ms: None,
            seen,
        }
    }

    /// The face and what was measured on it; none when there is no face.
    pub(super) fn face(&self) -> Option<(&Face, &Quality)> {
        self.seen.face.as_ref().zip(self.seen.quality.as_ref())
    }

    /// Marks where and when a finding was seen: at the face of that number, the largest being 0.
    pub(super) fn mark(&self, mut finding: Finding, face: usize) -> Finding {
        finding.at_ms = self.at_ms;
        match self.seen.faces.get(face) {
            Some(face) => finding.at(region(&face.bounds, self.size)),
            None => finding,
        }
    }
}

fn region(bounds: &Bounds, size: (u32, u32)) -> Region {
    Region::of_pixels(bounds.rectangle(), size)
}

/// A portrait or all frames of a probe.
pub(super) struct Seen {
    pub(super) frames: Vec<Frame>,
    pub(super) took_ms: u32,
}

impl Seen {
    pub(super) fn of(
        engine: &FaceEngine,
        probe: &Probe<'_>,
        checks: &FaceChecks,
    ) -> Result<Self, FaceError> {
        let watch = Stopwatch::start();
        // Every n-th frame, so that the whole length is seen.
        let step = probe.frames.len().div_ceil(MAX_FRAMES).max(1);
        let numbered = probe.frames.iter().enumerate().step_by(step);
        let chosen: Vec<(usize, &RgbImage)> = numbered.take(MAX_FRAMES).collect();
        let look = |part: &[(usize, &RgbImage)]| {
            let one = |&(number, picture): &_| {
                let at_ms = probe.times_ms.get(number).copied();
                Frame::of(engine, picture, probe.kind, at_ms, checks)
            };
            part.iter().map(one).collect::<Result<Vec<_>, _>>()
        };
        // The last thing that is done to a case, so that a second core is free for half of it.
        let (first, second) = chosen.split_at(chosen.len().div_ceil(2));
        let (first, second) = std::thread::scope(|scope| {
            let second = (!second.is_empty()).then(|| scope.spawn(|| look(second)));
            (look(first), second.map(ScopedJoinHandle::join))
        });
        let mut frames = first?;
        match second {
            Some(Ok(second)) => frames.extend(second?),
            Some(Err(panic)) => std::panic::resume_unwind(panic),
            None => {}
        }
        Ok(Self {
            frames,
            took_ms: watch.whole_ms(),
        })
    }

    /// One picture, measured only: nothing of it can be compared.
    pub(super) fn measured(
        engine: &FaceEngine,
        picture: &RgbImage,
        checks: &FaceChecks,
    ) -> Result<Self, FaceError> {
        let watch = Stopwatch::start();
        let seen = engine.measure(picture)?;
        Ok(Self {
            frames: vec![Frame::seen(seen, picture, checks)],
            took_ms: watch.whole_ms(),
        })
    }

    /// Frames with a face, in order.
    pub(super) fn with_face(&self) -> impl Iterator<Item = &Frame> {
        let measured = |frame: &&Frame| frame.seen.quality.is_some();
        self.frames.iter().filter(measured)
    }

    pub(super) fn enough_faces(&self) -> bool {
        let with_face = self.with_face().count();
        with_face > 0 && with_face.saturating_mul(FACE_IN_ONE_OF) >= self.frames.len()
    }

    /// The best frames: those without anything wrong first, then sharp, frontal and large ones.
    pub(super) fn best(&self) -> Vec<&Frame> {
        let merit = |frame: &Frame| {
            let quality = frame.seen.quality;
            quality.map_or(0.0, |quality| quality.merit())
        };
        let mut frames: Vec<&Frame> = self.with_face().collect();
        frames.sort_by(|one, other| {
            let flaws = one.issues.len().cmp(&other.issues.len());
            flaws.then(merit(other).total_cmp(&merit(one)))
        });
        frames.truncate(BEST_FRAMES);
        frames
    }

    pub(super) fn several(&self) -> bool {
        self.frames.iter().any(|frame| frame.seen.several())
    }

    /// Whether a second person is there for long enough to be no accident.
    pub(super) fn second_person(&self) -> bool {
        let two = |frame: &&Frame| frame.seen.second_person();
        let count = self.frames.iter().filter(two).count();
        count > 0 && count.saturating_mul(SEVERAL_IN_ONE_OF) >= self.frames.len()
    }

    /// Frames with one of these issues, when they are at least half of those with a face.
    pub(super) fn mostly(&self, issues: &[QualityIssue]) -> Option<(&Frame, QualityIssue)> {
        let weak = self.with_face().filter_map(|frame| {
            let mut found = frame.issues.iter().filter(|issue| issues.contains(issue));
            Some((frame, *found.next()?))
        });
        let weak: Vec<_> = weak.collect();
        let all = self.with_face().count();
        let first = weak.first().copied();
        first.filter(|_| weak.len().saturating_mul(2) >= all)
    }

    /// Whether a score against these frames may pass or fail: there is one person, and most of
    /// the frames that are compared show the face well.
    pub(super) fn clear(&self) -> bool {
        let best = self.best();
        let good = best.iter().filter(|frame| frame.issues.is_empty()).count();
        !self.several() && good.saturating_mul(2) > best.len()
    }
}
