//! The seam between the product and an inference library.

use thiserror::Error;

/// Most elements one tensor may hold: a 2048 x 2048 picture of three channels.
pub(crate) const MAX_ELEMENTS: usize = 3 * 2048 * 2048;

/// Why a model could not be loaded or run.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum EngineError {
    /// The inference library does not accept the file.
    #[error("the inference engine cannot load the model: {0}")]
    Load(String),
    /// The model has no input or output of that name.
    #[error("the model has no node named {0:?}")]
    NoSuchNode(String),
    /// Inference failed.
    #[error("inference failed: {0}")]
    Run(String),
    /// An output is not made of 32-bit floats.
    #[error("output {0:?} is not a tensor of 32-bit floats")]
    OutputType(String),
    /// Shape and data of a tensor do not belong together, or it is too large.
    #[error("a tensor of shape {shape:?} cannot hold {elements} elements")]
    Shape {
        /// The wanted shape.
        shape: Vec<usize>,
        /// Elements at hand.
        elements: usize,
    },
}

/// A dense tensor of 32-bit floats in row-major order.
#[derive(Clone, PartialEq)]
pub struct Tensor {
    shape: Vec<usize>,
    data: Vec<f32>,
}

impl Tensor {
    /// A tensor of `shape` from row-major `data`.
    ///
    /// # Errors
    /// [`EngineError::Shape`] when the number of elements differs from the shape, or exceeds
    /// 12.6 million.
    pub fn new(shape: &[usize], data: Vec<f32>) -> Result<Self, EngineError> {
        let wanted = shape
            .iter()
            .try_fold(1usize, |all, side| all.checked_mul(*side));
        if wanted != Some(data.len()) || data.len() > MAX_ELEMENTS {
            return Err(EngineError::Shape {
                shape: shape.to_vec(),
                elements: data.len(),
            });
        }
        Ok(Self {
            shape: shape.to_vec(),
            data,
        })
    }

    /// The length of each side, outermost first.
    #[must_use]
    pub fn shape(&self) -> &[usize] {
        &self.shape
    }

    /// The elements in row-major order.
    #[must_use]
    pub fn data(&self) -> &[f32] {
        &self.data
    }

    /// The elements, giving up the shape.
    #[must_use]
    pub fn into_data(self) -> Vec<f32> {
        self.data
    }
}

/// Shape only: the values may describe a person.
impl std::fmt::Debug for Tensor {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Tensor")
            .field("shape", &self.shape)
            .finish_non_exhaustive()
    }
}

/// An inference library.
pub trait Engine: Send + Sync {
    /// Its stable name in findings, such as `rten`.
    fn name(&self) -> &'static str;

    /// Makes a model runnable from the bytes of its ONNX file.
    ///
    /// # Errors
    /// [`EngineError::Load`] when the library does not accept the bytes.
    fn load(&self, onnx: Vec<u8>) -> Result<Box<dyn Session>, EngineError>;
}

/// A loaded model. Many threads may run it at once; one run uses one thread.
pub trait Session: Send + Sync {
    /// Runs the model on named inputs and returns the named outputs in the order asked for.
    ///
    /// # Errors
    /// [`EngineError`] for an unknown name, a wrong shape, or a failure of the library.
    fn run(&self, inputs: &[(&str, &Tensor)], outputs: &[&str])
    -> Result<Vec<Tensor>, EngineError>;

    /// Names of the model's outputs in the order of the file.
    fn outputs(&self) -> Vec<String>;
}
