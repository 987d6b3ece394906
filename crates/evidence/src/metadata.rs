//! What a file says about itself, turned into signals before it is thrown away.
//!
//! Whoever forges a picture forges its metadata as easily, so nothing here speaks for a picture:
//! a finding is only made of what speaks against it. Places are never read, not even to be dropped.

use std::io::Cursor;
use std::panic::{AssertUnwindSafe, catch_unwind};

use exif::{Exif, In, Reader, Tag, Value};
use recovery::evidence::EvidenceKind;
use recovery::finding::{Finding, Outcome};
use recovery::time::Timestamp;

use crate::reuse::{Part, prints};
use crate::{Limits, Picture, decode_picture};

/// Engine and version in findings.
const ENGINE: &str = "metadata-1";
/// Programs that change pictures, as they sign them, in lower case. Camera apps and operating
/// systems sign too; they are not among these.
const EDITORS: [&str; 24] = [
    "acdsee",
    "affinity",
    "canva",
    "corel",
    "darktable",
    "faceapp",
    "facetune",
    "gimp",
    "imagemagick",
    "inkscape",
    "krita",
    "lightroom",
    "meitu",
    "midjourney",
    "paint.net",
    "photopea",
    "photoscape",
    "photoshop",
    "picasa",
    "picsart",
    "pixelmator",
    "pixlr",
    "snapseed",
    "stable diffusion",
];
/// How the standard for news pictures marks what a model has drawn (IPTC digital source type).
const GENERATED: &[u8] = b"trainedalgorithmicmedia";
/// Bytes at the head of a file in which programs' signatures are looked for: a JPEG's XMP packet
/// has 64 KiB at most and stands before the picture.
const HEAD: usize = 256 * 1024;
/// Bytes after the name of a signature's field that may hold the program's name.
const SIGNATURE: usize = 96;
/// Fields of XMP that name the program.
const FIELDS: [&[u8]; 2] = [b"creatortool", b"softwareagent"];
/// Bytes of an embedded preview that is looked at: it shares 64 KiB with all other tags.
const PREVIEW_BYTES: usize = 64 * 1024;
/// Bits from which on a preview shows another picture: of 2,016 pairs of different photos one in a
/// thousand was nearer than 77, and previews are small and cut to another shape.
const PREVIEW_BITS: u32 = 90;
/// Milliseconds of a day.
const DAY_MS: f64 = 86_400_000.0;

/// Signals from a picture's metadata, for reviewers, always `unsure`: `image.edited` for the marks
/// of an editor and for an embedded preview of another picture, `image.metadata` for a capture
/// time more than `days` from `now` and for metadata that cannot be read.
///
/// `bytes` is the original file, `picture` what was decoded from it. Without metadata there are no
/// findings: the camera in our page writes none.
#[must_use]
pub fn metadata_findings(
    bytes: &[u8],
    picture: &Picture,
    kind: EvidenceKind,
    now: Timestamp,
    days: f64,
) -> Vec<Finding> {
    let look = || look(bytes, picture, kind, now, days);
    // The reader is memory-safe but not proven free of panics; hostile bytes end here.
    catch_unwind(AssertUnwindSafe(look))
        .unwrap_or_else(|_| vec![unsure("image.metadata", "unreadable", kind)])
}

fn unsure(code: &str, what: &str, kind: EvidenceKind) -> Finding {
    Finding::reviewer(code, Outcome::Unsure, &format!("{ENGINE}/{what}")).about(kind)
}

fn look(
    bytes: &[u8],
    picture: &Picture,
    kind: EvidenceKind,
    now: Timestamp,
    days: f64,
) -> Vec<Finding> {
    let mut findings = Vec::new();
    if is_signed(bytes) {
        findings.push(unsure("image.edited", "signature", kind));
    }
    let exif = match Reader::new().read_from_container(&mut Cursor::new(bytes)) {
        Ok(exif) => exif,
        Err(exif::Error::NotFound(_)) => return findings,
        Err(_) => {
            findings.push(unsure("image.metadata", "unreadable", kind));
            return findings;
        }
    };
    if names_editor(&exif) {
        findings.push(unsure("image.edited", "software", kind));
    }
    if let Some(distance) = preview_distance(&exif, picture)
        && distance >= PREVIEW_BITS
    {
        let measured = (f64::from(distance), f64::from(PREVIEW_BITS));
        let finding = unsure("image.edited", "preview", kind);
        findings.push(finding.measured(measured.0, measured.1, "bits"));
    }
    if let Some(taken) = taken_ms(&exif) {
        let away = (now.millis() as f64 - taken).abs() / DAY_MS;
        if away > days {
            let finding = unsure("image.metadata", "time", kind);
            findings.push(finding.measured(away, days, "days"));
        }
    }
    findings
}

/// Whether XMP names an editor, or says that a model drew the picture.
fn is_signed(bytes: &[u8]) -> bool {
    let head: Vec<u8> = bytes
        .iter()
        .take(HEAD)
        .map(u8::to_ascii_lowercase)
        .collect();
    let places = |needle: &'static [u8]| {
        head.windows(needle.len())
            .enumerate()
            .filter(move |(_, window)| *window == needle)
            .map(|(at, _)| at)
    };
    places(GENERATED).next().is_some()
        || FIELDS.iter().any(|field| {
            places(field).any(|at| {
                let end = head.len().min(at + field.len() + SIGNATURE);
                let after = head.get(at + field.len()..end).unwrap_or_default();
                is_editor(&String::from_utf8_lossy(after))
            })
        })
}

fn is_editor(lower: &str) -> bool {
    EDITORS.iter().any(|editor| lower.contains(editor))
}

fn names_editor(exif: &Exif) -> bool {
    let fields = [Tag::Software, Tag(exif::Context::Tiff, 0x000B)];
    fields
        .into_iter()
        .filter_map(|tag| exif.get_field(tag, In::PRIMARY))
        .filter_map(|field| match &field.value {
            Value::Ascii(lines) => lines.first(),
            _ => None,
        })
        .any(|line| {
            let line = line.get(..SIGNATURE).unwrap_or(line);
            is_editor(&String::from_utf8_lossy(line).to_ascii_lowercase())
        })
}

/// Bits between the picture and the preview that the camera put into its file.
fn preview_distance(exif: &Exif, picture: &Picture) -> Option<u32> {
    let number = |tag| {
        let field = exif.get_field(tag, In::THUMBNAIL)?;
        usize::try_from(field.value.get_uint(0)?).ok()
    };
    let from = number(Tag::JPEGInterchangeFormat)?;
    let length = number(Tag::JPEGInterchangeFormatLength)?.min(PREVIEW_BYTES);
    let bytes = exif.buf().get(from..from.checked_add(length)?)?;
    let preview = decode_picture(bytes, None, &Limits::default()).ok()?;
    let theirs = prints(&[(Part::Whole, &preview.rgb)]);
    let ours = prints(&[(Part::Whole, &picture.rgb)]);
    let pairs = ours
        .iter()
        .flat_map(|one| theirs.iter().map(move |other| (one, other)));
    pairs.map(|(one, other)| one.distance(other.bits)).min()
}

/// When the picture was taken by the camera's clock, in milliseconds since 1970. A clock without
/// an offset is taken for UTC, which is wrong by 14 hours at most.
fn taken_ms(exif: &Exif) -> Option<f64> {
    let line = |tag| match &exif.get_field(tag, In::PRIMARY)?.value {
        Value::Ascii(lines) => lines.first(),
        _ => None,
    };
    let mut taken = exif::DateTime::from_ascii(line(Tag::DateTimeOriginal)?).ok()?;
    if let Some(offset) = line(Tag::OffsetTimeOriginal) {
        // Without an offset that can be read the clock is taken for UTC.
        let _ = taken.parse_offset(offset);
    }
    let days = days_from_civil(
        i64::from(taken.year),
        i64::from(taken.month),
        i64::from(taken.day),
    )?;
    let minutes =
        i64::from(taken.hour) * 60 + i64::from(taken.minute) - i64::from(taken.offset.unwrap_or(0));
    Some((days * 1440 + minutes) as f64 * 60_000.0)
}

/// Days since 1970-01-01 in the Gregorian calendar, by counting from March in eras of 400 years;
/// nothing for a month or a day that is none, as cameras without a clock write.
fn days_from_civil(year: i64, month: i64, day: i64) -> Option<i64> {
    if !(1..=12).contains(&month) || !(1..=31).contains(&day) {
        return None;
    }
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let year_of_era = year.rem_euclid(400);
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    Some(era * 146_097 + day_of_era - 719_468)
}

#[cfg(test)]
mod tests {
    use super::days_from_civil;

    #[test]
    fn days_are_counted_from_1970() {
        assert_eq!(days_from_civil(1970, 1, 1), Some(0));
        assert_eq!(days_from_civil(2000, 3, 1), Some(11_017));
        assert_eq!(days_from_civil(2026, 11, 25), Some(20_782));
        assert_eq!(days_from_civil(1969, 12, 31), Some(-1));
        assert_eq!(days_from_civil(0, 0, 0), None);
    }
}
