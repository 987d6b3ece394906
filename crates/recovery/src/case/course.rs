//! How a case went: times and counts for the operator's figures (M30). No rule reads them.

use std::collections::BTreeMap;

use crate::case::event::{Decision, Event, Part};
use crate::case::record::Recorded;
use crate::case::state::{State, VerdictRecord};
use crate::evidence::EvidenceKind;
use crate::time::{Span, Timestamp};

/// Times and counts of one case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Course {
    /// When the present state began.
    entered_at: Timestamp,
    /// Time in each state that was left, all stays together.
    pub spent: BTreeMap<State, Span>,
    /// The first approval or refusal.
    pub decided_at: Option<Timestamp>,
    /// How often the machine asked again.
    pub returns_by_machine: u32,
    /// What was asked for again, with its reason, and how often.
    pub asked: BTreeMap<(EvidenceKind, String), u32>,
    /// First and second looks that came to the same decision.
    pub agreed: u32,
    /// First and second looks that did not.
    pub differed: u32,
}

impl Course {
    /// Of a case that has just been opened.
    #[must_use]
    pub const fn opened(now: Timestamp) -> Self {
        Self {
            entered_at: now,
            spent: BTreeMap::new(),
            decided_at: None,
            returns_by_machine: 0,
            asked: BTreeMap::new(),
            agreed: 0,
            differed: 0,
        }
    }

    /// After an event; `was` and `is` are the states around it, `verdicts` those of the review.
    pub(super) fn follow(
        &mut self,
        was: State,
        is: State,
        verdicts: &[VerdictRecord],
        recorded: &Recorded,
    ) {
        let now = recorded.at;
        if was != is {
            let spent = self.spent.entry(was).or_default();
            *spent = *spent + now.since(self.entered_at);
            self.entered_at = now;
        }
        match &recorded.event {
            Event::CaseReturned {
                items, by_machine, ..
            } => {
                self.returns_by_machine += u32::from(*by_machine);
                for item in items {
                    *self.asked.entry(item.clone()).or_default() += 1;
                }
            }
            Event::CaseApproved { .. } | Event::CaseRejected { .. } => {
                self.decided_at.get_or_insert(now);
            }
            Event::VerdictGiven { .. } => self.compare(verdicts),
            _ => {}
        }
    }

    /// Counts a second look against the first one.
    fn compare(&mut self, verdicts: &[VerdictRecord]) {
        let ([first, second] | [first, .., second]) = verdicts else {
            return;
        };
        let looks = (first.part, second.part) == (Part::First, Part::Second);
        let plain = |verdict: &VerdictRecord| {
            matches!(verdict.decision, Decision::Approve | Decision::Reject)
        };
        if !looks || !plain(second) {
            return;
        }
        if first.decision == second.decision {
            self.agreed += 1;
        } else {
            self.differed += 1;
        }
    }
}
