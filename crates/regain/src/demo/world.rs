//! Regain, the exchange and the mailbox on loopback, with one virtual clock.

mod child;
mod clock;
mod parts;
mod sockets;

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;

use anyhow::{Context as _, Result};
use engine::{Engine, WebhookEndpoint};
use exchange::{Exchange, FaultSwitch};
use platform::contract::AccountStatus;
use recovery::case::{Recorded, decode};
use recovery::id::{CaseCode, CaseId};
use recovery::policy;
use recovery::time::Span;
use store::Store;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use url::Url;

pub(crate) use self::child::run_portal;
use self::child::{Crashes, Nurse};
pub(crate) use self::clock::VirtualClock;
use self::parts::Places;
use self::sockets::{Sockets, url_of};
use super::mailbox::Mailbox;
use super::page;
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
    /// State of the first account.
    pub status: AccountStatus,
    /// Any free ports instead of [`PORTS`].
    pub free_ports: bool,
    /// Another policy than the one that ships; not together with `crash_at`.
    pub policy: Option<String>,
    /// A database of places.
    pub city_db: Option<PathBuf>,
    /// A list of passwords that leaked; not together with `crash_at`.
    pub breached_list: Option<PathBuf>,
    /// Whether callers on this machine name the address they ask for, as a proxy does.
    pub behind_proxy: bool,
    /// Who is told of news; not together with `crash_at`.
    pub webhooks: Vec<WebhookEndpoint>,
    /// Whether the exchange makes the new passkey on its own page.
    pub own_passkey_page: bool,
    /// Failpoint at which portal and worker are killed: they are then a process of their own,
    /// which is started again.
    pub crash_at: Option<String>,
    /// How far the own clock of a second node is off, if there is one: then either is a process of
    /// its own, and a failpoint kills both.
    pub second_node: Option<Span>,
    /// The fault that the exchange has, to be changed while it runs.
    pub faults: FaultSwitch,
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
    /// The exchange itself, for what happens to it.
    pub shop: Exchange,
    /// The fault that it has.
    pub faults: FaultSwitch,
    crashes: Crashes,
    clock: VirtualClock,
    tasks: Vec<JoinHandle<()>>,
    stop: Arc<tokio::sync::Notify>,
}

impl World {
    /// The case of that code.
    pub(crate) async fn case_of(&self, code: &str) -> Result<CaseId> {
        let code: CaseCode = code.parse().context("a case code")?;
        let row = self.store.read().await?.case_by_code(&code).await?;
        Ok(row.context("no such case")?.id)
    }

    /// What happened in the case of that code, oldest first.
    pub(crate) async fn history(&self, code: &str) -> Result<Vec<Recorded>> {
        let id = self.case_of(code).await?;
        let loaded = self.store.read().await?.load(&id).await?;
        let stored = loaded.context("no such case")?.events;
        let events = stored.iter().map(|stored| decode(&stored.body));
        Ok(events.collect::<Result<_, _>>()?)
    }

    /// Starts everything.
    pub(crate) async fn start(options: &Options) -> Result<Self> {
        std::fs::create_dir_all(&options.data).context("the demo's folder cannot be made")?;
        let sockets = Sockets::open(options.free_ports).await?;
        let store = parts::open_store(&options.data, options.database.as_deref()).await?;
        let clock = VirtualClock::open(store.clone()).await?;
        let mailbox = Mailbox::default();
        let places = Places {
            portal: url_of(&sockets.portal)?,
            exchange: url_of(&sockets.exchange)?,
            smtp: sockets.smtp.local_addr()?.port(),
        };
        let shop = parts::open_exchange(options, &clock, &mailbox, &places).await?;
        parts::seed_accounts(&shop, options, &clock).await?;
        let instruments = wiring::instruments(options.models.as_deref());
        let faces = instruments.face.is_some();
        let around = parts::Around {
            city_db: options.city_db.clone(),
            breached_list: options.breached_list.clone(),
            behind_proxy: options.behind_proxy,
            clock_off: Span::ZERO,
            webhooks: options.webhooks.clone(),
        };
        let policy = options.policy.as_deref().unwrap_or(policy::DEFAULT);
        let engine =
            parts::start_engine(&options.data, &store, &places, instruments, policy, around)
                .await?;
        let mut world = Self {
            engine,
            store,
            mailbox,
            portal: places.portal.clone(),
            exchange: places.exchange.clone(),
            mailbox_page: url_of(&sockets.page)?,
            faces,
            shop: shop.clone(),
            faults: options.faults.clone(),
            crashes: Crashes::default(),
            clock,
            tasks: Vec::new(),
            stop: Arc::default(),
        };
        let nurses = Nurse::all(options, &places, &world.crashes)?;
        if nurses.is_empty() {
            world.serve_portal(sockets.portal);
        } else {
            let listener = sockets.portal.into_std()?;
            for nurse in nurses {
                world.spawn(nurse.keep_alive(listener.try_clone()?));
            }
        }
        world.serve_around(sockets.exchange, sockets.page, sockets.smtp, shop);
        Ok(world)
    }

    /// Portal and worker in this process.
    fn serve_portal(&mut self, listener: TcpListener) {
        let portal =
            web::router(self.engine.clone()).into_make_service_with_connect_info::<SocketAddr>();
        let engine = self.engine.clone();
        let stop = self.stop.clone();
        self.spawn(async move {
            if let Err(error) = axum::serve(listener, portal).await {
                tracing::error!(%error, "the portal stopped");
            }
        });
        self.spawn(async move { engine.work_until(stop.notified()).await });
    }

    /// What is not Regain: the exchange and the mailbox.
    fn serve_around(
        &mut self,
        exchange: TcpListener,
        page: TcpListener,
        smtp: TcpListener,
        shop: Exchange,
    ) {
        let pages = page::router(self.mailbox.clone(), self.clock.clone());
        self.spawn(async move {
            if let Err(error) = shop.serve(exchange, std::future::pending()).await {
                tracing::error!(%error, "the exchange stopped");
            }
        });
        self.spawn(async move {
            if let Err(error) = axum::serve(page, pages).await {
                tracing::error!(%error, "the mailbox page stopped");
            }
        });
        self.spawn(self.mailbox.clone().serve_smtp(smtp));
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

    /// How often portal and worker were killed.
    pub(crate) const fn crashes(&self) -> &Crashes {
        &self.crashes
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
