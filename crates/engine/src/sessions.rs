//! Browser sessions: found by the digest of their token, so a stolen table signs nobody in.

use recovery::id::CaseId;
use recovery::sensitive::Sensitive;
use store::{NewSession, SecretDigest};

use crate::engine::Engine;
use crate::error::{EngineError, Result};
use crate::inputs::{SessionKind, WebSession};

/// Bytes that pages may keep in a session.
const DATA_MAX: usize = 64 * 1024;

fn kind_named(name: &str) -> Option<SessionKind> {
    [
        SessionKind::Visitor,
        SessionKind::Applicant,
        SessionKind::Phone,
        SessionKind::Staff,
    ]
    .into_iter()
    .find(|kind| kind.name() == name)
}

impl Engine {
    /// Starts a session; the token goes into the cookie and nowhere else.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn start_session(
        &self,
        kind: SessionKind,
        subject: &str,
        case: Option<&CaseId>,
        data: Vec<u8>,
    ) -> Result<Sensitive<String>> {
        let token = self.new_token();
        let mut tx = self.0.store.begin().await?;
        let now = tx.now().await?;
        tx.put_session(&NewSession {
            digest: SecretDigest::of(token.reveal().as_bytes()),
            kind: kind.name(),
            subject,
            case_id: case,
            expires_at: now + kind.total(),
            data: &data,
        })
        .await?;
        tx.commit().await?;
        Ok(token)
    }

    /// The session of a token, unless it was silent too long or lived its time. Notes the use.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn session(&self, token: &str) -> Result<Option<WebSession>> {
        let digest = SecretDigest::of(token.as_bytes());
        let found = self.0.store.read().await?.session(&digest).await?;
        let Some(kind) = found.and_then(|found| kind_named(&found.kind)) else {
            return Ok(None);
        };
        let mut tx = self.0.store.begin().await?;
        let touched = tx.touch_session(&digest, kind.idle()).await?;
        tx.commit().await?;
        Ok(touched.map(|session| WebSession {
            kind,
            subject: session.subject,
            case: session.case_id,
            data: session.data.reveal().clone(),
            expires_at: session.expires_at,
        }))
    }

    /// Keeps what pages want to remember; no personal data.
    ///
    /// # Errors
    /// [`EngineError::NotFound`] for an ended session.
    pub async fn save_session(&self, token: &str, data: Vec<u8>) -> Result<()> {
        if data.len() > DATA_MAX {
            return Err(EngineError::internal("session", &"too much data"));
        }
        let digest = SecretDigest::of(token.as_bytes());
        let mut tx = self.0.store.begin().await?;
        // Touching it holds its row: a session that is ended meanwhile does not come back to life.
        let kind = tx.session(&digest).await?;
        let kind = kind.and_then(|found| kind_named(&found.kind));
        let idle = kind.ok_or(EngineError::NotFound)?.idle();
        let session = tx.touch_session(&digest, idle).await?;
        let session = session.ok_or(EngineError::NotFound)?;
        tx.put_session(&NewSession {
            digest,
            kind: &session.kind,
            subject: &session.subject,
            case_id: session.case_id.as_ref(),
            expires_at: session.expires_at,
            data: &data,
        })
        .await?;
        tx.commit().await?;
        Ok(())
    }

    /// Ends a session.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn end_session(&self, token: &str) -> Result<()> {
        let mut tx = self.0.store.begin().await?;
        tx.delete_session(&SecretDigest::of(token.as_bytes()))
            .await?;
        tx.commit().await?;
        Ok(())
    }
}
