//! Counting errors: false matches, false non-matches, and the thresholds between them.

use super::bounds::{lower_bound, upper_bound};

/// Confidence of the one-sided bounds: 95 %, as in the table of trials (STANDARDS 0.2).
const CONFIDENCE: f64 = 0.95;

/// Two photos compared.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Pair {
    /// Numbers of the two persons: equal in a genuine pair.
    pub people: [u32; 2],
    /// Similarity: higher is more alike.
    pub score: f32,
}

/// Errors among trials.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
pub struct Count {
    /// Errors.
    pub errors: u64,
    /// Trials.
    pub trials: u64,
}

impl Count {
    /// The share of errors; 0 without trials.
    #[must_use]
    #[allow(clippy::cast_precision_loss, reason = "counts far below 2^53")]
    pub fn rate(self) -> f64 {
        self.errors as f64 / self.trials.max(1) as f64
    }

    /// The least rate that the count leaves possible, one-sided 95 %, exact.
    #[must_use]
    pub fn lower(self) -> f64 {
        lower_bound(self.errors, self.trials, CONFIDENCE)
    }

    /// The greatest rate that the count leaves possible, one-sided 95 %, exact.
    #[must_use]
    pub fn upper(self) -> f64 {
        upper_bound(self.errors, self.trials, CONFIDENCE)
    }
}

/// Both errors at one threshold.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct OperatingPoint {
    /// Pairs with this score or a higher one match.
    pub threshold: f32,
    /// False matches among impostor pairs.
    pub false_match: Count,
    /// False non-matches among genuine pairs.
    pub false_non_match: Count,
}

/// Scores of genuine and of impostor pairs, each highest first.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Scores {
    genuine: Vec<Pair>,
    impostor: Vec<Pair>,
}

impl Scores {
    /// Sorts pairs into genuine and impostor ones, highest score first. Scores that are not
    /// numbers are the lowest: they match nobody.
    #[must_use]
    pub fn new(pairs: impl IntoIterator<Item = Pair>) -> Self {
        let (mut genuine, mut impostor) = (Vec::new(), Vec::new());
        for mut pair in pairs {
            if pair.score.is_nan() {
                pair.score = f32::NEG_INFINITY;
            }
            let [one, other] = pair.people;
            if one == other {
                genuine.push(pair);
            } else {
                impostor.push(pair);
            }
        }
        for side in [&mut genuine, &mut impostor] {
            side.sort_by(|one, other| other.score.total_cmp(&one.score));
        }
        Self { genuine, impostor }
    }

    /// Pairs of one person, highest score first.
    #[must_use]
    pub fn genuine(&self) -> &[Pair] {
        &self.genuine
    }

    /// Pairs of two persons, highest score first.
    #[must_use]
    pub fn impostor(&self) -> &[Pair] {
        &self.impostor
    }

    /// Both errors at a threshold.
    #[must_use]
    pub fn at(&self, threshold: f32) -> OperatingPoint {
        let reach = |side: &[Pair]| side.partition_point(|pair| pair.score >= threshold);
        let count = |errors: usize, trials: usize| Count {
            errors: to_u64(errors),
            trials: to_u64(trials),
        };
        let missed = self.genuine.len().saturating_sub(reach(&self.genuine));
        OperatingPoint {
            threshold,
            false_match: count(reach(&self.impostor), self.impostor.len()),
            false_non_match: count(missed, self.genuine.len()),
        }
    }

    /// The lowest threshold at which at most a share of `rate` of the impostor pairs match. None
    /// without impostor pairs, or when `rate` would be less than one of them: such a threshold
    /// would be a guess.
    #[must_use]
    pub fn for_false_match_rate(&self, rate: f64) -> Option<OperatingPoint> {
        #[allow(clippy::cast_precision_loss, reason = "counts far below 2^53")]
        let allowed = rate * self.impostor.len() as f64;
        if allowed < 1.0 {
            return None;
        }
        #[allow(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "1 to the number of pairs"
        )]
        let allowed = (allowed as usize).min(self.impostor.len());
        // Just above the first score too many; where there is none, everything may match.
        let threshold = match self.impostor.get(allowed) {
            Some(pair) => pair.score.next_up(),
            None => f32::NEG_INFINITY,
        };
        Some(self.at(threshold))
    }

    /// Where both errors are nearest to each other: the threshold, and their mean. None when a
    /// side has no pairs.
    #[must_use]
    pub fn equal_error(&self) -> Option<(f32, f64)> {
        if self.genuine.is_empty() || self.impostor.is_empty() {
            return None;
        }
        let all = self.genuine.iter().chain(&self.impostor);
        let finite = all.map(|pair| pair.score).filter(|score| score.is_finite());
        let ends = (f32::INFINITY, f32::NEG_INFINITY);
        let (mut low, mut high) =
            finite.fold(ends, |(low, high), score| (low.min(score), high.max(score)));
        // False matches fall and false non-matches rise with the threshold: halve to the crossing.
        for _ in 0..64 {
            let middle = f32::midpoint(low, high);
            let point = self.at(middle);
            if point.false_match.rate() > point.false_non_match.rate() {
                low = middle;
            } else {
                high = middle;
            }
        }
        let point = self.at(high);
        let mean = f64::midpoint(point.false_match.rate(), point.false_non_match.rate());
        Some((high, mean))
    }
}

fn to_u64(count: usize) -> u64 {
    u64::try_from(count).unwrap_or(u64::MAX)
}

/// Share of pairs called right, genuine and impostor pairs weighing half each.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Accuracy {
    /// The mean.
    pub mean: f64,
    /// Standard error of the mean over the folds; 0 when there are none.
    pub error: f64,
    /// The threshold, or the mean of the folds' thresholds.
    pub threshold: f32,
}

fn accuracy_at(scores: &Scores, threshold: f32) -> f64 {
    let point = scores.at(threshold);
    1.0 - f64::midpoint(point.false_match.rate(), point.false_non_match.rate())
}

/// The greatest accuracy that any threshold gives: optimistic, since it was chosen on these pairs.
#[must_use]
pub fn best_accuracy(scores: &Scores) -> Accuracy {
    let candidates = scores.genuine.iter().chain(&scores.impostor);
    let mut best = Accuracy {
        mean: 0.0,
        error: 0.0,
        threshold: 0.0,
    };
    for pair in candidates {
        let mean = accuracy_at(scores, pair.score);
        if mean > best.mean {
            best = Accuracy {
                mean,
                threshold: pair.score,
                ..best
            };
        }
    }
    best
}

/// The accuracy as the LFW protocol measures it: for each of `folds` parts of the people, the
/// threshold that is best on the others. A pair is in the part of its first person. None when no
/// part has pairs of both kinds.
#[must_use]
pub fn folded_accuracy(pairs: &[Pair], folds: u32) -> Option<Accuracy> {
    let folds = folds.max(2);
    let fold = |pair: &Pair| pair.people.first().copied().unwrap_or(0) % folds;
    let (mut means, mut thresholds) = (Vec::new(), Vec::new());
    for part in 0..folds {
        let others = Scores::new(pairs.iter().filter(|pair| fold(pair) != part).copied());
        let held_out = Scores::new(pairs.iter().filter(|pair| fold(pair) == part).copied());
        // A threshold needs both kinds to be chosen on, and both to be judged on.
        let both = |scores: &Scores| !scores.genuine.is_empty() && !scores.impostor.is_empty();
        if !both(&others) || !both(&held_out) {
            continue;
        }
        let threshold = best_accuracy(&others).threshold;
        means.push(accuracy_at(&held_out, threshold));
        thresholds.push(f64::from(threshold));
    }
    if means.is_empty() {
        return None;
    }
    #[allow(clippy::cast_precision_loss, reason = "a few folds")]
    let count = means.len() as f64;
    let mean = means.iter().sum::<f64>() / count;
    let spread = means.iter().map(|one| (one - mean).powi(2)).sum::<f64>();
    #[allow(clippy::cast_possible_truncation, reason = "a score")]
    Some(Accuracy {
        mean,
        error: (spread / (count - 1.0).max(1.0) / count).sqrt(),
        threshold: (thresholds.iter().sum::<f64>() / count) as f32,
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn pair(one: u32, other: u32, score: f32) -> Pair {
        Pair {
            people: [one, other],
            score,
        }
    }

    fn ten() -> Vec<Pair> {
        let genuine = [0.9, 0.8, 0.7, 0.3].map(|score| pair(1, 1, score));
        let impostor = [0.6, 0.4, 0.2, 0.1, 0.0, f32::NAN].map(|score| pair(1, 2, score));
        genuine.into_iter().chain(impostor).collect()
    }

    #[test]
    fn errors_are_counted_on_both_sides() {
        let scores = Scores::new(ten());
        let point = scores.at(0.4);
        assert_eq!((point.false_match.errors, point.false_match.trials), (2, 6));
        let missed = point.false_non_match;
        assert_eq!((missed.errors, missed.trials), (1, 4));
    }

    #[test]
    fn the_threshold_for_a_rate_lets_no_more_through() {
        let scores = Scores::new(ten());
        let point = scores.for_false_match_rate(1.0 / 6.0).unwrap();
        assert_eq!(point.false_match.errors, 1);
        assert!(point.threshold > 0.4 && point.threshold < 0.401);
        assert!(scores.for_false_match_rate(0.1).is_none(), "not one pair");
        let all = scores.for_false_match_rate(1.0).unwrap();
        assert_eq!((all.false_match.errors, all.false_non_match.errors), (6, 0));
    }

    #[test]
    fn equal_scores_are_never_split() {
        let pairs = [0.5, 0.5, 0.5, 0.1].map(|score| pair(1, 2, score));
        let scores = Scores::new(pairs.into_iter().chain([pair(1, 1, 0.5)]));
        let point = scores.for_false_match_rate(0.5).unwrap();
        assert_eq!(point.false_match.errors, 0);
    }

    #[test]
    fn errors_meet_where_they_are_equal() {
        let (threshold, rate) = Scores::new(ten()).equal_error().unwrap();
        assert!(threshold > 0.4 && threshold <= 0.6, "{threshold}");
        assert!(
            (rate - f64::midpoint(1.0 / 6.0, 0.25)).abs() < 1e-9,
            "{rate}"
        );
        assert!(Scores::default().equal_error().is_none());
    }

    #[test]
    fn accuracy_weighs_both_kinds_the_same() {
        let best = best_accuracy(&Scores::new(ten()));
        assert!((best.mean - (1.0 - 0.125)).abs() < 1e-9, "{best:?}");
        let apart = (0..40).flat_map(|one| [pair(one, one, 0.8), pair(one, one + 1, 0.1)]);
        let pairs: Vec<Pair> = apart.collect();
        let folded = folded_accuracy(&pairs, 10).unwrap();
        assert!((folded.mean - 1.0).abs() < 1e-9 && folded.error < 1e-9);
        assert!(folded_accuracy(&[pair(1, 1, 0.5)], 10).is_none());
    }
}
