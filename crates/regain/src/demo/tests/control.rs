//! A text signed with the key of an old withdrawal address (B14), over HTTP.

use recovery::id::CaseCode;

use super::signer::{Kind, Signer, shown};
use super::support::{As, Caller, Scene};
use crate::demo::seed::{KNOWN_ADDRESS, KNOWN_KEY};
use crate::demo::walkthrough::applicant::{Applicant, Shows};

const PAGE: &str = "/case/address-proof";

async fn signs(ann: &mut Caller, address: &str, signature: &str) -> super::support::Answer {
    ann.renew(PAGE).await;
    let fields = [("address", address), ("signature", signature)];
    ann.post(As::Browser, PAGE, &fields).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_signature_is_judged_by_itself_and_tells_nothing_of_the_account() {
    let scene = Scene::start().await;
    let account = "ann.old@example.com";
    let party = scene.applicant(1, account, "a@example.org").await;
    let mut ann = party.caller;
    let page = ann.get(PAGE).await;
    let text = scene.world.engine.text_to_sign(&party.case).await.unwrap();
    assert!(page.body.contains(&text), "{}", page.body);
    assert!(text.contains(&party.code), "{text}");
    let (own, stranger) = (Signer::new(KNOWN_KEY), Signer::new([9; 32]));
    assert_eq!(own.address(Kind::P2wpkh), KNOWN_ADDRESS);
    for (address, signature, field, sentence) in [
        ("", "x", "address", "Enter the address"),
        (KNOWN_ADDRESS, " ", "signature", "Paste the signature"),
        (
            "T9yD14Nj9j7xAB4dbGeiX9h8unkKHxuWwb",
            "aa",
            "address",
            "We can only check signatures of Bitcoin addresses, and of Ethereum addresses and \
             those like them",
        ),
        (
            KNOWN_ADDRESS,
            "not a signature",
            "signature",
            "This is not a whole signature. Copy all of it from your wallet",
        ),
    ] {
        let refused = signs(&mut ann, address, signature).await;
        assert_eq!(refused.status, 422, "{address} {signature}");
        assert_eq!(refused.beside(field), sentence);
    }
    // Another text, another key.
    let other = shown(Kind::P2wpkh, &own.sign(Kind::P2wpkh, "another text"));
    let foreign = shown(Kind::P2wpkh, &stranger.sign(Kind::P2wpkh, &text));
    for signature in [other, foreign] {
        let refused = signs(&mut ann, KNOWN_ADDRESS, &signature).await;
        let sentence = "The signature does not fit this text and address. Copy the text again \
                        and sign it with the wallet of this address";
        assert_eq!(refused.beside("signature"), sentence);
    }
    // The account's address and a stranger's are answered alike.
    for (signer, kind) in [(&stranger, Kind::Evm), (&own, Kind::P2wpkh)] {
        let signature = shown(kind, &signer.sign(kind, &text));
        let good = signs(&mut ann, &signer.address(kind), &signature).await;
        assert_eq!(good.status, 303, "{}", good.body);
    }
    let page = ann.get(PAGE).await;
    assert_eq!(page.text_of("#signed"), "This signature is good");
    assert!(page.body.contains("You signed with 2 addresses."));
    scene.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn control_of_a_past_address_lowers_the_risk() {
    let scene = Scene::start().await;
    let stage = scene.stage();
    let shows = Shows::drawn(3, 5);
    let account = crate::demo::seed::PEOPLE[0].email;
    let mut ann = Applicant::new(&stage, "ann", "ann.new@example.org", shows).unwrap();
    ann.opens_case("/?from=link", account).await.unwrap();
    let case = scene.world.case_of(&ann.code).await.unwrap();
    let text = scene.world.engine.text_to_sign(&case).await.unwrap();
    let own = Signer::new(KNOWN_KEY);
    let signature = shown(Kind::P2wpkh, &own.sign(Kind::P2wpkh, &text));
    let signed = [("address", KNOWN_ADDRESS), ("signature", &signature)];
    let heading = "Can you sign a message from an old withdrawal address?";
    ann.presses(PAGE, &signed, heading).await.unwrap();
    ann.sends().await.unwrap();
    let code: CaseCode = ann.code.parse().unwrap();
    let explained = scene.world.engine.explain_rating(&code).await.unwrap();
    let (assessment, _) = explained.assessment.unwrap();
    let parts = assessment.contributions.iter();
    let part = parts.clone().find(|part| part.code == "address.control");
    let counted = part.map(|part| (part.was, part.points_milli));
    assert_eq!(counted, Some(("lowers", -20_000)));
    scene.end().await;
}
