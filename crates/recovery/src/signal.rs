//! A risk signal: what the circumstances of a request say, in one shape for every source.

use serde::{Deserialize, Serialize};

/// Which way a signal points.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Bearing {
    /// As it is for the holder: it speaks for the applicant.
    Lowers,
    /// It says nothing.
    Neutral,
    /// Unusual: it speaks against the applicant.
    Raises,
    /// The source is missing or failed: never "fine".
    Unavailable,
}

impl Bearing {
    /// The stable name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Lowers => "lowers",
            Self::Neutral => "neutral",
            Self::Raises => "raises",
            Self::Unavailable => "unavailable",
        }
    }
}

/// One signal. Codes and coarse numbers only: no address, no place, no device (statement 10).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Signal {
    /// Stable code, such as `ip.distance` or `device.familiar`.
    pub code: String,
    /// Which way it points.
    pub bearing: Bearing,
    /// What was measured, in `unit`, rounded so that it points at nobody.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub value: Option<i64>,
    /// What is measured, such as `km` or `times`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unit: Option<String>,
}

impl Signal {
    /// A signal that measures nothing.
    #[must_use]
    pub fn new(code: &str, bearing: Bearing) -> Self {
        Self {
            code: code.to_owned(),
            bearing,
            value: None,
            unit: None,
        }
    }

    /// A source that is missing or failed.
    #[must_use]
    pub fn unavailable(code: &str) -> Self {
        Self::new(code, Bearing::Unavailable)
    }

    /// What was measured.
    #[must_use]
    pub fn measured(mut self, value: i64, unit: &str) -> Self {
        self.value = Some(value);
        self.unit = Some(unit.to_owned());
        self
    }
}
