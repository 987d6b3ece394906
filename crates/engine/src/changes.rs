//! The platform tells that something of an account changed while its recovery waits.

use recovery::actor::Actor;
use recovery::case::{ChangeKind, Command, Refusal, State, ToldChange};
use recovery::id::AccountRef;
use recovery::time::Timestamp;

use crate::engine::Engine;
use crate::error::{EngineError, Result};
use crate::handle::Attached;

/// Purpose of the digest under which a change is known again.
const CHANGE: &str = "account_change";

impl Engine {
    /// Makes the wait of the account's approved case longer, by policy; says whether it did. `name`
    /// is the platform's own for this change: told again, it makes nothing longer.
    ///
    /// # Errors
    /// When the database does not answer; then the platform must call again.
    pub async fn platform_change(
        &self,
        account: &AccountRef,
        kind: ChangeKind,
        name: &str,
        happened_at: Timestamp,
    ) -> Result<bool> {
        let told = ToldChange {
            kind,
            key: self
                .0
                .vault
                .blind_index(CHANGE, &format!("{account}/{name}")),
            happened_at,
        };
        let rows = self.0.store.read().await?.cases_of_account(account).await?;
        let mut longer = false;
        for row in rows {
            if row.state != State::CoolingOff.name() {
                continue;
            }
            let before = self.case(&row.id).await?.version;
            let command = Command::NoteChange { told: told.clone() };
            let attached = Attached::default();
            match self
                .handle(&row.id, &Actor::Platform, &command, &attached)
                .await
            {
                Ok(case) => longer |= case.version > before,
                // Not waiting any more, not yet, or told before.
                Err(EngineError::Refused(Refusal::WrongStep | Refusal::AlreadyDone)) => {}
                Err(error) => return Err(error),
            }
        }
        Ok(longer)
    }
}
