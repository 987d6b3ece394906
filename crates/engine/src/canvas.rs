//! Whether a JPEG can be what a browser's canvas makes: no trace of a camera or of an editor.
//!
//! This tells honest mistakes (a picture chosen from the gallery and sent to the wrong address). It
//! stops nobody who writes such a file on purpose; what they cannot make is in the checks.

/// Segments before the picture; a canvas writes fewer than ten.
const SEGMENTS_MAX: usize = 64;
/// Entries of one directory of Exif that are looked at; a canvas writes at most three.
const ENTRIES_MAX: u16 = 16;

/// Exif tags that only say how large the picture is and how its colours are meant. Safari's canvas
/// writes some of them: orientation, resolution, where the second directory is, colour space, width
/// and height.
const GEOMETRY: [u16; 8] = [
    0x0112, 0x011a, 0x011b, 0x0128, 0x8769, 0xa001, 0xa002, 0xa003,
];
/// Where the second directory of Exif is (TIFF tag of Exif 2.32).
const EXIF_DIRECTORY: u16 = 0x8769;

/// Whether the bytes are a JPEG as canvases write them: JFIF, a colour profile, and at most the
/// geometry of Exif; nothing after its end.
pub(crate) fn from_a_canvas(bytes: &[u8]) -> bool {
    let Some(mut rest) = bytes.strip_prefix(&[0xff, 0xd8]) else {
        return false;
    };
    if !bytes.ends_with(&[0xff, 0xd9]) {
        return false;
    }
    for _ in 0..SEGMENTS_MAX {
        let [0xff, marker, high, low, ..] = rest else {
            return false;
        };
        let marker = *marker;
        // The length counts its own two bytes.
        let length = usize::from(u16::from_be_bytes([*high, *low]));
        let (Some(body), Some(next)) = (rest.get(4..length + 2), rest.get(length + 2..)) else {
            return false;
        };
        match marker {
            // Start of the scan: everything before it was looked at.
            0xda => return true,
            // Tables, the frame, restart intervals.
            0xc0..=0xcf | 0xdb | 0xdd => {}
            0xe0 if body.starts_with(b"JFIF\0") => {}
            0xe1 if body.strip_prefix(b"Exif\0\0").is_some_and(only_geometry) => {}
            0xe2 if body.starts_with(b"ICC_PROFILE\0") => {}
            // Safari's writer adds an empty resource block of this kind.
            0xed if body.starts_with(b"Photoshop 3.0\0") && body.len() <= 64 => {}
            _ => return false,
        }
        rest = next;
    }
    false
}

/// Whether a TIFF structure has nothing but geometry.
fn only_geometry(tiff: &[u8]) -> bool {
    let big = match tiff.get(..4) {
        Some(b"MM\0*") => true,
        Some(b"II*\0") => false,
        _ => return false,
    };
    let read = Reader { tiff, big };
    let Some(first) = read.long(4) else {
        return false;
    };
    match read.directory(first) {
        Some(Some(second)) => matches!(read.directory(second), Some(None)),
        Some(None) => true,
        None => false,
    }
}

struct Reader<'a> {
    tiff: &'a [u8],
    big: bool,
}

impl Reader<'_> {
    fn bytes<const N: usize>(&self, at: usize) -> Option<[u8; N]> {
        self.tiff.get(at..at.checked_add(N)?)?.try_into().ok()
    }

    fn short(&self, at: usize) -> Option<u16> {
        let bytes = self.bytes(at)?;
        Some(if self.big {
            u16::from_be_bytes(bytes)
        } else {
            u16::from_le_bytes(bytes)
        })
    }

    fn long(&self, at: usize) -> Option<usize> {
        let bytes = self.bytes(at)?;
        let value = if self.big {
            u32::from_be_bytes(bytes)
        } else {
            u32::from_le_bytes(bytes)
        };
        usize::try_from(value).ok()
    }

    /// Where the second directory is, if this one names it; `None` if anything in this one is
    /// more than geometry, or cannot be read.
    fn directory(&self, at: usize) -> Option<Option<usize>> {
        let count = self.short(at).filter(|count| *count <= ENTRIES_MAX)?;
        let mut second = None;
        for number in 0..usize::from(count) {
            let entry = at + 2 + 12 * number;
            let tag = self.short(entry).filter(|tag| GEOMETRY.contains(tag))?;
            if tag == EXIF_DIRECTORY {
                second = Some(self.long(entry + 8)?);
            }
        }
        // A further directory is a thumbnail, which no canvas makes.
        let end = at + 2 + 12 * usize::from(count);
        (self.long(end)? == 0).then_some(second)
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn segment(marker: u8, body: &[u8]) -> Vec<u8> {
        let length = u16::try_from(body.len() + 2).unwrap().to_be_bytes();
        [&[0xff, marker][..], &length, body].concat()
    }

    fn file(segments: &[Vec<u8>]) -> Vec<u8> {
        let scan = [segment(0xda, &[0; 10]), vec![1, 2, 3, 0xff, 0xd9]].concat();
        [&[0xff, 0xd8][..], &segments.concat(), &scan].concat()
    }

    fn jfif() -> Vec<u8> {
        segment(0xe0, b"JFIF\0\x01\x01\0\0\x01\0\x01\0\0")
    }

    /// What Safari's canvas writes: colour space, width and height.
    fn geometry(tag: u16) -> Vec<u8> {
        let mut tiff = b"Exif\0\0MM\0*\0\0\0\x08\0\x01".to_vec();
        tiff.extend(0x8769_u16.to_be_bytes());
        tiff.extend([0, 4, 0, 0, 0, 1, 0, 0, 0, 26, 0, 0, 0, 0]);
        tiff.extend([0, 1]);
        tiff.extend(tag.to_be_bytes());
        tiff.extend([0, 4, 0, 0, 0, 1, 0, 0, 0, 75, 0, 0, 0, 0]);
        segment(0xe1, &tiff)
    }

    #[test]
    fn what_canvases_write_passes() {
        let icc = segment(0xe2, b"ICC_PROFILE\0\x01\x01profile");
        let photoshop = segment(0xed, b"Photoshop 3.0\08BIM\x04\x04");
        let tables = segment(0xdb, &[0; 65]);
        assert!(from_a_canvas(&file(&[jfif(), tables.clone()])));
        assert!(from_a_canvas(&file(&[jfif(), icc, tables.clone()])));
        assert!(from_a_canvas(&file(&[
            jfif(),
            geometry(0xa002),
            photoshop,
            tables
        ])));
    }

    #[test]
    fn what_cameras_and_editors_write_does_not() {
        for (what, segment) in [
            ("a date", geometry(0x9003)),
            ("a maker's note", geometry(0x927c)),
            ("XMP", segment(0xe1, b"http://ns.adobe.com/xap/1.0/\0<x/>")),
            ("a second picture", segment(0xe2, b"MPF\0II*\0")),
            ("a comment", segment(0xfe, b"made by a program")),
            ("unknown", segment(0xe5, b"x")),
            ("broken Exif", segment(0xe1, b"Exif\0\0MM\0*\0\0\xff\xff")),
        ] {
            assert!(!from_a_canvas(&file(&[jfif(), segment])), "{what}");
        }
        let mut trailed = file(&[jfif()]);
        trailed.extend(b"more");
        for bytes in [
            &trailed[..],
            b"",
            b"\xff\xd8",
            b"\xff\xd8\xff\xd9",
            b"\x89PNG",
        ] {
            assert!(!from_a_canvas(bytes));
        }
        let fine = file(&[jfif()]);
        for end in 0..fine.len() {
            from_a_canvas(fine.get(..end).unwrap());
        }
    }
}
