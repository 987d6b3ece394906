//! Stills: what is taken, what is refused and why, turning, reviewers' copies, coaching.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic
)]

mod support;

use evidence::{
    Limits, MediaRefusal, MediaType, Picture, decode_picture, quality, recognise, reviewer_copy,
    sniff,
};
use image::ImageFormat;
use proptest::prelude::*;
use recovery::evidence::EvidenceKind;
use recovery::finding::{Audience, Outcome};
use support::{cloth, encode, files, png_claiming, testdata};

fn refused(bytes: &[u8], declared: Option<&str>) -> MediaRefusal {
    decode_picture(bytes, declared, &Limits::default()).expect_err("must be refused")
}

fn taken(bytes: &[u8]) -> Picture {
    decode_picture(bytes, None, &Limits::default()).expect("must be taken")
}

#[test]
fn each_format_is_taken_and_keeps_its_size() {
    let cases = [
        (ImageFormat::Jpeg, MediaType::Jpeg),
        (ImageFormat::Png, MediaType::Png),
        (ImageFormat::WebP, MediaType::WebP),
    ];
    for (format, expected) in cases {
        let bytes = encode(&cloth(160, 90), format);
        assert_eq!(sniff(&bytes), Some(expected));
        let picture = decode_picture(&bytes, Some(expected.mime()), &Limits::default()).unwrap();
        assert_eq!((picture.width, picture.height), (160, 90));
        assert_eq!(picture.media_type, expected);
        let centre = picture.rgb.get_pixel(80, 45).0;
        let wanted = cloth(160, 90).get_pixel(80, 45).0;
        for (seen, drawn) in centre.iter().zip(wanted) {
            assert!(seen.abs_diff(drawn) < 25, "{centre:?} for {wanted:?}");
        }
    }
}

#[test]
fn a_grey_jpeg_is_taken() {
    let mut bytes = std::io::Cursor::new(Vec::new());
    image::DynamicImage::ImageRgb8(cloth(64, 64))
        .to_luma8()
        .write_to(&mut bytes, ImageFormat::Jpeg)
        .unwrap();
    assert_eq!(taken(bytes.get_ref()).width, 64);
}

#[test]
fn other_files_are_named_for_what_they_are() {
    let cases: [(&[u8], &str, &str); 9] = [
        (b"", "media.empty", "empty"),
        (
            b"<?xml version='1.0'?><svg xmlns='x'/>",
            "media.type",
            "an SVG drawing",
        ),
        (b"  <svg onload=alert(1)>", "media.type", "an SVG drawing"),
        (
            b"Dear reviewer, this is my photo.\n",
            "media.type",
            "a text file",
        ),
        (b"PK\x03\x04\x14\0\0\0", "media.archive", "archive"),
        (b"\x1F\x8B\x08\0", "media.archive", "archive"),
        (b"<!DOCTYPE html><html></html>", "media.type", "a web page"),
        (b"GIF89a\x01\0\x01\0", "media.type", "a GIF picture"),
        (
            b"#EXTM3U\nfile:///etc/passwd\n",
            "media.playlist",
            "a list of other files",
        ),
    ];
    for (bytes, code, words) in cases {
        let refusal = refused(bytes, Some("image/jpeg"));
        assert_eq!(refusal.code(), code);
        assert!(refusal.sentence().contains(words), "{}", refusal.sentence());
        assert_eq!(sniff(bytes), None);
    }
}

#[test]
fn two_formats_in_one_file_are_refused() {
    let jpeg = encode(&cloth(32, 32), ImageFormat::Jpeg);
    let mut pdf = jpeg[..20].to_vec();
    pdf.extend(b"\xFF\xFE\x00\x0B%PDF-1.4 ");
    pdf.extend(&jpeg[20..]);
    assert_eq!(refused(&pdf, None).code(), "media.disguised");
    let mut zip = jpeg.clone();
    zip.extend(b"PK\x05\x06\0\0\0\0\x01\0\x01\0\x2E\0\0\0\0\0\0\0\x03\0abc");
    assert_eq!(
        refused(&zip, None),
        MediaRefusal::Disguised {
            other: "an archive"
        }
    );
    // The same four bytes by chance inside a picture are no archive.
    let mut chance = jpeg;
    chance.extend(b"PK\x05\x06 and then something that is no end record at all");
    assert!(decode_picture(&chance, None, &Limits::default()).is_ok());
}

#[test]
fn the_declared_type_must_agree() {
    let jpeg = encode(&cloth(32, 32), ImageFormat::Jpeg);
    let refusal = refused(&jpeg, Some("image/png"));
    assert_eq!(
        refusal,
        MediaRefusal::DeclaredType {
            found: "image/jpeg"
        }
    );
    assert!(decode_picture(&jpeg, Some("image/JPEG; q=1"), &Limits::default()).is_ok());
    assert_eq!(
        refused(&jpeg, Some("application/octet-stream")).code(),
        "media.declared_type"
    );
    let video = [0, 0, 0, 8, b'f', b't', b'y', b'p', b'i', b's', b'o', b'm'];
    assert_eq!(
        refused(&video, Some("video/mp4")).code(),
        "media.wrong_kind"
    );
}

#[test]
fn a_truncated_jpeg_is_refused_wherever_it_is_cut() {
    let whole = encode(&cloth(320, 240), ImageFormat::Jpeg);
    for tenth in 1..10 {
        let cut = &whole[..whole.len() * tenth / 10];
        assert_eq!(
            refused(cut, None).code(),
            "media.damaged",
            "cut at {tenth}/10"
        );
        // A forged end marker does not help: the scan itself is short.
        let mut forged = cut.to_vec();
        forged.extend([0xFF, 0xD9]);
        assert_eq!(
            refused(&forged, None).code(),
            "media.damaged",
            "forged at {tenth}/10"
        );
    }
    let no_end = &whole[..whole.len() - 2];
    assert_eq!(
        refused(no_end, None),
        MediaRefusal::Damaged {
            what: "its end is missing"
        }
    );
}

#[test]
fn truncated_png_and_webp_are_refused() {
    for format in [ImageFormat::Png, ImageFormat::WebP] {
        let whole = encode(&cloth(320, 240), format);
        for tenth in 1..10 {
            let cut = &whole[..whole.len() * tenth / 10];
            assert_eq!(
                refused(cut, None).code(),
                "media.damaged",
                "{format:?} at {tenth}/10"
            );
        }
    }
}

/// Found by fuzzing: a decoder reserves what a chunk declares before it finds the file's end.
#[test]
fn a_chunk_longer_than_its_webp_is_refused_before_anything_is_reserved() {
    let plain = encode(&cloth(160, 90), ImageFormat::WebP);
    let extended = |declared: u32| {
        let mut inside = b"WEBPVP8X\x0a\0\0\0\x08\0\0\0".to_vec();
        inside.extend_from_slice(&159_u32.to_le_bytes()[..3]);
        inside.extend_from_slice(&89_u32.to_le_bytes()[..3]);
        inside.extend_from_slice(&plain[12..]);
        inside.extend_from_slice(b"EXIF");
        inside.extend_from_slice(&declared.to_le_bytes());
        inside.extend_from_slice(b"II*\0\x08\0\0\0\0\0");
        let mut file = b"RIFF".to_vec();
        file.extend_from_slice(&u32::try_from(inside.len()).unwrap().to_le_bytes());
        file.extend_from_slice(&inside);
        file
    };
    assert_eq!(taken(&extended(10)).width, 160);
    for declared in [12, 0x2000_0000, u32::MAX] {
        let code = refused(&extended(declared), None).code();
        assert_eq!(code, "media.damaged", "{declared}");
    }
}

#[test]
fn size_is_refused_by_the_header_alone() {
    let refusal = refused(&png_claiming(10_000, 10_000, 8, 2), None);
    assert_eq!(
        refusal,
        MediaRefusal::TooManyPixels {
            width: 10_000,
            height: 10_000
        }
    );
    assert!(refusal.sentence().contains("10000 x 10000"));
    assert_eq!(
        refused(&png_claiming(20_000, 10, 8, 2), None).code(),
        "media.too_many_pixels"
    );
    // Few enough pixels, but 16 bits of four channels: 384 MB.
    assert_eq!(
        refused(&png_claiming(12_000, 4_000, 16, 6), None).code(),
        "media.too_complex"
    );
    let mut jpeg = encode(&cloth(32, 32), ImageFormat::Jpeg);
    let frame = jpeg
        .windows(2)
        .position(|pair| pair == [0xFF, 0xC0])
        .unwrap();
    jpeg[frame + 5..frame + 9].copy_from_slice(&[0x27, 0x10, 0x27, 0x10]);
    assert_eq!(refused(&jpeg, None).code(), "media.too_many_pixels");
}

#[test]
fn too_many_bytes_are_refused_before_anything_is_read() {
    let limits = Limits {
        photo_bytes: 100,
        screenshot_bytes: 50,
        ..Limits::default()
    };
    let refusal = decode_picture(&[0; 101], None, &limits).unwrap_err();
    assert_eq!(
        refusal,
        MediaRefusal::TooLarge {
            bytes: 101,
            limit: 100
        }
    );
    let defaults = Limits::default();
    assert_eq!(defaults.bytes_for(EvidenceKind::NotePhoto), 12 << 20);
    assert_eq!(defaults.bytes_for(EvidenceKind::Video), 48 << 20);
    assert_eq!(defaults.bytes_for(EvidenceKind::Screenshot), 10 << 20);
}

#[test]
fn a_picture_that_moves_is_refused() {
    let still = encode(&cloth(32, 32), ImageFormat::Png);
    let mut moving = still[..33].to_vec();
    moving.extend(support::png_chunk(b"acTL", &[0, 0, 0, 2, 0, 0, 0, 0]));
    moving.extend(&still[33..]);
    assert_eq!(refused(&moving, None), MediaRefusal::Animated);
}

#[test]
fn hidden_colours_under_transparency_become_paper() {
    let mut bytes = std::io::Cursor::new(Vec::new());
    image::RgbaImage::from_pixel(8, 8, image::Rgba([255, 0, 0, 0]))
        .write_to(&mut bytes, ImageFormat::Png)
        .unwrap();
    assert_eq!(
        taken(bytes.get_ref()).rgb.get_pixel(4, 4).0,
        [255, 255, 255]
    );
}

/// A JPEG with an EXIF segment that holds an orientation and a maker's name.
fn with_exif(jpeg: &[u8], orientation: u8) -> Vec<u8> {
    let mut tiff = b"II*\0\x08\0\0\0\x02\0".to_vec();
    tiff.extend([0x0F, 0x01, 2, 0, 4, 0, 0, 0]);
    tiff.extend(b"CAM\0");
    tiff.extend([0x12, 0x01, 3, 0, 1, 0, 0, 0, orientation, 0, 0, 0]);
    tiff.extend([0, 0, 0, 0]);
    let mut segment = b"Exif\0\0".to_vec();
    segment.extend(tiff);
    let mut file = jpeg[..2].to_vec();
    file.extend([0xFF, 0xE1]);
    file.extend(u16::try_from(segment.len() + 2).unwrap().to_be_bytes());
    file.extend(segment);
    file.extend(&jpeg[2..]);
    file
}

#[test]
fn orientation_is_applied_and_the_copy_has_no_metadata() {
    // Bright on the left half: after a quarter turn clockwise it is the top half.
    let drawn = image::RgbImage::from_fn(64, 32, |x, _| {
        image::Rgb(if x < 32 { [240; 3] } else { [10; 3] })
    });
    let turned = with_exif(&encode(&drawn, ImageFormat::Jpeg), 6);
    let picture = taken(&turned);
    assert_eq!((picture.width, picture.height), (32, 64));
    assert!(picture.rgb.get_pixel(16, 5).0[0] > 200);
    assert!(picture.rgb.get_pixel(16, 58).0[0] < 60);
    let copy = reviewer_copy(&picture.rgb, 40).unwrap();
    assert!(turned.windows(4).any(|window| window == b"Exif"));
    for trace in [b"Exif".as_slice(), b"CAM", b"GPS"] {
        assert!(!copy.windows(trace.len()).any(|window| window == trace));
    }
    assert!(!copy.windows(2).any(|pair| pair == [0xFF, 0xE1]));
    let again = taken(&copy);
    assert_eq!((again.width, again.height), (20, 40));
}

#[test]
fn shared_orientation_fixtures_all_stand_upright() {
    let Some(folder) = testdata("hostile_media/exif_orientation") else {
        return;
    };
    let mut sizes = std::collections::BTreeMap::<String, Vec<(u32, u32)>>::new();
    for path in files(&folder) {
        let bytes = std::fs::read(&path).unwrap();
        if recognise(&bytes) != Ok(MediaType::Jpeg) {
            continue;
        }
        let picture = taken(&bytes);
        let name = path.file_stem().unwrap().to_string_lossy().to_lowercase();
        let kind = if name.contains("portrait") {
            "portrait"
        } else {
            "landscape"
        };
        sizes
            .entry(kind.to_owned())
            .or_default()
            .push((picture.width, picture.height));
    }
    let all: usize = sizes.values().map(Vec::len).sum();
    assert!(all >= 8, "{sizes:?}");
    for (kind, list) in sizes {
        for (width, height) in list {
            assert_eq!(
                kind == "landscape",
                width > height,
                "{kind} {width}x{height}"
            );
        }
    }
}

#[test]
fn coaching_tells_dark_bright_blurred_and_small() {
    let check = |picture: image::RgbImage, kind| {
        let (width, height) = picture.dimensions();
        let picture = Picture {
            rgb: picture,
            media_type: MediaType::Jpeg,
            width,
            height,
        };
        quality(&picture, kind, &support::checks().image)
    };
    let retakes = |picture, kind| {
        let findings = check(picture, kind);
        assert!(
            findings
                .iter()
                .all(|finding| finding.audience == Audience::Applicant)
        );
        findings
            .into_iter()
            .filter(|finding| finding.outcome == Outcome::Retake)
            .map(|finding| finding.code)
            .collect::<Vec<_>>()
    };
    let good = cloth(1280, 960);
    assert!(retakes(good.clone(), EvidenceKind::IdFront).is_empty());
    assert_eq!(check(good.clone(), EvidenceKind::IdFront).len(), 4);
    let flat = |value| image::RgbImage::from_pixel(800, 600, image::Rgb([value; 3]));
    assert_eq!(
        retakes(flat(10), EvidenceKind::IdBack),
        ["image.dark", "image.blur"]
    );
    assert_eq!(
        retakes(flat(250), EvidenceKind::IdBack),
        ["image.bright", "image.blur"]
    );
    assert!(retakes(flat(10), EvidenceKind::Screenshot).is_empty());
    let soft = image::DynamicImage::ImageRgb8(good)
        .fast_blur(8.0)
        .into_rgb8();
    assert_eq!(retakes(soft, EvidenceKind::NotePhoto), ["image.blur"]);
    assert_eq!(
        retakes(cloth(400, 300), EvidenceKind::NotePhoto),
        ["image.small"]
    );
}

const FORMATS: [ImageFormat; 3] = [ImageFormat::Jpeg, ImageFormat::Png, ImageFormat::WebP];

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 96,
        failure_persistence: None,
        ..Default::default()
    })]

    /// Whole files with a few bytes changed: an answer within the limits, whatever they become.
    #[test]
    fn changed_files_stay_within_the_limits(
        format in prop::sample::select(FORMATS.to_vec()),
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..12),
    ) {
        let mut bytes = encode(&cloth(96, 64), format);
        for (place, value) in changes {
            let place = place.index(bytes.len());
            bytes[place] = value;
        }
        let limits = Limits { max_pixels: 1_000_000, max_alloc: 16 << 20, ..Limits::default() };
        match decode_picture(&bytes, None, &limits) {
            Ok(picture) => {
                let pixels = u64::from(picture.width) * u64::from(picture.height);
                prop_assert!(pixels <= limits.max_pixels);
                prop_assert!(reviewer_copy(&picture.rgb, 64).is_ok());
            }
            Err(refusal) => prop_assert!(refusal.code().starts_with("media.")),
        }
    }

    /// Anything at all: named or refused, with words for people.
    #[test]
    fn any_bytes_get_an_answer(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        if let Err(refusal) = recognise(&bytes) {
            prop_assert!(refusal.sentence().ends_with('.'));
        }
    }
}

#[test]
fn every_refusal_has_its_own_code_and_whole_sentences() {
    let all = [
        MediaRefusal::Empty,
        MediaRefusal::NotMedia {
            found: "a text file",
        },
        MediaRefusal::Archive,
        MediaRefusal::Playlist,
        MediaRefusal::Disguised {
            other: "an archive",
        },
        MediaRefusal::DeclaredType { found: "image/png" },
        MediaRefusal::WrongKind {
            found: "a video",
            expected: "a photo",
        },
        MediaRefusal::TooLarge {
            bytes: (12 << 20) + 1,
            limit: 12 << 20,
        },
        MediaRefusal::TooManyPixels {
            width: 1,
            height: 1,
        },
        MediaRefusal::TooComplex,
        MediaRefusal::Animated,
        MediaRefusal::Damaged {
            what: "its end is missing",
        },
        MediaRefusal::NoFrames,
        MediaRefusal::AudioOnly,
        MediaRefusal::FrameRate { limit: 65 },
        MediaRefusal::TooLong { limit_ms: 60_000 },
        MediaRefusal::TooManyStreams { limit: 8 },
        MediaRefusal::Codec,
        MediaRefusal::TooSlow,
        MediaRefusal::VideoUnavailable { missing: "ffmpeg" },
        MediaRefusal::ToolFailed { step: "start" },
    ];
    let codes: std::collections::BTreeSet<_> = all.iter().map(MediaRefusal::code).collect();
    assert_eq!(codes.len(), all.len());
    for refusal in &all {
        let sentence = refusal.sentence();
        assert!(
            sentence.ends_with('.') && sentence.matches('.').count() >= 2,
            "{sentence}"
        );
        for banned in ["invalid", "please", "oops", "forgot", "  "] {
            assert!(!sentence.to_lowercase().contains(banned), "{sentence}");
        }
    }
    // Just over the limit never reads as equal to it.
    assert!(all[7].sentence().contains("has 13 MB, and at most 12 MB"));
}
