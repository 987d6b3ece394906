//! The engine: the models and what they are used for.

use std::sync::Arc;

use image::RgbImage;
use models::{Alignment, LoadedModel, ModelSet, Role};
use recovery::policy::FaceChecks;

use crate::align;
use crate::compare;
use crate::detect;
use crate::embed::{Embedding, Similarity};
use crate::error::FaceError;
use crate::geometry::{DetectedFace, Point};
use crate::likeness::Face;
use crate::liveness::Liveness;
use crate::picture;
use crate::pose::{HeadPose, Pose};
use crate::quality::{Quality, QualityIssue};

/// Long sides at which faces are looked for, in pixels; the next one only when none was found.
/// The first found a face in 64 of 64 large photos and costs a quarter of the second.
const LOOK_AT: [u32; 3] = [160, 320, 640];

/// A face whose width is at least this share of the largest one's leaves open who is meant. The
/// portrait on a card held beside the face stays below it (a passport's at half the distance to
/// the camera: about 0.34). Of news photos of one person, 15 in 100 have such a bystander.
const BYSTANDER: f32 = 0.5;
/// From this share on two people pose together (4 in 100 of the same photos).
const SECOND_PERSON: f32 = 0.75;

/// Side of an aligned face for people, in pixels: twice the embedder's, so that it can be judged.
pub const SHOWN_SIDE: u32 = 256;

/// Finds, embeds and compares faces. One engine serves all threads.
pub struct FaceEngine {
    detector: Arc<LoadedModel>,
    embedder: Arc<LoadedModel>,
    least_score: f32,
    alignment: Alignment,
    dimensions: usize,
    size: (u32, u32),
    /// Measured thresholds, lowest first, each with how many strangers there are for one who
    /// reaches it.
    scale: Vec<(f32, u32)>,
    head_pose: Option<HeadPose>,
    liveness: Option<Liveness>,
}

/// A picture whose faces were found, and the one that counts made comparable.
pub struct LookedAt {
    /// Every face, largest first.
    pub faces: Vec<DetectedFace>,
    /// The largest face, comparable; none when there is no face, or it was measured only.
    pub face: Option<Face>,
    /// What was measured on the largest face.
    pub quality: Option<Quality>,
}

impl LookedAt {
    /// Whether a second face is large enough to leave open who is meant (the small portrait on a
    /// card is not).
    #[must_use]
    pub fn several(&self) -> bool {
        self.second_share() >= BYSTANDER
    }

    /// Whether a second person is as prominent as the first.
    #[must_use]
    pub fn second_person(&self) -> bool {
        self.second_share() >= SECOND_PERSON
    }

    /// Width of the widest other face as a share of the largest one's.
    fn second_share(&self) -> f32 {
        let mut widths = self.faces.iter().map(|face| face.bounds.width);
        let Some(largest) = widths.next() else {
            return 0.0;
        };
        widths.map(|width| width / largest).fold(0.0, f32::max)
    }

    /// What is wrong with the largest face.
    #[must_use]
    pub fn issues(&self, checks: &FaceChecks) -> Vec<QualityIssue> {
        self.quality
            .map(|quality| quality.issues(checks))
            .unwrap_or_default()
    }
}

impl FaceEngine {
    /// Takes detector and embedder from a set of models, and those for head poses and liveness
    /// where they are there.
    ///
    /// # Errors
    /// [`FaceError::Model`] when one is not usable, [`FaceError::Incomplete`] when its description
    /// lacks what faces need.
    pub fn open(models: &ModelSet) -> Result<Self, FaceError> {
        let detector = models.model(Role::FaceDetector)?;
        let embedder = models.model(Role::FaceEmbedder)?;
        let lacks = |model: &LoadedModel, what| FaceError::Incomplete {
            model: model.spec().name.clone(),
            what,
        };
        let scores = detector
            .spec()
            .thresholds
            .iter()
            .find(|threshold| threshold.unit == "score");
        let least_score = scores
            .ok_or_else(|| lacks(&detector, "score threshold"))?
            .value;
        let spec = embedder.spec();
        Ok(Self {
            least_score,
            alignment: spec
                .alignment
                .ok_or_else(|| lacks(&embedder, "alignment"))?,
            scale: scale(&embedder),
            dimensions: spec
                .dimensions
                .ok_or_else(|| lacks(&embedder, "dimensions"))?,
            size: spec
                .input
                .size()
                .ok_or_else(|| lacks(&embedder, "fixed input shape"))?,
            head_pose: HeadPose::open(models),
            liveness: Liveness::open(models),
            detector,
            embedder,
        })
    }

    /// Engine and embedder for findings, such as `rten/face_reid_0095`.
    #[must_use]
    pub fn label(&self) -> String {
        self.embedder.label()
    }

    /// Whether the policy's thresholds were measured with this embedder. With another one they
    /// mean nothing, and comparisons are unavailable.
    #[must_use]
    pub fn calibrated(&self, checks: &FaceChecks) -> bool {
        self.embedder.spec().name == checks.embedder
    }

    /// One in so many strangers reaches the highest measured threshold at or below a score, for
    /// "above the line used for 1 in 10,000"; none below the lowest threshold.
    #[must_use]
    pub fn one_in(&self, score: Similarity) -> Option<u32> {
        let below = self.scale.partition_point(|(value, _)| *value <= score.0);
        let last = below.checked_sub(1)?;
        self.scale.get(last).map(|(_, strangers)| *strangers)
    }

    /// Engine and models of liveness for findings; none when one of them is missing.
    #[must_use]
    pub fn liveness_label(&self) -> Option<String> {
        self.liveness.as_ref().map(Liveness::label)
    }

    /// Finds the faces of a picture, largest first, in its own pixels.
    ///
    /// # Errors
    /// [`FaceError`] when inference fails. No face is not an error.
    pub fn detect(&self, picture: &RgbImage) -> Result<Vec<DetectedFace>, FaceError> {
        for long in LOOK_AT {
            let faces = self.detect_at(picture, long)?;
            if !faces.is_empty() || picture.width().max(picture.height()) <= long {
                return Ok(faces);
            }
        }
        Ok(Vec::new())
    }

    /// As [`Self::detect`] at one size: the long side is made `long` pixels if it is longer.
    ///
    /// # Errors
    /// As [`Self::detect`].
    pub fn detect_at(&self, picture: &RgbImage, long: u32) -> Result<Vec<DetectedFace>, FaceError> {
        let smaller = picture::shrunk(picture, long);
        let shown = smaller.as_ref().unwrap_or(picture);
        let mut faces = detect::faces(&self.detector, shown, self.least_score)?;
        if smaller.is_some() {
            #[allow(clippy::cast_precision_loss, reason = "sides of pictures")]
            let ratio = |from: u32, to: u32| from as f32 / to.max(1) as f32;
            let scale = Point {
                x: ratio(picture.width(), shown.width()),
                y: ratio(picture.height(), shown.height()),
            };
            let origin = Point { x: 0.0, y: 0.0 };
            faces = faces
                .iter()
                .map(|face| face.scaled(scale, origin))
                .collect();
        }
        faces.sort_by(|one, other| other.bounds.area().total_cmp(&one.bounds.area()));
        Ok(faces)
    }

    /// The face upright and at the size of the embedder's input.
    ///
    /// # Errors
    /// [`FaceError::Landmarks`] when they make no face.
    pub fn align(&self, picture: &RgbImage, face: &DetectedFace) -> Result<RgbImage, FaceError> {
        let aligned = align::aligned(picture, face, &self.alignment.template, self.size);
        aligned.ok_or(FaceError::Landmarks)
    }

    /// An aligned face (see [`Self::align`]) as a vector.
    ///
    /// # Errors
    /// [`FaceError`] when inference fails or gives no direction.
    pub fn embed_aligned(&self, aligned: &RgbImage) -> Result<Embedding, FaceError> {
        let (width, height) = aligned.dimensions();
        let spec = self.embedder.spec();
        let input = spec.input.tensor(aligned.as_raw(), width, height)?;
        let output = self.embedder.run_first(&input)?;
        Embedding::new(output.into_data(), &spec.name, self.dimensions)
    }

    /// Where a head looks; none without the model.
    ///
    /// # Errors
    /// [`FaceError`] when inference fails.
    pub fn pose(&self, picture: &RgbImage, face: &DetectedFace) -> Result<Option<Pose>, FaceError> {
        match &self.head_pose {
            Some(model) => model.of(picture, &face.bounds),
            None => Ok(None),
        }
    }

    /// How sure two models are that a face stands before the camera, 0 to 1; none without them.
    ///
    /// # Errors
    /// [`FaceError`] when inference fails.
    pub fn live(&self, picture: &RgbImage, face: &DetectedFace) -> Result<Option<f32>, FaceError> {
        match &self.liveness {
            Some(models) => models.of(picture, &face.bounds),
            None => Ok(None),
        }
    }

    /// The largest face upright, [`SHOWN_SIDE`] pixels wide and high, for a person to look at
    /// beside others; none when there is no face or inference fails.
    #[must_use]
    pub fn aligned_face(&self, picture: &RgbImage) -> Option<RgbImage> {
        let faces = self.detect(picture).ok()?;
        let (width, _) = self.size;
        #[allow(clippy::cast_precision_loss, reason = "sides of pictures")]
        let ratio = SHOWN_SIDE as f32 / width as f32;
        let template = self
            .alignment
            .template
            .map(|point| point.map(|at| at * ratio));
        align::aligned(picture, faces.first()?, &template, (SHOWN_SIDE, SHOWN_SIDE))
    }

    /// The face of a picture, if it may stand for its person in a gallery: one person, good enough
    /// to be compared by the policy, and by the embedder whose thresholds that has. None otherwise.
    ///
    /// # Errors
    /// [`FaceError`] when inference fails.
    pub fn gallery_face(
        &self,
        picture: &RgbImage,
        checks: &FaceChecks,
    ) -> Result<Option<Embedding>, FaceError> {
        if !self.calibrated(checks) {
            return Ok(None);
        }
        let seen = self.look_at(picture)?;
        let clear = compare::reasons(&seen, checks).is_empty();
        Ok(seen.face.filter(|_| clear).map(Face::into_embedding))
    }

    /// Finds faces and makes the largest one comparable.
    ///
    /// # Errors
    /// [`FaceError`] when inference fails. No face is not an error.
    pub fn look_at(&self, picture: &RgbImage) -> Result<LookedAt, FaceError> {
        let (mut seen, aligned) = self.measured(picture)?;
        if let Some(aligned) = aligned {
            seen.face = Some(self.aligned_as_face(aligned)?);
        }
        Ok(seen)
    }

    /// Finds faces and measures the largest one, which becomes comparable with nothing.
    ///
    /// # Errors
    /// As [`Self::look_at`].
    pub fn measure(&self, picture: &RgbImage) -> Result<LookedAt, FaceError> {
        Ok(self.measured(picture)?.0)
    }

    /// What was measured, and the largest face upright.
    fn measured(&self, picture: &RgbImage) -> Result<(LookedAt, Option<RgbImage>), FaceError> {
        let mut seen = LookedAt {
            faces: self.detect(picture)?,
            face: None,
            quality: None,
        };
        let Some(largest) = seen.faces.first() else {
            return Ok((seen, None));
        };
        let aligned = self.align(picture, largest)?;
        let pose = self.pose(picture, largest)?;
        seen.quality = Some(Quality::of(largest, &aligned, pose));
        Ok((seen, Some(aligned)))
    }
}

/// The measured points of an embedder, lowest first.
fn scale(embedder: &LoadedModel) -> Vec<(f32, u32)> {
    let points = embedder.spec().thresholds.iter();
    // Saturates by definition of `as`: nobody, where the rate is 0.
    let strangers = |rate: f64| (1.0 / rate).round() as u32;
    let mut scale: Vec<(f32, u32)> = points
        .filter(|point| point.unit == "cosine")
        .filter_map(|point| Some((point.value, strangers(point.false_accept_rate?))))
        .collect();
    scale.sort_by(|one, other| one.0.total_cmp(&other.0));
    scale
}
