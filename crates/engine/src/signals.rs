//! Risk signals: looks up what the rules of `recovery::signals` judge. A source that is missing or
//! fails makes its signals unavailable.

mod anonymous;
mod city;
mod domains;
mod gazetteer;
mod sources;
mod watched;

use std::net::IpAddr;
use std::sync::Arc;

use platform::contract::{AccountChangeKind, DOSSIER_LIST_MAX, Dossier};
use recovery::case::Case;
use recovery::id::BlindIndex;
use recovery::policy;
use recovery::sensitive::Sensitive;
use recovery::signal::Signal;
use recovery::signals::{self as rules, Anonymity, PastLogin, Spot, VELOCITY_SPAN};
use recovery::time::{Span, Timestamp};
use store::Others;

pub use city::{Geo, Place};
pub use sources::{SourcePaths, SourceReport, SourceState, Sources};

use crate::applicant::SignedAddress;
use crate::engine::Engine;
use crate::error::{EngineError, Result};
use crate::inputs::{Origin, network};
use crate::record::{OriginRecord, piece};
use crate::summary;
use domains::Domains;

/// What networks are digested for.
const NETWORK: &str = "origin_network";
/// What devices are digested for.
const DEVICE: &str = "origin_device";

/// Where a case was opened from, as keyed digests.
#[derive(Debug, Clone)]
pub(crate) struct OriginIndex {
    pub network: BlindIndex,
    pub device: Option<BlindIndex>,
}

/// What the sources say of an address and of past logins.
#[derive(Default)]
struct Looked {
    here: Option<Spot>,
    country: Option<String>,
    anonymity: Option<Anonymity>,
    logins: Option<Vec<PastLogin>>,
    disposable: Option<bool>,
    young: Option<bool>,
}

/// How many other cases share something.
struct Counts {
    network: Option<u64>,
    device: Option<Option<u64>>,
    account: Option<u64>,
    contact: Option<u64>,
    marked_device: Option<Option<u64>>,
    marked_contact: Option<u64>,
}

impl Engine {
    /// Every signal of a case, in the order of `recovery::signals::CODES`.
    ///
    /// # Errors
    /// When database or vault do not answer; what a source lacks is no error.
    pub async fn signals(&self, case: &Case, dossier: Option<&Dossier>) -> Result<Vec<Signal>> {
        let origin: Option<OriginRecord> = self.unseal(&case.id, piece::ORIGIN).await?;
        let contact: Option<Sensitive<String>> = self.unseal(&case.id, piece::CONTACT).await?;
        let looked = self
            .look_up(origin.as_ref(), contact.as_ref(), dossier)
            .await?;
        let rules = self.rules(case.policy_version).await?;
        let kept = rules.policy.marks_kept();
        let counts = self.count_others(case, origin.as_ref(), kept).await?;
        let device = origin.as_ref().and_then(|origin| origin.device.as_ref());
        let signed = self.signed_addresses(&case.id).await?;
        let asked = Asked {
            signed: &signed,
            opened_at: case.opened_at,
            device: device.map(Sensitive::reveal).map(String::as_str),
            dossier,
        };
        Ok(judge(&asked, &looked, &counts, &rules.policy.signals))
    }

    /// The signals as they were recorded; but an address may have signed since.
    pub(crate) async fn signals_of(
        &self,
        case: &Case,
        dossier: Option<&Dossier>,
    ) -> Result<Vec<Signal>> {
        let Some(grounds) = &case.grounds else {
            return Ok(Vec::new());
        };
        let newest = control(&self.signed_addresses(&case.id).await?, dossier);
        let mut signals = grounds.signals.clone();
        let recorded = signals.iter_mut().find(|one| one.code == newest.code);
        if let Some(recorded) = recorded {
            *recorded = newest;
        }
        Ok(signals)
    }

    /// Whether the policy in force calls the country of an address one of high risk (M27). It
    /// depends on nothing but the address; without a database nobody is held up.
    ///
    /// # Errors
    /// When the looking up fails on our side.
    pub async fn is_high_risk(&self, ip: IpAddr) -> Result<bool> {
        if self.policy().signals.high_risk_countries.is_empty() {
            return Ok(false);
        }
        let geo = self.geo().await?;
        let country = geo.and_then(|geo| geo.country(ip));
        let listed = &self.policy().signals.high_risk_countries;
        Ok(country.is_some_and(|country| rules::is_in(&country, listed)))
    }

    /// The database of places as it is now, if there is one.
    ///
    /// # Errors
    /// When the looking up fails on our side.
    pub async fn geo(&self) -> Result<Option<Geo>> {
        let sources = self.0.sources.clone();
        off_thread(move || sources.geo()).await
    }

    /// Places of this name, in whatever language the database has it; none when there is no
    /// database. The first call reads the whole database, off the async threads.
    ///
    /// # Errors
    /// When the looking up fails on our side.
    pub async fn places_named(
        &self,
        city: &str,
        country: Option<&str>,
    ) -> Result<Option<Vec<Place>>> {
        let sources = self.0.sources.clone();
        let (city, country) = (city.to_owned(), country.map(str::to_owned));
        off_thread(move || {
            let geo = sources.geo()?;
            Some(geo.named(&city, country.as_deref()))
        })
        .await
    }

    /// The code of a country as people type it, see [`Geo::country_named`]; none where it is
    /// unknown, and without a database.
    ///
    /// # Errors
    /// When the looking up fails on our side.
    pub async fn country_named(&self, typed: &str) -> Result<Option<String>> {
        let sources = self.0.sources.clone();
        let typed = typed.to_owned();
        off_thread(move || sources.geo()?.country_named(&typed)).await
    }

    /// Where an address is, in words; nothing without a database that knows it.
    pub(crate) async fn place_words(&self, origin: &Origin) -> Result<Option<String>> {
        let Ok(ip) = origin.ip.reveal().parse() else {
            return Ok(None);
        };
        let geo = self.geo().await?;
        Ok(geo.and_then(|geo| geo.words(ip)))
    }

    /// Keyed digests of where a case is opened from.
    pub(crate) fn origin_index(&self, origin: &OriginRecord) -> Option<OriginIndex> {
        let ip: IpAddr = origin.ip.reveal().parse().ok()?;
        let digest = |purpose: &str, text: &str| self.0.vault.blind_index(purpose, text);
        Some(OriginIndex {
            network: digest(NETWORK, &network(ip)),
            device: origin
                .device
                .as_ref()
                .map(|device| digest(DEVICE, device.reveal())),
        })
    }

    async fn look_up(
        &self,
        origin: Option<&OriginRecord>,
        contact: Option<&Sensitive<String>>,
        dossier: Option<&Dossier>,
    ) -> Result<Looked> {
        let sources = self.0.sources.clone();
        let ip = origin.and_then(|origin| origin.ip.reveal().parse().ok());
        let contact = contact.cloned();
        let logins = dossier.map(|dossier| {
            let read = dossier.logins.iter().take(DOSSIER_LIST_MAX);
            let known = read.map(|login| (login.at, login.ip.reveal().parse().ok()));
            known.collect::<Vec<(Timestamp, Option<IpAddr>)>>()
        });
        off_thread(move || look_up(&sources, ip, contact.as_ref(), logins)).await
    }

    /// `kept` is how far back stopped cases count.
    async fn count_others(
        &self,
        case: &Case,
        origin: Option<&OriginRecord>,
        kept: Span,
    ) -> Result<Counts> {
        let now = self.now().await?;
        let since = |span| Others {
            than: &case.id,
            since: now - span,
        };
        let (others, stopped) = (since(VELOCITY_SPAN), since(kept));
        let index = origin.and_then(|origin| self.origin_index(origin));
        let account = summary::account_key(case);
        let mut reader = self.0.store.read().await?;
        let (mut network, mut device, mut marked_device) = (None, None, None);
        if let Some(index) = &index {
            network = Some(reader.others_from(&index.network, others).await?);
            (device, marked_device) = (Some(None), Some(None));
            if let Some(index) = &index.device {
                device = Some(Some(reader.others_of(index, others).await?));
                marked_device = Some(Some(reader.others_marked(index, stopped).await?));
            }
        }
        let for_account = match &account {
            Some(account) => Some(reader.others_for(account, others).await?),
            None => None,
        };
        let (mut contact, mut marked_contact) = (None, None);
        if let Some(proved) = &case.contact {
            let (index, account) = (&proved.index, account.as_ref());
            contact = Some(reader.others_with(index, account, others).await?);
            marked_contact = Some(reader.others_marked(index, stopped).await?);
        }
        Ok(Counts {
            network,
            device,
            account: for_account,
            contact,
            marked_device,
            marked_contact,
        })
    }
}

/// What the case itself brings.
struct Asked<'a> {
    signed: &'a [SignedAddress],
    opened_at: Timestamp,
    device: Option<&'a str>,
    dossier: Option<&'a Dossier>,
}

fn judge(
    asked: &Asked<'_>,
    looked: &Looked,
    counts: &Counts,
    policy: &policy::Signals,
) -> Vec<Signal> {
    let here = looked.here.as_ref();
    let logins = looked.logins.as_deref();
    let country = looked.country.as_deref();
    let tokens = asked.dossier.map(|dossier| {
        let read = dossier.logins.iter().take(DOSSIER_LIST_MAX);
        read.map(|login| Some(login.device_token.as_ref()?.reveal().as_str()))
    });
    let changes: Option<Vec<Timestamp>> = asked.dossier.map(|dossier| {
        let read = dossier.changes.iter().take(DOSSIER_LIST_MAX);
        let known = read.filter(|change| change.kind != AccountChangeKind::Other);
        known.map(|change| change.at).collect()
    });
    vec![
        rules::ip_distance(here, logins, policy),
        rules::ip_usual(here, logins, policy),
        rules::ip_travel(here, logins, asked.opened_at, policy),
        rules::ip_region(country, policy),
        rules::ip_service(country, policy),
        rules::ip_network(looked.anonymity),
        rules::device_familiar(asked.device, tokens),
        rules::device_marked(counts.marked_device),
        rules::contact_disposable(looked.disposable),
        rules::contact_young(looked.young),
        rules::contact_cases(counts.contact, policy),
        rules::contact_marked(counts.marked_contact),
        rules::account_changes(changes.as_deref(), asked.opened_at, policy),
        rules::velocity_network(counts.network, policy),
        rules::velocity_device(counts.device, policy),
        rules::velocity_account(counts.account, policy),
        control(asked.signed, asked.dossier),
    ]
}

/// Whether one of the account's addresses signed.
fn control(signed: &[SignedAddress], dossier: Option<&Dossier>) -> Signal {
    let signed = signed.iter();
    let signed: Vec<&str> = signed.map(|one| one.canonical.reveal().as_str()).collect();
    let addresses = dossier.map(|dossier| {
        let read = dossier.addresses.iter().take(DOSSIER_LIST_MAX);
        read.map(|known| known.address.reveal().as_str())
    });
    rules::address_control(&signed, addresses)
}

/// Reads files, so never on an async thread.
fn look_up(
    sources: &Sources,
    ip: Option<IpAddr>,
    contact: Option<&Sensitive<String>>,
    logins: Option<Vec<(Timestamp, Option<IpAddr>)>>,
) -> Looked {
    let geo = sources.geo();
    let spot = |ip: IpAddr| geo.as_ref()?.place(ip).map(|place| place.spot());
    let listed = |list: Option<Arc<Domains>>| {
        let (list, contact) = list.zip(contact)?;
        rules::is_listed(contact.reveal(), |domain| list.contains(domain))
    };
    let past = |(at, ip): (Timestamp, Option<IpAddr>)| PastLogin {
        at,
        spot: ip.and_then(spot),
    };
    Looked {
        here: ip.and_then(spot),
        country: ip.and_then(|ip| geo.as_ref()?.country(ip)),
        anonymity: ip.and_then(|ip| sources.anonymity(ip)),
        logins: logins.map(|logins| logins.into_iter().map(past).collect()),
        disposable: listed(sources.disposable()),
        young: listed(sources.young()),
    }
}

async fn off_thread<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T> {
    tokio::task::spawn_blocking(work)
        .await
        .map_err(|error| EngineError::internal("signals", &error))
}

/// Reads a database whatever its type; whether it fails somewhere. A test looks whether that ends.
#[cfg(test)]
pub(crate) fn fails(path: &std::path::Path, addresses: &[IpAddr]) -> bool {
    const NETWORKS: usize = 100_000;
    let bytes = watched::read_file(path, city::DATABASE_MAX).unwrap();
    let Ok(reader) = maxminddb::Reader::from_source(bytes) else {
        return true;
    };
    let database = city::CityDb::of(reader);
    let lookup = addresses.iter().any(|ip| database.record(*ip).is_err());
    gazetteer::Gazetteer::read(&database);
    let networks = database
        .reader
        .networks(maxminddb::WithinOptions::default());
    let whole = networks.is_ok_and(|networks| {
        let all = networks.take(NETWORKS).collect::<Vec<_>>();
        let decoded =
            |found: &maxminddb::LookupResult<'_, Vec<u8>>| found.decode::<city::Record>().is_ok();
        all.iter().all(|found| found.as_ref().is_ok_and(decoded))
    });
    lookup || !whole || database.reader.verify().is_err()
}
