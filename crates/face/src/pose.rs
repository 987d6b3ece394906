//! Where a head looks: yaw, pitch and roll by a small model.

use std::sync::Arc;

use image::RgbImage;
use models::{LoadedModel, ModelSet, Role};
use serde::Serialize;

use crate::crop::{self, Resize};
use crate::error::FaceError;
use crate::geometry::Bounds;

/// Outputs of `head_pose_0001`, fetched by name: the file has them in another order.
const ANGLES: [&str; 3] = ["angle_y_fc", "angle_p_fc", "angle_r_fc"];

/// Where a head looks, in degrees; 0, 0, 0 is straight at the camera.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Pose {
    /// To the side: below zero when the nose moves to the left of the picture.
    pub yaw: f32,
    /// Up and down.
    pub pitch: f32,
    /// Towards a shoulder.
    pub roll: f32,
}

/// The model, where there is one.
pub(crate) struct HeadPose(Arc<LoadedModel>);

impl HeadPose {
    /// None when the model is not there or wrong: the gates then go by the landmarks.
    pub(crate) fn open(models: &ModelSet) -> Option<Self> {
        models.model(Role::HeadPose).ok().map(Self)
    }

    /// None when the face lies outside of the picture.
    pub(crate) fn of(&self, picture: &RgbImage, face: &Bounds) -> Result<Option<Pose>, FaceError> {
        let Some(region) = crop::inside(picture, face) else {
            return Ok(None);
        };
        let outputs = self.0.run(
            &crop::input(&self.0, picture, region, Resize::Mean)?,
            &ANGLES,
        )?;
        let angles: Vec<f32> = outputs
            .iter()
            .filter_map(|output| output.data().first().copied())
            .collect();
        match angles.as_slice() {
            [yaw, pitch, roll] => Ok(Some(Pose {
                yaw: *yaw,
                pitch: *pitch,
                roll: *roll,
            })),
            _ => Err(FaceError::Output {
                model: self.0.spec().name.clone(),
                what: "an angle is missing",
            }),
        }
    }
}
