//! Chance: a stream of its own for each applicant and each purpose, so that a changed parameter
//! changes no other draw (common random numbers), and threads change nothing.

use rand::{Rng as _, SeedableRng as _};
use rand_chacha::ChaCha8Rng;
use recovery::time::Span;

/// What a stream of draws is for.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Purpose {
    /// Who it is.
    Kind,
    /// What the checks say.
    Checks,
    /// Clues, signals, stake.
    Grounds,
    /// What the applicant does.
    Deeds,
    /// Who looks, and what they decide.
    Looks,
    /// What the holder sees.
    Watch,
    /// How long things take.
    Pace,
    /// Names of cases and evidence.
    Names,
    /// What those who look think.
    Minds,
}

/// Streams of one applicant: at least as many as there are purposes.
const PURPOSES: u64 = 16;
/// Honest people and attackers draw from different streams of one seed.
const ATTACKERS: u64 = 0x9e37_79b9_7f4a_7c15;
/// 2^-53: a draw has 53 bits.
const STEP: f64 = 1.0 / 9_007_199_254_740_992.0;
/// Milliseconds of an hour.
const HOUR: f64 = 3_600_000.0;

/// A stream of draws.
#[derive(Debug)]
pub(crate) struct Dice {
    /// For identifiers.
    pub(crate) rng: ChaCha8Rng,
}

impl Dice {
    /// The stream of one applicant for one purpose.
    pub(crate) fn new(seed: u64, attacker: bool, index: u64, purpose: Purpose) -> Self {
        let mut rng = ChaCha8Rng::seed_from_u64(if attacker { seed ^ ATTACKERS } else { seed });
        rng.set_stream(index.wrapping_mul(PURPOSES).wrapping_add(purpose as u64));
        Self { rng }
    }

    /// From 0 up to, and without, 1.
    pub(crate) fn share(&mut self) -> f64 {
        (self.rng.next_u64() >> 11) as f64 * STEP
    }

    /// Whether something of this probability happens.
    pub(crate) fn chance(&mut self, probability: f64) -> bool {
        self.share() < probability
    }

    /// A whole number below `many`; 0 where there is none.
    pub(crate) fn below(&mut self, many: usize) -> usize {
        let place = (self.share() * many as f64) as usize;
        place.min(many.saturating_sub(1))
    }

    /// Which of several shares: its place.
    pub(crate) fn among(&mut self, shares: &[f64]) -> usize {
        let mut left = self.share() * shares.iter().sum::<f64>();
        for (place, share) in shares.iter().enumerate() {
            if left < *share {
                return place;
            }
            left -= share;
        }
        shares.len().saturating_sub(1)
    }

    /// A time with this mean in hours, exponential, at most eight times the mean.
    pub(crate) fn hours(&mut self, mean: f64) -> Span {
        let times = -(1.0 - self.share()).ln();
        Span::millis((times.min(8.0) * mean * HOUR) as i64)
    }

    /// As [`Dice::hours`], with the mean in minutes.
    pub(crate) fn minutes(&mut self, mean: f64) -> Span {
        self.hours(mean / 60.0)
    }
}
