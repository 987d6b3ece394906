//! WebP containers: whether their chunks lie within the file, before a decoder believes them.

/// Bytes of the container's header, of which four at 4 hold its size (RFC 9649, section 2.4).
const HEADER: usize = 12;
/// Bytes before the size that a container declares begins to count.
const COUNTED_FROM: usize = 8;
/// Bytes of a chunk's header: its name, then its size.
const CHUNK: usize = 8;

fn size(bytes: &[u8]) -> Option<usize> {
    let four = bytes.get(4..8)?.try_into().ok()?;
    usize::try_from(u32::from_le_bytes(four)).ok()
}

/// Whether every chunk ends within the file. A decoder reserves what a chunk declares, 4 GB at
/// most, before it finds that the file has ended.
pub(crate) fn chunks_fit(bytes: &[u8]) -> bool {
    let end = size(bytes).unwrap_or(0).saturating_add(COUNTED_FROM);
    let whole = bytes.get(..end).unwrap_or(bytes);
    let mut rest = whole.get(HEADER..).unwrap_or_default();
    // Each round takes a header at least; what is shorter than one is no chunk.
    while let Some((header, after)) = rest.split_first_chunk::<CHUNK>() {
        let Some(size) = size(header).filter(|size| *size <= after.len()) else {
            return false;
        };
        // Chunks begin at even places.
        rest = after.get(size + size % 2..).unwrap_or_default();
    }
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    fn container(chunks: &[(&[u8; 4], u32, &[u8])]) -> Vec<u8> {
        let mut inside = b"WEBP".to_vec();
        for (name, size, data) in chunks {
            inside.extend_from_slice(*name);
            inside.extend_from_slice(&size.to_le_bytes());
            inside.extend_from_slice(data);
        }
        let mut file = b"RIFF".to_vec();
        file.extend_from_slice(&u32::try_from(inside.len()).unwrap().to_le_bytes());
        file.extend_from_slice(&inside);
        file
    }

    #[test]
    fn chunks_must_end_within_the_file() {
        let fits = |chunks: &[(&[u8; 4], u32, &[u8])]| chunks_fit(&container(chunks));
        assert!(fits(&[(b"VP8L", 4, b"abcd")]));
        assert!(fits(&[(b"VP8L", 3, b"abc\0"), (b"EXIF", 1, b"a\0")]));
        assert!(fits(&[(b"VP8L", 3, b"abc")]), "the last one unpadded");
        assert!(!fits(&[(b"VP8L", 4, b"abcd"), (b"EXIF", u32::MAX, b"a")]));
        assert!(!fits(&[(b"VP8L", 5, b"abcd")]));
        let mut followed = container(&[(b"VP8L", 4, b"abcd")]);
        followed.extend_from_slice(b"what comes after the container");
        assert!(chunks_fit(&followed));
        assert!(chunks_fit(b"RIFF"), "nothing is declared");
    }
}
