//! Model files: manifest, digests, loading and running. The only user of the inference library.
//!
//! A [`Manifest`] says what each model file is and what it was measured to do; a [`ModelSet`] is a
//! directory of such files whose digests have been checked; a [`Session`] runs one of them.
//! The inference library stays behind [`Engine`], so that another one can take its place.

mod convert;
mod engine;
mod error;
mod fetch;
mod input;
mod manifest;
mod reference;
mod rten_engine;
mod set;
mod validate;

pub use convert::{Conversion, ConvertError, convert};
pub use engine::{Engine, EngineError, Session, Tensor};
pub use error::ModelError;
pub use fetch::{Event, Fetch, FetchError, Fetched};
pub use manifest::{
    Alignment, Bands, Channels, Decoder, Evaluation, InputSpec, LANDMARKS, Manifest, ManifestError,
    Metric, ModelSpec, Original, Role, Source, Threshold,
};
pub use reference::{Agreement, PATTERNS, generated};
pub use rten_engine::RtenEngine;
pub use set::{FileState, LoadedModel, ModelSet, OPERATOR_MANIFEST};
