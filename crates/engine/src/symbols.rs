//! What people copy by hand: symbols without look-alikes, in groups.

use recovery::sensitive::Sensitive;

/// Crockford's base 32.
pub(crate) const SYMBOLS: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/// So many random symbols of 5 bits each.
pub(crate) fn symbols(rng: &mut impl rand::Rng, count: usize) -> Sensitive<String> {
    let mut text = String::with_capacity(count);
    for _ in 0..count {
        let place = (rng.next_u32() & 31) as usize;
        text.push(SYMBOLS.get(place).map_or('0', |byte| char::from(*byte)));
    }
    Sensitive::new(text)
}

/// Symbols in groups of four.
pub(crate) fn grouped(symbols: impl Iterator<Item = char>) -> Sensitive<String> {
    let symbols: Vec<char> = symbols.collect();
    let groups: Vec<String> = symbols
        .chunks(4)
        .map(|group| group.iter().collect())
        .collect();
    Sensitive::new(groups.join("-"))
}
