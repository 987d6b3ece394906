//! What the index of prints and copies promises, on both engines.

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
use recovery::id::{BlindIndex, CaseId, EvidenceId};
use recovery::time::Span;
use store::{NewCopy, NewPrint, Store};

on_both_engines! {
    prints_are_read_in_order_and_kept_once
    prints_go_with_their_case
    a_writer_of_prints_waits_for_another
    copies_outlive_prints_until_they_are_old
}

fn evidence(last: char) -> EvidenceId {
    format!("ev_01J00000000000000000000{last}00")
        .parse()
        .unwrap()
}

async fn put(store: &Store, case: &CaseId, evidence: &EvidenceId, part: &str, first: u8) {
    let prints: Vec<NewPrint<'_>> = (0..3)
        .map(|place| NewPrint {
            case_id: case,
            evidence_id: evidence,
            kind: "video",
            part,
            place,
            bits: [first + place as u8; 64],
        })
        .collect();
    let mut tx = store.begin().await.unwrap();
    tx.put_prints(&prints).await.unwrap();
    tx.commit().await.unwrap();
}

async fn prints_are_read_in_order_and_kept_once(world: World) {
    let store = world.demo().await;
    let case = world.case(&store, |_| {}).await.id;
    for _ in 0..2 {
        put(&store, &case, &evidence('A'), "frame", 1).await;
    }
    let mut reader = store.read().await.unwrap();
    let all = reader.prints_after(0).await.unwrap();
    assert_eq!(all.len(), 3);
    let firsts: Vec<u8> = all.iter().map(|print| print.bits[0]).collect();
    assert_eq!(firsts, [1, 2, 3]);
    let rest = reader.prints_after(all[1].id).await.unwrap();
    assert_eq!(rest.len(), 1);
    let whole = reader.print(rest[0].id).await.unwrap().unwrap();
    assert_eq!((whole.case_id, whole.place), (case, 2));
    assert_eq!(
        (whole.kind.as_str(), whole.part.as_str()),
        ("video", "frame")
    );
}

async fn prints_go_with_their_case(world: World) {
    let store = world.demo().await;
    let one = world.case(&store, |_| {}).await.id;
    let other = world.case(&store, |_| {}).await.id;
    put(&store, &one, &evidence('A'), "frame", 1).await;
    put(&store, &one, &evidence('A'), "face", 4).await;
    put(&store, &other, &evidence('B'), "face", 7).await;
    let mut tx = store.begin().await.unwrap();
    assert_eq!(tx.delete_prints(&one).await.unwrap(), 6);
    let last = tx.prints_after(0).await.unwrap();
    assert_eq!(last.len(), 3);
    tx.commit().await.unwrap();
    // A number is never given again, so whoever read on from here misses nothing.
    put(&store, &one, &evidence('C'), "face", 1).await;
    let mut reader = store.read().await.unwrap();
    assert_eq!(reader.prints_after(last[2].id).await.unwrap().len(), 3);
}

async fn a_writer_of_prints_waits_for_another(world: World) {
    let store = world.demo().await;
    let case = world.case(&store, |_| {}).await.id;
    let first = evidence('A');
    let second = evidence('B');
    let print = |evidence| NewPrint {
        case_id: &case,
        evidence_id: evidence,
        kind: "note_photo",
        part: "whole",
        place: 0,
        bits: [9; 64],
    };
    let mut slow = store.begin().await.unwrap();
    slow.put_prints(&[print(&first)]).await.unwrap();
    let fast = async {
        let mut tx = store.begin().await.unwrap();
        tx.put_prints(&[print(&second)]).await.unwrap();
        tx.commit().await.unwrap();
    };
    let mut fast = std::pin::pin!(fast);
    let early = tokio::time::timeout(std::time::Duration::from_millis(200), &mut fast).await;
    assert!(
        early.is_err(),
        "a higher number would be visible before a lower one"
    );
    slow.commit().await.unwrap();
    fast.await;
    let all = store.read().await.unwrap().prints_after(0).await.unwrap();
    assert_eq!(all.len(), 2);
}

async fn copies_outlive_prints_until_they_are_old(world: World) {
    let store = world.demo().await;
    let case = world.case(&store, |_| {}).await.id;
    put(&store, &case, &evidence('A'), "whole", 1).await;
    let digest = BlindIndex("ab".repeat(32));
    let id = evidence('A');
    let copy = NewCopy {
        evidence_id: &id,
        what: "file",
        case_id: &case,
        kind: "id_front",
        digest: &digest,
    };
    let mut tx = store.begin().await.unwrap();
    tx.put_copy(&copy).await.unwrap();
    tx.put_copy(&copy).await.unwrap();
    tx.delete_prints(&case).await.unwrap();
    tx.commit().await.unwrap();
    let mut tx = store.begin().await.unwrap();
    let found = tx.copies("file", &digest, 10).await.unwrap();
    assert_eq!(found.len(), 1);
    assert_eq!((&found[0].case_id, &found[0].evidence_id), (&case, &id));
    assert!(tx.copies("pixels", &digest, 10).await.unwrap().is_empty());
    assert_eq!(tx.purge_copies(Span::days(1)).await.unwrap(), 0);
    drop(tx);
    store.advance_demo_clock(Span::days(2)).await.unwrap();
    let mut tx = store.begin().await.unwrap();
    assert_eq!(tx.purge_copies(Span::days(1)).await.unwrap(), 1);
    assert!(tx.copies("file", &digest, 10).await.unwrap().is_empty());
}
