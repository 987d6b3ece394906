//! Constants of an OpenVINO model: slices of its `.bin` file.

use half::f16;

use super::onnx::Data;
use super::xml::{Layer, broken};
use super::{ConvertError, elements};

/// A constant of the network.
#[derive(Debug, Clone)]
pub(super) struct Tensor {
    pub(super) shape: Vec<usize>,
    pub(super) data: Data,
}

impl Tensor {
    /// Its floats.
    ///
    /// # Errors
    /// When it holds integers.
    pub(super) fn floats(&self) -> Result<&[f32], ConvertError> {
        match &self.data {
            Data::Floats(values) => Ok(values),
            Data::Integers(_) => Err(broken("integers where floats belong".to_owned())),
        }
    }

    /// The same elements in another shape.
    pub(super) fn reshaped(&self, shape: Vec<usize>) -> Self {
        Self {
            shape,
            data: self.data.clone(),
        }
    }

    /// Rows and columns exchanged.
    ///
    /// # Errors
    /// When it is not a matrix of floats.
    pub(super) fn transposed(&self) -> Result<Self, ConvertError> {
        let [rows, columns] = *self.shape.as_slice() else {
            return Err(ConvertError::Unknown("a MatMul of this shape".to_owned()));
        };
        let values = self.floats()?;
        let column = |number| {
            values
                .iter()
                .skip(number)
                .step_by(columns.max(1))
                .take(rows)
        };
        Ok(Self {
            shape: vec![columns, rows],
            data: Data::Floats((0..columns).flat_map(column).copied().collect()),
        })
    }
}

/// Reads the constant that a `Const` layer describes.
///
/// # Errors
/// When it lies outside the file, has another length than its shape says, or another type.
pub(super) fn constant(layer: &Layer, bin: &[u8]) -> Result<Tensor, ConvertError> {
    let shape = layer.numbers("shape")?;
    let (offset, size) = (layer.number("offset")?, layer.number("size")?);
    let raw = offset
        .checked_add(size)
        .and_then(|end| bin.get(offset..end))
        .ok_or_else(|| broken(format!("{} lies outside the .bin file", layer.name)))?;
    let data = match layer.text("element_type") {
        "f16" => Data::Floats(chunks(raw, |bytes| f16::from_le_bytes(bytes).to_f32())),
        "f32" => Data::Floats(chunks(raw, f32::from_le_bytes)),
        "i32" => Data::Integers(chunks(raw, |bytes| i64::from(i32::from_le_bytes(bytes)))),
        "i64" => Data::Integers(chunks(raw, i64::from_le_bytes)),
        other => return Err(ConvertError::Unknown(format!("element type {other:?}"))),
    };
    let length = match &data {
        Data::Floats(values) => values.len(),
        Data::Integers(values) => values.len(),
    };
    let unit = match layer.text("element_type") {
        "f16" => 2,
        "f32" | "i32" => 4,
        _ => 8,
    };
    if length != elements(&shape)? || length.checked_mul(unit) != Some(size) {
        return Err(broken(format!("{} has another length", layer.name)));
    }
    Ok(Tensor { shape, data })
}

fn chunks<const N: usize, T>(raw: &[u8], read: impl Fn([u8; N]) -> T) -> Vec<T> {
    let (chunks, _) = raw.as_chunks::<N>();
    chunks.iter().map(|chunk| read(*chunk)).collect()
}
