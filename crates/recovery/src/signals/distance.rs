//! Places on Earth: how far apart, the nearest of many, and the usual one.

use crate::time::Timestamp;

/// Mean radius of the Earth in kilometres: R1 of the IUGG, (2 a + b) / 3 of the GRS 80 ellipsoid
/// (Moritz, Geodetic Reference System 1980, Journal of Geodesy 74, 2000). A sphere of it is wrong
/// by 0.6 % at most, far below what a lookup of a network address is sure of.
pub const EARTH_RADIUS_KM: f64 = 6_371.008_8;

/// Logins that the usual place is looked for among: the contract's bound.
const LOGINS_MAX: usize = 500;

/// A place as a lookup gives it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Spot {
    /// Degrees, north is positive.
    pub latitude: f64,
    /// Degrees, east is positive.
    pub longitude: f64,
    /// Radius about it in kilometres that the lookup is sure of; `None` when it does not say.
    pub accuracy_km: Option<u32>,
}

/// One sign-in of the past.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct PastLogin {
    /// When.
    pub at: Timestamp,
    /// Where, as far as the address can be placed.
    pub spot: Option<Spot>,
}

impl Spot {
    /// Whether it says more than the country: two addresses of one country that are both placed
    /// in its middle are not near each other.
    pub(super) fn is_exact(&self, within_km: f64) -> bool {
        self.accuracy_km
            .is_some_and(|radius| f64::from(radius) <= within_km)
    }

    /// The radius, for distances that must not be overstated.
    pub(super) fn slack_km(&self) -> f64 {
        f64::from(self.accuracy_km.unwrap_or(0))
    }
}

/// Great-circle distance in kilometres by the haversine formula, on a sphere of
/// [`EARTH_RADIUS_KM`].
#[must_use]
pub fn distance_km(a: &Spot, b: &Spot) -> f64 {
    let (north_a, north_b) = (a.latitude.to_radians(), b.latitude.to_radians());
    let across = (b.longitude - a.longitude).to_radians();
    let chord = ((north_b - north_a) / 2.0).sin().powi(2)
        + north_a.cos() * north_b.cos() * (across / 2.0).sin().powi(2);
    // Rounding may leave the sine's range by a hair at opposite ends of the Earth.
    2.0 * EARTH_RADIUS_KM * chord.clamp(0.0, 1.0).sqrt().asin()
}

/// Distance to the nearest past login that has a place, and that place.
#[must_use]
pub fn nearest_km(here: &Spot, logins: &[PastLogin]) -> Option<(f64, Spot)> {
    logins
        .iter()
        .filter_map(|login| login.spot)
        .map(|spot| (distance_km(here, &spot), spot))
        .min_by(|(a, _), (b, _)| a.total_cmp(b))
}

/// The place of most sign-ins: the one with the most others within `near_km`, and how many logins
/// that is; the newest of equals. Of 500 logins at most.
#[must_use]
pub fn usual_spot(logins: &[PastLogin], near_km: f64) -> Option<(Spot, usize)> {
    let placed: Vec<(Timestamp, Spot)> = logins
        .iter()
        .take(LOGINS_MAX)
        .filter_map(|login| Some((login.at, login.spot?)))
        .collect();
    let around = |spot: &Spot| {
        let near = |other: &&(Timestamp, Spot)| distance_km(spot, &other.1) <= near_km;
        placed.iter().filter(near).count()
    };
    placed
        .iter()
        .map(|(at, spot)| (around(spot), *at, *spot))
        .max_by_key(|(count, at, _)| (*count, *at))
        .map(|(count, _, spot)| (spot, count))
}

#[cfg(test)]
mod tests {
    use super::*;

    const LONDON: (f64, f64) = (51.5142, -0.0931);
    const PARIS: (f64, f64) = (48.8534, 2.3488);
    const NEW_YORK: (f64, f64) = (40.7143, -74.006);

    fn spot((latitude, longitude): (f64, f64)) -> Spot {
        Spot {
            latitude,
            longitude,
            accuracy_km: Some(10),
        }
    }

    fn login(at: i64, place: (f64, f64)) -> PastLogin {
        PastLogin {
            at: Timestamp::from_millis(at),
            spot: Some(spot(place)),
        }
    }

    #[test]
    fn distances_are_those_of_a_sphere() {
        // A degree of a great circle is 2 pi R / 360.
        let degree = 2.0 * std::f64::consts::PI * EARTH_RADIUS_KM / 360.0;
        for (a, b, km) in [
            ((0.0, 0.0), (0.0, 0.0), 0.0),
            ((0.0, 0.0), (0.0, 1.0), degree),
            ((0.0, 0.0), (1.0, 0.0), degree),
            ((0.0, 179.5), (0.0, -179.5), degree),
            ((90.0, 0.0), (90.0, 120.0), 0.0),
            ((60.0, 0.0), (60.0, 180.0), 60.0 * degree),
            ((0.0, 0.0), (0.0, 180.0), 180.0 * degree),
            ((90.0, 0.0), (-90.0, 77.0), 180.0 * degree),
            // Published great-circle distances, to a kilometre or two.
            (LONDON, PARIS, 344.0),
            (LONDON, NEW_YORK, 5_571.0),
        ] {
            let found = distance_km(&spot(a), &spot(b));
            assert!(
                (found - km).abs() < 2.0,
                "{a:?} to {b:?}: {found}, not {km}"
            );
            let back = distance_km(&spot(b), &spot(a));
            assert!((found - back).abs() < 1e-9);
        }
    }

    #[test]
    fn nonsense_makes_no_panic() {
        let here = spot(LONDON);
        for wrong in [f64::NAN, f64::INFINITY, -1e300] {
            let there = spot((wrong, wrong));
            let km = distance_km(&here, &there);
            assert!(km.is_nan() || km >= 0.0, "{km}");
        }
    }

    #[test]
    fn the_nearest_login_is_found_whenever_it_was() {
        let logins = [login(3, NEW_YORK), login(2, PARIS), login(1, LONDON)];
        let (km, there) = nearest_km(&spot((51.4, 0.0)), &logins).unwrap();
        assert!(km < 20.0, "{km}");
        assert_eq!(there, spot(LONDON));
        assert_eq!(nearest_km(&spot(LONDON), &[]), None);
    }

    #[test]
    fn the_usual_place_is_that_of_most_logins() {
        let near_london = (51.6, 0.1);
        let logins = [
            login(9, NEW_YORK),
            login(8, NEW_YORK),
            login(7, LONDON),
            login(6, near_london),
            login(5, LONDON),
            PastLogin {
                at: Timestamp::from_millis(10),
                spot: None,
            },
        ];
        assert_eq!(usual_spot(&logins, 100.0), Some((spot(LONDON), 3)));
        assert_eq!(usual_spot(&logins[..2], 100.0), Some((spot(NEW_YORK), 2)));
        assert_eq!(usual_spot(&logins[5..], 100.0), None);
    }
}
