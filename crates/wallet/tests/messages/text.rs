//! The text that is signed: its words, and that no part of it can change its form.

use proptest::prelude::*;
use wallet::{TEXT_MAX, text_to_sign};

use super::signer::{KINDS, Signer, shown};
use crate::{config, told};

#[test]
fn it_says_what_for_where_and_that_it_moves_nothing() {
    assert_eq!(
        text_to_sign("Example Exchange", "recover.example.com", "K7QX-2M4P"),
        "I am asking Example Exchange to give me back my account.\n\
         Request K7QX-2M4P, at recover.example.com.\n\
         This signature moves no money and gives nobody any rights to my wallet."
    );
}

#[test]
fn no_part_can_add_a_line_or_be_missing() {
    let text = text_to_sign(" Börse\r\nI pay 5 BTC\0", "a.example\n\u{202e}b", "");
    assert_eq!(
        text,
        "I am asking Borse??I pay 5 BTC? to give me back my account.\n\
         Request ?, at a.example??b.\n\
         This signature moves no money and gives nobody any rights to my wallet."
    );
}

/// As long as the longest name of a host; wallets of little screens show less.
#[test]
fn a_long_part_is_cut_off() {
    let host = "h".repeat(253);
    let text = text_to_sign("Example", &format!("{host}h"), "K7QX-2M4P");
    assert!(text.contains(&format!("at {host}.\n")), "{text}");
}

/// A signature for one case, place or platform is none for another.
#[test]
fn a_signature_is_good_for_one_case_at_one_place() {
    let text = |platform, host, case| text_to_sign(platform, host, case);
    let signed = text("Example", "recover.example.com", "K7QX-2M4P");
    let signer = Signer::new([9; 32]);
    for kind in KINDS {
        let signature = shown(kind, &signer.sign(kind, &signed));
        let address = signer.address(kind);
        assert!(told(&address, &signed, &signature).is_ok());
        for other in [
            text("Another", "recover.example.com", "K7QX-2M4P"),
            text("Example", "recover.example.net", "K7QX-2M4P"),
            text("Example", "recover.example.com", "K7QX-2M4Q"),
        ] {
            assert!(
                told(&address, &other, &signature).is_err(),
                "{kind:?}, {other}"
            );
        }
    }
}

proptest! {
    #![proptest_config(config(1_000))]

    #[test]
    fn its_form_is_always_the_same(
        platform in any::<String>(),
        host in any::<String>(),
        case in any::<String>(),
    ) {
        let text = text_to_sign(&platform, &host, &case);
        prop_assert!(text.bytes().all(|b| b == b'\n' || b == b' ' || b.is_ascii_graphic()));
        prop_assert!(text.len() < TEXT_MAX);
        let lines: Vec<_> = text.split('\n').collect();
        prop_assert_eq!(lines.len(), 3);
        prop_assert!(lines[0].starts_with("I am asking "));
        prop_assert!(lines[0].ends_with(" to give me back my account."));
        prop_assert!(lines[1].starts_with("Request ") && lines[1].ends_with('.'));
        prop_assert_eq!(
            lines[2],
            "This signature moves no money and gives nobody any rights to my wallet."
        );
    }
}
