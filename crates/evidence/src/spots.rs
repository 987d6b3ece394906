//! Connected spots of a mask.

/// Pixels that hang together.
pub(crate) struct Spot {
    /// Their places in the mask, in no order.
    pub(crate) places: Vec<usize>,
    width: usize,
}

impl Spot {
    /// Column and row of every pixel.
    pub(crate) fn pixels(&self) -> impl Iterator<Item = (usize, usize)> {
        self.places
            .iter()
            .map(|place| (place % self.width, place / self.width))
    }

    /// First and last column and row: left, top, right, bottom.
    pub(crate) fn edges(&self) -> [usize; 4] {
        let start = [usize::MAX, usize::MAX, 0, 0];
        self.pixels()
            .fold(start, |[left, top, right, bottom], (x, y)| {
                [left.min(x), top.min(y), right.max(x), bottom.max(y)]
            })
    }
}

/// All spots of a mask with rows of `width`; pixels hang together by their sides.
pub(crate) fn spots(mask: &[bool], width: usize) -> Vec<Spot> {
    let mut left = mask.to_vec();
    let mut found = Vec::new();
    for start in 0..mask.len() {
        if left.get(start) != Some(&true) {
            continue;
        }
        let (mut open, mut places) = (vec![start], Vec::new());
        if let Some(cell) = left.get_mut(start) {
            *cell = false;
        }
        while let Some(place) = open.pop() {
            places.push(place);
            let column = place % width;
            let beside = [
                (column > 0).then(|| place - 1),
                (column + 1 < width).then_some(place + 1),
                place.checked_sub(width),
                Some(place + width),
            ];
            for next in beside.into_iter().flatten() {
                if let Some(cell) = left.get_mut(next).filter(|cell| **cell) {
                    *cell = false;
                    open.push(next);
                }
            }
        }
        found.push(Spot { places, width });
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spots_do_not_hang_together_around_the_border() {
        let mask = [true, false, true, true, false, false];
        let found = spots(&mask, 3);
        let edges: Vec<[usize; 4]> = found.iter().map(Spot::edges).collect();
        assert_eq!(edges, [[0, 0, 0, 1], [2, 0, 2, 0]]);
    }
}
