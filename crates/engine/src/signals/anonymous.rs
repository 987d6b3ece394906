//! A database of hosting and anonymous networks.

use std::net::IpAddr;
use std::path::Path;

use maxminddb::Reader;
use recovery::signals::Anonymity;
use serde::Deserialize;

use super::city::open_database;
use super::watched::SourceError;

/// What the type of a usable database names.
const TYPES: [&str; 1] = ["anonymous"];

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
#[allow(clippy::struct_excessive_bools, reason = "flags of the database")]
struct Record {
    is_anonymous: bool,
    is_anonymous_vpn: bool,
    is_hosting_provider: bool,
    is_public_proxy: bool,
    is_residential_proxy: bool,
    is_tor_exit_node: bool,
}

/// An opened database.
pub(super) struct AnonymousDb(pub(super) Reader<Vec<u8>>);

impl AnonymousDb {
    /// Reads a file into memory.
    pub(super) fn open(path: &Path) -> Result<Self, SourceError> {
        open_database::<Record>(path, &TYPES, "anonymous networks").map(Self)
    }

    /// What the database says; no flag for an address that it does not list.
    pub(super) fn flags(&self, ip: IpAddr) -> Result<Anonymity, SourceError> {
        let record: Option<Record> = self.0.lookup(ip.to_canonical())?.decode()?;
        let record = record.unwrap_or_default();
        Ok(Anonymity {
            anonymous: record.is_anonymous,
            vpn: record.is_anonymous_vpn,
            hosting: record.is_hosting_provider,
            public_proxy: record.is_public_proxy,
            residential_proxy: record.is_residential_proxy,
            tor_exit: record.is_tor_exit_node,
        })
    }
}

/// Whether an address can be somebody's on the internet; of any other no database knows anything.
pub(super) fn is_public(ip: IpAddr) -> bool {
    match ip.to_canonical() {
        IpAddr::V4(ip) => {
            !(ip.is_loopback() || ip.is_private() || ip.is_link_local() || ip.is_unspecified())
        }
        IpAddr::V6(ip) => {
            !(ip.is_loopback()
                || ip.is_unspecified()
                || ip.is_unique_local()
                || ip.is_unicast_link_local())
        }
    }
}
