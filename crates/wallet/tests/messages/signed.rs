//! What the library signs fits, however it is written, and nothing else does.

use bitcoin::secp256k1::ecdsa::Signature;
use proptest::prelude::*;
use recovery::clues::address::Chain;
use wallet::{Refused, Scheme, verify};

use super::signer::{HEADERS, KINDS, Kind, Signer, mirrored, shown};
use crate::{config, told};

const UNFIT: Result<(Chain, Scheme), Refused> = Err(Refused::SignatureDoesNotFit);

/// Letters of more than one byte: lengths are of bytes.
const TEXT: &str = "Grüße, 測試 😄\nsecond line";

fn signer() -> Signer {
    Signer::new([0x42; 32])
}

fn scheme(kind: Kind) -> (Chain, Scheme) {
    match kind {
        Kind::Evm => (Chain::Evm, Scheme::Eip191),
        Kind::Uncompressed | Kind::P2pkh => (Chain::Bitcoin, Scheme::Legacy),
        _ => (Chain::Bitcoin, Scheme::Bip322Simple),
    }
}

/// Every kind's signature for every kind's address of the same key.
#[test]
fn a_signature_is_for_one_kind_of_address_only() {
    for signed in KINDS {
        let signature = shown(signed, &signer().sign(signed, TEXT));
        for kind in KINDS {
            let told = told(&signer().address(kind), TEXT, &signature);
            // Wallets without BIP-137 sign so for every address of a compressed key.
            let electrum = signed == Kind::P2pkh && matches!(kind, Kind::P2sh | Kind::P2wpkh);
            let expected = match (signed, kind) {
                _ if signed == kind => Ok(scheme(kind)),
                _ if electrum => Ok((Chain::Bitcoin, Scheme::Legacy)),
                (_, Kind::Evm) | (Kind::Evm, _) => Err(Refused::SignatureMalformed),
                (Kind::Uncompressed | Kind::P2pkh, Kind::P2tr) => {
                    Err(Refused::SignatureUnsupported)
                }
                _ => UNFIT,
            };
            assert_eq!(told, expected, "{signed:?} for {kind:?}");
        }
    }
}

#[test]
fn headers_say_which_address_they_are_for() {
    for (first, of) in HEADERS {
        let signature = shown(of, &signer().legacy(first, TEXT));
        for (_, kind) in HEADERS {
            let fits = of == kind || (of == Kind::P2pkh && kind != Kind::Uncompressed);
            let expected = if fits {
                Ok((Chain::Bitcoin, Scheme::Legacy))
            } else {
                UNFIT
            };
            let told = told(&signer().address(kind), TEXT, &signature);
            assert_eq!(told, expected, "header {first} for {kind:?}");
        }
    }
    let mut signature = signer().legacy(31, TEXT);
    for header in (0..27).chain(43..=255) {
        signature[0] = header;
        let told = told(
            &signer().address(Kind::P2pkh),
            TEXT,
            &shown(Kind::P2pkh, &signature),
        );
        assert_eq!(told, Err(Refused::SignatureMalformed), "header {header}");
    }
}

/// EIP-191 has v of 27 and 28, some wallets 0 and 1; those of transactions (EIP-155) are others.
#[test]
fn v_is_one_of_four() {
    let address = signer().address(Kind::Evm);
    let mut signature = signer().evm(TEXT);
    let right = signature[64];
    for v in 0..=255 {
        signature[64] = v;
        let expected = match v {
            0 | 1 | 27 | 28 if v % 27 == right % 27 => Ok((Chain::Evm, Scheme::Eip191)),
            0 | 1 | 27 | 28 => UNFIT,
            _ => Err(Refused::SignatureMalformed),
        };
        assert_eq!(
            told(&address, TEXT, &shown(Kind::Evm, &signature)),
            expected,
            "v {v}"
        );
    }
}

#[test]
fn the_greater_s_is_refused_in_every_scheme() {
    let signer = signer();
    let mut legacy = signer.legacy(31, TEXT);
    let numbers = mirrored(&legacy[1..]);
    legacy[1..].copy_from_slice(&numbers);
    // The key of the mirrored signature is that of the other y.
    legacy[0] = 31 + ((legacy[0] - 31) ^ 1);
    let address = signer.address(Kind::P2pkh);
    assert_eq!(told(&address, TEXT, &shown(Kind::P2pkh, &legacy)), UNFIT);

    let mut evm = signer.evm(TEXT);
    let numbers = mirrored(&evm[..64]);
    evm[..64].copy_from_slice(&numbers);
    evm[64] = 27 + ((evm[64] - 27) ^ 1);
    assert_eq!(
        told(&signer.address(Kind::Evm), TEXT, &shown(Kind::Evm, &evm)),
        UNFIT
    );

    let witness = signer.simple(Kind::P2wpkh, TEXT);
    // A count, a length, the signature in DER with what it covers, a length, the key.
    let der = &witness[2..1 + usize::from(witness[1])];
    let low = Signature::from_der(der).unwrap();
    let high = Signature::from_compact(&mirrored(&low.serialize_compact())).unwrap();
    let mut changed = vec![2, u8::try_from(high.serialize_der().len() + 1).unwrap()];
    changed.extend(high.serialize_der().iter());
    changed.push(1);
    changed.extend(&witness[witness.len() - 34..]);
    let address = signer.address(Kind::P2wpkh);
    assert_eq!(told(&address, TEXT, &shown(Kind::P2wpkh, &changed)), UNFIT);
}

#[test]
fn addresses_and_signatures_may_be_written_in_any_valid_way() {
    for kind in KINDS {
        let address = signer().address(kind);
        let signature = shown(kind, &signer().sign(kind, TEXT));
        let right = Ok(scheme(kind));
        let spaced = format!("\u{feff} {address}\n");
        assert_eq!(told(&spaced, TEXT, &format!(" \t{signature}\r\n")), right);
        // A mail broke the lines.
        let (first, second) = signature.split_at(60);
        assert_eq!(told(&address, TEXT, &format!("{first}\r\n{second}")), right);
        let proof = verify(&address, TEXT, &signature).unwrap();
        assert_eq!(proof.canonical.reveal(), &address);
        if kind == Kind::Evm {
            let digits = &signature[2..];
            for written in [digits, &digits.to_uppercase(), &format!("0X{digits}")] {
                assert_eq!(told(&address, TEXT, written), right, "{written}");
            }
            for written in [&address[2..], &address[2..].to_uppercase()] {
                assert_eq!(told(written, TEXT, &signature), right, "{written}");
            }
            let link = format!("ethereum:{address}@1");
            assert_eq!(told(&link, TEXT, &signature), right);
        } else {
            let unpadded = signature.trim_end_matches('=');
            assert_eq!(told(&address, TEXT, unpadded), right, "{kind:?}");
        }
        if matches!(kind, Kind::Uncompressed | Kind::P2pkh) {
            // The mark of BIP-322 is for a witness only.
            let marked = told(&address, TEXT, &format!("smp{signature}"));
            assert_eq!(marked, Err(Refused::SignatureMalformed));
        }
        if kind == Kind::P2wpkh || kind == Kind::P2tr {
            assert_eq!(told(&address.to_uppercase(), TEXT, &signature), right);
            assert_eq!(told(&address, TEXT, &format!("smp{signature}")), right);
        }
    }
}

proptest! {
    #![proptest_config(config(200))]

    #[test]
    fn every_key_and_text_verifies_and_no_other(
        seed: [u8; 32],
        another: [u8; 32],
        text in "\\PC{0,300}",
        other in "\\PC{0,300}",
        kind in prop::sample::select(&KINDS),
    ) {
        prop_assume!(text != other && seed != another);
        let signer = Signer::new(seed);
        let address = signer.address(kind);
        let signature = shown(kind, &signer.sign(kind, &text));
        prop_assert_eq!(told(&address, &text, &signature), Ok(scheme(kind)));
        prop_assert_eq!(told(&address, &other, &signature), UNFIT);
        let address = Signer::new(another).address(kind);
        prop_assert_eq!(told(&address, &text, &signature), UNFIT);
    }
}
