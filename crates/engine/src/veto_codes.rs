//! Veto codes on paper: made in advance, they stop a recovery of their account whatever else the
//! holder lost.

use platform::contract::VetoCodeAnswer;
use recovery::id::{AccountRef, read_symbols};
use recovery::sensitive::Sensitive;
use store::SecretDigest;

use crate::engine::Engine;
use crate::error::{EngineError, Result};
use crate::symbols::{grouped, symbols};

/// Purpose of the digest under which a code is known again.
const VETO_CODE: &str = "veto_code";
/// Symbols of a code: 100 bits. Nobody is there to notice that somebody guesses.
const CODE_SYMBOLS: usize = 20;

impl Engine {
    pub(crate) fn veto_code_digest(&self, typed: &str) -> SecretDigest {
        self.keyed_digest(VETO_CODE, &read_symbols(typed))
    }

    /// A new code, as people copy it, and what is kept of it.
    pub(crate) fn new_veto_code(&self) -> (Sensitive<String>, SecretDigest) {
        let code = self.random(|rng| symbols(rng, CODE_SYMBOLS));
        let digest = self.veto_code_digest(code.reveal());
        (grouped(code.reveal().chars()), digest)
    }

    /// A new code for the holder, who is signed in at the platform. Once a recovery of the account
    /// passed its first checks, none is made: what can stop it must be older than it is.
    ///
    /// # Errors
    /// [`EngineError::Input`] while such a recovery is under way; or when the database does not
    /// answer.
    pub async fn platform_veto_code(&self, account: &AccountRef) -> Result<VetoCodeAnswer> {
        let mut tx = self.0.store.begin().await?;
        let rows = tx.cases_of_account(account).await?;
        if rows
            .iter()
            .any(|row| row.holds_approval || (row.open && row.phase1_passed))
        {
            return Err(EngineError::Input {
                field: "account",
                code: "under_recovery",
                sentence: "a recovery of this account is under way; ask again when it is over"
                    .to_owned(),
            });
        }
        let made_at = tx.now().await?;
        let (code, digest) = self.new_veto_code();
        tx.put_veto_code(&digest, account, None).await?;
        tx.commit().await?;
        tracing::info!(%account, "a veto code was made");
        Ok(VetoCodeAnswer {
            code,
            made_at,
            stop_page_url: self.link("stop").reveal().clone(),
        })
    }
}
