//! A fingerprint of a sound: whether it grows louder or softer, slice by slice.

use super::{PRINT_BITS, Part, Print, PrintBits, WORDS};

/// Share of the loudest sample below which a beginning or an end is silence.
const SILENCE: f32 = 0.05;
/// Samples of the shortest sound that is worth a print: a second at 16 kHz.
const SHORTEST: usize = 16_000;

/// The print of a sound (mono, any rate of 16 kHz or more, -1 to 1), silence at both ends cut off.
/// Survives another volume and another coding, not a cut. Nothing for silence and short sounds.
#[must_use]
pub fn sound_print(samples: &[f32]) -> Option<Print> {
    let loudest = samples
        .iter()
        .fold(0.0_f32, |most, value| most.max(value.abs()));
    let heard = |value: &f32| value.abs() > loudest * SILENCE;
    let begin = samples.iter().position(heard)?;
    let end = samples.iter().rposition(heard)?;
    let voice = samples.get(begin..=end)?;
    if voice.len() < SHORTEST {
        return None;
    }
    let slices = 2 * PRINT_BITS as usize + 1;
    let energies: Vec<f64> = (0..slices)
        .map(|slice| {
            // 64-bit arithmetic by halves would not matter: a minute has a million samples.
            let from = slice * voice.len() / slices;
            let to = (slice + 1) * voice.len() / slices;
            let part = voice.get(from..to).unwrap_or_default();
            part.iter().map(|value| f64::from(value * value)).sum()
        })
        .collect();
    let mut words = [0_u64; WORDS];
    for (at, pair) in energies.windows(2).enumerate() {
        if let ([one, next], Some(word)) = (pair, words.get_mut(at / 64)) {
            *word |= u64::from(next > one) << (at % 64);
        }
    }
    Print::upright_only(Part::Sound, PrintBits(words))
}
