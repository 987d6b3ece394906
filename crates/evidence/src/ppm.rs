//! Frames as a tool hands them over: binary PPM, one after the other.

use image::RgbImage;

/// Reads up to `most` binary PPM pictures of sides up to `side`; stops at the first that is not
/// whole.
pub(crate) fn read_frames(bytes: &[u8], side: u32, most: usize) -> Vec<RgbImage> {
    let mut frames = Vec::new();
    let mut rest = bytes;
    for _ in 0..most {
        let Some((frame, after)) = read_ppm(rest, side) else {
            break;
        };
        frames.push(frame);
        rest = after;
    }
    frames
}

fn read_ppm(bytes: &[u8], side: u32) -> Option<(RgbImage, &[u8])> {
    let rest = bytes.strip_prefix(b"P6\n")?;
    let (size, rest) = split_line(rest)?;
    let (depth, rest) = split_line(rest)?;
    let (width, height) = size.split_once(' ')?;
    let (width, height) = (width.parse::<u32>().ok()?, height.parse::<u32>().ok()?);
    if depth != "255" || width > side || height > side {
        return None;
    }
    let length = usize::try_from(u64::from(width) * u64::from(height) * 3).ok()?;
    let (pixels, after) = rest.split_at_checked(length)?;
    Some((RgbImage::from_raw(width, height, pixels.to_vec())?, after))
}

fn split_line(bytes: &[u8]) -> Option<(&str, &[u8])> {
    /// A PPM header line is two short numbers.
    const LONGEST: usize = 16;
    let end = bytes.iter().take(LONGEST).position(|byte| *byte == b'\n')?;
    let (line, rest) = bytes.split_at_checked(end)?;
    Some((std::str::from_utf8(line).ok()?, rest.get(1..)?))
}

#[cfg(test)]
#[allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic
)]
mod tests {
    use image::RgbImage;

    fn read_frames(bytes: &[u8]) -> Vec<RgbImage> {
        super::read_frames(bytes, 640, 9)
    }

    #[test]
    fn whole_frames_are_read_and_broken_ones_end_the_list() {
        let frame = b"P6\n2 1\n255\nabcdef".as_slice();
        let two = [frame, frame].concat();
        assert_eq!(read_frames(&two).len(), 2);
        assert_eq!(read_frames(&two)[1].as_raw(), b"abcdef");
        assert_eq!(read_frames(&two[..two.len() - 1]).len(), 1);
        for junk in [
            b"".as_slice(),
            b"P6\n",
            b"P5\n1 1\n255\na",
            b"P6\n9999 1\n255\na",
        ] {
            assert!(read_frames(junk).is_empty());
        }
        let many = frame.repeat(50);
        assert_eq!(read_frames(&many).len(), 9);
    }
}
