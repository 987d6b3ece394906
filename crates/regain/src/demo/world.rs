//! Regain, the exchange and the mailbox on loopback, with one virtual clock.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use anyhow::{Context as _, Result};
use engine::inputs::PortalSettings;
use engine::{Engine, Parts};
use exchange::{Exchange, OutgoingMail};
use notify::{Brand, Mailer, SmtpConfig, SmtpTls};
use platform::contract::PasskeyParty;
use platform::{Clock, PlatformClient, SharedKey, SharedKeys, Timeouts};
use rand::Rng as _;
use recovery::time::{Span, Timestamp};
use store::{Mode, Settings, Store};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use url::Url;
use vault::{Location, MasterKey, Vault, VaultConfig};

use super::mailbox::Mailbox;
use super::{page, seed};
use crate::wiring;

/// Ports people find the three services at; free ones are used where these are taken.
pub(crate) const PORTS: [u16; 3] = [8090, 8091, 8092];

/// How a world is made.
pub(crate) struct Options {
    /// Where its data is.
    pub data: PathBuf,
    /// Another database than a file in `data`.
    pub database: Option<String>,
    /// Model files.
    pub models: Option<PathBuf>,
    /// Portrait of the first account.
    pub portrait: Option<Vec<u8>>,
    /// Any free ports instead of [`PORTS`].
    pub free_ports: bool,
}

/// Everything that runs.
pub(crate) struct World {
    pub engine: Engine,
    pub store: Store,
    pub mailbox: Mailbox,
    pub portal: Url,
    pub exchange: Url,
    pub mailbox_page: Url,
    /// Whether faces can be compared.
    pub faces: bool,
    clock: VirtualClock,
    tasks: Vec<JoinHandle<()>>,
    stop: Arc<tokio::sync::Notify>,
}

/// Real time plus what was skipped. Only the demo has one; `serve` refuses its database.
#[derive(Clone)]
pub(crate) struct VirtualClock {
    store: Store,
    skipped_ms: Arc<AtomicI64>,
}

impl VirtualClock {
    async fn open(store: Store) -> Result<Self> {
        let skipped = store.now().await?.since(wiring::wall_now()).as_millis();
        // Reading takes a moment; less than a minute is no skipping.
        let skipped = if skipped.abs() < 60_000 { 0 } else { skipped };
        Ok(Self {
            store,
            skipped_ms: Arc::new(AtomicI64::new(skipped)),
        })
    }

    /// Lets time pass.
    pub(crate) async fn advance(&self, by: Span) -> Result<()> {
        self.store.advance_demo_clock(by).await?;
        self.skipped_ms.fetch_add(by.as_millis(), Ordering::SeqCst);
        Ok(())
    }

    /// The demo's time.
    pub(crate) fn now(&self) -> Timestamp {
        wiring::wall_now() + Span::millis(self.skipped_ms.load(Ordering::SeqCst))
    }

    fn as_clock(&self) -> Clock {
        let clock = self.clone();
        Arc::new(move || clock.now())
    }
}

struct Sockets {
    portal: TcpListener,
    exchange: TcpListener,
    page: TcpListener,
    smtp: TcpListener,
}

async fn bind(port: u16) -> Result<TcpListener> {
    match TcpListener::bind(("127.0.0.1", port)).await {
        Ok(listener) => Ok(listener),
        Err(_) => Ok(TcpListener::bind(("127.0.0.1", 0)).await?),
    }
}

impl Sockets {
    async fn open(free_ports: bool) -> Result<Self> {
        let [portal, exchange, page] = if free_ports { [0; 3] } else { PORTS };
        Ok(Self {
            portal: bind(portal).await?,
            exchange: bind(exchange).await?,
            page: bind(page).await?,
            smtp: bind(0).await?,
        })
    }
}

/// `localhost`, because passkeys need a name.
fn url_of(listener: &TcpListener) -> Result<Url> {
    let port = listener.local_addr()?.port();
    Ok(Url::parse(&format!("http://localhost:{port}/"))?)
}

impl World {
    /// Starts everything.
    pub(crate) async fn start(options: &Options) -> Result<Self> {
        std::fs::create_dir_all(&options.data).context("the demo's folder cannot be made")?;
        let sockets = Sockets::open(options.free_ports).await?;
        let url = options
            .database
            .clone()
            .unwrap_or_else(|| format!("sqlite:{}", options.data.join("regain.sqlite").display()));
        let store = Store::open(&Settings {
            url,
            mode: Mode::Demo,
        })
        .await?;
        store.migrate().await?;
        let clock = VirtualClock::open(store.clone()).await?;
        let keys = demo_keys(&options.data)?;
        let mailbox = Mailbox::default();
        let (portal, exchange) = (url_of(&sockets.portal)?, url_of(&sockets.exchange)?);
        let mailbox_page = url_of(&sockets.page)?;
        let shop = open_exchange(options, &clock, &keys, &mailbox, &portal, &exchange).await?;
        seed_accounts(&shop, options, &clock).await?;
        let face = options.models.as_deref().and_then(wiring::load_face);
        let faces = face.is_some();
        let engine = Engine::start(Parts {
            store: store.clone(),
            vault: open_vault(&options.data).await?,
            platform: PlatformClient::new(
                exchange.as_str(),
                keys.clone(),
                Timeouts::default(),
                wiring::wall_clock(),
            )?,
            keys,
            mailer: mailer(&sockets.smtp, &portal)?,
            brand: brand(&portal),
            face,
            tools: evidence::MediaTools::find(),
            limits: evidence::Limits::default(),
            policy: recovery::policy::DEFAULT.to_owned(),
            settings: settings(&portal, &exchange),
            wall: wiring::wall_clock(),
            rng: wiring::seeded_rng()?,
        })
        .await?;
        let mut world = Self {
            engine,
            store,
            mailbox,
            portal,
            exchange,
            mailbox_page,
            faces,
            clock,
            tasks: Vec::new(),
            stop: Arc::default(),
        };
        world.serve(sockets, shop);
        Ok(world)
    }

    fn serve(&mut self, sockets: Sockets, shop: Exchange) {
        let portal =
            web::router(self.engine.clone()).into_make_service_with_connect_info::<SocketAddr>();
        let pages = page::router(self.mailbox.clone(), self.clock.clone());
        let engine = self.engine.clone();
        let stop = self.stop.clone();
        self.spawn(async move {
            if let Err(error) = axum::serve(sockets.portal, portal).await {
                tracing::error!(%error, "the portal stopped");
            }
        });
        self.spawn(async move {
            if let Err(error) = shop.serve(sockets.exchange, std::future::pending()).await {
                tracing::error!(%error, "the exchange stopped");
            }
        });
        self.spawn(async move {
            if let Err(error) = axum::serve(sockets.page, pages).await {
                tracing::error!(%error, "the mailbox page stopped");
            }
        });
        self.spawn(self.mailbox.clone().serve_smtp(sockets.smtp));
        self.spawn(async move { engine.work_until(stop.notified()).await });
    }

    fn spawn(&mut self, task: impl Future<Output = ()> + Send + 'static) {
        #[expect(
            clippy::disallowed_methods,
            reason = "the demo's wiring; ended in `end`"
        )]
        self.tasks.push(tokio::spawn(task));
    }

    /// The demo's clock.
    pub(crate) const fn clock(&self) -> &VirtualClock {
        &self.clock
    }

    /// Ends everything.
    pub(crate) async fn end(self) {
        self.stop.notify_one();
        for task in self.tasks {
            task.abort();
            let _ended = task.await;
        }
        self.store.close().await;
    }
}

/// A secret of the demo, readable by its user only.
fn write_secret(path: &Path, text: &str) -> Result<()> {
    use std::io::Write as _;
    use std::os::unix::fs::OpenOptionsExt as _;
    let mut file = std::fs::OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(path)?;
    writeln!(file, "{text}")?;
    Ok(())
}

fn demo_keys(data: &Path) -> Result<SharedKeys> {
    let path = data.join("platform.key");
    if !path.exists() {
        let mut secret = [0_u8; 32];
        wiring::seeded_rng()?.fill_bytes(&mut secret);
        write_secret(&path, &data_encoding::BASE64.encode(&secret))?;
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
        write_secret(&path, &MasterKey::generate().to_secret_text())?;
    }
    Ok(Vault::open(VaultConfig {
        objects: Location::folder(data.join("objects")),
        keys: Location::folder(data.join("keys")),
        masters: vec![MasterKey::from_file(&path)?],
    })
    .await?)
}

async fn open_exchange(
    options: &Options,
    clock: &VirtualClock,
    keys: &SharedKeys,
    mailbox: &Mailbox,
    portal: &Url,
    exchange: &Url,
) -> Result<Exchange> {
    let mailbox = mailbox.clone();
    let config = exchange::Config {
        name: "Exemplar".to_owned(),
        base_url: exchange.to_string(),
        regain_url: portal.to_string(),
        entry_url: portal.to_string(),
        keys: keys.clone(),
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
    };
    Ok(Exchange::open(config).await?)
}

async fn seed_accounts(shop: &Exchange, options: &Options, clock: &VirtualClock) -> Result<()> {
    let now = clock.now();
    let accounts: Vec<_> = seed::PEOPLE
        .iter()
        .enumerate()
        .map(|(place, person)| {
            let portrait = options.portrait.clone().filter(|_| place == 0);
            seed::account(person, portrait, now)
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

fn mailer(smtp: &TcpListener, portal: &Url) -> Result<Mailer> {
    let config = SmtpConfig {
        host: "127.0.0.1".to_owned(),
        port: smtp.local_addr()?.port(),
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
        demo: true,
    }
}
