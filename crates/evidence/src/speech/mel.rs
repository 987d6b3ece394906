//! One second of speech as the picture that the digit model reads: a log-mel spectrogram.

use super::sound::RATE;

/// Bands of the spectrogram.
pub(crate) const BANDS: usize = 64;
/// Columns of the spectrogram.
pub(crate) const FRAMES: usize = 128;
/// Samples of the clip: one second.
pub(crate) const CLIP: usize = RATE as usize;
/// Samples of one spectrum, and of its Hann window.
const WINDOW: usize = 512;
/// Samples from one spectrum to the next.
const HOP: usize = 125;
/// Bins of a spectrum, with the one at half the rate.
const BINS: usize = WINDOW / 2 + 1;
/// Lowest and highest frequency of the bands in Hz.
const RANGE: (f64, f64) = (20.0, 8000.0);
/// Added to every energy before its logarithm.
const LEAST_ENERGY: f32 = 1e-6;
/// Loudest sample of a segment before it is measured; the policy's thresholds were found with it.
const PEAK: f32 = 0.3;

/// Slaney's scale of pitch: linear below 1000 Hz, logarithmic above.
fn mel_of_hertz(hertz: f64) -> f64 {
    if hertz < 1000.0 {
        hertz * 3.0 / 200.0
    } else {
        15.0 + (hertz / 1000.0).ln() * 27.0 / 6.4f64.ln()
    }
}

fn hertz_of_mel(mel: f64) -> f64 {
    if mel < 15.0 {
        mel * 200.0 / 3.0
    } else {
        1000.0 * ((mel - 15.0) * 6.4f64.ln() / 27.0).exp()
    }
}

/// One band: the first bin it hears, and its weight of each bin from there.
struct Band {
    first: usize,
    weights: Vec<f32>,
}

/// What is the same for every clip.
pub(crate) struct MelBank {
    window: Vec<f32>,
    bands: Vec<Band>,
}

impl MelBank {
    pub(crate) fn new() -> Self {
        let hann = |at: usize| {
            let turn = std::f64::consts::TAU * at as f64 / WINDOW as f64;
            (0.5 - 0.5 * turn.cos()) as f32
        };
        let (low, high) = (mel_of_hertz(RANGE.0), mel_of_hertz(RANGE.1));
        let edge = |at: usize| hertz_of_mel(low + (high - low) * at as f64 / (BANDS + 1) as f64);
        let bands = (0..BANDS).map(|band| triangle(edge(band), edge(band + 1), edge(band + 2)));
        Self {
            window: (0..WINDOW).map(hann).collect(),
            bands: bands.collect(),
        }
    }

    /// The spectrogram of a segment: [`BANDS`] rows of [`FRAMES`] values, mean 0 and deviation 1.
    /// What is shorter than a second is followed by silence, what is longer is cut off.
    pub(crate) fn features(&self, segment: &[f32]) -> Vec<f32> {
        let clip = clip(segment);
        let padded = reflect(&clip);
        let mut columns = Vec::with_capacity(FRAMES);
        for window in padded.windows(WINDOW).step_by(HOP).take(FRAMES) {
            columns.push(self.column(window));
        }
        let mut values = Vec::with_capacity(BANDS * FRAMES);
        for band in 0..BANDS {
            let row = columns.iter().filter_map(|column| column.get(band));
            values.extend(row.copied());
        }
        standardise(&mut values);
        values
    }

    /// Logarithms of the energy of each band in one window.
    fn column(&self, samples: &[f32]) -> Vec<f32> {
        let mut frame = [0.0f32; WINDOW];
        for (value, (sample, weight)) in frame.iter_mut().zip(samples.iter().zip(&self.window)) {
            *value = sample * weight;
        }
        let spectrum = microfft::real::rfft_512(&mut frame);
        let mut power = [0.0f32; BINS];
        for (power, bin) in power.iter_mut().zip(spectrum.iter()) {
            *power = bin.re * bin.re + bin.im * bin.im;
        }
        // The transform puts the bin at half the rate into the imaginary part of the first.
        if let (Some(first), Some(bin)) = (power.first_mut(), spectrum.first()) {
            *first = bin.re * bin.re;
            if let Some(last) = power.last_mut() {
                *last = bin.im * bin.im;
            }
        }
        let energy = |band: &Band| {
            let heard = power.iter().skip(band.first).zip(&band.weights);
            let sum: f32 = heard.map(|(power, weight)| power * weight).sum();
            (sum + LEAST_ENERGY).ln()
        };
        self.bands.iter().map(energy).collect()
    }
}

/// A triangle between three frequencies, of area 1 (Slaney).
fn triangle(low: f64, middle: f64, high: f64) -> Band {
    let hertz = |bin: usize| bin as f64 * f64::from(RATE) / WINDOW as f64;
    let weight = |bin: usize| {
        let up = (hertz(bin) - low) / (middle - low);
        let down = (high - hertz(bin)) / (high - middle);
        (up.min(down).max(0.0) * 2.0 / (high - low)) as f32
    };
    let inside = |bin: &usize| hertz(*bin) > low && hertz(*bin) < high;
    let first = (0..BINS).find(inside).unwrap_or(BINS);
    Band {
        first,
        weights: (first..BINS).take_while(inside).map(weight).collect(),
    }
}

/// A second that begins with the segment.
fn clip(segment: &[f32]) -> Vec<f32> {
    let mut clip: Vec<f32> = segment.iter().take(CLIP).copied().collect();
    clip.resize(CLIP, 0.0);
    clip
}

/// The segment at the loudness the model knows; silence stays silent.
pub(crate) fn at_model_loudness(segment: &[f32]) -> Vec<f32> {
    let peak = segment
        .iter()
        .fold(0.0f32, |peak, sample| peak.max(sample.abs()));
    let gain = if peak > 0.0 { PEAK / peak } else { 0.0 };
    segment.iter().map(|sample| sample * gain).collect()
}

/// Half a window more on both sides, mirrored, so that a spectrum is centred on its moment.
fn reflect(clip: &[f32]) -> Vec<f32> {
    let half = WINDOW / 2;
    let before = clip.iter().skip(1).take(half).rev();
    let after = clip.iter().rev().skip(1).take(half);
    before.chain(clip).chain(after).copied().collect()
}

fn standardise(values: &mut [f32]) {
    let count = values.len().max(1) as f32;
    let mean = values.iter().sum::<f32>() / count;
    let variance = values
        .iter()
        .map(|value| (value - mean).powi(2))
        .sum::<f32>()
        / count;
    let deviation = variance.sqrt() + LEAST_ENERGY;
    for value in values {
        *value = (*value - mean) / deviation;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn silence_has_features_too() {
        let bank = MelBank::new();
        let features = bank.features(&[]);
        assert_eq!(features.len(), BANDS * FRAMES);
        assert!(features.iter().all(|value| value.is_finite()));
    }

    #[test]
    fn a_tone_is_loudest_in_the_band_of_its_pitch() {
        let bank = MelBank::new();
        let tone: Vec<f32> = (0..CLIP)
            .map(|at| (at as f32 * std::f32::consts::TAU * 1000.0 / RATE as f32).sin())
            .collect();
        let features = bank.features(&tone);
        let at_middle = |band: usize| features[band * FRAMES + FRAMES / 2];
        let loudest = (0..BANDS).max_by(|a, b| at_middle(*a).total_cmp(&at_middle(*b)));
        // 1000 Hz is mel 15 of 0.3 to 45.2 in 65 steps: nearest to the middle of the 21st band.
        assert_eq!(loudest, Some(20));
    }
}
