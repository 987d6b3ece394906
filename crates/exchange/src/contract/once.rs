//! Idempotency: a key names a request for ever, and its answer with it.

use serde::Serialize;
use serde::de::DeserializeOwned;
use sqlx::SqliteConnection;

use crate::error::{ExchangeError, Result};
use crate::faults::Fault;
use crate::secrets;
use crate::start::App;

/// Longest key, in bytes.
const KEY_MAX: usize = 128;

/// What was answered before under a key.
pub(super) struct Before<A> {
    pub(super) answer: A,
    /// What only the request's own secret can be compared with (a password's hash), or nothing.
    pub(super) secret: String,
}

/// A request under its key.
pub(super) struct Once {
    scope: String,
    key: String,
    digest: String,
    /// A faulty exchange keeps nothing.
    forgets: bool,
    /// A faulty exchange does not compare.
    pub(super) careless: bool,
}

/// 409: the key was used for something else.
pub(super) fn other_request() -> ExchangeError {
    ExchangeError::refused(409, "key_reused", "This key was used for another request")
}

impl Once {
    /// From the call's place, its key, and everything in it that may be digested.
    pub(super) fn new(
        app: &App,
        scope: String,
        key: &str,
        request: &impl Serialize,
    ) -> Result<Self> {
        if key.is_empty() || key.len() > KEY_MAX {
            let title = "An idempotency key has 1 to 128 characters";
            return Err(ExchangeError::refused(422, "malformed", title));
        }
        let body = serde_json::to_vec(request).map_err(|_| ExchangeError::Internal("digest"))?;
        Ok(Self {
            scope,
            key: key.to_owned(),
            digest: secrets::digest(&body),
            forgets: app.has(&[Fault::ForgetsIdempotency]),
            careless: app.has(&[Fault::SameKeyOtherBody]),
        })
    }

    /// The answer given before, if there was one.
    pub(super) async fn before<A: DeserializeOwned>(
        &self,
        db: &mut SqliteConnection,
    ) -> Result<Option<Before<A>>> {
        let row: Option<(String, String, String)> = sqlx::query_as(
            "SELECT digest, secret, answer FROM requests WHERE scope = $1 AND key = $2",
        )
        .bind(&self.scope)
        .bind(&self.key)
        .fetch_optional(db)
        .await?;
        let Some((digest, secret, answer)) = row else {
            return Ok(None);
        };
        if digest != self.digest && !self.careless {
            return Err(other_request());
        }
        let answer =
            serde_json::from_str(&answer).map_err(|_| ExchangeError::Internal("answer"))?;
        Ok(Some(Before { answer, secret }))
    }

    /// Keeps the answer, in the transaction that carried the request out.
    pub(super) async fn keep(
        &self,
        db: &mut SqliteConnection,
        secret: &str,
        answer: &impl Serialize,
    ) -> Result<()> {
        if self.forgets {
            return Ok(());
        }
        let text = serde_json::to_string(answer).map_err(|_| ExchangeError::Internal("answer"))?;
        sqlx::query(
            "INSERT INTO requests (scope, key, digest, secret, answer) VALUES ($1, $2, $3, $4, $5)",
        )
        .bind(&self.scope)
        .bind(&self.key)
        .bind(&self.digest)
        .bind(secret)
        .bind(text)
        .execute(db)
        .await?;
        Ok(())
    }
}
