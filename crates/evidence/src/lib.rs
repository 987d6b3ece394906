//! Hostile bytes in, findings out: sniffing, limits and bounded decoding of all that is sent.
//!
//! The order is always the same: size, magic bytes, declared type, header, limits, and only then a
//! decoder. Pictures are decoded in process by memory-safe decoders; video only by external tools
//! in a sandbox ([`MediaTools`]). What is not understood is a [`MediaRefusal`] with a stable code
//! and a sentence for people; a tool that is missing is a refusal too, never a pass.

mod jpeg;
mod limits;
mod picture;
mod ppm;
mod quality;
mod refusal;
mod sandbox;
mod sniff;
mod video;

pub use limits::Limits;
pub use picture::{Picture, decode_picture, reviewer_copy};
pub use quality::quality;
pub use refusal::MediaRefusal;
pub use sandbox::{MediaTools, Sandbox, ToolsReport};
pub use sniff::{MediaType, recognise, sniff};
pub use video::{MAX_FRAMES, VideoFacts, inspect_video};
