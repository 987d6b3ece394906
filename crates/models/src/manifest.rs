//! The manifest: what each model file is, where it comes from, and what it was measured to do.

use std::fmt;

use serde::Deserialize;
use thiserror::Error;

use crate::convert::Conversion;
use crate::validate;

/// Landmarks of a face: image-left eye, image-right eye, nose, image-left and image-right mouth
/// corner.
pub const LANDMARKS: usize = 5;

/// The manifest that is used where the operator brings none.
const BUILT_IN: &str = include_str!("../manifest.toml");

/// Longest manifest accepted, in bytes.
const MAX_MANIFEST_BYTES: usize = 256 * 1024;

/// Why a manifest is refused.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum ManifestError {
    /// Longer than any manifest has reason to be.
    #[error("the manifest has {0} bytes, at most {MAX_MANIFEST_BYTES} are read")]
    TooLong(usize),
    /// Not TOML, a wrong type, a missing or an unknown key; with line and column.
    #[error("{0}")]
    Syntax(String),
    /// A version of the format that this program does not know.
    #[error("manifest version {0} is not known, this program reads version 1")]
    Version(u32),
    /// A value that cannot be right.
    #[error("model {model}: {problem}")]
    Model {
        /// Name of the model, or its position when it has none.
        model: String,
        /// What is wrong, in plain words.
        problem: String,
    },
    /// An evaluation that cannot be right.
    #[error("evaluation {name}: {problem}")]
    Evaluation {
        /// Its name.
        name: String,
        /// What is wrong, in plain words.
        problem: String,
    },
}

/// What a model is used for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Finds faces and their five landmarks.
    FaceDetector,
    /// Turns an aligned face into a vector.
    FaceEmbedder,
    /// Tells a live face from a print or a screen: a weak signal.
    FaceLiveness,
    /// Yaw, pitch and roll of a head.
    HeadPose,
    /// Whether an eye is open.
    EyeState,
    /// Tells spoken digits apart.
    SpokenDigits,
    /// The order of the classes of the model for spoken digits: JSON, not run.
    SpokenDigitsMeta,
    /// Tesseract's data for machine-readable zones: for another program, not run.
    OcrMrz,
}

impl Role {
    /// Whether the inference library runs files with this role. The others are read by
    /// [`crate::ModelSet::read`] or handed on by [`crate::ModelSet::path`].
    #[must_use]
    pub const fn is_run(self) -> bool {
        !matches!(self, Self::SpokenDigitsMeta | Self::OcrMrz)
    }
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::FaceDetector => "face_detector",
            Self::FaceEmbedder => "face_embedder",
            Self::FaceLiveness => "face_liveness",
            Self::HeadPose => "head_pose",
            Self::EyeState => "eye_state",
            Self::SpokenDigits => "spoken_digits",
            Self::SpokenDigitsMeta => "spoken_digits_meta",
            Self::OcrMrz => "ocr_mrz",
        })
    }
}

/// How the outputs of a model are read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Decoder {
    /// `cls_s`, `obj_s`, `bbox_s`, `kps_s` for strides 8, 16, 32 (YuNet).
    Yunet,
    /// One vector, normalised by the reader.
    Vector,
    /// Probabilities; number 1 is a real face.
    #[serde(rename = "softmax_1_is_real")]
    SoftmaxReal,
    /// Probabilities; number 1 is an open eye.
    #[serde(rename = "softmax_1_is_open")]
    SoftmaxOpen,
    /// Angles in degrees, fetched by name.
    AnglesByName,
    /// One score per class, before softmax; the classes stand in a file of their own.
    Logits,
    /// No outputs: the file is not run.
    File,
}

/// How two vectors are compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Metric {
    /// Cosine of the angle: -1 to 1, higher is more alike.
    Cosine,
}

/// What the planes of an input are.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Channels {
    /// Blue, green, red.
    Bgr,
    /// Red, green, blue.
    Rgb,
    /// One plane of numbers that are no picture: the caller makes the tensor.
    #[default]
    Features,
}

/// A manifest whose every value has been checked.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Manifest {
    /// Version of the format: 1.
    pub version: u32,
    /// The evaluations that thresholds refer to.
    #[serde(default, rename = "evaluation")]
    pub evaluations: Vec<Evaluation>,
    /// The models.
    #[serde(rename = "model")]
    pub models: Vec<ModelSpec>,
}

/// An experiment that gave thresholds their meaning.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Evaluation {
    /// Name that thresholds refer to.
    pub name: String,
    /// What was compared.
    pub set: String,
    /// Comparisons of one person with the same person.
    pub genuine: u64,
    /// Comparisons of two persons.
    pub impostor: u64,
    /// Day of the measurement, `YYYY-MM-DD`.
    pub date: String,
    /// What to keep in mind when using the figures.
    pub note: Option<String>,
}

/// One model file.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ModelSpec {
    /// Name in findings and messages.
    pub name: String,
    /// What it is used for.
    pub role: Role,
    /// Whether a directory without this file is refused as a whole.
    #[serde(default)]
    pub required: bool,
    /// File name inside the directory, in one folder at most: `mrz/mrz.traineddata`.
    pub file: String,
    /// SHA-256 of the file, 64 lower-case hexadecimal digits.
    pub sha256: String,
    /// Length of the file.
    pub bytes: u64,
    /// SPDX identifier.
    pub licence: String,
    /// How outputs are read.
    pub decoder: Decoder,
    /// What happens to a picture before it goes in, beyond [`InputSpec`]; for people.
    pub preprocessing: String,
    /// How two outputs are compared (embedders).
    pub metric: Option<Metric>,
    /// Length of the output vector (embedders).
    pub dimensions: Option<usize>,
    /// Where the file comes from.
    pub source: Source,
    /// The publisher's files that `regain models fetch` downloads; none where it cannot.
    #[serde(default, rename = "original")]
    pub originals: Vec<Original>,
    /// What turns the originals into the file.
    #[serde(default)]
    pub convert: Conversion,
    /// Name of the output after a conversion, where there is only one.
    pub output: Option<String>,
    /// What goes in; empty for a file that is not run ([`Role::is_run`]).
    #[serde(default)]
    pub input: InputSpec,
    /// Where the landmarks of an aligned face lie (embedders).
    pub alignment: Option<Alignment>,
    /// What a similarity means (embedders).
    pub bands: Option<Bands>,
    /// Measured operating points.
    #[serde(default, rename = "threshold")]
    pub thresholds: Vec<Threshold>,
}

/// Provenance of a file.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Source {
    /// Repository, `owner/name`.
    pub repository: String,
    /// Commit, where the repository holds the original itself.
    pub commit: Option<String>,
    /// Path in the repository.
    pub path: String,
    /// What was done to the original.
    pub conversion: String,
}

/// One file as its publisher offers it.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Original {
    /// Its name, under which `--from` looks for it.
    pub file: String,
    /// Where it can be had, tried in order: `https`, or `http` on this machine.
    pub urls: Vec<String>,
    /// SHA-256, lower-case hexadecimal. Where nothing is converted, that of the model counts.
    pub sha256: Option<String>,
    /// SHA-384, as Open Model Zoo publishes it.
    pub sha384: Option<String>,
    /// Length, where it is known.
    pub bytes: Option<u64>,
}

/// The input tensor.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct InputSpec {
    /// Name of the input node.
    pub name: String,
    /// Batch, planes, height, width; -1 for a side that is free.
    pub shape: [i32; 4],
    /// What a free side must be a multiple of.
    pub multiple_of: Option<u32>,
    /// What the planes are.
    pub channels: Channels,
    /// Least and greatest value of a picture's plane before `mean` and `scale`.
    #[serde(default = "bytes")]
    pub range: [f32; 2],
    /// Subtracted from every value.
    #[serde(default)]
    pub mean: f32,
    /// What the difference is divided by.
    #[serde(default = "one")]
    pub scale: f32,
}

const fn one() -> f32 {
    1.0
}

const fn bytes() -> [f32; 2] {
    [0.0, 255.0]
}

impl InputSpec {
    /// Width and height, where both are fixed.
    #[must_use]
    pub fn size(&self) -> Option<(u32, u32)> {
        let [_, _, height, width] = self.shape;
        Some((u32::try_from(width).ok()?, u32::try_from(height).ok()?))
    }
}

/// Where the five landmarks of an aligned face lie.
#[derive(Debug, Clone, Copy, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Alignment {
    /// x and y in pixels of the input, in the order of [`LANDMARKS`].
    pub template: [[f32; 2]; LANDMARKS],
}

/// What a similarity means: no match, unsure, match.
#[derive(Debug, Clone, Copy, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Bands {
    /// Below this the faces do not match.
    pub no_match_below: f32,
    /// From this on they match; in between a person looks.
    pub match_from: f32,
}

/// One measured operating point.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Threshold {
    /// The threshold.
    pub value: f32,
    /// What is compared with it, such as `cosine` or `score`.
    pub unit: String,
    /// Share of strangers accepted at it.
    pub false_accept_rate: Option<f64>,
    /// Share of genuine accepted at it.
    pub true_accept_rate: Option<f64>,
    /// Name of the evaluation.
    pub evaluation: String,
}

impl Manifest {
    /// Reads and checks a manifest.
    ///
    /// # Errors
    /// [`ManifestError`] says what is wrong and where. Unknown keys are refused.
    pub fn parse(text: &str) -> Result<Self, ManifestError> {
        if text.len() > MAX_MANIFEST_BYTES {
            return Err(ManifestError::TooLong(text.len()));
        }
        // The version comes first: a newer format may have keys that are unknown here.
        let head: toml::Table =
            toml::from_str(text).map_err(|error| ManifestError::Syntax(error.to_string()))?;
        if let Some(version) = head.get("version").and_then(toml::Value::as_integer)
            && version != 1
        {
            return Err(ManifestError::Version(
                u32::try_from(version).unwrap_or(u32::MAX),
            ));
        }
        let manifest: Self =
            toml::from_str(text).map_err(|error| ManifestError::Syntax(error.to_string()))?;
        validate::manifest(&manifest)?;
        Ok(manifest)
    }

    /// The manifest that comes with the program.
    ///
    /// # Errors
    /// None in a released program: a test reads it.
    pub fn built_in() -> Result<Self, ManifestError> {
        Self::parse(BUILT_IN)
    }

    /// The first model with that role.
    #[must_use]
    pub fn first(&self, role: Role) -> Option<&ModelSpec> {
        self.models.iter().find(|model| model.role == role)
    }

    /// The evaluation of that name.
    #[must_use]
    pub fn evaluation(&self, name: &str) -> Option<&Evaluation> {
        self.evaluations
            .iter()
            .find(|evaluation| evaluation.name == name)
    }
}
