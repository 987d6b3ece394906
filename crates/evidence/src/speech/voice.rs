//! Where in a recording somebody speaks, by energy alone.

use std::ops::Range;

use super::sound::{RATE, Sound, decibel};

/// Length of a frame in milliseconds. This and the numbers below were measured together with the
/// digit model on real speakers (policy: evaluation `spoken-digits`).
const FRAME_MS: u32 = 20;
/// Least distance of speech above the floor in dB.
const LEAST_RISE_DB: f32 = 6.0;
/// Share of the way from the floor to the loudest at which speech begins.
const RISE_SHARE: f32 = 0.35;
/// Pauses shorter than this belong to the word, in milliseconds.
const LEAST_GAP_MS: u32 = 90;
/// What is shorter is a click, in milliseconds.
const LEAST_WORD_MS: u32 = 100;
/// What a word that was found by its loudest part is made longer by at either end, in milliseconds.
const SOFT_MS: u32 = 40;
/// Place of the floor and of the loudest among all frames, in hundredths.
const FLOOR_PERCENT: usize = 10;
const LOUD_PERCENT: usize = 95;

/// A stretch of speech, in milliseconds from the start of the sound.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Segment {
    pub(crate) start_ms: u32,
    pub(crate) end_ms: u32,
}

/// The stretches in which somebody speaks, in order.
pub(crate) fn segments(sound: &Sound) -> Vec<Segment> {
    let mut found = stretches(&levels(sound.samples()), LOUD_PERCENT);
    found.retain(|segment| segment.end_ms - segment.start_ms >= LEAST_WORD_MS);
    found
}

/// The loudest stretch of a part of the sound (milliseconds from its start), for a word that must
/// be there and is too short or too soft to stand out from the whole; nothing if nothing stands
/// out from the part.
pub(crate) fn loudest(sound: &Sound, part: Range<u32>) -> Option<Segment> {
    let levels = levels(sound.piece(part.clone()));
    let most = |one: &Segment| {
        let frames = (one.start_ms / FRAME_MS) as usize..(one.end_ms / FRAME_MS) as usize;
        let inside = levels.get(frames).unwrap_or_default();
        inside.iter().copied().fold(f32::NEG_INFINITY, f32::max)
    };
    let found = stretches(&levels, 100);
    let best = found
        .iter()
        .max_by(|one, other| most(one).total_cmp(&most(other)))?;
    // Its soft beginning and end belong to it.
    Some(Segment {
        start_ms: part.start + best.start_ms.saturating_sub(SOFT_MS),
        end_ms: part.end.min(part.start + best.end_ms + SOFT_MS),
    })
}

/// The level of each frame in dB.
fn levels(samples: &[f32]) -> Vec<f32> {
    let size = (RATE / 1000 * FRAME_MS) as usize;
    samples.chunks_exact(size).map(decibel).collect()
}

/// What rises above the floor, with pauses inside of words; `loud` is the place of the loudest
/// among the frames, in hundredths.
fn stretches(levels: &[f32], loud: usize) -> Vec<Segment> {
    let mut sorted = levels.to_vec();
    sorted.sort_by(f32::total_cmp);
    let at = |percent: usize| {
        let place = sorted.len().saturating_sub(1) * percent / 100;
        sorted.get(place).copied().unwrap_or_default()
    };
    let (floor, loud) = (at(FLOOR_PERCENT), at(loud));
    let threshold = floor + LEAST_RISE_DB.max(RISE_SHARE * (loud - floor));
    let mut found: Vec<Segment> = Vec::new();
    for (place, level) in (0u32..).zip(levels) {
        if *level <= threshold {
            continue;
        }
        let (start_ms, end_ms) = (place * FRAME_MS, (place + 1) * FRAME_MS);
        match found.last_mut() {
            Some(last) if start_ms - last.end_ms < LEAST_GAP_MS => last.end_ms = end_ms,
            _ => found.push(Segment { start_ms, end_ms }),
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bursts(plan: &[(f32, usize)]) -> Sound {
        let mut samples = Vec::new();
        for (level, ms) in plan {
            samples.extend((0..ms * 16).map(|at| (at as f32 * 0.3).sin() * level));
        }
        Sound::new(samples)
    }

    #[test]
    fn words_are_told_apart_pauses_inside_and_clicks_are_not() {
        let quiet = 0.001;
        let sound = bursts(&[
            (quiet, 500),
            (0.3, 200),
            (quiet, 60),
            (0.3, 140),
            (quiet, 400),
            (0.3, 40),
            (quiet, 400),
            (0.2, 300),
            (quiet, 460),
        ]);
        let found: Vec<_> = segments(&sound)
            .iter()
            .map(|one| (one.start_ms, one.end_ms))
            .collect();
        assert_eq!(found, [(500, 900), (1740, 2040)]);
    }

    #[test]
    fn a_word_too_soft_for_the_whole_is_the_loudest_of_its_part() {
        let quiet = 0.001;
        let sound = bursts(&[
            (quiet, 500),
            (0.3, 400),
            (quiet, 600),
            (0.004, 60),
            (quiet, 440),
            (0.3, 400),
            (quiet, 600),
        ]);
        let found = segments(&sound);
        assert_eq!(found.len(), 2, "{found:?}");
        let soft = loudest(&sound, 1000..1900).unwrap();
        assert_eq!((soft.start_ms, soft.end_ms), (1460, 1600));
        assert_eq!(loudest(&sound, 1000..1400), None);
        let (from, to) = (1900, 1000);
        assert_eq!(loudest(&sound, from..to), None, "no part at all");
    }

    #[test]
    fn silence_and_a_steady_tone_have_no_words() {
        assert!(segments(&Sound::default()).is_empty());
        assert!(segments(&bursts(&[(0.0, 3000)])).is_empty());
        assert!(segments(&bursts(&[(0.3, 3000)])).is_empty());
    }
}
