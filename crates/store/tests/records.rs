//! What the calls about people, uploads, messages, accounts and limits promise, on both engines.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic
)]
#![allow(missing_docs, clippy::disallowed_methods)]

#[macro_use]
mod common;

use std::collections::BTreeSet;

use common::{World, account};
use recovery::id::ContentDigest;
use recovery::time::{Span, Timestamp};
use store::{
    Advanced, Checked, NewMessage, NewSecret, NewSession, NewUpload, Rule, SecretDigest, Staff,
    StoreError, Taken,
};

on_both_engines! {
    sessions_expire_and_idle_out
    secrets_know_their_purpose
    a_challenge_keeps_its_failures_over_a_new_code
    uploads_grow_only_at_their_end
    staff_and_passkeys
    a_message_is_handed_over_once
    a_bucket_refills_with_time
    acknowledgements_are_never_of_the_future_nor_go_back
    the_policy_in_force_is_the_latest_begun
    one_proposal_waits_and_is_confirmed_once
    purging_takes_only_what_is_over
}

async fn sessions_expire_and_idle_out(world: World) {
    let store = world.demo().await;
    let case = world.case(&store, |_| {}).await.id;
    let digest = SecretDigest::of(b"cookie");
    let mut tx = store.begin().await.unwrap();
    let expires_at = tx.now().await.unwrap() + Span::hours(1);
    let session = NewSession {
        digest,
        kind: "applicant",
        subject: case.as_str(),
        case_id: Some(&case),
        expires_at,
        data: b"{}",
    };
    tx.put_session(&session).await.unwrap();
    tx.commit().await.unwrap();
    let read = store
        .read()
        .await
        .unwrap()
        .session(&digest)
        .await
        .unwrap()
        .unwrap();
    assert_eq!(
        (
            read.kind.as_str(),
            read.case_id,
            read.data.reveal().as_slice()
        ),
        ("applicant", Some(case.clone()), b"{}".as_slice())
    );
    store.advance_demo_clock(Span::minutes(20)).await.unwrap();
    let mut tx = store.begin().await.unwrap();
    let seen = tx
        .touch_session(&digest, Span::minutes(30))
        .await
        .unwrap()
        .unwrap()
        .seen_at;
    assert!(seen >= read.seen_at + Span::minutes(20));
    tx.commit().await.unwrap();
    store.advance_demo_clock(Span::minutes(31)).await.unwrap();
    let mut tx = store.begin().await.unwrap();
    assert!(
        tx.touch_session(&digest, Span::minutes(30))
            .await
            .unwrap()
            .is_none(),
        "idle"
    );
    assert!(tx.session(&digest).await.unwrap().is_some());
    drop(tx);
    store.advance_demo_clock(Span::minutes(10)).await.unwrap();
    assert!(
        store
            .read()
            .await
            .unwrap()
            .session(&digest)
            .await
            .unwrap()
            .is_none(),
        "expired"
    );
    let mut tx = store.begin().await.unwrap();
    assert_eq!(
        tx.delete_sessions_of_subject("applicant", "other")
            .await
            .unwrap(),
        0
    );
    assert_eq!(tx.delete_sessions_of_case(&case).await.unwrap(), 1);
    assert!(!tx.delete_session(&digest).await.unwrap());
}

async fn secrets_know_their_purpose(world: World) {
    let store = world.demo().await;
    let case = world.case_id();
    let mut tx = store.begin().await.unwrap();
    let expires_at = tx.now().await.unwrap() + Span::hours(1);
    let digests = [1_u8, 2, 3].map(|number| SecretDigest::of(&[number; 16]));
    for digest in digests {
        let (purpose, case_id, subject) = ("veto", Some(&case), "channel-1");
        let secret = NewSecret {
            digest,
            purpose,
            case_id,
            subject,
            expires_at,
        };
        tx.put_secret(&secret).await.unwrap();
    }
    assert!(
        tx.take_secret(&digests[0], "handover")
            .await
            .unwrap()
            .is_none()
    );
    assert!(tx.peek_secret(&digests[0], "veto").await.unwrap().is_some());
    let taken = tx.take_secret(&digests[0], "veto").await.unwrap().unwrap();
    assert_eq!(
        (taken.case_id, taken.subject.as_str()),
        (Some(case.clone()), "channel-1")
    );
    assert!(tx.take_secret(&digests[0], "veto").await.unwrap().is_none());
    assert!(tx.peek_secret(&digests[0], "veto").await.unwrap().is_none());
    tx.commit().await.unwrap();
    store.advance_demo_clock(Span::hours(2)).await.unwrap();
    let mut tx = store.begin().await.unwrap();
    assert!(
        tx.take_secret(&digests[1], "veto").await.unwrap().is_none(),
        "expired"
    );
    assert_eq!(
        tx.revoke_secrets(&case, "veto").await.unwrap(),
        2,
        "the used one stays known"
    );
    assert!(format!("{:?}", digests[0]).contains("redacted"));
}

async fn a_challenge_keeps_its_failures_over_a_new_code(world: World) {
    let store = world.demo().await;
    let case = world.case(&store, |_| {}).await.id;
    let (right, wrong) = (SecretDigest::of(b"123456"), SecretDigest::of(b"654321"));
    let mut tx = store.begin().await.unwrap();
    assert_eq!(
        tx.check_challenge(&case, "mail", &right).await.unwrap(),
        Checked::None
    );
    let expires_at = tx.now().await.unwrap() + Span::minutes(10);
    assert_eq!(
        tx.put_challenge(&case, "mail", &right, expires_at, 3)
            .await
            .unwrap(),
        3
    );
    let left = |left| Checked::Wrong { left };
    assert_eq!(
        tx.check_challenge(&case, "mail", &wrong).await.unwrap(),
        left(2)
    );
    assert_eq!(
        tx.put_challenge(&case, "mail", &right, expires_at, 3)
            .await
            .unwrap(),
        2
    );
    assert_eq!(
        tx.check_challenge(&case, "sign", &right).await.unwrap(),
        Checked::None
    );
    assert_eq!(
        tx.check_challenge(&case, "mail", &wrong).await.unwrap(),
        left(1)
    );
    assert_eq!(
        tx.check_challenge(&case, "mail", &wrong).await.unwrap(),
        left(0)
    );
    assert_eq!(
        tx.check_challenge(&case, "mail", &right).await.unwrap(),
        left(0)
    );
    assert_eq!(
        tx.put_challenge(&case, "mail", &right, expires_at, 3)
            .await
            .unwrap(),
        0
    );
    tx.commit().await.unwrap();
    store.advance_demo_clock(Span::minutes(61)).await.unwrap();
    let mut tx = store.begin().await.unwrap();
    let now = tx.now().await.unwrap();
    let soon = now + Span::minutes(10);
    assert_eq!(
        tx.put_challenge(&case, "mail", &right, soon, 3)
            .await
            .unwrap(),
        3
    );
    assert_eq!(
        tx.check_challenge(&case, "mail", &right).await.unwrap(),
        Checked::Matched
    );
    assert_eq!(
        tx.check_challenge(&case, "mail", &right).await.unwrap(),
        Checked::None
    );
    tx.put_challenge(&case, "mail", &right, now, 3)
        .await
        .unwrap();
    assert_eq!(
        tx.check_challenge(&case, "mail", &right).await.unwrap(),
        Checked::Expired
    );
}

async fn uploads_grow_only_at_their_end(world: World) {
    let store = world.demo().await;
    let case = world.case(&store, |_| {}).await.id;
    let (id, digest) = (world.upload_id(), ContentDigest::of(b"x"));
    let mut tx = store.begin().await.unwrap();
    let upload = NewUpload {
        id: &id,
        case_id: &case,
        kind: "video",
        slot: "phrase",
        length: 10,
        declared_type: Some("video/webm"),
        declared_digest: Some(&digest),
        capture: None,
        expires_at: tx.now().await.unwrap() + Span::hours(1),
        take_id: None,
        deferred: false,
    };
    let evidence = world.evidence_id();
    tx.create_upload(&upload).await.unwrap();
    assert_eq!(tx.advance_upload(&id, 0, 6).await.unwrap(), Advanced::To(6));
    assert_eq!(
        tx.advance_upload(&id, 0, 6).await.unwrap(),
        Advanced::OffsetIs(6)
    );
    assert_eq!(
        tx.advance_upload(&id, 6, 5).await.unwrap(),
        Advanced::TooLong
    );
    assert_eq!(
        tx.advance_upload(&id, 6, u64::MAX).await.unwrap(),
        Advanced::TooLong
    );
    let finished = tx.finish_upload(&id, &evidence).await.unwrap();
    assert!(!finished, "bytes are missing");
    assert_eq!(tx.count_open_uploads(&case).await.unwrap(), 1);
    assert_eq!(
        tx.advance_upload(&id, 6, 4).await.unwrap(),
        Advanced::To(10)
    );
    assert!(tx.finish_upload(&id, &evidence).await.unwrap());
    assert!(!tx.finish_upload(&id, &evidence).await.unwrap());
    assert_eq!(tx.advance_upload(&id, 10, 0).await.unwrap(), Advanced::Gone);
    assert_eq!(tx.count_open_uploads(&case).await.unwrap(), 0);
    let stored = tx.upload(&id).await.unwrap().unwrap();
    assert_eq!(
        (stored.length, stored.received, stored.declared_digest),
        (10, 10, Some(digest.clone()))
    );
    assert_eq!(stored.evidence_id, Some(evidence));
    let late = world.upload_id();
    tx.create_upload(&NewUpload {
        id: &late,
        ..upload
    })
    .await
    .unwrap();
    tx.commit().await.unwrap();
    store.advance_demo_clock(Span::hours(2)).await.unwrap();
    let mut tx = store.begin().await.unwrap();
    assert_eq!(
        tx.advance_upload(&late, 0, 1).await.unwrap(),
        Advanced::Gone
    );
    let expired = tx.expired_uploads(10).await.unwrap();
    let expired: BTreeSet<_> = expired.iter().map(|one| &one.id).collect();
    let both = BTreeSet::from([&id, &late]);
    assert_eq!(expired, both, "finished ones go in the end, too");
    for over in [&id, &late] {
        assert!(tx.delete_upload(over).await.unwrap());
    }
    assert!(tx.expired_uploads(10).await.unwrap().is_empty());
}

async fn staff_and_passkeys(world: World) {
    let store = world.serve().await;
    let mut ann = Staff {
        id: world.reviewer_id(),
        name: "Ann".to_owned(),
        role: "reviewer".to_owned(),
        active: true,
        user_handle: vec![7; 64],
        created_at: Timestamp::from_millis(0),
    };
    let mut tx = store.begin().await.unwrap();
    tx.add_staff(&ann).await.unwrap();
    ann.role = "senior".to_owned();
    ann.active = false;
    assert!(tx.update_staff(&ann).await.unwrap());
    let stored = tx.staff_by_user_handle(&[7; 64]).await.unwrap().unwrap();
    assert_eq!((stored.role.as_str(), stored.active), ("senior", false));
    assert_eq!(tx.staff(&ann.id).await.unwrap().unwrap(), stored);
    assert!(stored.created_at > ann.created_at);
    assert_eq!(tx.list_staff(None, 10).await.unwrap(), [stored]);
    assert!(tx.list_staff(Some(&ann.id), 10).await.unwrap().is_empty());
    tx.add_passkey(&ann.id, b"key-1", b"counter 0")
        .await
        .unwrap();
    assert!(tx.update_passkey(b"key-1", b"counter 1").await.unwrap());
    assert!(!tx.update_passkey(b"key-2", b"counter 1").await.unwrap());
    let key = tx.passkey(b"key-1").await.unwrap().unwrap();
    assert_eq!(
        (key.body.as_slice(), key.last_used_at.is_some()),
        (b"counter 1".as_slice(), true)
    );
    assert_eq!(tx.passkeys_of(&ann.id).await.unwrap(), [key]);
    assert!(tx.delete_passkey(b"key-1").await.unwrap());
    assert!(tx.passkey(b"key-1").await.unwrap().is_none());
    let refused = tx.add_staff(&ann).await;
    assert!(matches!(refused, Err(StoreError::Taken(Rule::UniqueKey))));
}

async fn a_message_is_handed_over_once(world: World) {
    let store = world.serve().await;
    let case = world.case_id();
    let message = NewMessage {
        code: "M-1",
        case_id: Some(&case),
        kind: "opened",
        channel: "mail",
        fingerprint: "f",
    };
    let mut tx = store.begin().await.unwrap();
    assert!(tx.put_message(&message).await.unwrap());
    assert!(!tx.put_message(&message).await.unwrap());
    assert!(
        tx.message_by_code("M-1")
            .await
            .unwrap()
            .unwrap()
            .handed_over_at
            .is_none()
    );
    assert!(tx.handed_over("M-1").await.unwrap());
    assert!(!tx.handed_over("M-1").await.unwrap());
    assert!(
        tx.message_by_code("M-1")
            .await
            .unwrap()
            .unwrap()
            .handed_over_at
            .is_some()
    );
    assert!(tx.message_by_code("M-2").await.unwrap().is_none());
    assert_eq!(tx.messages_of_case(&case).await.unwrap().len(), 1);
}

async fn a_bucket_refills_with_time(world: World) {
    let store = world.demo().await;
    let mut tx = store.begin().await.unwrap();
    for _ in 0..3 {
        assert_eq!(tx.take_token("b", 3, 60).await.unwrap(), Taken::Allowed);
    }
    let now = tx.now().await.unwrap();
    let wait = tx.take_token("b", 3, 60).await.unwrap();
    assert_eq!(wait, Taken::WaitUntil(now + Span::minutes(1)));
    assert_eq!(
        tx.take_token("c", 3, 60).await.unwrap(),
        Taken::Allowed,
        "another bucket"
    );
    tx.commit().await.unwrap();
    store.advance_demo_clock(Span::minutes(1)).await.unwrap();
    let mut tx = store.begin().await.unwrap();
    assert_eq!(tx.take_token("b", 3, 60).await.unwrap(), Taken::Allowed);
    assert!(matches!(
        tx.take_token("b", 3, 60).await.unwrap(),
        Taken::WaitUntil(_)
    ));
}

async fn acknowledgements_are_never_of_the_future_nor_go_back(world: World) {
    let store = world.serve().await;
    let acc = account("acc-1");
    let mut tx = store.begin().await.unwrap();
    assert!(tx.account(&acc).await.unwrap().is_none());
    assert_eq!(
        tx.add_locked(&acc, Span::hours(2)).await.unwrap(),
        Span::hours(2)
    );
    assert!(tx.pending_accounts(None, 10).await.unwrap().is_empty());
    assert_eq!(tx.set_restriction(&acc, b"frozen").await.unwrap(), 1);
    assert_eq!(tx.set_restriction(&acc, b"free").await.unwrap(), 2);
    assert!(!tx.pushed(&acc, 1).await.unwrap());
    assert!(tx.pushed(&acc, 2).await.unwrap());
    assert!(!tx.acknowledged(&acc, 3).await.unwrap(), "never made");
    assert!(tx.acknowledged(&acc, 1).await.unwrap());
    assert_eq!(tx.pending_accounts(None, 10).await.unwrap().len(), 1);
    assert!(tx.acknowledged(&acc, 2).await.unwrap());
    assert!(!tx.acknowledged(&acc, 1).await.unwrap(), "old news");
    assert!(tx.pending_accounts(None, 10).await.unwrap().is_empty());
    // The platform knows version 7: our backup was older.
    assert!(tx.raise_restriction(&acc, 7).await.unwrap());
    assert!(
        !tx.raise_restriction(&acc, 7).await.unwrap(),
        "above already"
    );
    assert_eq!(tx.account(&acc).await.unwrap().unwrap().version, 8);
    assert_eq!(tx.account(&acc).await.unwrap().unwrap().body, b"free");
    assert_eq!(tx.pending_accounts(None, 10).await.unwrap().len(), 1);
    assert_eq!(
        tx.add_locked(&acc, Span::hours(1)).await.unwrap(),
        Span::hours(3)
    );
    let stored = tx.lock_account(&acc).await.unwrap().unwrap();
    assert_eq!((stored.version, stored.acknowledged_version), (8, 2));
    assert_eq!(
        (stored.body.as_slice(), stored.pushed_at.is_some()),
        (b"free".as_slice(), false)
    );
}

async fn the_policy_in_force_is_the_latest_begun(world: World) {
    let store = world.serve().await;
    let mut tx = store.begin().await.unwrap();
    assert!(tx.active_policy().await.unwrap().is_none());
    let now = tx.now().await.unwrap();
    for (version, days) in [("1", -9), ("2", -1), ("3", 1)] {
        let body = version.as_bytes();
        let at = now + Span::days(days);
        tx.put_policy(version, &ContentDigest::of(body), body, at)
            .await
            .unwrap();
    }
    assert_eq!(tx.active_policy().await.unwrap().unwrap().version, "2");
    assert_eq!(
        tx.policy("1").await.unwrap().unwrap().digest,
        ContentDigest::of(b"1")
    );
    assert_eq!(tx.policies().await.unwrap().len(), 3);
    let again = tx
        .put_policy("2", &ContentDigest::of(b"x"), b"x", now)
        .await;
    assert!(matches!(again, Err(StoreError::Taken(Rule::UniqueKey))));
}

async fn one_proposal_waits_and_is_confirmed_once(world: World) {
    let store = world.serve().await;
    let people = [world.reviewer_id(), world.reviewer_id()];
    let mut tx = store.begin().await.unwrap();
    for (number, id) in (0_u8..).zip(&people) {
        let staff = Staff {
            id: id.clone(),
            name: "somebody".to_owned(),
            role: "senior".to_owned(),
            active: true,
            user_handle: vec![number; 16],
            created_at: Timestamp::default(),
        };
        tx.add_staff(&staff).await.unwrap();
    }
    let (one, two) = (ContentDigest::of(b"one"), ContentDigest::of(b"two"));
    assert_eq!(tx.open_proposal().await.unwrap(), None);
    tx.propose_policy("2", &one, b"one").await.unwrap();
    tx.commit().await.unwrap();

    let mut tx = store.begin().await.unwrap();
    let second = tx.propose_policy("3", &two, b"two").await;
    assert!(matches!(second, Err(StoreError::Taken(Rule::UniqueKey))));
    drop(tx);

    let mut tx = store.begin().await.unwrap();
    let waiting = tx.open_proposal().await.unwrap().unwrap();
    assert_eq!((waiting.version.as_str(), &waiting.digest), ("2", &one));
    assert_eq!(
        (waiting.body.as_slice(), &waiting.first_by),
        (&b"one"[..], &None)
    );
    let [first, other] = &people;
    assert!(tx.confirm_proposal(waiting.id, first, None).await.unwrap());
    assert!(!tx.confirm_proposal(waiting.id, other, None).await.unwrap());
    let confirmed = tx.open_proposal().await.unwrap().unwrap();
    assert_eq!(confirmed.first_by.as_ref(), Some(first));
    assert!(confirmed.first_at.is_some());
    let instead = tx.confirm_proposal(waiting.id, other, Some(first)).await;
    assert!(instead.unwrap());
    assert!(tx.end_proposal(waiting.id).await.unwrap());
    assert!(!tx.end_proposal(waiting.id).await.unwrap());
    assert!(
        !tx.confirm_proposal(waiting.id, first, Some(other))
            .await
            .unwrap()
    );
    assert_eq!(tx.open_proposal().await.unwrap(), None);
    tx.propose_policy("3", &two, b"two").await.unwrap();

    tx.log_policy("proposed", None, "2", &one).await.unwrap();
    tx.log_policy("confirmed", Some(first), "2", &one)
        .await
        .unwrap();
    let log = tx.policy_log().await.unwrap();
    let told: Vec<_> = log
        .iter()
        .map(|step| (step.what.as_str(), &step.staff_id))
        .collect();
    assert_eq!(
        told,
        [("confirmed", &Some(first.clone())), ("proposed", &None)]
    );
    tx.commit().await.unwrap();
}

async fn purging_takes_only_what_is_over(world: World) {
    let store = world.demo().await;
    let mut tx = store.begin().await.unwrap();
    let now = tx.now().await.unwrap();
    for (number, hours) in [(1_u8, 1), (2, 48)] {
        let (digest, expires_at) = (SecretDigest::of(&[number]), now + Span::hours(hours));
        let (kind, subject, purpose, case_id) = ("staff", "s", "veto", None);
        let data: &[u8] = b"";
        let session = NewSession {
            digest,
            kind,
            subject,
            case_id,
            expires_at,
            data,
        };
        tx.put_session(&session).await.unwrap();
        let secret = NewSecret {
            digest,
            purpose,
            case_id,
            subject,
            expires_at,
        };
        tx.put_secret(&secret).await.unwrap();
        tx.use_nonce(&format!("n-{number}"), expires_at)
            .await
            .unwrap();
    }
    tx.enqueue(&world.job("done", now)).await.unwrap();
    let done = tx.claim_jobs(None, 1, Span::minutes(1), "t").await.unwrap();
    assert!(tx.complete_job(&done[0].id, "t").await.unwrap());
    tx.enqueue(&world.job("undone", now)).await.unwrap();
    tx.commit().await.unwrap();
    store.advance_demo_clock(Span::hours(24)).await.unwrap();
    let mut tx = store.begin().await.unwrap();
    let purged = tx.purge(Span::hours(12)).await.unwrap();
    assert_eq!((purged.rows, purged.more), (4, false));
    assert!(tx.session(&SecretDigest::of(&[2])).await.unwrap().is_some());
    assert!(!tx.use_nonce("n-2", now).await.unwrap());
    assert_eq!(tx.queue_health().await.unwrap().due, 1);
}
