//! Contested cases: how long both sides may show theirs, and who carries the burden.

use serde::{Deserialize, Serialize};

use super::{Bounds, HOURS_MAX};

/// The fewest seniors who must agree on anything (statement 4).
const SENIORS_MIN: u32 = 2;
/// The most that a policy may ask for.
const SENIORS_MAX: u32 = 5;

/// Contested cases. The burden is the applicant's wherever the objector has shown a live factor:
/// more seniors must then agree on the applicant, and the wait after it is longer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs, reason = "each key is explained in policy.default.toml")]
pub struct Contest {
    pub evidence_hours: i64,
    pub seniors: u32,
    pub seniors_against_live_factor: u32,
    pub wait_hours_against_live_factor: i64,
}

impl Contest {
    /// How many seniors must agree before the applicant is believed.
    #[must_use]
    pub fn for_applicant(&self, live_factor: bool) -> u32 {
        let wanted = if live_factor {
            self.seniors_against_live_factor
        } else {
            self.seniors
        };
        wanted.max(SENIORS_MIN)
    }

    /// How many must agree on anything else, which leaves the account as it is.
    #[must_use]
    pub fn against_applicant(&self) -> u32 {
        self.seniors.max(SENIORS_MIN)
    }

    /// Whoever shows a live factor must not be easier to beat than somebody who shows none.
    #[rustfmt::skip]
    pub(super) fn bounds(&self, after_contest_hours: i64) -> [Bounds; 4] {
        let (least, most) = (SENIORS_MIN.into(), SENIORS_MAX.into());
        let (seniors, against) = (self.seniors, self.seniors_against_live_factor);
        let hours = self.wait_hours_against_live_factor;
        [
            ("contest.evidence_hours", self.evidence_hours, 1, HOURS_MAX),
            ("contest.seniors", seniors.into(), least, most),
            ("contest.seniors_against_live_factor", against.into(), seniors.into(), most),
            ("contest.wait_hours_against_live_factor", hours, after_contest_hours, HOURS_MAX),
        ]
    }
}
