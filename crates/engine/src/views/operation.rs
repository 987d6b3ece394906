//! What the operator's metrics show besides figures of cases.

use recovery::time::Span;

use super::{EndpointView, Undone};

/// How many cases wait for a part of the review.
#[derive(Debug, Clone)]
pub struct ReviewLoad {
    /// The part: `first`, `second`, `senior`, `contest`.
    pub part: &'static str,
    /// Cases that wait for it.
    pub waiting: u64,
    /// Those of them that were promised for earlier.
    pub overdue: u64,
}

/// How work stands.
#[derive(Debug, Clone)]
pub struct Operation {
    /// Reviews, part by part.
    pub reviews: Vec<ReviewLoad>,
    /// Jobs that could run now or are being run.
    pub jobs_due: u64,
    /// Jobs that keep failing: ten tries and more.
    pub jobs_failing: u64,
    /// Securing actions that were not read back as done yet.
    pub securing: Undone,
    /// How late the next job is.
    pub late: Span,
    /// Webhooks, endpoint by endpoint.
    pub webhooks: Vec<EndpointView>,
}
