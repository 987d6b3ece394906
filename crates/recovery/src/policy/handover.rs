//! Binding new credentials: how long it may take, and what a face shown afresh must pass in place
//! of the case key.

use serde::{Deserialize, Serialize};

use super::{Bounds, PolicyError, Tier};
use crate::finding::{Finding, Outcome};

/// Findings that a policy may name for a fresh face: all that a video alone can have.
pub const FACE_FINDINGS: &[&str] = &[
    "face.kyc_video",
    "face.live",
    "face.angle",
    "face.covered",
    "phrase.spoken",
    "phrase.timing",
    "video.container",
    "video.cut",
    "video.head",
    "video.live",
    "video.still",
    "video.sync",
];

/// Those that every policy must name: the record's face, in a video that came while it was
/// recorded, saying words that nobody knew before.
pub const FACE_FINDINGS_LEAST: [&str; 3] = ["face.kyc_video", "phrase.spoken", "video.live"];

/// Binding new credentials.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs, reason = "each key is explained in policy.default.toml")]
pub struct Handover {
    pub ticket_hours: i64,
    pub days_to_finish: i64,
    pub after_the_wait: Vec<Tier>,
    pub passkey_required: bool,
}

/// A face shown afresh in place of the case key. A policy without it offers none.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs, reason = "each key is explained in policy.default.toml")]
pub struct FreshFace {
    pub findings: Vec<String>,
    pub tries: i64,
    pub minutes: i64,
}

impl FreshFace {
    /// Whether these findings of one video are good enough: none that is named may be anything but
    /// a pass, the least must all be there, and nothing at all may speak against the person.
    #[must_use]
    pub fn passes(&self, findings: &[Finding]) -> bool {
        let named = |finding: &&Finding| self.findings.contains(&finding.code);
        let passed = |finding: &Finding| finding.outcome == Outcome::Pass;
        let there = |code: &str| findings.iter().any(|finding| finding.code == code);
        let against = |finding: &Finding| finding.outcome == Outcome::Fail;
        findings.iter().filter(named).all(passed)
            && FACE_FINDINGS_LEAST.into_iter().all(there)
            && !findings.iter().any(against)
    }

    #[rustfmt::skip]
    pub(super) const fn bounds(&self) -> [Bounds; 2] {
        [
            ("fresh_face.tries", self.tries, 1, 10),
            ("fresh_face.minutes", self.minutes, 5, 60),
        ]
    }

    pub(super) fn check(&self, faults: &mut Vec<PolicyError>) {
        let named = |code: &&str| self.findings.iter().any(|finding| finding == code);
        let missing = FACE_FINDINGS_LEAST.into_iter().filter(|code| !named(code));
        faults.extend(missing.map(PolicyError::FreshFace));
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::super::{DEFAULT, Policy};
    use super::*;

    fn all(outcome: Outcome) -> Vec<Finding> {
        let finding = |code: &&str| Finding::reviewer(code, outcome, "test");
        FACE_FINDINGS.iter().map(finding).collect()
    }

    #[test]
    fn a_fresh_face_passes_with_every_named_finding_and_no_less() {
        let rule = Policy::parse(DEFAULT).unwrap().fresh_face.unwrap();
        assert!(rule.passes(&all(Outcome::Pass)));
        assert!(!rule.passes(&[]));
        for code in &rule.findings {
            for outcome in [
                Outcome::Retake,
                Outcome::Unsure,
                Outcome::Fail,
                Outcome::Unavailable,
            ] {
                let mut findings = all(Outcome::Pass);
                // A second finding of the code that did not pass spoils the first.
                findings.push(Finding::reviewer(code, outcome, "test"));
                assert!(!rule.passes(&findings), "{code} {}", outcome.name());
            }
        }
        for code in FACE_FINDINGS_LEAST {
            let mut findings = all(Outcome::Pass);
            findings.retain(|finding| finding.code != code);
            assert!(!rule.passes(&findings), "without {code}");
        }
        // What is not named may be unsure, but nothing may speak against the person.
        let other = |outcome| Finding::reviewer("id.anything", outcome, "test");
        let mut findings = all(Outcome::Pass);
        findings.push(other(Outcome::Unsure));
        assert!(rule.passes(&findings));
        findings.push(other(Outcome::Fail));
        assert!(!rule.passes(&findings));
    }

    #[test]
    fn a_policy_that_asks_for_too_little_is_refused() {
        let weak = DEFAULT.replace("\"face.kyc_video\", \"face.live\"", "\"face.live\"");
        let error = Policy::parse(&weak).unwrap_err().to_string();
        assert!(error.contains("fresh_face.findings"), "{error}");
    }
}
