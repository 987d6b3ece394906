//! What the headers of a resumable upload hold (tus 1.0.0).

use anyhow::Result;
use data_encoding::{BASE64, HEXLOWER};
use recovery::id::ContentDigest;

/// `Upload-Metadata`: names, and values in base 64.
pub(crate) fn metadata(pairs: &[(&str, &str)]) -> String {
    let pair = |(name, value): &(&str, &str)| format!("{name} {}", BASE64.encode(value.as_bytes()));
    pairs.iter().map(pair).collect::<Vec<_>>().join(",")
}

/// `Upload-Checksum` of a piece.
pub(crate) fn checksum(bytes: &[u8]) -> Result<String> {
    let digest = HEXLOWER.decode(ContentDigest::of(bytes).0.as_bytes())?;
    Ok(format!("sha256 {}", BASE64.encode(&digest)))
}
