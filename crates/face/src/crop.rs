//! Cutting a part out of a picture and bringing it to the size a model wants.

use image::RgbImage;
use models::{LoadedModel, Tensor};

use crate::error::FaceError;
use crate::geometry::Bounds;
use crate::picture::{Region, reduced, sampled};

/// The whole pixels that a box covers inside the picture; none when it lies outside.
pub(crate) fn inside(picture: &RgbImage, bounds: &Bounds) -> Option<Region> {
    let (x, width) = span(bounds.x, bounds.width, picture.width())?;
    let (y, height) = span(bounds.y, bounds.height, picture.height())?;
    Some(Region {
        x,
        y,
        width,
        height,
    })
}

fn span(first: f32, length: f32, side: u32) -> Option<(u32, u32)> {
    let side = f64::from(side);
    let from = f64::from(first).floor().clamp(0.0, side);
    let to = (f64::from(first) + f64::from(length))
        .ceil()
        .clamp(0.0, side);
    if !(to - from).is_normal() || to < from {
        return None;
    }
    #[allow(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "0 to the side"
    )]
    Some((from as u32, (to - from) as u32))
}

/// How a region is brought to the model's size.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Resize {
    /// Every pixel the mean of its area.
    Mean,
    /// Bilinear at the middle of each pixel.
    Bilinear,
}

/// The region as the model's input; the model must have a fixed size.
pub(crate) fn input(
    model: &LoadedModel,
    picture: &RgbImage,
    region: Region,
    resize: Resize,
) -> Result<Tensor, FaceError> {
    let spec = model.spec();
    let size = spec.input.size();
    let (width, height) = size.ok_or_else(|| FaceError::Incomplete {
        model: spec.name.clone(),
        what: "fixed input shape",
    })?;
    let small = match resize {
        Resize::Mean => reduced(picture, region, width, height),
        Resize::Bilinear => sampled(picture, region, width, height),
    };
    Ok(spec.input.tensor(small.as_raw(), width, height)?)
}
