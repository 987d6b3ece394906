//! What all trials stand on: the wire, the account, and calls that several of them make.

use std::collections::BTreeSet;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, Ordering};

use recovery::id::{AccountRef, CaseId};

use crate::contract::{
    ActionName, Capabilities, CapabilityName, Dossier, ProbeAnswer, ProbeRequest, ProbeResult,
    ResolveAnswer, ResolveRequest, RestrictionAck, RestrictionMode, RestrictionSet, SecuringAnswer,
    SecuringProgress, SecuringReading, SecuringRequest, SecuringState, SecuringVerb,
};
use crate::paths::REGAIN_BASE;

use super::rows::{Miss, Trial, ensure, fail, skip};
use super::wire::{Call, Wire};
use super::{Options, PENDING_READS};

/// Where a holder would stop a recovery; nothing is there.
const STOP_PAGE: &str = "https://recover.example/stop";

/// The ground of a run.
#[derive(Debug)]
pub(super) struct Ground {
    pub(super) wire: Wire,
    pub(super) options: Options,
    pub(super) account: OnceLock<AccountRef>,
    pub(super) capabilities: OnceLock<Capabilities>,
    pub(super) dossier: OnceLock<Dossier>,
    /// The newest version of a restriction that was used.
    pub(super) version: AtomicU64,
}

impl Ground {
    pub(super) const fn new(wire: Wire, options: Options) -> Self {
        Self {
            wire,
            options,
            account: OnceLock::new(),
            capabilities: OnceLock::new(),
            dossier: OnceLock::new(),
            version: AtomicU64::new(0),
        }
    }

    /// The test account.
    pub(super) fn account(&self) -> Trial<&AccountRef> {
        let missing = || Miss::Skip("the test account was not found".to_owned());
        self.account.get().ok_or_else(missing)
    }

    /// A path below the test account.
    pub(super) fn path(&self, rest: &str) -> Trial<String> {
        Ok(account_path(&self.account()?.0, rest))
    }

    /// What the platform declared.
    pub(super) fn declared(&self) -> Trial<&Capabilities> {
        let missing = || Miss::Skip("the platform declared nothing".to_owned());
        self.capabilities.get().ok_or_else(missing)
    }

    /// Securing actions that are declared; the known ones where nothing is.
    pub(super) fn actions(&self) -> Vec<ActionName> {
        match self.capabilities.get() {
            Some(declared) => declared.securing.clone(),
            None => ActionName::known(),
        }
    }

    /// The same without the factors, which need new ones first.
    pub(super) fn plain_actions(&self) -> Vec<ActionName> {
        let mut actions = self.actions();
        actions.retain(|action| action.as_str() != ActionName::OLD_FACTORS);
        actions
    }

    /// A case that nobody used.
    pub(super) fn case(&self) -> CaseId {
        fresh_case(self.wire.now())
    }

    pub(super) async fn resolve(&self, identifier: &str) -> Trial<Option<AccountRef>> {
        let request = ResolveRequest {
            identifier: identifier.to_owned().into(),
        };
        let call = Call::post(format!("{REGAIN_BASE}/accounts/resolve"), &request);
        let answer: ResolveAnswer = self.wire.json(&call).await?;
        Ok(answer.account)
    }

    /// A set with the next version.
    pub(super) fn set(&self, mode: RestrictionMode, allow: &[CapabilityName]) -> RestrictionSet {
        let version = self.version.fetch_add(1, Ordering::SeqCst) + 1;
        let allow: BTreeSet<CapabilityName> = allow.iter().cloned().collect();
        RestrictionSet {
            version,
            mode,
            allow,
            since: self.wire.now(),
            until_at_least: None,
            limits: None,
            stop_page_url: Some(STOP_PAGE.to_owned()),
        }
    }

    pub(super) async fn restrict(&self, set: &RestrictionSet) -> Trial<RestrictionAck> {
        let call = Call::put(self.path("restrictions")?, set);
        self.wire.json(&call).await
    }

    pub(super) async fn in_force(&self) -> Trial<RestrictionSet> {
        self.wire.json(&Call::get(self.path("restrictions")?)).await
    }

    /// Puts a set in force and reads it back.
    pub(super) async fn put(&self, set: &RestrictionSet) -> Trial {
        let ack = self.restrict(set).await?;
        ensure(ack.version == set.version, || {
            format!(
                "version {} was acknowledged for {}",
                ack.version, set.version
            )
        })?;
        let read = self.in_force().await?;
        same_set(set, &read)
    }

    pub(super) fn secure_call(
        &self,
        action: &ActionName,
        case: &CaseId,
        verb: SecuringVerb,
        key: &str,
    ) -> Trial<Call> {
        let request = SecuringRequest {
            case: case.clone(),
            verb,
            idempotency_key: key.to_owned(),
        };
        let path = self.path(&format!("securing/{action}"))?;
        Ok(Call::post(path, &request))
    }

    /// Carries a verb out under a key of its own.
    pub(super) async fn secure(
        &self,
        action: &ActionName,
        case: &CaseId,
        verb: SecuringVerb,
    ) -> Trial<SecuringAnswer> {
        let call = self.secure_call(action, case, verb, &fresh_word())?;
        self.wire.json(&call).await
    }

    pub(super) async fn reading(
        &self,
        action: &ActionName,
        case: &CaseId,
    ) -> Trial<SecuringReading> {
        let path = self.path(&format!("securing/{action}?case={case}"))?;
        self.wire.json(&Call::get(path)).await
    }

    /// Carries a verb out and reads back that it was; pending ones until they are done.
    pub(super) async fn secured(
        &self,
        action: &ActionName,
        case: &CaseId,
        verb: SecuringVerb,
    ) -> Trial {
        let expected = match verb {
            SecuringVerb::Suspend => SecuringState::Suspended,
            SecuringVerb::Restore => SecuringState::Active,
            SecuringVerb::Destroy => SecuringState::Destroyed,
        };
        let answer = self.secure(action, case, verb).await?;
        let mut reads = match answer.state {
            SecuringProgress::Done => 0,
            SecuringProgress::Pending => PENDING_READS,
        };
        loop {
            let read = self.reading(action, case).await?;
            if read.state == expected {
                return Ok(());
            }
            if reads == 0 {
                let verb = format!("{verb:?}").to_lowercase();
                let read = format!("{:?}", read.state).to_lowercase();
                return fail(format!(
                    "{verb} of {action} was acknowledged, but reads {read}"
                ));
            }
            reads -= 1;
            let pause = tokio::time::timeout(self.options.pause, std::future::pending::<()>());
            let _elapsed = pause.await;
        }
    }

    /// Whether a user could do something now, if the platform tells.
    pub(super) async fn probe(
        &self,
        door: Option<&ActionName>,
        capability: &CapabilityName,
    ) -> Trial<ProbeResult> {
        if !self.declared()?.probe {
            return skip("the platform offers no probe: try it by hand");
        }
        let request = ProbeRequest {
            account: self.account()?.clone(),
            door: door.cloned(),
            capability: capability.clone(),
        };
        let call = Call::post(format!("{REGAIN_BASE}/conformance/probe"), &request);
        let answer: ProbeAnswer = self.wire.json(&call).await?;
        Ok(answer.result)
    }
}

/// A path below an account.
pub(super) fn account_path(account: &str, rest: &str) -> String {
    format!("{REGAIN_BASE}/accounts/{account}/{rest}")
}

/// Whether a set that was read is the one that was put.
pub(super) fn same_set(put: &RestrictionSet, read: &RestrictionSet) -> Trial {
    ensure(read.version == put.version, || {
        format!(
            "version {} reads back in place of {}",
            read.version, put.version
        )
    })?;
    ensure(read.mode == put.mode, || {
        format!("the mode reads {:?} in place of {:?}", read.mode, put.mode)
    })?;
    ensure(read.allow == put.allow, || {
        "what is allowed reads back differently".to_owned()
    })?;
    ensure(read == put, || {
        "since, until or the stop page reads back differently".to_owned()
    })
}

/// Capability names that stand in the program.
pub(super) fn names(names: &[&'static str]) -> Vec<CapabilityName> {
    names.iter().copied().map(CapabilityName::fixed).collect()
}

/// Random text for keys, addresses and identifiers that nobody used: 32 hexadecimal digits.
#[expect(
    clippy::disallowed_methods,
    reason = "made at the edge, to be new each time"
)]
pub(super) fn fresh_word() -> String {
    use rand::Rng;
    let mut bytes = [0; 16];
    rand::rng().fill_bytes(&mut bytes);
    data_encoding::HEXLOWER.encode(&bytes)
}

#[expect(
    clippy::disallowed_methods,
    reason = "made at the edge, to be new each time"
)]
fn fresh_case(now: recovery::time::Timestamp) -> CaseId {
    CaseId::new(now, &mut rand::rng())
}
