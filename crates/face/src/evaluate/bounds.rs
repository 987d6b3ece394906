//! Exact binomial bounds (Clopper and Pearson 1934): what a count of errors supports.

/// Halvings of the interval 0 to 1: more than a float has digits.
const HALVINGS: usize = 200;
/// Terms of the continued fraction; it needs about the square root of the number of trials.
const MAX_TERMS: usize = 100_000;
/// Relative change at which the continued fraction is done.
const DONE: f64 = 1e-14;

/// The least rate that `errors` of `trials` leave possible, one-sided, at `confidence` (0 to 1).
#[must_use]
pub fn lower_bound(errors: u64, trials: u64, confidence: f64) -> f64 {
    if errors == 0 || trials == 0 {
        return 0.0;
    }
    // P(X >= errors) grows with the rate.
    let (hits, misses) = (float(errors), float(trials.saturating_sub(errors)));
    root(|rate| share_below(rate, hits, misses + 1.0) - (1.0 - confidence))
}

/// The greatest rate that `errors` of `trials` leave possible, one-sided, at `confidence`.
/// Without trials everything is possible: 1.
#[must_use]
pub fn upper_bound(errors: u64, trials: u64, confidence: f64) -> f64 {
    if errors >= trials {
        return 1.0;
    }
    // P(X <= errors) falls with the rate: 1 - it grows.
    let (hits, misses) = (float(errors), float(trials.saturating_sub(errors)));
    root(|rate| share_below(rate, hits + 1.0, misses) - confidence)
}

#[allow(clippy::cast_precision_loss, reason = "counts far below 2^53")]
fn float(count: u64) -> f64 {
    count as f64
}

/// Where a function that grows from below to above zero on 0 to 1 crosses it.
fn root(function: impl Fn(f64) -> f64) -> f64 {
    let (mut low, mut high) = (0.0f64, 1.0f64);
    for _ in 0..HALVINGS {
        let middle = f64::midpoint(low, high);
        if middle <= low || middle >= high {
            break;
        }
        if function(middle) < 0.0 {
            low = middle;
        } else {
            high = middle;
        }
    }
    f64::midpoint(low, high)
}

/// The regularised incomplete beta function I_x(a, b): the share of a beta distribution below x.
fn share_below(x: f64, a: f64, b: f64) -> f64 {
    if x <= 0.0 {
        return 0.0;
    }
    if x >= 1.0 {
        return 1.0;
    }
    let front = (ln_gamma(a + b) - ln_gamma(a) - ln_gamma(b) + a * x.ln() + b * (-x).ln_1p()).exp();
    // The fraction converges fast on one side of the mean only; the other goes by symmetry.
    if x < (a + 1.0) / (a + b + 2.0) {
        front * fraction(x, a, b) / a
    } else {
        1.0 - front * fraction(1.0 - x, b, a) / b
    }
}

/// The continued fraction of the incomplete beta function, by Lentz's method.
fn fraction(x: f64, a: f64, b: f64) -> f64 {
    let guarded = |value: f64| {
        if value.abs() < f64::MIN_POSITIVE {
            f64::MIN_POSITIVE
        } else {
            value
        }
    };
    let mut c = 1.0;
    let mut d = 1.0 / guarded(1.0 - (a + b) * x / (a + 1.0));
    let mut value = d;
    let mut m = 0.0;
    for _ in 0..MAX_TERMS {
        m += 1.0;
        let even = m * (b - m) * x / ((a + 2.0 * m - 1.0) * (a + 2.0 * m));
        d = 1.0 / guarded(1.0 + even * d);
        c = guarded(1.0 + even / c);
        value *= d * c;
        let odd = -(a + m) * (a + b + m) * x / ((a + 2.0 * m) * (a + 2.0 * m + 1.0));
        d = 1.0 / guarded(1.0 + odd * d);
        c = guarded(1.0 + odd / c);
        let step = d * c;
        value *= step;
        if (step - 1.0).abs() < DONE {
            break;
        }
    }
    value
}

/// Logarithm of the gamma function for positive arguments: Stirling's series after moving the
/// argument beyond 15, where its error is below 1e-15.
fn ln_gamma(x: f64) -> f64 {
    let mut shift = 0.0;
    let mut x = x;
    while x < 15.0 {
        shift += x.ln();
        x += 1.0;
    }
    let inverse = 1.0 / x;
    let square = inverse * inverse;
    let tail = 1.0 / 12.0 - square * (1.0 / 360.0 - square * (1.0 / 1260.0 - square / 1680.0));
    (x - 0.5) * x.ln() - x + 0.5 * std::f64::consts::TAU.ln() + inverse * tail - shift
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Table 0.2 of the standards: so many trials with so many errors support the claim, and one
    /// trial less does not.
    #[test]
    fn the_table_of_trials_is_reproduced() {
        let table = [
            (1e-4, 0, 29_956),
            (1e-4, 1, 47_437),
            (1e-4, 5, 105_128),
            (1e-4, 10, 169_619),
            (1.25e-4, 3, 62_027),
            (0.01, 0, 299),
            (0.01, 10, 1_693),
            (0.05, 2, 124),
            (0.07, 0, 42),
            (0.07, 10, 239),
            (0.1, 1, 46),
            (1e-3, 2, 6_294),
        ];
        for (claim, errors, trials) in table {
            assert!(
                upper_bound(errors, trials, 0.95) <= claim,
                "{claim} {errors}"
            );
            assert!(
                upper_bound(errors, trials - 1, 0.95) > claim,
                "{claim} {errors}"
            );
        }
    }

    #[test]
    fn bounds_enclose_the_rate_and_mirror_each_other() {
        for (errors, trials) in [
            (0, 10),
            (3, 10),
            (10, 10),
            (230, 2_300_000),
            (23_000, 2_300_000),
        ] {
            let rate = float(errors) / float(trials);
            let (low, high) = (
                lower_bound(errors, trials, 0.975),
                upper_bound(errors, trials, 0.975),
            );
            assert!(
                low <= rate && rate <= high,
                "{errors} of {trials}: {low} {high}"
            );
            let mirrored = 1.0 - upper_bound(trials - errors, trials, 0.975);
            assert!((low - mirrored).abs() < 1e-9);
        }
        // Clopper and Pearson, 3 of 10, two-sided 95 %: 0.0667 to 0.6525.
        assert!((lower_bound(3, 10, 0.975) - 0.066_739).abs() < 1e-5);
        assert!((upper_bound(3, 10, 0.975) - 0.652_453).abs() < 1e-5);
    }

    #[test]
    fn without_trials_nothing_is_known() {
        assert!((upper_bound(0, 0, 0.95) - 1.0).abs() < 1e-12);
        assert!(lower_bound(0, 0, 0.95).abs() < 1e-12);
    }

    #[test]
    fn gamma_is_known_at_whole_and_half_numbers() {
        assert!((ln_gamma(5.0) - 24f64.ln()).abs() < 1e-12);
        assert!((ln_gamma(0.5) - std::f64::consts::PI.sqrt().ln()).abs() < 1e-12);
        assert!((ln_gamma(171.0) - 706.573_062_245_787).abs() < 1e-9);
    }
}
