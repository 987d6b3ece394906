//! The one way a case changes: load, decide, append events, summary and jobs in one transaction.

use recovery::actor::Actor;
use recovery::case::{
    Case, Command, Event, Facts, Recorded, Resolution, Rival, SecuringAction, StaffFacts, decide,
    decode, encode, evolve, react,
};
use recovery::figures;
use recovery::id::{CaseId, EvidenceId, ReviewerId, TakeId, UploadId};
use recovery::time::{Span, Timestamp};
use store::{Loaded, NewEvent, NewOrigin, Tx};

use crate::engine::{Engine, Rules};
use crate::error::{EngineError, Result};
use crate::room::Entries;
use crate::signals::OriginIndex;
use crate::webhooks::store_told;
use crate::{mirror, summary};

/// How often a command is decided anew when somebody else was faster.
const RETRIES_MAX: usize = 4;

/// What is stored with a command's events. Sealed before the transaction begins: no key store is
/// asked inside one.
#[derive(Debug, Clone, Default)]
pub(crate) struct Attached {
    /// Sealed pieces by name.
    pub sealed: Vec<(&'static str, Vec<u8>)>,
    /// Sealed pieces whose name holds an identifier.
    pub named: Vec<(String, Vec<u8>)>,
    /// What the platform declares it can secure, for the commands that need it.
    pub securing: Vec<SecuringAction>,
    /// Whether it declares that it keeps to limits after the wait.
    pub thaws: bool,
    /// Where the case is opened from, by which others are counted.
    pub origin: Option<OriginIndex>,
    /// The upload that became the evidence of this command.
    pub upload: Option<UploadEnd>,
}

/// An upload that became evidence; both are noted in one transaction, so that a repeated end of
/// the upload finds the evidence it made.
#[derive(Debug, Clone)]
pub(crate) struct UploadEnd {
    pub upload: UploadId,
    pub evidence: EvidenceId,
    /// The take that this uses up, where the evidence is live by it.
    pub take: Option<TakeId>,
}

/// A case as stored, rebuilt from its events.
pub(crate) fn rebuild(loaded: &Loaded) -> Result<Case> {
    rebuild_counting(loaded).map(|(case, _)| case)
}

fn rebuild_counting(loaded: &Loaded) -> Result<(Case, Entries)> {
    let (mut case, mut entries) = (None, Entries::default());
    for stored in &loaded.events {
        let recorded =
            decode(&stored.body).map_err(|error| EngineError::internal("event", &error))?;
        entries.count(&recorded.actor);
        case = evolve(case, &recorded);
    }
    Ok((case.ok_or(EngineError::NotFound)?, entries))
}

impl Engine {
    /// A case, to look at.
    pub(crate) async fn case(&self, id: &CaseId) -> Result<Case> {
        let loaded = self.0.store.read().await?.load(id).await?;
        rebuild(&loaded.ok_or(EngineError::NotFound)?)
    }

    /// Decides a command and stores what happened, durably, before anybody is told.
    pub(crate) async fn handle(
        &self,
        id: &CaseId,
        actor: &Actor,
        command: &Command,
        attached: &Attached,
    ) -> Result<Case> {
        for _ in 0..RETRIES_MAX {
            let mut tx = self.0.store.begin().await?;
            match self.handle_in(&mut tx, id, actor, command, attached).await {
                Ok(case) => match tx.commit().await.map_err(EngineError::from) {
                    Ok(()) => {
                        self.wake();
                        return Ok(case);
                    }
                    Err(EngineError::MovedOn) => {}
                    Err(error) => return Err(error),
                },
                Err(EngineError::MovedOn) => tx.rollback().await?,
                Err(error) => {
                    tx.rollback().await?;
                    return Err(error);
                }
            }
        }
        Err(EngineError::MovedOn)
    }

    /// The same inside a transaction of the caller (a job completes in it).
    pub(crate) async fn handle_in(
        &self,
        tx: &mut Tx,
        id: &CaseId,
        actor: &Actor,
        command: &Command,
        attached: &Attached,
    ) -> Result<Case> {
        let loaded = tx.load(id).await?;
        let now = tx.now().await?;
        let now = loaded.as_ref().map_or(now, |loaded| loaded.not_before(now));
        let rebuilt = loaded.as_ref().map(rebuild_counting).transpose()?;
        let (before, entries) = rebuilt.unzip();
        entries.unwrap_or_default().leave_room(actor, command)?;
        let rules = match &before {
            Some(case) => self.rules(case.policy_version).await?,
            None => self.current_rules(),
        };
        let facts = gather_facts(
            tx,
            &rules,
            before.as_ref(),
            id,
            actor,
            command,
            attached,
            now,
        );
        let facts = facts.await?;
        let events = decide(before.as_ref(), actor, command, &facts, now)?;
        if events.is_empty() {
            let case = before.ok_or(EngineError::NotFound)?;
            store_pieces(tx, id, attached).await?;
            return Ok(case);
        }
        // Boxed: it is the larger half of every caller's future.
        let appending = self.append(tx, id, before, actor, &events, &rules, now, attached);
        Box::pin(appending).await
    }

    #[allow(
        clippy::too_many_arguments,
        reason = "one call site; the parts of one append"
    )]
    async fn append(
        &self,
        tx: &mut Tx,
        id: &CaseId,
        before: Option<Case>,
        actor: &Actor,
        events: &[Event],
        rules: &Rules,
        now: Timestamp,
        attached: &Attached,
    ) -> Result<Case> {
        let version = before.as_ref().map_or(0, |case| case.version);
        let mut case = before.clone();
        let mut bodies = Vec::with_capacity(events.len());
        let (mut effects, mut told) = (Vec::new(), Vec::new());
        for (seq, event) in (version + 1..).zip(events) {
            let recorded = Recorded {
                v: 1,
                case: id.clone(),
                seq,
                at: now,
                actor: actor.clone(),
                event: event.clone(),
            };
            let body = encode(&recorded).map_err(|error| EngineError::internal("event", &error))?;
            let earlier = case.clone();
            case = evolve(case, &recorded);
            let after = case.as_ref().ok_or(EngineError::NotFound)?;
            told.extend(self.tell(earlier.as_ref(), after, seq, event, now)?);
            effects.extend(
                react(
                    earlier.as_ref(),
                    after,
                    event,
                    &rules.policy,
                    &rules.calendar,
                )
                .into_iter()
                .map(|effect| (seq, effect)),
            );
            bodies.push(NewEvent {
                kind: event.kind(),
                body,
            });
        }
        let case = case.ok_or(EngineError::NotFound)?;
        let row = summary::row(&case, rules, now);
        tx.append(id, version, now, &bodies, &row).await?;
        store_pieces(tx, id, attached).await?;
        mirror::reflect(self, tx, before.as_ref(), &case, events).await?;
        let moved = figures::moved(before.as_ref(), &case);
        let month = figures::month_of(case.opened_at);
        tx.add_figures(&month, &row.policy_version, &moved).await?;
        store_told(tx, &case, &told).await?;
        for (seq, effect) in effects {
            self.enqueue_effect(tx, &case, seq, &effect, now).await?;
        }
        Ok(case)
    }
}

async fn store_pieces(tx: &mut Tx, id: &CaseId, attached: &Attached) -> Result<()> {
    for (name, bytes) in &attached.sealed {
        tx.put_sealed(id, name, bytes).await?;
    }
    for (name, bytes) in &attached.named {
        tx.put_sealed(id, name, bytes).await?;
    }
    if let Some(OriginIndex { network, device }) = &attached.origin {
        let device = device.as_ref();
        tx.put_origin(id, &NewOrigin { network, device }).await?;
    }
    let Some(end) = &attached.upload else {
        return Ok(());
    };
    if !tx.finish_upload(&end.upload, &end.evidence).await? {
        return Err(EngineError::MovedOn);
    }
    match &end.take {
        // Replaced or over since it was looked at: then this is not live after all.
        Some(take) if !tx.use_take(take, &end.upload, &end.evidence).await? => {
            Err(EngineError::MovedOn)
        }
        _ => Ok(()),
    }
}

/// The account a command is about: the case's, or the one that a resolution brings.
fn account_of(case: &Case, command: &Command) -> Option<recovery::id::AccountRef> {
    match command {
        Command::ResolveAccount {
            resolution: Resolution::Known { account },
        } => Some(account.clone()),
        Command::ResolveAccount {
            resolution: Resolution::Unknown,
        } => case.identifier.as_ref().map(summary::phantom_key),
        _ => summary::account_key(case),
    }
}

/// The contact a command is about: the case's, or the one being proved.
fn contact_of(case: &Case, command: &Command) -> Option<recovery::id::BlindIndex> {
    match command {
        Command::ProveContact { index } => Some(index.clone()),
        _ => case.contact.as_ref().map(|contact| contact.index.clone()),
    }
}

#[allow(
    clippy::too_many_arguments,
    reason = "one call site; the sources of facts"
)]
async fn gather_facts<'a>(
    tx: &mut Tx,
    rules: &'a Rules,
    case: Option<&Case>,
    id: &CaseId,
    actor: &Actor,
    command: &Command,
    attached: &Attached,
    now: Timestamp,
) -> Result<Facts<'a>> {
    let mut facts = Facts {
        policy: &rules.policy,
        calendar: &rules.calendar,
        rivals: Vec::new(),
        locked_before: Span::ZERO,
        staff: None,
        securing: attached.securing.clone(),
        thaws: attached.thaws,
    };
    let Some(case) = case else { return Ok(facts) };
    if let Some(account) = account_of(case, command) {
        // Locked, so that two cases of one account are decided one after the other. What is not
        // there cannot be locked: the first case of an account makes its (empty) row.
        let total = match tx.lock_account(&account).await? {
            Some(stored) => stored.locked_total_ms,
            None => tx.add_locked(&account, Span::ZERO).await?.as_millis(),
        };
        facts.locked_before = Span::millis((total - case.locked.as_millis()).max(0));
        let contact = contact_of(case, command);
        for row in tx.cases_of_account(&account).await? {
            if row.id == *id {
                continue;
            }
            let (approved_at, running) = rivals_past(tx, &row, now).await?;
            facts.locked_before = facts.locked_before + running;
            facts.rivals.push(Rival {
                passed_phase1: row.phase1_passed && (row.open || row.holds_approval),
                holds_approval: row.holds_approval,
                approved_at,
                same_contact: row.open && contact.is_some() && row.contact_index == contact,
                case: row.id,
            });
        }
    }
    if let Actor::Reviewer { id: reviewer, .. } = actor {
        facts.staff = staff_facts(tx, case, reviewer, now).await?;
    }
    Ok(facts)
}

/// When a rival was approved last, and how long its lock has run; only cases that got that far are
/// read.
async fn rivals_past(
    tx: &mut Tx,
    row: &store::CaseRow,
    now: Timestamp,
) -> Result<(Option<Timestamp>, Span)> {
    if !row.phase1_passed {
        return Ok((None, Span::ZERO));
    }
    // Read without its row's lock: the account's is held, and two cases that lock each other's
    // rows would wait for one another.
    let reader: &mut store::Reader = tx;
    let loaded = reader.load(&row.id).await?.ok_or(EngineError::NotFound)?;
    let rival = rebuild(&loaded)?;
    let running = rival.lock.map_or(Span::ZERO, |lock| now.since(lock.since));
    Ok((rival.wait.map(|wait| wait.approved_at), running))
}

/// How long two reviewers who decide together are remembered.
const PAIR_SPAN: Span = Span::days(7);

async fn staff_facts(
    tx: &mut Tx,
    case: &Case,
    reviewer: &ReviewerId,
    now: Timestamp,
) -> Result<Option<StaffFacts>> {
    let Some(staff) = tx.staff(reviewer).await?.filter(|staff| staff.active) else {
        return Ok(None);
    };
    let Some(rank) = recovery::actor::Rank::named(&staff.role) else {
        return Ok(None);
    };
    let held = tx.open_assignments(reviewer).await?.len();
    let mut pair_this_week = 0;
    for verdict in &case.review.verdicts {
        let met = tx
            .pair_count(reviewer, &verdict.reviewer, now - PAIR_SPAN)
            .await?;
        pair_this_week = pair_this_week.max(u32::try_from(met).unwrap_or(u32::MAX));
    }
    Ok(Some(StaffFacts {
        rank,
        conflict: false,
        held: u32::try_from(held).unwrap_or(u32::MAX),
        pair_this_week,
    }))
}
