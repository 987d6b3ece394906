//! Publishers' formats into ONNX: what `regain models fetch` does with files that need it.
//!
//! The bytes come from the network. Their digest was checked where it is known; they are read as
//! hostile all the same: nothing in them is executed, and every size has a bound.

mod checkpoint;
mod graph;
mod ir;
mod minifasnet;
mod onnx;
mod pickle;
mod xml;

use serde::Deserialize;
use thiserror::Error;

/// Most elements of one tensor: 64 MB of 32-bit floats.
const MAX_TENSOR: usize = 16 * 1024 * 1024;
/// Most elements of all tensors of a file together: constants may overlap in the file.
const MAX_TENSORS: usize = 2 * MAX_TENSOR;

/// What turns a publisher's files into the model file.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Conversion {
    /// Nothing: the publisher's file is the model file.
    #[default]
    None,
    /// OpenVINO's intermediate representation, version 10 or 11: `.xml` and `.bin`.
    OpenvinoIr,
    /// A PyTorch checkpoint of a MiniFASNet: `.pth`.
    PytorchMinifasnet,
}

impl Conversion {
    /// How many files it reads.
    #[must_use]
    pub const fn originals(self) -> usize {
        match self {
            Self::OpenvinoIr => 2,
            Self::None | Self::PytorchMinifasnet => 1,
        }
    }
}

/// Why a file cannot be converted.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum ConvertError {
    /// It is not in the format it should be in, or broken.
    #[error("not readable as {format}: {problem}")]
    Format {
        /// The format.
        format: &'static str,
        /// What is wrong.
        problem: String,
    },
    /// It uses something that this converter does not know.
    #[error("{0} is not known to the converter")]
    Unknown(String),
    /// A part that the model must have is not there.
    #[error("{0} is missing")]
    Missing(String),
    /// It is larger than any model here has reason to be.
    #[error("{0} is larger than the converter accepts")]
    TooLarge(&'static str),
}

/// Converts a model to ONNX (opset 13, 32-bit floats).
///
/// `originals` are the publisher's files in the order of the manifest: for an
/// [`Conversion::OpenvinoIr`] the `.xml`, then the `.bin`. `input` names the input node of the
/// result; `output` names its output where it has only one.
///
/// # Errors
/// [`ConvertError`] when the files are broken, too large, or use what is not known here.
pub fn convert(
    conversion: Conversion,
    originals: &[&[u8]],
    input: &str,
    output: Option<&str>,
) -> Result<Vec<u8>, ConvertError> {
    match (conversion, originals) {
        (Conversion::None, [file]) => Ok(file.to_vec()),
        (Conversion::OpenvinoIr, [xml, bin]) => {
            Ok(onnx::encode(&graph::from_ir(xml, bin, input, output)?))
        }
        (Conversion::PytorchMinifasnet, [file]) => {
            let tensors = checkpoint::read(file)?;
            let output = output.unwrap_or("prob");
            Ok(onnx::encode(&minifasnet::graph(&tensors, input, output)?))
        }
        _ => Err(ConvertError::Missing(format!(
            "one of {} files",
            conversion.originals()
        ))),
    }
}

/// The number of elements of a shape, within [`MAX_TENSOR`].
fn elements(shape: &[usize]) -> Result<usize, ConvertError> {
    let all = shape
        .iter()
        .try_fold(1usize, |all, side| all.checked_mul(*side));
    all.filter(|all| *all <= MAX_TENSOR)
        .ok_or(ConvertError::TooLarge("a tensor"))
}
