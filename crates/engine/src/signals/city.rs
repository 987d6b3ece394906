//! A database of places: where an address is, and where a name is.

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::path::Path;
use std::sync::{Arc, OnceLock};

use maxminddb::Reader;
use recovery::signals::Spot;
use serde::de::{DeserializeOwned, Visitor};
use serde::{Deserialize, Deserializer};

use super::gazetteer::Gazetteer;
use super::watched::{SourceError, read_file};

/// Bytes of a database that is read into memory; the largest that are sold have a fifth of it.
pub(super) const DATABASE_MAX: u64 = 1 << 30;
/// Networks whose records are read before a database is taken: some milliseconds.
const SAMPLE: usize = 10_000;
/// Names of one place that are kept: databases have it in eight languages.
pub(super) const NAMES_MAX: usize = 32;
/// Characters of a name that are shown.
const NAME_MAX: usize = 80;
/// What the type of a usable database names.
const TYPES: [&str; 3] = ["city", "enterprise", "country"];

/// Somewhere on Earth.
#[derive(Debug, Clone, PartialEq)]
pub struct Place {
    /// ISO 3166-1 alpha-2, if the database says which.
    pub country: Option<String>,
    /// Its names in every language the database has; none where it says no city.
    pub names: Vec<String>,
    /// Degrees, north is positive.
    pub latitude: f64,
    /// Degrees, east is positive.
    pub longitude: f64,
    /// Radius in kilometres that the database is sure of.
    pub accuracy_km: Option<u32>,
}

impl Place {
    /// For distances.
    #[must_use]
    pub const fn spot(&self) -> Spot {
        Spot {
            latitude: self.latitude,
            longitude: self.longitude,
            accuracy_km: self.accuracy_km,
        }
    }
}

/// What is read of a record; the rest is skipped.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Record {
    pub(super) city: City,
    pub(super) country: Country,
    location: Location,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct City {
    pub(super) geoname_id: Option<Figure>,
    names: BTreeMap<String, String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Country {
    pub(super) iso_code: Option<String>,
    pub(super) names: BTreeMap<String, String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Location {
    latitude: Option<Figure>,
    longitude: Option<Figure>,
    accuracy_radius: Option<Figure>,
}

/// A number of whatever type: the format has many, and each publisher takes another.
#[derive(Debug, Clone, Copy)]
pub(super) struct Figure(pub(super) f64);

impl<'de> Deserialize<'de> for Figure {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_any(AnyNumber)
    }
}

struct AnyNumber;

#[allow(
    clippy::cast_precision_loss,
    reason = "degrees, kilometres and numbers of places fit"
)]
impl Visitor<'_> for AnyNumber {
    type Value = Figure;

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("a number")
    }

    fn visit_f64<E>(self, value: f64) -> Result<Figure, E> {
        Ok(Figure(value))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Figure, E> {
        Ok(Figure(value as f64))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Figure, E> {
        Ok(Figure(value as f64))
    }
}

/// The English name, or one in another language, for people to read.
fn name_of(names: &BTreeMap<String, String>) -> Option<String> {
    let name = names.get("en").or_else(|| names.values().next())?;
    let plain = name.chars().filter(|c| !c.is_control());
    Some(plain.take(NAME_MAX).collect()).filter(|name: &String| !name.is_empty())
}

impl Record {
    /// City and country by name, as far as they are known.
    fn words(&self) -> Option<String> {
        let country = name_of(&self.country.names).or_else(|| self.country.iso_code.clone());
        match (name_of(&self.city.names), country) {
            (Some(city), Some(country)) => Some(format!("{city}, {country}")),
            (city, country) => city.or(country),
        }
    }

    /// The place, if the record says where it is and that is on Earth.
    pub(super) fn place(self) -> Option<Place> {
        let within = |degrees: Option<Figure>, most: f64| {
            degrees
                .map(|Figure(value)| value)
                .filter(|value| value.abs() <= most)
        };
        let latitude = within(self.location.latitude, 90.0)?;
        let longitude = within(self.location.longitude, 180.0)?;
        Some(Place {
            country: self.country.iso_code,
            names: self.city.names.into_values().take(NAMES_MAX).collect(),
            latitude,
            longitude,
            accuracy_km: self.location.accuracy_radius.map(kilometres),
        })
    }
}

#[allow(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a cast of a number out of range gives the nearest one that fits"
)]
fn kilometres(Figure(radius): Figure) -> u32 {
    radius.ceil() as u32
}

/// An opened database.
pub(super) struct CityDb {
    pub(super) reader: Reader<Vec<u8>>,
    gazetteer: OnceLock<Gazetteer>,
}

impl CityDb {
    /// Reads a file into memory.
    pub(super) fn open(path: &Path) -> Result<Self, SourceError> {
        open_database::<Record>(path, &TYPES, "a city").map(Self::of)
    }

    pub(super) fn of(reader: Reader<Vec<u8>>) -> Self {
        Self {
            reader,
            gazetteer: OnceLock::new(),
        }
    }

    pub(super) fn record(&self, ip: IpAddr) -> Result<Option<Record>, SourceError> {
        Ok(self.reader.lookup(ip.to_canonical())?.decode()?)
    }

    /// A broken record is no place.
    fn told(&self, ip: IpAddr) -> Option<Record> {
        let record = self.record(ip);
        record
            .inspect_err(|error| tracing::warn!(%error, "the database of places fails"))
            .ok()
            .flatten()
    }
}

/// Opens a database whose type names one of `types`, and reads some of its records: a file that is
/// broken here is not taken in place of one that works.
pub(super) fn open_database<R: DeserializeOwned>(
    path: &Path,
    types: &[&str],
    wanted: &'static str,
) -> Result<Reader<Vec<u8>>, SourceError> {
    let reader = Reader::from_source(read_file(path, DATABASE_MAX)?)?;
    let found = reader.metadata().database_type.clone();
    let lower = found.to_lowercase();
    if !types.iter().any(|name| lower.contains(name)) {
        let found = found.chars().take(64).collect();
        return Err(SourceError::Type { found, wanted });
    }
    let networks = reader.networks(maxminddb::WithinOptions::default())?;
    for network in networks.take(SAMPLE) {
        network?.decode::<R>()?;
    }
    Ok(reader)
}

/// A database of places, as it was when it was asked for.
#[derive(Clone)]
pub struct Geo(pub(super) Arc<CityDb>);

impl std::fmt::Debug for Geo {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Geo")
    }
}

impl Geo {
    /// Where an address is.
    #[must_use]
    pub fn place(&self, ip: IpAddr) -> Option<Place> {
        self.0.told(ip)?.place()
    }

    /// Where an address is, in words: "Lisbon, Portugal".
    #[must_use]
    pub fn words(&self, ip: IpAddr) -> Option<String> {
        self.0.told(ip)?.words()
    }

    /// The country in which an address is, also where nothing nearer is known.
    #[must_use]
    pub fn country(&self, ip: IpAddr) -> Option<String> {
        self.0.told(ip)?.country.iso_code
    }

    /// The ISO 3166-1 alpha-2 code of a country as people type it: the code, a name in any language
    /// that the database has, or a usual one such as "USA". None where it is unknown. The first
    /// call reads the whole database, as that of [`Self::named`] does.
    #[must_use]
    pub fn country_named(&self, typed: &str) -> Option<String> {
        self.gazetteer().country(typed)
    }

    fn gazetteer(&self) -> &Gazetteer {
        self.0.gazetteer.get_or_init(|| Gazetteer::read(&self.0))
    }

    /// Places of this name, in any language and spelled with or without accents; in one country,
    /// if that is given. The first call reads the whole database: not for async threads
    /// (`Engine::places_named` is).
    #[must_use]
    pub fn named(&self, city: &str, country: Option<&str>) -> Vec<Place> {
        self.gazetteer().named(city, country)
    }
}
