//! Was the phrase spoken, in order, each digit when it was shown?

use recovery::evidence::EvidenceKind;
use recovery::finding::{Finding, Outcome};
use recovery::policy::PhraseChecks;
use serde::{Deserialize, Serialize};

use super::align::{Heard, align};
use super::digits::DigitListener;
use super::sound::Sound;
use super::voice::{Segment, loudest, segments};

/// Engine name in findings when no model was there to listen.
const ENGINE: &str = "evidence/phrase-1";
/// How far the file's clock and the page's may be apart, in seconds: the network's part in either.
const CLOCK_SECONDS: f64 = 0.3;
/// How long after a digit was shown its segment is looked for, in seconds: a second, the clocks'
/// distance, and a soft beginning that energy alone does not hear.
const REACH_SECONDS: f64 = 1.5;
/// Most segments that are listened to, the last ones: 3 ms each, and a take of 60 s at one word a
/// second has as many.
const MAX_SEGMENTS: usize = 64;
/// One digit of the phrase where it was heard.
#[derive(Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct SaidDigit {
    /// Its place in the phrase, from 1.
    pub place: u8,
    /// The digit that was expected there.
    pub digit: u8,
    /// When it begins, in milliseconds from the start of the file.
    pub start_ms: u32,
    /// When it ends.
    pub end_ms: u32,
    /// Natural logarithm of the likelihood that it was this digit: 0 is certainty.
    pub log_likelihood: f32,
}

/// What a reviewer is shown of the phrase: where to listen, not what was understood.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub struct PhraseLook {
    /// The expected digits that were found, in order.
    pub digits: Vec<SaidDigit>,
    /// Where somebody speaks near the digits, in milliseconds: what a play button should play.
    pub speech: Option<(u32, u32)>,
    /// Stretches of speech that stand out and were listened to.
    pub heard: usize,
    /// Mean log likelihood of a digit; 0 is certainty.
    pub score: f32,
}

impl std::fmt::Debug for PhraseLook {
    /// Counts only.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "PhraseLook({} of {})", self.digits.len(), self.heard)
    }
}

/// What the model made of each stretch of speech.
pub struct Hearing {
    shown_ms: Option<Vec<f64>>,
    /// Stretches that stand out from the whole take.
    words: usize,
    parts: Vec<Segment>,
    heard: Vec<Heard>,
}

impl DigitListener {
    /// Listens to each stretch of speech. `shown_ms` says when each digit was shown, in
    /// milliseconds from the start of the file; without it digits are looked for everywhere.
    /// Nothing when there is no sound or the model fails.
    #[must_use]
    pub fn listen(&self, sound: &Sound, shown_ms: Option<&[f64]>) -> Option<Hearing> {
        if sound.samples().is_empty() {
            return None;
        }
        let mut parts = segments(sound);
        if let Some(shown) = shown_ms {
            parts.retain(|part| shown.iter().any(|shown| is_near(part, *shown)));
        }
        let words = parts.len();
        let shown = shown_ms.unwrap_or_default().iter();
        let soft: Vec<Segment> = shown
            .filter_map(|shown| missed(sound, &parts, *shown))
            .collect();
        parts.extend(soft);
        parts.sort_by_key(|part| part.start_ms);
        let parts = parts.split_off(parts.len().saturating_sub(MAX_SEGMENTS));
        let hear = |part: &Segment| self.hear(sound.piece(part.start_ms..part.end_ms));
        let heard = parts.iter().map(hear).collect::<Option<_>>()?;
        Some(Hearing {
            shown_ms: shown_ms.map(<[f64]>::to_vec),
            words: words.min(MAX_SEGMENTS),
            parts,
            heard,
        })
    }
}

/// The loudest sound after a digit was shown, where no speech begins: "six" is short and mostly
/// hiss, and in noise it does not stand out from the whole take.
fn missed(sound: &Sound, parts: &[Segment], shown_ms: f64) -> Option<Segment> {
    // Negative becomes 0 by definition of `as`.
    let at = |seconds: f64| (shown_ms + seconds * 1000.0) as u32;
    let (shown, end) = (at(0.0), at(REACH_SECONDS));
    if parts
        .iter()
        .any(|part| (shown..end).contains(&part.start_ms))
    {
        return None;
    }
    let before = parts.iter().filter(|part| part.start_ms < shown);
    let said = before.map(|part| part.end_ms).max().unwrap_or(0);
    loudest(sound, at(-CLOCK_SECONDS).max(said)..end)
}

/// May this segment be the digit that was shown then?
fn is_near(part: &Segment, shown_ms: f64) -> bool {
    (-CLOCK_SECONDS..=REACH_SECONDS).contains(&late_seconds(part.start_ms, shown_ms))
}

fn late_seconds(start_ms: u32, shown_ms: f64) -> f64 {
    (f64::from(start_ms) - shown_ms) / 1000.0
}

impl Hearing {
    /// Sets what was heard against the expected digits (0 to 9); nothing without digits.
    #[must_use]
    pub fn against(&self, digits: &[u8]) -> Option<PhraseLook> {
        if digits.is_empty() {
            return None;
        }
        let may = |place: usize, part: usize| match &self.shown_ms {
            Some(shown) => {
                let both = self.parts.get(part).zip(shown.get(place));
                both.is_some_and(|(part, shown)| is_near(part, *shown))
            }
            None => true,
        };
        let aligned = align(digits, &self.heard, may);
        let said = |((place, digit), found): ((u8, &u8), &Option<usize>)| {
            let part = self.parts.get((*found)?)?;
            Some(SaidDigit {
                place,
                digit: *digit,
                start_ms: part.start_ms,
                end_ms: part.end_ms,
                log_likelihood: *self.heard.get((*found)?)?.get(usize::from(*digit))?,
            })
        };
        let places = (1u8..).zip(digits).zip(&aligned.places);
        let ends = self.parts.first().zip(self.parts.last());
        Some(PhraseLook {
            digits: places.filter_map(said).collect(),
            speech: ends.map(|(first, last)| (first.start_ms, last.end_ms)),
            heard: self.words,
            score: aligned.score,
        })
    }
}

impl PhraseLook {
    /// How late in seconds the latest digit was said after it was shown, once the clocks' distance
    /// is taken off as far as the earliest digit allows; nothing unless every one of `count` digits
    /// was found, and none was said before it was shown.
    #[must_use]
    pub fn greatest_deviation(&self, shown_ms: &[f64], count: usize) -> Option<f64> {
        if self.digits.len() != count || shown_ms.len() != count {
            return None;
        }
        let late = self.digits.iter().zip(shown_ms);
        let late = late.map(|(said, shown)| late_seconds(said.start_ms, *shown));
        let least = late.clone().reduce(f64::min)?;
        let most = late.reduce(f64::max)?;
        (least >= -CLOCK_SECONDS).then(|| most - least.min(CLOCK_SECONDS))
    }
}

/// The phrase's findings and what reviewers are shown of it.
#[derive(Debug, Clone, PartialEq)]
pub struct PhraseReport {
    /// `phrase.spoken` always; `phrase.timing` and `video.words` where they can be told.
    pub findings: Vec<Finding>,
    /// Where to listen.
    pub look: Option<PhraseLook>,
}

/// Judges the phrase. `shown_ms` is the moment each digit was shown on the file's own clock,
/// proven by live pieces (`TakeClock::shown_ms` of a take that is live), or nothing.
///
/// It passes only when the digits are heard and each was said when it was shown. Everything else
/// is for people, and the applicant is asked to read again where reading again can help: not
/// where six words were said in time that are no English digits, which people listen to.
#[must_use]
pub fn phrase(
    listener: Option<&DigitListener>,
    sound: &Sound,
    digits: &[u8],
    shown_ms: Option<&[f64]>,
    checks: &PhraseChecks,
) -> PhraseReport {
    let hearing = listener.and_then(|listener| listener.listen(sound, shown_ms));
    let look = hearing.and_then(|hearing| hearing.against(digits));
    let (Some(look), Some(listener)) = (look, listener) else {
        let engine = listener.map_or_else(|| ENGINE.to_owned(), DigitListener::label);
        let finding = Finding::unavailable("phrase.spoken", &engine);
        return PhraseReport {
            findings: vec![finding.about(EvidenceKind::Video)],
            look: None,
        };
    };
    let engine = listener.label();
    let deviation = shown_ms.and_then(|shown| look.greatest_deviation(shown, digits.len()));
    let in_time = deviation.is_some_and(|late| late <= checks.reveal_seconds);
    let score = f64::from(look.score);
    let heard = score >= checks.pass;
    let outcome = |good: bool| if good { Outcome::Pass } else { Outcome::Unsure };
    let start_ms = look.digits.first().map_or(0, |said| said.start_ms);
    let spoken = Finding::reviewer("phrase.spoken", outcome(heard && in_time), &engine)
        .measured(score, checks.pass, "log_likelihood")
        .at_moment(start_ms);
    let mut timing = Finding::reviewer("phrase.timing", outcome(in_time), &engine);
    if let Some(late) = deviation {
        timing = timing.measured(late, checks.reveal_seconds, "s");
    }
    let mut findings = vec![spoken, timing];
    if let Some(words) = words(&look, digits.len(), checks) {
        let finding = Finding::applicant("video.words", words, &engine);
        findings.push(finding.measured(score, checks.pass, "log_likelihood"));
    }
    for finding in &mut findings {
        finding.kind = Some(EvidenceKind::Video);
    }
    PhraseReport {
        findings,
        look: Some(look),
    }
}

/// What the applicant hears of it, if anything.
fn words(look: &PhraseLook, count: usize, checks: &PhraseChecks) -> Option<Outcome> {
    let score = f64::from(look.score);
    if score >= checks.pass {
        return Some(Outcome::Pass);
    }
    let unclear = score >= checks.unclear;
    let too_few = look.heard > 0 && look.heard < count;
    (unclear || too_few).then_some(Outcome::Retake)
}
