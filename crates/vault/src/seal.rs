//! Sealing and opening of bytes: an age file whose plaintext begins with a line that names it.

use std::io::{Read, Write};
use std::iter;

use age::x25519;
use recovery::id::CaseId;
use zeroize::Zeroizing;

use crate::error::VaultError;

/// Most bytes in one sealed item, before sealing: five times the largest video accepted.
pub const MAX_SEALED_BYTES: usize = 256 * 1024 * 1024;
/// First word of the header line; the number is the version of the format.
const MAGIC: &str = "regain-sealed/1";
/// What an age file for one X25519 recipient adds at most to short content.
const OVERHEAD: usize = 1024;
/// Bytes of one chunk of age's stream, and of its authentication tag.
const CHUNK: usize = 64 * 1024;
const TAG: usize = 16;

/// What a sealed item is; a record never opens as an object.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum SealedKind {
    /// Media and other large things in the object store.
    Object,
    /// A personal record in the main database.
    Record,
}

/// The header line of an item: `regain-sealed/1 object case_... name` and a line feed.
pub(crate) fn header(kind: SealedKind, case: &CaseId, name: &str) -> String {
    let kind = match kind {
        SealedKind::Object => "object",
        SealedKind::Record => "record",
    };
    format!("{MAGIC} {kind} {case} {name}\n")
}

/// Most bytes of a sealed item at rest; anything longer is not ours and is not read.
pub(crate) const fn max_stored_bytes() -> u64 {
    let chunks = MAX_SEALED_BYTES / CHUNK + 2;
    (MAX_SEALED_BYTES + OVERHEAD + chunks * TAG) as u64
}

/// Seals bytes for one identity; `header` goes in front of them.
pub(crate) fn seal(
    identity: &x25519::Identity,
    header: &str,
    plaintext: &[u8],
) -> Result<Vec<u8>, VaultError> {
    if plaintext.len() > MAX_SEALED_BYTES {
        return Err(VaultError::TooLarge);
    }
    let recipient = identity.to_public();
    let encryptor = age::Encryptor::with_recipients(iter::once(&recipient as _))
        .map_err(VaultError::storage)?;
    let room = plaintext.len() + header.len() + OVERHEAD + plaintext.len() / CHUNK * TAG;
    let mut sealed = Vec::with_capacity(room);
    let mut writer = encryptor
        .wrap_output(&mut sealed)
        .map_err(VaultError::storage)?;
    writer
        .write_all(header.as_bytes())
        .map_err(VaultError::storage)?;
    writer.write_all(plaintext).map_err(VaultError::storage)?;
    writer.finish().map_err(VaultError::storage)?;
    Ok(sealed)
}

/// Opens sealed bytes that must begin with `header`; returns what follows it.
///
/// # Errors
/// [`VaultError::Damaged`] for every kind of failure: a reason would only help an attacker.
pub(crate) fn open(
    identity: &x25519::Identity,
    header: &str,
    sealed: &[u8],
) -> Result<Zeroizing<Vec<u8>>, VaultError> {
    let decryptor = age::Decryptor::new_buffered(sealed).map_err(|_| VaultError::Damaged)?;
    let mut reader = decryptor
        .decrypt(iter::once(identity as _))
        .map_err(|_| VaultError::Damaged)?;
    let mut found = Zeroizing::new(vec![0; header.len()]);
    reader
        .read_exact(&mut found)
        .map_err(|_| VaultError::Damaged)?;
    // The whole line is compared, line feed included: no name is the beginning of another.
    if found.as_slice() != header.as_bytes() {
        return Err(VaultError::Damaged);
    }
    // Room for all of it at once: a growing buffer would leave copies behind that nobody wipes.
    let mut plaintext = Zeroizing::new(Vec::with_capacity(sealed.len()));
    reader
        .read_to_end(&mut plaintext)
        .map_err(|_| VaultError::Damaged)?;
    Ok(plaintext)
}

/// Opens an age file with whichever identity fits: the position of that identity and the text.
///
/// # Errors
/// [`VaultError::Damaged`] when none fits or the file is broken.
pub(crate) fn open_text(
    identities: &[&x25519::Identity],
    sealed: &[u8],
) -> Result<(usize, Zeroizing<String>), VaultError> {
    for (position, identity) in identities.iter().enumerate() {
        let Ok(decryptor) = age::Decryptor::new_buffered(sealed) else {
            return Err(VaultError::Damaged);
        };
        let Ok(mut reader) = decryptor.decrypt(iter::once(*identity as _)) else {
            continue;
        };
        let mut text = Zeroizing::new(String::with_capacity(sealed.len()));
        reader
            .read_to_string(&mut text)
            .map_err(|_| VaultError::Damaged)?;
        return Ok((position, text));
    }
    Err(VaultError::Damaged)
}
