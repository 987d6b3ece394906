//! Which policy counts for new cases, and how another one comes to count: proposed on the machine,
//! confirmed by two different seniors.

use std::sync::Arc;

use recovery::actor::Rank;
use recovery::id::{ContentDigest, ReviewerId};
use recovery::policy::{Policy, diff};
use store::{PolicyProposal, Reader, Store, StoredPolicy, Tx};

use crate::engine::{Engine, Rules};
use crate::error::{EngineError, Result};
use crate::views::{PolicyStepView, PolicyView, ProposalView, PublishedView, StaffMember};

/// Words of the log.
const PROPOSED: &str = "proposed";
const REPLACED: &str = "replaced";
const CONFIRMED: &str = "confirmed";
const PUBLISHED: &str = "published";

/// What became of a proposal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Proposed {
    /// It waits for two seniors.
    Waits,
    /// The same one waits already.
    WaitsAlready,
}

/// What a confirmation led to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Confirmed {
    /// Another senior must confirm it too.
    First,
    /// It counts for new cases from now on.
    Published,
}

fn refused(code: &'static str, sentence: impl Into<String>) -> EngineError {
    EngineError::Input {
        field: "policy",
        code,
        sentence: sentence.into(),
    }
}

fn text_of(body: Vec<u8>) -> Result<String> {
    String::from_utf8(body).map_err(|error| EngineError::internal("policy", &error))
}

fn parsed(body: Vec<u8>) -> Result<Policy> {
    Policy::parse(&text_of(body)?).map_err(|error| EngineError::internal("policy", &error))
}

/// The number of a stored version; the store keeps text.
fn number(version: &str) -> u32 {
    version.parse().unwrap_or_default()
}

fn same_words(known: &StoredPolicy, digest: &ContentDigest) -> Result<()> {
    if known.digest == *digest {
        return Ok(());
    }
    let version = &known.version;
    Err(refused(
        "policy_changed",
        format!(
            "policy version {version} was published before with other words; \
             give the changed policy a new version number"
        ),
    ))
}

/// The rules that count: the first policy of an empty database is published, a newer one than the
/// published one is proposed, and an older one does not count.
pub(crate) async fn at_start(store: &Store, offered: Rules, text: &str) -> Result<Rules> {
    let version = offered.policy.version.to_string();
    let digest = ContentDigest::of(text.as_bytes());
    let mut tx = store.begin().await?;
    if let Some(known) = tx.policy(&version).await? {
        same_words(&known, &digest)?;
    }
    let Some(active) = tx.active_policy().await? else {
        let now = tx.now().await?;
        tx.put_policy(&version, &digest, text.as_bytes(), now)
            .await?;
        tx.log_policy(PUBLISHED, None, &version, &digest).await?;
        tx.commit().await?;
        return Ok(offered);
    };
    if active.version == version {
        return Ok(offered);
    }
    let (published, configured) = (number(&active.version), offered.policy.version);
    let waiting = tx.open_proposal().await?;
    let waiting = waiting.map_or(0, |waiting| number(&waiting.version));
    if configured > published.max(waiting) {
        put(&mut tx, &version, &digest, text).await?;
        tx.commit().await?;
    }
    if configured > published {
        tracing::warn!(
            published,
            configured,
            "the configured policy is newer than the published one: it waits until two seniors \
             confirm it at /console/policy"
        );
    } else {
        tracing::warn!(
            published,
            configured,
            "the configured policy is older than the published one, which counts"
        );
    }
    Rules::parse(&text_of(active.body)?)
}

/// Replaces what waits by this.
async fn put(tx: &mut Tx, version: &str, digest: &ContentDigest, text: &str) -> Result<()> {
    if let Some(old) = tx.open_proposal().await? {
        tx.end_proposal(old.id).await?;
        tx.log_policy(REPLACED, None, &old.version, &old.digest)
            .await?;
    }
    tx.propose_policy(version, digest, text.as_bytes()).await?;
    tx.log_policy(PROPOSED, None, version, digest).await?;
    Ok(())
}

/// Has a checked policy wait for two seniors, in place of another one that waited.
///
/// # Errors
/// When its version is not newer than the published one, or nothing is published yet.
pub async fn propose_policy(store: &Store, policy: &Policy, text: &str) -> Result<Proposed> {
    let version = policy.version.to_string();
    let digest = ContentDigest::of(text.as_bytes());
    let mut tx = store.begin().await?;
    let Some(active) = tx.active_policy().await? else {
        let sentence = "nothing is published yet: the configured policy is published at the first \
                        start";
        return Err(refused("policy_none", sentence));
    };
    if let Some(known) = tx.policy(&version).await? {
        same_words(&known, &digest)?;
    }
    if policy.version <= number(&active.version) {
        let sentence = format!(
            "policy version {} is published; give this one a higher version number",
            active.version
        );
        return Err(refused("policy_version", sentence));
    }
    let waiting = tx.open_proposal().await?;
    if waiting.is_some_and(|waiting| waiting.digest == digest) {
        return Ok(Proposed::WaitsAlready);
    }
    put(&mut tx, &version, &digest, text).await?;
    tx.commit().await?;
    Ok(Proposed::Waits)
}

async fn is_senior(reader: &mut Reader, id: &ReviewerId) -> Result<bool> {
    let found = reader.staff(id).await?;
    let senior = |role: &str| Rank::named(role) == Some(Rank::Senior);
    Ok(found.is_some_and(|staff| staff.active && senior(&staff.role)))
}

impl Engine {
    /// Confirms the proposal of this digest; the second of two different seniors publishes it.
    ///
    /// # Errors
    /// [`EngineError::Input`] when the caller is no senior, confirmed it already, or the proposal
    /// is not the one that was looked at; [`EngineError::MovedOn`] when somebody was faster.
    pub async fn confirm_policy(&self, staff: &StaffMember, digest: &str) -> Result<Confirmed> {
        let mut tx = self.0.store.begin().await?;
        if !is_senior(&mut tx, &staff.id).await? {
            return Err(refused("not_senior", "Only seniors confirm a policy"));
        }
        let waiting = tx.open_proposal().await?;
        let Some(waiting) = waiting.filter(|waiting| waiting.digest.0 == digest) else {
            let sentence = "The proposal changed meanwhile. Look at it again.";
            return Err(refused("proposal_changed", sentence));
        };
        let first = match &waiting.first_by {
            // Whoever was let go since does not count.
            Some(first) if is_senior(&mut tx, first).await? => first,
            gone => {
                let done = tx
                    .confirm_proposal(waiting.id, &staff.id, gone.as_ref())
                    .await?;
                return finish_first(tx, staff, &waiting, done).await;
            }
        };
        if *first == staff.id {
            let sentence = "You confirmed it already. Another senior must confirm it too.";
            return Err(refused("same_person", sentence));
        }
        let rules = Rules::parse(&text_of(waiting.body.clone())?)?;
        publish(tx, staff, &waiting).await?;
        self.put_current(rules);
        Ok(Confirmed::Published)
    }

    /// What the console shows of the policy.
    ///
    /// # Errors
    /// When the database does not answer, or holds a policy that cannot be read.
    pub async fn policy_view(&self, staff: &StaffMember) -> Result<PolicyView> {
        let mut reader = self.0.store.read().await?;
        let published = reader.policies().await?;
        let proposal = match reader.open_proposal().await? {
            Some(waiting) => Some(self.proposal(&mut reader, staff, waiting).await?),
            None => None,
        };
        let mut log = Vec::new();
        for step in reader.policy_log().await? {
            let who = match &step.staff_id {
                Some(id) => name_of(&mut reader, id).await?,
                None => None,
            };
            log.push(PolicyStepView {
                at: step.at,
                who,
                what: step.what,
                version: step.version,
            });
        }
        let published = published.into_iter().map(|one| PublishedView {
            version: one.version,
            from: one.activated_at,
        });
        Ok(PolicyView {
            published: published.collect(),
            proposal,
            log,
            may_confirm: staff.rank == Rank::Senior,
        })
    }

    async fn proposal(
        &self,
        reader: &mut Reader,
        staff: &StaffMember,
        waiting: PolicyProposal,
    ) -> Result<ProposalView> {
        let active = reader.active_policy().await?.ok_or(EngineError::NotFound)?;
        let (before, after) = (parsed(active.body)?, parsed(waiting.body)?);
        let changes = diff::changes(&before, &after)
            .map_err(|error| EngineError::internal("policy", &error))?;
        let first_by = match &waiting.first_by {
            Some(id) => name_of(reader, id).await?,
            None => None,
        };
        Ok(ProposalView {
            version: waiting.version,
            digest: waiting.digest.0,
            proposed_at: waiting.proposed_at,
            changes: changes.iter().map(ToString::to_string).collect(),
            own: waiting.first_by.as_ref() == Some(&staff.id),
            first_by,
            first_at: waiting.first_at,
        })
    }

    /// Takes up a policy that another process published.
    pub(crate) async fn refresh_policy(&self) -> Result<()> {
        let active = self.0.store.read().await?.active_policy().await?;
        let Some(active) = active else { return Ok(()) };
        if number(&active.version) != self.policy().version {
            self.put_current(Rules::parse(&text_of(active.body)?)?);
        }
        Ok(())
    }

    fn put_current(&self, rules: Rules) {
        let rules = Arc::new(rules);
        tracing::info!(
            version = rules.policy.version,
            "a policy counts from now on"
        );
        self.set_current(rules);
    }
}

async fn finish_first(
    mut tx: Tx,
    staff: &StaffMember,
    waiting: &PolicyProposal,
    done: bool,
) -> Result<Confirmed> {
    if !done {
        return Err(EngineError::MovedOn);
    }
    let (version, digest) = (&waiting.version, &waiting.digest);
    tx.log_policy(CONFIRMED, Some(&staff.id), version, digest)
        .await?;
    tx.commit().await?;
    Ok(Confirmed::First)
}

async fn publish(mut tx: Tx, staff: &StaffMember, waiting: &PolicyProposal) -> Result<()> {
    let (version, digest) = (&waiting.version, &waiting.digest);
    if !tx.end_proposal(waiting.id).await? {
        return Err(EngineError::MovedOn);
    }
    let now = tx.now().await?;
    tx.put_policy(version, digest, &waiting.body, now).await?;
    for what in [CONFIRMED, PUBLISHED] {
        tx.log_policy(what, Some(&staff.id), version, digest)
            .await?;
    }
    tx.commit().await?;
    Ok(())
}

async fn name_of(reader: &mut Reader, id: &ReviewerId) -> Result<Option<String>> {
    Ok(reader.staff(id).await?.map(|staff| staff.name))
}
