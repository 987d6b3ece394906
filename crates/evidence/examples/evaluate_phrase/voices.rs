//! Paced phrases of real speakers after a synthetic sentence, clean and spoilt.

use std::process::Command;

use evidence::Sound;

use crate::dice::Dice;
use crate::{CONDITIONS, DIGITS, PACE, REACTION, SPEAKERS, shared};

const RATE: usize = 16_000;

/// Samples of a 16-bit mono WAV with a plain header, at 16 kHz.
pub(crate) fn read(bytes: &[u8]) -> Vec<f32> {
    let rate = u32::from_le_bytes(bytes[24..28].try_into().unwrap());
    let pairs = bytes[44..].as_chunks::<2>().0.iter();
    let samples: Vec<f32> = pairs
        .map(|two| f32::from(i16::from_le_bytes(*two)) / 32768.0)
        .collect();
    if rate == 8000 {
        doubled(&samples)
    } else {
        samples
    }
}

/// Twice the rate by a windowed sinc.
pub(crate) fn doubled(samples: &[f32]) -> Vec<f32> {
    const REACH: isize = 16;
    let between = |at: usize| -> f32 {
        let tap = |step: isize| {
            let place = (at as isize + step).clamp(0, samples.len() as isize - 1);
            let x = 0.5 - step as f64;
            let window = 0.5 + 0.5 * (std::f64::consts::PI * x / (REACH as f64 + 0.5)).cos();
            let sinc = (std::f64::consts::PI * x).sin() / (std::f64::consts::PI * x);
            samples[place as usize] * (sinc * window) as f32
        };
        (-REACH + 1..=REACH).map(tap).sum()
    };
    let pairs = samples.iter().enumerate();
    pairs
        .flat_map(|(at, sample)| [*sample, between(at)])
        .collect()
}

/// The sentence in a synthetic voice, where ffmpeg has one.
pub(crate) fn sentence() -> Vec<f32> {
    let words = "flite=text='I ask Exemplar to give me back my account':voice=slt";
    let mut command = Command::new("ffmpeg");
    command.args(["-v", "error", "-f", "lavfi", "-i", words]);
    command.args(["-ar", "16000", "-ac", "1", "-f", "s16le", "pipe:1"]);
    let made = command.output().map(|made| made.stdout).unwrap_or_default();
    let pairs = made.as_chunks::<2>().0.iter();
    pairs
        .map(|two| f32::from(i16::from_le_bytes(*two)) / 32768.0)
        .collect()
}

/// Six digits at their moments after the sentence.
pub(crate) struct Take {
    pub(crate) sound: Sound,
    pub(crate) digits: [u8; DIGITS],
    pub(crate) shown_ms: Vec<f64>,
    pub(crate) condition: usize,
}

pub(crate) struct Voices {
    /// By speaker, digit, take.
    clips: Vec<Vec<Vec<Vec<f32>>>>,
    pub(crate) sentence: Vec<f32>,
}

impl Voices {
    pub(crate) fn load() -> Self {
        let folder = shared().join("testdata/media/spoken_digits");
        let clip = |speaker: &str, digit: usize, take: usize| {
            let name = format!("{digit}_{speaker}_{take}.wav");
            read(&std::fs::read(folder.join(name)).expect("the shared spoken digits"))
        };
        let takes = |speaker, digit| (0..10).map(|take| clip(speaker, digit, take)).collect();
        let digits = |speaker| (0..10).map(|digit| takes(speaker, digit)).collect();
        Self {
            clips: SPEAKERS.iter().map(|speaker| digits(speaker)).collect(),
            sentence: sentence(),
        }
    }

    pub(crate) fn take(
        &self,
        dice: &mut Dice,
        number: usize,
        takes: std::ops::Range<usize>,
    ) -> Take {
        let speaker = number % SPEAKERS.len();
        let condition = number / SPEAKERS.len() % CONDITIONS.len();
        let digits = dice.phrase();
        let first = 0.5 + self.sentence.len() as f64 / RATE as f64 + dice.within((0.6, 1.5));
        let length = first + PACE * DIGITS as f64 + 1.5;
        let mut samples = vec![0.0f32; (length * RATE as f64) as usize];
        add(&mut samples, 0.5, &self.sentence, 0.15);
        let mut shown_ms = Vec::new();
        for (place, digit) in digits.iter().enumerate() {
            let shown = first + PACE * place as f64;
            let clip = &self.clips[speaker][usize::from(*digit)];
            let clip = &clip[takes.start + dice.below(takes.len())];
            add(&mut samples, shown + dice.within(REACTION), clip, 0.2);
            shown_ms.push(shown * 1000.0);
        }
        spoil(&mut samples, condition, dice);
        Take {
            sound: Sound::new(samples),
            digits,
            shown_ms,
            condition,
        }
    }
}

/// Adds a clip at a moment, brought to a level (root mean square).
pub(crate) fn add(samples: &mut [f32], at: f64, clip: &[f32], peak: f32) {
    let most = clip.iter().fold(1e-6f32, |most, one| most.max(one.abs()));
    let start = (at * RATE as f64) as usize;
    for (sample, new) in samples.iter_mut().skip(start).zip(clip) {
        *sample += new * peak / most;
    }
}

/// Short reverberation and pink noise.
pub(crate) fn spoil(samples: &mut [f32], condition: usize, dice: &mut Dice) {
    if condition == 0 {
        return;
    }
    let dry = samples.to_vec();
    for _ in 0..40 {
        let delay = dice.within((0.005, 0.2));
        let gain = 0.25 * (-delay * 20.0).exp() * dice.within((-1.0, 1.0));
        let start = (delay * RATE as f64) as usize;
        for (sample, old) in samples.iter_mut().skip(start).zip(&dry) {
            *sample += old * gain as f32;
        }
    }
    let loud: Vec<f32> = samples
        .iter()
        .copied()
        .filter(|one| one.abs() > 0.01)
        .collect();
    let power =
        |all: &[f32]| all.iter().map(|one| one * one).sum::<f32>() / all.len().max(1) as f32;
    let (mut pink, mut slow) = (Vec::with_capacity(samples.len()), [0.0f32; 3]);
    for _ in 0..samples.len() {
        let white = dice.within((-1.0, 1.0)) as f32;
        slow[0] = 0.99765 * slow[0] + white * 0.099_046;
        slow[1] = 0.963 * slow[1] + white * 0.296_516_4;
        slow[2] = 0.57 * slow[2] + white * 1.052_691_3;
        pink.push(slow.iter().sum::<f32>() + white * 0.1848);
    }
    let decibel = if condition == 1 { 20.0 } else { 10.0 };
    let gain = (power(&loud) / power(&pink) / 10f32.powf(decibel / 10.0)).sqrt();
    for (sample, noise) in samples.iter_mut().zip(&pink) {
        *sample += noise * gain;
    }
}
