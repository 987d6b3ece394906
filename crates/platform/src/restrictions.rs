//! What accounts may do, kept on the platform's side: for a guard before every withdrawal.
//!
//! [`Restrictions::allows`] is the whole of it. While [`Restrictions::follow`] runs, it answers
//! from this process's memory, without a call; without it, from an answer that is a second old at
//! most. When Regain cannot be reached, the last word counts: an account that was free stays free,
//! one under restriction is refused everything (its set may have become stricter since), and one
//! of which nothing was ever heard is refused, too.

use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::{Duration, Instant};

use recovery::id::AccountRef;

use crate::changes::SILENT_MAX;
use crate::contract::{RestrictionEvent, RestrictionMode, RestrictionSet};
use crate::paths::is_account_ref;
use crate::regain::RegainClient;
use crate::transport::ClientError;

/// For how long an answer to one account is used again.
const FRESH_FOR: Duration = Duration::from_secs(1);
/// Free accounts that are remembered where no stream is followed; restricted ones always are.
const FREE_MAX: usize = 100_000;
/// Delays before a broken stream is opened anew.
const AGAIN_FIRST: Duration = Duration::from_millis(100);
const AGAIN_MAX: Duration = Duration::from_secs(5);

/// What is known of an account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Word {
    /// The newest set that was heard.
    pub set: RestrictionSet,
    /// Whether it is in force now; otherwise it is the last word of a Regain that is silent.
    pub fresh: bool,
}

impl Word {
    /// Whether the capability is allowed: a last word allows only what was not restricted at all.
    #[must_use]
    pub fn allows(&self, capability: &str) -> bool {
        let free = self.set.mode == RestrictionMode::None;
        self.set.allows(capability) && (self.fresh || free)
    }
}

struct Kept {
    set: RestrictionSet,
    heard: Instant,
}

#[derive(Default)]
struct Memory {
    accounts: HashMap<AccountRef, Kept>,
    /// Everything up to this change was heard from the stream.
    change: u64,
    /// When the stream said last that it told everything; none before it did.
    told: Option<Instant>,
}

impl Memory {
    /// Keeps a set, unless a newer one is known.
    fn learn(&mut self, account: &AccountRef, set: RestrictionSet, heard: Instant) -> bool {
        let newer = |kept: &Kept| kept.set.version > set.version;
        if self.accounts.get(account).is_some_and(newer) {
            return false;
        }
        if self.accounts.len() >= FREE_MAX && set.mode == RestrictionMode::None {
            self.accounts
                .retain(|_, kept| kept.set.mode != RestrictionMode::None);
        }
        self.accounts.insert(account.clone(), Kept { set, heard });
        true
    }

    fn known(&self, account: &AccountRef, now: Instant, fresh_for: Duration) -> Option<Word> {
        let since = |moment: Instant| now.saturating_duration_since(moment);
        let live = self.told.is_some_and(|told| since(told) < SILENT_MAX);
        if let Some(kept) = self.accounts.get(account) {
            return Some(Word {
                set: kept.set.clone(),
                fresh: live || since(kept.heard) < fresh_for,
            });
        }
        // The stream has told of every account that was ever restricted.
        self.told.map(|_| Word {
            set: RestrictionSet::unrestricted(),
            fresh: live,
        })
    }
}

/// The restrictions of a platform's accounts. Cheap to clone.
#[derive(Clone)]
pub struct Restrictions {
    regain: RegainClient,
    memory: Arc<RwLock<Memory>>,
    fresh_for: Duration,
}

#[expect(
    clippy::disallowed_methods,
    reason = "how old an answer is, on the platform's side; no wait of a case depends on it"
)]
fn now() -> Instant {
    Instant::now()
}

impl Restrictions {
    /// Nothing is known yet.
    #[must_use]
    pub fn new(regain: RegainClient) -> Self {
        Self {
            regain,
            memory: Arc::default(),
            fresh_for: FRESH_FOR,
        }
    }

    /// With another age up to which an answer about one account is used again.
    #[must_use]
    pub const fn fresh_for(mut self, age: Duration) -> Self {
        self.fresh_for = age;
        self
    }

    /// Whether an account may do this now.
    pub async fn allows(&self, account: &AccountRef, capability: &str) -> bool {
        match self.word(account).await {
            Ok(word) => word.allows(capability),
            Err(_) => false,
        }
    }

    /// What is in force for an account, or the last word about it.
    ///
    /// # Errors
    /// [`ClientError`] when Regain cannot be asked and nothing was ever heard.
    pub async fn word(&self, account: &AccountRef) -> Result<Word, ClientError> {
        if !is_account_ref(&account.0) {
            return Err(ClientError::BadAccount);
        }
        let known = self.read(|memory| memory.known(account, now(), self.fresh_for));
        if let Some(word) = known.as_ref().filter(|word| word.fresh) {
            return Ok(word.clone());
        }
        match self.ask(account, known.as_ref()).await {
            Ok(word) => Ok(word),
            Err(error) => known.ok_or(error),
        }
    }

    async fn ask(&self, account: &AccountRef, known: Option<&Word>) -> Result<Word, ClientError> {
        let asked = now();
        let version = known.map(|word| word.set.version);
        let answer = match version {
            Some(version) => self.regain.restrictions_unless(account, version).await?,
            None => Some(self.regain.restrictions(account).await?),
        };
        let set = answer.or_else(|| known.map(|word| word.set.clone()));
        let set = set.ok_or(ClientError::Malformed)?;
        // An older version than one we know is not in force: another node is behind, or lies.
        if !self.write(|memory| memory.learn(account, set.clone(), asked)) {
            return Err(ClientError::Malformed);
        }
        Ok(Word { set, fresh: true })
    }

    /// Follows the changes until `stop`; opens the stream anew whenever it breaks.
    pub async fn follow(&self, stop: impl Future<Output = ()>) {
        let mut stop = std::pin::pin!(stop);
        let mut wait = AGAIN_FIRST;
        loop {
            let follow = async {
                let mut heard = false;
                // It always ends with an error, the end of the stream being one.
                let _ = self.follow_once(&mut heard).await;
                wait = if heard {
                    AGAIN_FIRST
                } else {
                    (wait * 2).min(AGAIN_MAX)
                };
                let _ = tokio::time::timeout(wait, std::future::pending::<()>()).await;
            };
            tokio::select! {
                () = &mut stop => return,
                () = follow => {}
            }
        }
    }

    async fn follow_once(&self, heard: &mut bool) -> Result<(), ClientError> {
        let after = self.read(|memory| memory.change);
        let mut changes = self.regain.restriction_changes(after).await?;
        // Ends with the stream.
        loop {
            let event = changes.next().await?;
            *heard = true;
            let moment = now();
            self.write(|memory| match event {
                RestrictionEvent::Changed {
                    change,
                    account,
                    set,
                } => {
                    memory.learn(&account, set, moment);
                    memory.change = change;
                }
                RestrictionEvent::Told { change } => {
                    memory.change = change;
                    memory.told = Some(moment);
                }
                RestrictionEvent::Reset => *memory = Memory::default(),
            });
        }
    }

    /// A poisoned lock only means that another thread panicked.
    fn read<T>(&self, look: impl FnOnce(&Memory) -> T) -> T {
        look(&self.memory.read().unwrap_or_else(PoisonError::into_inner))
    }

    fn write<T>(&self, change: impl FnOnce(&mut Memory) -> T) -> T {
        change(&mut self.memory.write().unwrap_or_else(PoisonError::into_inner))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn set(version: u64, mode: RestrictionMode) -> RestrictionSet {
        RestrictionSet {
            version,
            mode,
            ..RestrictionSet::unrestricted()
        }
    }

    fn account(name: &str) -> AccountRef {
        AccountRef(name.to_owned())
    }

    #[test]
    fn a_last_word_frees_only_who_was_free() {
        let free = |fresh| Word {
            set: set(3, RestrictionMode::None),
            fresh,
        };
        assert!(free(true).allows("withdraw") && free(false).allows("withdraw"));
        let mut waiting = set(4, RestrictionMode::CoolingOff);
        let login = crate::contract::CapabilityName::new("login".to_owned()).unwrap();
        waiting.allow.insert(login);
        let word = |fresh| Word {
            set: waiting.clone(),
            fresh,
        };
        assert!(word(true).allows("login") && !word(true).allows("withdraw"));
        assert!(!word(false).allows("login"), "it may be frozen by now");
    }

    #[test]
    fn a_stream_that_told_everything_speaks_for_accounts_it_never_named() {
        let mut memory = Memory::default();
        let start = now();
        assert_eq!(memory.known(&account("a"), start, FRESH_FOR), None);
        memory.told = Some(start);
        let word = memory.known(&account("a"), start, FRESH_FOR).unwrap();
        assert!(word.fresh && word.allows("withdraw"));
        let word = memory
            .known(&account("a"), start + SILENT_MAX, FRESH_FOR)
            .unwrap();
        assert!(
            !word.fresh && word.allows("withdraw"),
            "the last word: never named"
        );
    }

    #[test]
    fn versions_never_go_back() {
        let mut memory = Memory::default();
        let start = now();
        assert!(memory.learn(&account("a"), set(5, RestrictionMode::Frozen), start));
        assert!(!memory.learn(&account("a"), set(4, RestrictionMode::None), start));
        let word = memory.known(&account("a"), start, FRESH_FOR).unwrap();
        assert_eq!(word.set.mode, RestrictionMode::Frozen);
        assert!(
            !memory
                .known(&account("a"), start + FRESH_FOR, FRESH_FOR)
                .unwrap()
                .fresh
        );
    }

    #[test]
    fn free_accounts_are_forgotten_before_restricted_ones() {
        let mut memory = Memory::default();
        let start = now();
        memory.learn(&account("held"), set(1, RestrictionMode::Locked), start);
        for number in 0..=FREE_MAX {
            let name = account(&format!("free-{number}"));
            memory.learn(&name, set(0, RestrictionMode::None), start);
        }
        assert!(memory.accounts.len() < FREE_MAX);
        assert!(memory.accounts.contains_key(&account("held")));
    }
}
