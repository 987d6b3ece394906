//! Risk signals: from where on a circumstance is usual, and from where on it is not.

use serde::{Deserialize, Serialize};

use super::{Bounds, PolicyError};

/// No two places on Earth are farther apart: half of its circumference, rounded up.
const KM_MAX: i64 = 20_040;

/// Limits of risk signals.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs, reason = "each key is explained in policy.default.toml")]
pub struct Signals {
    pub near_km: i64,
    pub far_km: i64,
    pub travel_kmh: i64,
    pub high_risk_countries: Vec<String>,
    pub restricted_countries: Vec<String>,
    pub changes_days: i64,
    pub network_cases: u32,
    pub device_cases: u32,
    pub account_cases: u32,
    pub contact_cases: u32,
}

impl Signals {
    /// Those of the policy that ships.
    #[cfg(test)]
    pub(crate) fn shipped() -> Self {
        super::Policy::parse(super::DEFAULT).unwrap().signals
    }

    /// Every entry of the lists that is no country.
    pub(super) fn check(&self, faults: &mut Vec<PolicyError>) {
        for (key, list) in [
            ("signals.high_risk_countries", &self.high_risk_countries),
            ("signals.restricted_countries", &self.restricted_countries),
        ] {
            let wrong = list.iter().filter(|code| !is_country(code)).cloned();
            faults.extend(wrong.map(|code| PolicyError::Country { key, code }));
        }
    }

    /// Each number with its bounds.
    #[rustfmt::skip]
    pub(super) fn bounds(&self) -> [Bounds; 8] {
        const CASES_MAX: i64 = 10_000;
        [
            ("signals.near_km", self.near_km, 1, KM_MAX),
            ("signals.far_km", self.far_km, self.near_km, KM_MAX),
            ("signals.travel_kmh", self.travel_kmh, 100, 10_000),
            ("signals.changes_days", self.changes_days, 1, 365),
            ("signals.network_cases", self.network_cases.into(), 1, CASES_MAX),
            ("signals.device_cases", self.device_cases.into(), 1, CASES_MAX),
            ("signals.account_cases", self.account_cases.into(), 1, CASES_MAX),
            ("signals.contact_cases", self.contact_cases.into(), 1, CASES_MAX),
        ]
    }
}

fn is_country(code: &str) -> bool {
    code.len() == 2 && code.bytes().all(|byte| byte.is_ascii_uppercase())
}

#[cfg(test)]
mod tests {
    use super::super::{DEFAULT, Policy};
    use super::*;

    fn with(line: &str) -> Result<Policy, PolicyError> {
        let key = line.split(' ').next().unwrap();
        let old = |text: &&str| text.starts_with(&format!("{key} "));
        let found = DEFAULT.lines().find(old).unwrap();
        Policy::parse(&DEFAULT.replace(found, line))
    }

    #[test]
    fn a_document_without_the_section_takes_what_ships() {
        let mut document: toml::Table = toml::from_str(DEFAULT).unwrap();
        assert!(document.remove("signals").is_some());
        let older = Policy::parse(&toml::to_string(&document).unwrap()).unwrap();
        let shipped = Policy::parse(DEFAULT).unwrap();
        assert_eq!(older.signals, shipped.signals);
    }

    #[test]
    fn numbers_out_of_their_bounds_are_refused_with_their_key() {
        for line in [
            "near_km = 0",
            "far_km = 99",
            "far_km = 20041",
            "travel_kmh = 99",
            "changes_days = 0",
            "network_cases = 0",
            "device_cases = 0",
            "account_cases = 10001",
            "contact_cases = 0",
        ] {
            let error = with(line).unwrap_err().to_string();
            assert!(error.starts_with("signals."), "{line}: {error}");
            assert!(error.contains("out of range"), "{line}: {error}");
        }
    }

    #[test]
    fn a_country_is_two_capitals() {
        for line in [
            r#"high_risk_countries = ["xa"]"#,
            r#"high_risk_countries = ["XA", "DEU"]"#,
            r#"restricted_countries = [""]"#,
        ] {
            let error = with(line).unwrap_err();
            assert!(
                matches!(error, PolicyError::Country { .. }),
                "{line}: {error}"
            );
        }
        let policy = with(r#"high_risk_countries = ["XA", "DE"]"#).unwrap();
        assert_eq!(policy.signals.high_risk_countries, ["XA", "DE"]);
    }
}
