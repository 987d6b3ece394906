//! Serving: pages, jobs, or both, until Ctrl-C or SIGTERM; then an orderly end.

use std::net::SocketAddr;
use std::time::Duration;

use anyhow::Context as _;
use engine::Engine;
use tokio::net::TcpListener;
use tokio::sync::watch;

use crate::config::Config;
use crate::metrics;
use crate::wiring::{self, Faces};

/// How long requests may take to finish after the sign to stop.
const DRAIN_PAGES: Duration = Duration::from_secs(20);
/// How long jobs may: the longest (a video, a mail) is bounded by about a minute. A job that is
/// cut off is done again after its lease.
const DRAIN_JOBS: Duration = Duration::from_secs(90);

/// How long closing the database may take.
const CLOSE: Duration = Duration::from_secs(5);

/// What this process does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Duties {
    /// One process for everything.
    PagesAndJobs,
    /// Only pages.
    Pages,
    /// Only jobs.
    Jobs,
}

/// Runs until it is told to stop.
///
/// # Errors
/// When it cannot start, or the listener fails.
pub(crate) async fn run(config: &Config, duties: Duties) -> anyhow::Result<()> {
    for warning in &config.warnings {
        tracing::warn!("{warning}");
    }
    let mut signals = Signals::listen().context("the signals to stop")?;
    let running = Box::pin(wiring::build(config, Faces::Load)).await?;
    let (tell, stop) = watch::channel(false);
    let told = async {
        signals.next().await;
        tracing::info!("stopping: finishing what is under way");
        // Nobody listens only when everything has ended already.
        let _ = tell.send(true);
        signals.next().await;
        tracing::warn!("stopping at once");
    };
    // Whichever ends first, for whatever reason, ends the other.
    let pages = async {
        let served = match duties {
            Duties::Jobs => Ok(()),
            _ => serve(config.server.listen, &running.engine, stop.clone()).await,
        };
        if duties != Duties::Jobs {
            let _ = tell.send(true);
        }
        served
    };
    let metrics = async {
        match (config.metrics, duties) {
            (Some(listen), Duties::PagesAndJobs | Duties::Pages) => {
                let served = metrics::serve(listen, &running.engine, stop.clone()).await;
                let _ = tell.send(true);
                served
            }
            _ => Ok(()),
        }
    };
    let jobs = async {
        let worked = match duties {
            Duties::Pages => Ok(()),
            _ => work(&running.engine, stop.clone()).await,
        };
        if duties != Duties::Pages {
            let _ = tell.send(true);
        }
        worked
    };
    let clock = running.clock.keep(&running.store, stopped(stop.clone()));
    let result = tokio::select! {
        (served, worked, told, ()) = async { tokio::join!(pages, jobs, metrics, clock) } => {
            served.and(worked).and(told)
        }
        () = told => Ok(()),
    };
    // After a second signal a job may still hold a connection.
    if tokio::time::timeout(CLOSE, running.store.close())
        .await
        .is_err()
    {
        tracing::warn!("the database was not closed in good order; nothing acknowledged is lost");
    }
    tracing::info!("stopped");
    result
}

/// Does jobs until told to stop. The worker has a task of its own, so that a long job holds up no
/// page.
async fn work(engine: &Engine, stop: watch::Receiver<bool>) -> anyhow::Result<()> {
    let worker = start_worker(engine, stop.clone());
    tokio::select! {
        _ended = worker => {
            let told = *stop.borrow();
            // Serving on without one would leave every case where it is.
            anyhow::ensure!(told, "the worker broke off; the log says why");
        }
        () = late(stop.clone(), DRAIN_JOBS) => {
            tracing::warn!("a job did not end in time; it is done again after its lease");
        }
    }
    Ok(())
}

#[expect(
    clippy::disallowed_methods,
    reason = "the wiring owns this task: one, ended by the sign to stop, joined with a bound"
)]
fn start_worker(engine: &Engine, stop: watch::Receiver<bool>) -> tokio::task::JoinHandle<()> {
    let engine = engine.clone();
    tokio::spawn(async move {
        tracing::info!("the worker has started");
        engine.work_until(stopped(stop)).await;
    })
}

async fn serve(
    listen: SocketAddr,
    engine: &Engine,
    stop: watch::Receiver<bool>,
) -> anyhow::Result<()> {
    let listener = TcpListener::bind(listen)
        .await
        .with_context(|| format!("server.listen: {listen} cannot be used"))?;
    let address = listener.local_addr()?;
    let origin = engine.settings().origin.as_str();
    tracing::info!(%address, origin, "serving");
    let router = web::router(engine.clone());
    let service = router.into_make_service_with_connect_info::<SocketAddr>();
    let (told, engine) = (stop.clone(), engine.clone());
    let server = axum::serve(listener, service).with_graceful_shutdown(async move {
        stopped(told).await;
        engine.end_streams();
    });
    tokio::select! {
        result = server => result.context("the listener failed"),
        () = late(stop, DRAIN_PAGES) => {
            tracing::warn!("some requests did not end in time and were cut off");
            Ok(())
        }
    }
}

/// Ready so long after the sign to stop.
async fn late(stop: watch::Receiver<bool>, bound: Duration) {
    stopped(stop).await;
    // Never ready by itself: only the bound ends it.
    let _ = tokio::time::timeout(bound, std::future::pending::<()>()).await;
}

/// Ready when told to stop, or when nobody is left to tell.
async fn stopped(mut stop: watch::Receiver<bool>) {
    let _ = stop.wait_for(|stop| *stop).await;
}

/// Ctrl-C and SIGTERM, listened to from before anything starts.
#[cfg(unix)]
struct Signals {
    interrupt: tokio::signal::unix::Signal,
    terminate: tokio::signal::unix::Signal,
}

#[cfg(unix)]
impl Signals {
    fn listen() -> anyhow::Result<Self> {
        use tokio::signal::unix::{SignalKind, signal};
        Ok(Self {
            interrupt: signal(SignalKind::interrupt())?,
            terminate: signal(SignalKind::terminate())?,
        })
    }

    /// Ready at the next one.
    async fn next(&mut self) {
        tokio::select! {
            _ = self.interrupt.recv() => {}
            _ = self.terminate.recv() => {}
        }
    }
}

/// Ctrl-C.
#[cfg(not(unix))]
struct Signals;

#[cfg(not(unix))]
impl Signals {
    fn listen() -> anyhow::Result<Self> {
        Ok(Self)
    }

    /// Ready at the next one.
    async fn next(&mut self) {
        let _ = tokio::signal::ctrl_c().await;
    }
}
