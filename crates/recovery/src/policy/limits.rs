//! The least and the most of every number, gathered from where a policy is held to them.

use std::collections::BTreeMap;
use std::fmt;

use super::keys::{self, Within};
use super::{DEFAULT, Policy};

/// The least and the most a number may be.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Limits {
    /// Of a whole number.
    Whole(i64, i64),
    /// Of a number.
    Number(f64, f64),
}

impl Limits {
    /// Whether a number lies within.
    #[must_use]
    pub fn hold(&self, value: f64) -> bool {
        match *self {
            // A whole number's value never comes here: the table of keys says which is which.
            Self::Whole(..) => false,
            Self::Number(min, max) => (min..=max).contains(&value),
        }
    }

    /// Whether a whole number lies within.
    #[must_use]
    pub fn hold_whole(&self, value: i64) -> bool {
        match *self {
            Self::Whole(min, max) => (min..=max).contains(&value),
            Self::Number(min, max) => {
                i32::try_from(value).is_ok_and(|v| (min..=max).contains(&v.into()))
            }
        }
    }
}

impl fmt::Display for Limits {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Whole(min, max) => write!(f, "{min} to {max}"),
            Self::Number(min, max) => write!(f, "{min} to {max}"),
        }
    }
}

impl Policy {
    /// The limits of each number by its whole key. Where one key bounds another, by this policy's
    /// value ([`super::keys::Within`] says which).
    #[must_use]
    pub fn limits(&self) -> BTreeMap<&'static str, Limits> {
        let whole = self.whole_bounds();
        let whole = whole.map(|(key, _, min, max)| (key, Limits::Whole(min, max)));
        let numbers = self.checks.bounds().into_iter();
        let numbers = numbers.chain(self.clues.bounds()).chain(self.risk.bounds());
        let numbers = numbers.map(|(key, _, min, max)| (key, Limits::Number(min, max)));
        whole.chain(numbers).collect()
    }
}

/// The limits of each number by its whole key, as wide as any policy's can be: a bound that is
/// another key's value is that key's own bound.
pub(super) fn widest() -> BTreeMap<&'static str, Limits> {
    let narrow = Policy::parse(DEFAULT)
        .map(|policy| policy.limits())
        .unwrap_or_default();
    let wide = |key: &&'static str| (*key, wide(&narrow, key));
    let all = narrow.keys().map(wide);
    all.filter_map(|(key, limits)| Some((key, limits?)))
        .collect()
}

/// Follows bounds from key to key; [`Policy::limits`] has no circle, and no chain as long as this.
const HOPS_MAX: usize = 8;

fn wide(narrow: &BTreeMap<&'static str, Limits>, key: &str) -> Option<Limits> {
    let mut limits = *narrow.get(key)?;
    let mut at = keys::key(key)?.within;
    for _ in 0..HOPS_MAX {
        let Some(within) = at else { break };
        let (Within::From(other) | Within::UpTo(other)) = within;
        let theirs = *narrow.get(other)?;
        limits = match (within, limits, theirs) {
            (Within::From(_), Limits::Whole(_, max), Limits::Whole(min, _))
            | (Within::UpTo(_), Limits::Whole(min, _), Limits::Whole(_, max)) => {
                Limits::Whole(min, max)
            }
            (Within::From(_), Limits::Number(_, max), Limits::Number(min, _))
            | (Within::UpTo(_), Limits::Number(min, _), Limits::Number(_, max)) => {
                Limits::Number(min, max)
            }
            (_, limits, _) => limits,
        };
        at = keys::key(other)?.within;
    }
    Some(limits)
}
