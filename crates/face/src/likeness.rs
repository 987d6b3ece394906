//! How alike two faces are: a first look at their vectors and, where that leaves doubt, a second
//! one that takes in their mirror images.

use std::ops::Range;
use std::sync::OnceLock;

use image::RgbImage;
use image::imageops::flip_horizontal;

use crate::embed::{Embedding, Similarity};
use crate::engine::FaceEngine;
use crate::error::FaceError;
use crate::geometry::DetectedFace;

/// Cosines of a first look that leave doubt: below them a second says no more than the first, above
/// them hardly anything hangs on it. A second costs as much as embedding both faces did. One in
/// five pairs of one person gets there, and 4 in 10,000 of strangers
/// (`docs/reference/evaluation.md`, Faces).
const DOUBT: Range<f32> = 0.38..0.60;

/// A face that can be compared.
pub struct Face {
    embedding: Embedding,
    /// Upright, at the size of the embedder's input.
    aligned: RgbImage,
    /// The face and its mirror image as one vector, once a comparison asked for it.
    both: OnceLock<Embedding>,
}

impl Face {
    /// The vector of the first look.
    #[must_use]
    pub const fn embedding(&self) -> &Embedding {
        &self.embedding
    }

    /// The same, to be kept.
    #[must_use]
    pub fn into_embedding(self) -> Embedding {
        self.embedding
    }

    /// The face upright, at the size of the embedder's input.
    #[must_use]
    pub const fn aligned(&self) -> &RgbImage {
        &self.aligned
    }

    /// The face and its mirror image as one vector.
    fn both(&self, engine: &FaceEngine) -> Result<&Embedding, FaceError> {
        if let Some(both) = self.both.get() {
            return Ok(both);
        }
        let mirrored = engine.embed_aligned(&flip_horizontal(&self.aligned))?;
        let both = self.embedding.mean(&mirrored)?;
        Ok(self.both.get_or_init(|| both))
    }
}

impl FaceEngine {
    /// Makes a face comparable.
    ///
    /// # Errors
    /// [`FaceError::Landmarks`], or [`FaceError`] when inference fails.
    pub fn face(&self, picture: &RgbImage, found: &DetectedFace) -> Result<Face, FaceError> {
        self.aligned_as_face(self.align(picture, found)?)
    }

    /// Makes an aligned face (see [`Self::align`]) comparable.
    pub(crate) fn aligned_as_face(&self, aligned: RgbImage) -> Result<Face, FaceError> {
        Ok(Face {
            embedding: self.embed_aligned(&aligned)?,
            aligned,
            both: OnceLock::new(),
        })
    }

    /// How alike two faces are. What a first look leaves in doubt, a second one says.
    ///
    /// # Errors
    /// [`FaceError::DifferentModels`] when one comes from another engine's model, or [`FaceError`]
    /// when inference fails.
    pub fn compare(&self, one: &Face, other: &Face) -> Result<Similarity, FaceError> {
        let first = one.embedding.cosine(&other.embedding)?;
        if DOUBT.contains(&first.0) {
            return one.both(self)?.cosine(other.both(self)?);
        }
        Ok(first)
    }
}
