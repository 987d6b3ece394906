//! Why a case was rated as it was, and how closed cases would fare under another policy: from
//! events alone, no sealed data is opened.

use std::collections::BTreeSet;

use recovery::case::Case;
use recovery::id::CaseCode;
use recovery::policy::Policy;
use recovery::policy::diff::changes;
use recovery::risk::{Assessment, Follows, REJUDGED, Replayed, of_case, replay};
use store::{CaseRow, MAX_PAGE, PageKey};

use crate::engine::{Engine, Rules};
use crate::error::{EngineError, Result};
use crate::handle::rebuild;

/// An assessment with what follows from it, under the policy stamped on the case.
#[derive(Debug, Clone)]
#[allow(missing_docs, reason = "plain fields of an answer")]
pub struct Explained {
    pub code: String,
    pub policy: Policy,
    /// None where the checks never answered: then the tier is high and people decide.
    pub assessment: Option<(Assessment, Follows)>,
}

/// A closed case that would have fared otherwise.
#[derive(Debug, Clone)]
pub struct FaresOtherwise {
    /// Its code.
    pub code: String,
    /// Its state.
    pub state: &'static str,
    /// Before and after.
    pub replayed: Replayed,
}

/// What a replay came to.
#[derive(Debug, Clone, Default)]
pub struct ReplayReport {
    /// Closed cases that were rated anew.
    pub rated: u64,
    /// Closed cases with nothing to rate: no account, no checks, or from before grounds were kept.
    pub unrated: u64,
    /// Those that would have fared otherwise.
    pub otherwise: Vec<FaresOtherwise>,
    /// Keys below `[checks]` and `[fresh_face]` that the other policy changes and that had no part
    /// in this: what was found stays as it was found, comparisons of faces aside.
    pub not_replayed: BTreeSet<String>,
}

impl Engine {
    /// Explains a case's rating.
    ///
    /// # Errors
    /// [`EngineError::NotFound`] when no case has this code.
    pub async fn explain_rating(&self, code: &CaseCode) -> Result<Explained> {
        let row = self.0.store.read().await?.case_by_code(code).await?;
        let row = row.ok_or(EngineError::NotFound)?;
        let case = self.case(&row.id).await?;
        let rules = self.rules(case.policy_version).await?;
        let assessment = of_case(&case, &rules.policy).map(|assessment| {
            let follows = Follows::of(&rules.policy, &assessment);
            (assessment, follows)
        });
        Ok(Explained {
            code: case.code.to_string(),
            policy: Policy::clone(&rules.policy),
            assessment,
        })
    }

    /// Runs another policy over every closed case. `progress` hears how many of how many cases were
    /// read.
    ///
    /// # Errors
    /// [`EngineError::Input`] when the policy is wrong; else when the database fails.
    pub async fn replay_policy(
        &self,
        text: &str,
        progress: &(dyn Fn(u64, u64) + Sync),
    ) -> Result<ReplayReport> {
        let other = Rules::parse(text)?;
        let counts = self.0.store.read().await?.state_counts().await?;
        let all = counts.iter().map(|count| count.cases).sum();
        let mut report = ReplayReport::default();
        let mut versions = BTreeSet::new();
        let mut after: Option<PageKey> = None;
        let mut seen = 0;
        loop {
            let mut reader = self.0.store.read().await?;
            let rows = reader.list_cases(None, after.as_ref(), MAX_PAGE).await?;
            drop(reader);
            let Some(last) = rows.last() else { break };
            after = Some(PageKey::after(last));
            for row in &rows {
                let version = self.replay_row(row, &other.policy, &mut report).await?;
                versions.extend(version);
                seen += 1;
                progress(seen, all);
            }
        }
        for version in versions {
            let own = self.rules(version).await?;
            let changed = changes(&own.policy, &other.policy);
            let changed = changed.map_err(|error| EngineError::internal("policy", &error))?;
            let keys = changed.into_iter().map(|change| change.key);
            report
                .not_replayed
                .extend(keys.filter(|key| stays_as_found(key)));
        }
        Ok(report)
    }

    /// Gives the version of the policy of a case that was rated anew.
    async fn replay_row(
        &self,
        row: &CaseRow,
        other: &Policy,
        report: &mut ReplayReport,
    ) -> Result<Option<u32>> {
        if row.open {
            return Ok(None);
        }
        let case: Case = match self.0.store.read().await?.load(&row.id).await? {
            Some(loaded) => rebuild(&loaded)?,
            None => return Ok(None),
        };
        let rules = self.rules(case.policy_version).await?;
        let Some(replayed) = replay(&case, &rules.policy, other) else {
            report.unrated += 1;
            return Ok(None);
        };
        report.rated += 1;
        if replayed.differs() {
            report.otherwise.push(FaresOtherwise {
                code: case.code.to_string(),
                state: case.state.name(),
                replayed,
            });
        }
        Ok(Some(case.policy_version))
    }
}

/// Whether a key of the policy says how evidence is looked at, and not what follows from it, and
/// recorded scores cannot be held against it.
fn stays_as_found(key: &str) -> bool {
    let looks = key.starts_with("checks.") || key.starts_with("fresh_face.");
    looks && !REJUDGED.contains(&key)
}
