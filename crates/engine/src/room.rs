//! Who may still add to a case. Whoever fills it leaves room for the other side, and both for the
//! holder's veto, the freeze and the erasure, which the store would refuse at its own limit of
//! 10,000 events. Real cases have a few hundred.

use recovery::actor::Actor;
use recovery::case::{Command, Refusal};

use crate::error::Result;

/// Events that applicants, and that reviewers, may add to a case.
const OWN_MAX: u64 = 4_000;
/// The same for whatever decides nothing, so that who did it can still send, stop or dispute, and
/// that other reviewers can decide.
const REPEATED_MAX: u64 = 3_000;

/// How many events of a case came from each side.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Entries {
    applicant: u64,
    reviewers: u64,
}

impl Entries {
    /// Counts an event of this actor.
    pub(crate) const fn count(&mut self, actor: &Actor) {
        match actor {
            Actor::Applicant => self.applicant += 1,
            Actor::Reviewer { .. } => self.reviewers += 1,
            Actor::Holder { .. } | Actor::Platform | Actor::System => {}
        }
    }

    /// Whether this side may still do that.
    ///
    /// # Errors
    /// [`Refusal::TooMany`] if not.
    pub(crate) fn leave_room(self, actor: &Actor, command: &Command) -> Result<()> {
        let own = match actor {
            Actor::Applicant => self.applicant,
            Actor::Reviewer { .. } => self.reviewers,
            Actor::Holder { .. } | Actor::Platform | Actor::System => return Ok(()),
        };
        let most = if decides(command) {
            OWN_MAX
        } else {
            REPEATED_MAX
        };
        if own >= most {
            return Err(Refusal::TooMany.into());
        }
        Ok(())
    }
}

/// What brings a case on or ends it. All else may be done over and over.
const fn decides(command: &Command) -> bool {
    matches!(
        command,
        Command::Submit { .. }
            | Command::CompleteHandover
            | Command::Dispute
            | Command::Appeal
            | Command::Withdraw
            | Command::Assign { .. }
            | Command::GiveVerdict { .. }
            | Command::Vote { .. }
    )
}
