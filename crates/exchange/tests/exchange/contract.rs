//! Every call of the contract, as Regain makes it.

use platform::contract::{
    AccountChangeKind, ActionName, ChannelKind, CredentialsRequest, EARLIER_HANDOVER, EnrolAt,
    NoticeKind, NoticeRequest, PasswordCheck, PasswordReason, ResolveRequest, StagedCredentials,
};
use platform::signature::{nonce_text, sign_request};
use platform::{AccountRef, ClientError, ContentDigest, PlatformClient, Span, Timeouts, Timestamp};

use crate::world::{
    BEGUN_AT, NEW_PASSWORD, PASSWORD, START, World, case, keys, new_totp, portrait,
};

fn refused(code: u16, problem: &str) -> ClientError {
    ClientError::Status {
        code,
        problem: Some(problem.to_owned()),
    }
}

async fn resolve(world: &World, text: &str) -> Option<AccountRef> {
    let request = ResolveRequest {
        identifier: text.to_owned().into(),
    };
    world.client.resolve(&request).await.unwrap()
}

#[tokio::test]
async fn an_account_is_found_by_whatever_people_know() {
    let world = World::new().await;
    for text in ["ann", " Ann@OLD.example ", "+49 (30) 1234567"] {
        assert_eq!(
            resolve(&world, text).await,
            Some(world.ann.clone()),
            "{text}"
        );
    }
    for text in [
        "",
        "nobody",
        "ann@new.example",
        "+49301234568",
        "' OR 1=1 --",
    ] {
        assert_eq!(resolve(&world, text).await, None, "{text}");
    }
}

#[tokio::test]
async fn the_dossier_tells_what_is_known_and_no_more() {
    let world = World::new().await;
    let dossier = world.client.dossier(&world.ann).await.unwrap();
    let document = dossier.document.unwrap();
    assert_eq!(document.number.reveal(), "T22000129");
    assert_eq!(document.country, "DEU");
    assert_eq!(dossier.registered_at, START - Span::days(1000));
    assert_eq!(dossier.cards[0].last_four.reveal(), "4242");
    assert_eq!(dossier.addresses[0].chain, "bitcoin");
    assert_eq!(dossier.logins[0].city.as_ref().unwrap().reveal(), "Berlin");
    assert_eq!(dossier.phones[0].reveal(), "4567");
    let newest = dossier.changes[0].at;
    assert!(dossier.changes.iter().all(|change| change.at <= newest));
    for kind in [AccountChangeKind::Email, AccountChangeKind::Password] {
        assert!(dossier.changes.iter().any(|change| change.kind == kind));
    }
    let kinds: Vec<ChannelKind> = dossier
        .channels
        .iter()
        .map(|channel| channel.kind)
        .collect();
    assert_eq!(
        kinds,
        [
            ChannelKind::Email,
            ChannelKind::Sms,
            ChannelKind::Push,
            ChannelKind::InApp
        ]
    );
    assert_eq!(dossier.channels[0].label.reveal(), "a***@old.example");
    let bytes = world.client.portrait(&world.ann).await.unwrap();
    assert_eq!(bytes, portrait());
    assert_eq!(dossier.portrait.unwrap().digest, ContentDigest::of(&bytes));
}

#[tokio::test]
async fn what_is_not_there_is_named() {
    let world = World::new().await;
    let nobody = AccountRef("acc_nobody".to_owned());
    let unknown = refused(404, "unknown_account");
    assert_eq!(world.client.dossier(&nobody).await.unwrap_err(), unknown);
    assert_eq!(
        world.client.restrictions(&nobody).await.unwrap_err(),
        unknown
    );
    let none = world.client.portrait(&world.bob).await.unwrap_err();
    assert_eq!(none, refused(404, "no_portrait"));
    let strange = ActionName::new("fax_machines").unwrap();
    let action = world
        .client
        .read_secured(&world.ann, &strange, &case())
        .await
        .unwrap_err();
    assert_eq!(action, refused(404, "unknown_action"));
}

#[tokio::test]
async fn capabilities_are_declared() {
    let world = World::new().await;
    let capabilities = world.client.capabilities().await.unwrap();
    assert_eq!(capabilities.contract, 1);
    assert_eq!(capabilities.securing, ActionName::known());
    assert_eq!(capabilities.passkey, EnrolAt::AtRegain);
    assert_eq!(capabilities.passkey_party.unwrap().rp_id, "localhost");
}

#[tokio::test]
async fn strangers_and_repeaters_are_refused() {
    let world = World::new().await;
    let now = world.now();
    let stranger = |byte, now: Timestamp| {
        let clock = std::sync::Arc::new(move || now);
        PlatformClient::new(&world.base, keys(byte), Timeouts::default(), clock).unwrap()
    };
    let unsigned = ClientError::Unsigned { code: 401 };
    assert_eq!(
        stranger(8, now).dossier(&world.ann).await.unwrap_err(),
        unsigned
    );
    let old = stranger(7, now - Span::minutes(6))
        .dossier(&world.ann)
        .await;
    assert_eq!(old.unwrap_err(), unsigned);
    stranger(7, now - Span::minutes(4))
        .dossier(&world.ann)
        .await
        .unwrap();

    // One signed request, caught on its way and sent again.
    let path = format!("/regain/v1/accounts/{}/dossier", world.ann);
    let keys = keys(7);
    let headers = sign_request(keys.current(), "GET", &path, b"", now, &nonce_text([3; 16]));
    let send = async |path: &str| {
        let mut request = world.browser().http.get(format!("{}{path}", world.base));
        for (name, value) in &headers {
            request = request.header(*name, value);
        }
        request.send().await.unwrap()
    };
    assert_eq!(
        send("/regain/v1/capabilities").await.status(),
        401,
        "signed for another path"
    );
    assert_eq!(send(&path).await.status(), 200);
    let again = send(&path).await;
    assert_eq!(again.status(), 401);
    assert!(!again.text().await.unwrap().contains("Ann"));
    let bare = world
        .browser()
        .http
        .get(format!("{}{path}", world.base))
        .send()
        .await
        .unwrap();
    assert_eq!(bare.status(), 401);
}

#[tokio::test]
async fn an_unknown_field_is_refused_with_a_signed_answer() {
    let world = World::new().await;
    let path = "/regain/v1/accounts/resolve";
    let body = br#"{"identifier":"ann","also":1}"#;
    let keys = keys(7);
    let headers = sign_request(
        keys.current(),
        "POST",
        path,
        body,
        world.now(),
        &nonce_text([4; 16]),
    );
    let mut request = world.browser().http.post(format!("{}{path}", world.base));
    for (name, value) in &headers {
        request = request.header(*name, value);
    }
    let answer = request.body(body.as_slice()).send().await.unwrap();
    assert_eq!(answer.status(), 422);
    assert!(answer.headers().contains_key("Regain-Signature"));
    assert_eq!(answer.headers()["content-type"], "application/problem+json");
}

#[tokio::test]
async fn an_old_password_does_not_do() {
    let world = World::new().await;
    let check = async |password: &str| {
        let check = PasswordCheck {
            password: password.to_owned().into(),
        };
        world
            .client
            .check_password(&world.ann, &check)
            .await
            .unwrap()
            .reason
    };
    assert_eq!(check(PASSWORD).await, Some(PasswordReason::UsedBefore));
    assert_eq!(check("short").await, Some(PasswordReason::TooShort));
    assert_eq!(
        check("my name is ann ok").await,
        Some(PasswordReason::HoldsIdentity)
    );
    for common in ["password", "qwertyuiop12345", "letmeinletmein"] {
        let reason = check(common).await;
        assert_eq!(reason, Some(PasswordReason::TooCommon), "{common}");
    }
    assert_eq!(
        check(&"a long one ".repeat(30)).await,
        Some(PasswordReason::TooLong)
    );
    assert_eq!(check(NEW_PASSWORD).await, None);
}

fn request(key: &str) -> CredentialsRequest {
    CredentialsRequest {
        email: Some("ann@new.example".to_owned().into()),
        password: Some(NEW_PASSWORD.to_owned().into()),
        ..CredentialsRequest::nothing(key, BEGUN_AT)
    }
}

#[tokio::test]
async fn credentials_are_staged_kind_by_kind_and_once() {
    let world = World::new().await;
    let stage = async |request: &CredentialsRequest| {
        world
            .client
            .stage_credentials(&world.ann, &case(), request)
            .await
    };
    let first = StagedCredentials {
        email: true,
        password: true,
        totp: false,
        passkey: false,
        recovery_codes: false,
    };
    assert_eq!(stage(&request("a")).await.unwrap(), first);
    assert_eq!(
        stage(&request("a")).await.unwrap(),
        first,
        "the same again does nothing"
    );
    let mut other = request("a");
    other.password = Some("another long password".to_owned().into());
    assert_eq!(stage(&other).await.unwrap_err(), refused(409, "key_reused"));
    other.password = None;
    assert_eq!(stage(&other).await.unwrap_err(), refused(409, "key_reused"));
    let totp = CredentialsRequest {
        email: None,
        password: None,
        totp: Some(new_totp()),
        ..request("b")
    };
    assert_eq!(
        stage(&totp).await.unwrap(),
        StagedCredentials {
            totp: true,
            ..first
        }
    );
    // Staged is not active: neither found nor usable.
    assert_eq!(resolve(&world, "ann@new.example").await, None);
    let status = world
        .sign_in(&world.browser(), "ann", NEW_PASSWORD, crate::world::SECRET)
        .await
        .0;
    assert_eq!(status, 401);
}

#[tokio::test]
async fn a_staged_address_is_promised_to_one_account() {
    let world = World::new().await;
    let only_email = CredentialsRequest {
        password: None,
        ..request("a")
    };
    let stage = async |account: &AccountRef, key: &str| {
        let request = CredentialsRequest {
            idempotency_key: key.to_owned(),
            ..only_email.clone()
        };
        world
            .client
            .stage_credentials(account, &case(), &request)
            .await
    };
    assert!(stage(&world.ann, "a").await.unwrap().email);
    assert_eq!(
        stage(&world.bob, "b").await.unwrap_err(),
        refused(409, "taken")
    );
    assert!(
        stage(&world.ann, "c").await.unwrap().email,
        "its own account may stage it again"
    );
}

#[tokio::test]
async fn what_belongs_to_an_earlier_handover_is_not_staged() {
    let world = World::new().await;
    let client = &world.client;
    let (ann, of) = (&world.ann, case());
    let stage =
        async |request: &CredentialsRequest| client.stage_credentials(ann, &of, request).await;
    let first = request("a");
    assert!(stage(&first).await.unwrap().password);
    let later = CredentialsRequest {
        begun_at: BEGUN_AT + Span::millis(1),
        password: None,
        keep: Some(StagedCredentials::default()),
        ..request("b")
    };
    assert!(!stage(&later).await.unwrap().password);
    let earlier = stage(&request("c")).await;
    assert_eq!(earlier.unwrap_err(), refused(409, EARLIER_HANDOVER));
    let staged = client.staged_credentials(ann, &of).await.unwrap();
    assert!(staged.email && !staged.password);
    // What was answered is answered again, and a handover of another case is none of this one.
    assert!(stage(&first).await.unwrap().password);
    let other = "case_01JDCM8Z00ABCDEFGHJKMNPQRT".parse().unwrap();
    let apart = client.stage_credentials(ann, &other, &first).await;
    assert!(apart.unwrap().password);
}

#[tokio::test]
async fn what_cannot_be_staged_is_refused() {
    let world = World::new().await;
    let stage = async |request: &CredentialsRequest| {
        world
            .client
            .stage_credentials(&world.ann, &case(), request)
            .await
            .unwrap_err()
    };
    let taken = CredentialsRequest {
        email: Some("bob@old.example".to_owned().into()),
        ..request("a")
    };
    assert_eq!(stage(&taken).await, refused(409, "taken"));
    let old = CredentialsRequest {
        password: Some(PASSWORD.to_owned().into()),
        ..request("b")
    };
    assert_eq!(stage(&old).await, refused(422, "field"));
    let mut weak = new_totp();
    weak.period = 0;
    let weak = CredentialsRequest {
        totp: Some(weak),
        ..request("c")
    };
    assert_eq!(stage(&weak).await, refused(422, "field"));
    let passkey = platform::contract::PasskeyCredential {
        rp_id: "elsewhere.example".to_owned(),
        credential: serde_json::json!({}),
    };
    let foreign = CredentialsRequest {
        passkey: Some(passkey),
        ..request("d")
    };
    assert_eq!(stage(&foreign).await, refused(422, "field"));
    assert_eq!(stage(&request("")).await, refused(422, "malformed"));
    // A refused request stages nothing, not even its good half.
    let staged = CredentialsRequest {
        email: None,
        password: None,
        ..request("e")
    };
    let staged = world
        .client
        .stage_credentials(&world.ann, &case(), &staged)
        .await
        .unwrap();
    assert!(!staged.email && !staged.password && !staged.totp && !staged.passkey);
}

pub fn notice(key: &str, known_before: Timestamp) -> NoticeRequest {
    NoticeRequest {
        idempotency_key: key.to_owned(),
        message_code: "M-7K2M".to_owned(),
        kind: NoticeKind::new(NoticeKind::RECOVERY_ASKED).unwrap(),
        known_before,
        subject: "Somebody asks to recover your account".to_owned(),
        text: "The whole text".to_owned().into(),
        short_text: Some("The short text".to_owned().into()),
        stop_url: "https://recover.example/stop/abc".to_owned().into(),
        notice_code: "1234-5678".to_owned().into(),
        channels: Vec::new(),
    }
}

#[tokio::test]
async fn a_notice_goes_to_every_channel_known_before_and_once() {
    let world = World::new().await;
    let sent = world
        .client
        .notify(&world.ann, &notice("n1", START))
        .await
        .unwrap();
    assert!(sent.channels.iter().all(|receipt| receipt.accepted));
    let mails = world.mails.lock().unwrap().clone();
    let texts: Vec<(ChannelKind, &str, &str)> = mails
        .iter()
        .map(|mail| {
            (
                mail.channel,
                mail.to.reveal().as_str(),
                mail.text.reveal().split("\n\n").next().unwrap(),
            )
        })
        .collect();
    assert_eq!(
        texts,
        [
            (ChannelKind::Email, "ann@old.example", "The whole text"),
            (ChannelKind::Sms, "+49301234567", "The short text"),
            (ChannelKind::Push, "Ann's phone", "The short text"),
        ]
    );
    let again = world
        .client
        .notify(&world.ann, &notice("n1", START))
        .await
        .unwrap();
    assert_eq!(again, sent);
    assert_eq!(
        world.mails.lock().unwrap().len(),
        3,
        "the same notice is not sent twice"
    );
    let early = notice("n2", START - Span::days(1000));
    let early = world.client.notify(&world.ann, &early).await.unwrap();
    assert!(
        early.channels.is_empty(),
        "channels younger than that are not told"
    );
    let mut other = notice("n1", START);
    other.subject = "Something else".to_owned();
    let reused = world.client.notify(&world.ann, &other).await.unwrap_err();
    assert_eq!(reused, refused(409, "key_reused"));
}

#[tokio::test]
async fn a_notice_goes_once_though_the_caller_hangs_up_in_the_middle() {
    let world = World::new().await;
    let told = |key: &str| {
        let mails = world.mails.lock().unwrap();
        mails.iter().filter(|mail| mail.subject == key).count()
    };
    for key in ["n1", "n2", "n3", "n4", "n5"] {
        let mut request = notice(key, START);
        request.subject = key.to_owned();
        let mut call = Box::pin(world.client.notify(&world.ann, &request));
        std::future::poll_fn(|context| {
            if told(key) > 0 || call.as_mut().poll(context).is_ready() {
                return std::task::Poll::Ready(());
            }
            context.waker().wake_by_ref();
            std::task::Poll::Pending
        })
        .await;
        drop(call);
        let again = world.client.notify(&world.ann, &request).await.unwrap();
        let in_app = 1;
        assert_eq!(told(key), again.channels.len() - in_app, "{key}");
    }
}
