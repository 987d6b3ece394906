//! One take and the spoken phrase, on recordings of browsers, edited ones, and clips made here.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic
)]

mod support;

use std::fmt::Write as _;
use std::path::Path;
use std::process::Command;

use evidence::{
    ArrivalRecord, ArrivedChunk, DigitListener, Limits, MediaTools, Sound, TakeClock, VideoFacts,
    inspect_video, phrase, take_findings,
};
use models::ModelSet;
use recovery::finding::{Audience, Finding, Outcome};
use support::{checks, files, skipped, testdata, tools};

fn look(bytes: &[u8], tools: &MediaTools) -> VideoFacts {
    inspect_video(bytes, None, &Limits::default(), tools).expect("a good clip")
}

/// A clip written by ffmpeg with these arguments; nothing where this ffmpeg cannot.
fn clip(arguments: &[&str]) -> Option<Vec<u8>> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("clip.webm");
    let mut command = Command::new("/usr/bin/ffmpeg");
    command.args(["-v", "error", "-nostdin"]).args(arguments);
    command.args(["-c:v", "libvpx", "-deadline", "realtime", "-b:v", "1M"]);
    let made = command.arg(&path).status().unwrap();
    if !made.success() {
        skipped("this ffmpeg cannot make the clip");
        return None;
    }
    Some(std::fs::read(&path).unwrap())
}

fn findings(facts: &VideoFacts, record: Option<&ArrivalRecord>) -> Vec<Finding> {
    take_findings(facts, record, &checks().video)
}

fn outcome(findings: &[Finding], code: &str, audience: Audience) -> Option<Outcome> {
    let mut all = findings.iter();
    let found = all.find(|one| one.code == code && one.audience == audience);
    found.map(|one| one.outcome)
}

/// The record of a take that was sent in pieces of a second while it was recorded, `delay` later.
fn streamed(bytes: &[u8], facts: &VideoFacts, delay: impl Fn(usize) -> i64) -> ArrivalRecord {
    let all = facts.timeline.pictures.iter().chain(&facts.timeline.sounds);
    let mut ends: Vec<(u64, f64)> = all
        .filter_map(|one| Some((one.byte_end?, one.end_ms)))
        .collect();
    ends.sort_by_key(|end| end.0);
    let (mut chunks, mut offset) = (Vec::new(), 0);
    let last = ends.last().unwrap().1;
    for second in 1..=(last / 1000.0).ceil() as usize {
        let limit = second as f64 * 1000.0;
        let inside = ends.iter().take_while(|end| end.1 <= limit);
        let until = if limit >= last {
            bytes.len() as u64
        } else {
            inside.last().unwrap().0
        };
        let at_ms = 50_000 + second as i64 * 1000 + delay(second);
        chunks.push(ArrivedChunk {
            offset,
            length: until - offset,
            at_ms,
        });
        offset = until;
    }
    ArrivalRecord {
        streamed: true,
        created_at_ms: 40_000,
        expires_at_ms: 640_000,
        reveals: (1..=6)
            .map(|place| (place, 51_000 + i64::from(place) * 1350))
            .collect(),
        chunks,
    }
}

#[test]
fn every_sample_gets_the_findings_that_were_reviewed() {
    let (Some(tools), Some(folder)) = (tools(), testdata("media/video")) else {
        return;
    };
    let mut table = String::new();
    for path in files(&folder) {
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        let bytes = std::fs::read(&path).unwrap();
        match inspect_video(&bytes, None, &Limits::default(), &tools) {
            Err(refusal) => writeln!(table, "{name}: {}", refusal.code()).unwrap(),
            Ok(facts) => {
                writeln!(table, "{name}:").unwrap();
                for one in findings(&facts, None) {
                    let who = if one.audience == Audience::Applicant {
                        "applicant"
                    } else {
                        "reviewer"
                    };
                    writeln!(table, "  {} {} ({who})", one.code, one.outcome.name()).unwrap();
                    let score = one.score_milli.map(|score| score as f64 / 1000.0);
                    support::note(&format!("{name} {} {score:?} {:?}", one.code, one.at_ms));
                }
            }
        }
    }
    insta::assert_snapshot!(table);
}

#[test]
fn pieces_that_arrive_as_they_were_recorded_prove_a_live_take() {
    let (Some(tools), Some(folder)) = (tools(), testdata("media/video")) else {
        return;
    };
    let bytes = std::fs::read(folder.join("mr_vp8_slice.webm")).unwrap();
    let facts = look(&bytes, &tools);
    let live = |record: &ArrivalRecord| {
        let all = findings(&facts, Some(record));
        outcome(&all, "video.live", Audience::Reviewer).unwrap()
    };
    let jitter = |second: usize| (second as i64 * 37) % 400;
    let honest = streamed(&bytes, &facts, jitter);
    assert_eq!(live(&honest), Outcome::Pass);
    let clock = TakeClock::read(&honest, &facts).unwrap();
    assert!((50_000.0..50_400.0).contains(&clock.start_ms), "{clock:?}");
    assert!((2_000.0..2_400.0).contains(&clock.shown_ms[0]), "{clock:?}");

    assert_eq!(TakeClock::proven(&honest, &facts, 3.0), Some(clock));
    assert_eq!(
        TakeClock::proven(&honest, &facts, 0.5),
        None,
        "pieces hold a second each"
    );

    let paused = streamed(&bytes, &facts, |second| if second > 3 { 5_000 } else { 0 });
    assert_eq!(
        live(&paused),
        Outcome::Unsure,
        "the recording stopped for five seconds"
    );
    let made_before = streamed(&bytes, &facts, |second| -(second as i64) * 990);
    assert_eq!(live(&made_before), Outcome::Unsure, "all came at once");
    let mut whole = honest.clone();
    whole.chunks = vec![
        ArrivedChunk {
            offset: 0,
            length: 10,
            at_ms: 50_000,
        },
        ArrivedChunk {
            offset: 10,
            length: bytes.len() as u64 - 10,
            at_ms: 56_000,
        },
    ];
    assert_eq!(live(&whole), Outcome::Unsure, "one piece at the end");
    let mut file = honest.clone();
    file.streamed = false;
    assert_eq!(live(&file), Outcome::Unsure);
    let mut short = honest.clone();
    short.chunks.truncate(3);
    assert_eq!(live(&short), Outcome::Unsure, "pieces are missing");
    let mut overlapping = honest.clone();
    overlapping.chunks[2].offset -= 1;
    assert_eq!(live(&overlapping), Outcome::Unsure);
}

#[test]
fn a_take_after_its_time_is_asked_for_again() {
    let (Some(tools), Some(folder)) = (tools(), testdata("media/video")) else {
        return;
    };
    let bytes = std::fs::read(folder.join("mr_vp8_slice.webm")).unwrap();
    let facts = look(&bytes, &tools);
    let mut record = streamed(&bytes, &facts, |_| 0);
    let slow = |record: &ArrivalRecord| {
        outcome(
            &findings(&facts, Some(record)),
            "video.slow_words",
            Audience::Applicant,
        )
    };
    assert_eq!(slow(&record), Some(Outcome::Pass));
    record.expires_at_ms = 52_000;
    assert_eq!(slow(&record), Some(Outcome::Retake));
    record.created_at_ms = 90_000;
    record.expires_at_ms = 690_000;
    assert_eq!(
        slow(&record),
        Some(Outcome::Retake),
        "begun before the words were given"
    );
}

/// A still picture and a synthetic voice.
fn still_with_a_voice(words: &str) -> Option<Vec<u8>> {
    let faces = testdata("faces")?;
    let is_photo = |path: &Path| path.extension().is_some_and(|end| end == "jpg");
    let photo = files(&faces).into_iter().find(|path| is_photo(path))?;
    let voice = format!("flite=text='{words}':voice=slt");
    clip(&[
        "-loop",
        "1",
        "-framerate",
        "10",
        "-i",
        photo.to_str()?,
        "-f",
        "lavfi",
        "-i",
        &voice,
        "-shortest",
        "-vf",
        "scale=320:240",
        "-c:a",
        "libopus",
    ])
}

#[test]
fn a_still_picture_with_a_synthetic_voice_is_found_out() {
    let Some(tools) = tools() else { return };
    let words = "I ask Exemplar to give me back my account. 4. 8. 2. 9. 1. 3. 4. 8. 2. 9. 1. 3";
    let Some(bytes) = still_with_a_voice(words) else {
        return;
    };
    let facts = look(&bytes, &tools);
    let all = findings(&facts, None);
    let reviewer = |code: &str| outcome(&all, code, Audience::Reviewer);
    assert_eq!(reviewer("video.still"), Some(Outcome::Unsure));
    assert_eq!(reviewer("video.live"), Some(Outcome::Unsure));
    assert_eq!(reviewer("video.container"), Some(Outcome::Unsure));
    assert!(
        all.iter().all(|one| one.outcome != Outcome::Retake),
        "nobody is told: {all:?}"
    );
    if let Some(listener) = listener() {
        let report = phrase(
            Some(&listener),
            &facts.sound,
            &[4, 8, 2, 9, 1, 3],
            None,
            &checks().phrase,
        );
        support::note(&format!("{:?} {:?}", report.look, report.findings));
        let spoken = outcome(&report.findings, "phrase.spoken", Audience::Reviewer);
        assert_eq!(spoken, Some(Outcome::Unsure));
    }
}

#[test]
fn what_the_applicant_can_mend_is_said() {
    let Some(tools) = tools() else { return };
    let moving = "testsrc=size=320x240:rate=20:duration=6";
    let tone = "sine=frequency=440:duration=6";
    let told = |arguments: &[&str], code: &str| {
        let mut all = vec!["-f", "lavfi", "-i", moving, "-f", "lavfi", "-i", tone];
        all.extend(["-c:a", "libopus"]);
        all.extend(arguments);
        let bytes = clip(&all)?;
        let all = findings(&look(&bytes, &tools), None);
        outcome(&all, code, Audience::Applicant)
    };
    for code in ["video.short", "video.quiet", "video.cut", "video.frozen"] {
        assert_eq!(told(&[], code), Some(Outcome::Pass), "{code}");
    }
    assert_eq!(told(&["-t", "2"], "video.short"), Some(Outcome::Retake));
    assert_eq!(told(&["-an"], "video.quiet"), Some(Outcome::Retake));
    assert_eq!(
        told(&["-af", "volume=-60dB"], "video.quiet"),
        Some(Outcome::Retake)
    );
    let hole = ["-vf", "select='not(between(t,2,4.5))'", "-vsync", "vfr"];
    assert_eq!(told(&hole, "video.cut"), Some(Outcome::Retake));
    let silence_cut = ["-af", "atrim=0:3"];
    assert_eq!(told(&silence_cut, "video.cut"), Some(Outcome::Retake));
    let freeze = ["-vf", "trim=0:2,tpad=stop_mode=clone:stop_duration=4"];
    assert_eq!(told(&freeze, "video.frozen"), Some(Outcome::Retake));
}

#[test]
fn another_scene_is_a_hint_for_people() {
    let Some(tools) = tools() else { return };
    let scenes = "[0:v][1:v]concat=n=2";
    let (first, second) = (
        "smptebars=size=320x240:rate=20:duration=3",
        "mandelbrot=size=320x240:rate=20,trim=0:3",
    );
    let Some(bytes) = clip(&[
        "-f",
        "lavfi",
        "-i",
        first,
        "-f",
        "lavfi",
        "-i",
        second,
        "-filter_complex",
        scenes,
    ]) else {
        return;
    };
    let facts = look(&bytes, &tools);
    let all = findings(&facts, None);
    let hint = all
        .iter()
        .find(|one| one.code == "video.cut" && one.audience == Audience::Reviewer);
    let hint = hint.expect("a hint");
    assert_eq!(hint.outcome, Outcome::Unsure);
    assert!((2_900..3_300).contains(&hint.at_ms.unwrap()), "{hint:?}");
}

fn listener() -> Option<DigitListener> {
    let models = testdata("media")?.join("../../models");
    let Ok(set) = ModelSet::open(&models) else {
        skipped("no shared models");
        return None;
    };
    DigitListener::open(&set)
}

/// A spoken digit of the shared set, at 16 kHz.
fn spoken(folder: &Path, name: &str) -> Vec<f32> {
    wave(&folder.join(format!("tts_digits/{name}.wav")))
}

/// The samples of a plain file of 16-bit mono.
fn wave(path: &Path) -> Vec<f32> {
    let bytes = std::fs::read(path).unwrap();
    let pairs = bytes[44..].as_chunks::<2>().0.iter();
    pairs
        .map(|two| f32::from(i16::from_le_bytes(*two)) / 32768.0)
        .collect()
}

/// Speakers of the shared set of spoken digits.
const SPEAKERS: [&str; 3] = ["jackson", "lucas", "theo"];

/// A digit of a real speaker, brought from 8 to 16 kHz and to one loudness.
fn said(folder: &Path, speaker: &str, digit: u8, take: usize) -> Vec<f32> {
    let name = format!("spoken_digits/{digit}_{speaker}_{take}.wav");
    let clip = wave(&folder.join(name));
    let gain = 0.2 / clip.iter().fold(1e-6_f32, |most, one| most.max(one.abs()));
    let next = clip.iter().skip(1).chain(clip.last());
    let both = clip.iter().zip(next);
    both.flat_map(|(one, next)| [one * gain, f32::midpoint(*one, *next) * gain])
        .collect()
}

/// Clips 0.5 s after each is shown, a pace of 1.35 s, and the moments in milliseconds.
fn paced(clips: &[Vec<f32>]) -> (Sound, Vec<f64>) {
    let shown: Vec<f64> = (0..clips.len())
        .map(|at| 500.0 + at as f64 * 1350.0)
        .collect();
    let mut samples = vec![0.0_f32; (clips.len() * 1350 + 1500) * 16];
    for (at, clip) in shown.iter().zip(clips) {
        let start = (at + 500.0) as usize * 16;
        for (sample, new) in samples[start..].iter_mut().zip(clip) {
            *sample += new;
        }
    }
    (Sound::new(samples), shown)
}

#[test]
fn every_spoken_digit_and_some_phrases_get_the_findings_that_were_reviewed() {
    let (Some(folder), Some(listener)) = (testdata("media"), listener()) else {
        return;
    };
    let policy = checks().phrase;
    let judge = |sound: &Sound, digits: &[u8], shown: &[f64]| {
        phrase(Some(&listener), sound, digits, Some(shown), &policy).findings
    };
    let mut table =
        String::from("+ heard, ? to be read again, - not heard; ten takes of a digit\n");
    let mark = |clip: Vec<f32>, digit: u8| {
        let (sound, shown) = paced(&[clip]);
        let all = judge(&sound, &[digit], &shown);
        let heard = outcome(&all, "phrase.spoken", Audience::Reviewer) == Some(Outcome::Pass);
        let again = outcome(&all, "video.words", Audience::Applicant) == Some(Outcome::Retake);
        if heard {
            '+'
        } else if again {
            '?'
        } else {
            '-'
        }
    };
    for speaker in SPEAKERS {
        for digit in 0..10 {
            let takes = (0..10).map(|take| mark(said(&folder, speaker, digit, take), digit));
            writeln!(table, "{speaker} {digit} {}", takes.collect::<String>()).unwrap();
        }
    }
    for (digit, name) in (0..).zip(WORDS) {
        writeln!(
            table,
            "synthetic {name} {}",
            mark(spoken(&folder, name), digit)
        )
        .unwrap();
    }
    let words = |all: &[Finding]| {
        let each = all
            .iter()
            .map(|one| format!("{} {}", one.code, one.outcome.name()));
        each.collect::<Vec<_>>().join(", ")
    };
    for speaker in SPEAKERS {
        for (take, digits) in [(5, [4, 8, 0, 9, 1, 3]), (6, [7, 2, 6, 5, 5, 0])] {
            let clips = digits.map(|digit| said(&folder, speaker, digit, take));
            let (sound, shown) = paced(&clips);
            let mut changed = digits;
            changed[3] = 2;
            let mut turned = digits;
            turned.reverse();
            let late: Vec<f64> = shown.iter().map(|at| at - 2000.0).collect();
            for (what, digits, shown) in [
                ("right", digits, &shown),
                ("one changed", changed, &shown),
                ("backwards", turned, &shown),
                ("two seconds late", digits, &late),
            ] {
                let said = words(&judge(&sound, &digits, shown));
                writeln!(table, "{speaker} {take} {what}: {said}").unwrap();
            }
        }
    }
    insta::assert_snapshot!(table);
}

/// The files of the synthetic digits, in order.
const WORDS: [&str; 10] = [
    "zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine",
];

#[test]
fn the_phrase_passes_only_when_heard_and_in_time() {
    let (Some(folder), Some(listener)) = (testdata("media"), listener()) else {
        return;
    };
    let names = ["four", "eight", "zero", "nine", "one", "three"];
    let digits = [4, 8, 0, 9, 1, 3];
    let mut samples = vec![0.0f32; 11 * 16_000];
    let shown: Vec<f64> = (0..6)
        .map(|place| 1500.0 + f64::from(place) * 1350.0)
        .collect();
    for (at, name) in shown.iter().zip(names) {
        let start = (at + 300.0) as usize * 16;
        for (sample, new) in samples[start..].iter_mut().zip(spoken(&folder, name)) {
            *sample += new;
        }
    }
    let sound = Sound::new(samples);
    let policy = checks().phrase;
    let judge = |digits: &[u8], shown: Option<&[f64]>| {
        let report = phrase(Some(&listener), &sound, digits, shown, &policy);
        support::note(&format!("{:?} {:?}", report.look, report.findings));
        (
            outcome(&report.findings, "phrase.spoken", Audience::Reviewer).unwrap(),
            report,
        )
    };
    let (spoken, report) = judge(&digits, Some(&shown));
    assert_eq!(spoken, Outcome::Pass);
    let look = report.look.unwrap();
    let places: Vec<u8> = look.digits.iter().map(|one| one.place).collect();
    assert_eq!(places, [1, 2, 3, 4, 5, 6]);
    assert_eq!(
        judge(&digits, None).0,
        Outcome::Unsure,
        "no proof of the moments"
    );
    let late: Vec<f64> = shown.iter().map(|at| at - 1500.0).collect();
    assert_eq!(
        judge(&digits, Some(&late)).0,
        Outcome::Unsure,
        "said too late"
    );
    let early: Vec<f64> = shown.iter().map(|at| at + 900.0).collect();
    assert_eq!(
        judge(&digits, Some(&early)).0,
        Outcome::Unsure,
        "said before it was shown"
    );
    let (spoken, report) = judge(&[3, 1, 9, 4, 8, 2], Some(&shown));
    assert_eq!(spoken, Outcome::Unsure, "another phrase");
    let words = outcome(&report.findings, "video.words", Audience::Applicant);
    assert_ne!(words, Some(Outcome::Pass));
    let text = format!("{report:?}");
    assert!(!text.contains("digit:"), "{text}");
}

#[test]
fn without_model_sound_or_digits_the_phrase_is_unavailable() {
    let policy = checks().phrase;
    let sound = Sound::new(vec![0.1; 16_000]);
    let spoken = |listener: Option<&DigitListener>, sound: &Sound, digits: &[u8]| {
        let report = phrase(listener, sound, digits, None, &policy);
        (report.findings.len(), report.findings[0].outcome)
    };
    assert_eq!(spoken(None, &sound, &[1]), (1, Outcome::Unavailable));
    let Some(listener) = listener() else { return };
    assert_eq!(
        spoken(Some(&listener), &Sound::default(), &[1]),
        (1, Outcome::Unavailable)
    );
    assert_eq!(
        spoken(Some(&listener), &sound, &[]),
        (1, Outcome::Unavailable)
    );
    assert_eq!(
        spoken(Some(&listener), &sound, &[1]).1,
        Outcome::Unsure,
        "nobody speaks"
    );
}
