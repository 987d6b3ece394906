//! The operator's figures, as counted with the events of every case.

use recovery::case::Part;
use recovery::figures::{Numbers, Row, month_of};
use recovery::time::Span;

use crate::engine::Engine;
use crate::error::Result;
use crate::jobs::SECURE;
use crate::views::{Operation, ReviewLoad, endpoints};

/// How far back they go: the months of a year, and the one that has begun.
const SPAN: Span = Span::days(365);

impl Engine {
    /// The counters of the last thirteen months.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn figures(&self) -> Result<Vec<Row>> {
        let mut reader = self.0.store.read().await?;
        let now = reader.now().await?;
        Ok(reader.figures_since(&month_of(now - SPAN)).await?)
    }

    /// How work stands at this moment.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn operation(&self) -> Result<Operation> {
        let mut reader = self.0.store.read().await?;
        let now = reader.now().await?;
        let mut reviews = Vec::new();
        for part in [Part::First, Part::Second, Part::Senior, Part::Contest] {
            let part = part.name();
            reviews.push(ReviewLoad {
                part,
                waiting: reader.waiting_count(part).await?,
                overdue: reader.overdue_count(part, now).await?,
            });
        }
        let queue = reader.queue_health().await?;
        let late = queue.next_run_at.map_or(Span::ZERO, |at| now.since(at));
        Ok(Operation {
            reviews,
            jobs_due: queue.due,
            jobs_failing: queue.failing,
            securing: reader.undone_count(SECURE).await?,
            late: late.max(Span::ZERO),
            webhooks: endpoints(&mut reader, &self.0.webhooks).await?,
        })
    }

    /// The counters put together.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn numbers(&self) -> Result<Numbers> {
        Ok(Numbers::of(&self.figures().await?))
    }
}
