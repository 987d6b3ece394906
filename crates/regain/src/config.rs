//! The configuration: one TOML file, and a few variables of the environment that go before it.
//!
//! `docs/reference/configuration.md` has every key. Reading collects everything that is wrong;
//! secrets stay where they are until something is started with them.

mod chains;
mod document;
mod problem;
mod reader;
mod secret;
mod sections;
#[cfg(test)]
mod tests;
mod vars;
mod webhooks;

use std::net::{IpAddr, SocketAddr};
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use engine::chains::Explorers;
use engine::signals::SourcePaths;
use notify::SmtpTls;
use notify::webhook::Network;
use recovery::case::News;
use recovery::sensitive::Sensitive;
use url::Url;

pub(crate) use problem::{Problems, of_toml};
pub(crate) use secret::{Secret, SecretFrom};
pub(crate) use vars::{Vars, data_home};

use crate::chains::NodeUrl;
use document::Document;
use reader::Reader;

/// Most bytes of a configuration file.
const FILE_MAX: u64 = 256 * 1024;

/// Everything Regain is told before it starts.
#[derive(Debug, Clone)]
pub(crate) struct Config {
    pub(crate) server: Server,
    /// May hold a password.
    pub(crate) database: Sensitive<String>,
    pub(crate) vault: Vault,
    pub(crate) platform: Platform,
    pub(crate) mail: Mail,
    /// The folder of the model files.
    pub(crate) models: Option<PathBuf>,
    /// The policy file; without one the policy that ships with Regain counts.
    pub(crate) policy: Option<PathBuf>,
    /// Files that tell what is known of addresses and places.
    pub(crate) signals: SourcePaths,
    /// A list of passwords that leaked.
    pub(crate) breached_list: Option<PathBuf>,
    /// Explorers and nodes of chains.
    pub(crate) chains: Chains,
    /// Where figures are served for Prometheus; nowhere unless said.
    pub(crate) metrics: Option<SocketAddr>,
    /// Where news of cases is sent.
    pub(crate) webhooks: Vec<Webhook>,
    /// Every value as it may be shown.
    pub(crate) settings: Vec<Setting>,
    /// What looks like a mistake but is none.
    pub(crate) warnings: Vec<String>,
}

/// `[server]`
#[derive(Debug, Clone)]
pub(crate) struct Server {
    pub(crate) listen: SocketAddr,
    pub(crate) origin: Url,
    pub(crate) trusted_proxies: Vec<IpAddr>,
}

/// `[vault]`
#[derive(Debug, Clone)]
pub(crate) struct Vault {
    pub(crate) objects: PathBuf,
    pub(crate) keys: PathBuf,
    pub(crate) master: Secret,
    /// Master keys on their way out: they still open, and wrap nothing new.
    pub(crate) older: Vec<Secret>,
}

/// `[platform]`
#[derive(Debug, Clone)]
pub(crate) struct Platform {
    pub(crate) url: Url,
    pub(crate) name: String,
    pub(crate) domain: String,
    pub(crate) login_url: Url,
    pub(crate) reset_url: Url,
    pub(crate) key_id: String,
    pub(crate) key: Secret,
    /// A second key while keys are changed.
    pub(crate) other: Option<(String, Secret)>,
    pub(crate) start_year: u16,
    pub(crate) idle_years: u16,
    pub(crate) official_domains: Vec<String>,
}

/// `[mail]`
#[derive(Debug, Clone)]
pub(crate) struct Mail {
    pub(crate) host: String,
    pub(crate) port: u16,
    pub(crate) tls: SmtpTls,
    pub(crate) user: Option<String>,
    pub(crate) password: Option<Secret>,
    pub(crate) from: String,
}

/// `[chains]`
#[derive(Debug, Clone)]
pub(crate) struct Chains {
    /// Where reviewers look at addresses.
    pub(crate) explorers: Explorers,
    /// Asked for transactions of Bitcoin; may hold a key.
    pub(crate) esplora: Option<NodeUrl>,
    /// Asked for transactions of Ethereum; may hold a key.
    pub(crate) evm_rpc: Option<NodeUrl>,
}

/// `[[webhooks]]`
#[derive(Debug, Clone)]
pub(crate) struct Webhook {
    pub(crate) name: String,
    /// May hold a key.
    pub(crate) url: NodeUrl,
    pub(crate) secrets: Vec<Secret>,
    /// What it is told; everything if this is empty.
    pub(crate) events: Vec<News>,
    pub(crate) allow_networks: Vec<Network>,
}

/// One value as it may be shown: secrets are places, addresses have no passwords.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Setting {
    pub(crate) key: &'static str,
    pub(crate) value: String,
    pub(crate) source: Source,
}

/// Where a value comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Source {
    /// The file.
    File,
    /// This variable of the environment.
    Variable(&'static str),
    /// Neither says anything.
    Default,
}

impl std::fmt::Display for Source {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::File => "file",
            Self::Variable(name) => name,
            Self::Default => "default",
        })
    }
}

impl Config {
    /// Reads the file and the environment.
    ///
    /// # Errors
    /// Everything that is wrong, with file, line and what to do.
    pub(crate) fn read(path: &Path, vars: &Vars) -> anyhow::Result<Self> {
        let shown = path.display();
        let meta = std::fs::metadata(path).with_context(|| {
            format!(
                "no configuration at {shown}; copy crates/regain/regain.example.toml there, \
                 or name another file with --config or REGAIN_CONFIG"
            )
        })?;
        anyhow::ensure!(
            meta.len() <= FILE_MAX,
            "{shown} is too long for a configuration"
        );
        let text = std::fs::read_to_string(path)
            .with_context(|| format!("the configuration {shown} cannot be read"))?;
        let base = path.parent().unwrap_or(Path::new(""));
        let config = Self::parse(&text, &shown.to_string(), base, vars)?;
        if config.has_password_in_file() {
            secret::check_private(path, &meta)
                .context("database.url holds a password (or set REGAIN_DATABASE_URL instead)")?;
        }
        Ok(config)
    }

    /// Reads a text. `file` is its name in messages; relative paths in it begin at `base`.
    ///
    /// # Errors
    /// Everything that is wrong.
    pub(crate) fn parse(
        text: &str,
        file: &str,
        base: &Path,
        vars: &Vars,
    ) -> Result<Self, Problems> {
        let document: Document =
            toml::from_str(text).map_err(|error| Problems(vec![of_toml(file, text, &error)]))?;
        let mut reader = Reader::new(file, text, base, vars);
        let config = sections::config(&mut reader, document);
        match config {
            Some(mut config) if reader.problems.is_empty() => {
                config.settings = reader.settings;
                config.warnings = vars.doubtful();
                Ok(config)
            }
            _ => Err(Problems(reader.problems)),
        }
    }

    fn has_password_in_file(&self) -> bool {
        let from_file =
            |setting: &Setting| setting.key == "database.url" && setting.source == Source::File;
        let password = Url::parse(self.database.reveal())
            .is_ok_and(|url| url.password().is_some() || url.query().is_some_and(has_password));
        password && self.settings.iter().any(from_file)
    }
}

/// PostgreSQL also takes a password as a parameter of its address.
fn has_password(query: &str) -> bool {
    query.split('&').any(|pair| pair.starts_with("password="))
}
