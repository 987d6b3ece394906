//! The command line.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};
use recovery::actor::Rank;
use recovery::evidence::EvidenceKind;

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
    /// Evidence.
    #[command(subcommand)]
    Evidence(EvidenceCommand),
    /// Faces.
    #[command(subcommand)]
    Face(FaceCommand),
    /// The model files.
    #[command(subcommand)]
    Models(ModelsCommand),
    /// The policy: every number a decision depends on.
    #[command(subcommand)]
    Policy(PolicyCommand),
    /// Draw a population from a model and run it through the rules, by seed.
    ///
    /// It is a model: docs/guide/simulate.md says how to read it, and what it is not.
    Simulate(SimulateArgs),
    /// Webhooks: what became of them, and sending again.
    #[command(subcommand)]
    Webhooks(crate::commands::webhooks::WebhooksCommand),
    /// The keys.
    #[command(subcommand)]
    Keys(KeysCommand),
    /// The platform: the system whose accounts are recovered.
    #[command(subcommand)]
    Platform(PlatformCommand),
    /// Regain, a small exchange and a mailbox on this machine, to look at and to try.
    Demo(Box<demo::Args>),
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

/// Options of `regain simulate`.
#[derive(Debug, Args)]
pub(crate) struct SimulateArgs {
    /// The same seed, model and policy give the same report, on any number of processors.
    #[arg(long, default_value_t = 1)]
    pub(crate) seed: u64,
    /// Honest applicants, and as many attacks.
    #[arg(long, value_name = "N", default_value_t = 100_000)]
    pub(crate) applicants: usize,
    /// Parameters other than those that ship, as TOML.
    #[arg(long, value_name = "FILE")]
    pub(crate) model: Option<PathBuf>,
    /// Another policy than the one that ships.
    #[arg(long, value_name = "FILE")]
    pub(crate) policy: Option<PathBuf>,
    /// Applicants of each side for every parameter that is halved and doubled; 0 for none.
    #[arg(long, value_name = "N")]
    pub(crate) sensitivity: Option<usize>,
    /// As JSON.
    #[arg(long)]
    pub(crate) json: bool,
    /// Also write the report as one page.
    #[arg(long, value_name = "FILE")]
    pub(crate) html: Option<PathBuf>,
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

/// `regain evidence ...`
#[derive(Debug, Subcommand)]
pub(crate) enum EvidenceCommand {
    /// Run every check on a file and print what was found.
    ///
    /// Exit code 0: looked at. 2: the file cannot be used. 1: anything else.
    Inspect(Inspect),
}

/// Options of `regain evidence inspect`.
#[derive(Debug, clap::Args)]
pub(crate) struct Inspect {
    /// What it is: id_front, id_back, note_photo, video or screenshot.
    #[arg(long, value_parser = kind_named)]
    pub(crate) kind: EvidenceKind,
    /// The file.
    pub(crate) file: PathBuf,
    /// More evidence of the same case, such as id_back=back.jpg; can be repeated.
    #[arg(long, value_name = "KIND=FILE")]
    pub(crate) with: Vec<String>,
    /// What is known of the case, as JSON (docs/guide/operate.md, Evidence by hand).
    #[arg(long, value_name = "FILE")]
    pub(crate) case_context: Option<PathBuf>,
    /// The policy whose thresholds count; else `[policy] file`, else the one that ships.
    #[arg(long, value_name = "FILE")]
    pub(crate) policy: Option<PathBuf>,
    /// Draw what was found into a copy of the picture, the first page, or the middle frame.
    #[arg(long, value_name = "OUT.png")]
    pub(crate) annotate: Option<PathBuf>,
    /// As JSON.
    #[arg(long)]
    pub(crate) json: bool,
    /// The folder of the model files; else `REGAIN_MODELS_DIR`, else `[models] dir`.
    #[arg(long, value_name = "DIR")]
    pub(crate) models: Option<PathBuf>,
}

fn kind_named(name: &str) -> Result<EvidenceKind, String> {
    EvidenceKind::named(name).ok_or_else(|| {
        let all: Vec<&str> = EvidenceKind::ALL.iter().map(|kind| kind.name()).collect();
        format!("use one of {}", all.join(", "))
    })
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
    /// Measure how often faces are told apart wrongly, on photos of your own.
    Evaluate(FaceEvaluateArgs),
}

/// `regain face evaluate ...`
#[derive(Debug, Args)]
pub(crate) struct FaceEvaluateArgs {
    /// A table with the columns set, label (same or different), photo_a, photo_b; paths are
    /// relative to it, and a photo's folder is its person.
    #[arg(long, value_name = "FILE")]
    pub(crate) pairs: PathBuf,
    /// Only this set; may be given again. Else every set, one by one.
    #[arg(long, value_name = "NAME")]
    pub(crate) set: Vec<String>,
    /// Compare every photo of a set with every other one, not only the named pairs.
    #[arg(long)]
    pub(crate) all_pairs: bool,
    /// Write the evaluation whose name a threshold of the policy gives.
    #[arg(long, value_name = "FILE")]
    pub(crate) out: Option<PathBuf>,
    /// Draw both errors against each other.
    #[arg(long, value_name = "FILE")]
    pub(crate) det: Option<PathBuf>,
    /// As JSON.
    #[arg(long)]
    pub(crate) json: bool,
    /// The folder of the model files; else `REGAIN_MODELS_DIR`, else `[models] dir`.
    #[arg(long, value_name = "DIR")]
    pub(crate) models: Option<PathBuf>,
}

/// `regain models ...`
#[derive(Debug, Subcommand)]
pub(crate) enum ModelsCommand {
    /// Get what is missing: download the publishers' files, verify and convert them.
    ///
    /// What is there and right is not fetched again; a broken download goes on where it broke off.
    /// Exit code 0: everything that was asked for is there. 1: something is not, and why is said.
    Fetch {
        /// A folder with the publishers' files or with finished ones, in place of the network.
        #[arg(long, value_name = "DIR")]
        from: Option<PathBuf>,
        /// Where they go; else `REGAIN_MODELS_DIR`, else `[models] dir`, else
        /// `$XDG_DATA_HOME/regain/models`.
        #[arg(long, value_name = "DIR")]
        to: Option<PathBuf>,
        /// Only this one, by its name in the manifest.
        #[arg(long, value_name = "NAME")]
        only: Option<String>,
    },
    /// Check every file's digest, and what each model answers to generated pictures.
    Check {
        /// The folder; else as for `fetch`.
        #[arg(long, value_name = "DIR")]
        models: Option<PathBuf>,
    },
}

/// `regain policy ...`
#[derive(Debug, Subcommand)]
pub(crate) enum PolicyCommand {
    /// Check a policy file before it is published: everything that is wrong, with its place.
    Check {
        /// The file.
        file: PathBuf,
    },
    /// Say why a request was rated as it was, to the last number.
    Explain {
        /// The request's code, such as RG-7K2M-91QX.
        #[arg(value_name = "CASE")]
        code: String,
        /// As JSON.
        #[arg(long)]
        json: bool,
    },
    /// Run a changed policy over closed requests and print which would have fared otherwise.
    ///
    /// Reads events alone: no personal data is opened.
    Replay {
        /// The changed policy.
        #[arg(long, value_name = "FILE")]
        policy: PathBuf,
        /// As JSON.
        #[arg(long)]
        json: bool,
    },
    /// Say in words what changes from one policy file to another.
    Diff {
        /// The file that holds now.
        before: PathBuf,
        /// The file that shall hold.
        after: PathBuf,
    },
    /// Print the JSON Schema of a policy file.
    Schema,
    /// Have a policy wait until two different seniors confirm it on the console.
    Propose {
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

/// `regain platform ...`
#[derive(Debug, Subcommand)]
pub(crate) enum PlatformCommand {
    /// Try every call of the contract on a platform, rightly and wrongly, with a test account.
    ///
    /// The account is written to: see docs/guide/platform.md. Exit code 0: nothing failed. 1:
    /// something did, and which row and why is said.
    Check(PlatformCheckArgs),
}

/// Options of `regain platform check`.
#[derive(Debug, Args)]
pub(crate) struct PlatformCheckArgs {
    /// Where the platform answers; else `[platform] url`.
    pub(crate) url: Option<String>,
    /// What people type to name the test account: user name, e-mail address or number.
    #[arg(long, value_name = "TEXT", required_unless_present = "after_restart")]
    pub(crate) identifier: Option<String>,
    /// Identifier of the shared key; else `[platform] key_id`.
    #[arg(long, value_name = "ID", requires = "key_file")]
    pub(crate) key_id: Option<String>,
    /// File with the shared key in base 64; else `[platform] key_file`.
    #[arg(long, value_name = "FILE", requires = "key_id")]
    pub(crate) key_file: Option<PathBuf>,
    /// Also destroy what the account has: only for an account that can be made anew.
    #[arg(long)]
    pub(crate) spend: bool,
    /// Leave a freeze behind for after a restart of the platform, and write down which; or, with
    /// --after-restart, read that.
    #[arg(long, value_name = "FILE")]
    pub(crate) state: Option<PathBuf>,
    /// The platform was restarted: look whether everything is as it was left.
    #[arg(long, requires = "state", conflicts_with = "spend")]
    pub(crate) after_restart: bool,
    /// How many seconds a call may take.
    #[arg(long, value_name = "SECONDS", default_value_t = 10,
          value_parser = clap::value_parser!(u64).range(1..=60))]
    pub(crate) timeout: u64,
    /// As JSON.
    #[arg(long)]
    pub(crate) json: bool,
}

/// Keys that can be made.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub(crate) enum KeyKind {
    /// Wraps the key of every case.
    Master,
    /// Shared with the platform: signs the calls between both.
    Platform,
    /// Shared with whoever takes webhooks at one endpoint.
    Webhook,
}
