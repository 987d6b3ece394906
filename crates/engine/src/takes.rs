//! A take as data: what was asked, what arrived and what was revealed when. Times are the
//! database's, in epoch milliseconds; a demo's virtual clock moves them, so travelling in time in
//! the middle of a take looks like a gap.

use recovery::evidence::EvidenceKind;
use recovery::id::TakeId;
use recovery::sensitive::Sensitive;
use recovery::time::{Span, Timestamp};
use serde::{Deserialize, Serialize};

/// Digits of a phrase (COMPONENTS.md, spoken phrase).
pub const DIGITS: u8 = 6;
/// Between two digits: the middle of the 1.2 to 1.5 s that were measured (COMPONENTS.md).
pub const PACE: Span = Span::millis(1350);
/// A slower phrase takes so many times as long (UX.md P15).
const SLOWER: i64 = 2;
/// A stream that is silent for so long is not recording: one-second slices, and as much again and a
/// half for a slow line.
const SILENCE_MAX: Span = Span::millis(2500);
/// A digit is not revealed before so many tenths of the pace are over.
const EARLY_TENTHS: i64 = 6;
/// Pieces of one take: 45 s of one-second slices, with room for slices that are cut or sent in the
/// smallest pieces that browsers were seen to give.
pub const CHUNKS_MAX: usize = 600;

/// A piece of the file that arrived.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Arrival {
    /// Where it begins, in bytes.
    pub offset: u64,
    /// Its bytes.
    pub len: u64,
    /// When all of it was stored.
    pub at: Timestamp,
}

/// A digit that was revealed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reveal {
    /// From 1.
    pub place: u8,
    /// When.
    pub at: Timestamp,
}

/// What the browser said when a take ended; proves nothing.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct EndOfTake {
    /// Camera and interruptions as JSON of at most 4 kB.
    pub telemetry: Sensitive<String>,
    /// How long it recorded by its own clock, in milliseconds.
    pub duration_ms: Option<u64>,
}

/// Everything known of the take that a piece of evidence came by; kept sealed with the evidence.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct TakeRecord {
    /// The take.
    pub take: TakeId,
    /// What was taken.
    pub kind: EvidenceKind,
    /// The evidence counts as live by this take.
    pub live: bool,
    /// It came in pieces while it was recorded, so that arrival times say something.
    pub streamed: bool,
    /// When the take was made.
    pub created_at: Timestamp,
    /// When it was over at the latest.
    pub expires_at: Timestamp,
    /// When its file was taken in.
    pub finished_at: Timestamp,
    /// What a video must say first; empty for a photo.
    pub sentence: String,
    /// The six digits that follow; empty for a photo.
    pub digits: Sensitive<String>,
    /// The digits that were revealed, in order.
    pub reveals: Vec<Reveal>,
    /// The pieces that arrived, in order; none for an upload that is not the take's own.
    pub chunks: Vec<Arrival>,
    /// Between two digits, in milliseconds.
    pub pace_ms: u32,
    /// The slower pace was asked for: people judge the phrase.
    pub slower: bool,
    /// What the browser said of its camera, as JSON.
    pub camera: Option<Sensitive<String>>,
    /// What it said at the end.
    pub ended: Option<EndOfTake>,
}

impl TakeRecord {
    /// The sentence and all digits, as they must be heard; `None` for a photo.
    #[must_use]
    pub fn phrase(&self) -> Option<String> {
        let digits = self.digits.reveal();
        (!digits.is_empty()).then(|| spoken(&self.sentence, digits))
    }
}

/// A phrase as it is read: the sentence, then each digit by itself.
pub(crate) fn spoken(sentence: &str, digits: &str) -> String {
    let apart: Vec<String> = digits.chars().map(String::from).collect();
    format!("{sentence} {}", apart.join(" "))
}

/// Digits as numbers, 0 to 9; whatever is none is passed over.
#[must_use]
pub fn digit_values(digits: &str) -> Vec<u8> {
    let values = digits.chars().filter_map(|symbol| symbol.to_digit(10));
    values
        .filter_map(|value| u8::try_from(value).ok())
        .collect()
}

/// What only the case's key opens of a take.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Script {
    pub sentence: String,
    pub digits: Sensitive<String>,
    pub streams: bool,
    pub slower: bool,
    pub camera: Option<Sensitive<String>>,
    pub ended: Option<EndOfTake>,
}

impl Script {
    pub(crate) const fn pace(&self) -> Span {
        let times = if self.slower { SLOWER } else { 1 };
        Span::millis(PACE.as_millis() * times)
    }

    /// The digit of a place, from 1.
    pub(crate) fn digit(&self, place: u8) -> Option<char> {
        let index = usize::from(place).checked_sub(1)?;
        self.digits.reveal().chars().nth(index)
    }
}

/// What arrived and was revealed so far.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Progress {
    pub reveals: Vec<Reveal>,
    pub chunks: Vec<Arrival>,
}

/// What somebody who asks for a digit gets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Step {
    /// This place, for the first time.
    Reveal(u8),
    /// This place, which was revealed before: the answer was lost.
    Again(u8),
    /// All were revealed.
    Done,
    /// Nothing arrives: it does not record, or the line is down.
    Waiting,
    /// The last one was revealed just now.
    Early,
    /// A place that is further ahead than the next one.
    Ahead,
}

impl Progress {
    /// The step at `now` for who asks for `wanted`, or for whatever is next.
    pub(crate) fn step(&self, script: &Script, wanted: Option<u8>, now: Timestamp) -> Step {
        let revealed = self.reveals.last().map_or(0, |reveal| reveal.place);
        let next = revealed.saturating_add(1);
        match wanted {
            Some(place) if place == 0 || place > next => return Step::Ahead,
            Some(place) if place <= revealed => return Step::Again(place),
            _ => {}
        }
        if script.digit(next).is_none() {
            return Step::Done;
        }
        let gap = Span::millis(script.pace().as_millis() * EARLY_TENTHS / 10);
        if self.reveals.last().is_some_and(|last| now < last.at + gap) {
            return Step::Early;
        }
        let arrives = self
            .chunks
            .last()
            .is_some_and(|chunk| now.since(chunk.at) <= SILENCE_MAX);
        if script.streams && !arrives {
            return Step::Waiting;
        }
        Step::Reveal(next)
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn script(streams: bool, slower: bool) -> Script {
        Script {
            sentence: "I ask Exemplar to give me back my account.".to_owned(),
            digits: Sensitive::new("471206".to_owned()),
            streams,
            slower,
            camera: None,
            ended: None,
        }
    }

    fn at(millis: i64) -> Timestamp {
        Timestamp::from_millis(millis)
    }

    fn arrived(millis: i64) -> Arrival {
        Arrival {
            offset: 0,
            len: 1,
            at: at(millis),
        }
    }

    #[test]
    fn digits_of_a_stream_come_only_while_pieces_arrive() {
        let script = script(true, false);
        let mut progress = Progress::default();
        assert_eq!(progress.step(&script, None, at(0)), Step::Waiting);
        progress.chunks.push(arrived(1000));
        assert_eq!(progress.step(&script, None, at(3500)), Step::Reveal(1));
        assert_eq!(progress.step(&script, None, at(3501)), Step::Waiting);
        // The file that comes only at the end has no such proof.
        let whole = Script {
            streams: false,
            ..script
        };
        assert_eq!(
            Progress::default().step(&whole, None, at(0)),
            Step::Reveal(1)
        );
    }

    #[test]
    fn digits_are_paced_and_end() {
        for (slower, gap) in [(false, 810), (true, 1620)] {
            let script = script(false, slower);
            let mut progress = Progress::default();
            let mut now = 0;
            for place in 1..=DIGITS {
                assert_eq!(progress.step(&script, None, at(now)), Step::Reveal(place));
                progress.reveals.push(Reveal { place, at: at(now) });
                now += gap;
                if place < DIGITS {
                    assert_eq!(progress.step(&script, None, at(now - 1)), Step::Early);
                }
            }
            assert_eq!(progress.step(&script, None, at(now)), Step::Done);
        }
        assert_eq!(script(false, false).pace(), PACE);
    }

    #[test]
    fn a_place_that_was_told_is_told_again_and_none_is_skipped() {
        let script = script(false, false);
        let mut progress = Progress::default();
        for place in [0, 2, 9] {
            assert_eq!(progress.step(&script, Some(place), at(0)), Step::Ahead);
        }
        progress.reveals.push(Reveal {
            place: 1,
            at: at(0),
        });
        assert_eq!(progress.step(&script, Some(1), at(1)), Step::Again(1));
        assert_eq!(progress.step(&script, Some(2), at(1)), Step::Early);
        assert_eq!(progress.step(&script, Some(2), at(900)), Step::Reveal(2));
        assert_eq!((script.digit(1), script.digit(6)), (Some('4'), Some('6')));
        assert_eq!((script.digit(0), script.digit(7)), (None, None));
    }

    #[test]
    fn a_phrase_is_read_digit_by_digit() {
        assert_eq!(spoken("Give it back.", "407"), "Give it back. 4 0 7");
    }
}
