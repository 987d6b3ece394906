//! What people should know of a case that no check finds: flags, set by what somebody does on a
//! page. They route; they decide nothing.

use recovery::id::CaseId;

use crate::engine::Engine;
use crate::error::Result;
use crate::record::piece;

impl Engine {
    /// Somebody seems to be telling the applicant what to do: seniors see a private flag.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn flag_pressure(&self, id: &CaseId) -> Result<()> {
        self.flag(id, "pressure").await
    }

    /// Adds a flag to those of the case, once.
    pub(super) async fn flag(&self, id: &CaseId, flag: &str) -> Result<()> {
        let flags: Option<Vec<String>> = self.unseal(id, piece::FLAGS).await?;
        let mut flags = flags.unwrap_or_default();
        if flags.iter().any(|known| known == flag) {
            return Ok(());
        }
        flags.push(flag.to_owned());
        let sealed = self.seal(id, piece::FLAGS, &flags).await?;
        let mut tx = self.0.store.begin().await?;
        tx.put_sealed(id, piece::FLAGS, &sealed).await?;
        tx.commit().await?;
        Ok(())
    }
}
