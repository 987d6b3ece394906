//! What an account may do while it has cases: one declarative allow-list, a function of events.

use serde::{Deserialize, Serialize};

use crate::case::{Case, State};
use crate::policy::Policy;
use crate::time::Timestamp;

/// How restricted an account is, from least to most.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Mode {
    /// Nothing is restricted.
    None,
    /// Recovered: everything is allowed, within limits that rise (B13).
    Thawing,
    /// New credentials work, money stays (M18).
    CoolingOff,
    /// Nobody signs in; old factors open one page: stop this recovery (M32).
    Locked,
    /// Stopped, contested, or not yet given back: nothing at all.
    Frozen,
}

/// What is allowed in a mode. Whatever is not named is refused.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Restriction {
    /// The mode.
    pub mode: Mode,
    /// Capability names the account keeps; meaningless when the mode is [`Mode::None`] or
    /// [`Mode::Thawing`].
    pub allow: Vec<String>,
    /// What may leave the account, when the mode is [`Mode::Thawing`].
    pub limits: Option<Limits>,
}

/// What may leave an account after a recovery.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Limits {
    /// Share of what the account holds that may leave it in 24 hours, in percent.
    pub daily_percent: u32,
    /// Whether it may only go to withdrawal addresses known before [`Self::known_before`].
    pub known_addresses_only: bool,
    /// When the recovery was asked for.
    pub known_before: Timestamp,
}

/// The mode that one case asks for.
#[must_use]
pub fn mode_of(case: &Case) -> Mode {
    match case.state {
        State::Gathering | State::Checking | State::Reviewing if case.lock.is_some() => {
            Mode::Locked
        }
        State::CoolingOff if case.handover.completed_at.is_some() => Mode::CoolingOff,
        State::CoolingOff => Mode::Locked,
        State::Stopped | State::Contested if case.froze_account => Mode::Frozen,
        State::Recovered if case.thaw.is_some() => Mode::Thawing,
        // Over without a recovery: the credentials of its handover must be out of force first.
        _ if case.restore_open() => Mode::Frozen,
        _ => Mode::None,
    }
}

/// The restriction of an account: the strictest that any of its cases asks for.
#[must_use]
pub fn of_account<'a>(cases: impl IntoIterator<Item = &'a Case>, policy: &Policy) -> Restriction {
    let cases: Vec<&Case> = cases.into_iter().collect();
    let limits = limits_of(cases.iter().copied());
    let mode = cases.into_iter().map(mode_of).max().unwrap_or(Mode::None);
    let allow = match mode {
        Mode::CoolingOff => policy.restrictions.cooling_off_allow.clone(),
        Mode::Locked => policy.restrictions.locked_allow.clone(),
        Mode::None | Mode::Thawing | Mode::Frozen => Vec::new(),
    };
    Restriction {
        mode,
        allow,
        limits: limits.filter(|_| mode == Mode::Thawing),
    }
}

/// The strictest limits of the account's recovered cases: an older one may still thaw.
fn limits_of<'a>(cases: impl Iterator<Item = &'a Case>) -> Option<Limits> {
    let of = |case: &Case| {
        case.thaw.map(|thaw| Limits {
            daily_percent: thaw.daily_percent,
            known_addresses_only: thaw.known_addresses_only,
            known_before: case.opened_at,
        })
    };
    cases.filter_map(of).reduce(|a, b| Limits {
        daily_percent: a.daily_percent.min(b.daily_percent),
        known_addresses_only: a.known_addresses_only || b.known_addresses_only,
        known_before: a.known_before.min(b.known_before),
    })
}
