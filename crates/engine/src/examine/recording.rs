//! The video: one take, and the phrase that was said.

use evidence::{PhraseLook, TakeClock, VideoFacts, inspect_video, phrase, take_findings};
use face::{ANY_ENGINE, motion_unavailable};
use recovery::evidence::EvidenceKind;
use recovery::finding::{Finding, Outcome};
use serde::{Deserialize, Serialize};

use super::shown::{Shown, ShownAs};
use super::stopwatch::{stamped, timed};
use super::{Context, Instruments, Piece, refused, said_of_camera};

/// Sound before and after the phrase that reviewers hear, in milliseconds.
const AROUND_MS: u32 = 500;

/// When a digit of the phrase was said, for the reviewer's page.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SaidWords {
    /// Place in the phrase, from 1.
    pub place: u8,
    /// The digit that was due.
    pub digit: u8,
    /// Begin in milliseconds of the file.
    pub start_ms: u32,
    /// End in milliseconds of the file.
    pub end_ms: u32,
    /// How sure the machine is that it was this digit, 0 to 100.
    pub sure: u8,
}

/// What was seen and heard.
pub(super) struct Recording {
    pub(super) findings: Vec<Finding>,
    pub(super) facts: Option<VideoFacts>,
    pub(super) shown: Vec<Shown>,
}

/// Looks at the video and listens to it.
pub(super) fn record(piece: &Piece, context: &Context<'_>, tools: &Instruments) -> Recording {
    let (facts, took_ms) = timed(|| {
        let declared = piece.media_type.as_deref();
        inspect_video(&piece.bytes, declared, context.limits, &tools.media)
    });
    let facts = match facts {
        Ok(facts) => facts,
        Err(refusal) => {
            let spoken = Finding::unavailable("phrase.spoken", "none").about(EvidenceKind::Video);
            let live = Finding::unavailable("video.live", "none").about(EvidenceKind::Video);
            let mut findings = vec![refused(piece.kind, &refusal).took(took_ms), spoken, live];
            findings.extend(motion_unavailable(ANY_ENGINE));
            return Recording {
                findings,
                facts: None,
                shown: Vec::new(),
            };
        }
    };
    let arrival = piece.take.as_ref().map(|take| &take.arrival);
    let video = &context.checks.video;
    let mut findings = stamped(take_findings(&facts, arrival, video), took_ms);
    findings.extend(said_of_camera(piece, (facts.width, facts.height), context));
    let listened = listen(piece, &facts, context, tools);
    findings.extend(listened.findings);
    findings.extend(moving(&facts, listened.speech, context, tools));
    Recording {
        findings,
        facts: Some(facts),
        shown: listened.shown,
    }
}

/// Whether head and mouth move as a speaker's do, while the phrase is said; without a phrase, from
/// the beginning.
fn moving(
    facts: &VideoFacts,
    speech: Option<(u32, u32)>,
    context: &Context<'_>,
    tools: &Instruments,
) -> Vec<Finding> {
    let Some(face) = &tools.face else {
        return motion_unavailable(ANY_ENGINE);
    };
    let (start, end) = speech.unwrap_or((0, u32::MAX));
    let said = start.saturating_sub(AROUND_MS)..end.saturating_add(AROUND_MS);
    let first = facts.grey.partition_point(|(at_ms, _)| *at_ms < said.start);
    let after = facts.grey.partition_point(|(at_ms, _)| *at_ms < said.end);
    let frames = facts.grey.get(first..after).unwrap_or_default();
    let loudness = |moments: &[u32]| facts.sound.envelope(moments);
    face.motion_findings(frames, loudness, &context.checks.face)
}

/// What was heard.
struct Listened {
    findings: Vec<Finding>,
    shown: Vec<Shown>,
    /// Where the phrase was said, in milliseconds of the file.
    speech: Option<(u32, u32)>,
}

fn listen(
    piece: &Piece,
    facts: &VideoFacts,
    context: &Context<'_>,
    tools: &Instruments,
) -> Listened {
    let take = piece.take.as_ref();
    let drift = context.checks.video.arrival_seconds;
    let clock = take.and_then(|take| TakeClock::proven(&take.arrival, facts, drift));
    let shown_ms = clock.as_ref().map(|clock| clock.shown_ms.as_slice());
    let digits = take.map_or(context.digits, |take| take.digits.as_slice());
    let (mut report, took_ms) = timed(|| {
        let listener = tools.digits.as_ref();
        phrase(
            listener,
            &facts.sound,
            digits,
            shown_ms,
            &context.checks.phrase,
        )
    });
    if take.is_some_and(|take| take.slower) {
        // The evaluation knows the ordinary pace only.
        for finding in &mut report.findings {
            if finding.code == "phrase.spoken" && finding.outcome == Outcome::Pass {
                finding.outcome = Outcome::Unsure;
            }
        }
    }
    let shown = report
        .look
        .as_ref()
        .map_or_else(Vec::new, |look| heard(look, facts));
    Listened {
        findings: stamped(report.findings, took_ms),
        speech: report.look.and_then(|look| look.speech),
        shown,
    }
}

/// The sound of the phrase, and when each digit was said.
fn heard(look: &PhraseLook, facts: &VideoFacts) -> Vec<Shown> {
    let mut shown = Vec::new();
    if let Some((start, end)) = look.speech {
        let around = start.saturating_sub(AROUND_MS)..end.saturating_add(AROUND_MS);
        shown.push(Shown {
            what: ShownAs::Phrase,
            bytes: facts.sound.wav(around),
        });
    }
    let words: Vec<SaidWords> = look
        .digits
        .iter()
        .map(|said| SaidWords {
            place: said.place,
            digit: said.digit,
            start_ms: said.start_ms,
            end_ms: said.end_ms,
            // 0 to 100 by definition of a likelihood.
            sure: (said.log_likelihood.exp() * 100.0).round() as u8,
        })
        .collect();
    if let Ok(bytes) = serde_json::to_vec(&words) {
        shown.push(Shown {
            what: ShownAs::PhraseWords,
            bytes,
        });
    }
    shown
}
