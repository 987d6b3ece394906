//! Who must look at a case, and when enough have agreed.

use super::state::{Case, State, VerdictRecord};
use crate::actor::Rank;
use crate::case::event::{Decision, Part};
use crate::policy::Policy;

/// How many must agree, whatever policy says (statement 3).
const QUORUM_MIN: u32 = 2;

impl Case {
    /// Which part of a review waits for somebody, if one does.
    #[must_use]
    pub fn wanted_part(&self, policy: &Policy) -> Option<Part> {
        match self.state {
            State::Contested => Some(Part::Contest),
            State::Reviewing => Some(self.wanted_look(policy)),
            _ => None,
        }
    }

    fn wanted_look(&self, policy: &Policy) -> Part {
        match self.review.verdicts.as_slice() {
            [] => Part::First,
            [one] if one.decision == Decision::Approve && !self.wants_senior(policy) => {
                Part::Second
            }
            [one] if one.decision == Decision::Reject => Part::Second,
            _ => Part::Senior,
        }
    }

    /// Whether the next to agree must be a senior: for an exception, or as the last of a quorum
    /// that has none yet.
    fn wants_senior(&self, policy: &Policy) -> bool {
        let given = self.review.verdicts.len() + 1;
        let last = given >= policy.quorum.of(self.tier) as usize;
        let has_one = self.review.verdicts.iter().any(|v| v.rank == Rank::Senior);
        let tier = self.tier >= policy.quorum.senior_from && last && !has_one;
        self.needs_exception(policy) || tier
    }

    /// Whether these verdicts are enough for an approval: as many as the tier needs and never
    /// under two, with a senior's where the tier or an exception needs one (statement 3).
    #[must_use]
    pub fn quorum_reached(&self, agreed: &[&VerdictRecord], policy: &Policy) -> bool {
        let needed = policy.quorum.of(self.tier).max(QUORUM_MIN);
        let senior = |verdict: &&VerdictRecord| verdict.rank == Rank::Senior;
        let excepted = |verdict: &&VerdictRecord| senior(verdict) && verdict.exception.is_some();
        let seniority = self.tier < policy.quorum.senior_from || agreed.iter().any(senior);
        let exception = !self.needs_exception(policy) || agreed.iter().any(excepted);
        agreed.len() >= needed as usize && seniority && exception
    }
}
