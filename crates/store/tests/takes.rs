//! What the calls about takes, deferred uploads and links to a phone promise, on both engines.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic
)]
#![allow(missing_docs, clippy::disallowed_methods)]

#[macro_use]
mod common;

use common::World;
use recovery::id::{CaseId, ContentDigest, PhoneLinkId, TakeId, UploadId};
use recovery::time::Span;
use store::{Advanced, LinkEnd, NewPhoneLink, NewTake, NewUpload, SecretDigest, Tx};

on_both_engines! {
    a_new_take_ends_the_open_one_of_its_kind
    a_take_is_used_once_and_by_its_own_upload
    takes_are_counted_over_a_day_and_then_forgotten
    a_deferred_upload_says_its_length_once
    a_link_opens_once_and_says_how_it_ended
}

const LIFE: Span = Span::minutes(10);

async fn take(tx: &mut Tx, world: &World, case: &CaseId, kind: &str) -> TakeId {
    let id = world.take_id();
    let expires_at = tx.now().await.unwrap() + LIFE;
    tx.create_take(&NewTake {
        id: &id,
        case_id: case,
        session: &SecretDigest::of(b"session"),
        kind,
        expires_at,
        sealed: b"sealed",
        progress: b"{}",
    })
    .await
    .unwrap();
    id
}

async fn a_new_take_ends_the_open_one_of_its_kind(world: World) {
    let store = world.demo().await;
    let case = world.case(&store, |_| {}).await.id;
    let mut tx = store.begin().await.unwrap();
    let first = take(&mut tx, &world, &case, "video").await;
    let photo = take(&mut tx, &world, &case, "id_front").await;
    let second = take(&mut tx, &world, &case, "video").await;
    tx.put_take_progress(&second, b"{\"a\":1}").await.unwrap();
    tx.put_take_sealed(&second, b"other").await.unwrap();
    tx.commit().await.unwrap();
    let mut reader = store.read().await.unwrap();
    let found = reader.take(&first).await.unwrap().unwrap();
    assert!(found.ended_at.is_some());
    assert_eq!((found.kind.as_str(), &found.case_id), ("video", &case));
    assert!(found.session == SecretDigest::of(b"session"));
    let open = reader.take(&second).await.unwrap().unwrap();
    assert_eq!(open.ended_at, None);
    assert_eq!(
        (&*open.progress, &*open.sealed),
        (&b"{\"a\":1}"[..], &b"other"[..])
    );
    assert_eq!(open.expires_at, open.created_at + LIFE);
    let photo = reader.take(&photo).await.unwrap().unwrap();
    assert_eq!(photo.ended_at, None, "another kind goes on");
    assert!(reader.take(&world.take_id()).await.unwrap().is_none());
}

async fn a_take_is_used_once_and_by_its_own_upload(world: World) {
    let store = world.demo().await;
    let case = world.case(&store, |_| {}).await.id;
    let (upload, other) = (world.upload_id(), world.upload_id());
    let evidence = world.evidence_id();
    let mut tx = store.begin().await.unwrap();
    let id = take(&mut tx, &world, &case, "video").await;
    assert!(!tx.use_take(&id, &upload, &evidence).await.unwrap());
    assert!(tx.bind_take(&id, &upload).await.unwrap());
    assert!(!tx.use_take(&id, &other, &evidence).await.unwrap());
    assert!(tx.use_take(&id, &upload, &evidence).await.unwrap());
    assert!(!tx.use_take(&id, &upload, &evidence).await.unwrap());
    assert!(!tx.bind_take(&id, &other).await.unwrap());
    let used = tx.lock_take(&id).await.unwrap().unwrap();
    assert_eq!(used.upload_id, Some(upload.clone()));
    assert_eq!(used.evidence_id, Some(evidence.clone()));
    let late = take(&mut tx, &world, &case, "id_back").await;
    assert!(tx.bind_take(&late, &upload).await.unwrap());
    tx.commit().await.unwrap();
    store.advance_demo_clock(LIFE).await.unwrap();
    let mut tx = store.begin().await.unwrap();
    assert!(!tx.use_take(&late, &upload, &evidence).await.unwrap());
}

async fn takes_are_counted_over_a_day_and_then_forgotten(world: World) {
    let store = world.demo().await;
    let case = world.case(&store, |_| {}).await.id;
    let mut tx = store.begin().await.unwrap();
    let begin = tx.now().await.unwrap();
    let first = take(&mut tx, &world, &case, "video").await;
    take(&mut tx, &world, &case, "note_photo").await;
    tx.commit().await.unwrap();
    store.advance_demo_clock(Span::hours(12)).await.unwrap();
    let mut tx = store.begin().await.unwrap();
    let later = take(&mut tx, &world, &case, "video").await;
    let (many, oldest) = tx
        .takes_since(&case, "video", begin - Span::hours(1))
        .await
        .unwrap();
    assert_eq!((many, oldest), (2, Some(begin)));
    let none = tx.takes_since(&case, "id_front", begin).await.unwrap();
    assert_eq!(none, (0, None));
    tx.commit().await.unwrap();
    store.advance_demo_clock(Span::hours(12)).await.unwrap();
    let mut tx = store.begin().await.unwrap();
    let purged = tx.purge(Span::hours(1)).await.unwrap();
    assert_eq!((purged.rows, purged.more), (2, false));
    assert!(tx.take(&first).await.unwrap().is_none());
    assert!(tx.take(&later).await.unwrap().is_some());
    assert_eq!(tx.delete_takes(&case).await.unwrap(), 1);
}

async fn deferred(tx: &mut Tx, world: &World, case: &CaseId, take: &TakeId) -> UploadId {
    let id = world.upload_id();
    let expires_at = tx.now().await.unwrap() + LIFE;
    tx.create_upload(&NewUpload {
        id: &id,
        case_id: case,
        kind: "video",
        slot: "",
        length: 100,
        declared_type: None,
        declared_digest: None,
        capture: None,
        expires_at,
        take_id: Some(take),
        deferred: true,
    })
    .await
    .unwrap();
    id
}

async fn a_deferred_upload_says_its_length_once(world: World) {
    let store = world.demo().await;
    let case = world.case(&store, |_| {}).await.id;
    let (digest, evidence) = (ContentDigest::of(b"x"), world.evidence_id());
    let mut tx = store.begin().await.unwrap();
    let take = take(&mut tx, &world, &case, "video").await;
    let id = deferred(&mut tx, &world, &case, &take).await;
    let to = tx.advance_upload(&id, 0, 60).await.unwrap();
    assert_eq!(to, Advanced::To(60));
    assert!(
        !tx.settle_upload(&id, 59, &digest).await.unwrap(),
        "shorter"
    );
    assert!(
        !tx.settle_upload(&id, 101, &digest).await.unwrap(),
        "longer"
    );
    assert!(!tx.finish_upload(&id, &evidence).await.unwrap());
    assert!(tx.settle_upload(&id, 60, &digest).await.unwrap());
    assert!(!tx.settle_upload(&id, 61, &digest).await.unwrap(), "twice");
    let stored = tx.upload(&id).await.unwrap().unwrap();
    assert_eq!((stored.length, stored.deferred), (60, false));
    assert_eq!(stored.take_id, Some(take.clone()));
    assert_eq!(stored.declared_digest, Some(digest));
    assert!(tx.finish_upload(&id, &evidence).await.unwrap());
    let full = deferred(&mut tx, &world, &case, &take).await;
    tx.advance_upload(&full, 0, 100).await.unwrap();
    let unsaid = tx.finish_upload(&full, &evidence).await.unwrap();
    assert!(
        !unsaid,
        "as long as it may be is not a length that was said"
    );
}

async fn link(tx: &mut Tx, world: &World, case: &CaseId, secret: &[u8]) -> PhoneLinkId {
    let id = world.phone_link_id();
    let expires_at = tx.now().await.unwrap() + LIFE;
    tx.create_phone_link(&NewPhoneLink {
        id: &id,
        case_id: case,
        digest: &SecretDigest::of(secret),
        code_digest: &SecretDigest::of(&[secret, b" typed"].concat()),
        word: 7,
        about: "Firefox",
        expires_at,
    })
    .await
    .unwrap();
    id
}

async fn a_link_opens_once_and_says_how_it_ended(world: World) {
    let store = world.demo().await;
    let case = world.case(&store, |_| {}).await.id;
    let mut tx = store.begin().await.unwrap();
    assert!(tx.newest_phone_link(&case).await.unwrap().is_none());
    let first = link(&mut tx, &world, &case, b"one").await;
    let second = link(&mut tx, &world, &case, b"two").await;
    let of = |secret: &[u8]| SecretDigest::of(secret);
    let old = tx.phone_link(&of(b"one")).await.unwrap().unwrap();
    assert_eq!(old.id, first);
    assert_eq!(
        old.ended_how.as_deref().and_then(LinkEnd::named),
        Some(LinkEnd::Replaced)
    );
    for digest in [of(b"two"), of(b"two typed")] {
        let found = tx.phone_link(&digest).await.unwrap().unwrap();
        assert_eq!(
            (found.id, found.word, found.ended_at),
            (second.clone(), 7, None)
        );
    }
    assert!(!tx.asked_phone_link(&first).await.unwrap());
    assert!(tx.asked_phone_link(&second).await.unwrap());
    assert!(tx.end_phone_link(&second, LinkEnd::Used).await.unwrap());
    assert!(!tx.end_phone_link(&second, LinkEnd::Used).await.unwrap());
    assert!(!tx.asked_phone_link(&second).await.unwrap());
    let third = link(&mut tx, &world, &case, b"three").await;
    assert_eq!(
        tx.newest_phone_link(&case).await.unwrap().unwrap().id,
        third
    );
    let used = tx.phone_link(&of(b"two")).await.unwrap().unwrap();
    assert_eq!(used.ended_how.as_deref(), Some("used"), "not overwritten");
    tx.commit().await.unwrap();
    store.advance_demo_clock(LIFE).await.unwrap();
    let mut tx = store.begin().await.unwrap();
    assert!(!tx.end_phone_link(&third, LinkEnd::Used).await.unwrap());
    assert_eq!(tx.delete_phone_links(&case).await.unwrap(), 3);
}
