//! Video through the real tools in their real walls. Clips are made by ffmpeg where it is there.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic
)]

mod support;

use std::process::Command;
use std::time::{Duration, Instant};

use evidence::{
    Limits, MAX_FRAMES, MediaRefusal, MediaTools, MediaType, Sandbox, VideoFacts, inspect_video,
};
use support::{mp4_box, testdata, tools};

fn look(bytes: &[u8], tools: &MediaTools) -> Result<VideoFacts, MediaRefusal> {
    inspect_video(bytes, None, &Limits::default(), tools)
}

/// A clip written by ffmpeg with these arguments.
fn clip(name: &str, arguments: &str) -> Vec<u8> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(name);
    let made = Command::new("/usr/bin/ffmpeg")
        .args(["-v", "error", "-nostdin"])
        .args(arguments.split_whitespace())
        .arg(&path)
        .status()
        .unwrap();
    assert!(made.success());
    std::fs::read(&path).unwrap()
}

const MOVING: &str = "-f lavfi -i testsrc=size=800x600:rate=15:duration=3";
const TONE: &str = "-f lavfi -i sine=frequency=440:duration=3";

#[test]
fn facts_and_nine_frames_come_out_of_a_clip() {
    let Some(tools) = tools() else { return };
    let bytes = clip(
        "a.mp4",
        &format!("{MOVING} {TONE} -c:v libx264 -preset ultrafast -pix_fmt yuv420p -c:a aac"),
    );
    let facts =
        inspect_video(&bytes, Some("video/mp4"), &Limits::default(), &tools).expect("good clip");
    assert_eq!((facts.width, facts.height), (800, 600));
    assert!(
        (2900..=3100).contains(&facts.duration_ms),
        "{}",
        facts.duration_ms
    );
    assert!(facts.has_audio);
    assert_eq!(facts.container, MediaType::Mp4);
    assert_eq!(facts.frames.len(), MAX_FRAMES);
    assert!(
        facts
            .frames
            .iter()
            .all(|frame| frame.dimensions() == (640, 480))
    );
    assert!(
        facts.frames.windows(2).all(|pair| pair[0] != pair[1]),
        "frames are spread"
    );
}

#[test]
fn the_same_facts_come_without_namespaces() {
    let Some(tools) = tools() else { return };
    let bytes = clip(
        "a.webm",
        &format!("{MOVING} -c:v libvpx -deadline realtime -b:v 1M"),
    );
    let walled = look(&bytes, &tools).expect("good clip");
    let open = tools.without_namespaces();
    assert_eq!(open.report().sandbox, Sandbox::Rlimits);
    assert_eq!(look(&bytes, &open).expect("good clip"), walled);
    assert!(!walled.has_audio);
    assert_eq!(walled.container, MediaType::WebM);
}

#[test]
fn a_short_clip_has_fewer_frames_and_no_repeats() {
    let Some(tools) = tools() else { return };
    let short = "-f lavfi -i testsrc=size=320x240:rate=5:duration=0.8";
    let facts = look(
        &clip("a.webm", &format!("{short} -c:v libvpx -deadline realtime")),
        &tools,
    )
    .unwrap();
    assert_eq!(facts.frames.len(), 4);
    assert_eq!(facts.frames[0].dimensions(), (320, 240));
}

#[test]
fn browser_recordings_are_read() {
    let Some(tools) = tools() else { return };
    let Some(folder) = testdata("media/video") else {
        return;
    };
    let takes = [
        "mr_vp8.webm",
        "mr_vp9.webm",
        "mr_h264webm.webm",
        "mr_mp4vp9.mp4",
    ];
    for name in takes {
        let bytes = std::fs::read(folder.join(name)).unwrap();
        let facts = look(&bytes, &tools).unwrap_or_else(|refusal| panic!("{name}: {refusal}"));
        support::note(&format!("{name}: {facts:?}"));
        assert_eq!(facts.frames.len(), MAX_FRAMES, "{name}");
        assert!(
            (3_000..60_000).contains(&facts.duration_ms),
            "{name}: {}",
            facts.duration_ms
        );
    }
}

#[test]
#[allow(
    clippy::disallowed_methods,
    reason = "measures how fast a hostile file is refused"
)]
fn hostile_samples_are_refused_precisely_and_fast() {
    let Some(tools) = tools() else { return };
    let Some(folder) = testdata("media/video") else {
        return;
    };
    let cases = [
        ("h_hls.mp4", "media.playlist"),
        ("h_concat.webm", "media.playlist"),
        ("h_fps.mp4", "media.frame_rate"),
        ("h_big.webm", "media.too_many_pixels"),
    ];
    for (name, code) in cases {
        let bytes = std::fs::read(folder.join(name)).unwrap();
        let begun = Instant::now();
        let refusal = look(&bytes, &tools).expect_err(name);
        assert_eq!(refusal.code(), code, "{name}");
        assert!(
            begun.elapsed() < Duration::from_secs(20),
            "{name}: {:?}",
            begun.elapsed()
        );
    }
}

#[test]
fn an_mp4_without_frames_is_refused_as_such() {
    let Some(tools) = tools() else { return };
    let mut empty = mp4_box(b"ftyp", b"isom\0\0\0\0isom");
    let mut header = vec![0; 100];
    header[12..16].copy_from_slice(&1000u32.to_be_bytes());
    empty.extend(mp4_box(b"moov", &mp4_box(b"mvhd", &header)));
    assert_eq!(look(&empty, &tools), Err(MediaRefusal::NoFrames));
    let none = clip("a.mp4", &format!("{MOVING} -c:v libx264 -frames:v 0"));
    assert_eq!(look(&none, &tools), Err(MediaRefusal::NoFrames));
}

#[test]
fn sound_alone_is_refused_as_such() {
    let Some(tools) = tools() else { return };
    let mp4 = clip("a.mp4", &format!("{TONE} -c:a aac"));
    assert_eq!(look(&mp4, &tools), Err(MediaRefusal::AudioOnly));
    let webm = clip("a.webm", &format!("{TONE} -c:a libopus"));
    assert_eq!(look(&webm, &tools), Err(MediaRefusal::AudioOnly));
}

#[test]
fn cut_clips_are_damaged() {
    let Some(tools) = tools() else { return };
    let ways = [
        ("a.mp4", "-c:v libx264 -preset ultrafast -pix_fmt yuv420p"),
        (
            "b.mp4",
            "-c:v libx264 -preset ultrafast -pix_fmt yuv420p -movflags +faststart",
        ),
        ("c.webm", "-c:v libvpx -deadline realtime"),
    ];
    for (name, how) in ways {
        let whole = clip(name, &format!("{MOVING} {how}"));
        let cut = &whole[..whole.len() * 6 / 10];
        let refusal = look(cut, &tools).expect_err(name);
        assert_eq!(refusal.code(), "media.damaged", "{name}: {refusal}");
    }
}

#[test]
fn limits_are_kept() {
    let Some(tools) = tools() else { return };
    let bytes = clip("a.mp4", &format!("{MOVING} {TONE} -c:v libx264 -c:a aac"));
    let with = |limits: Limits| {
        inspect_video(&bytes, None, &limits, &tools)
            .unwrap_err()
            .code()
    };
    assert_eq!(
        with(Limits {
            video_ms: 2_000,
            ..Limits::default()
        }),
        "media.too_long"
    );
    assert_eq!(
        with(Limits {
            video_fps: 10,
            ..Limits::default()
        }),
        "media.frame_rate"
    );
    assert_eq!(
        with(Limits {
            video_pixels: 1000,
            ..Limits::default()
        }),
        "media.too_many_pixels"
    );
    assert_eq!(
        with(Limits {
            video_streams: 1,
            ..Limits::default()
        }),
        "media.too_many_streams"
    );
    assert_eq!(
        with(Limits {
            video_bytes: 1000,
            ..Limits::default()
        }),
        "media.too_large"
    );
    assert_eq!(
        with(Limits {
            tool_wall_seconds: 0,
            ..Limits::default()
        }),
        "media.too_slow"
    );
}

#[test]
fn a_tool_that_is_stopped_half_way_proves_nothing() {
    let Some(tools) = tools() else { return };
    let large = "-f lavfi -i testsrc2=size=1920x1080:rate=30:duration=2";
    let once = clip(
        "a.mp4",
        &format!("{large} -c:v libx264 -preset ultrafast -crf 34"),
    );
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("once.mp4");
    std::fs::write(&path, once).unwrap();
    let bytes = clip(
        "b.mp4",
        &format!("-stream_loop 13 -i {} -c copy", path.display()),
    );
    let late = Limits {
        tool_cpu_seconds: 1,
        ..Limits::default()
    };
    assert_eq!(
        inspect_video(&bytes, None, &late, &tools),
        Err(MediaRefusal::TooComplex)
    );
    let late = Limits {
        tool_wall_seconds: 1,
        ..Limits::default()
    };
    assert_eq!(
        inspect_video(&bytes, None, &late, &tools),
        Err(MediaRefusal::TooSlow)
    );
}

#[test]
fn wrong_types_are_told_apart() {
    let tools = MediaTools::none();
    let mp4 = mp4_box(b"ftyp", b"isom\0\0\0\0isom");
    let look = |bytes: &[u8], declared| {
        inspect_video(bytes, declared, &Limits::default(), &tools).unwrap_err()
    };
    assert_eq!(look(&mp4, Some("video/webm")).code(), "media.declared_type");
    let picture = support::png_claiming(10, 10, 8, 2);
    assert_eq!(look(&picture, Some("image/png")).code(), "media.wrong_kind");
    assert_eq!(look(b"text", Some("video/mp4")).code(), "media.type");
    let missing = look(&mp4, Some("video/mp4"));
    assert!(missing.is_unavailable());
    assert_eq!(
        missing,
        MediaRefusal::VideoUnavailable { missing: "ffmpeg" }
    );
    assert_eq!(missing.finding_code(), "check.unavailable");
}
