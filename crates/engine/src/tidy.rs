//! What has no use any more goes: expired rows, and the pieces of uploads nobody finished.

use std::time::Duration;

use recovery::time::Span;
use store::Upload;

use crate::engine::Engine;
use crate::error::Result;

/// Between two rounds. Every node does them; whoever is second finds nothing.
const EVERY: Duration = Duration::from_secs(300);
/// How long done jobs are kept for whoever asks what happened.
const KEEP_JOBS: Span = Span::days(7);
/// Transactions of one round; each clears a bounded number of rows.
const PURGES_MAX: usize = 50;
/// Uploads of one round.
const UPLOADS_MAX: u32 = 200;

impl Engine {
    /// Tidies up now and then until `stop`.
    pub(crate) async fn tidy_until(&self, stop: impl Future<Output = ()> + Send) {
        let mut stop = std::pin::pin!(stop);
        loop {
            if let Err(error) = self.tidy().await {
                tracing::warn!(error = %error, "tidying up is put off");
            }
            if tokio::time::timeout(EVERY, &mut stop).await.is_ok() {
                return;
            }
        }
    }

    /// Clears away what expired.
    ///
    /// # Errors
    /// When the database or the vault does not answer; what is left is done in the next round.
    pub async fn tidy(&self) -> Result<()> {
        for _ in 0..PURGES_MAX {
            let mut tx = self.0.store.begin().await?;
            let purged = tx.purge(KEEP_JOBS).await?;
            tx.commit().await?;
            if !purged.more {
                break;
            }
        }
        self.refresh_policy().await?;
        let mut tx = self.0.store.begin().await?;
        tx.purge_copies(Span::days(self.policy().retention.days_max))
            .await?;
        tx.purge_marks(self.policy().marks_kept()).await?;
        tx.commit().await?;
        self.tidy_gallery().await?;
        let expired = self
            .0
            .store
            .read()
            .await?
            .expired_uploads(UPLOADS_MAX)
            .await?;
        for upload in expired {
            if let Err(error) = self.forget_upload(&upload).await {
                tracing::warn!(case = %upload.case_id, error = %error, "pieces are left");
            }
        }
        Ok(())
    }

    /// Its pieces first: a row without pieces is found again, pieces without a row are not.
    pub(crate) async fn forget_upload(&self, upload: &Upload) -> Result<()> {
        self.forget_pieces(upload).await?;
        let mut tx = self.0.store.begin().await?;
        tx.delete_upload(&upload.id).await?;
        tx.commit().await?;
        Ok(())
    }

    /// The pieces of an upload whose row stays.
    pub(crate) async fn forget_pieces(&self, upload: &Upload) -> Result<()> {
        let prefix = format!("{}/", upload.id);
        for name in self.0.vault.object_names(&upload.case_id).await? {
            if name.as_str().starts_with(&prefix) {
                self.0.vault.delete_object(&upload.case_id, &name).await?;
            }
        }
        Ok(())
    }
}
