//! Video: facts and a few frames, by external tools behind walls.

use image::RgbImage;
use serde_json::Value;

use crate::ppm::read_frames;
use crate::sandbox::{INPUT, MAX_OUTPUT, Ran};
use crate::{Limits, MediaRefusal, MediaTools, MediaType, recognise};

/// Frames that are taken out of a video, evenly spread.
pub const MAX_FRAMES: usize = 9;
/// Long side of a frame in pixels: enough for a face of 200 pixels, nine times 0.7 MB.
pub(crate) const FRAME_SIDE: u32 = 640;
/// Formats a tool may take the input for: no playlists, no image sequences.
const FORMATS: &str = "matroska,webm,mov,mp4,m4a,3gp,3g2,mj2";
/// Decoders a tool may use: what browsers and phones record.
const CODECS: &str =
    "vp8,libvpx,vp9,libvpx-vp9,h264,hevc,av1,libdav1d,opus,libopus,aac,vorbis,mjpeg,pcm_s16le";

/// Exit codes from here on mean, inside bwrap, that the kernel ended the tool: over its processor
/// time, its memory or its output.
const KILLED: i32 = 128;

/// What `ffprobe` is asked for: streams with their size and rates, and every packet's time.
const ENTRIES: &str = "format=nb_streams:stream=index,codec_type,width,height,avg_frame_rate,\
     nb_frames:stream_disposition=attached_pic:packet=stream_index,pts_time,duration_time";

/// What a video is, and frames of it.
#[derive(Clone, PartialEq)]
pub struct VideoFacts {
    /// From the first to the end of the last frame, in milliseconds, by the packets themselves:
    /// browsers' recordings name no duration.
    pub duration_ms: u64,
    /// Pixels across as coded, before any turning.
    pub width: u32,
    /// Pixels down as coded.
    pub height: u32,
    /// Is there a sound track?
    pub has_audio: bool,
    /// Up to [`MAX_FRAMES`] frames, evenly spread, in order, upright, no side above 640 pixels.
    pub frames: Vec<RgbImage>,
    /// MP4 or WebM.
    pub container: MediaType,
}

impl std::fmt::Debug for VideoFacts {
    /// Figures only: the frames are a person.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("VideoFacts")
            .field("container", &self.container)
            .field("duration_ms", &self.duration_ms)
            .field("size", &(self.width, self.height))
            .field("has_audio", &self.has_audio)
            .field("frames", &self.frames.len())
            .finish()
    }
}

/// What the container says, before anything is decoded.
struct Outline {
    /// Index of the picture stream.
    stream: u64,
    width: u32,
    height: u32,
    has_audio: bool,
    duration_ms: u64,
}

/// Looks at a video: container, limits, then nine frames.
///
/// Blocks for as long as the tools run (one to three seconds for an ordinary recording), so it
/// belongs on a worker's thread.
///
/// # Errors
/// A [`MediaRefusal`]; [`MediaRefusal::is_unavailable`] tells a missing tool from a bad file.
pub fn inspect_video(
    bytes: &[u8],
    declared_type: Option<&str>,
    limits: &Limits,
    tools: &MediaTools,
) -> Result<VideoFacts, MediaRefusal> {
    if bytes.len() as u64 > limits.video_bytes {
        let (bytes, limit) = (bytes.len() as u64, limits.video_bytes);
        return Err(MediaRefusal::TooLarge { bytes, limit });
    }
    let container = recognise(bytes)?;
    if container.is_picture() {
        return Err(MediaRefusal::WrongKind {
            found: "a photo",
            expected: "a video",
        });
    }
    if declared_type.is_some_and(|declared| !container.agrees_with(declared)) {
        return Err(MediaRefusal::DeclaredType {
            found: container.mime(),
        });
    }
    if let Some(missing) = tools.missing() {
        return Err(MediaRefusal::VideoUnavailable { missing });
    }
    let outline = outline(bytes, container, limits, tools)?;
    let frames = frames(bytes, container, &outline, limits, tools)?;
    Ok(VideoFacts {
        duration_ms: outline.duration_ms,
        width: outline.width,
        height: outline.height,
        has_audio: outline.has_audio,
        frames,
        container,
    })
}

const fn demuxer(container: MediaType) -> &'static str {
    match container {
        MediaType::WebM => "matroska",
        _ => "mov",
    }
}

fn words(line: &'static str) -> Vec<&'static str> {
    line.split(' ').collect()
}

/// What both tools are told before the input: nothing but files, known formats, known decoders.
fn guards(container: MediaType, streams: &str) -> Vec<&str> {
    let mut guards = words("-v error -probesize 5M -protocol_whitelist file");
    guards.extend(["-format_whitelist", FORMATS, "-codec_whitelist", CODECS]);
    guards.extend(["-max_streams", streams, "-f", demuxer(container)]);
    guards
}

fn outline(
    bytes: &[u8],
    container: MediaType,
    limits: &Limits,
    tools: &MediaTools,
) -> Result<Outline, MediaRefusal> {
    let streams = limits.video_streams.to_string();
    let mut arguments = guards(container, &streams);
    arguments.extend(["-of", "json=c=1", "-show_entries", ENTRIES, "-i", INPUT]);
    let ran = tools.ffprobe(bytes, &arguments, limits)?;
    explain_errors(&ran, limits)?;
    if ran.output.len() as u64 >= MAX_OUTPUT {
        return Err(MediaRefusal::TooComplex);
    }
    let report: Value = serde_json::from_slice(&ran.output).map_err(|_| MediaRefusal::Damaged {
        what: "its container cannot be read",
    })?;
    read_outline(&report, limits)
}

/// Turns a tool's complaint into a reason. The words come from ffmpeg 5 to 7.
fn explain_errors(ran: &Ran, limits: &Limits) -> Result<(), MediaRefusal> {
    let says = |words: &str| ran.errors.contains(words);
    if says("max_streams") || says("Reached max streams") {
        return Err(MediaRefusal::TooManyStreams {
            limit: limits.video_streams,
        });
    }
    if says("File ended prematurely") || says("partial file") || says("moov atom not found") {
        return Err(MediaRefusal::Damaged {
            what: "its end is missing",
        });
    }
    if ran.status.success() {
        return Ok(());
    }
    if ran.errors.starts_with("bwrap:") || ran.errors.starts_with("prlimit:") {
        return Err(MediaRefusal::ToolFailed { step: "sandbox" });
    }
    if ran.status.code().is_none_or(|code| code >= KILLED) {
        return Err(MediaRefusal::TooComplex);
    }
    if says("not on whitelist") || says("Decoder not found") {
        return Err(MediaRefusal::Codec);
    }
    Err(MediaRefusal::Damaged {
        what: "its container cannot be read",
    })
}

fn number(value: Option<&Value>) -> Option<f64> {
    match value? {
        Value::String(text) => text.parse().ok().filter(|number: &f64| number.is_finite()),
        Value::Number(number) => number.as_f64(),
        _ => None,
    }
}

/// A rate such as `30000/1001`; `0/0` means unknown.
fn rate(value: Option<&Value>) -> Option<f64> {
    let (above, below) = value?.as_str()?.split_once('/')?;
    let (above, below) = (above.parse::<f64>().ok()?, below.parse::<f64>().ok()?);
    (below > 0.0).then(|| above / below)
}

fn list<'a>(report: &'a Value, name: &str) -> &'a [Value] {
    report
        .get(name)
        .and_then(Value::as_array)
        .map_or(&[], Vec::as_slice)
}

fn is_picture_stream(stream: &Value) -> bool {
    let cover = stream
        .pointer("/disposition/attached_pic")
        .and_then(Value::as_u64)
        == Some(1);
    stream.get("codec_type").and_then(Value::as_str) == Some("video") && !cover
}

fn read_outline(report: &Value, limits: &Limits) -> Result<Outline, MediaRefusal> {
    let streams = list(report, "streams");
    let count = number(report.pointer("/format/nb_streams")).unwrap_or(0.0);
    if count > f64::from(limits.video_streams) {
        return Err(MediaRefusal::TooManyStreams {
            limit: limits.video_streams,
        });
    }
    let has_audio = streams
        .iter()
        .any(|stream| stream.get("codec_type").and_then(Value::as_str) == Some("audio"));
    let Some(video) = streams.iter().find(|stream| is_picture_stream(stream)) else {
        return Err(if has_audio {
            MediaRefusal::AudioOnly
        } else {
            MediaRefusal::NoFrames
        });
    };
    let side = |name| {
        video
            .get(name)
            .and_then(Value::as_u64)
            .and_then(|n| u32::try_from(n).ok())
            .unwrap_or(0)
    };
    let (width, height) = (side("width"), side("height"));
    let duration_ms = measure_packets(report, video, limits)?;
    if width == 0 || height == 0 {
        return Err(MediaRefusal::Codec);
    }
    if u64::from(width) * u64::from(height) > limits.video_pixels {
        return Err(MediaRefusal::TooManyPixels {
            width: width.into(),
            height: height.into(),
        });
    }
    Ok(Outline {
        stream: video.get("index").and_then(Value::as_u64).unwrap_or(0),
        width,
        height,
        has_audio,
        duration_ms,
    })
}

/// Duration in milliseconds by the packets, after refusing what is too long, fast or cut off.
fn measure_packets(report: &Value, video: &Value, limits: &Limits) -> Result<u64, MediaRefusal> {
    let index = video.get("index").and_then(Value::as_u64);
    let (mut count, mut first, mut end) = (0u32, f64::MAX, f64::MIN);
    for packet in list(report, "packets") {
        if packet.get("stream_index").and_then(Value::as_u64) != index {
            continue;
        }
        count += 1;
        if let Some(at) = number(packet.get("pts_time")) {
            first = first.min(at);
            end = end.max(at + number(packet.get("duration_time")).unwrap_or(0.0));
        }
    }
    if count == 0 {
        return Err(MediaRefusal::NoFrames);
    }
    let announced = number(video.get("nb_frames")).unwrap_or(0.0);
    if announced > f64::from(count) {
        return Err(MediaRefusal::Damaged {
            what: "its end is missing",
        });
    }
    let seconds = (end - first).max(0.0);
    if seconds * 1000.0 > limits.video_ms as f64 {
        return Err(MediaRefusal::TooLong {
            limit_ms: limits.video_ms,
        });
    }
    let declared = rate(video.get("avg_frame_rate")).unwrap_or(0.0);
    let measured = if count > 1 {
        f64::from(count - 1) / seconds.max(0.001)
    } else {
        0.0
    };
    // Half a frame of tolerance: 60.0 at the edges of a short take is measured a little higher.
    if declared.max(measured) > f64::from(limits.video_fps) + 0.5 {
        return Err(MediaRefusal::FrameRate {
            limit: limits.video_fps,
        });
    }
    Ok((seconds * 1000.0).round() as u64)
}

fn frames(
    bytes: &[u8],
    container: MediaType,
    outline: &Outline,
    limits: &Limits,
    tools: &MediaTools,
) -> Result<Vec<RgbImage>, MediaRefusal> {
    let step = outline.duration_ms as f64 / 1000.0 / MAX_FRAMES as f64;
    let filter = format!(
        "select='isnan(prev_selected_t)+gte(t-prev_selected_t\\,{step:.4})',\
         scale=w='min({FRAME_SIDE},iw)':h='min({FRAME_SIDE},ih)'\
         :force_original_aspect_ratio=decrease"
    );
    let (streams, pixels) = (
        limits.video_streams.to_string(),
        limits.video_pixels.to_string(),
    );
    let (most, seconds) = (MAX_FRAMES.to_string(), (limits.video_ms / 1000).to_string());
    let stream = format!("0:{}", outline.stream);
    let mut arguments = words("-hide_banner -nostdin -threads 1");
    arguments.extend(guards(container, &streams));
    arguments.extend([
        "-max_pixels",
        &pixels,
        "-t",
        &seconds,
        "-i",
        INPUT,
        "-map",
        &stream,
    ]);
    arguments.extend(["-vf", &filter, "-frames:v", &most]);
    arguments.extend(words(
        "-an -sn -dn -vsync vfr -c:v ppm -pix_fmt rgb24 -f image2pipe pipe:1",
    ));
    let ran = tools.ffmpeg(bytes, &arguments, limits)?;
    // A tool that was stopped half way may have left good frames: they prove nothing.
    explain_errors(&ran, limits)?;
    let frames = read_frames(&ran.output);
    if frames.is_empty() {
        return Err(MediaRefusal::Damaged {
            what: "no frame of it can be read",
        });
    }
    Ok(frames)
}
