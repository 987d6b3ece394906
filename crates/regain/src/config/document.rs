//! The file as it is written: sections and keys, each with its place.

use serde::Deserialize;
use toml::Spanned;

/// A value that may be left out, with its place in the file.
pub(super) type Value<T = String> = Option<Spanned<T>>;

/// The whole file. A key that is not here is an error.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct Document {
    pub(super) server: Server,
    pub(super) database: Database,
    pub(super) vault: Vault,
    pub(super) platform: Platform,
    pub(super) mail: Mail,
    pub(super) models: Models,
    pub(super) policy: Policy,
    pub(super) signals: Signals,
    pub(super) passwords: Passwords,
    pub(super) chains: Chains,
    pub(super) metrics: Metrics,
    pub(super) webhooks: Vec<Webhook>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct Server {
    pub(super) listen: Value,
    pub(super) origin: Value,
    pub(super) trusted_proxies: Value<Vec<String>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct Database {
    pub(super) url: Value,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct Vault {
    pub(super) objects: Value,
    pub(super) keys: Value,
    pub(super) master_key_file: Value,
    pub(super) older_master_key_files: Value<Vec<String>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct Platform {
    pub(super) url: Value,
    pub(super) name: Value,
    pub(super) domain: Value,
    pub(super) login_url: Value,
    pub(super) reset_url: Value,
    pub(super) key_id: Value,
    pub(super) key_file: Value,
    pub(super) other_key_id: Value,
    pub(super) other_key_file: Value,
    pub(super) start_year: Value<u16>,
    pub(super) idle_years: Value<u16>,
    pub(super) official_domains: Value<Vec<String>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct Mail {
    pub(super) host: Value,
    pub(super) port: Value<u16>,
    pub(super) tls: Value,
    pub(super) user: Value,
    pub(super) password_file: Value,
    pub(super) from: Value,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct Passwords {
    pub(super) breached_list: Value,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct Chains {
    pub(super) bitcoin_explorer: Value,
    pub(super) evm_explorer: Value,
    pub(super) tron_explorer: Value,
    pub(super) solana_explorer: Value,
    pub(super) esplora_url: Value,
    pub(super) evm_rpc_url: Value,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct Metrics {
    pub(super) listen: Value,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct Webhook {
    pub(super) name: Value,
    pub(super) url: Value,
    pub(super) secret_files: Value<Vec<String>>,
    pub(super) events: Value<Vec<String>>,
    pub(super) allow_networks: Value<Vec<String>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct Models {
    pub(super) dir: Value,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct Policy {
    pub(super) file: Value,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct Signals {
    pub(super) city_db: Value,
    pub(super) anonymous_db: Value,
    pub(super) disposable_list: Value,
    pub(super) young_domains_list: Value,
}
