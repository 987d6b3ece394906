//! The newest sets of all accounts, as small as they can be kept.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::io::Write as _;
use std::sync::Arc;

use platform::contract::{CapabilityName, RestrictionMode, RestrictionSet};
use recovery::id::AccountRef;
use recovery::restriction::{Limits, Mode};
use recovery::time::Timestamp;
use serde::Serialize;
use sha2::{Digest as _, Sha256};
use store::RestrictionChange;

use crate::error::{EngineError, Result};
use crate::mirror::StoredRestriction;

/// Different sets that are kept once for all accounts: a mode with its allow-list, and no more.
const KINDS_MAX: usize = 1_024;

/// Bytes that a set usually has in JSON.
const WRITTEN: usize = 320;

/// One account's newest set, without what nearly all sets share.
#[derive(Debug, Clone)]
pub(super) struct Entry {
    version: u64,
    since_ms: i64,
    until_ms: Option<i64>,
    limits: Option<Limits>,
    kind: Arc<Kind>,
}

/// What nearly all sets share: as data, and as the JSON of its members.
#[derive(Debug)]
pub(super) struct Kind {
    set: RestrictionSet,
    /// `"mode":...,"allow":[...]`.
    mode_and_allow: String,
    /// `"stop_page_url":...`.
    stop_page: String,
}

impl Kind {
    fn new(set: RestrictionSet) -> Result<Self> {
        let (mode, allow) = (text(&set.mode)?, text(&set.allow)?);
        Ok(Self {
            mode_and_allow: format!("\"mode\":{mode},\"allow\":{allow}"),
            stop_page: format!("\"stop_page_url\":{}", text(&set.stop_page_url)?),
            set,
        })
    }
}

impl Entry {
    pub(super) const fn version(&self) -> u64 {
        self.version
    }

    /// The set in the contract's JSON: asked for before every withdrawal, so it is put together
    /// from parts that are written already.
    pub(super) fn written(&self) -> Result<Vec<u8>> {
        let Kind {
            mode_and_allow,
            stop_page,
            ..
        } = &*self.kind;
        let mut text = Vec::with_capacity(WRITTEN);
        let (version, since) = (self.version, self.since_ms);
        let put = |text: &mut Vec<u8>| match self.until_ms {
            Some(until) => write!(
                text,
                "{{\"version\":{version},{mode_and_allow},\"since\":{since},\
                 \"until_at_least\":{until},{stop_page}"
            ),
            None => write!(
                text,
                "{{\"version\":{version},{mode_and_allow},\"since\":{since},\
                 \"until_at_least\":null,{stop_page}"
            ),
        };
        put(&mut text).map_err(|error| EngineError::internal("restriction", &error))?;
        if let Some(limits) = self.limits {
            text.extend_from_slice(b",\"limits\":");
            serde_json::to_writer(&mut text, &contract_limits(limits))
                .map_err(|error| EngineError::internal("restriction", &error))?;
        }
        text.push(b'}');
        Ok(text)
    }

    pub(super) fn set(&self) -> RestrictionSet {
        RestrictionSet {
            version: self.version,
            since: Timestamp::from_millis(self.since_ms),
            until_at_least: self.until_ms.map(Timestamp::from_millis),
            limits: self.limits.map(contract_limits),
            ..self.kind.set.clone()
        }
    }
}

/// An account by 128 bits of SHA-256: a name kept as text lies somewhere else in memory, which is
/// half the time of a look, and is as large as all that is known of the account.
type Name = [u8; 16];

fn name_of(account: &AccountRef) -> Name {
    let digest: [u8; 32] = Sha256::digest(account.0.as_bytes()).into();
    let (name, _) = digest.split_first_chunk().unwrap_or((&[0; 16], &[]));
    *name
}

#[derive(Default)]
pub(super) struct Known {
    accounts: HashMap<Name, Entry>,
    kinds: BTreeMap<Vec<u8>, Arc<Kind>>,
}

impl Known {
    pub(super) fn of(&self, account: &AccountRef) -> Option<&Entry> {
        self.accounts.get(&name_of(account))
    }

    /// Keeps what is new; the numbers of changes order them, so the last one wins.
    pub(super) fn learn(&mut self, change: RestrictionChange, stop_page: &str) -> Result<()> {
        let mut stored: StoredRestriction = read(&change.body)?;
        let (since_ms, until_ms) = (stored.since_ms, stored.until_ms.take());
        let limits = stored.limits.take();
        stored.since_ms = 0;
        let entry = Entry {
            version: change.version,
            since_ms,
            until_ms,
            limits,
            kind: self.kind(&stored, stop_page)?,
        };
        self.accounts.insert(name_of(&change.account), entry);
        Ok(())
    }

    fn kind(&mut self, stored: &StoredRestriction, stop_page: &str) -> Result<Arc<Kind>> {
        let name = written(stored)?;
        if let Some(known) = self.kinds.get(&name) {
            return Ok(known.clone());
        }
        let kind = Arc::new(Kind::new(contract_set(stored, 0, stop_page)?)?);
        if self.kinds.len() < KINDS_MAX {
            self.kinds.insert(name, kind.clone());
        }
        Ok(kind)
    }
}

const fn contract_mode(mode: Mode) -> RestrictionMode {
    match mode {
        Mode::None => RestrictionMode::None,
        Mode::Thawing => RestrictionMode::Thawing,
        Mode::CoolingOff => RestrictionMode::CoolingOff,
        Mode::Locked => RestrictionMode::Locked,
        Mode::Frozen => RestrictionMode::Frozen,
    }
}

/// A stored set as the platform hears it.
pub(super) fn contract_set(
    stored: &StoredRestriction,
    version: u64,
    stop_page: &str,
) -> Result<RestrictionSet> {
    let name = |name: &String| CapabilityName::new(name.clone());
    let allow: std::result::Result<BTreeSet<_>, _> = stored.allow.iter().map(name).collect();
    Ok(RestrictionSet {
        version,
        mode: contract_mode(stored.mode),
        allow: allow.map_err(|error| EngineError::internal("capability", &error))?,
        since: Timestamp::from_millis(stored.since_ms),
        until_at_least: stored.until_ms.map(Timestamp::from_millis),
        stop_page_url: Some(stop_page.to_owned()),
        limits: stored.limits.map(contract_limits),
    })
}

const fn contract_limits(limits: Limits) -> platform::contract::Limits {
    platform::contract::Limits {
        daily_percent: limits.daily_percent,
        known_addresses_only: limits.known_addresses_only,
        known_before: limits.known_before,
    }
}

pub(super) fn read(body: &[u8]) -> Result<StoredRestriction> {
    serde_json::from_slice(body).map_err(|error| EngineError::internal("restriction", &error))
}

fn text(value: &impl Serialize) -> Result<String> {
    serde_json::to_string(value).map_err(|error| EngineError::internal("restriction", &error))
}

pub(super) fn written(value: &impl Serialize) -> Result<Vec<u8>> {
    serde_json::to_vec(value).map_err(|error| EngineError::internal("restriction", &error))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_the_contracts_set() {
        let limits = r#","limits":{"daily_percent":10,
            "known_addresses_only":true,"known_before":7}"#;
        let mut known = Known::default();
        for (number, (mode, rest)) in [("cooling_off", ""), ("thawing", limits), ("none", "")]
            .into_iter()
            .enumerate()
        {
            let allow = r#"["login","withdraw"]"#;
            let body =
                format!(r#"{{"mode":"{mode}","allow":{allow},"since_ms":5,"until_ms":9{rest}}}"#);
            let account = AccountRef(format!("acc_{number}"));
            let change = RestrictionChange {
                change: 1,
                account: account.clone(),
                version: 3,
                body: body.into_bytes(),
            };
            known.learn(change, "https://recover.example/stop").unwrap();
            let entry = known.of(&account).unwrap();
            let text = entry.written().unwrap();
            assert_eq!(text, written(&entry.set()).unwrap());
            let read: RestrictionSet = serde_json::from_slice(&text).unwrap();
            assert_eq!(read, entry.set());
            assert_eq!(read.version, entry.version());
        }
    }
}
