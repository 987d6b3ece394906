//! Serving: pages, jobs, or both, until Ctrl-C or SIGTERM; then an orderly end.

use std::net::SocketAddr;
use std::time::Duration;

use anyhow::Context as _;
use engine::Engine;
use tokio::net::TcpListener;
use tokio::sync::watch;

use crate::config::Config;
use crate::wiring::{self, Faces};

/// How long requests may take to finish after the sign to stop.
const DRAIN_PAGES: Duration = Duration::from_secs(20);
/// How long jobs may: the longest (a video, a mail) is bounded by about a minute. A job that is
/// cut off is done again after its lease.
const DRAIN_JOBS: Duration = Duration::from_secs(90);

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
    let running = Box::pin(wiring::build(config, Faces::Load)).await?;
    let (tell, stop) = watch::channel(false);
    let worker = (duties != Duties::Pages).then(|| start_worker(&running.engine, stop.clone()));
    let signals = async {
        end_signal().await;
        tracing::info!("stopping: finishing what is under way");
        // Nobody listens only when everything has ended already.
        let _ = tell.send(true);
        end_signal().await;
        tracing::warn!("stopping at once");
    };
    let work = async {
        let served = if duties == Duties::Jobs {
            stopped(stop.clone()).await;
            Ok(())
        } else {
            serve(config.server.listen, &running.engine, stop.clone()).await
        };
        // Also when the listener failed.
        let _ = tell.send(true);
        if let Some(worker) = worker
            && tokio::time::timeout(DRAIN_JOBS, worker).await.is_err()
        {
            tracing::warn!("a job did not end in time; it is done again after its lease");
        }
        served
    };
    let result = tokio::select! {
        result = work => result,
        () = signals => Ok(()),
    };
    running.store.close().await;
    tracing::info!("stopped");
    result
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
    let server = axum::serve(listener, service).with_graceful_shutdown(stopped(stop.clone()));
    let drained_late = async {
        stopped(stop).await;
        // Never ready: only the bound ends it.
        let _ = tokio::time::timeout(DRAIN_PAGES, std::future::pending::<()>()).await;
    };
    tokio::select! {
        result = server => result.context("the listener failed"),
        () = drained_late => {
            tracing::warn!("some requests did not end in time and were cut off");
            Ok(())
        }
    }
}

/// Ready when told to stop, or when nobody is left to tell.
async fn stopped(mut stop: watch::Receiver<bool>) {
    let _ = stop.wait_for(|stop| *stop).await;
}

/// Ready at the next Ctrl-C or SIGTERM.
async fn end_signal() {
    let interrupt = tokio::signal::ctrl_c();
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        let Ok(mut terminate) = signal(SignalKind::terminate()) else {
            let _ = interrupt.await;
            return;
        };
        tokio::select! {
            _ = interrupt => {}
            _ = terminate.recv() => {}
        }
    }
    #[cfg(not(unix))]
    {
        let _ = interrupt.await;
    }
}
