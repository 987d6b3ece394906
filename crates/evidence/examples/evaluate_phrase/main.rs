//! Measures the spoken phrase on real speakers: wrong phrases accepted, right ones refused.
//!
//! `cargo run -p evidence --example evaluate_phrase`, with the shared inputs beside the repository
//! or named by `REGAIN_SHARED`. Phrases are isolated digits joined at the page's pace with a
//! reader's reaction, after a synthetic sentence, in three conditions. Same seed, same figures.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::print_stdout,
    missing_docs,
    reason = "a program that measures, run by developers"
)]

mod counts;
mod dice;
mod voices;

use std::path::{Path, PathBuf};

use evidence::{DigitListener, PhraseLook};
use models::ModelSet;
use recovery::policy::Policy;

use counts::Count;
use dice::Dice;
use voices::{Take, Voices};

const DIGITS: usize = 6;
/// The page's pace and a reader's reaction, in seconds.
const PACE: f64 = 1.35;
const REACTION: (f64, f64) = (0.3, 0.9);
const PHRASES: usize = 200;
const WRONG: usize = 50;
const CHANGED: usize = 10;
/// Takes of each speaker whose phrases are reported; the other half is for tuning.
const REPORTED: std::ops::Range<usize> = 5..10;
const TUNED: std::ops::Range<usize> = 0..5;
const SPEAKERS: [&str; 3] = ["jackson", "lucas", "theo"];
const CONDITIONS: [&str; 3] = ["clean", "20 dB", "10 dB"];

#[expect(clippy::disallowed_methods, reason = "where the shared inputs are")]
fn shared() -> PathBuf {
    let here = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared");
    std::env::var_os("REGAIN_SHARED").map_or(here, PathBuf::from)
}

fn changed(digits: [u8; DIGITS], count: usize, dice: &mut Dice) -> [u8; DIGITS] {
    let mut digits = digits;
    let first = dice.below(DIGITS);
    for place in (0..count).map(|step| (first + step * 2) % DIGITS) {
        digits[place] = (digits[place] + 1 + dice.below(9) as u8) % 10;
    }
    digits
}

/// The same look as if it had been replayed against other moments: the recording's rhythm stays,
/// the page's is another. `start` is how well the attacker hits the first digit.
fn replayed(look: &PhraseLook, pace: f64, start: f64) -> Option<f64> {
    let first = f64::from(look.digits.first()?.start_ms) - start * 1000.0;
    let shown: Vec<f64> = (0..DIGITS)
        .map(|place| first + place as f64 * pace * 1000.0)
        .collect();
    look.greatest_deviation(&shown, DIGITS)
}

/// Scores from which a phrase could pass.
const SCORES: [f64; 6] = [-2.16, -1.74, -1.6, -1.5, -1.4, -1.2];

#[derive(Default)]
struct Figures {
    right_scores: Vec<f32>,
    wrong_scores: Vec<f32>,
    refused: [Count; 3],
    refused_with_timing: Count,
    refused_unknown_start: Count,
    late_by_network: Count,
    wrong: Count,
    wrong_unknown_start: Count,
    one: Count,
    two: Count,
    one_same_pace: Count,
    one_other_pace: Count,
    replay_same_pace: Count,
    replay_other_pace: Count,
    wrong_in_time: Count,
}

fn measure(listener: &DigitListener, takes: &[Take], policy: &Policy, dice: &mut Dice) -> Figures {
    let (pass, reveal) = (
        policy.checks.phrase.pass,
        policy.checks.phrase.reveal_seconds,
    );
    let accepted = |look: &PhraseLook| f64::from(look.score) >= pass;
    let in_time = |late: Option<f64>| late.is_some_and(|late| late <= reveal);
    let mut figures = Figures::default();
    for take in takes {
        let known = listener.listen(&take.sound, Some(&take.shown_ms)).unwrap();
        let unknown = listener.listen(&take.sound, None).unwrap();
        let look = known.against(&take.digits).unwrap();
        let good = accepted(&look);
        figures.right_scores.push(look.score);
        figures.refused[take.condition].add(!good);
        let late = look.greatest_deviation(&take.shown_ms, DIGITS);
        figures.refused_with_timing.add(!(good && in_time(late)));
        let shift = dice.within((0.0, 250.0));
        let shown: Vec<f64> = take.shown_ms.iter().map(|ms| ms - shift).collect();
        let shifted = listener.listen(&take.sound, Some(&shown)).unwrap();
        let shifted = shifted.against(&take.digits).unwrap();
        let late = shifted.greatest_deviation(&shown, DIGITS);
        figures
            .late_by_network
            .add(!(accepted(&shifted) && in_time(late)));
        figures
            .refused_unknown_start
            .add(!accepted(&unknown.against(&take.digits).unwrap()));
        if good {
            let start = dice.within(REACTION);
            figures
                .replay_same_pace
                .add(in_time(replayed(&look, PACE, start)));
            let pace = dice.within((0.8, 2.0));
            figures
                .replay_other_pace
                .add(in_time(replayed(&look, pace, start)));
        }
        for _ in 0..WRONG {
            let digits = dice.phrase();
            if digits == take.digits {
                continue;
            }
            let look = known.against(&digits).unwrap();
            figures.wrong_scores.push(look.score);
            figures.wrong.add(accepted(&look));
            let late = look.greatest_deviation(&take.shown_ms, DIGITS);
            figures.wrong_in_time.add(accepted(&look) && in_time(late));
            figures
                .wrong_unknown_start
                .add(accepted(&unknown.against(&digits).unwrap()));
        }
        for _ in 0..CHANGED {
            let look = known.against(&changed(take.digits, 1, dice)).unwrap();
            figures.one.add(accepted(&look));
            let start = dice.within(REACTION);
            let same = accepted(&look) && in_time(replayed(&look, PACE, start));
            figures.one_same_pace.add(same);
            let pace = dice.within((0.8, 2.0));
            let other = accepted(&look) && in_time(replayed(&look, pace, start));
            figures.one_other_pace.add(other);
            let look = known.against(&changed(take.digits, 2, dice)).unwrap();
            figures.two.add(accepted(&look));
        }
    }
    figures
}

fn report(title: &str, figures: &Figures) {
    println!("\n{title}\n");
    println!("| what | share (count, 95 % bounds) |\n|---|---|");
    let all = figures
        .refused
        .iter()
        .fold(Count::default(), |a, b| Count(a.0 + b.0, a.1 + b.1));
    println!("| right phrase refused by its score | {} |", all.line());
    for (condition, count) in CONDITIONS.iter().zip(figures.refused) {
        println!("| ... {condition} | {} |", count.line());
    }
    let lines = [
        (
            "right phrase refused by score or timing",
            figures.refused_with_timing,
        ),
        ("... with up to 0.25 s of network", figures.late_by_network),
        (
            "right phrase refused, moments unknown",
            figures.refused_unknown_start,
        ),
        ("random wrong phrase accepted by its score", figures.wrong),
        ("... and in time", figures.wrong_in_time),
        ("... moments unknown", figures.wrong_unknown_start),
        ("one digit changed, accepted by its score", figures.one),
        (
            "... replayed at the page's own pace, in time",
            figures.one_same_pace,
        ),
        (
            "... replayed at a pace of 0.8 to 2 s, in time",
            figures.one_other_pace,
        ),
        ("two digits changed, accepted by its score", figures.two),
        (
            "right phrase replayed at the page's own pace, in time",
            figures.replay_same_pace,
        ),
        (
            "right phrase replayed at a pace of 0.8 to 2 s, in time",
            figures.replay_other_pace,
        ),
    ];
    for (what, count) in lines {
        println!("| {what} | {} |", count.line());
    }
    let reach = |scores: &[f32], pass: f64| {
        let mut count = Count::default();
        scores
            .iter()
            .for_each(|score| count.add(f64::from(*score) >= pass));
        count.line()
    };
    println!("\n| score | right reach it | wrong reach it |\n|---|---|---|");
    for pass in SCORES {
        let (right, wrong) = (&figures.right_scores, &figures.wrong_scores);
        println!(
            "| {pass} | {} | {} |",
            reach(right, pass),
            reach(wrong, pass)
        );
    }
}

fn main() {
    let models = ModelSet::open(&shared().join("models")).expect("the shared models");
    let listener = DigitListener::open(&models).expect("the digit model");
    let policy = Policy::parse(recovery::policy::DEFAULT).expect("the default policy");
    let voices = Voices::load();
    println!("sentence: {:.1} s", voices.sentence.len() as f64 / 16_000.0);
    for (title, takes) in [
        ("Takes 0 to 4 (tuning)", TUNED),
        ("Takes 5 to 9 (reported)", REPORTED),
    ] {
        let mut dice = Dice(20_261_125);
        let made: Vec<Take> = (0..PHRASES * SPEAKERS.len())
            .map(|number| voices.take(&mut dice, number, takes.clone()))
            .collect();
        report(title, &measure(&listener, &made, &policy, &mut dice));
    }
}
