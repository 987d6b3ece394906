//! From a configuration to a running engine. The demo builds its own from the same small parts.

mod webhooks;

use std::path::Path;
use std::sync::Arc;

use anyhow::Context as _;
use engine::chains::Nodes;
use engine::examine::Instruments;
use engine::inputs::PortalSettings;
use engine::signals::Sources;
use engine::{BreachedList, Engine, Parts};
use evidence::{DigitListener, Limits, MediaTools, Ocr};
use face::FaceEngine;
use models::{ModelSet, Role};
use notify::{Brand, Mailer, SmtpConfig};
use platform::{Clock, PlatformClient, SharedKey, SharedKeys, Timeouts};
use rand::SeedableRng as _;
use rand::rngs::{StdRng, SysRng};
use recovery::time::Timestamp;
use store::{Mode, SCHEMA_VERSION, Settings, Store};
use vault::{Location, MasterKey, Vault, VaultConfig};

pub(crate) use webhooks::webhook_sender;

use crate::chains::ConfiguredNodes;
use crate::config::{Config, Secret};
use crate::steady::SteadyClock;

/// What runs, and what must be closed when it stops.
pub(crate) struct Running {
    pub(crate) engine: Engine,
    pub(crate) store: Store,
    pub(crate) clock: SteadyClock,
}

/// Whether faces will be compared: loading the models takes a moment and 30 MB.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Faces {
    /// Load the models.
    Load,
    /// This command does not look at faces.
    Skip,
}

/// Builds the engine.
///
/// # Errors
/// When something that it cannot do without is missing, wrong or refused.
pub(crate) async fn build(config: &Config, faces: Faces) -> anyhow::Result<Running> {
    let policy = policy_text(config)?;
    let keys = shared_keys(config)?;
    let brand = brand(config);
    let mailer = mailer(config, &brand)?;
    let nodes = nodes(config)?;
    let breached = breached_list(config)?;
    let webhooks = webhooks::endpoints(config)?;
    let store = open_store(config).await?;
    let clock = SteadyClock::start(wall_clock(), &store).await?;
    let platform = platform_client(config, keys.clone(), clock.clock())?;
    let vault = open_configured_vault(config).await?;
    let instruments = match (&config.models, faces) {
        (Some(dir), Faces::Load) => instruments(Some(dir)),
        (None, Faces::Load) => {
            tracing::warn!(
                "no folder of model files is configured (models.dir): faces and digits are not \
                 compared, every case waits for a human"
            );
            instruments(None)
        }
        (_, Faces::Skip) => instruments(None),
    };
    let engine = Engine::start(Parts {
        store: store.clone(),
        vault,
        platform,
        keys,
        mailer,
        brand,
        instruments,
        limits: Limits::default(),
        policy,
        settings: portal_settings(config),
        sources: Sources::open(config.signals.clone(), clock.clock()),
        breached,
        nodes,
        webhooks,
        wall: clock.clock(),
        rng: seeded_rng()?,
    })
    .await?;
    Ok(Running {
        engine,
        store,
        clock,
    })
}

/// Opens the database for serving. Its tables must be up to date.
///
/// # Errors
/// When it cannot be reached, is marked as demo, or needs `regain migrate` first.
pub(crate) async fn open_store(config: &Config) -> anyhow::Result<Store> {
    make_database_folder(config.database.reveal())?;
    let url = config.database.reveal().clone();
    let mode = Mode::Serve;
    let store = Store::open(&Settings { url, mode })
        .await
        .context("the database")?;
    let version = store.read().await?.schema_version().await?;
    anyhow::ensure!(
        version == SCHEMA_VERSION,
        "the database has schema version {version}, this program needs {SCHEMA_VERSION}; \
         run: regain migrate"
    );
    Ok(store)
}

/// Makes the folder of an SQLite file, for its owner alone.
///
/// # Errors
/// When it cannot be made.
pub(crate) fn make_database_folder(url: &str) -> anyhow::Result<()> {
    let Some(folder) = sqlite_file(url).and_then(Path::parent) else {
        return Ok(());
    };
    if folder.as_os_str().is_empty() || folder.is_dir() {
        return Ok(());
    }
    let mut builder = std::fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder
        .create(folder)
        .with_context(|| format!("the folder {} cannot be made", folder.display()))
}

/// The file of an SQLite address.
pub(crate) fn sqlite_file(url: &str) -> Option<&Path> {
    let file = url.strip_prefix("sqlite:")?;
    let file = file.strip_prefix("//").unwrap_or(file);
    file.split('?').next().map(Path::new)
}

/// Opens a vault in two folders. The first master key wraps, all of them open.
///
/// # Errors
/// When a folder cannot be used, or no master key opens what is there.
pub(crate) async fn open_vault(
    objects: &Path,
    keys: &Path,
    masters: Vec<MasterKey>,
) -> anyhow::Result<Vault> {
    Vault::open(VaultConfig {
        objects: Location::folder(objects),
        keys: Location::folder(keys),
        masters,
    })
    .await
    .context("the vault")
}

/// Opens the vault of the configuration.
///
/// # Errors
/// As [`open_vault`], and when a master key cannot be read.
pub(crate) async fn open_configured_vault(config: &Config) -> anyhow::Result<Vault> {
    let vault = &config.vault;
    open_vault(&vault.objects, &vault.keys, master_keys(config)?).await
}

/// The current master key first, then the older ones.
///
/// # Errors
/// When one cannot be read or is none.
pub(crate) fn master_keys(config: &Config) -> anyhow::Result<Vec<MasterKey>> {
    let secrets = std::iter::once(&config.vault.master).chain(&config.vault.older);
    let read = |secret: &Secret| {
        MasterKey::parse(secret.read()?.reveal()).with_context(|| {
            format!(
                "{} in {} (`regain keys new master FILE` makes one)",
                secret.what,
                secret.place()
            )
        })
    };
    secrets.map(read).collect()
}

/// The keys shared with the platform.
///
/// # Errors
/// When one cannot be read or does not do.
pub(crate) fn shared_keys(config: &Config) -> anyhow::Result<SharedKeys> {
    let read = |id: &str, secret: &Secret| {
        SharedKey::from_base64(id, secret.read()?.reveal()).with_context(|| {
            format!(
                "{} in {} (`regain keys new platform FILE` makes one)",
                secret.what,
                secret.place()
            )
        })
    };
    let platform = &config.platform;
    let current = read(&platform.key_id, &platform.key)?;
    let other = match &platform.other {
        Some((id, secret)) => Some(read(id, secret)?),
        None => None,
    };
    SharedKeys::new(current, other).context("platform.other_key_id")
}

/// The client for the platform of the configuration.
///
/// # Errors
/// When the address does not do or this machine has no trusted certificates.
pub(crate) fn platform_client(
    config: &Config,
    keys: SharedKeys,
    clock: Clock,
) -> anyhow::Result<PlatformClient> {
    let url = config.platform.url.as_str();
    PlatformClient::new(url, keys, Timeouts::default(), clock).context("platform.url")
}

/// The nodes of chains that the operator named, if any.
fn nodes(config: &Config) -> anyhow::Result<Option<Arc<dyn Nodes>>> {
    let chains = &config.chains;
    if chains.esplora.is_none() && chains.evm_rpc.is_none() {
        return Ok(None);
    }
    let nodes = ConfiguredNodes::new(chains.esplora.clone(), chains.evm_rpc.clone());
    Ok(Some(Arc::new(nodes.context("[chains]")?)))
}

/// The list of passwords that leaked, if the operator named one. One that cannot be used would
/// stop every handover later on.
fn breached_list(config: &Config) -> anyhow::Result<Option<BreachedList>> {
    let Some(path) = &config.breached_list else {
        return Ok(None);
    };
    let list = BreachedList::open(path).map_err(|error| {
        anyhow::anyhow!(
            "passwords.breached_list: {} {error}; name a file of \"Pwned Passwords\" by SHA-1, \
             sorted by hash, or leave the key out",
            path.display()
        )
    })?;
    Ok(Some(list))
}

fn mailer(config: &Config, brand: &Brand) -> anyhow::Result<Mailer> {
    let mail = &config.mail;
    let password = match &mail.password {
        Some(secret) => Some(secret.read()?),
        None => None,
    };
    let smtp = SmtpConfig {
        host: mail.host.clone(),
        port: mail.port,
        tls: mail.tls,
        user: mail.user.clone(),
        password,
    };
    Mailer::smtp(&smtp, brand).context("[mail]")
}

fn brand(config: &Config) -> Brand {
    Brand {
        platform: config.platform.name.clone(),
        host: portal_settings(config).host(),
        mail_from: config.mail.from.clone(),
    }
}

fn portal_settings(config: &Config) -> PortalSettings {
    let platform = &config.platform;
    PortalSettings {
        origin: config.server.origin.clone(),
        platform: platform.name.clone(),
        platform_domain: platform.domain.clone(),
        login_url: platform.login_url.clone(),
        reset_url: platform.reset_url.clone(),
        mail_from: config.mail.from.clone(),
        official_domains: platform.official_domains.clone(),
        platform_start_year: platform.start_year,
        idle_years: platform.idle_years,
        trusted_proxies: config.server.trusted_proxies.clone(),
        explorers: config.chains.explorers.clone(),
        demo: false,
    }
}

/// The policy's words: the operator's file, or the one that ships.
///
/// # Errors
/// When the file cannot be read or is wrong; then with its place.
pub(crate) fn policy_text(config: &Config) -> anyhow::Result<String> {
    let Some(path) = &config.policy else {
        return Ok(recovery::policy::DEFAULT.to_owned());
    };
    let (text, _) = crate::commands::read_policy(path)?;
    Ok(text)
}

/// Writes a secret into a new file that only its owner can read.
///
/// # Errors
/// When the file is there already, or cannot be written.
pub(crate) fn write_secret(path: &Path, text: &str) -> anyhow::Result<()> {
    use std::io::Write as _;
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let shown = path.display();
    let mut file = options
        .open(path)
        .with_context(|| format!("{shown} cannot be made"))?;
    let written = file
        .write_all(text.as_bytes())
        .and_then(|()| file.sync_all());
    written.with_context(|| format!("{shown} cannot be written"))
}

/// What looks and listens on this machine, with the models of a folder. What is missing makes its
/// checks unavailable; a wrong file is never used in place of the right one.
pub(crate) fn instruments(models: Option<&Path>) -> Instruments {
    let media = MediaTools::find();
    let unusable = |error: &dyn std::fmt::Display| {
        tracing::error!(
            %error,
            "the models cannot be used: faces and digits are not compared, every case waits for \
             a human"
        );
    };
    let set = models.and_then(|dir| ModelSet::open(dir).inspect_err(|e| unusable(e)).ok());
    let set = set.as_ref();
    let face = set.and_then(|set| FaceEngine::open(set).inspect_err(|e| unusable(e)).ok());
    let digits = set.and_then(DigitListener::open);
    let mrz = set.and_then(|set| set.path(Role::OcrMrz).ok());
    tracing::info!(
        faces = face.is_some(),
        digits = digits.is_some(),
        zones = mrz.is_some(),
        "engines"
    );
    Instruments {
        ocr: Ocr::new(media.clone(), mrz.as_deref()),
        media,
        face,
        digits,
    }
}

/// Loads the face models of a folder.
///
/// # Errors
/// When a file is missing, wrong, or not taken by the engine.
pub(crate) fn open_face(dir: &Path) -> anyhow::Result<FaceEngine> {
    Ok(FaceEngine::open(&ModelSet::open(dir)?)?)
}

/// This machine's time: for signatures between machines only, never for a wait of a case.
pub(crate) fn wall_clock() -> Clock {
    Arc::new(wall_now)
}

/// See [`wall_clock`].
#[expect(
    clippy::disallowed_methods,
    reason = "signatures between machines carry real time"
)]
pub(crate) fn wall_now() -> Timestamp {
    Timestamp::from_millis(jiff::Timestamp::now().as_millisecond())
}

/// A generator seeded by the operating system.
///
/// # Errors
/// When the system gives no randomness: nothing may start then.
pub(crate) fn seeded_rng() -> anyhow::Result<StdRng> {
    StdRng::try_from_rng(&mut SysRng)
        .map_err(|error| anyhow::anyhow!("the system gives no random numbers: {error}"))
}
