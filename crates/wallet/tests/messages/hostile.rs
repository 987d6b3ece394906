//! What strangers type: every text gets an answer, and nothing too long is read.

use std::collections::BTreeSet;

use proptest::prelude::*;
use wallet::{ADDRESS_MAX, Refused, SIGNATURE_MAX, TEXT_MAX, verify};

use super::signer::{KINDS, Kind, Signer, shown};
use crate::{config, told};

#[test]
fn what_is_too_long_is_refused_before_it_is_read() {
    let signer = Signer::new([0x33; 32]);
    for kind in KINDS {
        let address = signer.address(kind);
        let signature = shown(kind, &signer.sign(kind, ""));
        // White space does not count, but it has to be looked through.
        let room = SIGNATURE_MAX - signature.len();
        let filled = format!("{signature}{}", " ".repeat(room));
        assert!(told(&address, "", &filled).is_ok(), "{kind:?}");
        let over = format!("{filled} ");
        assert_eq!(told(&address, "", &over), Err(Refused::SignatureTooLong));

        let text = "x".repeat(TEXT_MAX);
        let signature = shown(kind, &signer.sign(kind, &text));
        assert!(told(&address, &text, &signature).is_ok(), "{kind:?}");
        let over = format!("{text}x");
        assert_eq!(told(&address, &over, &signature), Err(Refused::TextTooLong));

        let filled = format!("{address}{}", " ".repeat(ADDRESS_MAX - address.len()));
        assert!(told(&filled, &text, &signature).is_ok(), "{kind:?}");
        let over = format!("{filled} ");
        assert_eq!(told(&over, &text, &signature), Err(Refused::AddressUnknown));
    }
}

/// Tron, Solana, test networks, and addresses that are none.
#[test]
fn chains_without_messages_are_named_so() {
    let signature = shown(Kind::Evm, &Signer::new([0x33; 32]).evm(""));
    for address in [
        "TR7NHqjeKQxGTCi8q8ZY4pL8otSzgjLj6t",
        "TokenkegQfeZyiNwAJbNbGKPFXCWuBvf9Ss623VQ5DA",
        "tb1qw508d6qejxtdg4y5r3zarvary0c5xw7kxpjzsx",
        "mipcBbFg9gMiCh81Kj8tqqdgoZub1ZJRfn",
        "",
        "\0",
    ] {
        assert_eq!(
            told(address, "", &signature),
            Err(Refused::AddressUnknown),
            "{address}"
        );
    }
    // ERC-55 with one letter of the other case; bech32 with one letter wrong.
    for address in [
        "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAeD",
        "bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t5",
    ] {
        assert_eq!(
            told(address, "", &signature),
            Err(Refused::AddressMistyped),
            "{address}"
        );
    }
}

/// BIP-350's examples of versions that mean nothing yet, and BIP-173's of a script's hash.
#[test]
fn scripts_of_more_than_one_key_are_named_so() {
    let signature = shown(Kind::P2pkh, &Signer::new([0x33; 32]).legacy(31, ""));
    for address in [
        "BC1SW50QGDZ25J",
        "bc1zw508d6qejxtdg4y5r3zarvaryvaxxpcs",
        "bc1qrp33g0q5c5txsp9arysrx4k6zdkfs4nce4xj0gdcccefvpysxf3qccfmv3",
    ] {
        assert_eq!(
            told(address, "", &signature),
            Err(Refused::ScriptUnsupported),
            "{address}"
        );
    }
}

/// Witnesses that claim more than they hold, and lengths in a longer form than they need.
#[test]
fn claims_without_bytes_are_refused() {
    let address = Signer::new([0x33; 32]).address(Kind::P2wpkh);
    let signature = Signer::new([0x33; 32]).simple(Kind::P2wpkh, "");
    let mut long_count = vec![0xfd, 2, 0];
    long_count.extend(&signature[1..]);
    let mut long_length = vec![2, 0xfd, signature[1], 0];
    long_length.extend(&signature[2..]);
    for bytes in [
        &[0xfe, 0x00, 0x09, 0x3d, 0x00][..],
        &[0xff; 9],
        &[0xfd, 0xff, 0xff],
        &[0x01, 0xfe, 0xff, 0xff, 0xff, 0x7f],
        &[0x02, 0x00],
        &[0x00],
        &[0x00, 0x00],
        &[0x03],
        &long_count,
        &long_length,
    ] {
        let told = told(&address, "", &shown(Kind::P2wpkh, bytes));
        assert_eq!(told, Err(Refused::SignatureMalformed), "{bytes:?}");
    }
}

/// A path through a script, with a leaf and its way up the tree.
#[test]
fn a_leaf_of_a_taproot_tree_is_named_as_not_supported() {
    let address = Signer::new([0x33; 32]).address(Kind::P2tr);
    let mut leaf = vec![3, 64];
    leaf.extend([1; 64]);
    leaf.extend([1, 0x51, 33]);
    leaf.extend([0xc0; 33]);
    let told = told(&address, "", &shown(Kind::P2tr, &leaf));
    assert_eq!(told, Err(Refused::ScriptUnsupported));
}

/// A signature that covers less than all of what is signed (BIP-322 demands SIGHASH_ALL).
#[test]
fn a_signature_that_covers_less_is_malformed() {
    let signer = Signer::new([0x33; 32]);
    let mut witness = signer.simple(Kind::P2wpkh, "");
    let covers = usize::from(witness[1]) + 1;
    assert_eq!(witness[covers], 1);
    for other in [0, 2, 3, 0x81, 0x82, 0x83, 0xff] {
        witness[covers] = other;
        let told = told(
            &signer.address(Kind::P2wpkh),
            "",
            &shown(Kind::P2wpkh, &witness),
        );
        assert_eq!(told, Err(Refused::SignatureMalformed), "{other:#x}");
    }
}

#[test]
fn every_refusal_has_a_code_of_its_own() {
    let codes: BTreeSet<_> = Refused::ALL.iter().map(|why| why.code()).collect();
    assert_eq!(codes.len(), Refused::ALL.len());
    for code in codes {
        assert!(
            code.contains('.')
                && code
                    .bytes()
                    .all(|b| b"._".contains(&b) || b.is_ascii_lowercase())
        );
    }
}

/// An address of any kind, or any text.
fn addresses() -> impl Strategy<Value = String> {
    let real = (any::<[u8; 32]>(), prop::sample::select(&KINDS))
        .prop_map(|(seed, kind)| Signer::new(seed).address(kind));
    prop_oneof![3 => real, 1 => ".{0,120}", 1 => "(bc1|0x|1|3|T|ethereum:)[!-~]{0,70}"]
}

/// Bytes as a signature may have them: a header or a count before, and lengths that fit.
fn signatures() -> impl Strategy<Value = String> {
    let bytes = prop::collection::vec(any::<u8>(), 0..200);
    let headed = (24_u8..46, prop::collection::vec(any::<u8>(), 64))
        .prop_map(|(header, rest)| [vec![header], rest].concat());
    let items = prop::collection::vec(prop::collection::vec(any::<u8>(), 0..75), 0..6);
    let witness = items.prop_map(|items| {
        let size = |length: usize| u8::try_from(length).unwrap();
        let mut bytes = vec![size(items.len())];
        for item in items {
            bytes.push(size(item.len()));
            bytes.extend(item);
        }
        bytes
    });
    let key_hash = (prop::collection::vec(any::<u8>(), 0..80), any::<[u8; 32]>()).prop_map(
        |(signature, key)| {
            let size = u8::try_from(signature.len()).unwrap();
            [&[2, size][..], &signature, &[33, 2], &key].concat()
        },
    );
    let taproot = (64_u8..66, any::<[u8; 32]>())
        .prop_map(|(size, half)| [&[1, size][..], &half.repeat(3)[..usize::from(size)]].concat());
    let written = prop_oneof![bytes, headed, witness, key_hash, taproot].prop_flat_map(|bytes| {
        prop::sample::select(vec![shown(Kind::Evm, &bytes), shown(Kind::P2tr, &bytes)])
    });
    prop_oneof![4 => written, 1 => ".{0,200}", 1 => "(smp|ful|pof|0x)?[A-Za-z0-9+/=]{0,200}"]
}

proptest! {
    #![proptest_config(config(10_000))]

    /// Nobody can guess a signature, so every answer is a refusal.
    #[test]
    fn whatever_is_typed_gets_an_answer(
        address in addresses(),
        text in ".{0,100}",
        signature in signatures(),
    ) {
        prop_assert!(verify(&address, &text, &signature).is_err());
    }
}
