//! The shell: the only caller of `decide`, the only writer of cases; jobs and effects.

pub mod error;
pub mod inputs;
pub mod views;

mod stub;

pub use error::{EngineError, Result};
pub use stub::{Engine, PlatformCall};
