//! Addresses validated a second on one core: ours for all chains beside the library `bitcoin` on
//! the same Bitcoin addresses.
//!
//! `cargo run --release -p wallet --example bench_addresses`
#![allow(
    clippy::print_stdout,
    clippy::disallowed_methods,
    reason = "a benchmark measures and prints"
)]

use std::hint::black_box;
use std::str::FromStr as _;
use std::time::Instant;

use bitcoin::address::{Address, NetworkUnchecked};
use recovery::clues::address::parse;

/// How often each list is read in a round, and rounds; the best one counts.
const TIMES: u32 = 20_000;
const ROUNDS: usize = 5;

/// From BIP-173, BIP-350 and the pages of wallets.
const BITCOIN: [&str; 5] = [
    "1BvBMSEYstWetqTFn5Au4m4GFg7xJaNVN2",
    "3J98t1WpEZ73CNmQviecrnyiWrnqRhWNLy",
    "bc1qar0srrr7xfkvy5l643lydnw9re59gtzzwf5mdq",
    "bc1qrp33g0q5c5txsp9arysrx4k6zdkfs4nce4xj0gdcccefvpysxf3qccfmv3",
    "bc1p0xlxvlhemja6c4dqv22uapctqupfhlxm9h8z3k2e72q4k9hcz7vqzk5jj0",
];
/// From ERC-55 and the chains' own pages.
const OTHERS: [&str; 3] = [
    "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed",
    "TR7NHqjeKQxGTCi8q8ZY4pL8otSzgjLj6t",
    "4Nd1mBQtrMJVYVfKf2PJy9NZUZdTAsp7D4xWLs4gDB4T",
];

/// Addresses a second.
fn best(addresses: &[&str], valid: impl Fn(&str) -> bool) -> f64 {
    let good = addresses.iter().filter(|address| valid(address)).count();
    println!("{good} of {} are valid", addresses.len());
    let round = |_| {
        let began = Instant::now();
        for _ in 0..TIMES {
            for address in addresses {
                black_box(valid(black_box(address)));
            }
        }
        f64::from(TIMES) * addresses.len() as f64 / began.elapsed().as_secs_f64()
    };
    (0..ROUNDS).map(round).fold(0.0, f64::max)
}

fn main() {
    let ours = best(&BITCOIN, |address| parse(address).is_ok());
    let theirs = best(&BITCOIN, |address| {
        Address::<NetworkUnchecked>::from_str(address).is_ok()
    });
    let others = best(&OTHERS, |address| parse(address).is_ok());
    let ratio = ours / theirs;
    println!("Bitcoin: ours {ours:.0} a second, the library {theirs:.0}: {ratio:.2}");
    println!("Ethereum, Tron, Solana: {others:.0} a second");
}
