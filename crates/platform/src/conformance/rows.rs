//! Rows: what must hold, and what came of trying it.

use std::future::Future;

use recovery::time::Span;
use serde::Serialize;

use crate::transport::ClientError;

use super::Told;

/// What came of a requirement.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "outcome", rename_all = "snake_case")]
pub enum Outcome {
    /// It holds, as far as this was tried.
    Pass,
    /// It does not hold.
    Fail {
        /// What was seen instead.
        why: String,
        /// What to do about it.
        remedy: String,
    },
    /// It was not tried.
    Skipped {
        /// The reason, and what to do instead.
        why: String,
    },
}

/// One requirement.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Row {
    /// Its name, which stays: `group.requirement`.
    pub id: String,
    /// What must hold, in one sentence.
    pub must: String,
    /// What came of it.
    #[serde(flatten)]
    pub outcome: Outcome,
}

impl Row {
    /// The group, which is what stands before the first point.
    #[must_use]
    pub fn group(&self) -> &str {
        self.id.split('.').next().unwrap_or(&self.id)
    }

    /// Whether it failed.
    #[must_use]
    pub const fn failed(&self) -> bool {
        matches!(self.outcome, Outcome::Fail { .. })
    }
}

/// All rows of a run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Report {
    /// In the order in which they were tried.
    pub rows: Vec<Row>,
    /// Milliseconds that the slowest call took.
    pub slowest_ms: i64,
}

impl Report {
    /// How many passed, failed and were skipped.
    #[must_use]
    pub fn counts(&self) -> (usize, usize, usize) {
        let of = |wanted: fn(&Outcome) -> bool| {
            let rows = self.rows.iter();
            rows.filter(|row| wanted(&row.outcome)).count()
        };
        (
            of(|outcome| matches!(outcome, Outcome::Pass)),
            of(|outcome| matches!(outcome, Outcome::Fail { .. })),
            of(|outcome| matches!(outcome, Outcome::Skipped { .. })),
        )
    }
}

/// Why a requirement was not seen to hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Miss {
    /// It does not.
    Fail(String),
    /// It could not be tried.
    Skip(String),
}

impl From<ClientError> for Miss {
    fn from(error: ClientError) -> Self {
        Self::Fail(error.to_string())
    }
}

/// What a trial comes to.
pub(super) type Trial<T = ()> = Result<T, Miss>;

/// It does not hold.
pub(super) fn fail<T>(why: impl Into<String>) -> Trial<T> {
    Err(Miss::Fail(why.into()))
}

/// It cannot be tried.
pub(super) fn skip<T>(why: impl Into<String>) -> Trial<T> {
    Err(Miss::Skip(why.into()))
}

/// Fails with what was seen unless that holds.
pub(super) fn ensure(holds: bool, why: impl FnOnce() -> String) -> Trial {
    if holds { Ok(()) } else { fail(why()) }
}

/// A requirement, before it is tried.
pub(super) struct Must {
    id: String,
    must: String,
    remedy: String,
    needs: Vec<String>,
}

impl Must {
    /// With the sentence of what must hold, and what to do where it does not.
    pub(super) fn new(id: impl Into<String>, must: &str, remedy: &str) -> Self {
        Self {
            id: id.into(),
            must: must.to_owned(),
            remedy: remedy.to_owned(),
            needs: Vec::new(),
        }
    }

    /// Only tried where that row passed: one fault is to be one row.
    pub(super) fn needs(mut self, id: impl Into<String>) -> Self {
        self.needs.push(id.into());
        self
    }
}

/// Rows so far.
pub(super) struct Rows<'a> {
    rows: Vec<Row>,
    told: Told<'a>,
    closed: Option<String>,
}

impl<'a> Rows<'a> {
    pub(super) const fn new(told: Told<'a>) -> Self {
        let rows = Vec::new();
        Self {
            rows,
            told,
            closed: None,
        }
    }

    /// Tries a requirement.
    pub(super) async fn check(&mut self, must: Must, trial: impl Future<Output = Trial>) {
        let outcome = match self.hindrance(&must) {
            Some(first) => Outcome::Skipped {
                why: format!("not tried: it comes after {first}"),
            },
            None => match Box::pin(trial).await {
                Ok(()) => Outcome::Pass,
                Err(Miss::Fail(why)) => Outcome::Fail {
                    why,
                    remedy: must.remedy,
                },
                Err(Miss::Skip(why)) => Outcome::Skipped { why },
            },
        };
        let (id, must) = (must.id, must.must);
        let row = Row { id, must, outcome };
        (self.told)(&row);
        self.rows.push(row);
    }

    /// The same for what nothing after it can do without.
    pub(super) async fn gate(&mut self, must: Must, trial: impl Future<Output = Trial>) {
        let id = must.id.clone();
        self.check(must, trial).await;
        if self.closed.is_none() && !self.passed(&id) {
            self.closed = Some(id);
        }
    }

    fn hindrance(&self, must: &Must) -> Option<String> {
        let needed = || must.needs.iter().find(|id| !self.passed(id)).cloned();
        self.closed.clone().or_else(needed)
    }

    pub(super) fn passed(&self, id: &str) -> bool {
        let mut rows = self.rows.iter();
        rows.any(|row| row.id == id && row.outcome == Outcome::Pass)
    }

    pub(super) fn finish(self, slowest: Span) -> Report {
        Report {
            rows: self.rows,
            slowest_ms: slowest.as_millis(),
        }
    }
}
