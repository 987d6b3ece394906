//! Enrolment and sign-in of staff, against the real ceremonies, with an authenticator in software.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    missing_docs
)]

#[path = "support/soft_authenticator.rs"]
mod soft_authenticator;

use serde_json::{Value, json};
use soft_authenticator::{AuthenticatorError, SoftAuthenticator};
use url::Url;
use web::console::passkeys::{NewPasskey, PasskeyError, Passkeys};

const ORIGIN: &str = "https://recover.example.com";
const ANA: [u8; 16] = [7; 16];

fn passkeys() -> Passkeys {
    Passkeys::new(&Url::parse(ORIGIN).unwrap()).unwrap()
}

fn enrolled(device: &mut SoftAuthenticator, handle: [u8; 16]) -> NewPasskey {
    let (options, state) = passkeys().begin_enrolment(&handle, "Ana R.").unwrap();
    let credential = device.create(ORIGIN, &options).unwrap();
    passkeys().finish_enrolment(&credential, &state).unwrap()
}

fn sign_in(device: &mut SoftAuthenticator) -> (Value, Vec<u8>) {
    let (options, state) = passkeys().begin_sign_in().unwrap();
    (device.get(ORIGIN, &options).unwrap(), state)
}

#[test]
fn a_person_enrols_and_signs_in_without_a_name() {
    let mut device = SoftAuthenticator::new([1; 32]);
    let passkey = enrolled(&mut device, ANA);
    for _ in 0..3 {
        let (credential, state) = sign_in(&mut device);
        assert_eq!(passkeys().handle_of(&credential).unwrap(), ANA);
        let known = [passkey.passkey.clone()];
        passkeys()
            .finish_sign_in(&credential, &state, &known)
            .unwrap();
    }
}

#[test]
fn the_options_ask_for_a_discoverable_passkey_with_user_verification() {
    let (create, _) = passkeys().begin_enrolment(&ANA, "Ana R.").unwrap();
    let selection = &create["publicKey"]["authenticatorSelection"];
    assert_eq!(selection["residentKey"], "required");
    assert_eq!(selection["requireResidentKey"], true);
    assert_eq!(selection["userVerification"], "required");
    assert_eq!(create["publicKey"]["rp"]["id"], "recover.example.com");
    let (get, _) = passkeys().begin_sign_in().unwrap();
    assert_eq!(get["publicKey"]["userVerification"], "required");
    assert!(get.get("mediation").is_none());
    let (again, _) = passkeys().begin_sign_in().unwrap();
    assert_ne!(
        get["publicKey"]["challenge"],
        again["publicKey"]["challenge"]
    );
}

#[test]
fn an_answer_serves_its_own_challenge_only() {
    let mut device = SoftAuthenticator::new([2; 32]);
    let passkey = enrolled(&mut device, ANA);
    let known = [passkey.passkey];
    let (credential, _) = sign_in(&mut device);
    let (_, other) = passkeys().begin_sign_in().unwrap();
    assert_eq!(
        passkeys()
            .finish_sign_in(&credential, &other, &known)
            .unwrap_err(),
        PasskeyError::Refused
    );
    let (credential, _) = sign_in(&mut device);
    assert_eq!(
        passkeys()
            .finish_sign_in(&credential, b"gone", &known)
            .unwrap_err(),
        PasskeyError::Over
    );
}

#[test]
fn without_user_verification_nobody_enrols_or_signs_in() {
    let mut device = SoftAuthenticator::new([3; 32]);
    device.user_verifies = false;
    let (options, state) = passkeys().begin_enrolment(&ANA, "Ana R.").unwrap();
    let credential = device.create(ORIGIN, &options).unwrap();
    assert_eq!(
        passkeys()
            .finish_enrolment(&credential, &state)
            .unwrap_err(),
        PasskeyError::Refused
    );
    let mut device = SoftAuthenticator::new([4; 32]);
    let known = [enrolled(&mut device, ANA).passkey];
    device.user_verifies = false;
    let (credential, state) = sign_in(&mut device);
    assert_eq!(
        passkeys()
            .finish_sign_in(&credential, &state, &known)
            .unwrap_err(),
        PasskeyError::Refused
    );
}

#[test]
fn another_persons_passkey_or_a_changed_answer_is_refused() {
    let mut ana = SoftAuthenticator::new([5; 32]);
    let mut eve = SoftAuthenticator::new([6; 32]);
    let known = [enrolled(&mut ana, ANA).passkey];
    enrolled(&mut eve, ANA);
    let (credential, state) = sign_in(&mut eve);
    assert_eq!(
        passkeys()
            .finish_sign_in(&credential, &state, &known)
            .unwrap_err(),
        PasskeyError::Refused
    );
    // Eve names Ana's credential, but signs with her own key.
    let (mut stolen, state) = sign_in(&mut eve);
    let (ana_credential, _) = sign_in(&mut ana);
    stolen["id"] = ana_credential["id"].clone();
    stolen["rawId"] = ana_credential["rawId"].clone();
    assert_eq!(
        passkeys()
            .finish_sign_in(&stolen, &state, &known)
            .unwrap_err(),
        PasskeyError::Refused
    );
    assert_eq!(
        passkeys().handle_of(&json!({})).unwrap_err(),
        PasskeyError::Malformed
    );
    let mut nameless = ana_credential;
    nameless["response"]["userHandle"] = Value::Null;
    assert_eq!(
        passkeys().handle_of(&nameless).unwrap_err(),
        PasskeyError::Malformed
    );
}

#[test]
fn another_origin_gets_nothing() {
    let mut device = SoftAuthenticator::new([8; 32]);
    let known = [enrolled(&mut device, ANA).passkey];
    let (options, state) = passkeys().begin_sign_in().unwrap();
    assert_eq!(
        device
            .get("https://recover.example.com.evil.test", &options)
            .unwrap_err(),
        AuthenticatorError::ForeignOrigin
    );
    // A subdomain would sign, for the browser allows it; the server does not.
    let credential = device
        .get("https://x.recover.example.com", &options)
        .unwrap();
    assert_eq!(
        passkeys()
            .finish_sign_in(&credential, &state, &known)
            .unwrap_err(),
        PasskeyError::Refused
    );
}

#[test]
fn a_counter_that_went_back_is_a_copy() {
    let mut device = SoftAuthenticator::new([9; 32]);
    let first = enrolled(&mut device, ANA);
    let (credential, state) = sign_in(&mut device);
    let moved = passkeys()
        .finish_sign_in(&credential, &state, &[first.passkey])
        .unwrap()
        .expect("the counter moved");
    assert_eq!(moved.id, first.id);
    // The same seed is a copy of the device as it was when it enrolled.
    let mut copy = SoftAuthenticator::new([9; 32]);
    enrolled(&mut copy, ANA);
    let (credential, state) = sign_in(&mut copy);
    assert_eq!(
        passkeys()
            .finish_sign_in(&credential, &state, &[moved.passkey])
            .unwrap_err(),
        PasskeyError::Refused
    );
}

#[test]
fn loopback_with_a_port_works_for_the_demo() {
    let origin = "http://localhost:8443";
    let passkeys = Passkeys::new(&Url::parse(origin).unwrap()).unwrap();
    let mut device = SoftAuthenticator::new([10; 32]);
    let (options, state) = passkeys.begin_enrolment(&ANA, "Ana R.").unwrap();
    let credential = device.create(origin, &options).unwrap();
    assert!(passkeys.finish_enrolment(&credential, &state).is_ok());
    assert!(Passkeys::new(&Url::parse("data:text/plain,x").unwrap()).is_err());
}
