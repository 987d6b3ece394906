//! What came of one applicant, and how many came to what, with intervals.

use recovery::case::State;
use recovery::policy::Tier;
use recovery::risk::Lane;
use recovery::share::Share;
use recovery::time::Span;

/// Milliseconds of an hour.
const HOUR: f64 = 3_600_000.0;

/// What came of one applicant.
#[derive(Debug, Clone)]
pub(crate) struct Outcome {
    /// Recovered, and nobody stopped it within the veto window.
    pub(crate) recovered: bool,
    /// Recovered, and stopped within the veto window.
    pub(crate) stopped_late: bool,
    /// Approved at some time.
    pub(crate) approved: bool,
    /// Somebody objected.
    pub(crate) stopped: bool,
    /// All checks passed and the machine locked the account.
    pub(crate) machine_passed: bool,
    /// Asked to send again, and did not.
    pub(crate) gave_up: bool,
    /// Nobody was left whom the rules let look.
    pub(crate) stranded: bool,
    /// A case that did not end: an error of the simulation.
    pub(crate) stuck: bool,
    /// Somebody without the case key began the handover.
    pub(crate) strangers_handover: bool,
    /// From sending to the first approval or refusal.
    pub(crate) decided_after: Option<Span>,
    /// Looks of people, and their minutes.
    pub(crate) looks: u32,
    pub(crate) minutes: f64,
    /// Returns by machine and people.
    pub(crate) returns: u32,
    /// Where the case first waited for people.
    pub(crate) lane: Option<Lane>,
    /// The last tier.
    pub(crate) tier: Tier,
    /// How it ended.
    pub(crate) end: State,
}

impl Default for Outcome {
    fn default() -> Self {
        Self {
            recovered: false,
            stopped_late: false,
            approved: false,
            stopped: false,
            machine_passed: false,
            gave_up: false,
            stranded: false,
            stuck: false,
            strangers_handover: false,
            decided_after: None,
            looks: 0,
            minutes: 0.0,
            returns: 0,
            lane: None,
            tier: Tier::High,
            end: State::Gathering,
        }
    }
}

impl Outcome {
    /// Two requests of one applicant together.
    pub(crate) fn and(&self, next: &Self) -> Self {
        Self {
            recovered: self.recovered || next.recovered,
            stopped_late: self.stopped_late || next.stopped_late,
            approved: self.approved || next.approved,
            stopped: self.stopped || next.stopped,
            machine_passed: self.machine_passed || next.machine_passed,
            gave_up: next.gave_up,
            stranded: self.stranded || next.stranded,
            stuck: self.stuck || next.stuck,
            strangers_handover: self.strangers_handover || next.strangers_handover,
            decided_after: self.decided_after.or(next.decided_after),
            looks: self.looks + next.looks,
            minutes: self.minutes + next.minutes,
            returns: self.returns + next.returns,
            lane: self.lane.or(next.lane),
            tier: next.tier,
            end: next.end,
        }
    }
}

/// How many of these outcomes.
pub(crate) fn share_of(outcomes: &[&Outcome], what: impl Fn(&Outcome) -> bool) -> Share {
    let count = outcomes.iter().filter(|one| what(one)).count();
    Share::new(count as u64, outcomes.len() as u64)
}

/// Hours at a quantile (the nearest rank), of those who have any; none where nobody has.
pub(crate) fn hours_at(hours: &[f64], quantile: f64) -> Option<f64> {
    let rank = (hours.len() as f64 * quantile).ceil().max(1.0) as usize;
    hours.get(rank - 1).copied()
}

/// Hours from sending to the first decision, in order.
pub(crate) fn decided_hours(outcomes: &[&Outcome]) -> Vec<f64> {
    let spans = outcomes.iter().filter_map(|one| one.decided_after);
    let mut hours: Vec<f64> = spans.map(|span| span.as_millis() as f64 / HOUR).collect();
    hours.sort_by(f64::total_cmp);
    hours
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_are_nearest_ranks() {
        let hours = [1.0, 2.0, 3.0, 4.0];
        assert_eq!(hours_at(&hours, 0.5), Some(2.0));
        assert_eq!(hours_at(&hours, 0.9), Some(4.0));
        assert_eq!(hours_at(&[], 0.5), None);
    }
}
