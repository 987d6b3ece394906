//! Codes that people type, and addresses as they type them.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic
)]

use notify::{EmailAddress, MessageCode};
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::SeedableRng as _;

#[test]
fn message_codes_are_checkable_and_forgive_typing() {
    let mut rng = ChaCha8Rng::seed_from_u64(1);
    for _ in 0..200 {
        let code = MessageCode::new(&mut rng);
        assert_eq!(code.as_str().len(), "RG-M-XXXXXXXXX".len());
        let typed = code
            .as_str()
            .to_lowercase()
            .replace("rg-m-", " rg m ")
            .replace('0', "o");
        assert_eq!(typed.parse::<MessageCode>(), Ok(code.clone()));
        assert_eq!(code.as_str()[5..].parse::<MessageCode>(), Ok(code.clone()));
        for place in 5..14 {
            let mut wrong = code.as_str().to_owned().into_bytes();
            wrong[place] = if wrong[place] == b'7' { b'8' } else { b'7' };
            let wrong = String::from_utf8(wrong).unwrap();
            assert!(wrong.parse::<MessageCode>().is_err(), "{wrong} for {code}");
        }
    }
    for junk in [
        "",
        "RG-M-",
        "RG-7K2M-91QX",
        "RG-M-UUUUUUUUU",
        "RG-M-9QX4T07KD1",
    ] {
        assert!(junk.parse::<MessageCode>().is_err(), "{junk}");
    }
}

#[test]
fn addresses_are_mended_or_refused_with_their_sentence() {
    let good = [
        (" Ann@Example.COM ", "Ann@example.com"),
        ("ann+new@mail.example.co.uk", "ann+new@mail.example.co.uk"),
        ("ann\u{200B}@example.com", "ann@example.com"),
        ("ann\u{FF20}example.com", "ann@example.com"),
        ("mailto:ann@example.com", "ann@example.com"),
        ("ann@xn--bcher-kva.example", "ann@xn--bcher-kva.example"),
    ];
    for (typed, wanted) in good {
        let address = EmailAddress::parse(typed).expect(typed);
        assert_eq!(address.address().reveal(), wanted);
        assert_eq!(*address.comparable().reveal(), wanted.to_lowercase());
        assert!(!format!("{address:?}").contains("ann"));
    }
    let form = "Enter an e-mail address in the form name@example.com";
    let long = format!("{}@{}.com", "a".repeat(60), "b.".repeat(100));
    let bad = [
        ("", "Enter an e-mail address"),
        ("  ", "Enter an e-mail address"),
        ("ann", form),
        ("ann@", form),
        ("@example.com", form),
        ("ann@localhost", form),
        ("ann@127.0.0.1", form),
        ("ann..b@example.com", form),
        (".ann@example.com", form),
        ("ann@exam ple.com", form),
        ("ann@-example.com", form),
        ("a@b@example.com", form),
        ("ann@example.com\r\nBcc: b@example.com", form),
        ("\"a b\"@example.com", form),
        ("<ann@example.com>", form),
        (long.as_str(), "That is too long to be an e-mail address"),
    ];
    for (typed, sentence) in bad {
        assert_eq!(
            EmailAddress::parse(typed).expect_err(typed).to_string(),
            sentence,
            "{typed}"
        );
    }
}
