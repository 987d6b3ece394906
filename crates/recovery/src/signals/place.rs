//! Where a request came from.

use crate::policy::Signals;
use crate::signal::{Bearing, Signal};
use crate::time::{Span, Timestamp};

use super::code;
use super::distance::{PastLogin, Spot, distance_km, nearest_km, usual_spot};

/// Distances and speeds are told in steps of this: no lookup is surer.
const STEP: f64 = 10.0;
/// The shortest time that a speed is computed over, in hours: one minute.
const HOURS_MIN: f64 = 1.0 / 60.0;
/// The greatest speed that is told, in km/h.
const SPEED_MAX: f64 = 100_000.0;

/// What a database of anonymous networks says of an address.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[allow(missing_docs, reason = "the names say it")]
#[allow(clippy::struct_excessive_bools, reason = "flags of the database")]
pub struct Anonymity {
    pub anonymous: bool,
    pub vpn: bool,
    pub hosting: bool,
    pub public_proxy: bool,
    pub residential_proxy: bool,
    pub tor_exit: bool,
}

impl Anonymity {
    /// Whether any flag stands.
    #[must_use]
    pub const fn any(self) -> bool {
        self.anonymous
            || self.vpn
            || self.hosting
            || self.public_proxy
            || self.residential_proxy
            || self.tor_exit
    }
}

/// Rounded to [`STEP`].
#[allow(clippy::cast_possible_truncation, reason = "clamped before")]
fn rounded(value: f64) -> i64 {
    let clamped = value.clamp(0.0, SPEED_MAX);
    ((clamped / STEP).round() * STEP) as i64
}

#[allow(clippy::cast_precision_loss, reason = "policy numbers are small")]
fn limit(value: i64) -> f64 {
    value as f64
}

/// How far from the nearest past login. Near speaks for the applicant only where both places are
/// known as exactly as `near_km`; far speaks against only by what both are sure of.
#[must_use]
pub fn ip_distance(here: Option<&Spot>, logins: Option<&[PastLogin]>, policy: &Signals) -> Signal {
    let found = here
        .zip(logins)
        .and_then(|(here, logins)| nearest_km(here, logins).map(|found| (here, found)));
    let Some((here, (km, there))) = found else {
        return Signal::unavailable(code::IP_DISTANCE);
    };
    let (near, far) = (limit(policy.near_km), limit(policy.far_km));
    let exact = here.is_exact(near) && there.is_exact(near);
    let sure = km - here.slack_km() - there.slack_km();
    let bearing = if km <= near && exact {
        Bearing::Lowers
    } else if sure >= far {
        Bearing::Raises
    } else {
        Bearing::Neutral
    };
    Signal::new(code::IP_DISTANCE, bearing).measured(rounded(km), "km")
}

/// How far from the place of most past logins. It says nothing by itself: whoever is far from
/// there and near another login travels, and whoever is far from every login shows in
/// [`ip_distance`].
#[must_use]
pub fn ip_usual(here: Option<&Spot>, logins: Option<&[PastLogin]>, policy: &Signals) -> Signal {
    let usual = logins.and_then(|logins| usual_spot(logins, limit(policy.near_km)));
    let Some((here, (usual, _))) = here.zip(usual) else {
        return Signal::unavailable(code::IP_USUAL);
    };
    let km = distance_km(here, &usual);
    Signal::new(code::IP_USUAL, Bearing::Neutral).measured(rounded(km), "km")
}

/// How fast somebody must have travelled between the newest login that has a place and the
/// opening of the case, whichever came first. Never lowers risk.
#[must_use]
pub fn ip_travel(
    here: Option<&Spot>,
    logins: Option<&[PastLogin]>,
    opened_at: Timestamp,
    policy: &Signals,
) -> Signal {
    let newest = logins.and_then(|logins| {
        let placed = logins
            .iter()
            .filter_map(|login| Some((login.at, login.spot?)));
        placed.max_by_key(|(at, _)| *at)
    });
    let Some((here, (at, there))) = here.zip(newest) else {
        return Signal::unavailable(code::IP_TRAVEL);
    };
    let sure = (distance_km(here, &there) - here.slack_km() - there.slack_km()).max(0.0);
    let hours = hours(opened_at.since(at)).abs().max(HOURS_MIN);
    // Two lookups of one town may lie some kilometres apart at the same minute.
    let moved = sure > limit(policy.near_km);
    let speed = if moved { sure / hours } else { 0.0 };
    let bearing = if speed > limit(policy.travel_kmh) {
        Bearing::Raises
    } else {
        Bearing::Neutral
    };
    Signal::new(code::IP_TRAVEL, bearing).measured(rounded(speed), "km/h")
}

#[allow(
    clippy::cast_precision_loss,
    reason = "spans of years in milliseconds fit"
)]
fn hours(span: Span) -> f64 {
    span.as_millis() as f64 / limit(Span::hours(1).as_millis())
}

/// Whether a country stands in a list, whatever its case.
#[must_use]
pub fn is_in(country: &str, list: &[String]) -> bool {
    list.iter()
        .any(|listed| listed.eq_ignore_ascii_case(country))
}

fn listed(code: &str, country: Option<&str>, list: &[String]) -> Signal {
    match country {
        None => Signal::unavailable(code),
        Some(country) if is_in(country, list) => Signal::new(code, Bearing::Raises),
        Some(_) => Signal::new(code, Bearing::Neutral),
    }
}

/// Whether the address lies in a country of high risk (M27).
#[must_use]
pub fn ip_region(country: Option<&str>, policy: &Signals) -> Signal {
    listed(code::IP_REGION, country, &policy.high_risk_countries)
}

/// Whether the address lies in a country that the platform does not serve (M26).
#[must_use]
pub fn ip_service(country: Option<&str>, policy: &Signals) -> Signal {
    listed(code::IP_SERVICE, country, &policy.restricted_countries)
}

/// Whether the address belongs to a hosting or an anonymous network. The database lists those
/// only, so an address that it does not list says nothing.
#[must_use]
pub fn ip_network(anonymity: Option<Anonymity>) -> Signal {
    match anonymity {
        None => Signal::unavailable(code::IP_NETWORK),
        Some(flags) if flags.any() => Signal::new(code::IP_NETWORK, Bearing::Raises),
        Some(_) => Signal::new(code::IP_NETWORK, Bearing::Neutral),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const DAY: i64 = 24 * 60 * 60 * 1000;

    fn spot(latitude: f64, longitude: f64, accuracy_km: Option<u32>) -> Spot {
        Spot {
            latitude,
            longitude,
            accuracy_km,
        }
    }

    fn login(at: i64, spot: Option<Spot>) -> PastLogin {
        PastLogin {
            at: Timestamp::from_millis(at),
            spot,
        }
    }

    fn measure(signal: &Signal) -> (Bearing, Option<i64>) {
        (signal.bearing, signal.value)
    }

    #[test]
    fn a_distance_is_near_far_or_neither() {
        let policy = Signals::shipped();
        let here = spot(50.0, 8.0, Some(20));
        for (there, bearing, km) in [
            (spot(50.0, 8.0, Some(20)), Bearing::Lowers, 0),
            (spot(50.8, 8.0, Some(20)), Bearing::Lowers, 90),
            (spot(51.0, 8.0, Some(20)), Bearing::Neutral, 110),
            (spot(50.0, 8.0, Some(500)), Bearing::Neutral, 0),
            (spot(50.0, 8.0, None), Bearing::Neutral, 0),
            (spot(59.0, 8.0, Some(20)), Bearing::Neutral, 1000),
            (spot(60.0, 8.0, Some(20)), Bearing::Raises, 1110),
            (spot(60.0, 8.0, Some(100)), Bearing::Neutral, 1110),
        ] {
            let logins = [login(0, Some(there))];
            let signal = ip_distance(Some(&here), Some(&logins), &policy);
            assert_eq!(measure(&signal), (bearing, Some(km)), "{there:?}");
            assert_eq!(signal.unit.as_deref(), Some("km"));
        }
    }

    #[test]
    fn without_a_place_or_a_login_nothing_is_said_to_be_near() {
        let policy = Signals::shipped();
        let here = spot(50.0, 8.0, Some(20));
        let logins = [login(0, Some(here))];
        let nowhere = [login(0, None)];
        let now = Timestamp::from_millis(0);
        for (place, past) in [
            (None, Some(&logins[..])),
            (Some(&here), None),
            (Some(&here), Some(&logins[..0])),
            (Some(&here), Some(&nowhere[..])),
        ] {
            let signal = ip_distance(place, past, &policy);
            assert_eq!(measure(&signal), (Bearing::Unavailable, None));
            let signal = ip_usual(place, past, &policy);
            assert_eq!(measure(&signal), (Bearing::Unavailable, None));
            let signal = ip_travel(place, past, now, &policy);
            assert_eq!(measure(&signal), (Bearing::Unavailable, None));
        }
    }

    #[test]
    fn the_usual_place_is_not_the_nearest_and_counts_for_nothing() {
        let policy = Signals::shipped();
        let here = spot(50.0, 8.0, Some(20));
        let home = spot(60.0, 8.0, Some(20));
        let logins = [here, home, home].map(|there| login(0, Some(there)));
        let nearest = ip_distance(Some(&here), Some(&logins), &policy);
        assert_eq!(measure(&nearest), (Bearing::Lowers, Some(0)));
        let usual = ip_usual(Some(&here), Some(&logins), &policy);
        assert_eq!(measure(&usual), (Bearing::Neutral, Some(1110)));
    }

    #[test]
    fn only_what_nothing_flies_is_impossible() {
        let policy = Signals::shipped();
        let here = spot(0.0, 0.0, Some(10));
        let far = Some(spot(0.0, 90.0, Some(10)));
        let near = Some(spot(0.0, 1.0, Some(10)));
        let opened = Timestamp::from_millis(10 * DAY);
        let speed = |hours: i64, spot| {
            let at = 10 * DAY - hours * DAY / 24;
            let older = login(at - DAY, Some(here));
            let signal = ip_travel(
                Some(&here),
                Some(&[older, login(at, spot)]),
                opened,
                &policy,
            );
            measure(&signal)
        };
        assert_eq!(speed(24, far), (Bearing::Neutral, Some(420)));
        assert_eq!(speed(11, far), (Bearing::Neutral, Some(910)));
        assert_eq!(speed(9, far), (Bearing::Raises, Some(1110)));
        assert_eq!(speed(0, far), (Bearing::Raises, Some(100_000)));
        // A login after the opening, from elsewhere, is as impossible.
        assert_eq!(speed(-1, far), (Bearing::Raises, Some(9990)));
        assert_eq!(speed(0, near), (Bearing::Neutral, Some(0)));
        // The newest login has no place: the one before it counts.
        assert_eq!(speed(1, None), (Bearing::Neutral, Some(0)));
    }

    #[test]
    fn countries_raise_only_where_the_operator_lists_them() {
        let mut policy = Signals::shipped();
        assert_eq!(ip_region(Some("XA"), &policy).bearing, Bearing::Neutral);
        policy.high_risk_countries = vec!["XA".to_owned()];
        policy.restricted_countries = vec!["XB".to_owned()];
        assert_eq!(ip_region(Some("xa"), &policy).bearing, Bearing::Raises);
        assert_eq!(ip_region(Some("XB"), &policy).bearing, Bearing::Neutral);
        assert_eq!(ip_service(Some("XB"), &policy).bearing, Bearing::Raises);
        assert_eq!(ip_service(Some("XA"), &policy).bearing, Bearing::Neutral);
        assert_eq!(ip_region(None, &policy).bearing, Bearing::Unavailable);
        assert_eq!(ip_service(None, &policy).bearing, Bearing::Unavailable);
    }

    #[test]
    fn a_hosting_network_raises_and_an_unlisted_one_says_nothing() {
        let none = Anonymity::default();
        let hosting = Anonymity {
            hosting: true,
            ..none
        };
        assert_eq!(ip_network(Some(hosting)).bearing, Bearing::Raises);
        assert_eq!(ip_network(Some(none)).bearing, Bearing::Neutral);
        assert_eq!(ip_network(None).bearing, Bearing::Unavailable);
    }
}
