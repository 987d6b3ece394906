//! A node as `regain serve` starts it, and the bare handler beside it.

use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;

use anyhow::Result;
use axum::Router;
use axum::routing::get;
use engine::chains::Explorers;
use engine::examine::Instruments;
use engine::inputs::PortalSettings;
use engine::signals::Sources;
use engine::{Engine, Parts};
use notify::{Brand, Mailer, SmtpConfig, SmtpTls};
use platform::{Clock, PlatformClient, RegainClient, SharedKey, SharedKeys, Timeouts, Timestamp};
use rand::SeedableRng as _;
use store::{Mode, Settings, Store};
use tokio::net::TcpListener;
use url::Url;
use vault::{Location, MasterKey, Vault, VaultConfig};

/// A node that serves.
pub(crate) struct Node {
    pub(crate) address: SocketAddr,
    pub(crate) client: RegainClient,
    pub(crate) keys: SharedKeys,
    /// Its own connections: what it commits, it knows at once.
    pub(crate) store: Store,
}

impl Node {
    /// Until it knows every account.
    pub(crate) async fn warm(&self) -> Result<()> {
        for _ in 0..600 {
            if self.client.restrictions(&crate::name(0)).await.is_ok() {
                return Ok(());
            }
        }
        anyhow::bail!("the node does not come to know its accounts")
    }
}

pub(crate) async fn open(url: &str) -> Result<Store> {
    let settings = Settings {
        url: url.to_owned(),
        mode: Mode::Serve,
    };
    Ok(Store::open(&settings).await?)
}

fn wall() -> Clock {
    Arc::new(|| {
        let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
        let millis = since.map_or(0, |since| since.as_millis());
        Timestamp::from_millis(i64::try_from(millis).unwrap_or_default())
    })
}

fn shared_keys() -> Result<SharedKeys> {
    Ok(SharedKeys::new(
        SharedKey::new("bench", vec![7; 32])?,
        None,
    )?)
}

pub(crate) async fn start(folder: &Path, database: &str) -> Result<Node> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let address = listener.local_addr()?;
    let origin = Url::parse(&format!("http://{address}"))?;
    let (keys, store) = (shared_keys()?, open(database).await?);
    let engine = engine(folder, &store, &keys, &origin).await?;
    let service = web::router(engine).into_make_service_with_connect_info::<SocketAddr>();
    tokio::spawn(async move { axum::serve(listener, service).await });
    let client = RegainClient::new(origin.as_str(), keys.clone(), Timeouts::default(), wall())?;
    Ok(Node {
        address,
        client,
        keys,
        store,
    })
}

async fn engine(folder: &Path, store: &Store, keys: &SharedKeys, origin: &Url) -> Result<Engine> {
    let brand = Brand {
        platform: "Bench".to_owned(),
        host: "localhost".to_owned(),
        mail_from: "recovery@bench.example".to_owned(),
    };
    let smtp = SmtpConfig {
        host: "127.0.0.1".to_owned(),
        port: 1,
        tls: SmtpTls::None,
        user: None,
        password: None,
    };
    let vault = Vault::open(VaultConfig {
        objects: Location::folder(folder.join("objects")),
        keys: Location::folder(folder.join("keys")),
        masters: vec![MasterKey::generate()],
    });
    let nowhere = "http://127.0.0.1:1";
    Ok(Engine::start(Parts {
        store: store.clone(),
        vault: vault.await?,
        platform: PlatformClient::new(nowhere, keys.clone(), Timeouts::default(), wall())?,
        keys: keys.clone(),
        mailer: Mailer::smtp(&smtp, &brand)?,
        brand,
        instruments: Instruments::without_models(),
        limits: evidence::Limits::default(),
        policy: recovery::policy::DEFAULT.to_owned(),
        settings: settings(origin),
        sources: Sources::none(),
        breached: None,
        nodes: None,
        webhooks: Vec::new(),
        wall: wall(),
        rng: rand::rngs::StdRng::seed_from_u64(7),
    })
    .await?)
}

fn settings(origin: &Url) -> PortalSettings {
    PortalSettings {
        origin: origin.clone(),
        platform: "Bench".to_owned(),
        platform_domain: "bench.example".to_owned(),
        login_url: origin.clone(),
        reset_url: origin.clone(),
        mail_from: "recovery@bench.example".to_owned(),
        official_domains: Vec::new(),
        platform_start_year: 2015,
        idle_years: 5,
        trusted_proxies: Vec::new(),
        explorers: Explorers::default(),
        demo: false,
    }
}

/// The same framework, path and size of answer, and nothing else.
pub(crate) async fn bare(body: Vec<u8>) -> Result<SocketAddr> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let address = listener.local_addr()?;
    let answer = move || async move { ([("content-type", "application/json")], body) };
    let path = "/platform/v1/accounts/{account}/restrictions";
    let service = Router::new()
        .route(path, get(answer))
        .into_make_service_with_connect_info::<SocketAddr>();
    tokio::spawn(async move { axum::serve(listener, service).await });
    Ok(address)
}

/// How much memory this process holds.
pub(crate) fn memory() -> String {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find(|line| line.starts_with("VmRSS"));
    let kib = line.and_then(|line| line.split_whitespace().nth(1)?.parse::<u64>().ok());
    kib.map_or_else(String::new, |kib| format!("{} MB resident", kib / 1024))
}
