//! Portal and worker as a process of their own, which is killed at a failpoint and started again.

use std::net::SocketAddr;
use std::os::fd::{AsFd as _, OwnedFd};
use std::os::unix::process::{ExitStatusExt as _, parent_id};
use std::path::{Path, PathBuf};
use std::process::{ExitStatus, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::time::Duration;

use anyhow::{Context as _, Result};
use recovery::policy;
use recovery::time::Span;
use tokio::net::TcpListener;
use tokio::process::Command;

use super::Options;
use super::parts::{self, Places};
use crate::wiring;

/// Starts before the process counts as one that does not come up.
const STARTS_MAX: u32 = 5;
/// How often a child looks whether its parent is still there.
const PARENT_LOOK: Duration = Duration::from_secs(1);
/// What `abort` ends a process with.
const SIGABRT: i32 = 6;
/// Read by `store::failpoint`.
const FAILPOINT: &str = "REGAIN_FAILPOINT";

/// What became of portal and worker so far.
#[derive(Debug, Clone, Default)]
pub(crate) struct Crashes(Arc<Counts>);

#[derive(Debug, Default)]
struct Counts {
    killed: AtomicU32,
    odd: AtomicU32,
    fresh: AtomicBool,
}

impl Crashes {
    /// How often the failpoint killed them.
    pub(crate) fn killed(&self) -> u32 {
        self.0.killed.load(Ordering::SeqCst)
    }

    /// How often they ended in any other way.
    pub(crate) fn odd(&self) -> u32 {
        self.0.odd.load(Ordering::SeqCst)
    }

    /// Whether there was a crash since this was asked last.
    pub(crate) fn take_fresh(&self) -> bool {
        self.0.fresh.swap(false, Ordering::SeqCst)
    }

    fn note(&self, status: ExitStatus) {
        let count = if status.signal() == Some(SIGABRT) {
            &self.0.killed
        } else {
            tracing::error!(%status, "portal and worker ended by themselves");
            &self.0.odd
        };
        count.fetch_add(1, Ordering::SeqCst);
        self.0.fresh.store(true, Ordering::SeqCst);
    }
}

/// Starts portal and worker, and starts them again.
pub(super) struct Nurse {
    program: PathBuf,
    arguments: Vec<std::ffi::OsString>,
    failpoint: Option<String>,
    crashes: Crashes,
}

impl Nurse {
    /// One nurse for each node of this world that is a process of its own; both nodes take
    /// connections from one socket and jobs from one database.
    pub(super) fn all(options: &Options, places: &Places, crashes: &Crashes) -> Result<Vec<Self>> {
        let mut nodes = Vec::new();
        if options.crash_at.is_some() || options.second_node.is_some() {
            nodes.push(Span::ZERO);
        }
        nodes.extend(options.second_node);
        let nurse = |off| Self::new(options, places, crashes, off);
        nodes.into_iter().map(nurse).collect()
    }

    fn new(options: &Options, places: &Places, crashes: &Crashes, off: Span) -> Result<Self> {
        let mut arguments = vec![
            "demo".into(),
            "--portal-child".into(),
            serde_json::to_string(places)?.into(),
            "--data".into(),
            options.data.clone().into(),
            format!("--clock-off={}", off.as_millis()).into(),
        ];
        if let Some(url) = &options.database {
            arguments.extend(["--database".into(), url.into()]);
        }
        if let Some(folder) = &options.models {
            arguments.extend(["--models".into(), folder.into()]);
        }
        Ok(Self {
            program: std::env::current_exe()?,
            arguments,
            failpoint: options.crash_at.clone(),
            crashes: crashes.clone(),
        })
    }

    /// Keeps portal and worker running. The socket stays open here, so that its port is never
    /// free for anybody else and whoever connects meanwhile waits.
    pub(super) async fn keep_alive(self, listener: std::net::TcpListener) {
        for start in 0..STARTS_MAX {
            match self.run(&listener, start == 0).await {
                Ok(status) => self.crashes.note(status),
                Err(error) => {
                    tracing::error!(%error, "portal and worker could not be started");
                    return;
                }
            }
        }
        tracing::error!("portal and worker do not stay alive");
    }

    /// One life, with the failpoint in the first one only.
    async fn run(&self, listener: &std::net::TcpListener, first: bool) -> Result<ExitStatus> {
        let socket = OwnedFd::from(listener.try_clone()?);
        let mut command = Command::new(&self.program);
        command
            .args(&self.arguments)
            .env_remove(FAILPOINT)
            .stdin(Stdio::from(socket))
            .kill_on_drop(true);
        if let Some(failpoint) = self.failpoint.as_ref().filter(|_| first) {
            command.env(FAILPOINT, failpoint);
        }
        Ok(command.spawn()?.wait().await?)
    }
}

/// The life of portal and worker as a process of their own: until it is killed or alone.
///
/// `places` is what the parent wrote; the listening socket is the standard input.
///
/// # Errors
/// When something it needs cannot be started.
pub(crate) async fn run_portal(
    places: &str,
    data: &Path,
    database: Option<&str>,
    models: Option<&Path>,
    clock_off: Span,
) -> Result<()> {
    let parent = parent_id();
    let places: Places = serde_json::from_str(places).context("--portal-child")?;
    let socket = std::net::TcpListener::from(std::io::stdin().as_fd().try_clone_to_owned()?);
    socket.set_nonblocking(true)?;
    let listener = TcpListener::from_std(socket)?;
    let store = parts::open_store(data, database).await?;
    let instruments = wiring::instruments(models);
    let around = parts::Around {
        clock_off,
        ..parts::Around::default()
    };
    let policy = policy::DEFAULT;
    let engine = parts::start_engine(data, &store, &places, instruments, policy, around).await?;
    let portal = web::router(engine.clone()).into_make_service_with_connect_info::<SocketAddr>();
    #[expect(
        clippy::disallowed_methods,
        reason = "ends with this process, which does nothing else"
    )]
    let pages = tokio::spawn(async move { axum::serve(listener, portal).await });
    engine.work_until(alone(parent)).await;
    pages.abort();
    store.close().await;
    Ok(())
}

/// Resolves when the parent is gone, however it went.
async fn alone(parent: u32) {
    while parent_id() == parent {
        let _elapsed = tokio::time::timeout(PARENT_LOOK, std::future::pending::<()>()).await;
    }
}
