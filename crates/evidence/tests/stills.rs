//! Formats that a tool opens, and what metadata gives away.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic
)]

mod support;

use evidence::{
    Limits, MAX_PAGES, MediaRefusal, MediaTools, MediaType, metadata_findings, open_still,
    recognise,
};
use image::ImageFormat;
use recovery::evidence::EvidenceKind;
use recovery::time::Timestamp;
use support::{cloth, encode, files, testdata};

/// Noon of 25 November 2026 in milliseconds since 1970.
const NOW: Timestamp = Timestamp::from_millis(1_795_608_000_000);

/// A document of empty A4 pages.
fn pdf(pages: usize) -> Vec<u8> {
    let kids: Vec<String> = (0..pages).map(|page| format!("{} 0 R", page + 3)).collect();
    let mut text = format!(
        "%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n\
         2 0 obj<</Type/Pages/Count {pages}/Kids[{}]>>endobj\n",
        kids.join(" ")
    );
    for page in 0..pages {
        let number = page + 3;
        text += &format!("{number} 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]>>endobj\n");
    }
    text += "trailer<</Root 1 0 R>>\n%%EOF\n";
    text.into_bytes()
}

#[test]
fn pages_of_a_pdf_are_drawn_for_screenshots_only() {
    let (limits, tools) = (Limits::default(), MediaTools::find());
    if !tools.report().pdf {
        support::skipped("no pdftoppm");
        return;
    }
    let bytes = pdf(5);
    let open = |kind, declared| open_still(&bytes, declared, kind, &limits, &tools);
    let pages = open(EvidenceKind::Screenshot, Some("application/pdf")).unwrap();
    assert_eq!(pages.len(), MAX_PAGES);
    assert_eq!(
        (pages[0].height, pages[0].media_type),
        (1800, MediaType::Pdf)
    );
    let photo = open(EvidenceKind::IdFront, None).unwrap_err();
    assert_eq!(photo.code(), "media.wrong_kind");
    let lie = open(EvidenceKind::Screenshot, Some("image/png")).unwrap_err();
    assert_eq!(lie.code(), "media.declared_type");
    let cut = open_still(
        b"%PDF-1.4\nno",
        None,
        EvidenceKind::Screenshot,
        &limits,
        &tools,
    );
    assert_eq!(cut.unwrap_err().code(), "media.damaged");
    let none = MediaTools::none();
    let missing = open_still(&bytes, None, EvidenceKind::Screenshot, &limits, &none).unwrap_err();
    assert!(missing.is_unavailable());
    let page_of_the_web = [b"%PDF-1.4\n<script>".as_slice(), &bytes].concat();
    assert!(matches!(
        recognise(&page_of_the_web),
        Err(MediaRefusal::Disguised { .. })
    ));
}

#[test]
fn phones_stills_are_opened_and_bounded_by_their_header() {
    let (limits, tools) = (Limits::default(), MediaTools::find());
    let Some(folder) = testdata("hostile_media/heif_fuzz") else {
        return;
    };
    if !tools.report().heic {
        support::skipped("no heif-convert");
        return;
    }
    let open = |bytes: &[u8]| open_still(bytes, None, EvidenceKind::IdFront, &limits, &tools);
    for name in ["corpus_colors-no-alpha.heic", "corpus_avif32.heif"] {
        let mut bytes = std::fs::read(folder.join(name)).unwrap();
        let pictures = open(&bytes).unwrap();
        assert_eq!(pictures.len(), 1);
        assert!(pictures[0].width > 0, "{name}");
        let ispe = bytes.windows(4).position(|four| four == b"ispe").unwrap();
        bytes[ispe + 8..ispe + 16].fill(0x7F);
        assert_eq!(open(&bytes).unwrap_err().code(), "media.too_many_pixels");
    }
}

/// A JPEG with an APP1 segment of this content after its beginning.
fn with_app1(jpeg: &[u8], content: &[u8]) -> Vec<u8> {
    let length = u16::try_from(content.len() + 2).unwrap().to_be_bytes();
    [&jpeg[..2], b"\xFF\xE1", &length, content, &jpeg[2..]].concat()
}

/// EXIF with one text tag in its first directory, little-endian.
fn exif(tag: u16, text: &str) -> Vec<u8> {
    let text = [text.as_bytes(), &[0]].concat();
    let mut bytes = b"Exif\0\0II*\0\x08\0\0\0\x01\0".to_vec();
    bytes.extend(tag.to_le_bytes());
    bytes.extend([2, 0]);
    bytes.extend(u32::try_from(text.len()).unwrap().to_le_bytes());
    bytes.extend(26_u32.to_le_bytes());
    bytes.extend([0; 4]);
    bytes.extend(text);
    bytes
}

fn said(bytes: &[u8]) -> Vec<(String, String)> {
    let limits = Limits::default();
    let picture = evidence::decode_picture(bytes, None, &limits).unwrap();
    metadata_findings(bytes, &picture, EvidenceKind::IdFront, NOW, 2.0)
        .into_iter()
        .map(|finding| (finding.code, finding.engine))
        .collect()
}

#[test]
fn editors_sign_and_phones_do_not_count_as_editors() {
    let plain = encode(&cloth(320, 240), ImageFormat::Jpeg);
    assert!(said(&plain).is_empty());
    let edited = |what: &str| vec![("image.edited".to_owned(), format!("metadata-1/{what}"))];
    let signed = with_app1(&plain, &exif(0x0131, "Adobe Photoshop 25.0 (Windows)"));
    assert_eq!(said(&signed), edited("software"));
    assert!(said(&with_app1(&plain, &exif(0x0131, "17.5.1"))).is_empty());
    let xmp = b"http://ns.adobe.com/xap/1.0/\0<x xmp:CreatorTool=\"GIMP 2.10\"/>";
    assert_eq!(said(&with_app1(&plain, xmp)), edited("signature"));
    let broken = with_app1(&plain, b"Exif\0\0II*\0\xFF\xFF\xFF\xFF");
    assert_eq!(said(&broken)[0].0, "image.metadata");
}

#[test]
fn an_old_capture_time_is_told_and_a_place_is_not() {
    for (folder, old) in [("exif_gps", true), ("exif_orientation", false)] {
        let Some(folder) = testdata(&format!("hostile_media/{folder}")) else {
            return;
        };
        for path in files(&folder) {
            let bytes = std::fs::read(&path).unwrap();
            let found = said(&bytes);
            let time = found.iter().any(|(_, engine)| engine == "metadata-1/time");
            support::note(&format!(
                "{}: {found:?}",
                path.file_name().unwrap().display()
            ));
            assert!(time || !old, "{}", path.display());
            let preview = |(_, engine): &(String, String)| engine == "metadata-1/preview";
            assert!(!found.iter().any(preview), "{}", path.display());
        }
    }
}
