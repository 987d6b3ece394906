//! One take: is the recording whole, unedited, alive, and made in its time?

use recovery::evidence::EvidenceKind;
use recovery::finding::{Finding, Outcome};
use recovery::policy::VideoChecks;

use super::{ArrivalRecord, MotionStep, Packet, TakeClock, VideoFacts};

/// Engine name in findings; the number changes with the method.
const ENGINE: &str = "evidence/video-1";
/// Milliseconds in a second.
const SECOND: f64 = 1000.0;
/// Share of equal steps from which nothing ever moved: the first frames of a recording sharpen.
const STILL_SHARE: f64 = 0.9;
/// Least steps by which stillness is told: a second.
const LEAST_STEPS: usize = 5;
/// Mean change of the whole frame, in grey levels, of a cut to another scene. The most of the
/// genuine recordings of `browser-recordings` is 10.
const SCENE_LUMA: f32 = 25.0;
/// How many times the steps around it a cut changes.
const SCENE_TIMES: f32 = 4.0;
/// Frames from which the evenness of their times tells something.
const LEAST_FRAMES: usize = 30;
/// A time is on the grid when it differs by no more than this: WebM counts milliseconds.
const GRID_MS: f64 = 1.0;
/// Share of even times from which a converter made them. Genuine recordings reach 0.95.
const GRID_SHARE: f64 = 0.995;

/// All findings of a take but the phrase's. `took_ms` is zero: the caller has the clock.
///
/// `record` is what the server noted while it was recorded; nothing for a file.
#[must_use]
pub fn take_findings(
    facts: &VideoFacts,
    record: Option<&ArrivalRecord>,
    checks: &VideoChecks,
) -> Vec<Finding> {
    let mut findings = vec![
        container(facts),
        length(facts, checks),
        quiet(facts, checks),
    ];
    findings.push(cut(facts, checks));
    findings.extend(scene_changes(&facts.motion).first().map(|step| {
        Finding::reviewer("video.cut", Outcome::Unsure, ENGINE)
            .measured(step.luma.into(), SCENE_LUMA.into(), "luma")
            .at_moment(step.at_ms)
    }));
    findings.push(still(facts, checks));
    findings.extend(record.map(in_time));
    findings.push(live(facts, record, checks));
    for finding in &mut findings {
        finding.kind = Some(EvidenceKind::Video);
    }
    findings
}

/// The writer's marks. They tell honest mistakes, an attacker forges them: a signal.
fn container(facts: &VideoFacts) -> Finding {
    let tags = &facts.tags;
    let edited = tags.editor || facts.edit_pieces > 1 || on_a_grid(&facts.timeline.pictures);
    let outcome = if tags.browser && !edited {
        Outcome::Pass
    } else {
        Outcome::Unsure
    };
    Finding::reviewer("video.container", outcome, ENGINE)
}

/// Do all frames come at exactly even times? Cameras jitter, converters do not.
fn on_a_grid(pictures: &[Packet]) -> bool {
    let pairs = pictures.iter().zip(pictures.iter().skip(1));
    let mut steps: Vec<f64> = pairs.map(|(a, b)| b.at_ms - a.at_ms).collect();
    steps.sort_by(f64::total_cmp);
    let Some(median) = steps.get(steps.len() / 2).copied() else {
        return false;
    };
    let even = steps
        .iter()
        .filter(|step| (*step - median).abs() <= GRID_MS);
    steps.len() >= LEAST_FRAMES && even.count() as f64 >= steps.len() as f64 * GRID_SHARE
}

fn length(facts: &VideoFacts, checks: &VideoChecks) -> Finding {
    let seconds = facts.duration_ms as f64 / SECOND;
    let outcome = pass_or_retake(seconds >= checks.least_seconds);
    Finding::applicant("video.short", outcome, ENGINE).measured(seconds, checks.least_seconds, "s")
}

fn quiet(facts: &VideoFacts, checks: &VideoChecks) -> Finding {
    let loudest = f64::from(facts.sound.loudest_second());
    let outcome = pass_or_retake(loudest >= checks.quiet_dbfs);
    Finding::applicant("video.quiet", outcome, ENGINE).measured(loudest, checks.quiet_dbfs, "dBFS")
}

const fn pass_or_retake(good: bool) -> Outcome {
    if good { Outcome::Pass } else { Outcome::Retake }
}

/// The longest hole in either track, or of one where the other goes on.
fn cut(facts: &VideoFacts, checks: &VideoChecks) -> Finding {
    let timeline = &facts.timeline;
    let (mut hole_ms, mut at_ms) = longest_hole(&timeline.pictures);
    let mut longer = |hole: f64, at: f64| {
        if hole > hole_ms {
            (hole_ms, at_ms) = (hole, at);
        }
    };
    if let (Some(pictures), Some(sounds)) = (span(&timeline.pictures), span(&timeline.sounds)) {
        let (hole, at) = longest_hole(&timeline.sounds);
        longer(hole, at);
        longer((pictures.0 - sounds.0).abs(), 0.0);
        longer((pictures.1 - sounds.1).abs(), pictures.1.min(sounds.1));
    }
    let hole = hole_ms / SECOND;
    let outcome = pass_or_retake(hole <= checks.gap_seconds);
    let finding = Finding::applicant("video.cut", outcome, ENGINE);
    let finding = finding.measured(hole, checks.gap_seconds, "s");
    if outcome == Outcome::Pass {
        finding
    } else {
        // Within the longest video by intake; a NaN becomes 0 by definition of `as`.
        finding.at_moment(at_ms.max(0.0) as u32)
    }
}

/// Start of the first and end of the last packet in milliseconds.
fn span(track: &[Packet]) -> Option<(f64, f64)> {
    Some((track.first()?.at_ms, track.last()?.end_ms))
}

/// The longest time from one packet to the next, and when it begins, in milliseconds. Ends of
/// packets are not asked: in MP4 a packet lasts until the next one, however long that is.
fn longest_hole(track: &[Packet]) -> (f64, f64) {
    let pairs = track.iter().zip(track.iter().skip(1));
    let holes = pairs.map(|(a, b)| (b.at_ms - a.at_ms, a.at_ms));
    holes.fold(
        (0.0, 0.0),
        |most, hole| if hole.0 > most.0 { hole } else { most },
    )
}

/// Steps that look like a cut to another scene: a hint, a hand before the lens does the same.
#[must_use]
pub fn scene_changes(steps: &[MotionStep]) -> Vec<MotionStep> {
    let around = |place: usize| {
        let before = place.checked_sub(1).and_then(|before| steps.get(before));
        let after = steps.get(place + 1);
        let change = |step: Option<&MotionStep>| step.map_or(0.0, |step| step.luma);
        change(before).max(change(after)).max(1.0)
    };
    let is_cut = |(place, step): &(usize, &MotionStep)| {
        step.luma >= SCENE_LUMA && step.luma >= around(*place) * SCENE_TIMES
    };
    let cuts = steps.iter().enumerate().filter(is_cut);
    cuts.map(|(_, step)| *step).collect()
}

/// A picture that stops moving is the applicant's to mend. One that never moved may be a picture
/// in place of a camera: that is for people only, and nobody is told.
fn still(facts: &VideoFacts, checks: &VideoChecks) -> Finding {
    let steps = &facts.motion;
    let equal = steps.iter().filter(|step| step.is_still()).count();
    let share = equal as f64 / steps.len().max(1) as f64;
    if steps.len() < LEAST_STEPS || share >= STILL_SHARE {
        return Finding::reviewer("video.still", Outcome::Unsure, ENGINE).measured(
            share,
            STILL_SHARE,
            "share",
        );
    }
    let outcome = pass_or_retake(share < checks.frozen_share);
    Finding::applicant("video.frozen", outcome, ENGINE).measured(
        share,
        checks.frozen_share,
        "share",
    )
}

/// Was the last piece in before the words ran out?
fn in_time(record: &ArrivalRecord) -> Finding {
    let last = record.chunks.iter().map(|chunk| chunk.at_ms).max();
    let seconds = |from: i64, to: i64| to.saturating_sub(from) as f64 / SECOND;
    let allowed = seconds(record.created_at_ms, record.expires_at_ms);
    let used = last.map(|last| seconds(record.created_at_ms, last));
    let good = used.is_some_and(|used| used >= 0.0 && used <= allowed);
    Finding::applicant("video.slow_words", pass_or_retake(good), ENGINE).measured(
        used.unwrap_or(0.0),
        allowed,
        "s",
    )
}

/// Proof that it was recorded while it was sent. Without it people look; it is never a refusal.
fn live(facts: &VideoFacts, record: Option<&ArrivalRecord>, checks: &VideoChecks) -> Finding {
    let clock = record.and_then(|record| TakeClock::read(record, facts));
    let Some(clock) = clock else {
        return Finding::reviewer("video.live", Outcome::Unsure, ENGINE);
    };
    let outcome = if clock.is_live(checks.arrival_seconds) {
        Outcome::Pass
    } else {
        Outcome::Unsure
    };
    Finding::reviewer("video.live", outcome, ENGINE).measured(
        clock.greatest_seconds(),
        checks.arrival_seconds,
        "s",
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_packet_that_lasts_until_the_next_one_hides_no_hole() {
        let packet = |at_ms: f64, end_ms: f64| Packet {
            at_ms,
            end_ms,
            byte_end: None,
        };
        let track = [
            packet(0.0, 66.0),
            packet(66.0, 3_066.0),
            packet(3_066.0, 3_133.0),
        ];
        assert_eq!(longest_hole(&track), (3_000.0, 66.0));
        assert_eq!(longest_hole(&track[..1]), (0.0, 0.0));
    }
}
