//! What was committed survives the death of the process, and what was not leaves nothing.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic
)]
#![allow(missing_docs, clippy::disallowed_methods, clippy::print_stderr)]

#[macro_use]
mod common;

use std::process::Command;

use common::{World, event};
use recovery::id::CaseId;
use store::{Mode, Settings, Store};

on_both_engines! {
    death_before_an_append_leaves_nothing
    death_after_a_commit_keeps_everything
    the_second_hit_can_be_chosen
}

/// Runs this test binary again as the process that dies; gives whether it died.
async fn dies_at(failpoint: &str, world: &World, case: &CaseId) -> bool {
    let mut child = Command::new(std::env::current_exe().unwrap());
    child
        .args(["--exact", "two_appends_are_kept_by_a_process_that_lives"])
        .env("REGAIN_FAILPOINT", failpoint)
        .env("CRASH_URL", &world.url)
        .env("CRASH_CASE", case.as_str());
    let output = tokio::task::spawn_blocking(move || child.output().unwrap())
        .await
        .unwrap();
    std::os::unix::process::ExitStatusExt::signal(&output.status).is_some()
}

/// The process that the other tests kill; left alone, it keeps both appends.
#[tokio::test]
async fn two_appends_are_kept_by_a_process_that_lives() {
    let folder = tempfile::tempdir().unwrap();
    let url = std::env::var("CRASH_URL")
        .unwrap_or_else(|_| format!("sqlite:{}", folder.path().join("db").display()));
    let case = std::env::var("CRASH_CASE")
        .unwrap_or_else(|_| "case_01J00000000000000000000000".to_owned());
    let store = Store::open(&Settings {
        url,
        mode: Mode::Serve,
    })
    .await
    .unwrap();
    store.migrate().await.unwrap();
    let case: CaseId = case.parse().unwrap();
    for version in 0..2 {
        let mut row = common_row(&case);
        row.version = version;
        let mut tx = store.begin().await.unwrap();
        let now = tx.now().await.unwrap();
        tx.append(&case, version, now, &[event("step")], &row)
            .await
            .unwrap();
        tx.commit().await.unwrap();
    }
    let loaded = store.read().await.unwrap().load(&case).await.unwrap();
    assert_eq!(loaded.unwrap().version, 2);
}

fn common_row(case: &CaseId) -> store::CaseRow {
    let now = recovery::time::Timestamp::from_millis(1);
    store::CaseRow {
        id: case.clone(),
        code: "RG-0000-0000".parse().unwrap(),
        version: 0,
        state: "gathering".to_owned(),
        wanted: None,
        priority: 0,
        account_ref: None,
        contact_index: None,
        opened_at: now,
        changed_at: now,
        due_at: None,
        holds_approval: false,
        phase1_passed: false,
        open: true,
        policy_version: "1".to_owned(),
        phantom: false,
    }
}

async fn events_after(failpoint: &str, world: World) -> u64 {
    let store = world.serve().await;
    let case = world.case_id();
    assert!(
        dies_at(failpoint, &world, &case).await,
        "the process was not killed"
    );
    let loaded = store.read().await.unwrap().load(&case).await.unwrap();
    loaded.map_or(0, |loaded| loaded.version)
}

async fn death_before_an_append_leaves_nothing(world: World) {
    assert_eq!(events_after("append.before", world).await, 0);
}

async fn death_after_a_commit_keeps_everything(world: World) {
    assert_eq!(events_after("append.after", world).await, 1);
}

async fn the_second_hit_can_be_chosen(world: World) {
    assert_eq!(events_after("append.before:2", world).await, 1);
}
