//! What a veto leaves behind: sessions that are over, and marks that later cases meet.

use recovery::actor::{Actor, ChannelRef};
use recovery::case::{Case, Command, State};
use recovery::id::CaseId;
use recovery::policy::{DEFAULT, Policy, Tier};
use recovery::risk::{Grounds, Stake, assess};
use recovery::signal::{Bearing, Signal};
use recovery::time::Span;

use super::signals::{bearing, comes_from};
use super::{about, engine, origin, tell};
use crate::engine::Engine;
use crate::inputs::SessionKind;

const NOWHERE: &str = "192.0.2.200";

/// A case for an account of its own, under an address and with the device of a ticket.
async fn asks(engine: &Engine, address: &str, account: &str, device: &str) -> Case {
    let case = about(engine, address, Some(account)).await;
    comes_from(engine, &case, NOWHERE, Some(device)).await;
    engine.case(&case).await.unwrap()
}

async fn vetoed(engine: &Engine, case: &CaseId) {
    let channel = ChannelRef("old_mail".to_owned());
    let holder = Actor::Holder {
        channel: channel.clone(),
    };
    tell(engine, case, &holder, Command::Veto { channel }).await;
}

/// What a new case under this address and with this device meets.
async fn met(engine: &Engine, case: &Case) -> [(Bearing, Option<i64>); 2] {
    let signals = engine.signals(case, None).await.unwrap();
    ["contact.marked", "device.marked"].map(|code| bearing(&signals, code))
}

async fn pass(engine: &Engine, days: u32) {
    for _ in 0..days {
        let day = Span::days(1);
        engine.0.store.advance_demo_clock(day).await.unwrap();
        while engine.run_due_jobs().await.unwrap() > 0 {}
    }
    engine.tidy().await.unwrap();
}

const SHARED: (Bearing, Option<i64>) = (Bearing::Raises, Some(1));
const NONE: (Bearing, Option<i64>) = (Bearing::Neutral, Some(0));

#[tokio::test]
async fn a_veto_ends_every_session_of_the_case_and_no_other() {
    let (engine, _folder) = engine().await;
    let eve = asks(&engine, "eve@new.example", "acc_1", "device-1")
        .await
        .id;
    let ben = asks(&engine, "ben@new.example", "acc_2", "device-2")
        .await
        .id;
    let key = engine.issue_case_key(&eve).await.unwrap();
    let mut tokens = Vec::new();
    for (kind, case) in [
        (SessionKind::Applicant, &eve),
        (SessionKind::Phone, &eve),
        (SessionKind::Applicant, &ben),
    ] {
        let session = engine.start_session(kind, "", Some(case), Vec::new());
        tokens.push(session.await.unwrap());
    }
    vetoed(&engine, &eve).await;
    let mut live = Vec::new();
    for token in &tokens {
        live.push(engine.session(token.reveal()).await.unwrap().is_some());
    }
    assert_eq!(live, [false, false, true]);
    // The key still lets the applicant in, to read and to dispute.
    let code = engine.applicant_view(&eve).await.unwrap().code;
    let back = engine.resume(&code, key.reveal(), &origin()).await;
    assert_eq!(back.unwrap(), Some(eve.clone()));
    engine.dispute(&eve).await.unwrap();
    let now = engine.case(&eve).await.unwrap().state;
    assert_eq!(now, State::Contested);
}

#[tokio::test]
async fn address_and_device_of_a_stopped_case_raise_the_next_ones_tier() {
    let (engine, _folder) = engine().await;
    let eve = asks(&engine, "eve@new.example", "acc_1", "device-1").await;
    let before = asks(&engine, "eve@new.example", "acc_2", "device-1").await;
    assert_eq!(met(&engine, &before).await, [NONE, NONE]);
    vetoed(&engine, &eve.id).await;
    assert_eq!(met(&engine, &before).await, [SHARED, SHARED]);
    let device = asks(&engine, "other@new.example", "acc_3", "device-1").await;
    assert_eq!(met(&engine, &device).await, [NONE, SHARED]);
    let stranger = asks(&engine, "ben@new.example", "acc_4", "device-2").await;
    assert_eq!(met(&engine, &stranger).await, [NONE, NONE]);
    assert_eq!(met(&engine, &eve).await, [NONE, NONE], "its own marks");
    // Looked at as clear as can be, both but for the mark.
    let policy = Policy::parse(DEFAULT).unwrap();
    let tier = |signals: Vec<Signal>| {
        let kept = |signal: &Signal| signal.code.ends_with(".marked");
        let grounds = Grounds {
            signals: signals.into_iter().filter(kept).collect(),
            ..Grounds::of_stake(Stake::Small)
        };
        let pass = |code| {
            let pass = recovery::finding::Outcome::Pass;
            recovery::finding::Finding::reviewer(code, pass, "test")
        };
        let findings = recovery::risk::GATES.map(pass);
        assess(&policy, &findings, &grounds, true).tier
    };
    let shared = engine.signals(&device, None).await.unwrap();
    let clear = engine.signals(&stranger, None).await.unwrap();
    assert_eq!((tier(shared), tier(clear)), (Tier::High, Tier::Standard));
}

#[tokio::test]
async fn marks_outlive_the_data_for_their_days_and_no_longer() {
    let (engine, _folder) = engine().await;
    let eve = asks(&engine, "eve@new.example", "acc_1", "device-1").await;
    vetoed(&engine, &eve.id).await;
    pass(&engine, 60).await;
    let gone = engine.case(&eve.id).await.unwrap();
    assert_eq!(gone.state, State::Blocked);
    assert!(gone.erased_at.is_some());
    let mut reader = engine.0.store.read().await.unwrap();
    assert_eq!(reader.device_of(&eve.id).await.unwrap(), None);
    drop(reader);
    let next = asks(&engine, "eve@new.example", "acc_2", "device-1").await;
    assert_eq!(met(&engine, &next).await, [SHARED, SHARED]);
    // Counted from the end, which came when nobody had disputed the veto.
    let store = &engine.0.store;
    store.advance_demo_clock(Span::days(320)).await.unwrap();
    engine.tidy().await.unwrap();
    let late = asks(&engine, "eve@new.example", "acc_3", "device-1").await;
    assert_eq!(met(&engine, &late).await, [NONE, NONE]);
    let ever = recovery::time::Timestamp::from_millis(0);
    let mut reader = store.read().await.unwrap();
    assert!(!reader.has_marks(&eve.id, ever).await.unwrap());
}

#[tokio::test]
async fn stopping_ones_own_request_leaves_no_mark_and_lifts_none() {
    let (engine, _folder) = engine().await;
    let ann = asks(&engine, "ann@new.example", "acc_1", "device-1").await;
    engine.withdraw(&ann.id).await.unwrap();
    let again = asks(&engine, "ann@new.example", "acc_1", "device-1").await;
    assert_eq!(met(&engine, &again).await, [NONE, NONE]);
    let eve = asks(&engine, "eve@new.example", "acc_2", "device-2").await;
    vetoed(&engine, &eve.id).await;
    engine.withdraw(&eve.id).await.unwrap();
    let next = asks(&engine, "eve@new.example", "acc_3", "device-2").await;
    assert_eq!(met(&engine, &next).await, [SHARED, SHARED]);
}
