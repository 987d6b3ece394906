//! Video: facts, a few frames, motion and sound, by external tools behind walls.

mod arrival;
pub(crate) mod avi;
pub(crate) mod edits;
mod motion;
pub(crate) mod probe;
mod take;

use image::{GrayImage, RgbImage};

use crate::sandbox::{INPUT, MAX_OUTPUT, Ran, Run, Tool};
use crate::speech::{SOUND_RATE, Sound};
use crate::{Limits, MediaRefusal, MediaTools, MediaType, recognise};

use avi::{Chunk, Size, read_avi};
use probe::{ENTRIES, Outline, Tags, read_report};

pub use arrival::{ArrivalRecord, Chunk as ArrivedChunk, TakeClock};
pub use motion::Step as MotionStep;
pub use probe::{Packet, Timeline};
pub use take::{scene_changes, take_findings};

/// Frames that are taken out of a video, evenly spread.
pub const MAX_FRAMES: usize = 9;
/// Long side of a frame in pixels: enough for a face of 200 pixels, nine times 0.7 MB.
pub(crate) const FRAME_SIDE: u32 = 640;
/// Long side of the grey frames by which motion is measured.
const GREY_SIDE: u32 = 288;
/// Least time between two grey frames in seconds: about ten a second of any common rate, at most
/// 632 of 60 s, with 83 kB each.
const GREY_STEP: &str = "0.095";
/// Moments a second to which frames are rounded on their way to us.
const TICKS: u32 = 50;
/// Formats a tool may take the input for: no playlists, no image sequences.
const FORMATS: &str = "matroska,webm,mov,mp4,m4a,3gp,3g2,mj2";
/// Decoders a tool may use: what browsers and phones record.
const CODECS: &str =
    "vp8,libvpx,vp9,libvpx-vp9,h264,hevc,av1,libdav1d,opus,libopus,aac,vorbis,mjpeg,pcm_s16le";

/// Exit codes from here on mean, inside bwrap, that the kernel ended the tool: over its processor
/// time, its memory or its output.
const KILLED: i32 = 128;

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
    /// When each frame is shown, in milliseconds from the start of the file.
    pub frame_times_ms: Vec<u32>,
    /// MP4 or WebM.
    pub container: MediaType,
    /// The first sound track; empty without one.
    pub sound: Sound,
    /// Change of the picture, about five times a second.
    pub motion: Vec<MotionStep>,
    /// Grey frames and when they are shown (as `frame_times_ms`), about ten a second, in order,
    /// upright, no side above 288 pixels: enough to see a mouth move.
    pub grey: Vec<(u32, GrayImage)>,
    /// The packets of both tracks.
    pub timeline: Timeline,
    /// Marks of who wrote the file.
    pub(crate) tags: Tags,
    /// Pieces of media that the edit list shows.
    pub(crate) edit_pieces: u32,
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
            .field("sound", &self.sound)
            .field("steps", &self.motion.len())
            .field("grey", &self.grey.len())
            .finish()
    }
}

/// Looks at a video: container, limits, then nine frames, motion and sound from one decoding.
///
/// Blocks for as long as the tools run (about a second for an ordinary recording), so it
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
    if !container.is_video() {
        return Err(MediaRefusal::WrongKind {
            found: container.noun(),
            expected: "a video",
        });
    }
    if declared_type.is_some_and(|declared| !container.agrees_with(declared)) {
        return Err(MediaRefusal::DeclaredType {
            found: container.mime(),
        });
    }
    if let Some(missing) = tools.missing(&[Tool::Ffmpeg, Tool::Ffprobe]) {
        return Err(MediaRefusal::VideoUnavailable { missing });
    }
    let outline = outline(bytes, container, limits, tools)?;
    let decoded = decode(bytes, container, &outline, limits, tools)?;
    Ok(VideoFacts {
        duration_ms: outline.duration_ms,
        width: outline.width,
        height: outline.height,
        has_audio: outline.sound_stream.is_some(),
        frames: decoded.frames,
        frame_times_ms: decoded.times_ms,
        container,
        sound: decoded.sound,
        motion: motion::steps(&decoded.grey),
        grey: decoded.grey,
        timeline: outline.timeline,
        tags: outline.tags,
        edit_pieces: edits::most_pieces(bytes),
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

const fn run<'a>(tool: Tool, input: &'a [u8], arguments: &'a [&'a str]) -> Run<'a> {
    Run {
        tool,
        input,
        arguments,
        files: &[],
    }
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
    let ran = tools.run(&run(Tool::Ffprobe, bytes, &arguments), limits)?;
    explain_errors(&ran, limits)?;
    if ran.output.len() as u64 >= MAX_OUTPUT {
        return Err(MediaRefusal::TooComplex);
    }
    read_report(&ran.output, limits)
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

/// What came out of one decoding.
#[derive(Default)]
struct Decoded {
    frames: Vec<RgbImage>,
    times_ms: Vec<u32>,
    grey: Vec<(u32, GrayImage)>,
    sound: Sound,
}

/// A filter that keeps frames at least `step` seconds apart, with no side above `side` pixels.
/// Widths are multiples of four: then no row of AVI is padded.
fn keep(step: &str, side: u32) -> String {
    let fit = format!("min(1\\,{side}/max(iw\\,ih))");
    format!(
        "select='isnan(prev_selected_t)+gte(t-prev_selected_t\\,{step})',\
         scale=w='max(4\\,trunc(iw*{fit}/4)*4)':h='max(2\\,trunc(ih*{fit}/2)*2)'"
    )
}

/// Three outputs of one decoding: frames, grey frames, sound at [`SOUND_RATE`] with its
/// holes filled, so that a sample's place is its time.
fn filters(outline: &Outline) -> String {
    let stream = outline.stream;
    let step = outline.duration_ms as f64 / 1000.0 / MAX_FRAMES as f64;
    let (large, grey) = (
        keep(&format!("{step:.4}"), FRAME_SIDE),
        keep(GREY_STEP, GREY_SIDE),
    );
    let mut filters = format!(
        "[0:{stream}]split=2[a][b];[a]{large},format=bgr24[large];[b]{grey},format=gray[grey]"
    );
    if let Some(sound) = outline.sound_stream {
        filters.push_str(&format!(
            ";[0:{sound}]aresample={SOUND_RATE}:async=1:first_pts=0,\
             aformat=sample_fmts=s16:channel_layouts=mono[sound]"
        ));
    }
    filters
}

fn decode(
    bytes: &[u8],
    container: MediaType,
    outline: &Outline,
    limits: &Limits,
    tools: &MediaTools,
) -> Result<Decoded, MediaRefusal> {
    let (streams, pixels, seconds, most, ticks) = (
        limits.video_streams.to_string(),
        limits.video_pixels.to_string(),
        (limits.video_ms / 1000).to_string(),
        MAX_FRAMES.to_string(),
        TICKS.to_string(),
    );
    let filters = filters(outline);
    let mut arguments = words("-hide_banner -nostdin -threads 1 -filter_complex_threads 1");
    arguments.extend(guards(container, &streams));
    arguments.extend(["-max_pixels", &pixels, "-t", &seconds, "-i", INPUT]);
    arguments.extend(["-filter_complex", &filters]);
    arguments.extend(words("-map [large] -map [grey]"));
    if outline.sound_stream.is_some() {
        arguments.extend(words("-map [sound] -c:a pcm_s16le"));
    }
    arguments.extend(["-r:v", &ticks, "-vsync", "vfr", "-frames:v:0", &most]);
    arguments.extend(words("-c:v rawvideo -sn -dn -f avi pipe:1"));
    let ran = tools.run(&run(Tool::Ffmpeg, bytes, &arguments), limits)?;
    // A tool that was stopped half way may have left good frames: they prove nothing.
    explain_errors(&ran, limits)?;
    let decoded = read_decoded(&ran.output);
    if decoded.frames.is_empty() {
        return Err(MediaRefusal::Damaged {
            what: "no frame of it can be read",
        });
    }
    Ok(decoded)
}

fn read_decoded(bytes: &[u8]) -> Decoded {
    let (sizes, chunks) = read_avi(bytes);
    let size = |stream: usize| sizes.get(stream).copied().unwrap_or_default();
    let time = |chunk: &Chunk<'_>| chunk.number.saturating_mul(1000 / TICKS);
    let mut decoded = Decoded::default();
    let mut pcm = Vec::new();
    for chunk in &chunks {
        match chunk.stream {
            0 => {
                if let Some(frame) = colour(chunk.data, size(0)) {
                    decoded.frames.push(frame);
                    decoded.times_ms.push(time(chunk));
                }
            }
            1 => {
                let (width, height) = size(1);
                let frame = GrayImage::from_raw(width, height, chunk.data.to_vec());
                decoded.grey.extend(frame.map(|frame| (time(chunk), frame)));
            }
            _ => pcm.extend_from_slice(chunk.data),
        }
    }
    decoded.sound = Sound::from_pcm(&pcm);
    decoded
}

/// A picture of blue, green and red bytes; nothing when they are not as many as it needs.
fn colour(bytes: &[u8], (width, height): Size) -> Option<RgbImage> {
    let (pixels, _) = bytes.as_chunks::<3>();
    let bytes: Vec<u8> = pixels.iter().flat_map(|[b, g, r]| [*r, *g, *b]).collect();
    let exact = u64::from(width) * u64::from(height) * 3;
    // Only the first part of a larger buffer would be used by the image.
    (exact == bytes.len() as u64).then(|| RgbImage::from_raw(width, height, bytes))?
}
