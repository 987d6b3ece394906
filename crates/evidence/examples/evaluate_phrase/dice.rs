//! Numbers that are the same on every machine.

use crate::DIGITS;

/// SplitMix64: the same figures everywhere.
pub(crate) struct Dice(pub(crate) u64);

impl Dice {
    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut value = self.0;
        value = (value ^ (value >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        value = (value ^ (value >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        value ^ (value >> 31)
    }

    pub(crate) fn within(&mut self, range: (f64, f64)) -> f64 {
        range.0 + (range.1 - range.0) * (self.next() >> 11) as f64 / (1u64 << 53) as f64
    }

    pub(crate) fn below(&mut self, bound: usize) -> usize {
        (self.next() % bound as u64) as usize
    }

    pub(crate) fn phrase(&mut self) -> [u8; DIGITS] {
        std::array::from_fn(|_| self.below(10) as u8)
    }
}
