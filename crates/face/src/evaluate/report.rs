//! What an evaluation says: figures of each set, for people, for scripts, and as the file that a
//! threshold of the policy names.

use std::fmt::Write as _;

use serde::Serialize;

use super::bootstrap::{Interval, Resampler};
use super::rates::{Count, OperatingPoint, Pair, Scores, folded_accuracy};

/// Rates of false matches for which thresholds are looked up.
const TARGETS: [f64; 5] = [1e-2, 1e-3, 1e-4, 1e-5, 1e-6];
/// Draws of people; 2.5 of 100 are then some five at each end.
const DRAWS: usize = 200;
/// Seed of the draws: any, but always the same.
const SEED: u64 = 0x5245_4741_494E;
/// Parts of the people for the accuracy, as in the LFW protocol.
const FOLDS: u32 = 10;

/// An error rate with what the count supports.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Rate {
    /// Errors.
    pub errors: u64,
    /// Trials.
    pub trials: u64,
    /// Their share.
    pub rate: f64,
    /// Exact one-sided 95 % bounds, as if pairs were independent.
    pub at_least: f64,
    /// See `at_least`.
    pub at_most: f64,
    /// 95 % of the draws of people.
    pub people: Interval,
}

impl Rate {
    fn new(count: Count, people: Interval) -> Self {
        Self {
            errors: count.errors,
            trials: count.trials,
            rate: count.rate(),
            at_least: count.lower(),
            at_most: count.upper(),
            people,
        }
    }
}

/// Both errors at one threshold.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Point {
    /// The rate of false matches that was asked for; none at a threshold of the policy.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub target: Option<f64>,
    /// Whether the pairs suffice to claim the target: the bound of the false matches is below it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub supported: Option<bool>,
    /// Cosine.
    pub threshold: f32,
    /// False matches (FMR).
    pub false_match: Rate,
    /// False non-matches (FNMR).
    pub false_non_match: Rate,
}

/// One set.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct SetReport {
    /// Its name.
    pub set: String,
    /// Photos compared.
    pub photos: usize,
    /// Photos in which no face was found: they match nobody.
    pub without_face: usize,
    /// Persons.
    pub people: usize,
    /// Pairs of one person.
    pub genuine: usize,
    /// Pairs of two persons.
    pub impostor: usize,
    /// Where both errors are equal: the error rate; none when a side has no pairs.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub equal_error: Option<f64>,
    /// Accuracy over ten parts of the people, both kinds of pairs weighing the same; its standard
    /// error beside it. Only where pairs were named.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub accuracy: Option<[f64; 2]>,
    /// At the thresholds of the policy.
    pub at_policy: Vec<Point>,
    /// At the thresholds for rates of false matches; those that need more pairs are left out.
    pub at_rates: Vec<Point>,
}

/// How many photos and people a set has.
#[derive(Debug, Clone, Copy)]
pub struct Counts {
    /// Photos compared.
    pub photos: usize,
    /// Of them without a face.
    pub without_face: usize,
    /// Persons, numbered from 0.
    pub people: usize,
}

impl SetReport {
    /// Everything that is said of one set. `pairs` are the named pairs, or none when `scores` are
    /// all pairs of the photos.
    #[must_use]
    pub fn new(
        set: &str,
        counts: Counts,
        scores: &Scores,
        pairs: Option<&[Pair]>,
        thresholds: &[f32],
    ) -> Self {
        let resampler = Resampler::new(counts.people, DRAWS, SEED);
        let point = |at: OperatingPoint, target: Option<f64>| {
            let [matches, misses] = resampler.at(scores, at.threshold);
            let false_match = Rate::new(at.false_match, matches);
            Point {
                target,
                supported: target.map(|target| false_match.at_most <= target),
                threshold: at.threshold,
                false_match,
                false_non_match: Rate::new(at.false_non_match, misses),
            }
        };
        let at_rates = TARGETS.iter().filter_map(|target| {
            let at = scores.for_false_match_rate(*target)?;
            Some(point(at, Some(*target)))
        });
        Self {
            set: set.to_owned(),
            photos: counts.photos,
            without_face: counts.without_face,
            people: counts.people,
            genuine: scores.genuine().len(),
            impostor: scores.impostor().len(),
            equal_error: scores.equal_error().map(|(_, rate)| rate),
            accuracy: pairs
                .and_then(|pairs| folded_accuracy(pairs, FOLDS))
                .map(|accuracy| [accuracy.mean, accuracy.error]),
            at_policy: thresholds
                .iter()
                .map(|threshold| point(scores.at(*threshold), None))
                .collect(),
            at_rates: at_rates.collect(),
        }
    }

    fn text(&self, text: &mut String) {
        // Writing to a String cannot fail.
        let _ = writeln!(
            text,
            "{}: {} photos of {} people ({} without a face), {} genuine and {} impostor pairs",
            self.set, self.photos, self.people, self.without_face, self.genuine, self.impostor
        );
        if let Some([mean, error]) = self.accuracy {
            let (mean, error) = (mean * 100.0, error * 100.0);
            let _ = writeln!(text, "  accuracy over ten parts: {mean:.2} % +- {error:.2}");
        }
        if let Some(rate) = self.equal_error {
            let _ = writeln!(text, "  equal error rate: {:.2} %", rate * 100.0);
        }
        let _ = writeln!(
            text,
            "  {:>8} {:>9}  {:>9} {:>9} {:<19}  {:>8} {:>8} {:<15}",
            "target", "threshold", "FMR", "at most", "by people", "FNMR %", "at most", "by people"
        );
        for point in self.at_policy.iter().chain(&self.at_rates) {
            let target = match (point.target, point.supported) {
                (Some(target), Some(true)) => format!("{target:.0e}"),
                (Some(target), _) => format!("{target:.0e}?"),
                (None, _) => "policy".to_owned(),
            };
            let (wrong, missed) = (point.false_match, point.false_non_match);
            let _ = writeln!(
                text,
                "  {target:>8} {:>9.3}  {:>9.1e} {:>9.1e} {:<19}  {:>8.2} {:>8.2} {:<15}",
                point.threshold,
                wrong.rate,
                wrong.at_most,
                format!("{:.1e} to {:.1e}", wrong.people.low, wrong.people.high),
                missed.rate * 100.0,
                missed.at_most * 100.0,
                format!(
                    "{:.2} to {:.2}",
                    missed.people.low * 100.0,
                    missed.people.high * 100.0
                ),
            );
        }
    }
}

/// The whole evaluation. The first four keys are what `[[checks.evaluations]]` of a policy takes.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct EvaluationReport {
    /// The name that a section of the policy gives as its `evaluation`.
    pub name: String,
    /// What was compared.
    pub set: String,
    /// The day, `YYYY-MM-DD`.
    pub date: String,
    /// What it does not show.
    pub limits: String,
    /// The embedder: the figures hold for no other.
    pub embedder: String,
    /// One entry per set.
    pub result: Vec<SetReport>,
}

impl EvaluationReport {
    /// As lines of text, each ended by a newline.
    #[must_use]
    pub fn to_text(&self) -> String {
        let mut text = String::new();
        let _ = writeln!(text, "{}: {} ({})", self.name, self.set, self.embedder);
        for set in &self.result {
            set.text(&mut text);
        }
        text.push_str(
            "bounds: exact, one-sided 95 %; by people: 95 % of 200 draws of people; \
             ?: too few pairs to claim it\n",
        );
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_report_claims_no_more_than_the_pairs_support() {
        let genuine = (0..50u32).map(|person| Pair {
            people: [person, person],
            score: 0.7,
        });
        let impostor = (0..1000u32).map(|n| Pair {
            people: [n % 50, (n + 1) % 50],
            score: f32::from(n as u16) / 4000.0,
        });
        let pairs: Vec<Pair> = genuine.chain(impostor).collect();
        let counts = Counts {
            photos: 100,
            without_face: 0,
            people: 50,
        };
        let scores = Scores::new(pairs.iter().copied());
        let report = SetReport::new("made up", counts, &scores, Some(&pairs), &[0.5]);
        // 1e-4 and less would be a part of one pair; 1e-3 is one pair, which supports no claim.
        let targets: Vec<_> = report.at_rates.iter().map(|at| at.target).collect();
        assert_eq!(targets, [Some(1e-2), Some(1e-3)]);
        assert_eq!(report.at_rates[1].supported, Some(false));
        let policy = &report.at_policy[0];
        assert_eq!(policy.false_match.errors, 0);
        assert!((policy.false_match.at_most - 0.002_991).abs() < 1e-5);
        assert!((policy.false_non_match.at_most - 0.058_155).abs() < 1e-5);
        let all = EvaluationReport {
            name: "n".to_owned(),
            set: "s".to_owned(),
            date: "2026-01-01".to_owned(),
            limits: "made up".to_owned(),
            embedder: "e".to_owned(),
            result: vec![report],
        };
        assert!(all.to_text().contains("1e-3?"), "{}", all.to_text());
    }
}
