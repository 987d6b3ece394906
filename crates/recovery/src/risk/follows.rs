//! What follows from an assessment, and what would have followed under another policy (B17).

use serde::Serialize;

use super::rejudged::rejudged;
use super::{Assessment, Lane, assess};
use crate::case::{Case, Decision, VerdictRecord};
use crate::policy::{Policy, Tier};

/// What a tier and a lane lead to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Follows {
    /// The tier.
    pub tier: Tier,
    /// The lane.
    pub lane: Lane,
    /// How many reviewers must agree.
    pub reviewers: u32,
    /// One of them must be a senior.
    pub senior: bool,
    /// Hours of the wait after an approval.
    pub wait_hours: i64,
    /// The handover comes only after the wait.
    pub handover_after_the_wait: bool,
    /// Business hours in which people decide.
    pub review_hours: i64,
}

impl Follows {
    /// Of an assessment under its policy.
    #[must_use]
    pub fn of(policy: &Policy, assessment: &Assessment) -> Self {
        let (tier, lane) = (assessment.tier, assessment.lane);
        Self {
            tier,
            lane,
            reviewers: policy.quorum.of(tier),
            senior: tier >= policy.quorum.senior_from,
            wait_hours: policy.wait(tier).as_millis() / 3_600_000,
            handover_after_the_wait: policy.handover_waits(tier),
            review_hours: lane.hours(policy),
        }
    }
}

/// Assesses a case by what it recorded; none where its checks never answered.
#[must_use]
pub fn of_case(case: &Case, policy: &Policy) -> Option<Assessment> {
    let grounds = case.grounds.as_ref()?;
    let live = case.captured_live(policy);
    Some(assess(policy, &case.findings, grounds, live))
}

/// A closed case under its own and under another policy.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Replayed {
    /// As it was.
    pub was: Follows,
    /// As it would have been.
    pub would_be: Follows,
    /// It was approved, and its verdicts would not have been enough.
    pub not_approved: bool,
}

impl Replayed {
    /// Whether anything would have been otherwise.
    #[must_use]
    pub fn differs(&self) -> bool {
        self.was != self.would_be || self.not_approved
    }
}

/// Runs another policy over a case, by its events alone. None where there is nothing to rate.
#[must_use]
pub fn replay(case: &Case, own: &Policy, other: &Policy) -> Option<Replayed> {
    let was = of_case(case, own)?;
    let mut rerated = case.clone();
    rerated.findings = rejudged(&case.findings, own, other);
    let would_be = of_case(&rerated, other)?;
    let agreed: Vec<&VerdictRecord> = case
        .review
        .verdicts
        .iter()
        .filter(|verdict| verdict.decision == Decision::Approve)
        .collect();
    rerated.tier = would_be.tier;
    let approved = case.wait.is_some();
    Some(Replayed {
        was: Follows::of(own, &was),
        would_be: Follows::of(other, &would_be),
        not_approved: approved && !rerated.quorum_reached(&agreed, other),
    })
}
