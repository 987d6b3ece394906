//! How a head and a mouth move over a video, and whether the mouth moves with the sound.
//!
//! Advisory: no real clips were at hand to measure it on. A picture that does not move, or a
//! mouth that moves against the sound, goes to people.

use image::RgbImage;
use recovery::evidence::EvidenceKind;
use recovery::finding::{Finding, Outcome};
use recovery::policy::FaceChecks;

use crate::cover::spread;
use crate::engine::FaceEngine;
use crate::error::FaceError;
use crate::geometry::Bounds;

/// The mouth moves with the sound heard in it (reviewers; pass or unsure, advisory).
pub const CODE_SYNC: &str = "video.sync";

/// Most frames looked at for motion: 30 seconds at ten a second.
pub const MAX_MOTION_FRAMES: usize = 300;
/// Sound and picture of one take may be apart by so much, in milliseconds (recorders buffer them
/// separately).
const MAX_LAG_MS: u32 = 300;
/// Fewer values than this say nothing: a second at ten a second.
const LEAST_VALUES: usize = 10;
/// Between the corners of the mouth on the aligned face, and the cheeks beside the nose.
const LIPS: [f64; 4] = [0.40, 0.76, 0.60, 0.90];
const CHEEKS: [f64; 4] = [0.25, 0.58, 0.75, 0.68];
/// Engine name of the correlation; the number changes with the method.
const ENGINE: &str = "face/sync-1";

/// The face in one frame.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Motion {
    /// Milliseconds from the first frame.
    pub at_ms: u32,
    /// Where the face is, in pixels of the frame.
    pub bounds: Bounds,
    /// Degrees to the side; none without the model of head poses.
    pub yaw: Option<f32>,
    /// How dark the mouth is against the cheeks, about 0 closed and rising as it opens; no unit.
    pub mouth_open: f32,
}

impl FaceEngine {
    /// Head and mouth in every frame that shows a face, in order; `times_ms` are the frames'.
    /// Frames beyond [`MAX_MOTION_FRAMES`] are not looked at.
    ///
    /// # Errors
    /// [`FaceError`] when inference fails.
    pub fn motion(&self, frames: &[RgbImage], times_ms: &[u32]) -> Result<Vec<Motion>, FaceError> {
        let mut all = Vec::new();
        for (frame, at_ms) in frames.iter().zip(times_ms).take(MAX_MOTION_FRAMES) {
            let faces = self.detect(frame)?;
            let Some(face) = faces.first() else { continue };
            let aligned = self.align(frame, face)?;
            let dark = spread(&aligned, LIPS).0 / spread(&aligned, CHEEKS).0.max(1.0);
            #[allow(clippy::cast_possible_truncation, reason = "a ratio")]
            all.push(Motion {
                at_ms: *at_ms,
                bounds: face.bounds,
                yaw: self.pose(frame, face)?.map(|pose| pose.yaw),
                mouth_open: (1.0 - dark) as f32,
            });
        }
        Ok(all)
    }
}

/// Whether the mouth moves with the sound: `sound` is loudness over time, one value every
/// `step_ms` milliseconds from the first frame on. Unsure when it does not, when the mouth or the
/// sound stays the same, or when there is too little of either; never a refusal.
#[must_use]
pub fn sync_finding(
    motion: &[Motion],
    sound: &[f32],
    step_ms: u32,
    checks: &FaceChecks,
) -> Finding {
    let correlation = sync(&sampled(motion, sound.len(), step_ms), sound, step_ms);
    let outcome = if f64::from(correlation) >= checks.sync_from {
        Outcome::Pass
    } else {
        Outcome::Unsure
    };
    Finding::reviewer(CODE_SYNC, outcome, ENGINE)
        .about(EvidenceKind::Video)
        .measured(f64::from(correlation), checks.sync_from, "correlation")
}

/// The mouth at the moments of the sound: of each the frame before it.
fn sampled(motion: &[Motion], count: usize, step_ms: u32) -> Vec<f32> {
    let moment = |place: usize| {
        let place = u32::try_from(place).unwrap_or(u32::MAX);
        place.saturating_mul(step_ms)
    };
    let at = |place: usize| {
        let after = motion.partition_point(|one| one.at_ms <= moment(place));
        let before = motion.get(after.saturating_sub(1));
        before.map_or(0.0, |one| one.mouth_open)
    };
    (0..count).map(at).collect()
}

/// The greatest correlation (-1 to 1) of two series of equal step, shifted against each other by
/// at most 300 ms. 0 when one of them is constant, too short, or holds what is no number.
#[must_use]
pub fn sync(mouth: &[f32], sound: &[f32], step_ms: u32) -> f32 {
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

    #[test]
    fn the_mouth_is_read_at_the_moments_of_the_sound() {
        let bounds = Bounds {
            x: 0.0,
            y: 0.0,
            width: 1.0,
            height: 1.0,
        };
        let motion = [(0, 0.1), (200, 0.3), (400, 0.5)].map(|(at_ms, mouth_open)| Motion {
            at_ms,
            bounds,
            yaw: None,
            mouth_open,
        });
        assert_eq!(sampled(&motion, 5, 100), [0.1, 0.1, 0.3, 0.3, 0.5]);
        assert_eq!(sampled(&[], 2, 100), [0.0, 0.0]);
    }
}
