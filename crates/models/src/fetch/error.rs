//! Why a model did not come, and what to do about it.

use std::path::{Path, PathBuf};

use thiserror::Error;

use crate::convert::ConvertError;
use crate::engine::EngineError;
use crate::reference::Agreement;

/// Why a model did not come.
#[derive(Debug, Error)]
pub enum FetchError {
    /// No connection to the server.
    #[error("could not reach {host}: {problem}; without a network, use --from DIR")]
    Unreachable {
        /// The server.
        host: String,
        /// What the client said.
        problem: String,
    },
    /// The server has no such file, or does not give it.
    #[error("{url} answered {status}; get the file by hand and use --from DIR")]
    Refused {
        /// The address.
        url: String,
        /// The HTTP status.
        status: u16,
    },
    /// The connection broke; what came is kept.
    #[error(
        "{file} broke off after {received} bytes ({problem}); run it again to go on from there"
    )]
    Interrupted {
        /// Name of the partial file.
        file: String,
        /// Bytes that are there.
        received: u64,
        /// What the client said.
        problem: String,
    },
    /// More came than the file has.
    #[error("{file} is longer than {bound} bytes: not taken")]
    TooLong {
        /// Name of the file.
        file: String,
        /// Bytes it may have.
        bound: u64,
    },
    /// It is another file than the one of the manifest.
    #[error("{file} has digest {found}, the manifest says {expected}: not taken")]
    WrongDigest {
        /// Name of the file.
        file: String,
        /// In the manifest.
        expected: String,
        /// Of what came.
        found: String,
    },
    /// Neither the finished file nor its original is in the directory.
    #[error(
        "neither {file} nor its original {original} is in {} as the manifest has it",
        dir.display()
    )]
    NotThere {
        /// The finished file.
        file: String,
        /// The publisher's file.
        original: String,
        /// Where it was looked for.
        dir: PathBuf,
    },
    /// The manifest does not say where it comes from.
    #[error("the manifest names no original; get the file by hand and use --from DIR")]
    NoOriginal,
    /// It cannot be converted.
    #[error("the original cannot be converted: {0}")]
    Convert(#[from] ConvertError),
    /// The converted file does not run.
    #[error("the converted file does not run: {0}")]
    Engine(#[from] EngineError),
    /// The program has no reference outputs for it.
    #[error(
        "the converted file has another digest than the manifest says, and no reference outputs"
    )]
    NoReference,
    /// The converted file answers otherwise than the reference.
    #[error(
        "the converted file differs from the reference (cosine {:.6}, difference {:.2e}): not used",
        .0.cosine, .0.difference
    )]
    Differs(Agreement),
    /// A file of this machine.
    #[error("{}: {error}", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// What the system said.
        #[source]
        error: std::io::Error,
    },
}

impl FetchError {
    pub(super) fn file(path: &Path, error: std::io::Error) -> Self {
        Self::File {
            path: path.to_owned(),
            error,
        }
    }

    /// Whether what came so far is of no use for another attempt.
    pub(super) const fn is_final(&self) -> bool {
        matches!(self, Self::TooLong { .. } | Self::WrongDigest { .. })
    }
}
