//! What a world is made of: keys, vault, exchange, engine.

use std::net::{Ipv4Addr, Ipv6Addr};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::Result;
use engine::chains::Explorers;
use engine::examine::Instruments;
use engine::inputs::PortalSettings;
use engine::signals::{SourcePaths, Sources};
use engine::{BreachedList, Engine, Parts, WebhookEndpoint};
use exchange::{Exchange, OutgoingMail};
use notify::{Brand, Mailer, SmtpConfig, SmtpTls};
use platform::contract::{EnrolAt, PasskeyParty};
use platform::{Clock, PlatformClient, SharedKey, SharedKeys, Timeouts};
use rand::Rng as _;
use recovery::clues::address::Chain;
use recovery::time::Span;
use serde::{Deserialize, Serialize};
use store::{Mode, Settings, Store};
use url::Url;
use vault::{Location, MasterKey, Vault, VaultConfig};

use super::{Options, VirtualClock};
use crate::demo::mailbox::Mailbox;
use crate::demo::seed;
use crate::steady::SteadyClock;
use crate::wiring;

/// Nothing is there: the demo tells nobody outside an address.
const EXPLORER: &str = "https://explorer.example/address/{address}";

/// Where the services of a world are found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Places {
    /// Regain.
    pub portal: Url,
    /// The exchange.
    pub exchange: Url,
    /// Port of the mailbox's SMTP.
    pub smtp: u16,
}

/// What a world's portal knows of the network around it.
#[derive(Debug, Default)]
pub(super) struct Around {
    /// A database of places.
    pub city_db: Option<PathBuf>,
    /// Passwords that leaked.
    pub breached_list: Option<PathBuf>,
    /// Callers on this machine are proxies.
    pub behind_proxy: bool,
    /// How far this node's own clock is off.
    pub clock_off: Span,
    /// Who is told of news.
    pub webhooks: Vec<WebhookEndpoint>,
}

/// The database of a world, with all its tables.
pub(super) async fn open_store(data: &Path, database: Option<&str>) -> Result<Store> {
    let url = match database {
        Some(url) => url.to_owned(),
        None => format!("sqlite:{}", data.join("regain.sqlite").display()),
    };
    let store = Store::open(&Settings {
        url,
        mode: Mode::Demo,
    })
    .await?;
    store.migrate().await?;
    Ok(store)
}

/// An engine on the data of a world.
pub(super) async fn start_engine(
    data: &Path,
    store: &Store,
    places: &Places,
    instruments: Instruments,
    policy: &str,
    around: Around,
) -> Result<Engine> {
    let keys = demo_keys(data)?;
    let off = around.clock_off;
    let own: Clock = Arc::new(move || wiring::wall_now() + off);
    let wall = SteadyClock::start(own, store).await?.clock();
    let (portal, exchange) = (&places.portal, &places.exchange);
    let sources = SourcePaths {
        city_db: around.city_db,
        ..SourcePaths::default()
    };
    let breached = around.breached_list.as_deref().map(BreachedList::open);
    let mut settings = settings(portal, exchange);
    if around.behind_proxy {
        settings.trusted_proxies = vec![Ipv4Addr::LOCALHOST.into(), Ipv6Addr::LOCALHOST.into()];
    }
    let parts = Parts {
        store: store.clone(),
        vault: open_vault(data).await?,
        platform: PlatformClient::new(
            exchange.as_str(),
            keys.clone(),
            Timeouts::default(),
            wall.clone(),
        )?,
        keys,
        mailer: mailer(places.smtp, portal)?,
        brand: brand(portal),
        instruments,
        limits: evidence::Limits::default(),
        policy: policy.to_owned(),
        settings,
        sources: Sources::open(sources, wall.clone()),
        breached: breached.transpose()?,
        nodes: None,
        webhooks: around.webhooks,
        wall,
        rng: wiring::seeded_rng()?,
    };
    Ok(Engine::start(parts).await?)
}

/// The key that Regain and the exchange share.
fn demo_keys(data: &Path) -> Result<SharedKeys> {
    let path = data.join("platform.key");
    if !path.exists() {
        let mut secret = [0_u8; 32];
        wiring::seeded_rng()?.fill_bytes(&mut secret);
        wiring::write_secret(&path, &data_encoding::BASE64.encode(&secret))?;
    }
    let text = std::fs::read_to_string(&path)?;
    Ok(SharedKeys::new(
        SharedKey::from_base64("demo", text.trim())?,
        None,
    )?)
}

async fn open_vault(data: &Path) -> Result<Vault> {
    let path = data.join("master.key");
    if !path.exists() {
        wiring::write_secret(&path, &MasterKey::generate().to_secret_text())?;
    }
    Ok(Vault::open(VaultConfig {
        objects: Location::folder(data.join("objects")),
        keys: Location::folder(data.join("keys")),
        masters: vec![MasterKey::from_file(&path)?],
    })
    .await?)
}

/// The exchange, with its pages and its contract.
pub(super) async fn open_exchange(
    options: &Options,
    clock: &VirtualClock,
    mailbox: &Mailbox,
    places: &Places,
) -> Result<Exchange> {
    let (portal, exchange) = (&places.portal, &places.exchange);
    let mailbox = mailbox.clone();
    let config = exchange::Config {
        name: "Exemplar".to_owned(),
        base_url: exchange.to_string(),
        regain_url: portal.to_string(),
        entry_url: portal.to_string(),
        keys: demo_keys(&options.data)?,
        database: Some(options.data.join("exchange.sqlite")),
        clock: clock.as_clock(),
        wall: wiring::wall_clock(),
        outgoing: Arc::new(move |mail: OutgoingMail| {
            let channel = format!("{:?}", mail.channel).to_lowercase();
            mailbox.keep(
                &channel,
                mail.to.reveal(),
                &mail.subject,
                mail.text.reveal(),
            );
        }),
        passkeys: Some(PasskeyParty {
            rp_id: "localhost".to_owned(),
            origin: exchange.origin().ascii_serialization(),
            name: "Exemplar".to_owned(),
        }),
        probe: true,
        faults: options.faults.clone(),
        passkeys_made: if options.own_passkey_page {
            EnrolAt::AtPlatform
        } else {
            EnrolAt::AtRegain
        },
    };
    Ok(Exchange::open(config).await?)
}

/// The accounts everybody starts with.
pub(super) async fn seed_accounts(
    shop: &Exchange,
    options: &Options,
    clock: &VirtualClock,
) -> Result<()> {
    let now = clock.now();
    let accounts: Vec<_> = seed::PEOPLE
        .iter()
        .enumerate()
        .map(|(place, person)| {
            let portrait = options.portrait.clone().filter(|_| place == 0);
            let mut account = seed::account(person, portrait, now);
            if place == 0 {
                seed::set_status(&mut account, options.status);
            }
            account
        })
        .collect();
    shop.seed(&accounts).await?;
    Ok(())
}

fn brand(portal: &Url) -> Brand {
    let host = portal.host_str().unwrap_or("localhost");
    let port = portal
        .port()
        .map_or_else(String::new, |port| format!(":{port}"));
    Brand {
        platform: "Exemplar".to_owned(),
        host: format!("{host}{port}"),
        mail_from: "recovery@exemplar.example".to_owned(),
    }
}

fn mailer(smtp: u16, portal: &Url) -> Result<Mailer> {
    let config = SmtpConfig {
        host: "127.0.0.1".to_owned(),
        port: smtp,
        tls: SmtpTls::None,
        user: None,
        password: None,
    };
    Ok(Mailer::smtp(&config, &brand(portal))?)
}

fn settings(portal: &Url, exchange: &Url) -> PortalSettings {
    let at = |path: &str| exchange.join(path).unwrap_or_else(|_| exchange.clone());
    PortalSettings {
        origin: portal.clone(),
        platform: "Exemplar".to_owned(),
        platform_domain: format!("localhost:{}", exchange.port().unwrap_or(80)),
        login_url: at("login"),
        reset_url: at("help/access"),
        mail_from: "recovery@exemplar.example".to_owned(),
        official_domains: vec!["localhost".to_owned()],
        platform_start_year: 2015,
        idle_years: 5,
        trusted_proxies: Vec::new(),
        explorers: Explorers::default().with(Chain::Bitcoin, EXPLORER.to_owned()),
        demo: true,
    }
}
