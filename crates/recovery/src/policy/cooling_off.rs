//! Waits after an approval.

use serde::{Deserialize, Serialize};

use super::PolicyError;

/// Waits after an approval, in hours.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs, reason = "each key is explained in policy.default.toml")]
pub struct CoolingOff {
    pub standard_hours: i64,
    pub elevated_hours: i64,
    pub high_hours: i64,
    pub exceptional_hours: i64,
    pub after_contest_hours: i64,
}

impl CoolingOff {
    /// Higher tiers wait longer, and a contested case no less than they do.
    pub(super) fn check(&self, faults: &mut Vec<PolicyError>) {
        let tiers = [
            ("standard_hours", self.standard_hours),
            ("elevated_hours", self.elevated_hours),
            ("high_hours", self.high_hours),
            ("exceptional_hours", self.exceptional_hours),
        ];
        for ((lower, lower_hours), (key, hours)) in tiers.iter().zip(tiers.iter().skip(1)) {
            if lower_hours > hours {
                faults.push(PolicyError::WaitsShrink {
                    key,
                    hours: *hours,
                    lower,
                    lower_hours: *lower_hours,
                });
            }
        }
        if self.after_contest_hours < self.high_hours {
            faults.push(PolicyError::ContestWait {
                hours: self.after_contest_hours,
                least: self.high_hours,
            });
        }
    }
}
