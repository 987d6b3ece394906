//! What a change of the account during the wait adds to it: only ever longer.

use serde::{Deserialize, Serialize};

use super::Bounds;
use crate::case::ChangeKind;
use crate::time::Span;

/// The most hours that one change may add.
const HOURS_MAX: i64 = 24 * 7;
/// The most days that all changes of one wait may add: with the longest wait still within the time
/// for the handover, so that nobody keeps an account from its holder by changing things.
const DAYS_MAX: i64 = 30;

/// What changes add to a wait.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs, reason = "each key is explained in policy.default.toml")]
pub struct Changes {
    pub new_email: i64,
    pub new_factor: i64,
    pub new_device: i64,
    pub suspicious_login: i64,
    pub password_changed: i64,
    pub handover: i64,
    pub other: i64,
    pub restart: Vec<ChangeKind>,
    pub days_max: i64,
}

impl Changes {
    /// What a change adds to the end of the wait.
    #[must_use]
    pub const fn adds(&self, change: ChangeKind) -> Span {
        Span::hours(match change {
            ChangeKind::NewEmail => self.new_email,
            ChangeKind::NewFactor => self.new_factor,
            ChangeKind::NewDevice => self.new_device,
            ChangeKind::SuspiciousLogin => self.suspicious_login,
            ChangeKind::PasswordChanged => self.password_changed,
            ChangeKind::Handover => self.handover,
            ChangeKind::Other => self.other,
        })
    }

    /// Each number with its bounds.
    #[rustfmt::skip]
    pub(super) const fn bounds(&self) -> [Bounds; 8] {
        [
            ("changes.new_email", self.new_email, 0, HOURS_MAX),
            ("changes.new_factor", self.new_factor, 0, HOURS_MAX),
            ("changes.new_device", self.new_device, 0, HOURS_MAX),
            ("changes.suspicious_login", self.suspicious_login, 0, HOURS_MAX),
            ("changes.password_changed", self.password_changed, 0, HOURS_MAX),
            ("changes.handover", self.handover, 0, HOURS_MAX),
            ("changes.other", self.other, 0, HOURS_MAX),
            ("changes.days_max", self.days_max, 1, DAYS_MAX),
        ]
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::super::{DEFAULT, Policy};

    #[test]
    fn a_document_from_before_changes_counted_takes_what_ships() {
        let mut document: toml::Table = toml::from_str(DEFAULT).unwrap();
        assert!(document.remove("changes").is_some());
        let older = Policy::parse(&toml::to_string(&document).unwrap()).unwrap();
        let shipped = Policy::parse(DEFAULT).unwrap();
        assert_eq!(older.changes, shipped.changes);
    }

    #[test]
    fn a_change_adds_no_less_than_nothing_and_no_more_than_a_week() {
        for wrong in ["-1", "169"] {
            let text = DEFAULT.replace(
                "suspicious_login = 48",
                &format!("suspicious_login = {wrong}"),
            );
            let error = Policy::parse(&text).unwrap_err().to_string();
            assert!(error.starts_with("changes.suspicious_login"), "{error}");
        }
    }
}
