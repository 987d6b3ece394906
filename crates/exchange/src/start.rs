//! Opening and serving an exchange.

use std::future::Future;
use std::net::SocketAddr;
use std::ops::Deref;
use std::sync::Arc;

use axum::Router;
use platform::{RegainClient, Timeouts, Timestamp, Verifier};
use sqlx::SqlitePool;
use tokio::net::TcpListener;
use url::Url;
use webauthn_rs::{Webauthn, WebauthnBuilder};

use crate::config::Config;
use crate::error::{ExchangeError, Result};
use crate::faults::Fault;
use crate::seed::{self, SeedAccount, Seeded};
use crate::{contract, db, pages};

/// What every handler needs.
pub(crate) struct Parts {
    pub(crate) config: Config,
    pub(crate) db: SqlitePool,
    pub(crate) verifier: Verifier,
    pub(crate) regain: RegainClient,
    pub(crate) webauthn: Option<Webauthn>,
}

impl Parts {
    /// The exchange's time.
    pub(crate) fn now(&self) -> Timestamp {
        (self.config.clock)()
    }

    /// Whether it has one of these faults now.
    pub(crate) fn has(&self, faults: &[Fault]) -> bool {
        self.config.faults.is(faults)
    }
}

/// Shared by every handler.
#[derive(Clone)]
pub(crate) struct App(Arc<Parts>);

impl Deref for App {
    type Target = Parts;

    fn deref(&self) -> &Parts {
        &self.0
    }
}

/// A running exchange. Cheap to clone.
#[derive(Clone)]
pub struct Exchange {
    app: App,
}

impl std::fmt::Debug for Exchange {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Exchange")
            .field("config", &self.app.config)
            .finish()
    }
}

fn webauthn(config: &Config) -> Result<Option<Webauthn>> {
    let Some(party) = &config.passkeys else {
        return Ok(None);
    };
    let wrong = || ExchangeError::Setting("passkeys");
    let origin = Url::parse(&party.origin).map_err(|_| wrong())?;
    let builder = WebauthnBuilder::new(&party.rp_id, &origin).map_err(|_| wrong())?;
    builder
        .rp_name(&party.name)
        .build()
        .map(Some)
        .map_err(|_| wrong())
}

impl Exchange {
    /// Opens the database and makes what is missing in it.
    ///
    /// # Errors
    /// [`ExchangeError`] when a setting is not usable or the database cannot be opened.
    pub async fn open(config: Config) -> Result<Self> {
        for (name, text) in [
            ("base_url", &config.base_url),
            ("entry_url", &config.entry_url),
        ] {
            Url::parse(text).map_err(|_| ExchangeError::Setting(name))?;
        }
        let regain = RegainClient::new(
            &config.regain_url,
            config.keys.clone(),
            Timeouts::default(),
            config.wall.clone(),
        )
        .map_err(|_| ExchangeError::Setting("regain_url"))?;
        let parts = Parts {
            db: db::open(config.database.as_deref()).await?,
            verifier: Verifier::new(config.keys.clone()),
            webauthn: webauthn(&config)?,
            regain,
            config,
        };
        let exchange = Self {
            app: App(Arc::new(parts)),
        };
        exchange.starts().await?;
        Ok(exchange)
    }

    /// What each start does to the data of before: nothing, apart from a faulty exchange.
    ///
    /// # Errors
    /// [`ExchangeError::Database`] when it cannot be changed.
    pub async fn starts(&self) -> Result<()> {
        if self.app.has(&[Fault::UnfreezesOnRestart]) {
            sqlx::query("UPDATE accounts SET restriction = NULL, restriction_at = NULL")
                .execute(&self.app.db)
                .await?;
        }
        Ok(())
    }

    /// Pages and contract.
    pub fn router(&self) -> Router {
        pages::router(&self.app)
            .merge(contract::router(&self.app))
            .with_state(self.app.clone())
    }

    /// Serves until `stop` is ready, then lets open requests finish.
    ///
    /// # Errors
    /// [`ExchangeError::Serve`] when the listener fails.
    pub async fn serve(
        &self,
        listener: TcpListener,
        stop: impl Future<Output = ()> + Send + 'static,
    ) -> Result<()> {
        let service = self
            .router()
            .into_make_service_with_connect_info::<SocketAddr>();
        axum::serve(listener, service)
            .with_graceful_shutdown(stop)
            .await?;
        Ok(())
    }

    /// Makes accounts for the demo and for tests; an account whose user name exists is left as it
    /// is and only named.
    ///
    /// # Errors
    /// [`ExchangeError`] when one of them is not acceptable; then none is made.
    pub async fn seed(&self, accounts: &[SeedAccount]) -> Result<Vec<Seeded>> {
        seed::seed(&self.app, accounts).await
    }
}
