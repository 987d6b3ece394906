//! How limits rise after the wait (B13): step by step, and at first to addresses known before.

use serde::{Deserialize, Serialize};

use super::Bounds;
use crate::time::{Span, Timestamp};

/// The longest a thaw may take: the shortest veto window, so that it ends before a case's data may
/// be destroyed.
const HOURS_MAX: i64 = 24 * 7;

/// The ladder. A share is of what the account holds, and may leave it in 24 hours.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs, reason = "each key is explained in policy.default.toml")]
pub struct Thaw {
    pub in_steps: bool,
    pub first_hours: i64,
    pub first_percent: i64,
    pub second_hours: i64,
    pub second_percent: i64,
    pub third_hours: i64,
    pub third_percent: i64,
    pub known_addresses_hours: i64,
}

/// What holds until a moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rung {
    /// Share of what the account holds that may leave it in 24 hours, in percent.
    pub daily_percent: u32,
    /// Whether value may only go to withdrawal addresses known before the case.
    pub known_addresses_only: bool,
    /// Until when.
    pub until: Timestamp,
}

impl Thaw {
    /// What holds at a moment after a recovery; none when everything is open.
    #[must_use]
    pub fn at(&self, recovered: Timestamp, now: Timestamp) -> Option<Rung> {
        if !self.in_steps {
            return None;
        }
        let steps = [
            (self.first_hours, self.first_percent),
            (self.second_hours, self.second_percent),
            (self.third_hours, self.third_percent),
        ];
        let known = recovered + Span::hours(self.known_addresses_hours);
        let ends = |hours: i64| recovered + Span::hours(hours);
        let (hours, percent) = steps.into_iter().find(|(hours, _)| now < ends(*hours))?;
        let known_addresses_only = now < known;
        let until = ends(hours);
        Some(Rung {
            daily_percent: u32::try_from(percent).unwrap_or(0),
            known_addresses_only,
            until: if known_addresses_only {
                until.min(known)
            } else {
                until
            },
        })
    }

    /// Every rung from a recovery on, in order.
    #[must_use]
    pub fn ladder(&self, recovered: Timestamp) -> Vec<Rung> {
        let mut rungs = Vec::new();
        let mut now = recovered;
        while let Some(rung) = self.at(recovered, now) {
            rungs.push(rung);
            now = rung.until;
        }
        rungs
    }

    /// Each number with its bounds: limits only rise.
    #[rustfmt::skip]
    pub(super) const fn bounds(&self) -> [Bounds; 7] {
        [
            ("thaw.first_hours", self.first_hours, 0, HOURS_MAX),
            ("thaw.first_percent", self.first_percent, 0, 100),
            ("thaw.second_hours", self.second_hours, self.first_hours, HOURS_MAX),
            ("thaw.second_percent", self.second_percent, self.first_percent, 100),
            ("thaw.third_hours", self.third_hours, self.second_hours, HOURS_MAX),
            ("thaw.third_percent", self.third_percent, self.second_percent, 100),
            ("thaw.known_addresses_hours", self.known_addresses_hours, 0, self.third_hours),
        ]
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::super::{DEFAULT, Policy};
    use super::*;

    #[test]
    fn the_ladder_that_ships_rises_and_ends_with_the_veto_window() {
        let policy = Policy::parse(DEFAULT).unwrap();
        let start = Timestamp::from_millis(0);
        let rungs = policy.thaw.ladder(start);
        let told: Vec<_> = rungs
            .iter()
            .map(|rung| {
                let hours = rung.until.since(start).as_millis() / 3_600_000;
                (hours, rung.daily_percent, rung.known_addresses_only)
            })
            .collect();
        assert_eq!(told, [(24, 10, true), (72, 25, true), (168, 50, false)]);
    }

    #[test]
    fn limits_that_fall_are_refused() {
        for (from, to, key) in [
            (
                "second_percent = 25",
                "second_percent = 9",
                "thaw.second_percent",
            ),
            ("third_hours = 168", "third_hours = 71", "thaw.third_hours"),
            ("third_hours = 168", "third_hours = 169", "thaw.third_hours"),
            (
                "known_addresses_hours = 72",
                "known_addresses_hours = 169",
                "thaw.known_addresses_hours",
            ),
        ] {
            assert!(DEFAULT.contains(from), "{from}");
            let error = Policy::parse(&DEFAULT.replace(from, to)).unwrap_err();
            assert!(error.to_string().starts_with(key), "{error}");
        }
    }

    #[test]
    fn a_document_from_before_limits_rose_takes_what_ships() {
        let mut document: toml::Table = toml::from_str(DEFAULT).unwrap();
        assert!(document.remove("thaw").is_some());
        let older = Policy::parse(&toml::to_string(&document).unwrap()).unwrap();
        assert_eq!(older.thaw, Policy::parse(DEFAULT).unwrap().thaw);
    }
}
