//! What is to happen when: the virtual clock of one applicant.

use recovery::case::{SecuringVerb, Timer};
use recovery::time::Timestamp;

/// Something that happens at a moment.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Doing {
    /// A timer of the case fires.
    Timer(Timer),
    /// The checks of a round have answered.
    Checks(u32),
    /// A ticket is asked for.
    Ticket,
    /// The platform acknowledges the freeze.
    Freeze,
    /// The platform has handed over the notices of the approval with that event number.
    Notices(u64),
    /// The platform secures, and it is read back.
    Secure(SecuringVerb),
    /// Somebody takes the case and decides.
    Look,
    /// The applicant sends again what was asked for.
    Retake,
    /// The applicant binds new credentials.
    HandOver,
    /// The applicant disputes.
    Dispute,
    /// The applicant appeals.
    Appeal,
    /// The holder objects on a channel.
    Veto(&'static str),
}

/// Entries by moment, and among equals by the order in which they came.
#[derive(Debug, Default)]
pub(crate) struct Agenda {
    entries: Vec<(Timestamp, u32, Doing)>,
    count: u32,
}

impl Agenda {
    /// Adds one.
    pub(crate) fn add(&mut self, at: Timestamp, doing: Doing) {
        self.count += 1;
        self.entries.push((at, self.count, doing));
    }

    /// Takes the earliest out.
    pub(crate) fn next(&mut self) -> Option<(Timestamp, Doing)> {
        let earliest =
            |(place, (at, order, _)): (usize, &(Timestamp, u32, Doing))| ((*at, *order), place);
        let place = self.entries.iter().enumerate().map(earliest).min()?.1;
        let (at, _, doing) = self.entries.swap_remove(place);
        Some((at, doing))
    }

    /// Whether this is planned.
    pub(crate) fn holds(&self, doing: &Doing) -> bool {
        self.entries.iter().any(|(_, _, planned)| planned == doing)
    }
}
