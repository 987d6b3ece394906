//! A signature that was changed or cut never fits.

use proptest::prelude::*;
use wallet::{Refused, verify};

use super::signer::{KINDS, Kind, Signer, shown};
use crate::{config, told};

const TEXT: &str = "This signature moves no money";

fn flipped(signature: &[u8], bit: usize) -> Vec<u8> {
    let mut flipped = signature.to_vec();
    flipped[bit / 8] ^= 1 << (bit % 8);
    flipped
}

#[test]
fn no_bit_may_change() {
    let signer = Signer::new([0x17; 32]);
    for kind in KINDS {
        let address = signer.address(kind);
        let signature = signer.sign(kind, TEXT);
        for bit in 0..signature.len() * 8 {
            let changed = shown(kind, &flipped(&signature, bit));
            assert!(
                told(&address, TEXT, &changed).is_err(),
                "{kind:?}, bit {bit}"
            );
        }
    }
}

/// The one thing in which two signatures may differ and both fit: the two headers that wallets
/// write for one address. Both say the same key and the same numbers.
#[test]
fn only_the_two_headers_of_an_address_are_alike() {
    let signer = Signer::new([0x17; 32]);
    for (first, kind) in [(35, Kind::P2sh), (39, Kind::P2wpkh)] {
        let address = signer.address(kind);
        let signature = signer.legacy(first, TEXT);
        let id = signature[0] - first;
        for header in 0..=255 {
            let mut changed = signature;
            changed[0] = header;
            let fits = header == first + id || header == 31 + id;
            let told = told(&address, TEXT, &shown(kind, &changed));
            assert_eq!(told.is_ok(), fits, "{kind:?}, header {header}");
        }
        for bit in 8..signature.len() * 8 {
            let changed = shown(kind, &flipped(&signature, bit));
            assert!(
                told(&address, TEXT, &changed).is_err(),
                "{kind:?}, bit {bit}"
            );
        }
    }
}

#[test]
fn a_part_of_a_signature_is_none() {
    let signer = Signer::new([0x17; 32]);
    for kind in KINDS {
        let address = signer.address(kind);
        let signature = signer.sign(kind, TEXT);
        for length in 0..signature.len() {
            for part in [&signature[..length], &signature[signature.len() - length..]] {
                let told = told(&address, TEXT, &shown(kind, part));
                assert_eq!(
                    told,
                    Err(Refused::SignatureMalformed),
                    "{kind:?}, {length} bytes"
                );
            }
        }
        let mut longer = signature;
        longer.push(0);
        let why = match kind {
            Kind::Evm => Refused::SignatureUnsupported,
            _ => Refused::SignatureMalformed,
        };
        assert_eq!(
            told(&address, TEXT, &shown(kind, &longer)),
            Err(why),
            "{kind:?}"
        );
    }
}

proptest! {
    #![proptest_config(config(500))]

    #[test]
    fn whoever_signs_whatever_no_bit_may_change(
        seed: [u8; 32],
        text in "\\PC{0,80}",
        kind in prop::sample::select(&KINDS),
        bit: prop::sample::Index,
    ) {
        let signer = Signer::new(seed);
        let signature = signer.sign(kind, &text);
        let changed = shown(kind, &flipped(&signature, bit.index(signature.len() * 8)));
        prop_assert!(told(&signer.address(kind), &text, &changed).is_err());
    }

    /// What was typed with one symbol wrong, as long as it does not mean the same.
    #[test]
    fn no_symbol_may_change(
        seed: [u8; 32],
        kind in prop::sample::select(&KINDS),
        place: prop::sample::Index,
        symbol in "[!-~]",
    ) {
        let signer = Signer::new(seed);
        let mut signature = shown(kind, &signer.sign(kind, TEXT));
        let place = place.index(signature.len());
        let same = match kind {
            Kind::Evm => signature[place..=place].eq_ignore_ascii_case(&symbol),
            _ => signature[place..=place] == symbol,
        };
        prop_assume!(!same);
        signature.replace_range(place..=place, &symbol);
        prop_assert!(verify(&signer.address(kind), TEXT, &signature).is_err(), "{signature}");
    }
}
