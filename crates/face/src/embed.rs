//! A face as a vector, and what the nearness of two vectors means.

use models::Bands;
use serde::Serialize;
use zeroize::Zeroizing;

use crate::error::FaceError;

/// A face as a vector of length 1. It is a biometric datum: it cannot be printed or serialised,
/// and it is wiped when dropped.
pub struct Embedding {
    values: Zeroizing<Vec<f32>>,
    model: String,
}

impl Embedding {
    /// Brings a model's output to length 1.
    pub(crate) fn new(values: Vec<f32>, model: &str, dimensions: usize) -> Result<Self, FaceError> {
        let mut values = Zeroizing::new(values);
        let unusable = |what| FaceError::Output {
            model: model.to_owned(),
            what,
        };
        if values.len() != dimensions {
            return Err(unusable(
                "the vector has another length than the manifest says",
            ));
        }
        let length = values
            .iter()
            .map(|value| f64::from(*value).powi(2))
            .sum::<f64>()
            .sqrt();
        if !length.is_normal() {
            return Err(unusable("the vector has no direction"));
        }
        for value in values.iter_mut() {
            #[allow(clippy::cast_possible_truncation, reason = "at most 1")]
            let unit = (f64::from(*value) / length) as f32;
            *value = unit;
        }
        Ok(Self {
            values,
            model: model.to_owned(),
        })
    }

    /// The embedder, by the name in its manifest: vectors of two models mean nothing together.
    #[must_use]
    pub fn model(&self) -> &str {
        &self.model
    }

    /// The values as little-endian bytes, four each, only to be sealed.
    #[must_use]
    pub fn to_bytes(&self) -> Zeroizing<Vec<u8>> {
        // Its whole room at once: a vector that grows leaves a copy behind unwiped.
        let mut bytes = Zeroizing::new(Vec::with_capacity(self.values.len().saturating_mul(4)));
        for value in self.values.iter() {
            bytes.extend_from_slice(&value.to_le_bytes());
        }
        bytes
    }

    /// Reads back what [`Self::to_bytes`] gave.
    ///
    /// # Errors
    /// [`FaceError::Output`] when these are no values of this embedder.
    pub fn from_bytes(bytes: &[u8], model: &str) -> Result<Self, FaceError> {
        let (fours, rest) = bytes.as_chunks::<4>();
        // What is cut is too long by one, whatever its length.
        let dimensions = fours.len().saturating_add(rest.len());
        let mut values = Vec::with_capacity(fours.len());
        values.extend(fours.iter().map(|four| f32::from_le_bytes(*four)));
        Self::new(values, model, dimensions)
    }

    pub(crate) fn values(&self) -> &[f32] {
        &self.values
    }

    /// The numbers of two vectors of one model, in pairs.
    fn beside(&self, other: &Self) -> Result<impl Iterator<Item = (f32, f32)>, FaceError> {
        if self.model != other.model || self.values.len() != other.values.len() {
            return Err(FaceError::DifferentModels);
        }
        let others = other.values.iter().copied();
        Ok(self.values.iter().copied().zip(others))
    }

    /// The direction halfway between two vectors.
    pub(crate) fn mean(&self, other: &Self) -> Result<Self, FaceError> {
        let sums = self.beside(other)?.map(|(one, two)| one + two);
        let mut values = Vec::with_capacity(self.values.len());
        values.extend(sums);
        Self::new(values, &self.model, self.values.len())
    }

    /// Cosine of the angle between two vectors.
    pub(crate) fn cosine(&self, other: &Self) -> Result<Similarity, FaceError> {
        let products = self.beside(other)?;
        let sum: f64 = products
            .map(|(one, two)| f64::from(one) * f64::from(two))
            .sum();
        #[allow(clippy::cast_possible_truncation, reason = "-1 to 1")]
        Ok(Similarity(sum.clamp(-1.0, 1.0) as f32))
    }
}

/// How alike two faces are: cosine, -1 to 1.
#[derive(Debug, Clone, Copy, PartialEq, PartialOrd)]
pub struct Similarity(pub(crate) f32);

impl Similarity {
    /// The cosine.
    #[must_use]
    pub const fn cosine(self) -> f32 {
        self.0
    }

    /// The cosine in thousandths, rounded down: a score never looks better than it is.
    #[must_use]
    pub fn thousandths(self) -> i64 {
        thousandths(self.0)
    }

    /// What it means by the bands of the model.
    #[must_use]
    pub fn verdict(self, bands: &Bands) -> Verdict {
        if self.0 >= bands.match_from {
            Verdict::Match
        } else if self.0 < bands.no_match_below {
            Verdict::NoMatch
        } else {
            // Between the bands, and whatever is not a number.
            Verdict::Unsure
        }
    }
}

/// A measured value in thousandths, rounded down (a float's own error of a millionth aside).
pub(crate) fn thousandths(value: f32) -> i64 {
    #[allow(clippy::cast_possible_truncation, reason = "saturates")]
    let milli = (f64::from(value) * 1000.0 + 1e-3).floor() as i64;
    milli
}

/// What the machine says of two faces. It decides nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// The same person.
    Match,
    /// A person must look.
    Unsure,
    /// Two persons.
    NoMatch,
}

impl Verdict {
    /// What a person reads.
    #[must_use]
    pub const fn words(self) -> &'static str {
        match self {
            Self::Match => "match",
            Self::Unsure => "unsure",
            Self::NoMatch => "no match",
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing)]
    use super::*;

    const BANDS: Bands = Bands {
        no_match_below: 0.34,
        match_from: 0.5,
    };

    #[test]
    fn bands_are_closed_below() {
        let verdict = |cosine: f32| Similarity(cosine).verdict(&BANDS);
        assert_eq!(verdict(0.5), Verdict::Match);
        assert_eq!(verdict(0.499_9), Verdict::Unsure);
        assert_eq!(verdict(0.34), Verdict::Unsure);
        assert_eq!(verdict(0.339_9), Verdict::NoMatch);
        assert_eq!(verdict(f32::NAN), Verdict::Unsure);
    }

    #[test]
    fn thousandths_round_down() {
        assert_eq!(thousandths(0.5), 500);
        assert_eq!(thousandths(0.34), 340);
        assert_eq!(thousandths(0.499_9), 499);
        assert_eq!(thousandths(-0.001_5), -2);
    }

    #[test]
    fn vectors_are_brought_to_length_one() {
        let one = Embedding::new(vec![3.0, 4.0], "m", 2).unwrap();
        let two = Embedding::new(vec![30.0, 40.0], "m", 2).unwrap();
        let across = Embedding::new(vec![-4.0, 3.0], "m", 2).unwrap();
        let between = one.mean(&across).unwrap();
        assert!((one.cosine(&two).unwrap().cosine() - 1.0).abs() < 1e-6);
        assert!(one.cosine(&across).unwrap().cosine().abs() < 1e-6);
        assert!((one.cosine(&between).unwrap().cosine() - 0.5_f32.sqrt()).abs() < 1e-6);
    }

    #[test]
    fn bytes_read_back_and_damaged_ones_do_not() {
        let one = Embedding::new(vec![0.6, -0.8], "m", 2).unwrap();
        let bytes = one.to_bytes();
        let back = Embedding::from_bytes(&bytes, "m").unwrap();
        assert_eq!((back.values(), back.model()), (one.values(), "m"));
        assert!(Embedding::from_bytes(&bytes[..7], "m").is_err());
        assert!(Embedding::from_bytes(&[], "m").is_err());
        assert!(Embedding::from_bytes(&[0xff; 8], "m").is_err());
    }

    #[test]
    fn useless_vectors_are_refused() {
        assert!(Embedding::new(vec![0.0, 0.0], "m", 2).is_err());
        assert!(Embedding::new(vec![f32::NAN, 1.0], "m", 2).is_err());
        assert!(Embedding::new(vec![f32::INFINITY, 1.0], "m", 2).is_err());
        assert!(Embedding::new(vec![1.0], "m", 2).is_err());
        let one = Embedding::new(vec![1.0], "m", 1).unwrap();
        let other = Embedding::new(vec![1.0], "n", 1).unwrap();
        assert!(matches!(
            one.cosine(&other),
            Err(FaceError::DifferentModels)
        ));
    }
}
