//! Unwrapped case identities kept in memory for a short while.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use age::x25519;
use recovery::id::CaseId;
use tokio::time::Instant;

/// Most identities kept: what one node works on at a time, with room.
const CAPACITY: usize = 1024;
/// After this time the key store is asked again, so that a key destroyed through another node
/// stops working here too.
const FRESH: Duration = Duration::from_secs(60);

struct Entry {
    identity: Arc<x25519::Identity>,
    loaded: Instant,
    used: u64,
}

#[derive(Default)]
struct Shelf {
    entries: HashMap<CaseId, Entry>,
    /// Counts uses: the entry with the lowest number was idle longest.
    uses: u64,
    /// Counts forgettings: what was being read during one is not kept.
    forgotten: u64,
}

/// Taken before a key is read, handed in with it.
pub(crate) struct Ticket {
    read_at: Instant,
    forgotten: u64,
}

/// A bounded map; an identity wipes itself when its last holder lets go.
#[derive(Default)]
pub(crate) struct Cache(Mutex<Shelf>);

impl Cache {
    fn shelf(&self) -> MutexGuard<'_, Shelf> {
        // Every change below is a single step, so a panic elsewhere leaves the map whole.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn get(&self, case: &CaseId) -> Option<Arc<x25519::Identity>> {
        let mut shelf = self.shelf();
        shelf.uses += 1;
        let uses = shelf.uses;
        let entry = shelf.entries.get_mut(case)?;
        if entry.loaded.elapsed() >= FRESH {
            shelf.entries.remove(case);
            return None;
        }
        entry.used = uses;
        Some(Arc::clone(&entry.identity))
    }

    /// To be asked for before reading a key from the key store.
    pub(crate) fn ticket(&self) -> Ticket {
        Ticket {
            read_at: now(),
            forgotten: self.shelf().forgotten,
        }
    }

    /// Keeps an identity, unless any key was destroyed since the ticket was taken: this one may
    /// have been read just before.
    pub(crate) fn put(&self, case: &CaseId, identity: Arc<x25519::Identity>, ticket: Ticket) {
        let mut shelf = self.shelf();
        if shelf.forgotten != ticket.forgotten {
            return;
        }
        let loaded = ticket.read_at;
        if shelf.entries.len() >= CAPACITY {
            shelf
                .entries
                .retain(|_, entry| entry.loaded.elapsed() < FRESH);
        }
        if shelf.entries.len() >= CAPACITY {
            let idle = shelf.entries.iter().min_by_key(|(_, entry)| entry.used);
            if let Some(idle) = idle.map(|(case, _)| case.clone()) {
                shelf.entries.remove(&idle);
            }
        }
        shelf.uses += 1;
        let used = shelf.uses;
        shelf.entries.insert(
            case.clone(),
            Entry {
                identity,
                loaded,
                used,
            },
        );
    }

    pub(crate) fn forget(&self, case: &CaseId) {
        let mut shelf = self.shelf();
        shelf.forgotten += 1;
        shelf.entries.remove(case);
    }
}

/// A monotonic reading of this process, for the age of cache
/// entries only; no wait of a case depends on it.
#[expect(
    clippy::disallowed_methods,
    reason = "age of a cache entry, not domain time"
)]
fn now() -> Instant {
    Instant::now()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn case(number: usize) -> CaseId {
        format!("case_{number:026}").parse().unwrap()
    }

    #[test]
    fn holds_no_more_than_its_capacity_and_drops_the_idlest() {
        let cache = Cache::default();
        let identity = Arc::new(x25519::Identity::generate());
        for number in 0..CAPACITY {
            cache.put(&case(number), Arc::clone(&identity), cache.ticket());
        }
        assert!(cache.get(&case(0)).is_some());
        cache.put(&case(CAPACITY), Arc::clone(&identity), cache.ticket());
        assert_eq!(cache.shelf().entries.len(), CAPACITY);
        assert!(cache.get(&case(0)).is_some());
        assert!(cache.get(&case(1)).is_none());
    }

    #[test]
    fn forgets_when_told_and_when_stale() {
        let cache = Cache::default();
        let identity = Arc::new(x25519::Identity::generate());
        cache.put(&case(1), Arc::clone(&identity), cache.ticket());
        cache.forget(&case(1));
        assert!(cache.get(&case(1)).is_none());
        let Some(old) = now().checked_sub(FRESH) else {
            return;
        };
        let stale = Ticket {
            read_at: old,
            ..cache.ticket()
        };
        cache.put(&case(2), Arc::clone(&identity), stale);
        assert!(cache.get(&case(2)).is_none());
        let overtaken = cache.ticket();
        cache.forget(&case(3));
        cache.put(&case(3), Arc::clone(&identity), overtaken);
        assert!(cache.get(&case(3)).is_none());
        assert_eq!(Arc::strong_count(&identity), 1);
    }
}
