//! Finding faces: the decoder of YuNet's outputs.

use image::RgbImage;
use models::{LANDMARKS, LoadedModel, Tensor};

use crate::error::FaceError;
use crate::geometry::{Bounds, DetectedFace, Point};

/// Strides of the three output grids, in pixels.
const STRIDES: [u8; 3] = [8, 16, 32];
/// Two boxes that overlap more than this show the same face (the publisher's value).
const SAME_FACE_OVERLAP: f32 = 0.45;
/// Most candidates looked at, best first.
const MAX_CANDIDATES: usize = 1000;
/// Most faces reported, best first.
const MAX_FACES: usize = 64;

/// Names of the outputs for each stride: class, object, box, landmarks.
const OUTPUTS: [&str; 12] = [
    "cls_8", "obj_8", "bbox_8", "kps_8", "cls_16", "obj_16", "bbox_16", "kps_16", "cls_32",
    "obj_32", "bbox_32", "kps_32",
];

/// Faces of a picture as it is, best first, in its own pixels.
pub(crate) fn faces(
    model: &LoadedModel,
    picture: &RgbImage,
    least_score: f32,
) -> Result<Vec<DetectedFace>, FaceError> {
    let (width, height) = picture.dimensions();
    if width == 0 || height == 0 {
        return Ok(Vec::new());
    }
    let input = model.spec().input.tensor(picture.as_raw(), width, height)?;
    let columns = input.shape().last().copied().unwrap_or(0);
    let outputs = model.run(&input, &OUTPUTS)?;
    let mut candidates = Vec::new();
    for (stride, grid) in STRIDES.into_iter().zip(outputs.chunks_exact(4)) {
        let [class, object, boxes, points] = grid else {
            continue;
        };
        let grid = Grid {
            stride: f32::from(stride),
            columns: columns / usize::from(stride),
        };
        let read = grid.read([class, object, boxes, points], least_score, &mut candidates);
        read.ok_or_else(|| FaceError::Output {
            model: model.spec().name.clone(),
            what: "the outputs of one grid differ in length",
        })?;
    }
    candidates.sort_by(|one, other| other.score.total_cmp(&one.score));
    candidates.truncate(MAX_CANDIDATES);
    let mut kept: Vec<DetectedFace> = Vec::new();
    for face in candidates {
        let same = |other: &DetectedFace| other.bounds.overlap(&face.bounds) > SAME_FACE_OVERLAP;
        if kept.len() < MAX_FACES && !kept.iter().any(same) {
            kept.push(face);
        }
    }
    Ok(kept)
}

/// One output grid.
struct Grid {
    stride: f32,
    columns: usize,
}

impl Grid {
    /// Adds every cell with a face; none when the outputs do not belong together.
    fn read(
        &self,
        [class, object, boxes, points]: [&Tensor; 4],
        least_score: f32,
        found: &mut Vec<DetectedFace>,
    ) -> Option<()> {
        let (boxes, rest) = boxes.data().as_chunks::<4>();
        let (points, tail) = points.data().as_chunks::<{ 2 * LANDMARKS }>();
        let cells = class.data().len();
        let lengths = [object.data().len(), boxes.len(), points.len()];
        if lengths != [cells; 3] || !rest.is_empty() || !tail.is_empty() || self.columns == 0 {
            return None;
        }
        let scores = class.data().iter().zip(object.data());
        for (cell, ((scores, shape), points)) in scores.zip(boxes).zip(points).enumerate() {
            let score = (scores.0.clamp(0.0, 1.0) * scores.1.clamp(0.0, 1.0)).sqrt();
            // A score that is not a number is not a face either.
            if score >= least_score {
                let column = small(cell % self.columns);
                let row = small(cell / self.columns);
                found.extend(self.face(column, row, shape, points, score));
            }
        }
        Some(())
    }

    fn face(
        &self,
        column: f32,
        row: f32,
        [x, y, width, height]: &[f32; 4],
        points: &[f32; 2 * LANDMARKS],
        score: f32,
    ) -> Option<DetectedFace> {
        let (width, height) = (width.exp() * self.stride, height.exp() * self.stride);
        let bounds = Bounds {
            x: (column + x) * self.stride - width / 2.0,
            y: (row + y) * self.stride - height / 2.0,
            width,
            height,
        };
        let mut landmarks = [Point { x: 0.0, y: 0.0 }; LANDMARKS];
        for (landmark, [x, y]) in landmarks.iter_mut().zip(points.as_chunks::<2>().0) {
            *landmark = Point {
                x: (column + x) * self.stride,
                y: (row + y) * self.stride,
            };
        }
        let finite = |point: &Point| point.x.is_finite() && point.y.is_finite();
        let usable = bounds.area().is_normal()
            && bounds.x.is_finite()
            && bounds.y.is_finite()
            && landmarks.iter().all(finite);
        usable.then_some(DetectedFace {
            bounds,
            landmarks,
            score,
        })
    }
}

/// A grid coordinate: at most 2048 / 8, exact as a float.
fn small(coordinate: usize) -> f32 {
    f32::from(u16::try_from(coordinate).unwrap_or(u16::MAX))
}
