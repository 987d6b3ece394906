//! Names of places, in every language that the database of places has.

use std::collections::{BTreeSet, HashMap, HashSet};

use recovery::clues::folded;

use super::city::{CityDb, Country, NAMES_MAX, Place};

/// Networks that are read: ten times as many as the largest database has.
const NETWORKS_MAX: usize = 50_000_000;
/// Places that are kept: ten times as many as there are cities in the largest database.
const PLACES_MAX: usize = 1_000_000;
/// Countries whose names are kept: four times as many as there are.
const COUNTRIES_MAX: usize = 1_000;
/// Characters of a name that is looked for.
const NAME_MAX: usize = 200;
/// Places of one name that are told.
const SAME_NAME_MAX: usize = 200;

/// What people call a country, and no database does. In the form of [`folded`].
const HABITS: [(&str, &str); 14] = [
    ("usa", "US"),
    ("unitedstatesofamerica", "US"),
    ("america", "US"),
    ("uk", "GB"),
    ("greatbritain", "GB"),
    ("england", "GB"),
    ("scotland", "GB"),
    ("wales", "GB"),
    ("northernireland", "GB"),
    ("holland", "NL"),
    ("uae", "AE"),
    ("czechrepublic", "CZ"),
    ("turkey", "TR"),
    ("ivorycoast", "CI"),
];

/// Places and countries by folded name.
#[derive(Default)]
pub(super) struct Gazetteer {
    places: Vec<Place>,
    by_name: HashMap<String, Vec<usize>>,
    /// ISO 3166-1 alpha-2 codes of the countries that were read.
    codes: HashSet<String>,
    /// The code of each name of a country; none where two countries have the name.
    countries: HashMap<String, Option<String>>,
}

impl Gazetteer {
    /// Reads every record once. What is broken is left out.
    pub(super) fn read(database: &CityDb) -> Self {
        let mut made = Self::default();
        let Ok(networks) = database
            .reader
            .networks(maxminddb::WithinOptions::default())
        else {
            return made;
        };
        let mut seen = HashSet::new();
        let mut known: HashMap<String, usize> = HashMap::new();
        // An iterator that fails might fail for ever: the first failure ends it.
        for found in networks.take(NETWORKS_MAX).map_while(Result::ok) {
            if !found.offset().is_some_and(|offset| seen.insert(offset)) {
                continue;
            }
            let Ok(Some(record)) = found.decode::<super::city::Record>() else {
                continue;
            };
            made.learn(&record.country);
            let number = record.city.geoname_id;
            let Some(place) = record.place().filter(|place| !place.names.is_empty()) else {
                continue;
            };
            let key = number.map_or_else(|| key_of(&place), |number| number.0.to_string());
            match known.get(&key) {
                Some(index) => made.sharpen(*index, place),
                None if made.places.len() < PLACES_MAX => {
                    known.insert(key, made.places.len());
                    made.add(place);
                }
                None => break,
            }
        }
        tracing::info!(places = made.places.len(), "names of places read");
        made
    }

    fn add(&mut self, place: Place) {
        let index = self.places.len();
        let names: BTreeSet<String> = place
            .names
            .iter()
            .map(|name| folded(name, NAME_MAX))
            .collect();
        for name in names.into_iter().filter(|name| !name.is_empty()) {
            self.by_name.entry(name).or_default().push(index);
        }
        self.places.push(place);
    }

    /// Every name of a country, from the first record that is there: the others have the same.
    fn learn(&mut self, country: &Country) {
        let Some(code) = country.iso_code.as_ref().filter(|code| !code.is_empty()) else {
            return;
        };
        if self.codes.len() >= COUNTRIES_MAX || !self.codes.insert(code.clone()) {
            return;
        }
        let names = country.names.values().take(NAMES_MAX);
        let names: BTreeSet<String> = names.map(|name| folded(name, NAME_MAX)).collect();
        for name in names.into_iter().filter(|name| !name.is_empty()) {
            let known = self.countries.entry(name);
            known
                .and_modify(|other| *other = None)
                .or_insert_with(|| Some(code.clone()));
        }
    }

    /// The code of a country by its own code, its name in any language that the database has, or
    /// what people call it. None where the text says nothing that is known here, and where the
    /// database has no place in that country: a spelling may not turn an answer into a wrong one.
    pub(super) fn country(&self, typed: &str) -> Option<String> {
        let name = folded(typed, NAME_MAX);
        let code = self.codes.get(&name.to_ascii_uppercase()).cloned();
        let plain = name.strip_prefix("the").unwrap_or(&name);
        let habit = || {
            let found = HABITS.iter().find(|(habit, _)| *habit == plain)?;
            self.codes.get(found.1).cloned()
        };
        let named = |name: &str| self.countries.get(name).cloned().flatten();
        code.or_else(|| named(&name))
            .or_else(|| named(plain))
            .or_else(|| named(&format!("the{name}")))
            .or_else(habit)
    }

    /// Of one place's records the surest one counts.
    fn sharpen(&mut self, index: usize, place: Place) {
        let Some(known) = self.places.get_mut(index) else {
            return;
        };
        let radius = |place: &Place| place.accuracy_km.unwrap_or(u32::MAX);
        if radius(&place) < radius(known) {
            known.latitude = place.latitude;
            known.longitude = place.longitude;
            known.accuracy_km = place.accuracy_km;
        }
    }

    pub(super) fn named(&self, city: &str, country: Option<&str>) -> Vec<Place> {
        let lies_in = |place: &&Place| {
            country.is_none_or(|wanted| {
                let found = place.country.as_deref();
                found.is_some_and(|found| found.eq_ignore_ascii_case(wanted.trim()))
            })
        };
        let indexes = self
            .by_name
            .get(&folded(city, NAME_MAX))
            .into_iter()
            .flatten();
        indexes
            .filter_map(|index| self.places.get(*index))
            .filter(lies_in)
            .take(SAME_NAME_MAX)
            .cloned()
            .collect()
    }
}

/// Tells places without a number apart.
fn key_of(place: &Place) -> String {
    let country = place.country.as_deref().unwrap_or_default();
    format!("{country}/{}", place.names.join("/"))
}
