//! How many of how many, and how sure that is.

use serde::Serialize;

/// Quantile of the normal distribution for 95 %, both sides.
const Z: f64 = 1.959_963_984_540_054;

/// How many of how many, with a 95 % interval (Wilson, Journal of the American Statistical
/// Association 22, 1927).
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Share {
    /// How many.
    pub count: u64,
    /// Of how many.
    pub of: u64,
    /// The share, 0 to 1; 0 of none.
    pub share: f64,
    /// The lower end of the interval.
    pub low: f64,
    /// The upper end.
    pub high: f64,
}

impl Share {
    /// `count` of `of`.
    #[must_use]
    pub fn new(count: u64, of: u64) -> Self {
        if of == 0 {
            return Self {
                count,
                of,
                share: 0.0,
                low: 0.0,
                high: 1.0,
            };
        }
        let n = of as f64;
        let share = count as f64 / n;
        let middle = share + Z * Z / (2.0 * n);
        let around = Z * (share * (1.0 - share) / n + Z * Z / (4.0 * n * n)).sqrt();
        let whole = 1.0 + Z * Z / n;
        Self {
            count,
            of,
            share,
            low: if count == 0 {
                0.0
            } else {
                ((middle - around) / whole).max(0.0)
            },
            high: if count == of {
                1.0
            } else {
                ((middle + around) / whole).min(1.0)
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn intervals_are_wilsons() {
        // Worked out by hand: 5 of 100.
        let share = Share::new(5, 100);
        assert!((share.low - 0.021_543).abs() < 1e-5, "{share:?}");
        assert!((share.high - 0.111_752).abs() < 1e-5, "{share:?}");
        let none = Share::new(0, 100_000);
        assert_eq!(none.low.to_bits(), 0.0_f64.to_bits());
        assert!((none.high - 3.84e-5).abs() < 1e-6, "{none:?}");
        assert_eq!(Share::new(0, 0).high.to_bits(), 1.0_f64.to_bits());
    }
}
