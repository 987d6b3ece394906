//! What a request that its holder stopped leaves behind for later ones.

use serde::{Deserialize, Serialize};

use super::{Bounds, Policy, Tier};
use crate::time::Span;

/// The longest that any case's data may live.
const DAYS_MAX: i64 = 1095;

/// How long the new address, the device and the face of a stopped request count, and for what.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs, reason = "each key is explained in policy.default.toml")]
pub struct Marks {
    pub days: i64,
    pub tier: Tier,
}

impl Marks {
    /// Each number with its bounds.
    pub(super) const fn bounds(&self) -> [Bounds; 1] {
        [("marks.days", self.days, 1, DAYS_MAX)]
    }
}

impl Policy {
    /// How long marks are kept: no longer than any case's data.
    #[must_use]
    pub fn marks_kept(&self) -> Span {
        Span::days(self.marks.days.min(self.retention.days_max))
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::super::{DEFAULT, Policy};
    use crate::time::Span;

    #[test]
    fn a_document_from_before_marks_takes_what_ships() {
        let mut document: toml::Table = toml::from_str(DEFAULT).unwrap();
        assert!(document.remove("marks").is_some());
        let older = Policy::parse(&toml::to_string(&document).unwrap()).unwrap();
        assert_eq!(older.marks, Policy::parse(DEFAULT).unwrap().marks);
    }

    #[test]
    fn no_mark_is_kept_for_longer_than_any_data() {
        let shipped = Policy::parse(DEFAULT).unwrap();
        assert_eq!(shipped.marks_kept(), Span::days(365));
        let mut short = shipped;
        short.retention.days_max = 40;
        assert_eq!(short.marks_kept(), Span::days(40));
        for days in ["0", "1096"] {
            let changed = DEFAULT.replacen("days = 365", &format!("days = {days}"), 1);
            assert_ne!(changed, DEFAULT);
            let error = Policy::parse(&changed).unwrap_err().to_string();
            assert!(error.contains("marks.days"), "{error}");
        }
    }
}
