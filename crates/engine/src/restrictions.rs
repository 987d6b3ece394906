//! What every account may do now, answered from memory: for the hot path of a platform.
//!
//! Each process reads the changes after the last one it knows, in the order of their commits, and
//! keeps the newest set of every account that was ever restricted. What this process committed
//! itself is always known before it answers; what another process committed, within
//! [`LOOK_EVERY`]. When the database cannot be read for [`TRUSTED_FOR`], nothing is answered.

mod known;

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard};
use std::time::{Duration, Instant};

use platform::contract::{
    AccountRestriction, BATCH_MAX, RestrictionEvent, RestrictionSet, RestrictionsAnswer,
    RestrictionsRequest,
};
use recovery::id::AccountRef;
use store::{FEED_PAGE, Store};
use tokio::sync::{Mutex, OwnedSemaphorePermit, Semaphore, watch};
use url::Url;

use self::known::{Entry, Known, contract_set, read, written};
use crate::calls::{account_named, in_form, malformed};
use crate::engine::Engine;
use crate::error::{EngineError, Result};
use crate::mirror::StoredRestriction;

/// How old knowledge may be before the database is asked for changes.
const LOOK_EVERY: Duration = Duration::from_millis(100);
/// How old it may become while the database does not answer.
const TRUSTED_FOR: Duration = Duration::from_secs(2);
/// How long one caller asks, and others wait for it. What was read is kept: a process that starts
/// with many accounts knows them after a few calls.
const ASK_FOR: Duration = Duration::from_secs(1);
/// After how long a quiet stream says that nothing changed.
const TOLD_EVERY: Duration = Duration::from_secs(1);
/// Streams of changes at the same time: one for each node of a platform.
const STREAMS_MAX: usize = 64;

const LATE: EngineError = EngineError::Unavailable {
    what: "the database",
};

/// The memory of one process.
pub(crate) struct Restrictions {
    known: RwLock<Known>,
    /// Everything up to this number is known.
    change: AtomicU64,
    /// When the database was asked last with success, in milliseconds from `start`, and 1 added: 0
    /// is never.
    asked_ms: AtomicU64,
    start: Instant,
    stop_page: String,
    asking: Mutex<()>,
    streams: Arc<Semaphore>,
    ended: watch::Sender<bool>,
}

impl Restrictions {
    #[expect(
        clippy::disallowed_methods,
        reason = "how old knowledge is, by this process; no wait of a case depends on it"
    )]
    pub(crate) fn new(origin: &Url) -> Self {
        let stop_page = origin.join("stop").unwrap_or_else(|_| origin.clone());
        Self {
            stop_page: stop_page.into(),
            known: RwLock::default(),
            change: AtomicU64::new(0),
            asked_ms: AtomicU64::new(0),
            start: Instant::now(),
            asking: Mutex::default(),
            streams: Arc::new(Semaphore::new(STREAMS_MAX)),
            ended: watch::Sender::new(false),
        }
    }

    #[expect(
        clippy::disallowed_methods,
        reason = "how old knowledge is, by this process; no wait of a case depends on it"
    )]
    fn clock_ms(&self) -> u64 {
        u64::try_from(self.start.elapsed().as_millis()).unwrap_or(u64::MAX)
    }

    /// Whether everything is known that this process committed, and what others did until so long
    /// ago.
    fn knows(&self, store: &Store, within: Duration) -> bool {
        let asked = self.asked_ms.load(Ordering::Acquire);
        let within = u64::try_from(within.as_millis()).unwrap_or(u64::MAX);
        let age = self.clock_ms().saturating_sub(asked.saturating_sub(1));
        asked > 0 && age < within && self.change.load(Ordering::Acquire) >= store.committed_change()
    }

    /// Brings the memory up to date, if it is not. One caller at a time asks; the others answer
    /// from what they know while that is young enough, and wait otherwise.
    async fn ready(&self, store: &Store) -> Result<()> {
        if self.knows(store, LOOK_EVERY) {
            return Ok(());
        }
        // On the heap: what asks the database must not make the future of every call larger.
        Box::pin(self.catch_up(store)).await
    }

    async fn catch_up(&self, store: &Store) -> Result<()> {
        let _asking = match self.asking.try_lock() {
            Ok(turn) => turn,
            Err(_) if self.knows(store, TRUSTED_FOR) => return Ok(()),
            Err(_) => tokio::time::timeout(ASK_FOR, self.asking.lock())
                .await
                .map_err(|_| LATE)?,
        };
        if self.knows(store, LOOK_EVERY) {
            return Ok(());
        }
        let asked = tokio::time::timeout(ASK_FOR, self.ask(store)).await;
        match asked.unwrap_or(Err(LATE)) {
            Err(error) if self.knows(store, TRUSTED_FOR) => {
                tracing::warn!(%error, "restrictions are answered from memory for a moment");
                Ok(())
            }
            Err(error) => {
                tracing::error!(%error, "restrictions cannot be read");
                Err(LATE)
            }
            Ok(()) => Ok(()),
        }
    }

    async fn ask(&self, store: &Store) -> Result<()> {
        // What is committed later than this moment may be missing.
        let asked = self.clock_ms();
        let mut reader = store.read().await?;
        loop {
            let after = self.change.load(Ordering::Acquire);
            let page = reader.restrictions_after(after).await?;
            let whole = page.len() < usize::try_from(FEED_PAGE).unwrap_or(usize::MAX);
            let newest = match page.last() {
                Some(change) => change.change,
                // Another database under the same address, older than what was read: begin anew.
                None if reader.restriction_head().await? < after => {
                    *self.known.write().unwrap_or_else(PoisonError::into_inner) = Known::default();
                    self.change.store(0, Ordering::Release);
                    continue;
                }
                None => after,
            };
            if !page.is_empty() {
                let mut known = self.known.write().unwrap_or_else(PoisonError::into_inner);
                for change in page {
                    known.learn(change, &self.stop_page)?;
                }
            }
            self.change.store(newest, Ordering::Release);
            if whole {
                break;
            }
        }
        self.asked_ms.store(asked + 1, Ordering::Release);
        Ok(())
    }

    fn read(&self) -> RwLockReadGuard<'_, Known> {
        self.known.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn entry(&self, account: &AccountRef) -> Option<Entry> {
        self.read().of(account).cloned()
    }
}

/// A set as the platform hears it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RestrictionAnswer {
    /// Its version: the entity tag.
    pub version: u64,
    /// The set, in the contract's JSON.
    pub body: Vec<u8>,
}

/// What a stream of changes says next.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RestrictionNews {
    /// The kind of event on the wire.
    pub kind: &'static str,
    /// The change's number.
    pub change: u64,
    /// The event, in the contract's JSON.
    pub data: String,
}

/// Follows the changes from a number on.
pub struct RestrictionStream {
    engine: Engine,
    after: u64,
    said: Option<u64>,
    ended: watch::Receiver<bool>,
    _place: OwnedSemaphorePermit,
}

impl Engine {
    /// The set of an account, from memory.
    ///
    /// # Errors
    /// When this process does not know what is in force now.
    pub async fn restriction_of(&self, account: &AccountRef) -> Result<RestrictionAnswer> {
        self.0.restrictions.ready(&self.0.store).await?;
        self.remembered(account)
    }

    /// The same without waiting; nothing when the database must be asked first.
    pub fn restriction_known(&self, account: &AccountRef) -> Option<Result<RestrictionAnswer>> {
        let fresh = self.0.restrictions.knows(&self.0.store, LOOK_EVERY);
        fresh.then(|| self.remembered(account))
    }

    fn remembered(&self, account: &AccountRef) -> Result<RestrictionAnswer> {
        let known = self.0.restrictions.read();
        Ok(match known.of(account) {
            Some(entry) => RestrictionAnswer {
                version: entry.version(),
                body: entry.written()?,
            },
            None => RestrictionAnswer {
                version: 0,
                body: written(&RestrictionSet::unrestricted())?,
            },
        })
    }

    /// The sets of many accounts: the contract's request and answer, in JSON.
    ///
    /// # Errors
    /// [`EngineError::Input`] when the body is not the contract's or names too many accounts; and
    /// as [`Engine::restriction_of`].
    pub async fn restrictions_of(&self, body: &[u8]) -> Result<Vec<u8>> {
        let shape = format!("the body must be {{\"accounts\": [...]}}, {BATCH_MAX} at most");
        let request: RestrictionsRequest = in_form(body, shape.as_str())?;
        let named = |account: &AccountRef| account_named(&account.0).is_some();
        if request.accounts.len() > BATCH_MAX || !request.accounts.iter().all(named) {
            return Err(malformed(shape));
        }
        self.0.restrictions.ready(&self.0.store).await?;
        let set = |account: AccountRef| AccountRestriction {
            set: self.known_set(&account),
            account,
        };
        let sets = request.accounts.into_iter().map(set).collect();
        written(&RestrictionsAnswer { sets })
    }

    fn known_set(&self, account: &AccountRef) -> RestrictionSet {
        let entry = self.0.restrictions.entry(account);
        entry.map_or_else(RestrictionSet::unrestricted, |entry| entry.set())
    }

    /// A stored set as the platform hears it.
    pub(crate) fn restriction_set(
        &self,
        stored: &StoredRestriction,
        version: u64,
    ) -> Result<RestrictionSet> {
        contract_set(stored, version, &self.0.restrictions.stop_page)
    }

    /// Follows the changes after a number; none while too many streams are open.
    #[must_use]
    pub fn follow_restrictions(&self, after: u64) -> Option<RestrictionStream> {
        let restrictions = &self.0.restrictions;
        let place = restrictions.streams.clone().try_acquire_owned().ok()?;
        Some(RestrictionStream {
            engine: self.clone(),
            after,
            said: None,
            ended: restrictions.ended.subscribe(),
            _place: place,
        })
    }

    /// Ends every stream of changes: before a process stops, for they never end by themselves.
    pub fn end_streams(&self) {
        self.0.restrictions.ended.send_replace(true);
    }
}

impl RestrictionStream {
    /// What to say next: all changes at once that came, or that nothing came for a second. None
    /// when the stream is over: the database does not answer, or the process stops.
    pub async fn next(&mut self) -> Option<Vec<RestrictionNews>> {
        match self.wait().await {
            Ok(news) => news,
            Err(error) => {
                tracing::warn!(%error, "a stream of restrictions ends");
                None
            }
        }
    }

    async fn wait(&mut self) -> Result<Option<Vec<RestrictionNews>>> {
        let engine = self.engine.clone();
        let (restrictions, store) = (&engine.0.restrictions, &engine.0.store);
        let looks = TOLD_EVERY.as_millis() / LOOK_EVERY.as_millis();
        for _ in 0..looks {
            if *self.ended.borrow() {
                return Ok(None);
            }
            restrictions.ready(store).await?;
            let newest = restrictions.change.load(Ordering::Acquire);
            if self.after > newest {
                let reset = [news(0, &RestrictionEvent::Reset)?];
                (self.after, self.said) = (0, None);
                return Ok(Some(reset.into()));
            }
            if self.after < newest {
                return Ok(Some(self.changes(store).await?));
            }
            if self.said != Some(newest) {
                break;
            }
            // The end of the process, or the next look.
            let _ = tokio::time::timeout(LOOK_EVERY, self.ended.wait_for(|ended| *ended)).await;
        }
        self.said = Some(self.after);
        let told = RestrictionEvent::Told { change: self.after };
        Ok(Some(vec![news(self.after, &told)?]))
    }

    async fn changes(&mut self, store: &Store) -> Result<Vec<RestrictionNews>> {
        let page = store.read().await?.restrictions_after(self.after).await?;
        let mut said = Vec::with_capacity(page.len());
        for change in page {
            self.after = change.change;
            let set = self
                .engine
                .restriction_set(&read(&change.body)?, change.version)?;
            let event = RestrictionEvent::Changed {
                change: change.change,
                account: change.account,
                set,
            };
            said.push(news(change.change, &event)?);
        }
        Ok(said)
    }
}

fn news(change: u64, event: &RestrictionEvent) -> Result<RestrictionNews> {
    let data = String::from_utf8(written(event)?)
        .map_err(|error| EngineError::internal("restriction", &error))?;
    let kind = match event {
        RestrictionEvent::Changed { .. } => "changed",
        RestrictionEvent::Told { .. } => "told",
        RestrictionEvent::Reset => "reset",
    };
    Ok(RestrictionNews { kind, change, data })
}
