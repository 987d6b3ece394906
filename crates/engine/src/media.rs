//! Copies of pictures and the names of sealed objects.

use image::RgbImage;
use recovery::id::EvidenceId;
use vault::ObjectName;

use crate::error::{EngineError, Result};
use crate::examine::ShownAs;

/// Longest side of a copy for reading on a screen, in pixels.
pub(crate) const COPY_SIDE: u32 = 2000;
/// Quality of frames and portraits.
const QUALITY: u8 = 88;

fn name(text: &str) -> Result<ObjectName> {
    text.parse()
        .map_err(|error: vault::VaultError| EngineError::internal("name", &error))
}

/// The copy without metadata of one piece of evidence.
pub(crate) fn copy_name(id: &EvidenceId) -> Result<ObjectName> {
    name(&format!("copy/{id}"))
}

/// One frame of the video.
pub(crate) fn frame_name(place: usize) -> Result<ObjectName> {
    name(&format!("frame/{place}"))
}

/// What reviewers are shown beside the evidence.
pub(crate) fn shown_name(what: ShownAs) -> Result<ObjectName> {
    name(&format!("shown/{}", what.name()))
}

/// Whether an object is one that the checks make anew in every round.
pub(crate) fn made_by_checks(name: &ObjectName) -> bool {
    ["frame/", "shown/"]
        .iter()
        .any(|folder| name.as_str().starts_with(folder))
}

/// The portrait of the record.
pub(crate) fn portrait_name() -> Result<ObjectName> {
    name("portrait")
}

/// A JPEG without metadata.
pub(crate) fn jpeg(picture: &RgbImage) -> Result<Vec<u8>> {
    let mut bytes = Vec::new();
    image::codecs::jpeg::JpegEncoder::new_with_quality(&mut bytes, QUALITY)
        .encode_image(picture)
        .map_err(|error| EngineError::internal("jpeg", &error))?;
    Ok(bytes)
}
