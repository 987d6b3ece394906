//! Whether a freeze that the platform had in force still is.

use platform::contract::RestrictionMode;
use recovery::id::AccountRef;
use recovery::time::Span;

use crate::engine::Engine;
use crate::error::EngineError;
use crate::mirror::StoredRestriction;
use crate::worker::{Done, Later};

/// Between two readings. A platform that lost a freeze, by a restored backup or a restart, is open
/// for as long; each reading is one call for each account under a restriction.
pub(crate) const WATCH: Span = Span::minutes(10);

impl Engine {
    /// Reads a restriction back for as long as it is the newest of its account and not `none`. What
    /// the platform lost is put in force again, and said loudly: something moved it.
    pub(crate) async fn watch(&self, account: &AccountRef, version: u64) -> Result<Done, Later> {
        let Some(stored) = self.0.store.read().await?.account(account).await? else {
            return Ok(Done::nothing());
        };
        let known = stored.acknowledged_version >= stored.version;
        if stored.version != version && known {
            // The newer set has a watch of its own.
            return Ok(Done::nothing());
        }
        let body: StoredRestriction = serde_json::from_slice(&stored.body)
            .map_err(|error| EngineError::internal("restriction", &error))?;
        let set = self.restriction_set(&body, stored.version)?;
        if stored.version == version {
            if set.mode == RestrictionMode::None {
                return Ok(Done::nothing());
            }
            let read = self.0.platform.restrictions(account).await?;
            if read.version == version && set.restricts_as(&read) {
                return Err(Later::At(self.now().await? + WATCH));
            }
            tracing::error!(
                ours = version,
                theirs = read.version,
                "the platform lost a restriction that was in force; it is put in force again"
            );
        }
        self.put_again(account, version).await
    }

    async fn put_again(&self, account: &AccountRef, version: u64) -> Result<Done, Later> {
        let done = match self.push_restriction(account).await {
            // It is numbered anew, above what the platform holds.
            Err(Later::At(_)) => self.push_restriction(account).await?,
            done => done?,
        };
        if done
            .watched
            .as_ref()
            .is_some_and(|(_, pushed)| *pushed == version)
        {
            return Err(Later::At(self.now().await? + WATCH));
        }
        // That it is in force again starts no wait: who approved hears of it from the first push.
        Ok(Done {
            commands: Vec::new(),
            ..done
        })
    }
}
