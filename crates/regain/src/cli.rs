//! The command line.

use std::path::PathBuf;

use clap::{Parser, Subcommand, ValueEnum};
use recovery::actor::Rank;

use crate::demo;

/// Self-hosted account recovery for platforms with verified accounts.
#[derive(Debug, Parser)]
#[command(name = "regain", version)]
pub(crate) struct Cli {
    /// The configuration file.
    #[arg(
        long,
        global = true,
        env = "REGAIN_CONFIG",
        value_name = "FILE",
        default_value = "regain.toml"
    )]
    pub(crate) config: PathBuf,
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Serve the pages, and do the jobs in the same process.
    Serve {
        /// Only serve; jobs are done by `regain worker` elsewhere.
        #[arg(long)]
        no_worker: bool,
    },
    /// Do the jobs only: checks, mail, calls to the platform.
    Worker,
    /// Bring the database's tables up to date. Harmless when they are.
    Migrate,
    /// Say what is installed, what is missing, what that costs and how to get it.
    Doctor {
        /// As JSON.
        #[arg(long)]
        json: bool,
    },
    /// The configuration.
    #[command(subcommand)]
    Config(ConfigCommand),
    /// The people who decide.
    #[command(subcommand)]
    Staff(StaffCommand),
    /// Faces.
    #[command(subcommand)]
    Face(FaceCommand),
    /// The policy: every number a decision depends on.
    #[command(subcommand)]
    Policy(PolicyCommand),
    /// The keys.
    #[command(subcommand)]
    Keys(KeysCommand),
    /// Regain, a small exchange and a mailbox on this machine, to look at and to try.
    Demo(demo::Args),
}

impl Command {
    /// What is logged unless `REGAIN_LOG` says otherwise: short commands answer by themselves.
    pub(crate) const fn log_level(&self) -> &'static str {
        match self {
            Self::Serve { .. } | Self::Worker => "info,sqlx=warn",
            _ => "warn",
        }
    }
}

/// `regain config ...`
#[derive(Debug, Subcommand)]
pub(crate) enum ConfigCommand {
    /// Show what counts in the end, where each value comes from, and no secret.
    Check {
        /// The file, in place of --config.
        file: Option<PathBuf>,
    },
}

/// `regain staff ...`
#[derive(Debug, Subcommand)]
pub(crate) enum StaffCommand {
    /// Add somebody and print the link by which they enrol their passkey.
    Add {
        /// The name that colleagues see.
        name: String,
        /// What they may decide.
        #[arg(long, value_enum)]
        rank: RankName,
    },
    /// Let somebody in no more; sessions end at once, past decisions stay.
    Deactivate {
        /// The identifier that `regain staff list` prints.
        id: String,
    },
    /// List everybody.
    List,
}

/// Ranks as typed.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub(crate) enum RankName {
    /// Gives first and second verdicts.
    Reviewer,
    /// Also decides exceptions and contested cases.
    Senior,
}

impl From<RankName> for Rank {
    fn from(name: RankName) -> Self {
        match name {
            RankName::Reviewer => Self::Reviewer,
            RankName::Senior => Self::Senior,
        }
    }
}

/// `regain face ...`
#[derive(Debug, Subcommand)]
pub(crate) enum FaceCommand {
    /// Compare the largest faces of two pictures.
    ///
    /// Exit code 0: compared. 2: a file cannot be used, or a picture has no face. 1: anything
    /// else, such as missing models.
    Compare {
        /// The first picture (JPEG, PNG or WebP).
        a: PathBuf,
        /// The second picture.
        b: PathBuf,
        /// As JSON.
        #[arg(long)]
        json: bool,
        /// The folder of the model files; else `REGAIN_MODELS_DIR`, else `[models] dir`.
        #[arg(long, value_name = "DIR")]
        models: Option<PathBuf>,
    },
}

/// `regain policy ...`
#[derive(Debug, Subcommand)]
pub(crate) enum PolicyCommand {
    /// Check a policy file before it is published.
    Check {
        /// The file.
        file: PathBuf,
    },
}

/// `regain keys ...`
#[derive(Debug, Subcommand)]
pub(crate) enum KeysCommand {
    /// Write a new key into a new file that only its owner can read.
    New {
        /// Which key.
        #[arg(value_enum)]
        kind: KeyKind,
        /// The file; it must not be there yet.
        file: PathBuf,
    },
    /// Wrap every case's key by the current master key. Safe to repeat, safe to interrupt.
    Rotate,
}

/// Keys that can be made.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub(crate) enum KeyKind {
    /// Wraps the key of every case.
    Master,
    /// Shared with the platform: signs the calls between both.
    Platform,
}
