//! The model that tells the ten digits apart.

use std::sync::Arc;

use models::{LoadedModel, ModelSet, Role, Tensor};
use serde::Deserialize;

use super::align::{DIGITS, Heard};
use super::mel::{BANDS, FRAMES, MelBank, at_model_loudness};

/// The digits as the model's classes are named.
const NAMES: [&str; DIGITS] = [
    "zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine",
];
/// Name of the model's output.
const OUTPUT: &str = "logits";

/// The part of the model's description that is used.
#[derive(Deserialize)]
struct Meta {
    classes: Vec<String>,
}

/// Listens for digits. One for all threads.
pub struct DigitListener {
    model: Arc<LoadedModel>,
    /// Where each digit stands among the model's outputs.
    places: [usize; DIGITS],
    bank: MelBank,
}

impl DigitListener {
    /// The model and the order of its classes; nothing where one is missing or not as it should
    /// be, which makes the check unavailable.
    #[must_use]
    pub fn open(models: &ModelSet) -> Option<Self> {
        let model = models.model(Role::SpokenDigits).ok()?;
        let meta = models.read(Role::SpokenDigitsMeta).ok()?;
        let meta: Meta = serde_json::from_slice(&meta).ok()?;
        let mut places = [0; DIGITS];
        for (place, name) in places.iter_mut().zip(NAMES) {
            *place = meta.classes.iter().position(|class| class == name)?;
        }
        Some(Self {
            model,
            places,
            bank: MelBank::new(),
        })
    }

    /// Engine and model for findings, such as `rten/spelling_cnn`.
    #[must_use]
    pub fn label(&self) -> String {
        self.model.label()
    }

    /// Natural logarithms of the likelihoods of the ten digits for one segment of speech; nothing
    /// when the model fails.
    pub(crate) fn hear(&self, segment: &[f32]) -> Option<Heard> {
        Some(log_softmax(self.logits(&at_model_loudness(segment))?))
    }

    fn logits(&self, segment: &[f32]) -> Option<Heard> {
        let features = self.bank.features(segment);
        let input = Tensor::new(&[1, 1, BANDS, FRAMES], features).ok()?;
        let output = self.model.run(&input, &[OUTPUT]).ok()?;
        let classes = output.first()?.data();
        let mut logits = [0.0; DIGITS];
        for (logit, place) in logits.iter_mut().zip(self.places) {
            *logit = *classes.get(place).filter(|value| value.is_finite())?;
        }
        Some(logits)
    }
}

fn log_softmax(logits: Heard) -> Heard {
    let most = logits
        .iter()
        .fold(f32::NEG_INFINITY, |most, one| most.max(*one));
    let sum: f32 = logits.iter().map(|logit| (logit - most).exp()).sum();
    logits.map(|logit| logit - most - sum.ln())
}

#[cfg(test)]
mod tests {
    use std::path::{Path, PathBuf};

    use serde_json::Value;

    use super::super::sound::Sound;
    use super::*;

    #[expect(
        clippy::disallowed_methods,
        reason = "tests find the shared inputs by it"
    )]
    fn shared() -> PathBuf {
        let here = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared");
        std::env::var_os("REGAIN_SHARED").map_or(here, PathBuf::from)
    }

    fn floats(value: &Value) -> Vec<f32> {
        let all = value.as_array().unwrap().iter();
        all.map(|one| one.as_f64().unwrap() as f32).collect()
    }

    fn farthest(a: &[f32], b: &[f32]) -> f32 {
        let apart = a.iter().zip(b).map(|(a, b)| (a - b).abs());
        apart.fold(0.0, f32::max)
    }

    #[test]
    #[allow(clippy::print_stderr, reason = "a skipped test must say why")]
    fn features_and_logits_are_those_of_the_reference() {
        let vectors = shared().join("models/speech/mel_test_vectors.json");
        let set = ModelSet::open(&shared().join("models"));
        let (Ok(vectors), Ok(set)) = (std::fs::read(vectors), set) else {
            eprintln!("skipped: no shared models");
            return;
        };
        let listener = DigitListener::open(&set).unwrap();
        let mut worst = [0.0f32; 3];
        let vectors: Value = serde_json::from_slice(&vectors).unwrap();
        for vector in vectors.as_array().unwrap() {
            let file = vector["file"].as_str().unwrap();
            let bytes = std::fs::read(shared().join("testdata/media").join(file)).unwrap();
            let sound = Sound::from_pcm(&bytes[44..]);
            let features = listener.bank.features(sound.samples());
            let row = |band: usize| &features[band * FRAMES..band * FRAMES + 8];
            let low = farthest(row(0), &floats(&vector["feat_row0_first8"]));
            let high = farthest(row(32), &floats(&vector["feat_row32_first8"]));
            let logits = listener.logits(sound.samples()).unwrap();
            let apart = farthest(&logits, &floats(&vector["logits_digits"]));
            eprintln!("{file}: {low} {high} {apart}");
            worst = [worst[0].max(low), worst[1].max(high), worst[2].max(apart)];
        }
        assert!(
            worst[0] < 2e-3 && worst[1] < 2e-3 && worst[2] < 0.02,
            "{worst:?}"
        );
    }

    #[test]
    fn likelihoods_sum_to_one() {
        let heard = log_softmax([1.0, 2.0, 3.0, -50.0, 0.0, 0.0, 0.0, 0.0, 0.0, 80.0]);
        let sum: f32 = heard.iter().map(|one| one.exp()).sum();
        assert!((sum - 1.0).abs() < 1e-5 && heard[9] > -1e-3);
    }
}
