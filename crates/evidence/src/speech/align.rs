//! Expected digits against the segments that were heard: the best order-keeping assignment.

/// Digits there are.
pub(crate) const DIGITS: usize = 10;
/// Natural logarithm of the likelihood that a segment is no digit of the phrase: ln 0.05.
const SKIP_SEGMENT: f32 = -2.995_732_3;
/// Natural logarithm of the likelihood that a digit was not heard: ln 0.02.
const SKIP_DIGIT: f32 = -3.912_023;

/// Natural logarithms of the likelihoods of the ten digits for one segment.
pub(crate) type Heard = [f32; DIGITS];

/// The best assignment.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Aligned {
    /// Mean log likelihood for each digit; 0 is certainty.
    pub(crate) score: f32,
    /// For each digit the segment that says it, if any.
    pub(crate) places: Vec<Option<usize>>,
}

#[derive(Clone, Copy, PartialEq)]
enum Step {
    Start,
    Match,
    SkipSegment,
    SkipDigit,
}

/// Aligns digits (0 to 9) with segments. Segments before the first and after the last digit cost
/// nothing: where the phrase begins is not known. `may` says which place of the phrase a segment
/// may be at all, both counted from 0.
pub(crate) fn align(digits: &[u8], heard: &[Heard], may: impl Fn(usize, usize) -> bool) -> Aligned {
    let mut rows: Vec<Vec<(f32, Step)>> = Vec::with_capacity(digits.len() + 1);
    for row in 0..=digits.len() {
        let free = row == 0 || row == digits.len();
        let skip_segment = if free { 0.0 } else { SKIP_SEGMENT };
        let digit = row.checked_sub(1).and_then(|before| digits.get(before));
        let above = rows.last();
        let mut line: Vec<(f32, Step)> = Vec::with_capacity(heard.len() + 1);
        for column in 0..=heard.len() {
            let value =
                |line: Option<&Vec<(f32, Step)>>, at: Option<usize>| Some(line?.get(at?)?.0);
            let before = column.checked_sub(1);
            let said = || {
                may(row.checked_sub(1)?, before?).then_some(())?;
                let likelihood = heard.get(before?)?.get(usize::from(*digit?))?;
                Some(value(above, before)? + likelihood)
            };
            let steps = [
                (said(), Step::Match),
                (
                    value(Some(&line), before).map(|old| old + skip_segment),
                    Step::SkipSegment,
                ),
                (
                    value(above, Some(column)).map(|old| old + SKIP_DIGIT),
                    Step::SkipDigit,
                ),
            ];
            let mut best = (f32::NEG_INFINITY, Step::Start);
            for (score, step) in steps {
                if let Some(score) = score.filter(|score| *score > best.0) {
                    best = (score, step);
                }
            }
            line.push(if best.1 == Step::Start {
                (0.0, Step::Start)
            } else {
                best
            });
        }
        rows.push(line);
    }
    walk_back(&rows, digits.len(), heard.len())
}

fn walk_back(rows: &[Vec<(f32, Step)>], digits: usize, segments: usize) -> Aligned {
    let at = |row: usize, column: usize| rows.get(row).and_then(|line| line.get(column));
    let total = at(digits, segments).map_or(f32::NEG_INFINITY, |cell| cell.0);
    let mut places = vec![None; digits];
    let (mut row, mut column) = (digits, segments);
    while let Some((_, step)) = at(row, column) {
        match step {
            Step::Start => break,
            Step::Match => {
                (row, column) = (row.saturating_sub(1), column.saturating_sub(1));
                if let Some(place) = places.get_mut(row) {
                    *place = Some(column);
                }
            }
            Step::SkipSegment => column = column.saturating_sub(1),
            Step::SkipDigit => row = row.saturating_sub(1),
        }
    }
    Aligned {
        score: total / digits.max(1) as f32,
        places,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// A segment in which this digit is nearly certain.
    fn clear(digit: usize) -> Heard {
        let mut heard = [-7.0; DIGITS];
        heard[digit] = -0.01;
        heard
    }

    fn anywhere(_: usize, _: usize) -> bool {
        true
    }

    #[test]
    fn the_right_digits_score_near_nought_whatever_is_said_around_them() {
        let heard: Vec<Heard> = [1, 1, 4, 8, 2, 9, 1].map(clear).to_vec();
        let aligned = align(&[4, 8, 2, 9], &heard, anywhere);
        assert!((aligned.score + 0.01).abs() < 1e-5);
        assert_eq!(aligned.places, [Some(2), Some(3), Some(4), Some(5)]);
    }

    #[test]
    fn a_missing_digit_and_a_strange_word_cost_their_price() {
        let heard: Vec<Heard> = [4, 1, 2].map(clear).to_vec();
        let aligned = align(&[4, 8, 2], &heard, anywhere);
        assert_eq!(aligned.places, [Some(0), None, Some(2)]);
        let price = (SKIP_SEGMENT + SKIP_DIGIT - 0.02) / 3.0;
        assert!((aligned.score - price).abs() < 1e-4);
        assert_eq!(align(&[4], &[], anywhere).places, [None]);
        assert_eq!(align(&[4], &[], anywhere).score, SKIP_DIGIT);
    }

    #[test]
    fn a_segment_that_may_not_be_a_digit_is_none() {
        let heard: Vec<Heard> = [4, 4].map(clear).to_vec();
        let aligned = align(&[4], &heard, |_, segment| segment == 0);
        assert_eq!(aligned.places, [Some(0)]);
        assert_eq!(align(&[4], &heard, |_, _| false).score, SKIP_DIGIT);
    }

    proptest! {
        #[test]
        fn any_input_gives_places_in_order(
            digits in proptest::collection::vec(0u8..10, 0..8),
            heard in proptest::collection::vec(proptest::array::uniform10(-9.0f32..0.0), 0..12),
        ) {
            let aligned = align(&digits, &heard, |place, segment| (place + segment) % 5 != 0);
            prop_assert!(aligned.score.is_finite());
            let said: Vec<usize> = aligned.places.iter().flatten().copied().collect();
            prop_assert!(said.windows(2).all(|pair| pair[0] < pair[1]));
        }
    }
}
