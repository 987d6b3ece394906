//! What `ffprobe` says of a container, as values: streams, packets, marks of who wrote it.

use serde_json::Value;

use crate::{Limits, MediaRefusal};

/// What `ffprobe` is asked for: streams with their size, rates and tags, and every packet's time,
/// place and length.
pub(crate) const ENTRIES: &str = "format=nb_streams:format_tags:stream=index,codec_type,width,\
     height,avg_frame_rate,nb_frames:stream_disposition=attached_pic:stream_tags:\
     packet=stream_index,pts_time,duration_time,pos,size";

/// Half a frame of tolerance: 60.0 at the edges of a short take is measured a little higher.
const RATE_TOLERANCE: f64 = 0.5;

/// One coded frame or piece of sound.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Packet {
    /// When it is shown or heard, in milliseconds from the first packet of the file.
    pub at_ms: f64,
    /// When it ends; `at_ms` where the container does not say.
    pub end_ms: f64,
    /// The first byte of the file behind it, where the container says.
    pub byte_end: Option<u64>,
}

/// Both tracks' packets in order of time.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Timeline {
    /// The picture track's.
    pub pictures: Vec<Packet>,
    /// The first sound track's.
    pub sounds: Vec<Packet>,
}

/// What the container says, before anything is decoded.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Outline {
    /// Index of the picture stream.
    pub(crate) stream: u64,
    /// Index of the first sound stream.
    pub(crate) sound_stream: Option<u64>,
    pub(crate) width: u32,
    pub(crate) height: u32,
    pub(crate) duration_ms: u64,
    pub(crate) timeline: Timeline,
    pub(crate) tags: Tags,
}

/// Words in the container by which its writer is known. Trivially forged: hints only.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Tags {
    /// A tag of the tools that cut and convert, not of a recorder.
    pub(crate) editor: bool,
    /// The tag of a browser's recorder.
    pub(crate) browser: bool,
}

/// Reads the report. A pure function over hostile bytes.
///
/// # Errors
/// A [`MediaRefusal`] for what is no container, has no picture, or is over a limit.
pub(crate) fn read_report(bytes: &[u8], limits: &Limits) -> Result<Outline, MediaRefusal> {
    let report: Value = serde_json::from_slice(bytes).map_err(|_| MediaRefusal::Damaged {
        what: "its container cannot be read",
    })?;
    let streams = list(&report, "streams");
    let count = number(report.pointer("/format/nb_streams")).unwrap_or(0.0);
    if count > f64::from(limits.video_streams) {
        return Err(MediaRefusal::TooManyStreams {
            limit: limits.video_streams,
        });
    }
    let sound = streams.iter().find(|stream| is_type(stream, "audio"));
    let Some(video) = streams.iter().find(|stream| is_picture_stream(stream)) else {
        return Err(if sound.is_some() {
            MediaRefusal::AudioOnly
        } else {
            MediaRefusal::NoFrames
        });
    };
    let (stream, sound_stream) = (index(video), sound.and_then(index));
    let timeline = read_timeline(&report, stream, sound_stream);
    let duration_ms = measure(&timeline, video, limits)?;
    let (width, height) = (side(video, "width"), side(video, "height"));
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
        stream: stream.unwrap_or(0),
        sound_stream,
        width,
        height,
        duration_ms,
        timeline,
        tags: read_tags(&report),
    })
}

fn number(value: Option<&Value>) -> Option<f64> {
    match value? {
        Value::String(text) => text.parse().ok().filter(|number: &f64| number.is_finite()),
        Value::Number(number) => number.as_f64(),
        _ => None,
    }
}

/// A whole number, which `ffprobe` writes as text.
fn whole(value: Option<&Value>) -> Option<u64> {
    match value? {
        Value::String(text) => text.parse().ok(),
        other => other.as_u64(),
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

fn is_type(stream: &Value, wanted: &str) -> bool {
    stream.get("codec_type").and_then(Value::as_str) == Some(wanted)
}

fn is_picture_stream(stream: &Value) -> bool {
    let cover = stream.pointer("/disposition/attached_pic");
    is_type(stream, "video") && cover.and_then(Value::as_u64) != Some(1)
}

fn index(stream: &Value) -> Option<u64> {
    whole(stream.get("index"))
}

fn side(stream: &Value, name: &str) -> u32 {
    let side = whole(stream.get(name));
    side.and_then(|side| u32::try_from(side).ok()).unwrap_or(0)
}

fn read_timeline(report: &Value, pictures: Option<u64>, sounds: Option<u64>) -> Timeline {
    let mut timeline = Timeline::default();
    for packet in list(report, "packets") {
        let stream = whole(packet.get("stream_index"));
        let track = if stream == pictures {
            &mut timeline.pictures
        } else if stream == sounds {
            &mut timeline.sounds
        } else {
            continue;
        };
        let Some(at) = number(packet.get("pts_time")) else {
            continue;
        };
        let lasts = number(packet.get("duration_time")).unwrap_or(0.0).max(0.0);
        let end = whole(packet.get("pos")).zip(whole(packet.get("size")));
        track.push(Packet {
            at_ms: at * 1000.0,
            end_ms: (at + lasts) * 1000.0,
            byte_end: end.and_then(|(place, size)| place.checked_add(size)),
        });
    }
    let all = || timeline.pictures.iter().chain(&timeline.sounds);
    let start = all().fold(f64::MAX, |start, packet| start.min(packet.at_ms));
    for track in [&mut timeline.pictures, &mut timeline.sounds] {
        track.sort_by(|a, b| a.at_ms.total_cmp(&b.at_ms));
        for packet in track {
            packet.at_ms -= start;
            packet.end_ms -= start;
        }
    }
    timeline
}

/// Duration in milliseconds by the packets, after refusing what is too long, fast or cut off.
fn measure(timeline: &Timeline, video: &Value, limits: &Limits) -> Result<u64, MediaRefusal> {
    let pictures = &timeline.pictures;
    let Some(first) = pictures.first() else {
        return Err(MediaRefusal::NoFrames);
    };
    let end = pictures
        .iter()
        .fold(f64::MIN, |end, one| end.max(one.end_ms));
    let count = pictures.len() as f64;
    if number(video.get("nb_frames")).unwrap_or(0.0) > count {
        return Err(MediaRefusal::Damaged {
            what: "its end is missing",
        });
    }
    let ms = (end - first.at_ms).max(0.0);
    if ms > limits.video_ms as f64 {
        return Err(MediaRefusal::TooLong {
            limit_ms: limits.video_ms,
        });
    }
    let declared = rate(video.get("avg_frame_rate")).unwrap_or(0.0);
    let measured = if count > 1.0 {
        (count - 1.0) * 1000.0 / ms.max(1.0)
    } else {
        0.0
    };
    if declared.max(measured) > f64::from(limits.video_fps) + RATE_TOLERANCE {
        return Err(MediaRefusal::FrameRate {
            limit: limits.video_fps,
        });
    }
    Ok(ms.round() as u64)
}

/// Who wrote the container, by its tags. ffmpeg's muxer also leaves a duration in each stream of
/// WebM, which no browser does; Chromium's MP4 has no writer's name but these brands and a time.
fn read_tags(report: &Value) -> Tags {
    let mut tags = Tags::default();
    let format = report.pointer("/format/tags");
    let streams = list(report, "streams").iter();
    let all = format
        .into_iter()
        .chain(streams.filter_map(|stream| stream.get("tags")));
    let (mut time, mut brands) = (false, false);
    for (name, value) in all.filter_map(Value::as_object).flatten() {
        let (name, value) = (
            name.to_ascii_lowercase(),
            value.as_str().unwrap_or_default(),
        );
        let value = value.to_ascii_lowercase();
        match name.as_str() {
            "encoder" | "writing_app" | "muxing_app" => {
                tags.editor |= EDITORS.iter().any(|editor| value.contains(editor));
                tags.browser |= BROWSERS.contains(&value.as_str());
            }
            "duration" => tags.editor = true,
            "creation_time" => time = true,
            "compatible_brands" => brands = value.starts_with("isomiso6iso2"),
            _ => {}
        }
    }
    tags.browser |= time && brands;
    tags
}

/// Parts of the names that cutting and converting tools leave.
const EDITORS: [&str; 7] = [
    "lavf",
    "lavc",
    "handbrake",
    "x264",
    "mkvmerge",
    "premiere",
    "capcut",
];
/// Names that browsers' recorders leave: Chromium's. Others were not measured yet.
const BROWSERS: [&str; 1] = ["chrome"];

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const REPORT: &str = r#"{"format":{"nb_streams":2,"tags":{"encoder":"Chrome"}},
        "streams":[{"index":1,"codec_type":"video","width":320,"height":180},
                   {"index":0,"codec_type":"audio"}],
        "packets":[{"stream_index":1,"pts_time":"0.5","size":"10","pos":"100"},
                   {"stream_index":0,"pts_time":"0.4","duration_time":"0.06","pos":"90"},
                   {"stream_index":1,"pts_time":"0.7","size":"10","pos":"120"},
                   {"stream_index":1,"pts_time":"0.6","size":"x","pos":"110"}]}"#;

    #[test]
    fn times_count_from_the_first_packet_of_the_file() {
        let outline = read_report(REPORT.as_bytes(), &Limits::default()).unwrap();
        let times: Vec<f64> = outline
            .timeline
            .pictures
            .iter()
            .map(|one| one.at_ms.round())
            .collect();
        assert_eq!(times, [100.0, 200.0, 300.0]);
        assert_eq!(outline.timeline.pictures[0].byte_end, Some(110));
        assert_eq!(outline.timeline.pictures[1].byte_end, None);
        assert_eq!(outline.timeline.sounds.len(), 1);
        assert_eq!((outline.stream, outline.sound_stream), (1, Some(0)));
        assert!(outline.tags.browser && !outline.tags.editor);
        assert_eq!(outline.duration_ms, 200);
    }

    #[test]
    fn the_muxer_of_an_editor_is_known() {
        let words = [r#""encoder":"Lavf59.27.100""#, r#""DURATION":"00:00:01.0""#];
        for word in words {
            let report = REPORT.replace(r#""encoder":"Chrome""#, word);
            let outline = read_report(report.as_bytes(), &Limits::default()).unwrap();
            assert!(outline.tags.editor && !outline.tags.browser, "{word}");
        }
    }

    proptest! {
        #[test]
        fn any_bytes_are_read(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
            let _ = read_report(&bytes, &Limits::default());
        }

        #[test]
        fn a_report_with_junk_inside_is_one_or_none(place in 0usize..400, byte in any::<u8>()) {
            let mut bytes = REPORT.as_bytes().to_vec();
            let place = place % bytes.len();
            bytes[place] = byte;
            let _ = read_report(&bytes, &Limits::default());
        }
    }
}
