//! After the wait: limits that rise step by step (B13).

use super::{Ask, Decided};
use crate::case::event::Event;
use crate::case::refusal::Refusal;
use crate::case::state::State;
use crate::time::Timestamp;

/// The limits that hold now, as an event.
fn limits(ask: &Ask<'_>, recovered: Timestamp) -> Option<Event> {
    let rung = ask.facts.policy.thaw.at(recovered, ask.now)?;
    Some(Event::LimitsSet {
        daily_percent: rung.daily_percent,
        known_addresses_only: rung.known_addresses_only,
        until: rung.until,
    })
}

/// The limits with which a recovery begins; none where the platform cannot enforce them.
pub(super) fn first(ask: &Ask<'_>) -> Option<Event> {
    limits(ask, ask.now).filter(|_| ask.facts.thaws)
}

/// The next step, once its time has come. Steps that were missed are left out.
pub(super) fn step(ask: &Ask<'_>) -> Decided {
    let (Some(thaw), Some(recovered)) = (&ask.case.thaw, ask.case.recovered_at) else {
        return Err(Refusal::WrongStep);
    };
    if ask.case.state != State::Recovered {
        return Err(Refusal::WrongStep);
    }
    if ask.now < thaw.until {
        return Err(Refusal::TooEarly { until: thaw.until });
    }
    Ok(vec![limits(ask, recovered).unwrap_or(Event::LimitsEnded)])
}
