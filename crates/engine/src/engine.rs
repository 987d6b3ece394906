//! The engine: its parts, how it starts, and the small things everything else needs.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, RwLock};

use evidence::Limits;
use notify::{Brand, Mailer};
use platform::{Clock, PlatformClient, SharedKeys, Verifier};
use rand::rngs::StdRng;
use recovery::calendar::Calendar;
use recovery::policy::Policy;
use recovery::sensitive::Sensitive;
use recovery::time::Timestamp;
use store::{SecretDigest, Store};
use tokio::sync::{Notify, Semaphore};
use vault::Vault;

use crate::chains::Nodes;
use crate::error::{EngineError, Result};
use crate::examine::Instruments;
use crate::gallery::Faces;
use crate::inputs::PortalSettings;
use crate::passwords::BreachedList;
use crate::policies::at_start;
use crate::restrictions::Restrictions;
use crate::reuse::Remembered;
use crate::signals::Sources;
use crate::webhooks::WebhookEndpoint;

/// Pictures and videos looked at, at the same time, in one process.
const MEDIA_AT_ONCE: usize = 2;

/// Files in memory at the same time, on their way in: 48 MiB each at most. Whoever comes while all
/// places are taken tries again.
const INTAKE_AT_ONCE: usize = 16;

/// Everything the engine is made of; `regain` builds it from configuration.
#[allow(missing_docs, reason = "plain parts")]
pub struct Parts {
    pub store: Store,
    pub vault: Vault,
    pub platform: PlatformClient,
    pub keys: SharedKeys,
    pub mailer: Mailer,
    pub brand: Brand,
    pub instruments: Instruments,
    pub limits: Limits,
    /// The policy document for new cases; older versions come from the store.
    pub policy: String,
    pub settings: PortalSettings,
    /// What is known of addresses and places.
    pub sources: Sources,
    /// Passwords that leaked, where the operator has a list.
    pub breached: Option<BreachedList>,
    /// Nodes of chains that are asked for transactions, where the operator names any.
    pub nodes: Option<Arc<dyn Nodes>>,
    /// Where news of cases is sent.
    pub webhooks: Vec<WebhookEndpoint>,
    /// The clock that signatures between machines use: real time, also in the demo.
    pub wall: Clock,
    /// Seeded from the operating system.
    pub rng: StdRng,
}

/// A policy with its calendar, as decisions need them.
#[derive(Debug)]
pub(crate) struct Rules {
    pub policy: Arc<Policy>,
    pub calendar: Calendar,
}

impl Rules {
    pub(crate) fn parse(text: &str) -> Result<Self> {
        let policy =
            Policy::parse(text).map_err(|error| EngineError::internal("policy", &error))?;
        let calendar = Calendar::new(&policy.calendar)
            .map_err(|error| EngineError::internal("calendar", &error))?;
        let policy = Arc::new(policy);
        Ok(Self { policy, calendar })
    }
}

pub(crate) struct Inner {
    pub store: Store,
    pub vault: Vault,
    pub platform: PlatformClient,
    pub keys: SharedKeys,
    pub mailer: Mailer,
    pub brand: Brand,
    pub instruments: Instruments,
    pub limits: Limits,
    pub settings: PortalSettings,
    pub sources: Arc<Sources>,
    pub breached: Option<BreachedList>,
    pub nodes: Option<Arc<dyn Nodes>>,
    pub webhooks: Vec<WebhookEndpoint>,
    pub verifier: Verifier,
    pub wall: Clock,
    pub media: Semaphore,
    /// Bounds the files that are held in memory.
    pub intake: Semaphore,
    /// All prints of evidence, for finding the same picture again.
    pub reuse: tokio::sync::Mutex<Remembered>,
    /// What every account may do now.
    pub restrictions: Restrictions,
    /// Opened faces of the gallery; none while it is off.
    pub gallery: Arc<tokio::sync::Mutex<Faces>>,
    /// Wakes the worker as soon as a job was written.
    pub work: Notify,
    /// The rules of new cases.
    current: RwLock<Arc<Rules>>,
    rules: RwLock<BTreeMap<u32, Arc<Rules>>>,
    rng: Mutex<StdRng>,
}

/// The shell around the rules. Cheap to clone.
#[derive(Clone)]
pub struct Engine(pub(crate) Arc<Inner>);

impl Engine {
    /// Puts the parts together. The first policy of an empty database is published; a newer one
    /// than the published one waits for two seniors.
    ///
    /// # Errors
    /// When the policy is wrong, or its version was published before with other words.
    pub async fn start(parts: Parts) -> Result<Self> {
        let offered = Rules::parse(&parts.policy)?;
        let current = at_start(&parts.store, offered, &parts.policy).await?;
        let current = Arc::new(current);
        let rules = BTreeMap::from([(current.policy.version, current.clone())]);
        Ok(Self(Arc::new(Inner {
            store: parts.store,
            vault: parts.vault,
            platform: parts.platform,
            verifier: Verifier::new(parts.keys.clone()),
            keys: parts.keys,
            mailer: parts.mailer,
            brand: parts.brand,
            instruments: parts.instruments,
            limits: parts.limits,
            restrictions: Restrictions::new(&parts.settings.origin),
            settings: parts.settings,
            sources: Arc::new(parts.sources),
            breached: parts.breached,
            nodes: parts.nodes,
            webhooks: parts.webhooks,
            wall: parts.wall,
            media: Semaphore::new(MEDIA_AT_ONCE),
            intake: Semaphore::new(INTAKE_AT_ONCE),
            reuse: tokio::sync::Mutex::default(),
            gallery: Arc::default(),
            work: Notify::new(),
            current: RwLock::new(current),
            rules: RwLock::new(rules),
            rng: Mutex::new(parts.rng),
        })))
    }

    /// What pages show of the operator.
    #[must_use]
    pub fn settings(&self) -> &PortalSettings {
        &self.0.settings
    }

    /// The policy for new cases.
    #[must_use]
    pub fn policy(&self) -> Arc<Policy> {
        self.current_rules().policy.clone()
    }

    /// The database's time.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn now(&self) -> Result<Timestamp> {
        Ok(self.0.store.now().await?)
    }

    /// The rules of new cases. A poisoned lock only means that another thread panicked.
    pub(crate) fn current_rules(&self) -> Arc<Rules> {
        let current = self.0.current.read();
        current
            .unwrap_or_else(std::sync::PoisonError::into_inner)
            .clone()
    }

    /// Sets the rules of new cases.
    pub(crate) fn set_current(&self, rules: Arc<Rules>) {
        if let Ok(mut cache) = self.0.rules.write() {
            cache.insert(rules.policy.version, rules.clone());
        }
        let current = self.0.current.write();
        *current.unwrap_or_else(std::sync::PoisonError::into_inner) = rules;
    }

    /// The rules of a version: from memory, else from the store.
    pub(crate) async fn rules(&self, version: u32) -> Result<Arc<Rules>> {
        let known = self
            .0
            .rules
            .read()
            .ok()
            .and_then(|rules| rules.get(&version).cloned());
        if let Some(rules) = known {
            return Ok(rules);
        }
        let stored = self
            .0
            .store
            .read()
            .await?
            .policy(&version.to_string())
            .await?;
        let stored = stored.ok_or(EngineError::Unavailable {
            what: "the policy of this case",
        })?;
        let text = String::from_utf8(stored.body)
            .map_err(|error| EngineError::internal("policy", &error))?;
        let rules = Arc::new(Rules::parse(&text)?);
        if let Ok(mut cache) = self.0.rules.write() {
            cache.insert(version, rules.clone());
        }
        Ok(rules)
    }

    /// Something random. A poisoned lock only means that another thread panicked while drawing.
    pub(crate) fn random<T>(&self, draw: impl FnOnce(&mut StdRng) -> T) -> T {
        let mut rng = self
            .0
            .rng
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner);
        draw(&mut rng)
    }

    /// Random bytes.
    pub(crate) fn random_bytes<const N: usize>(&self) -> [u8; N] {
        use rand::Rng;
        self.random(|rng| {
            let mut bytes = [0_u8; N];
            rng.fill_bytes(&mut bytes);
            bytes
        })
    }

    /// A bearer secret of 256 random bits, in hexadecimal.
    pub(crate) fn new_token(&self) -> Sensitive<String> {
        Sensitive::new(data_encoding::HEXLOWER.encode(&self.random_bytes::<32>()))
    }

    /// A secret that only this service can compute, the same each time: 128 bits in hexadecimal.
    /// A job that runs twice sends the same link twice, and no table holds it in clear.
    pub(crate) fn derived_token(&self, purpose: &str, about: &str) -> Sensitive<String> {
        let mut hex = self.0.vault.blind_index(purpose, about).0;
        hex.truncate(32);
        Sensitive::new(hex)
    }

    /// Digest of a code too short for a plain one: keyed, so that a stolen table cannot be tried.
    pub(crate) fn keyed_digest(&self, purpose: &str, code: &str) -> SecretDigest {
        let hex = self.0.vault.blind_index(purpose, code).0;
        let mut bytes = [0_u8; 32];
        let decoded = data_encoding::HEXLOWER
            .decode(hex.as_bytes())
            .unwrap_or_default();
        for (to, from) in bytes.iter_mut().zip(decoded) {
            *to = from;
        }
        SecretDigest::from_bytes(bytes)
    }

    /// Wakes the worker.
    pub(crate) fn wake(&self) {
        self.0.work.notify_waiters();
    }
}
