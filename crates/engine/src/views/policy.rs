//! What the console shows of the policy.

use recovery::time::Timestamp;

/// A policy that counts or counted for new cases.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublishedView {
    /// Its version.
    pub version: String,
    /// From when.
    pub from: Timestamp,
}

/// A policy that waits for two seniors.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProposalView {
    /// Its version.
    pub version: String,
    /// Digest of its words: what is confirmed is what was looked at.
    pub digest: String,
    /// When it was proposed.
    pub proposed_at: Timestamp,
    /// What it changes, one sentence each.
    pub changes: Vec<String>,
    /// Who confirmed it first, by name.
    pub first_by: Option<String>,
    /// When.
    pub first_at: Option<Timestamp>,
    /// Whether that was who looks.
    pub own: bool,
}

/// One line of the log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PolicyStepView {
    /// When.
    pub at: Timestamp,
    /// Who, by name; nobody when it was done on the machine.
    pub who: Option<String>,
    /// What: `proposed`, `replaced`, `confirmed` or `published`.
    pub what: String,
    /// The version it was done to.
    pub version: String,
}

/// Everything of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PolicyView {
    /// The newest first, which counts.
    pub published: Vec<PublishedView>,
    /// What waits.
    pub proposal: Option<ProposalView>,
    /// The newest line first.
    pub log: Vec<PolicyStepView>,
    /// Whether who looks may confirm.
    pub may_confirm: bool,
}
