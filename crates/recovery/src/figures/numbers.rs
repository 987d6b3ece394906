//! Counters put together into what an operator reads.

use std::collections::BTreeMap;

use super::{HOURS, tells};
use crate::share::Share;

/// The group of the process's own figure: full KYC and ordinary history.
const ORDINARY: &str = "ordinary";

/// One counter as it is stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// Month of opening, `2026-11`.
    pub month: String,
    /// Version of the policy that the cases have.
    pub policy: String,
    /// The counter's name.
    pub name: String,
    /// Its label.
    pub label: String,
    /// How many.
    pub count: i64,
    /// Their time together in ms.
    pub total_ms: i64,
}

/// What came of cases, of one month and policy or of all.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Ends {
    counts: BTreeMap<(String, String), u64>,
}

impl Ends {
    fn add(&mut self, label: &str, count: u64) {
        if let Some((group, end)) = label.split_once('.') {
            let key = (group.to_owned(), end.to_owned());
            *self.counts.entry(key).or_default() += count;
        }
    }

    /// Cases of a group that came to an end, by name; `open` are those that did not.
    #[must_use]
    pub fn of(&self, group: &str, end: &str) -> u64 {
        let key = (group.to_owned(), end.to_owned());
        self.counts.get(&key).copied().unwrap_or(0)
    }

    /// Recovered of those that were sent and ended: full KYC and ordinary history.
    #[must_use]
    pub fn success(&self) -> Share {
        self.share(|group| group == ORDINARY)
    }

    /// The same of every account that the platform knows.
    #[must_use]
    pub fn success_of_all(&self) -> Share {
        self.share(tells)
    }

    fn share(&self, counts: impl Fn(&str) -> bool) -> Share {
        let (mut recovered, mut ended) = (0, 0);
        for ((group, end), count) in &self.counts {
            if counts(group) && end != "open" {
                ended += count;
                recovered += if end == "recovered" { *count } else { 0 };
            }
        }
        Share::new(recovered, ended)
    }

    /// Every group, end and count, in order.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str, u64)> {
        let counts = self.counts.iter();
        counts.map(|((group, end), count)| (group.as_str(), end.as_str(), *count))
    }
}

/// How long something took: counts by class.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Spread {
    /// By the place of the class in [`HOURS`]; the last one is longer than all.
    pub counts: [u64; HOURS.len() + 1],
    /// All of them together in ms.
    pub total_ms: i64,
}

impl Spread {
    fn add(&mut self, class: &str, count: u64, total_ms: i64) {
        let hours = class.parse::<i64>().ok();
        let place = hours.and_then(|hours| HOURS.iter().position(|end| *end == hours));
        if let Some(slot) = self.counts.get_mut(place.unwrap_or(HOURS.len())) {
            *slot += count;
        }
        self.total_ms += total_ms;
    }

    /// How many were counted.
    #[must_use]
    pub fn count(&self) -> u64 {
        self.counts.iter().sum()
    }

    /// Hours within which this share of them lies: the upper end of the class. None of none, and
    /// none where it lies beyond the last class.
    #[must_use]
    pub fn within(&self, share: f64) -> Option<i64> {
        let wanted = (self.count() as f64 * share).ceil().max(1.0) as u64;
        let mut seen = 0;
        for (count, hours) in self.counts.iter().zip(HOURS) {
            seen += count;
            if seen >= wanted {
                return Some(hours);
            }
        }
        None
    }
}

/// Everything that the page shows.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Numbers {
    /// All together.
    pub all: Ends,
    /// By month of opening and policy version, the newest month first.
    pub months: Vec<(String, String, Ends)>,
    /// By phase: gathering, decision, checking, reviewing, cooling_off.
    pub times: BTreeMap<String, Spread>,
    /// How often it was asked again: by `machine`, by `people`, and in how many `cases`.
    pub returned: BTreeMap<String, u64>,
    /// What was asked for again: part, reason, how often; the most frequent first.
    pub asked: Vec<(String, String, u64)>,
    /// First and second looks that came to the same decision, of all.
    pub agreement: (u64, u64),
}

impl Numbers {
    /// From the counters; names that nobody knows any more are left out.
    #[must_use]
    pub fn of(rows: &[Row]) -> Self {
        let mut numbers = Self::default();
        let mut months: BTreeMap<(String, String), Ends> = BTreeMap::new();
        let mut asked: BTreeMap<(String, String), u64> = BTreeMap::new();
        for row in rows {
            // A counter is a sum of what cases add; it is never below nothing.
            let count = u64::try_from(row.count).unwrap_or(0);
            match (row.name.as_str(), row.label.split_once('.')) {
                ("end", _) => {
                    numbers.all.add(&row.label, count);
                    let key = (row.month.clone(), row.policy.clone());
                    months.entry(key).or_default().add(&row.label, count);
                }
                ("time", Some((phase, class))) => {
                    let spread = numbers.times.entry(phase.to_owned()).or_default();
                    spread.add(class, count, row.total_ms);
                }
                ("asked", Some((kind, code))) => {
                    let key = (kind.to_owned(), code.to_owned());
                    *asked.entry(key).or_default() += count;
                }
                ("returned", _) => {
                    *numbers.returned.entry(row.label.clone()).or_default() += count;
                }
                ("looks", _) => {
                    numbers.agreement.0 += if row.label == "agreed" { count } else { 0 };
                    numbers.agreement.1 += count;
                }
                _ => {}
            }
        }
        let months = months.into_iter().rev();
        numbers.months = months
            .map(|((month, policy), ends)| (month, policy, ends))
            .collect();
        let asked = asked.into_iter().filter(|(_, count)| *count > 0);
        numbers.asked = asked.map(|((kind, code), n)| (kind, code, n)).collect();
        numbers
            .asked
            .sort_by_key(|(.., count)| std::cmp::Reverse(*count));
        numbers
    }

    /// Cases of known accounts that were sent, ended or not.
    #[must_use]
    pub fn sent(&self) -> u64 {
        let counts = self.all.iter().filter(|(group, ..)| tells(group));
        counts.map(|(.., count)| count).sum()
    }

    /// Sent cases in which something was asked for again.
    #[must_use]
    pub fn returned_share(&self) -> Share {
        Share::new(
            self.returned.get("cases").copied().unwrap_or(0),
            self.sent(),
        )
    }

    /// First and second looks that came to the same decision.
    #[must_use]
    pub fn agreed(&self) -> Share {
        Share::new(self.agreement.0, self.agreement.1)
    }
}
