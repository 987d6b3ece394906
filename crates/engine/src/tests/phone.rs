//! From the computer to a phone: links that open once and say how they died.

use recovery::time::Span;

use super::{engine, reachable};
use crate::error::EngineError;
use crate::views::{PhoneDoor, PhoneState};

#[tokio::test]
async fn a_phone_comes_in_once_and_by_the_word_on_the_other_screen() {
    let (engine, _folder) = engine().await;
    let case = reachable(&engine, "new@example.com").await;
    assert!(engine.phone_link(&case).await.unwrap().is_none());
    engine
        .make_phone_link(&case, "x Firefox/131.0")
        .await
        .unwrap();
    let shown = engine.phone_link(&case).await.unwrap().unwrap();
    assert_eq!(shown.state, PhoneState::Waiting);
    let (secret, code) = (shown.secret.reveal().clone(), shown.code.reveal().clone());
    assert_eq!((secret.len(), code.len()), (32, 9));
    let early = engine.phone_word(&secret, shown.word).await;
    assert!(
        matches!(early, Err(EngineError::NotFound)),
        "before the question"
    );
    for way in [&secret, &code.to_lowercase()] {
        let PhoneDoor::Open {
            browser,
            minutes,
            asked,
            words,
            ..
        } = engine.phone_door(way).await.unwrap()
        else {
            panic!("a fresh link is open");
        };
        assert_eq!((browser.as_str(), minutes, asked), ("Firefox", 0, false));
        assert_eq!(words.iter().filter(|word| **word == shown.word).count(), 1);
        let different: std::collections::BTreeSet<_> = words.iter().collect();
        assert_eq!(different.len(), 3);
    }
    engine.phone_is_mine(&code).await.unwrap();
    let state = engine.phone_link(&case).await.unwrap().unwrap().state;
    assert_eq!(state, PhoneState::Asked);
    let mine = engine.phone_word(&secret, shown.word).await.unwrap();
    assert_eq!(mine, Some(case.clone()));
    assert_eq!(engine.phone_door(&code).await.unwrap(), PhoneDoor::Used);
    let again = engine.phone_word(&secret, shown.word).await;
    assert!(matches!(again, Err(EngineError::NotFound)));
    let state = engine.phone_link(&case).await.unwrap().unwrap().state;
    assert_eq!(state, PhoneState::Connected);
}

#[tokio::test]
async fn dead_links_say_how_they_died() {
    let (engine, _folder) = engine().await;
    let case = reachable(&engine, "new@example.com").await;
    let fresh = || async {
        engine.make_phone_link(&case, "").await.unwrap();
        engine.phone_link(&case).await.unwrap().unwrap()
    };
    let first = fresh().await;
    let second = fresh().await;
    let door = |secret: &str| {
        let (engine, secret) = (engine.clone(), secret.to_owned());
        async move { engine.phone_door(&secret).await.unwrap() }
    };
    assert_eq!(door(first.secret.reveal()).await, PhoneDoor::Replaced);
    assert_eq!(door("guess").await, PhoneDoor::Unknown);
    assert_eq!(door("000000000").await, PhoneDoor::Unknown);
    let secret = second.secret.reveal();
    engine.phone_is_mine(secret).await.unwrap();
    let wrong = engine.phone_word(secret, "nonsense").await.unwrap();
    assert_eq!(wrong, None);
    assert_eq!(door(secret).await, PhoneDoor::Stopped);
    let third = fresh().await;
    engine
        .phone_is_not_mine(third.secret.reveal())
        .await
        .unwrap();
    assert_eq!(door(third.code.reveal()).await, PhoneDoor::Stopped);
    let flags: Vec<String> = engine
        .unseal(&case, crate::record::piece::FLAGS)
        .await
        .unwrap()
        .unwrap();
    assert_eq!(flags, ["handoff_refused"]);
    let fourth = fresh().await;
    engine
        .0
        .store
        .advance_demo_clock(Span::minutes(10))
        .await
        .unwrap();
    assert_eq!(door(fourth.secret.reveal()).await, PhoneDoor::Expired);
    let late = engine.phone_is_mine(fourth.secret.reveal()).await;
    assert!(matches!(late, Err(EngineError::NotFound)));
    for _ in 0..5 {
        fresh().await;
    }
    let more = engine.make_phone_link(&case, "").await;
    assert!(matches!(more, Err(EngineError::Limited { .. })));
}
