//! Faces of earlier applicants, searched exactly. Off by default (B4): nothing in this crate
//! keeps one. `engine` fills it from sealed rows, and drops whoever has no row any more.

use zeroize::Zeroizing;

use crate::embed::{Embedding, Similarity};
use crate::error::FaceError;

/// Products added side by side, so that the compiler can use vector registers.
const LANES: usize = 16;

/// Vectors of one model in one block of memory, wiped when dropped.
#[derive(Default)]
pub struct Gallery {
    model: String,
    dimensions: usize,
    /// Row by row, in the order of `keys`.
    values: Zeroizing<Vec<f32>>,
    keys: Vec<u64>,
}

/// One of the nearest faces.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Near {
    /// The key it was put in under.
    pub key: u64,
    /// How alike it is.
    pub similarity: Similarity,
}

impl Gallery {
    /// An empty gallery; it takes the model of the first face that is put in.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Number of faces.
    #[must_use]
    pub fn len(&self) -> usize {
        self.keys.len()
    }

    /// Whether nobody is in it.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.keys.is_empty()
    }

    /// Puts a face in. Several may have one key: all pictures of one case.
    ///
    /// # Errors
    /// [`FaceError::DifferentModels`] when the gallery holds faces of another model.
    pub fn add(&mut self, key: u64, face: &Embedding) -> Result<(), FaceError> {
        if self.is_empty() {
            face.model().clone_into(&mut self.model);
            self.dimensions = face.values().len();
        }
        self.accepts(face)?;
        let wanted = self.values.len().saturating_add(self.dimensions);
        if wanted > self.values.capacity() {
            // Grown by hand: a vector that grows by itself leaves a copy behind unwiped.
            let mut larger = Zeroizing::new(Vec::with_capacity(wanted.saturating_mul(2)));
            larger.extend_from_slice(&self.values);
            self.values = larger;
        }
        self.values.extend_from_slice(face.values());
        self.keys.push(key);
        Ok(())
    }

    /// Removes every face of the keys that are not to be kept.
    pub fn retain(&mut self, keep: impl Fn(u64) -> bool) {
        if self.keys.iter().all(|key| keep(*key)) {
            return;
        }
        let mut kept = Self::new();
        kept.model.clone_from(&self.model);
        kept.dimensions = self.dimensions;
        kept.values = Zeroizing::new(Vec::with_capacity(self.values.len()));
        for (row, one) in self.rows() {
            if keep(one) {
                kept.values.extend_from_slice(row);
                kept.keys.push(one);
            }
        }
        *self = kept;
    }

    /// Keys of all faces, in the order in which they were put in.
    pub fn keys(&self) -> impl Iterator<Item = u64> {
        self.keys.iter().copied()
    }

    /// The `count` nearest faces, nearest first; every face is looked at.
    ///
    /// # Errors
    /// [`FaceError::DifferentModels`] when the face comes from another model.
    pub fn search(&self, face: &Embedding, count: usize) -> Result<Vec<Near>, FaceError> {
        if self.is_empty() || count == 0 {
            return Ok(Vec::new());
        }
        self.accepts(face)?;
        let mut all: Vec<Near> = self
            .rows()
            .map(|(row, key)| Near {
                key,
                similarity: Similarity(dot(row, face.values()).clamp(-1.0, 1.0)),
            })
            .collect();
        let nearer = |one: &Near, other: &Near| other.similarity.0.total_cmp(&one.similarity.0);
        if count < all.len() {
            all.select_nth_unstable_by(count, nearer);
            all.truncate(count);
        }
        all.sort_by(nearer);
        Ok(all)
    }

    fn accepts(&self, face: &Embedding) -> Result<(), FaceError> {
        let same = face.model() == self.model && face.values().len() == self.dimensions;
        same.then_some(()).ok_or(FaceError::DifferentModels)
    }

    fn rows(&self) -> impl Iterator<Item = (&[f32], u64)> {
        self.values
            .chunks_exact(self.dimensions.max(1))
            .zip(self.keys.iter().copied())
    }
}

/// The sum of products, in lanes.
fn dot(one: &[f32], other: &[f32]) -> f32 {
    let (one_lanes, one_rest) = one.as_chunks::<LANES>();
    let (other_lanes, other_rest) = other.as_chunks::<LANES>();
    let mut sums = [0.0f32; LANES];
    for (one, other) in one_lanes.iter().zip(other_lanes) {
        for (sum, (x, y)) in sums.iter_mut().zip(one.iter().zip(other)) {
            *sum += x * y;
        }
    }
    let rest: f32 = one_rest.iter().zip(other_rest).map(|(x, y)| x * y).sum();
    sums.iter().sum::<f32>() + rest
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn face(seed: u32) -> Embedding {
        let values = (0..100u32).map(|n| f32::from(((n * 37 + seed * 101) % 89) as u8) - 44.0);
        Embedding::new(values.collect(), "m", 100).unwrap()
    }

    #[test]
    fn the_nearest_are_those_that_comparing_one_by_one_finds() {
        let mut gallery = Gallery::new();
        for seed in 0..60 {
            gallery.add(u64::from(seed), &face(seed)).unwrap();
        }
        let probe = face(7);
        let found = gallery.search(&probe, 5).unwrap();
        let mut all: Vec<f32> = (0..60)
            .map(|seed| probe.cosine(&face(seed)).unwrap().cosine())
            .collect();
        all.sort_by(|one, other| other.total_cmp(one));
        assert_eq!(found.first().unwrap().key, 7);
        for (near, cosine) in found.iter().zip(&all) {
            assert!((near.similarity.cosine() - cosine).abs() < 1e-5);
        }
        assert_eq!(gallery.search(&probe, 999).unwrap().len(), 60);
    }

    #[test]
    fn a_removed_case_is_not_found_again_and_other_models_are_refused() {
        let mut gallery = Gallery::new();
        assert!(gallery.search(&face(1), 3).unwrap().is_empty());
        for (key, seed) in [(1, 1), (2, 2), (1, 3)] {
            gallery.add(key, &face(seed)).unwrap();
        }
        gallery.retain(|key| key != 1);
        assert_eq!(gallery.len(), 1);
        assert_eq!(gallery.search(&face(1), 3).unwrap().first().unwrap().key, 2);
        let other = Embedding::new(vec![1.0; 100], "n", 100).unwrap();
        assert!(gallery.add(3, &other).is_err() && gallery.search(&other, 1).is_err());
    }
}
