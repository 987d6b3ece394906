//! A recording's sound: samples, loudness, and pieces of it as WAV.

use std::ops::Range;

/// Samples a second of everything in here.
pub const RATE: u32 = 16_000;
/// Samples a millisecond.
const PER_MS: usize = RATE as usize / 1000;
/// Loudness of silence in dB below full scale: beneath it lies only rounding.
pub(crate) const SILENCE_DB: f32 = -80.0;
/// Length of a WAV header in bytes.
const WAV_HEADER: u32 = 44;
/// Greatest value of a sample.
const FULL: f32 = 32_768.0;

/// Mono sound at 16 kHz, from the first frame or sample of the file on.
#[derive(Clone, PartialEq, Default)]
pub struct Sound {
    samples: Vec<f32>,
}

impl std::fmt::Debug for Sound {
    /// Its length only: the samples are a voice.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Sound({} ms)", self.duration_ms())
    }
}

impl Sound {
    /// From samples between -1 and 1 at [`RATE`].
    #[must_use]
    pub const fn new(samples: Vec<f32>) -> Self {
        Self { samples }
    }

    /// From 16-bit little-endian samples at [`RATE`]; an odd byte at the end is dropped.
    pub(crate) fn from_pcm(bytes: &[u8]) -> Self {
        Self::new(samples_of_pcm(bytes))
    }

    /// The samples, between -1 and 1.
    #[must_use]
    pub fn samples(&self) -> &[f32] {
        &self.samples
    }

    /// Length in milliseconds.
    #[must_use]
    pub fn duration_ms(&self) -> u32 {
        u32::try_from(self.samples.len() / PER_MS).unwrap_or(u32::MAX)
    }

    /// The samples of a piece given in milliseconds, cut off at the end.
    #[must_use]
    pub fn piece(&self, ms: Range<u32>) -> &[f32] {
        let place = |ms: u32| (ms as usize).saturating_mul(PER_MS).min(self.samples.len());
        let range = place(ms.start)..place(ms.end.max(ms.start));
        self.samples.get(range).unwrap_or_default()
    }

    /// A piece as a WAV file of 16-bit mono, for a play button.
    #[must_use]
    pub fn wav(&self, ms: Range<u32>) -> Vec<u8> {
        let piece = self.piece(ms);
        let size = u32::try_from(piece.len().saturating_mul(2)).unwrap_or(0);
        let mut bytes = Vec::with_capacity(piece.len() * 2 + WAV_HEADER as usize);
        bytes.extend(b"RIFF");
        bytes.extend(size.saturating_add(WAV_HEADER - 8).to_le_bytes());
        bytes.extend(b"WAVEfmt ");
        bytes.extend(16u32.to_le_bytes());
        bytes.extend([1, 0, 1, 0]);
        bytes.extend(RATE.to_le_bytes());
        bytes.extend((RATE * 2).to_le_bytes());
        bytes.extend([2, 0, 16, 0]);
        bytes.extend(b"data");
        bytes.extend(size.to_le_bytes());
        for sample in piece {
            // Clamped by definition of `as`.
            bytes.extend(((sample * FULL).round() as i16).to_le_bytes());
        }
        bytes
    }

    /// Loudness of the loudest second in dB below full scale; silence and no sound are -80.
    #[must_use]
    pub fn loudest_second(&self) -> f32 {
        let second = RATE as usize;
        let step = (second / 4).max(1);
        let mut loudest = SILENCE_DB;
        let mut start = 0;
        while let Some(rest) = self.samples.get(start..).filter(|rest| !rest.is_empty()) {
            loudest = loudest.max(decibel(rest.get(..second).unwrap_or(rest)));
            start += step;
        }
        loudest
    }

    /// Loudness around each moment (milliseconds from the start of the file), 0 for silence to 1
    /// for the loudest of them: what a mouth should follow. 80 ms are heard for each.
    #[must_use]
    pub fn envelope(&self, times_ms: &[u32]) -> Vec<f32> {
        /// Half of what is heard around a moment, in milliseconds: two frames at 25 a second.
        const REACH_MS: u32 = 40;
        let around = |at: &u32| {
            let piece = self.piece(at.saturating_sub(REACH_MS)..at.saturating_add(REACH_MS));
            root_mean_square(piece)
        };
        let mut values: Vec<f32> = times_ms.iter().map(around).collect();
        let most = values.iter().fold(0.0f32, |most, value| most.max(*value));
        if most > 0.0 {
            for value in &mut values {
                *value /= most;
            }
        }
        values
    }
}

fn root_mean_square(samples: &[f32]) -> f32 {
    let sum: f32 = samples.iter().map(|sample| sample * sample).sum();
    (sum / samples.len().max(1) as f32).sqrt()
}

/// Loudness in dB below full scale, at least [`SILENCE_DB`].
pub(crate) fn decibel(samples: &[f32]) -> f32 {
    (20.0 * root_mean_square(samples).max(1e-9).log10()).max(SILENCE_DB)
}

fn samples_of_pcm(bytes: &[u8]) -> Vec<f32> {
    let sample = |two: &[u8; 2]| f32::from(i16::from_le_bytes(*two)) / FULL;
    let (pairs, _) = bytes.as_chunks::<2>();
    pairs.iter().map(sample).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tone(level: f32, seconds: usize) -> Vec<f32> {
        let wave = |at: usize| (at as f32 * 0.2).sin() * level;
        (0..RATE as usize * seconds).map(wave).collect()
    }

    #[test]
    fn a_piece_written_as_wav_reads_back() {
        let sound = Sound::new(tone(0.5, 2));
        let wav = sound.wav(500..1500);
        assert_eq!(wav.len(), 44 + 32_000);
        assert_eq!(wav[4..8], 32_036u32.to_le_bytes());
        assert_eq!(wav[40..44], 32_000u32.to_le_bytes());
        let back = Sound::from_pcm(&wav[44..]);
        let mut same = sound.piece(500..1500).iter().zip(back.samples());
        assert!(same.all(|(a, b)| (a - b).abs() < 1e-4));
        assert_eq!(sound.wav(5000..6000).len(), 44);
    }

    #[test]
    fn loudness_is_that_of_the_loudest_second() {
        let mut samples = vec![0.0; RATE as usize * 3];
        samples.extend(tone(0.1, 1));
        // A sine of amplitude 0.1 has 23 dB less than full scale.
        assert!((Sound::new(samples).loudest_second() + 23.0).abs() < 0.2);
        assert_eq!(Sound::default().loudest_second(), SILENCE_DB);
    }

    #[test]
    fn the_envelope_follows_the_sound() {
        let mut samples = vec![0.0; RATE as usize];
        samples.extend(tone(0.5, 1));
        let envelope = Sound::new(samples).envelope(&[0, 500, 1500, 9000]);
        assert!(envelope[0] < 0.01 && envelope[1] < 0.01 && envelope[3] == 0.0);
        assert!((envelope[2] - 1.0).abs() < 0.01);
    }
}
