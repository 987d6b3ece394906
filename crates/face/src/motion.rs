//! How a head and a mouth move over a video, and whether the mouth moves with the sound.
//!
//! Advisory: no real clips were at hand to measure it on. A head that does not turn, or a mouth
//! that moves against the sound, goes to people.

use image::imageops::crop_imm;
use image::{DynamicImage, GrayImage, RgbImage};
use recovery::evidence::EvidenceKind;
use recovery::finding::{Finding, Outcome};
use recovery::policy::FaceChecks;

use crate::cover::spread;
use crate::crop::inside;
use crate::engine::FaceEngine;
use crate::error::FaceError;
use crate::geometry::{Bounds, DetectedFace, Point};
use crate::picture::Region;
use crate::stopwatch::Stopwatch;

/// The mouth moves with the sound heard in it (reviewers; pass or unsure, advisory).
pub const CODE_SYNC: &str = "video.sync";
/// The head turns as one before a camera does, and not as a flat picture (reviewers; pass or
/// unsure, advisory).
pub const CODE_HEAD: &str = "video.head";

/// Most frames looked at for motion: eight seconds at ten a second. Six paced digits take less.
pub const MAX_MOTION_FRAMES: usize = 80;
/// Least time between two frames that are looked at, in milliseconds.
const APART_MS: u32 = 95;
/// From one moment to the next at which mouth and sound are compared, in milliseconds.
const STEP_MS: u32 = 100;
/// Long side in pixels at which a face is looked for again about where it was: it fills half.
const NEAR_SIDE: u32 = 96;
/// Sound and picture of one take may be apart by so much, in milliseconds (recorders buffer them
/// separately).
const MAX_LAG_MS: u32 = 300;
/// Fewer values than this say nothing: two seconds at ten a second.
const LEAST_VALUES: usize = 20;
/// Between the corners of the mouth on the aligned face, and the cheeks beside the nose.
const LIPS: [f64; 4] = [0.40, 0.76, 0.60, 0.90];
const CHEEKS: [f64; 4] = [0.25, 0.58, 0.75, 0.68];
/// Engine name of both measures; the number changes with the method.
const ENGINE: &str = "face/motion-2";

/// The face in one frame.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Motion {
    /// Milliseconds from the start of the file.
    pub at_ms: u32,
    /// How far the nose stands beside the middle between the eyes, as a share of their distance,
    /// along the line of the eyes: 0 frontal, about 0.5 at 45 degrees. A flat picture that is
    /// moved about keeps it.
    pub turn: f32,
    /// How dark the mouth is against the cheeks, about 0 closed and rising as it opens; no unit.
    pub mouth_open: f32,
}

impl FaceEngine {
    /// Head and mouth in every frame that shows a face, in order: at most ten a second, and at
    /// most [`MAX_MOTION_FRAMES`] from the first one on.
    ///
    /// # Errors
    /// [`FaceError`] when inference fails.
    pub fn motion(&self, frames: &[(u32, GrayImage)]) -> Result<Vec<Motion>, FaceError> {
        let mut all: Vec<Motion> = Vec::new();
        let (mut last_ms, mut last_face) = (None, None);
        for (at_ms, frame) in frames.iter().take(MAX_MOTION_FRAMES) {
            if last_ms.is_some_and(|last: u32| at_ms.saturating_sub(last) < APART_MS) {
                continue;
            }
            last_ms = Some(*at_ms);
            let frame = DynamicImage::ImageLuma8(frame.clone()).into_rgb8();
            last_face = self.follow(&frame, last_face.as_ref())?;
            let Some(face) = &last_face else { continue };
            let aligned = self.align(&frame, face)?;
            let dark = spread(&aligned, LIPS).0 / spread(&aligned, CHEEKS).0.max(1.0);
            #[allow(clippy::cast_possible_truncation, reason = "a ratio")]
            all.push(Motion {
                at_ms: *at_ms,
                turn: turn(face),
                mouth_open: (1.0 - dark) as f32,
            });
        }
        Ok(all)
    }

    /// The largest face, looked for about where the last frame had it, else everywhere.
    fn follow(
        &self,
        frame: &RgbImage,
        last: Option<&DetectedFace>,
    ) -> Result<Option<DetectedFace>, FaceError> {
        if let Some(around) = last.and_then(|last| around(frame, &last.bounds)) {
            let part = crop_imm(frame, around.x, around.y, around.width, around.height).to_image();
            if let Some(face) = self.detect_at(&part, NEAR_SIDE)?.first() {
                #[allow(clippy::cast_precision_loss, reason = "sides of pictures")]
                let origin = Point {
                    x: around.x as f32,
                    y: around.y as f32,
                };
                return Ok(Some(face.scaled(Point { x: 1.0, y: 1.0 }, origin)));
            }
        }
        Ok(self.detect(frame)?.first().copied())
    }

    /// `video.head` and `video.sync` of a video's frames, see [`Self::motion`]. `loudness` gives
    /// how loud it is at each of these moments, in milliseconds from the start of the file.
    /// Unavailable when inference fails; never a refusal.
    #[must_use]
    pub fn motion_findings(
        &self,
        frames: &[(u32, GrayImage)],
        loudness: impl Fn(&[u32]) -> Vec<f32>,
        checks: &FaceChecks,
    ) -> Vec<Finding> {
        let watch = Stopwatch::start();
        let Ok(motion) = self.motion(frames) else {
            return motion_unavailable(ENGINE);
        };
        let moments = moments(&motion);
        let findings = [
            head_finding(&motion, checks),
            sync_finding(&motion, &moments, &loudness(&moments), checks),
        ];
        let took_ms = watch.whole_ms();
        findings.map(|finding| finding.took(took_ms)).to_vec()
    }
}

/// Both findings when nobody could look.
#[must_use]
pub fn motion_unavailable(engine: &str) -> Vec<Finding> {
    [CODE_HEAD, CODE_SYNC]
        .map(|code| Finding::unavailable(code, engine).about(EvidenceKind::Video))
        .to_vec()
}

/// A square about a face, twice as wide and high, as far as the frame reaches.
fn around(frame: &RgbImage, face: &Bounds) -> Option<Region> {
    let reach = face.width.max(face.height);
    let square = Bounds {
        x: face.x + face.width / 2.0 - reach,
        y: face.y + face.height / 2.0 - reach,
        width: 2.0 * reach,
        height: 2.0 * reach,
    };
    inside(frame, &square)
}

/// See [`Motion::turn`]; 0 where the landmarks make no face.
fn turn(face: &DetectedFace) -> f32 {
    let [left, right, nose, ..] = face.landmarks;
    let between = |one: Point, other: Point| (other.x - one.x, other.y - one.y);
    let (across, down) = between(left, right);
    let (aside, below) = between(left, nose);
    let turn = (aside * across + below * down) / (across * across + down * down) - 0.5;
    if turn.is_finite() { turn } else { 0.0 }
}

/// Whether the head turned: the turn at the tenth and the ninetieth percentile, so that one bad
/// frame makes no motion. Unsure when it did not, or when there are too few frames.
fn head_finding(motion: &[Motion], checks: &FaceChecks) -> Finding {
    let turns: Vec<f32> = motion.iter().map(|one| one.turn).collect();
    advisory(
        CODE_HEAD,
        f64::from(swing(&turns)),
        checks.turn_from,
        "share",
    )
}

/// From the tenth to the ninetieth percentile; 0 of too few values.
fn swing(values: &[f32]) -> f32 {
    let mut values = values.to_vec();
    values.sort_by(f32::total_cmp);
    let tenth = values.len() / 10;
    let (least, most) = (values.get(tenth), values.iter().rev().nth(tenth));
    let enough = values.len() >= LEAST_VALUES;
    let swing = least.zip(most).filter(|_| enough);
    swing.map_or(0.0, |(least, most)| most - least)
}

/// Whether the mouth moves with the sound. Unsure when it does not, when the mouth or the sound
/// stays the same, or when there is too little of either.
fn sync_finding(
    motion: &[Motion],
    moments: &[u32],
    loudness: &[f32],
    checks: &FaceChecks,
) -> Finding {
    let correlation = sync(&mouth(motion, moments), loudness, STEP_MS);
    advisory(
        CODE_SYNC,
        f64::from(correlation),
        checks.sync_from,
        "correlation",
    )
}

fn advisory(code: &'static str, value: f64, from: f64, unit: &'static str) -> Finding {
    let outcome = if value >= from {
        Outcome::Pass
    } else {
        Outcome::Unsure
    };
    Finding::reviewer(code, outcome, ENGINE)
        .about(EvidenceKind::Video)
        .measured(value, from, unit)
}

/// Moments of equal step from the first to the last frame with a face, in milliseconds.
fn moments(motion: &[Motion]) -> Vec<u32> {
    let (Some(first), Some(last)) = (motion.first(), motion.last()) else {
        return Vec::new();
    };
    let steps = (0..).map(|step: u32| first.at_ms.saturating_add(step.saturating_mul(STEP_MS)));
    steps.take_while(|moment| *moment <= last.at_ms).collect()
}

/// The mouth at these moments: of each the frame before it.
fn mouth(motion: &[Motion], moments: &[u32]) -> Vec<f32> {
    let at = |moment: &u32| {
        let after = motion.partition_point(|one| one.at_ms <= *moment);
        let before = motion.get(after.saturating_sub(1));
        before.map_or(0.0, |one| one.mouth_open)
    };
    moments.iter().map(at).collect()
}

/// The greatest correlation (-1 to 1) of two series of equal step, shifted against each other by
/// at most 300 ms. 0 when one of them is constant, too short, or holds what is no number.
fn sync(mouth: &[f32], sound: &[f32], step_ms: u32) -> f32 {
    let lag = usize::try_from(MAX_LAG_MS / step_ms.max(1)).unwrap_or(0);
    let shifted = |by: usize| {
        let late = mouth.get(by..).map(|mouth| correlation(mouth, sound));
        let early = sound.get(by..).map(|sound| correlation(mouth, sound));
        late.into_iter().chain(early)
    };
    let best = (0..=lag).flat_map(shifted).flatten();
    best.reduce(f32::max).unwrap_or(0.0)
}

/// Pearson's correlation over the common length.
fn correlation(one: &[f32], other: &[f32]) -> Option<f32> {
    let count = one.len().min(other.len());
    if count < LEAST_VALUES {
        return None;
    }
    let pairs = || {
        one.iter()
            .zip(other)
            .map(|(x, y)| (f64::from(*x), f64::from(*y)))
    };
    #[allow(clippy::cast_precision_loss, reason = "some hundred values")]
    let count = count as f64;
    let (x_mean, y_mean) = pairs().fold((0.0, 0.0), |(x_sum, y_sum), (x, y)| {
        (x_sum + x / count, y_sum + y / count)
    });
    let (mut both, mut x_square, mut y_square) = (0.0, 0.0, 0.0);
    for (x, y) in pairs() {
        both += (x - x_mean) * (y - y_mean);
        x_square += (x - x_mean).powi(2);
        y_square += (y - y_mean).powi(2);
    }
    let value = both / (x_square * y_square).sqrt();
    #[allow(clippy::cast_possible_truncation, reason = "-1 to 1")]
    value.is_finite().then_some(value as f32)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Bursts like syllables: a hash of the place (PCG), so that no shift resembles another.
    fn speech(count: u32) -> Vec<f32> {
        let value = |n: u32| {
            let state = n.wrapping_mul(747_796_405).wrapping_add(2_891_336_453);
            let word = ((state >> ((state >> 28) + 4)) ^ state).wrapping_mul(277_803_737);
            ((word >> 22) ^ word) as u16 as f32 / 65_536.0
        };
        (0..count).map(value).collect()
    }

    #[test]
    fn a_mouth_that_moves_with_the_sound_is_found_within_the_lag() {
        let sound = speech(400);
        for lag in [0, 1, 3] {
            let mut late = vec![0.5; lag];
            late.extend(&sound);
            assert!(sync(&late, &sound, 100) > 0.95, "{lag}");
            assert!(sync(&sound, &late, 100) > 0.95, "{lag}");
        }
        let mut far = vec![0.5; 6];
        far.extend(&sound);
        assert!(sync(&far, &sound, 100) < 0.3);
    }

    #[test]
    fn a_still_mouth_silence_and_nonsense_are_not_in_sync() {
        let sound = speech(100);
        assert!(sync(&vec![0.4; 100], &sound, 100).abs() < 1e-6);
        assert!(sync(&sound, &vec![0.0; 100], 100).abs() < 1e-6);
        assert!(sync(&sound[..5], &sound, 100).abs() < 1e-6);
        assert!(sync(&vec![f32::NAN; 100], &sound, 100).abs() < 1e-6);
        assert!(sync(&[], &[], 0).abs() < 1e-6);
    }

    fn moved(at_ms: u32, turn: f32, mouth_open: f32) -> Motion {
        Motion {
            at_ms,
            turn,
            mouth_open,
        }
    }

    #[test]
    fn the_mouth_is_read_at_equal_steps() {
        let motion = [
            moved(50, 0.0, 0.1),
            moved(230, 0.0, 0.3),
            moved(450, 0.0, 0.5),
        ];
        let moments = moments(&motion);
        assert_eq!(moments, [50, 150, 250, 350, 450]);
        assert_eq!(mouth(&motion, &moments), [0.1, 0.1, 0.3, 0.3, 0.5]);
        assert!(super::moments(&[]).is_empty());
    }

    #[test]
    fn a_head_that_turns_is_told_from_one_bad_frame() {
        let checks = recovery::policy::Policy::parse(recovery::policy::DEFAULT)
            .unwrap()
            .checks
            .face;
        let outcome = |turns: &[f32]| {
            let frames = turns
                .iter()
                .zip(0..)
                .map(|(turn, n)| moved(n * 100, *turn, 0.1));
            head_finding(&frames.collect::<Vec<_>>(), &checks).outcome
        };
        let mut still = [0.1; 30];
        assert_eq!(outcome(&still), Outcome::Unsure);
        still[7] = 0.6;
        assert_eq!(outcome(&still), Outcome::Unsure);
        for turn in &mut still[20..] {
            *turn = 0.4;
        }
        assert_eq!(outcome(&still), Outcome::Pass);
        assert_eq!(outcome(&[0.0, 0.9]), Outcome::Unsure);
        assert_eq!(outcome(&[]), Outcome::Unsure);
    }

    #[test]
    fn the_nose_tells_where_the_head_turns_however_it_leans() {
        let face = |points: [[f32; 2]; 3]| {
            let [left, right, nose] = points.map(|[x, y]| Point { x, y });
            turn(&DetectedFace {
                bounds: Bounds {
                    x: 0.0,
                    y: 0.0,
                    width: 1.0,
                    height: 1.0,
                },
                landmarks: [left, right, nose, nose, nose],
                score: 1.0,
            })
        };
        assert!(face([[10.0, 10.0], [30.0, 10.0], [20.0, 20.0]]).abs() < 1e-6);
        assert!((face([[10.0, 10.0], [30.0, 10.0], [26.0, 20.0]]) - 0.3).abs() < 1e-6);
        assert!((face([[10.0, 10.0], [10.0, 30.0], [0.0, 26.0]]) - 0.3).abs() < 1e-6);
        assert!(face([[10.0, 10.0]; 3]).abs() < 1e-6);
    }
}
