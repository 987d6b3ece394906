//! Files that are refused, by the form and by the resumable upload.

use std::process::Command;

use data_encoding::BASE64;
use recovery::id::ContentDigest;
use reqwest::Method;
use serde_json::Value;

use super::super::support::{Answer, As, BadFile, Caller, Scene, send};
use specimen::photo;

const PHOTO_MAX: usize = 12 * 1024 * 1024;
const CHUNK: usize = 2 * 1024 * 1024;

/// CRC-32 as PNG wants it (ISO 3309).
fn crc(bytes: &[u8]) -> u32 {
    let mut crc = u32::MAX;
    for byte in bytes {
        crc ^= u32::from(*byte);
        for _ in 0..8 {
            let low = crc & 1;
            crc = (crc >> 1) ^ (0xedb8_8320 * low);
        }
    }
    !crc
}

/// A PNG of that size whose picture is hardly begun.
fn png_header(width: u32, height: u32) -> Vec<u8> {
    let mut head = b"IHDR".to_vec();
    head.extend(width.to_be_bytes());
    head.extend(height.to_be_bytes());
    head.extend([8, 2, 0, 0, 0]);
    let begun = b"IDAT\x78\x9c\xed\xc1\x01".to_vec();
    let mut png = b"\x89PNG\r\n\x1a\n".to_vec();
    for chunk in [head, begun] {
        let length = u32::try_from(chunk.len() - 4).unwrap();
        png.extend(length.to_be_bytes());
        png.extend(&chunk);
        png.extend(crc(&chunk).to_be_bytes());
    }
    png
}

/// The head of an archive whose one file claims to have four gigabytes.
fn zip_bomb() -> Vec<u8> {
    let mut zip = b"PK\x03\x04\x14\0\0\0\x08\0\0\0\0\0\0\0\0\0".to_vec();
    zip.extend(64_u32.to_le_bytes());
    zip.extend(u32::MAX.to_le_bytes());
    zip.extend([5, 0, 0, 0]);
    zip.extend(b"a.jpg");
    zip.extend([0xed, 0xc1]);
    zip.extend([0; 62]);
    zip
}

fn no_frames() -> Vec<u8> {
    let boxed = |kind: &[u8], body: &[u8]| {
        let size = u32::try_from(body.len() + 8).unwrap();
        [&size.to_be_bytes()[..], kind, body].concat()
    };
    let mut header = vec![0; 100];
    header[12..16].copy_from_slice(&1000_u32.to_be_bytes());
    let mut file = boxed(b"ftyp", b"isom\0\0\0\0isom");
    file.extend(boxed(b"moov", &boxed(b"mvhd", &header)));
    file
}

fn bad(
    (what, name, declared): (&'static str, &'static str, &'static str),
    bytes: Vec<u8>,
    (code, status, words): (&'static str, u16, &'static str),
) -> BadFile {
    BadFile {
        what,
        name,
        declared,
        bytes,
        code,
        status,
        words,
    }
}

fn bad_photos() -> Vec<BadFile> {
    let jpeg = photo::jpeg(&photo::card(3)).unwrap();
    let half = jpeg[..jpeg.len() / 2].to_vec();
    let mut large = jpeg.clone();
    large.resize(PHOTO_MAX + 1, 0);
    let svg = b"<svg xmlns=\"http://www.w3.org/2000/svg\"><script>1</script></svg>";
    let text = b"Dear reviewer, please let me in.\n".repeat(40);
    let mut png = png_header(640, 480);
    png.extend([0; 64]);
    let (jpg, png_type) = ("image/jpeg", "image/png");
    vec![
        bad(
            ("a cut JPEG", "id.jpg", jpg),
            half,
            ("media.damaged", 422, "damaged"),
        ),
        bad(
            ("a PNG of 100 megapixels", "id.png", png_type),
            png_header(10_000, 10_000),
            ("media.too_many_pixels", 422, "10000 x 10000 pixels"),
        ),
        bad(
            ("an SVG", "id.svg", "image/svg+xml"),
            svg.to_vec(),
            ("media.type", 415, "We can only read photos"),
        ),
        bad(
            ("text named .jpg", "id.jpg", jpg),
            text,
            ("media.type", 415, "We can only read photos"),
        ),
        bad(
            ("a zip bomb", "id.jpg", jpg),
            zip_bomb(),
            ("media.archive", 415, "never open"),
        ),
        bad(
            ("a PNG declared as JPEG", "id.jpg", jpg),
            png,
            ("media.declared_type", 415, "announced as something else"),
        ),
        bad(
            ("a video where a photo belongs", "id.mp4", "video/mp4"),
            no_frames(),
            ("media.wrong_kind", 415, "This is a video"),
        ),
        bad(
            ("one byte over", "id.jpg", jpg),
            large,
            ("media.too_large", 413, "at most 12 MB"),
        ),
        bad(
            ("an empty file", "id.jpg", jpg),
            Vec::new(),
            ("media.empty", 422, "empty"),
        ),
    ]
}

fn bad_videos() -> Vec<BadFile> {
    let photo = photo::jpeg(&photo::card(3)).unwrap();
    let playlist = b"#EXTM3U\n#EXTINF:1,\nfile:///etc/passwd\n".to_vec();
    let mp4 = "video/mp4";
    let clip = photo::clip(&photo::drawing(3), 3).unwrap();
    let cut = clip[..clip.len() / 2].to_vec();
    vec![
        bad(
            ("an MP4 without frames", "v.mp4", mp4),
            no_frames(),
            ("media.no_frames", 422, "no pictures in it"),
        ),
        bad(
            ("a playlist", "v.mp4", mp4),
            playlist,
            ("media.playlist", 415, "list of other files"),
        ),
        bad(
            ("a photo where a video belongs", "v.jpg", "image/jpeg"),
            photo,
            ("media.wrong_kind", 415, "This is a"),
        ),
        bad(
            ("a cut MP4", "v.mp4", mp4),
            cut,
            ("media.damaged", 422, "damaged"),
        ),
    ]
}

/// What both kinds of caller must be told; a page answers 422 and keeps its form.
fn told(file: &BadFile, by: As, answer: &Answer) {
    let what = format!("{} ({by:?})", file.what);
    match by {
        As::Script => {
            assert_eq!(answer.status, file.status, "{what}: {}", answer.body);
            assert_eq!(answer.problem(), file.code, "{what}");
        }
        As::Browser => {
            assert_eq!(answer.status, 422, "{what}: {}", answer.body);
            let words = answer.beside("file");
            assert!(words.contains(file.words), "{what}: {words}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn files_are_refused_by_the_form() {
    let scene = Scene::start().await;
    let ann = scene
        .applicant(1, "ann.old@example.com", "a@example.org")
        .await;
    let before = scene.stored().await;
    let photos = bad_photos();
    for path in ["/case/id/front", "/case/note"] {
        for file in &photos {
            for by in As::BOTH {
                let answer = ann.caller.upload(by, path, file).await;
                told(file, by, &answer);
                scene.unchanged(&before, file.what).await;
            }
        }
    }
    for file in bad_videos() {
        for by in As::BOTH {
            told(
                &file,
                by,
                &ann.caller.upload(by, "/case/video", &file).await,
            );
            scene.unchanged(&before, file.what).await;
        }
    }
    screenshots(&ann.caller, &photos).await;
    scene.unchanged(&before, "screenshots").await;
    scene.end().await;
}

/// The page of screenshots names the file its words are about.
async fn screenshots(caller: &Caller, photos: &[BadFile]) {
    for file in photos.iter().filter(|file| file.code != "media.too_large") {
        let page = caller.upload(As::Browser, "/case/screenshots", file).await;
        assert_eq!(page.status, 422, "{}: {}", file.what, page.body);
        let words = page.beside("file");
        let named = words.starts_with(&format!("{}: ", file.name));
        assert!(named && words.contains(file.words), "{words}");
        let script = caller.upload(As::Script, "/case/screenshots", file).await;
        assert_eq!(script.problem(), file.code, "{}", file.what);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_form_far_over_its_limit_is_told_so() {
    let scene = Scene::start().await;
    let ann = scene
        .applicant(1, "ann.old@example.com", "a@example.org")
        .await;
    let before = scene.stored().await;
    let jpeg = "image/jpeg";
    let file = |bytes: usize| {
        bad(
            ("far too large", "id.jpg", jpeg),
            vec![0xff; bytes],
            ("media.too_large", 413, "larger than allowed"),
        )
    };
    // More than the form takes, and more than anything of ours takes.
    for bytes in [PHOTO_MAX + CHUNK, 5 * PHOTO_MAX] {
        for by in As::BOTH {
            let file = file(bytes);
            told(
                &file,
                by,
                &ann.caller.upload(by, "/case/id/front", &file).await,
            );
            scene.unchanged(&before, file.what).await;
        }
    }
    scene.end().await;
}

/// A resumable upload as a client sends it.
struct Tus<'a> {
    caller: &'a Caller,
}

impl Tus<'_> {
    async fn begin(&self, kind: &str, media_type: &str, length: Option<&str>) -> Answer {
        let metadata = format!(
            "kind {},type {}",
            BASE64.encode(kind.as_bytes()),
            BASE64.encode(media_type.as_bytes())
        );
        let mut request = self
            .caller
            .bare(&Method::POST, "/case/uploads")
            .header("Accept", "application/json")
            .header("Tus-Resumable", "1.0.0")
            .header("Upload-Metadata", metadata);
        if let Some(length) = length {
            request = request.header("Upload-Length", length);
        }
        send(request).await
    }

    async fn append(&self, place: &str, offset: usize, bytes: &[u8], digest: &[u8]) -> Answer {
        let checksum = format!("sha256 {}", BASE64.encode(digest));
        let request = self
            .caller
            .bare(&Method::PATCH, place)
            .header("Accept", "application/json")
            .header("Tus-Resumable", "1.0.0")
            .header("Upload-Offset", offset.to_string())
            .header("Upload-Checksum", checksum)
            .header("Content-Type", "application/offset+octet-stream")
            .body(bytes.to_vec());
        send(request).await
    }

    async fn whole(&self, kind: &str, file: &BadFile) -> Answer {
        let length = file.bytes.len().to_string();
        let begun = self.begin(kind, file.declared, Some(&length)).await;
        if begun.status != 201 {
            return begun;
        }
        let place = begun.header("location").to_owned();
        let mut last = begun;
        for (number, chunk) in file.bytes.chunks(CHUNK).enumerate() {
            let digest = digest(chunk);
            last = self.append(&place, number * CHUNK, chunk, &digest).await;
        }
        last
    }
}

fn digest(bytes: &[u8]) -> Vec<u8> {
    let digest = ContentDigest::of(bytes).0;
    data_encoding::HEXLOWER.decode(digest.as_bytes()).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn files_are_refused_by_the_resumable_upload() {
    let scene = Scene::start().await;
    let ann = scene
        .applicant(1, "ann.old@example.com", "a@example.org")
        .await;
    let before = scene.stored().await;
    let tus = Tus {
        caller: &ann.caller,
    };
    let photos = bad_photos().into_iter().map(|file| ("id_front", file));
    let videos = bad_videos().into_iter().map(|file| ("video", file));
    for (kind, file) in photos.chain(videos) {
        let answer = tus.whole(kind, &file).await;
        if file.bytes.is_empty() {
            // Refused before a byte was sent, so in words of its own.
            assert_eq!(
                (answer.status, answer.problem()),
                (422, "length_zero".into())
            );
        } else {
            told(&file, As::Script, &answer);
        }
        scene.unchanged(&before, file.what).await;
    }
    scene.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_chunk_that_does_not_fit_is_not_kept() {
    let scene = Scene::start().await;
    let ann = scene
        .applicant(1, "ann.old@example.com", "a@example.org")
        .await;
    let eve = scene
        .applicant(2, "ben.old@example.com", "e@example.org")
        .await;
    let tus = Tus {
        caller: &ann.caller,
    };
    let begun = tus.begin("id_front", "image/jpeg", Some("1000")).await;
    assert_eq!(begun.status, 201, "{}", begun.body);
    let place = begun.header("location").to_owned();
    let before = scene.stored().await;
    let chunk = vec![7; 500];
    let right = digest(&chunk);
    let refused = |answer: Answer, status: u16, code: &str| {
        assert_eq!((answer.status, answer.problem().as_str()), (status, code));
    };
    refused(
        tus.append(&place, 0, &chunk, &digest(b"other")).await,
        460,
        "chunk_digest",
    );
    refused(
        tus.append(&place, 500, &chunk, &right).await,
        409,
        "chunk_offset",
    );
    let long = vec![7; 1001];
    refused(
        tus.append(&place, 0, &long, &digest(&long)).await,
        422,
        "chunk_length",
    );
    refused(
        tus.append(&place, 0, b"", &digest(b"")).await,
        422,
        "chunk_size",
    );
    let huge = vec![7; CHUNK + 1];
    refused(
        tus.append(&place, 0, &huge, &digest(&huge)).await,
        413,
        "too_large",
    );
    let foreign = Tus {
        caller: &eve.caller,
    };
    refused(
        foreign.append(&place, 0, &chunk, &right).await,
        404,
        "not_found",
    );
    let nowhere = "/case/uploads/up_01J9ZQ5C8W0000000000000000";
    refused(
        tus.append(nowhere, 0, &chunk, &right).await,
        404,
        "not_found",
    );
    for method in [Method::HEAD, Method::DELETE] {
        let request = eve.caller.bare(&method, &place);
        let answer = send(request.header("Tus-Resumable", "1.0.0")).await;
        assert_eq!(answer.status, 404, "{method} by another case");
    }
    headers_are_needed(&ann.caller, &place).await;
    scene.unchanged(&before, "chunks").await;
    // The upload itself is not harmed by any of that.
    let fine = tus.append(&place, 0, &chunk, &right).await;
    assert_eq!((fine.status, fine.header("upload-offset")), (204, "500"));
    scene.end().await;
}

async fn headers_are_needed(caller: &Caller, place: &str) {
    let bare = || {
        caller
            .bare(&Method::PATCH, place)
            .header("Accept", "application/json")
            .body(vec![7; 10])
    };
    let tus = || bare().header("Tus-Resumable", "1.0.0");
    let typed = || tus().header("Content-Type", "application/offset+octet-stream");
    let cases = [
        (bare(), 412, "precondition"),
        (tus(), 415, "content_type"),
        (
            tus().header("Content-Type", "image/jpeg"),
            415,
            "content_type",
        ),
        (typed(), 422, "offset_missing"),
        (typed().header("Upload-Offset", "ten"), 422, "number"),
        (typed().header("Upload-Offset", "-1"), 422, "number"),
        (
            typed()
                .header("Upload-Offset", "0")
                .header("Upload-Checksum", "sha1 AAAA"),
            422,
            "checksum",
        ),
    ];
    for (request, status, code) in cases {
        let answer = send(request).await;
        assert_eq!((answer.status, answer.problem().as_str()), (status, code));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_upload_that_cannot_be_is_never_begun() {
    let scene = Scene::start().await;
    let ann = scene
        .applicant(1, "ann.old@example.com", "a@example.org")
        .await;
    let before = scene.stored().await;
    let tus = Tus {
        caller: &ann.caller,
    };
    let over = (PHOTO_MAX + 1).to_string();
    let cases: [(&str, Option<&str>, u16, &str); 6] = [
        ("id_front", None, 422, "length_missing"),
        ("id_front", Some("ten"), 422, "number"),
        ("id_front", Some("-5"), 422, "number"),
        ("id_front", Some("99999999999999999999"), 422, "number"),
        ("id_front", Some(&over), 413, "media.too_large"),
        ("passport", Some("10"), 422, "kind"),
    ];
    for (kind, length, status, code) in cases {
        let answer = tus.begin(kind, "image/jpeg", length).await;
        assert_eq!((answer.status, answer.problem().as_str()), (status, code));
        scene.unchanged(&before, code).await;
    }
    for _ in 0..6 {
        assert_eq!(
            tus.begin("id_front", "image/jpeg", Some("10")).await.status,
            201
        );
    }
    let more = tus.begin("id_front", "image/jpeg", Some("10")).await;
    assert_eq!(
        (more.status, more.problem().as_str()),
        (422, "uploads_open")
    );
    scene.end().await;
}

/// A whole file whose announced digest is another one's leaves neither evidence nor pieces.
#[tokio::test(flavor = "multi_thread")]
async fn a_whole_that_is_not_what_was_announced_is_forgotten() {
    let scene = Scene::start().await;
    let ann = scene
        .applicant(1, "ann.old@example.com", "a@example.org")
        .await;
    let before = scene.stored().await;
    let bytes = photo::jpeg(&photo::card(9)).unwrap();
    let other = ContentDigest::of(b"another file").0;
    let metadata = format!(
        "kind {},type {},sha256 {}",
        BASE64.encode(b"id_front"),
        BASE64.encode(b"image/jpeg"),
        BASE64.encode(other.as_bytes())
    );
    let begun = send(
        ann.caller
            .bare(&Method::POST, "/case/uploads")
            .header("Tus-Resumable", "1.0.0")
            .header("Upload-Length", bytes.len().to_string())
            .header("Upload-Metadata", metadata),
    )
    .await;
    assert_eq!(begun.status, 201, "{}", begun.body);
    let tus = Tus {
        caller: &ann.caller,
    };
    let place = begun.header("location").to_owned();
    let answer = tus.append(&place, 0, &bytes, &digest(&bytes)).await;
    assert_eq!(
        (answer.status, answer.problem().as_str()),
        (422, "upload_digest")
    );
    scene
        .unchanged(&before, "a wrong digest of the whole")
        .await;
    scene.end().await;
}

/// The same files, taken for what they are by another reader: the test's own fixtures are right.
#[test]
fn the_bad_files_are_what_they_claim() {
    let header = png_header(10_000, 10_000);
    let size = image::ImageReader::new(std::io::Cursor::new(header))
        .with_guessed_format()
        .unwrap()
        .into_dimensions();
    assert_eq!(size.ok(), Some((10_000, 10_000)));
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("v.mp4");
    std::fs::write(&path, no_frames()).unwrap();
    let Ok(said) = Command::new("ffprobe")
        .args(["-v", "error", "-of", "json", "-show_streams"])
        .arg(&path)
        .output()
    else {
        eprintln!("skipped: ffprobe is not installed");
        return;
    };
    let said: Value = serde_json::from_slice(&said.stdout).unwrap();
    assert!(
        said["streams"].as_array().is_none_or(Vec::is_empty),
        "{said}"
    );
}
