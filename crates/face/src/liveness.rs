//! Passive liveness: a face in front of the camera, or a print or a screen. A weak signal, blind
//! to injected video: it routes to people and decides nothing.

use std::sync::Arc;

use image::RgbImage;
use models::{LoadedModel, ModelSet, Role};

use crate::crop::{self, Resize};
use crate::error::FaceError;
use crate::geometry::Bounds;

/// How much more than the face each model was trained to see, by its name (the numbers are part
/// of the publisher's file names).
const SCALES: [(&str, f32); 2] = [
    ("minifasnet_v2_2.7_80", 2.7),
    ("minifasnet_v1se_4.0_80", 4.0),
];
/// The training detector's boxes are square; YuNet's are taller: the side of the square as a
/// share of the longer side, and how far down its middle moves, in heights (COMPONENTS A5).
const SQUARE_SIDE: f32 = 0.9;
const SQUARE_DOWN: f32 = 0.06;
/// Place of the live class among the outputs.
const LIVE: usize = 1;

/// Both models.
pub(crate) struct Liveness(Vec<(Arc<LoadedModel>, f32)>);

impl Liveness {
    /// None unless all models are there: thresholds hold for the mean of all of them only.
    pub(crate) fn open(models: &ModelSet) -> Option<Self> {
        let found = models.all(Role::FaceLiveness).ok()?;
        let scaled = SCALES.iter().map(|(name, scale)| {
            let model = found.iter().find(|model| model.spec().name == *name)?;
            Some((Arc::clone(model), *scale))
        });
        scaled.collect::<Option<_>>().map(Self)
    }

    /// Engine and models for findings.
    pub(crate) fn label(&self) -> String {
        let names: Vec<String> = self.0.iter().map(|(model, _)| model.label()).collect();
        names.join("+")
    }

    /// The mean of the models' probabilities that the face is live, 0 to 1; none when it lies
    /// outside of the picture.
    pub(crate) fn of(&self, picture: &RgbImage, face: &Bounds) -> Result<Option<f32>, FaceError> {
        let square = squared(face);
        let mut sum = 0.0;
        for (model, scale) in &self.0 {
            let context = in_context(&square, *scale, picture);
            let Some(region) = crop::inside(picture, &context) else {
                return Ok(None);
            };
            // As the publisher crops: smoother copies make prints look live.
            let input = crop::input(model, picture, region, Resize::Bilinear)?;
            let output = model.run_first(&input)?;
            let live = output.data().get(LIVE).copied();
            sum += live
                .filter(|live| live.is_finite())
                .ok_or_else(|| FaceError::Output {
                    model: model.spec().name.clone(),
                    what: "there is no probability of a live face",
                })?;
        }
        #[allow(clippy::cast_precision_loss, reason = "two models")]
        Ok(Some(sum / self.0.len().max(1) as f32))
    }
}

fn squared(face: &Bounds) -> Bounds {
    let side = SQUARE_SIDE * face.width.max(face.height);
    Bounds {
        x: face.x + face.width / 2.0 - side / 2.0,
        y: face.y + face.height / 2.0 + SQUARE_DOWN * face.height - side / 2.0,
        width: side,
        height: side,
    }
}

/// The box scaled about its middle, by less where it would not fit, and shifted into the picture.
fn in_context(face: &Bounds, scale: f32, picture: &RgbImage) -> Bounds {
    #[allow(clippy::cast_precision_loss, reason = "sides of pictures")]
    let (wide, high) = (
        picture.width().saturating_sub(1) as f32,
        picture.height().saturating_sub(1) as f32,
    );
    let scale = scale.min(wide / face.width).min(high / face.height);
    let (width, height) = (face.width * scale, face.height * scale);
    let first = |from: f32, length: f32, scaled: f32, side: f32| {
        (from + length / 2.0 - scaled / 2.0)
            .min(side - scaled)
            .max(0.0)
    };
    Bounds {
        x: first(face.x, face.width, width, wide),
        y: first(face.y, face.height, height, high),
        width,
        height,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_context_stays_inside_the_picture() {
        let picture = RgbImage::new(200, 100);
        for x in [-20.0, 0.0, 90.0, 180.0] {
            let face = Bounds {
                x,
                y: 30.0,
                width: 30.0,
                height: 40.0,
            };
            let context = in_context(&squared(&face), 4.0, &picture);
            assert!(context.x >= 0.0 && context.y >= 0.0, "{context:?}");
            assert!(context.x + context.width <= 199.1, "{context:?}");
            assert!(context.y + context.height <= 99.1, "{context:?}");
        }
    }
}
