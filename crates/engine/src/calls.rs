//! Calls that the platform makes to us: verified, answered with our signature.

use platform::{Incoming, Verified};
use recovery::id::AccountRef;
use serde::de::DeserializeOwned;

use crate::engine::Engine;
use crate::error::{EngineError, Result};

/// A call whose signature was verified.
pub struct PlatformCall {
    engine: Engine,
    verified: Verified,
}

impl PlatformCall {
    /// Headers that sign the answer.
    #[must_use]
    pub fn answer_headers(&self, status: u16, body: &[u8]) -> Vec<(&'static str, String)> {
        self.engine
            .0
            .verifier
            .sign_answer(&self.verified, status, body)
    }

    /// The signature of an event of the stream that answers this call.
    #[must_use]
    pub fn event_signature(&self, place: u64, data: &str) -> String {
        let verifier = &self.engine.0.verifier;
        verifier.sign_event(&self.verified, place, data.as_bytes())
    }
}

impl Engine {
    /// Verifies signature, time and freshness of a platform's call.
    ///
    /// # Errors
    /// [`EngineError::NotFound`] for anything that is not the platform's: an outsider learns
    /// nothing from the difference.
    pub async fn verify_platform_call(&self, incoming: Incoming<'_>) -> Result<PlatformCall> {
        let now = (self.0.wall)();
        let verified = self.0.verifier.verify(&incoming, now).map_err(unsigned)?;
        // The memory of one process is not enough where several serve: the database remembers too.
        let nonce = incoming.nonce.unwrap_or_default();
        let mut tx = self.0.store.begin().await?;
        let expires = tx.now().await? + recovery::time::Span::hours(1);
        let fresh = tx.use_nonce(&format!("call/{nonce}"), expires).await?;
        tx.commit().await?;
        if !fresh {
            return Err(EngineError::NotFound);
        }
        Ok(PlatformCall {
            engine: self.clone(),
            verified,
        })
    }

    /// The same for a call that changes nothing: it may be repeated within its five minutes, and
    /// asks no database.
    ///
    /// # Errors
    /// As [`Engine::verify_platform_call`].
    pub fn verify_platform_read(&self, incoming: Incoming<'_>) -> Result<PlatformCall> {
        let now = (self.0.wall)();
        let verified = self.0.verifier.verify_read(&incoming, now);
        Ok(PlatformCall {
            engine: self.clone(),
            verified: verified.map_err(unsigned)?,
        })
    }
}

fn unsigned(error: platform::VerifyError) -> EngineError {
    tracing::warn!(error = %error, "a platform call was refused");
    EngineError::NotFound
}

/// The account of that reference; none where no platform could have such a one.
#[must_use]
pub fn account_named(text: &str) -> Option<AccountRef> {
    platform::paths::is_account_ref(text).then(|| AccountRef(text.to_owned()))
}

/// What a call is answered whose body is not in the contract's form.
pub(crate) fn malformed(sentence: impl Into<String>) -> EngineError {
    EngineError::Input {
        field: "body",
        code: "malformed",
        sentence: sentence.into(),
    }
}

/// A body in the contract's form, or what it must be.
pub(crate) fn in_form<T: DeserializeOwned>(body: &[u8], shape: impl Into<String>) -> Result<T> {
    serde_json::from_slice(body).map_err(|_| malformed(shape))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_account_is_named_without_climbing_out_of_its_place() {
        assert!(account_named("acc_01-A").is_some());
        for wrong in ["", "../x", "a/b", "a b", "a.b"] {
            assert!(account_named(wrong).is_none(), "{wrong}");
        }
        assert!(account_named(&"x".repeat(129)).is_none());
    }
}
