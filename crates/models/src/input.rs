//! Pictures into input tensors, as the manifest says.

use crate::engine::{EngineError, Tensor};
use crate::manifest::{Channels, InputSpec};

/// Planes of a picture.
const PLANES: usize = 3;

impl InputSpec {
    /// The input tensor of a picture: `rgb` holds `width * height` pixels of red, green, blue, row
    /// by row. The picture stands at the top left; the right and the bottom are filled with black
    /// up to [`InputSpec::multiple_of`]. Values are `(value - mean) / scale`.
    ///
    /// # Errors
    /// [`EngineError::Shape`] when the bytes do not make such a picture, when it has no pixel, when
    /// the model wants another size, or no picture at all.
    pub fn tensor(&self, rgb: &[u8], width: u32, height: u32) -> Result<Tensor, EngineError> {
        let (columns, rows) = (to_usize(width), to_usize(height));
        let refuse = || EngineError::Shape {
            shape: vec![1, PLANES, rows, columns],
            elements: rgb.len(),
        };
        let fits = |side: i32, wanted: u32| side == -1 || i64::from(side) == i64::from(wanted);
        let [_, _, fixed_height, fixed_width] = self.shape;
        let picture = self.channels != Channels::Features;
        if !picture || !fits(fixed_height, height) || !fits(fixed_width, width) {
            return Err(refuse());
        }
        let row_bytes = columns.checked_mul(PLANES).filter(|bytes| *bytes > 0);
        let row_bytes = row_bytes.ok_or_else(refuse)?;
        if rows == 0 || row_bytes.checked_mul(rows) != Some(rgb.len()) {
            return Err(refuse());
        }
        let unit = to_usize(self.multiple_of.unwrap_or(1)).max(1);
        let padded_columns = columns.checked_next_multiple_of(unit).ok_or_else(refuse)?;
        let padded_rows = rows.checked_next_multiple_of(unit).ok_or_else(refuse)?;
        let plane = padded_columns.checked_mul(padded_rows).ok_or_else(refuse)?;
        let all = plane
            .checked_mul(PLANES)
            .filter(|all| *all <= crate::engine::MAX_ELEMENTS);
        let black = self.value(0);
        let mut data = vec![black; all.ok_or_else(refuse)?];
        for (number, target) in data.chunks_exact_mut(plane).enumerate() {
            let channel = match self.channels {
                Channels::Rgb | Channels::Features => number,
                Channels::Bgr => PLANES.saturating_sub(1).saturating_sub(number),
            };
            let lines = target.chunks_exact_mut(padded_columns);
            for (line, source) in lines.zip(rgb.chunks_exact(row_bytes)) {
                for (value, byte) in line.iter_mut().zip(source.iter().skip(channel).step_by(3)) {
                    *value = self.value(*byte);
                }
            }
        }
        Tensor::new(&[1, PLANES, padded_rows, padded_columns], data)
    }

    fn value(&self, byte: u8) -> f32 {
        (f32::from(byte) - self.mean) / self.scale
    }
}

fn to_usize(side: u32) -> usize {
    usize::try_from(side).unwrap_or(usize::MAX)
}
