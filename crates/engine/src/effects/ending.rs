//! Timers, and the end of a case's data.

use recovery::case::{Effect, State, Timer, fired};
use recovery::id::CaseId;

use crate::engine::Engine;
use crate::jobs::Work;
use crate::worker::{Done, Later};

impl Engine {
    /// A moment has come: the rules say what it means now, if anything.
    pub(crate) async fn timer(&self, id: &CaseId, timer: &Timer) -> Result<Done, Later> {
        let case = self.case(id).await?;
        let (command, effect) = fired(&case, timer);
        let mut done = command.map_or_else(Done::nothing, |command| Done::command(id, command));
        if *timer == Timer::WaitEnd && case.state == State::CoolingOff {
            // Asked now and not before: what the platform can keep to may have changed.
            let thaws = self.0.platform.capabilities().await?.thaw;
            for (_, _, attached) in &mut done.commands {
                attached.thaws = thaws;
            }
        }
        let then = match effect {
            Some(Effect::Send(notice)) => Some(self.message(notice, &case, self.now().await?)),
            Some(Effect::IssueTicket) => Some(Work::IssueTicket),
            _ => None,
        };
        done.then = then.map(|work| (id.clone(), work));
        Ok(done)
    }

    /// Destroys the key first: from then on nothing that is left anywhere can be read.
    pub(crate) async fn destroy_data(&self, id: &CaseId) -> Result<Done, Later> {
        self.0.vault.destroy_case_key(id).await?;
        self.0.vault.delete_objects(id).await?;
        Ok(Done {
            erased: Some(id.clone()),
            ..Done::default()
        })
    }
}
