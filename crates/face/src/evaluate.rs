//! Error rates of a comparison, from scores alone: pure arithmetic, no picture and no model.
//!
//! Cross-comparing few people inflates the number of pairs, so every rate carries two intervals:
//! the exact binomial one, which believes that pairs are independent, and one from drawing
//! *people* anew, which does not.

mod bootstrap;
mod bounds;
mod det;
mod rates;
mod report;

pub use bootstrap::{Interval, Resampler};
pub use bounds::{lower_bound, upper_bound};
pub use det::{DetCurve, det_svg};
pub use rates::{Accuracy, Count, OperatingPoint, Pair, Scores, best_accuracy, folded_accuracy};
pub use report::{Counts, EvaluationReport, Point, Rate, SetReport};
