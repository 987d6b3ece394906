//! The approval: how long the wait after it is.

use super::Ask;
use crate::case::event::Event;
use crate::case::sides::Stop;
use crate::id::ReviewerId;
use crate::policy::{COOLING_OFF_HOURS_MIN, Tier};
use crate::time::Span;

/// The shortest wait, whatever policy says (statement 1).
const WAIT_MIN: Span = Span::hours(COOLING_OFF_HOURS_MIN);

/// The approval itself: at least the tier's wait, longer after a contest, and never over before
/// an earlier wait of this case would have been (statement 1).
pub(super) fn approval(ask: &Ask<'_>, approvers: Vec<ReviewerId>, tier: Tier) -> Event {
    let case = ask.case;
    let mut wait = ask.facts.policy.wait(tier).max(WAIT_MIN);
    if case.stop.is_some() || case.won_a_contest() {
        wait = wait.max(Span::hours(
            ask.facts.policy.cooling_off.after_contest_hours,
        ));
    }
    let live = case.stop.as_ref().is_some_and(Stop::has_live_factor);
    if live || case.beat_live_factor {
        wait = wait.max(Span::hours(
            ask.facts.policy.contest.wait_hours_against_live_factor,
        ));
    }
    if let Some(earlier) = &case.wait {
        let left = earlier.until.map_or(Span::ZERO, |u| u.since(ask.now));
        wait = wait.max(earlier.span).max(left);
    }
    let hour = Span::hours(1).as_millis();
    Event::CaseApproved {
        approvers,
        tier,
        wait_hours: wait.as_millis().saturating_add(hour - 1) / hour,
    }
}
