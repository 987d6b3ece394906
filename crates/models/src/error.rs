//! What can go wrong between a directory of files and a running model.

use std::path::PathBuf;

use thiserror::Error;

use crate::engine::EngineError;
use crate::manifest::{ManifestError, Role};

/// Why models cannot be used. None of it is a reason to approve anything.
#[derive(Debug, Error)]
pub enum ModelError {
    /// The manifest is not usable.
    #[error("{path}: {error}")]
    Manifest {
        /// The operator's file, or `built-in manifest`.
        path: String,
        /// What is wrong with it.
        #[source]
        error: ManifestError,
    },
    /// A file that the manifest names is not there.
    #[error("model file {file} is missing in {}", dir.display())]
    Missing {
        /// File name from the manifest.
        file: String,
        /// Where it was looked for.
        dir: PathBuf,
    },
    /// A file cannot be read.
    #[error("cannot read {}: {error}", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// What the system said.
        #[source]
        error: std::io::Error,
    },
    /// A file has another length than the manifest says; it was not read further.
    #[error("model file {file} has {found} bytes, the manifest says {expected}: not loaded")]
    WrongSize {
        /// File name from the manifest.
        file: String,
        /// Bytes in the manifest.
        expected: u64,
        /// Bytes in the file; of a file that is too long, at least this many.
        found: u64,
    },
    /// A file is not the one the manifest describes.
    #[error("model file {file} has SHA-256 {found}, the manifest says {expected}: not loaded")]
    WrongDigest {
        /// File name from the manifest.
        file: String,
        /// Digest in the manifest, lower-case hexadecimal.
        expected: String,
        /// Digest of the file, lower-case hexadecimal.
        found: String,
    },
    /// The manifest names no model for a task.
    #[error("the manifest has no model with role {0}")]
    NoModel(Role),
    /// The file is right, but the engine does not take it.
    #[error("model {model}: {error}")]
    Engine {
        /// Name from the manifest.
        model: String,
        /// What the engine said.
        #[source]
        error: EngineError,
    },
}
