//! Reads what our own `ffmpeg` call answers with: AVI, two picture tracks and one of sound.
//!
//! One decoding gives frames for faces, small grey frames for motion, and sound; AVI carries all
//! three through one pipe with nothing but lengths to read.

/// Most streams that are read.
const MAX_STREAMS: usize = 3;
/// Bytes before the first chunk: `RIFF`, a size, `AVI `.
const HEAD: usize = 12;

/// A stream's picture size in pixels; 0 x 0 for sound.
pub(crate) type Size = (u32, u32);

/// One packet: stream, its number within the stream (empty ones count), bytes.
pub(crate) struct Chunk<'a> {
    pub(crate) stream: usize,
    pub(crate) number: u32,
    pub(crate) data: &'a [u8],
}

/// The streams and the packets that are not empty, in order. What is cut off ends it; what is no
/// AVI has neither.
pub(crate) fn read_avi(bytes: &[u8]) -> (Vec<Size>, Vec<Chunk<'_>>) {
    let (mut sizes, mut chunks) = (Vec::new(), Vec::new());
    let mut counts = [0u32; MAX_STREAMS];
    let is_avi = bytes.starts_with(b"RIFF") && bytes.get(8..HEAD) == Some(b"AVI ");
    let mut rest = if is_avi { bytes.get(HEAD..) } else { None };
    while let Some((name, after)) = rest.and_then(|rest| rest.split_first_chunk::<4>()) {
        let Some((size, after)) = after.split_first_chunk::<4>() else {
            break;
        };
        let size = u32::from_le_bytes(*size) as usize;
        if name == b"LIST" {
            // Its content follows in the same way; the one of packets has no true length here.
            rest = after.get(4..);
            continue;
        }
        let Some(data) = after.get(..size) else {
            break;
        };
        if name == b"strh" {
            sizes.push((0, 0));
        } else if name == b"strf" && data.len() >= 40 {
            if let Some(last) = sizes.last_mut() {
                *last = picture_size(data);
            }
        } else if let Some(stream) = packet_stream(name)
            && let Some(count) = counts.get_mut(stream)
        {
            if !data.is_empty() {
                let number = *count;
                chunks.push(Chunk {
                    stream,
                    number,
                    data,
                });
            }
            *count = count.saturating_add(1);
        }
        rest = after.get(size.saturating_add(size % 2)..);
    }
    sizes.truncate(MAX_STREAMS);
    (sizes, chunks)
}

/// Width and height of a `BITMAPINFOHEADER`; rows from the top have a negative height.
fn picture_size(header: &[u8]) -> Size {
    let number = |at: usize| {
        let four = header.get(at..at + 4)?.try_into().ok()?;
        Some(i32::from_le_bytes(four).unsigned_abs())
    };
    (number(4).unwrap_or(0), number(8).unwrap_or(0))
}

/// The stream of a packet's name: two digits and `dc`, `db` or `wb`.
fn packet_stream(name: &[u8; 4]) -> Option<usize> {
    let [b'0', digit @ b'0'..=b'9', kind @ ..] = name else {
        return None;
    };
    matches!(kind, b"dc" | b"db" | b"wb").then(|| usize::from(digit - b'0'))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn chunk(name: &[u8; 4], data: &[u8]) -> Vec<u8> {
        let mut bytes = name.to_vec();
        bytes.extend((data.len() as u32).to_le_bytes());
        bytes.extend(data);
        bytes.resize(bytes.len().next_multiple_of(2), 0);
        bytes
    }

    fn sample() -> Vec<u8> {
        let mut header = [0; 40];
        header[4..8].copy_from_slice(&4i32.to_le_bytes());
        header[8..12].copy_from_slice(&(-2i32).to_le_bytes());
        let mut bytes = b"RIFF\xff\xff\xff\xffAVI LIST\0\0\0\0strl".to_vec();
        bytes.extend(chunk(b"strh", b"vids"));
        bytes.extend(chunk(b"strf", &header));
        bytes.extend(chunk(b"strh", b"auds"));
        bytes.extend(chunk(b"strf", &[0; 16]));
        bytes.extend(b"LIST\xff\xff\xff\xffmovi");
        bytes.extend(chunk(b"00dc", b"abc"));
        bytes.extend(chunk(b"00dc", b""));
        bytes.extend(chunk(b"01wb", b"xy"));
        bytes.extend(chunk(b"00dc", b"def"));
        bytes.extend(chunk(b"idx1", b"00dc"));
        bytes
    }

    #[test]
    fn packets_come_out_with_their_numbers() {
        let bytes = sample();
        let (sizes, chunks) = read_avi(&bytes);
        assert_eq!(sizes, [(4, 2), (0, 0)]);
        let found: Vec<_> = chunks
            .iter()
            .map(|one| (one.stream, one.number, one.data))
            .collect();
        let wanted: [(usize, u32, &[u8]); 3] = [(0, 0, b"abc"), (1, 0, b"xy"), (0, 2, b"def")];
        assert_eq!(found, wanted);
    }

    proptest! {
        #[test]
        fn any_bytes_are_read_without_harm(
            place in any::<usize>(), junk in proptest::collection::vec(any::<u8>(), 0..8),
        ) {
            let mut bytes = sample();
            let place = place % bytes.len();
            bytes.splice(place.., junk);
            let _ = read_avi(&bytes);
        }
    }
}
