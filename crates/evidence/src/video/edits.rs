//! Edit lists of MP4: the container's own way to say that it was cut.

/// Boxes that are looked into on the way to the edit lists.
const PATH: [&[u8; 4]; 3] = [b"moov", b"trak", b"edts"];
/// Most boxes that are looked at.
const MAX_BOXES: usize = 4096;

/// How many pieces of media the edit list with most of them shows; recorders write none or one.
pub(crate) fn most_pieces(bytes: &[u8]) -> u32 {
    let mut open = vec![(bytes, 0usize)];
    let mut left = MAX_BOXES;
    let mut most = 0;
    while let Some((mut rest, depth)) = open.pop() {
        while let Some((name, body, after)) = next_box(rest) {
            left = left.saturating_sub(1);
            if left == 0 {
                return most;
            }
            if PATH.get(depth) == Some(&name) {
                open.push((body, depth + 1));
            } else if depth == PATH.len() && name == b"elst" {
                most = most.max(pieces(body));
            }
            rest = after;
        }
    }
    most
}

/// Name, body and what follows.
fn next_box(bytes: &[u8]) -> Option<(&[u8; 4], &[u8], &[u8])> {
    let (size, after) = bytes.split_first_chunk::<4>()?;
    let (name, after) = after.split_first_chunk::<4>()?;
    let (size, after) = match u32::from_be_bytes(*size) {
        0 => (after.len(), after),
        1 => {
            let (size, after) = after.split_first_chunk::<8>()?;
            let size = u64::from_be_bytes(*size).checked_sub(16)?;
            (usize::try_from(size).ok()?, after)
        }
        size => ((size as usize).checked_sub(8)?, after),
    };
    let size = size.min(after.len());
    let (body, after) = after.split_at_checked(size)?;
    Some((name, body, after))
}

/// Entries that show media: a media time of -1 is a pause before it begins.
fn pieces(list: &[u8]) -> u32 {
    let wide = list.first() == Some(&1);
    let (size, at) = if wide { (20, 8..16) } else { (12, 4..8) };
    let entries = list.get(8..).unwrap_or_default().chunks_exact(size);
    let is_media = |entry: &[u8]| {
        let time = entry.get(at.clone()).unwrap_or_default();
        time.iter().any(|byte| *byte != 0xff)
    };
    let count = entries.filter(|entry| is_media(entry)).count();
    u32::try_from(count).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn boxed(name: &[u8; 4], body: &[u8]) -> Vec<u8> {
        let mut bytes = (body.len() as u32 + 8).to_be_bytes().to_vec();
        bytes.extend(name);
        bytes.extend(body);
        bytes
    }

    fn with_list(times: &[i32]) -> Vec<u8> {
        let mut list = vec![0, 0, 0, 0];
        list.extend((times.len() as u32).to_be_bytes());
        for time in times {
            list.extend(1000u32.to_be_bytes());
            list.extend(time.to_be_bytes());
            list.extend([0, 1, 0, 0]);
        }
        let list = boxed(b"edts", &boxed(b"elst", &list));
        let tracks = [boxed(b"trak", &boxed(b"tkhd", b"")), boxed(b"trak", &list)].concat();
        [boxed(b"ftyp", b"isom"), boxed(b"moov", &tracks)].concat()
    }

    #[test]
    fn pieces_are_counted_and_pauses_are_not() {
        assert_eq!(most_pieces(&with_list(&[])), 0);
        assert_eq!(most_pieces(&with_list(&[-1, 0])), 1);
        assert_eq!(most_pieces(&with_list(&[0, 9000, -1, 400])), 3);
        assert_eq!(most_pieces(b"\x1a\x45\xdf\xa3webm"), 0);
    }

    proptest! {
        #[test]
        fn any_bytes_have_some_number(place in any::<usize>(), byte in any::<u8>()) {
            let mut bytes = with_list(&[0, 9000]);
            let place = place % bytes.len();
            bytes[place] = byte;
            let _ = most_pieces(&bytes);
        }
    }
}
