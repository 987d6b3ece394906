//! What the table of faces promises, on both engines.

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
use recovery::id::CaseId;
use store::Store;

on_both_engines! {
    a_case_has_one_face_and_a_new_one_is_a_new_row
    faces_are_listed_by_model_and_go_with_their_case
    a_gallery_that_is_turned_off_is_emptied
    a_face_needs_its_case
}

async fn put(store: &Store, case: &CaseId, model: &str, sealed: &[u8]) {
    let mut tx = store.begin().await.unwrap();
    tx.put_face(case, model, sealed).await.unwrap();
    tx.commit().await.unwrap();
}

async fn a_case_has_one_face_and_a_new_one_is_a_new_row(world: World) {
    let store = world.demo().await;
    let case = world.case(&store, |_| {}).await.id;
    put(&store, &case, "m", b"first").await;
    let first = store.read().await.unwrap().gallery("m", 10).await.unwrap();
    put(&store, &case, "m", b"second").await;
    let mut reader = store.read().await.unwrap();
    let second = reader.gallery("m", 10).await.unwrap();
    assert_eq!((first.len(), second.len()), (1, 1));
    assert!(
        second[0].id > first[0].id,
        "memory must see that it changed"
    );
    assert_eq!(reader.gallery_face(first[0].id).await.unwrap(), None);
    let sealed = reader.gallery_face(second[0].id).await.unwrap();
    assert_eq!(sealed.as_deref(), Some(&b"second"[..]));
    assert_eq!(second[0].case_id, case);
}

async fn faces_are_listed_by_model_and_go_with_their_case(world: World) {
    let store = world.demo().await;
    let one = world.case(&store, |_| {}).await.id;
    let other = world.case(&store, |_| {}).await.id;
    let older = world.case(&store, |_| {}).await.id;
    put(&store, &one, "m", b"1").await;
    put(&store, &other, "m", b"2").await;
    put(&store, &older, "before", b"3").await;
    let mut tx = store.begin().await.unwrap();
    assert_eq!(tx.gallery("m", 10).await.unwrap().len(), 2);
    assert_eq!(tx.gallery("m", 1).await.unwrap()[0].case_id, one);
    assert_eq!(tx.gallery_size().await.unwrap(), 3);
    assert!(tx.delete_face(&one).await.unwrap());
    assert!(!tx.delete_face(&one).await.unwrap());
    let left = tx.gallery("m", 10).await.unwrap();
    assert_eq!((left.len(), &left[0].case_id), (1, &other));
    tx.commit().await.unwrap();
}

async fn a_gallery_that_is_turned_off_is_emptied(world: World) {
    let store = world.demo().await;
    for model in ["m", "n"] {
        let case = world.case(&store, |_| {}).await.id;
        put(&store, &case, model, b"1").await;
    }
    let mut tx = store.begin().await.unwrap();
    assert_eq!(tx.empty_gallery().await.unwrap(), 2);
    assert_eq!(tx.gallery_size().await.unwrap(), 0);
    tx.commit().await.unwrap();
}

async fn a_face_needs_its_case(world: World) {
    let store = world.demo().await;
    let mut tx = store.begin().await.unwrap();
    tx.put_face(&world.case_id(), "m", b"1").await.unwrap();
    assert!(tx.commit().await.is_err());
}
