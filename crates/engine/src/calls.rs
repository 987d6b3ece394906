//! Calls that the platform makes to us: verified, answered with our signature.

use platform::{Incoming, Verified};

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
}

impl Engine {
    /// Verifies signature, time and freshness of a platform's call.
    ///
    /// # Errors
    /// [`EngineError::NotFound`] for anything that is not the platform's: an outsider learns
    /// nothing from the difference.
    pub async fn verify_platform_call(
        &self,
        method: &str,
        path_and_query: &str,
        headers: &[(String, String)],
        body: &[u8],
    ) -> Result<PlatformCall> {
        let header = |name: &str| {
            let found = headers
                .iter()
                .find(|(known, _)| known.eq_ignore_ascii_case(name));
            found.map(|(_, value)| value.as_str())
        };
        let incoming = Incoming::new(method, path_and_query, body, header);
        let now = (self.0.wall)();
        let verified = self.0.verifier.verify(&incoming, now).map_err(|error| {
            tracing::warn!(error = %error, "a platform call was refused");
            EngineError::NotFound
        })?;
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
}
