//! Intervals from drawing people anew: a person with many photos is one draw, not many.

use super::rates::{Pair, Scores};

/// Share of draws that an interval leaves out at each end: together 95 %.
const TAIL: f64 = 0.025;

/// Where 95 of 100 draws lie.
#[derive(Debug, Clone, Copy, PartialEq, serde::Serialize)]
pub struct Interval {
    /// 2.5 of 100 draws lie below.
    pub low: f64,
    /// 2.5 of 100 draws lie above.
    pub high: f64,
}

/// Draws people with replacement, always the same for the same seed.
#[derive(Debug, Clone)]
pub struct Resampler {
    /// How often each person was drawn, one list per draw.
    draws: Vec<Vec<u16>>,
}

impl Resampler {
    /// `count` draws of as many people as there are.
    #[must_use]
    pub fn new(people: usize, count: usize, seed: u64) -> Self {
        let mut state = seed;
        let draws = (0..count).map(|_| draw(people, &mut state)).collect();
        Self { draws }
    }

    /// Intervals of the rates of false matches and of false non-matches at a threshold. A pair
    /// counts as often as both its people were drawn together.
    #[must_use]
    pub fn at(&self, scores: &Scores, threshold: f32) -> [Interval; 2] {
        let (mut matches, mut misses) = (Vec::new(), Vec::new());
        for weights in &self.draws {
            matches.push(weighted(scores.impostor(), weights, |score| {
                score >= threshold
            }));
            misses.push(weighted(scores.genuine(), weights, |score| {
                score < threshold
            }));
        }
        [interval(matches), interval(misses)]
    }
}

fn draw(people: usize, state: &mut u64) -> Vec<u16> {
    let mut weights = vec![0u16; people];
    let bound = u64::try_from(people).unwrap_or(u64::MAX).max(1);
    for _ in 0..people {
        let place = usize::try_from(next(state) % bound).unwrap_or(0);
        if let Some(weight) = weights.get_mut(place) {
            *weight = weight.saturating_add(1);
        }
    }
    weights
}

/// SplitMix64 (Steele, Lea and Flood 2014): small, and its numbers are the same everywhere.
fn next(state: &mut u64) -> u64 {
    *state = state.wrapping_add(0x9E37_79B9_7F4A_7C15);
    let mixed = (*state ^ (*state >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    mixed ^ (mixed >> 31)
}

/// Share of the weight of the pairs that are wrong; none when no pair was drawn.
fn weighted(pairs: &[Pair], weights: &[u16], wrong: impl Fn(f32) -> bool) -> Option<f64> {
    let of = |person: u32| {
        let place = usize::try_from(person).unwrap_or(usize::MAX);
        u64::from(weights.get(place).copied().unwrap_or(0))
    };
    let (mut errors, mut all) = (0u64, 0u64);
    for Pair {
        people: [one, other],
        score,
    } in pairs
    {
        let weight = if one == other {
            of(*one)
        } else {
            of(*one) * of(*other)
        };
        all += weight;
        if wrong(*score) {
            errors += weight;
        }
    }
    #[allow(clippy::cast_precision_loss, reason = "counts far below 2^53")]
    (all > 0).then(|| errors as f64 / all as f64)
}

/// Without draws nothing is known: 0 to 1.
fn interval(rates: Vec<Option<f64>>) -> Interval {
    let mut rates: Vec<f64> = rates.into_iter().flatten().collect();
    rates.sort_by(f64::total_cmp);
    #[allow(
        clippy::cast_precision_loss,
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a place among some hundred draws"
    )]
    let at = |share: f64| {
        let place = (share * rates.len().saturating_sub(1) as f64).round() as usize;
        rates.get(place).copied()
    };
    Interval {
        low: at(TAIL).unwrap_or(0.0),
        high: at(1.0 - TAIL).unwrap_or(1.0),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scores(people: u32, photos: u32) -> Scores {
        let genuine = (0..people).flat_map(move |person| {
            (0..photos).map(move |_| Pair {
                people: [person, person],
                // One person in ten never matches: errors come in clusters.
                score: if person % 10 == 0 { 0.1 } else { 0.9 },
            })
        });
        Scores::new(genuine)
    }

    #[test]
    fn many_photos_of_few_people_do_not_make_it_surer() {
        let width = |photos| {
            let [_, misses] = Resampler::new(100, 400, 7).at(&scores(100, photos), 0.5);
            assert!(misses.low < 0.1 && misses.high > 0.1, "{misses:?}");
            misses.high - misses.low
        };
        let (one, many) = (width(1), width(50));
        // A binomial of 100 people at 10 %: about +-5.9 %.
        assert!((0.08..0.16).contains(&one), "{one}");
        assert!((one - many).abs() < 1e-9, "{one} {many}");
    }

    #[test]
    fn the_same_seed_gives_the_same_interval() {
        let scores = scores(50, 3);
        let draw = |seed| Resampler::new(50, 100, seed).at(&scores, 0.5);
        assert_eq!(draw(1), draw(1));
        assert_ne!(
            Resampler::new(50, 1, 1).draws,
            Resampler::new(50, 1, 2).draws
        );
    }

    #[test]
    fn without_pairs_everything_is_possible() {
        let [matches, _] = Resampler::new(10, 20, 1).at(&Scores::default(), 0.5);
        assert!(matches.low < 1e-12 && matches.high > 1.0 - 1e-12);
    }
}
