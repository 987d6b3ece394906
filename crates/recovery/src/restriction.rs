//! What an account may do while it has cases: one declarative allow-list, a function of events.

use serde::{Deserialize, Serialize};

use crate::case::{Case, State};
use crate::policy::Policy;

/// How restricted an account is, from least to most.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Mode {
    /// Nothing is restricted.
    None,
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
    /// Capability names the account keeps; meaningless when the mode is [`Mode::None`].
    pub allow: Vec<String>,
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
        // Over without a recovery: the credentials of its handover must be out of force first.
        _ if case.restore_open() => Mode::Frozen,
        _ => Mode::None,
    }
}

/// The restriction of an account: the strictest that any of its cases asks for.
#[must_use]
pub fn of_account<'a>(cases: impl IntoIterator<Item = &'a Case>, policy: &Policy) -> Restriction {
    let mode = cases.into_iter().map(mode_of).max().unwrap_or(Mode::None);
    let allow = match mode {
        Mode::CoolingOff => policy.restrictions.cooling_off_allow.clone(),
        Mode::Locked => policy.restrictions.locked_allow.clone(),
        Mode::None | Mode::Frozen => Vec::new(),
    };
    Restriction { mode, allow }
}
