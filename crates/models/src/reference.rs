//! What each model must answer to generated pictures: whether a converted file is the right model
//! is told by its outputs, and whether this machine computes them rightly, too.

use serde::Deserialize;

use crate::engine::{EngineError, Session, Tensor};
use crate::manifest::{Channels, InputSpec, ModelSpec};

/// The reference outputs that come with the program.
const BUILT_IN: &str = include_str!("../reference.toml");

/// Generated inputs per model.
pub const PATTERNS: u32 = 3;

/// Least cosine between an output and its reference.
const MIN_COSINE: f64 = 0.9999;
/// Largest difference of one value, as a share of the largest value of the reference (at least 1).
/// Inference libraries differ by 2e-5 of it (measured), a wrong weight by far more.
const MAX_DIFFERENCE: f64 = 1e-3;

/// The side of a generated picture for a model whose sides are free.
const FREE_SIDE: usize = 64;

/// How far a model is from its reference, over all patterns and outputs.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Agreement {
    /// The least cosine.
    pub cosine: f64,
    /// The largest difference, as a share of the largest value of the reference (at least 1).
    pub difference: f64,
}

impl Agreement {
    /// Whether it is the model of the reference.
    #[must_use]
    pub fn holds(&self) -> bool {
        self.cosine >= MIN_COSINE && self.difference <= MAX_DIFFERENCE
    }
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct References {
    #[serde(rename = "reference")]
    references: Vec<Reference>,
}

/// The values of one output for one pattern.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Reference {
    model: String,
    pattern: u32,
    output: String,
    values: Vec<f32>,
}

/// Runs a model on the generated inputs and compares. Nothing when the program has no reference for
/// a model of this name.
///
/// # Errors
/// [`EngineError`] when it does not run, or lacks an output.
pub(crate) fn compare(
    spec: &ModelSpec,
    session: &dyn Session,
) -> Result<Option<Agreement>, EngineError> {
    let references: References =
        toml::from_str(BUILT_IN).map_err(|error| EngineError::Run(error.to_string()))?;
    let mut agreement: Option<Agreement> = None;
    for reference in &references.references {
        if reference.model != spec.name {
            continue;
        }
        let input = generated(&spec.input, reference.pattern)?;
        let inputs = [(spec.input.name.as_str(), &input)];
        let outputs = session.run(&inputs, &[reference.output.as_str()])?;
        let found = outputs.first().map(Tensor::data).unwrap_or_default();
        let one = distance(&reference.values, found);
        let worst = agreement.unwrap_or(one);
        agreement = Some(Agreement {
            cosine: worst.cosine.min(one.cosine),
            difference: worst.difference.max(one.difference),
        });
    }
    Ok(agreement)
}

/// Cosine and difference of an output to its reference; another length or a value that is no number
/// is as far away as can be.
fn distance(reference: &[f32], found: &[f32]) -> Agreement {
    let pairs = || {
        let found = found.iter().map(|value| f64::from(*value));
        reference.iter().map(|value| f64::from(*value)).zip(found)
    };
    if reference.len() != found.len() || pairs().any(|(_, found)| !found.is_finite()) {
        return Agreement {
            cosine: -1.0,
            difference: f64::INFINITY,
        };
    }
    let dot: f64 = pairs().map(|(a, b)| a * b).sum();
    let norms: (f64, f64) = pairs().fold((0.0, 0.0), |(a, b), (x, y)| (a + x * x, b + y * y));
    let largest = pairs().map(|(a, _)| a.abs()).fold(1.0, f64::max);
    let difference = pairs().map(|(a, b)| (a - b).abs()).fold(0.0, f64::max);
    Agreement {
        cosine: dot / (norms.0 * norms.1).sqrt().max(f64::MIN_POSITIVE),
        difference: difference / largest,
    }
}

/// A generated input: pattern 0 is a slope, 1 noise, 2 noise in blocks of 8 x 8. Integer arithmetic
/// only, so that it is the same everywhere.
///
/// # Errors
/// [`EngineError::Shape`] for an input that is too large.
pub fn generated(input: &InputSpec, pattern: u32) -> Result<Tensor, EngineError> {
    let shape = input
        .shape
        .map(|side| usize::try_from(side).unwrap_or(FREE_SIDE));
    let [_, planes, height, width] = shape;
    let (mean, scale) = match input.channels {
        Channels::Features => (127.5, 64.0),
        Channels::Bgr | Channels::Rgb => (input.mean, input.scale),
    };
    let mut data = Vec::new();
    for plane in 0..planes {
        for row in 0..height {
            for column in 0..width {
                let value = f32::from(byte(pattern, [plane, row, column]));
                data.push((value - mean) / scale);
            }
        }
    }
    Tensor::new(&shape, data)
}

fn byte(pattern: u32, place: [usize; 3]) -> u8 {
    let [plane, row, column] = place.map(|side| u32::try_from(side).unwrap_or(u32::MAX));
    let low = |value: u32| u8::try_from(value & 0xff).unwrap_or(0);
    match pattern {
        0 => {
            let slope = row.wrapping_mul(3).wrapping_add(column.wrapping_mul(2));
            low(slope.wrapping_add(plane.wrapping_mul(60)) / 3)
        }
        1 => low(mix(plane, row, column)),
        _ => low(mix(plane, row / 8, column / 8)),
    }
}

/// A number that looks random, from a place.
fn mix(plane: u32, row: u32, column: u32) -> u32 {
    let seed = plane << 24 ^ row << 12 ^ column;
    let mut value = seed.wrapping_add(0x9e37_79b9);
    value = (value ^ value >> 16).wrapping_mul(0x85eb_ca6b);
    value = (value ^ value >> 13).wrapping_mul(0xc2b2_ae35);
    (value ^ value >> 16) >> 8
}
