//! The enrolment assertion: a vector that another implementation can be held against, and what is
//! refused.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    missing_docs
)]

use platform::signature::nonce_text;
use platform::{
    AccountRef, AssertionError, EnrolAssertion, EnrolPurpose, EntryTicket, SharedKey, SharedKeys,
    Span, TicketError, Timestamp, enrol, verify_assertion, verify_ticket,
};

const NOW: Timestamp = Timestamp::from_millis(1_790_000_000_000);
const BACK: &str = "https://recover.example/handover/passkey?made=1";

fn key(id: &str, byte: u8) -> SharedKey {
    SharedKey::new(id, vec![byte; 32]).unwrap()
}

fn keys(byte: u8) -> SharedKeys {
    SharedKeys::new(key("k1", byte), None).unwrap()
}

fn assertion() -> EnrolAssertion {
    EnrolAssertion {
        account: AccountRef("acc_1".to_owned()),
        case: "case_01JDCM8Z00ABCDEFGHJKMNPQRS".parse().unwrap(),
        begun_at: NOW - Span::hours(1),
        purpose: EnrolPurpose::Passkey,
        issued_at: NOW,
        expires_at: NOW + Span::minutes(10),
        nonce: nonce_text([5; 16]),
        return_url: BACK.to_owned(),
    }
}

fn signed() -> String {
    assertion().sign(&key("k1", 1)).unwrap()
}

/// Signed with 32 bytes of 1.
const VECTOR: &str = "\
     eyJhY2NvdW50IjoiYWNjXzEiLCJjYXNlIjoiY2FzZV8wMUpEQ004WjAwQUJDREVGR0hKS01OUFFSUyIs\
     ImJlZ3VuX2F0IjoxNzg5OTk2NDAwMDAwLCJwdXJwb3NlIjoicGFzc2tleSIsImlzc3VlZF9hdCI6MTc5\
     MDAwMDAwMDAwMCwiZXhwaXJlc19hdCI6MTc5MDAwMDYwMDAwMCwibm9uY2UiOiJCUVVGQlFVRkJRVUZC\
     UVVGQlFVRkJRIiwicmV0dXJuX3VybCI6Imh0dHBzOi8vcmVjb3Zlci5leGFtcGxlL2hhbmRvdmVyL3Bh\
     c3NrZXk_bWFkZT0xIn0.iVr5kOkGcHbmUoUl5WuwQ_gL_8CMsyjdAu5AWGMBx6I";

#[test]
fn the_text_form_of_an_assertion_stays_what_it_is() {
    assert_eq!(signed(), VECTOR);
    assert_eq!(
        verify_assertion(VECTOR, &keys(1), NOW).unwrap(),
        assertion()
    );
}

#[test]
fn an_assertion_is_read_until_it_expires_and_with_both_live_keys() {
    let live = SharedKeys::new(key("k2", 2), Some(key("k1", 1))).unwrap();
    let last = NOW + Span::millis(599_999);
    assert_eq!(verify_assertion(&signed(), &live, last), Ok(assertion()));
    let late = verify_assertion(&signed(), &live, NOW + Span::minutes(10));
    assert_eq!(late, Err(AssertionError::Expired));
    let early = verify_assertion(&signed(), &live, NOW - Span::minutes(2));
    assert_eq!(early, Err(AssertionError::BadTimes));
}

#[test]
fn a_forged_assertion_is_nothing() {
    let text = signed();
    let forged = verify_assertion(&text, &keys(3), NOW);
    assert_eq!(forged, Err(AssertionError::Forged));
    let (payload, signature) = text.split_once('.').unwrap();
    let mut other = assertion();
    other.account = AccountRef("acc_2".to_owned());
    let other = other.sign(&key("k1", 3)).unwrap();
    let mixed = format!("{}.{signature}", other.split_once('.').unwrap().0);
    let mixed = verify_assertion(&mixed, &keys(1), NOW);
    assert_eq!(mixed, Err(AssertionError::Forged));
    for text in ["", ".", payload, "!.!", &"a".repeat(3000)] {
        let read = verify_assertion(text, &keys(1), NOW);
        assert!(read.is_err(), "{text}");
    }
}

#[test]
fn an_entry_ticket_is_no_assertion_and_the_other_way_round() {
    let ticket = EntryTicket {
        account: Some(AccountRef("acc_1".to_owned())),
        device: None,
        issued_at: NOW,
        expires_at: NOW + Span::minutes(10),
        nonce: nonce_text([5; 16]),
    };
    let ticket = ticket.sign(&key("k1", 1)).unwrap();
    let read = verify_assertion(&ticket, &keys(1), NOW);
    assert_eq!(read, Err(AssertionError::Forged));
    let read = verify_ticket(&signed(), &keys(1), NOW);
    assert_eq!(read.unwrap_err(), TicketError::Forged);
}

#[test]
fn parts_that_would_not_verify_are_not_signed() {
    let refused = |change: fn(&mut EnrolAssertion)| {
        let mut assertion = assertion();
        change(&mut assertion);
        assertion.sign(&key("k1", 1)).unwrap_err()
    };
    let long = refused(|a| a.expires_at = NOW + Span::minutes(10) + Span::millis(1));
    assert_eq!(long, AssertionError::BadTimes);
    assert_eq!(refused(|a| a.expires_at = NOW), AssertionError::BadTimes);
    let malformed: [fn(&mut EnrolAssertion); 6] = [
        |a| a.account = AccountRef("../x".to_owned()),
        |a| a.nonce = "short".to_owned(),
        |a| a.return_url = "http://recover.example/".to_owned(),
        |a| a.return_url = "javascript:alert(1)".to_owned(),
        |a| a.return_url = "https://ann@recover.example/".to_owned(),
        |a| a.return_url = format!("https://recover.example/{}", "a".repeat(600)),
    ];
    for change in malformed {
        assert_eq!(refused(change), AssertionError::Malformed);
    }
}

#[test]
fn a_browser_is_sent_to_safe_pages_only() {
    let page = enrol::page_with("https://exchange.example/enrol/passkey", "a.b").unwrap();
    assert_eq!(
        page.as_str(),
        "https://exchange.example/enrol/passkey?assertion=a.b"
    );
    for page in [
        "http://exchange.example/",
        "javascript:alert(1)",
        "enrol",
        "",
    ] {
        assert!(enrol::page_with(page, "a.b").is_none(), "{page}");
    }
}
