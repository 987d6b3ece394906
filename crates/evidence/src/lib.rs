//! Hostile bytes in, findings out: sniffing, limits and bounded decoding of all that is sent.
//!
//! The order is always the same: size, magic bytes, declared type, header, limits, and only then a
//! decoder. Pictures are decoded in process by memory-safe decoders; video only by external tools
//! in a sandbox ([`MediaTools`]). What is not understood is a [`MediaRefusal`] with a stable code
//! and a sentence for people; a tool that is missing is a refusal too, never a pass.

mod aamva;
mod annotate;
mod barcode;
mod document;
#[doc(hidden)]
pub mod fuzzing;
mod geometry;
mod jpeg;
mod limits;
mod metadata;
pub mod mrz;
mod names;
mod note;
mod ocr;
mod picture;
mod ppm;
mod proof;
mod quality;
mod quick;
mod reading;
mod refusal;
mod resize;
pub mod reuse;
mod sandbox;
mod scaled;
mod sniff;
mod speech;
mod spots;
mod still;
mod video;
mod webp;

pub use aamva::{Licence, parse_licence};
pub use annotate::annotate;
pub use barcode::read_barcode;
pub use document::{Card, DocumentLook, Shape, document, find_card, screen};
pub use limits::Limits;
pub use metadata::metadata_findings;
pub use names::Name;
pub use note::{Crop, Day, Expected, NoteLook, NoteWord, note, read_note, same_document};
pub use ocr::{Ocr, Task, Word};
pub use picture::{Picture, decode_picture, reviewer_copy};
pub use proof::{
    NamedTransaction, ProofRecord, ProofText, compare_proof, named_transactions,
    normalised_address, normalised_amount, read_proof,
};
pub use quality::quality;
pub use quick::{photo, quick, with_document};
pub use reading::{Reading, compare as compare_document, read_document};
pub use refusal::MediaRefusal;
pub use sandbox::{MediaTools, Sandbox, ToolsReport};
pub use scaled::decode_picture_near;
pub use sniff::{MediaType, recognise, sniff};
pub use speech::{
    DigitListener, Hearing, PhraseLook, PhraseReport, SOUND_RATE, SaidDigit, Sound, phrase,
};
pub use still::{MAX_PAGES, open_still};
pub use video::{
    ArrivalRecord, ArrivedChunk, MAX_FRAMES, MotionStep, Packet, TakeClock, Timeline, VideoFacts,
    inspect_video, scene_changes, take_findings,
};
