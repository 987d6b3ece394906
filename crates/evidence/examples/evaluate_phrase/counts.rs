//! Counts with exact bounds.

/// A count of a number of trials.
#[derive(Default, Clone, Copy)]
pub(crate) struct Count(pub(crate) u64, pub(crate) u64);

impl Count {
    pub(crate) fn add(&mut self, hit: bool) {
        self.0 += u64::from(hit);
        self.1 += 1;
    }

    pub(crate) fn line(self) -> String {
        let (low, high) = bounds(self.0, self.1);
        let share = self.0 as f64 / self.1.max(1) as f64 * 100.0;
        let (low, high) = (low * 100.0, high * 100.0);
        format!(
            "{share:.2} % ({} of {}, {low:.2} to {high:.2} %)",
            self.0, self.1
        )
    }
}

/// Exact binomial bounds (Clopper and Pearson) at 95 %.
pub(crate) fn bounds(hits: u64, trials: u64) -> (f64, f64) {
    let at_most = |hits: u64, share: f64| -> f64 {
        let (mut term, mut sum) = (trials as f64 * (1.0 - share).ln(), 0.0);
        for hit in 0..=hits {
            sum += term.exp();
            term += ((trials - hit) as f64 / (hit + 1) as f64 * share / (1.0 - share)).ln();
        }
        sum.min(1.0)
    };
    let solve = |wanted: &dyn Fn(f64) -> bool| {
        let (mut low, mut high) = (0.0, 1.0);
        for _ in 0..60 {
            let middle = f64::midpoint(low, high);
            if wanted(middle) {
                low = middle
            } else {
                high = middle
            }
        }
        low
    };
    let low = if hits == 0 {
        0.0
    } else {
        solve(&|share| 1.0 - at_most(hits - 1, share) < 0.025)
    };
    let high = if hits == trials {
        1.0
    } else {
        solve(&|share| at_most(hits, share) > 0.025)
    };
    (low, high)
}
