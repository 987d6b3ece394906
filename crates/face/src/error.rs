//! What can go wrong while looking at a face.

use models::{EngineError, ModelError};
use thiserror::Error;

/// Why a face check could not run. It never speaks for or against anybody.
#[derive(Debug, Error)]
pub enum FaceError {
    /// The models are not usable.
    #[error(transparent)]
    Model(#[from] ModelError),
    /// Inference failed.
    #[error(transparent)]
    Engine(#[from] EngineError),
    /// A model's description lacks what faces need.
    #[error("model {model} has no {what} in its manifest")]
    Incomplete {
        /// Name from the manifest.
        model: String,
        /// The missing key.
        what: &'static str,
    },
    /// A model gave numbers that cannot be used.
    #[error("model {model} gave an output that cannot be used: {what}")]
    Output {
        /// Name from the manifest.
        model: String,
        /// What is wrong with it.
        what: &'static str,
    },
    /// The five landmarks do not make a face.
    #[error("the landmarks of the face are degenerate")]
    Landmarks,
    /// Two vectors of different models were to be compared.
    #[error("the two faces were embedded by different models")]
    DifferentModels,
}
