//! Which account an identifier means: the platform knows.

use platform::contract::ResolveRequest;
use recovery::case::{Command, Resolution};
use recovery::id::CaseId;
use recovery::sensitive::Sensitive;

use crate::engine::Engine;
use crate::record::piece;
use crate::worker::{Done, Later};

impl Engine {
    pub(crate) async fn resolve_account(&self, id: &CaseId) -> Result<Done, Later> {
        let identifier: Option<Sensitive<String>> = self.unseal(id, piece::IDENTIFIER).await?;
        let Some(identifier) = identifier else {
            return Ok(Done::nothing());
        };
        // The same digest as `give_identifier` makes: the answer counts only for this identifier.
        let typed = identifier.reveal().to_lowercase();
        let index = self.0.vault.blind_index("identifier", &typed);
        let found = self
            .0
            .platform
            .resolve(&ResolveRequest { identifier })
            .await?;
        let resolution = match found {
            Some(account) => Resolution::Known { account },
            None => Resolution::Unknown,
        };
        let mut done = Done::command(id, Command::ResolveAccount { resolution });
        done.only_for = Some((id.clone(), index));
        Ok(done)
    }
}
