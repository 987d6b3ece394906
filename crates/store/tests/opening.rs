//! Opening, migrating, the clock, and which mode may open which database.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic
)]
#![allow(missing_docs, clippy::disallowed_methods)]

#[macro_use]
mod common;

use common::{World, event};
use recovery::time::{Span, Timestamp};
use store::{Mode, SCHEMA_VERSION, Settings, Store, StoreError};

on_both_engines! {
    every_statement_is_accepted
    migrating_twice_changes_nothing
    nodes_may_migrate_at_once
    a_newer_schema_is_refused
    serve_refuses_a_demo_database
    demo_refuses_a_served_database_with_cases
    demo_takes_over_a_database_without_cases
    the_demo_clock_goes_forward_only
    serve_cannot_reach_the_demo_clock
    time_is_the_databases
    a_reader_cannot_write
    a_dropped_transaction_leaves_nothing
}

async fn every_statement_is_accepted(world: World) {
    let store = world.serve().await;
    let count = store
        .read()
        .await
        .unwrap()
        .check_statements()
        .await
        .unwrap();
    assert!(count > 80, "the registry has only {count} statements");
}

async fn migrating_twice_changes_nothing(world: World) {
    let store = world.serve().await;
    let case = world.case(&store, |_| {}).await;
    store.migrate().await.unwrap();
    let mut reader = store.read().await.unwrap();
    assert_eq!(reader.schema_version().await.unwrap(), SCHEMA_VERSION);
    assert_eq!(reader.case_row(&case.id).await.unwrap().unwrap(), case);
}

async fn nodes_may_migrate_at_once(world: World) {
    let mut nodes = Vec::new();
    for _ in 0..4 {
        nodes.push(world.open(Mode::Serve).await.unwrap());
    }
    let tasks: Vec<_> = nodes
        .iter()
        .cloned()
        .map(|node| tokio::spawn(async move { node.migrate().await }))
        .collect();
    for task in tasks {
        task.await.unwrap().unwrap();
    }
    assert_eq!(
        nodes[0]
            .read()
            .await
            .unwrap()
            .schema_version()
            .await
            .unwrap(),
        SCHEMA_VERSION
    );
}

async fn a_newer_schema_is_refused(world: World) {
    let store = world.serve().await;
    store.close().await;
    let newer = "INSERT INTO schema_versions (version, applied_at) VALUES (99, 0)";
    if world.url.starts_with("sqlite") {
        let pool = sqlx::SqlitePool::connect(&world.url).await.unwrap();
        sqlx::query(newer).execute(&pool).await.unwrap();
        pool.close().await;
    } else {
        let pool = sqlx::PgPool::connect(&world.url).await.unwrap();
        sqlx::query(newer).execute(&pool).await.unwrap();
        pool.close().await;
    }
    let refused = world.open(Mode::Serve).await.map(|_| ()).unwrap_err();
    assert!(
        matches!(
            refused,
            StoreError::NewerSchema {
                found: 99,
                known: SCHEMA_VERSION
            }
        ),
        "{refused}"
    );
}

async fn serve_refuses_a_demo_database(world: World) {
    world.demo().await.close().await;
    let refused = world.open(Mode::Serve).await.map(|_| ()).unwrap_err();
    assert!(matches!(refused, StoreError::DemoDatabase));
    assert!(refused.to_string().contains("marked as demo"));
    world.open(Mode::Demo).await.unwrap();
}

async fn demo_refuses_a_served_database_with_cases(world: World) {
    let store = world.serve().await;
    world.case(&store, |_| {}).await;
    let refused = world.open(Mode::Demo).await.map(|_| ()).unwrap_err();
    assert!(matches!(refused, StoreError::NotDemoDatabase));
    world.open(Mode::Serve).await.unwrap();
}

async fn demo_takes_over_a_database_without_cases(world: World) {
    world.serve().await.close().await;
    world
        .demo()
        .await
        .advance_demo_clock(Span::hours(1))
        .await
        .unwrap();
    assert!(matches!(
        world.open(Mode::Serve).await,
        Err(StoreError::DemoDatabase)
    ));
}

async fn the_demo_clock_goes_forward_only(world: World) {
    let store = world.demo().await;
    let before = store.now().await.unwrap();
    store.advance_demo_clock(Span::hours(72)).await.unwrap();
    let after = store.now().await.unwrap();
    assert!(after >= before + Span::hours(72) && after < before + Span::hours(73));
    let back = store.advance_demo_clock(Span::millis(-1)).await;
    assert!(matches!(back, Err(StoreError::Invalid(_))));
    // Another process on the same database sees the same time, and so does a later one.
    let other = world.open(Mode::Demo).await.unwrap();
    assert!(other.now().await.unwrap() >= after);
    let mut tx = store.begin().await.unwrap();
    let first = tx.now().await.unwrap();
    assert_eq!(
        tx.now().await.unwrap(),
        first,
        "a transaction has one moment"
    );
    tx.advance_demo_clock(Span::hours(1)).await.unwrap();
    assert!(tx.now().await.unwrap() >= first + Span::hours(1));
}

async fn serve_cannot_reach_the_demo_clock(world: World) {
    let store = world.serve().await;
    let refused = store.advance_demo_clock(Span::hours(1)).await;
    assert!(matches!(refused, Err(StoreError::NotDemoDatabase)));
}

async fn time_is_the_databases(world: World) {
    let store = world.serve().await;
    let here = std::time::SystemTime::now()
        .duration_since(std::time::UNIX_EPOCH)
        .unwrap();
    let here = Timestamp::from_millis(i64::try_from(here.as_millis()).unwrap());
    let mut last = store.now().await.unwrap();
    assert!(
        last.since(here).as_millis().abs() < 60_000,
        "{last:?} is not near {here:?}"
    );
    for _ in 0..50 {
        let next = store.now().await.unwrap();
        assert!(next >= last);
        last = next;
    }
}

async fn a_reader_cannot_write(world: World) {
    let store = world.serve().await;
    let write = "INSERT INTO meta (name, value) VALUES ('a', 'b')";
    drop(store);
    // The same options as the store's own reading pool; the store has no call that could try.
    let refused = if world.url.starts_with("sqlite") {
        let options: sqlx::sqlite::SqliteConnectOptions = world.url.parse().unwrap();
        let pool = sqlx::SqlitePool::connect_with(options.read_only(true))
            .await
            .unwrap();
        sqlx::query(write).execute(&pool).await.map(|_| ())
    } else {
        let options: sqlx::postgres::PgConnectOptions = world.url.parse().unwrap();
        let options = options.options([("default_transaction_read_only", "on")]);
        let pool = sqlx::PgPool::connect_with(options).await.unwrap();
        sqlx::query(write).execute(&pool).await.map(|_| ())
    };
    assert!(refused.unwrap_err().to_string().contains("read"));
}

async fn a_dropped_transaction_leaves_nothing(world: World) {
    let store = world.serve().await;
    let row = world.row();
    for commit in [false, false, true] {
        let mut tx = store.begin().await.unwrap();
        assert!(tx.load(&row.id).await.unwrap().is_none());
        let now = tx.now().await.unwrap();
        tx.append(&row.id, 0, now, &[event("opened")], &row)
            .await
            .unwrap();
        assert!(
            store
                .read()
                .await
                .unwrap()
                .load(&row.id)
                .await
                .unwrap()
                .is_none()
        );
        if commit {
            tx.commit().await.unwrap();
        }
    }
    assert!(
        store
            .read()
            .await
            .unwrap()
            .load(&row.id)
            .await
            .unwrap()
            .is_some()
    );
}

#[tokio::test]
async fn other_addresses_are_refused() {
    for url in [
        "mysql://x",
        "regain.db",
        "sqlite::memory:",
        "sqlite:file?mode=memory",
        "",
    ] {
        let settings = Settings {
            url: url.to_owned(),
            mode: Mode::Serve,
        };
        let refused = Store::open(&settings).await.map(|_| ());
        assert!(matches!(refused, Err(StoreError::Address)), "{url}");
    }
}

#[cfg(unix)]
#[tokio::test]
async fn a_new_database_file_is_its_owners_only() {
    use std::os::unix::fs::PermissionsExt as _;

    let folder = tempfile::tempdir().unwrap();
    let url = format!("sqlite:{}", folder.path().join("regain.db").display());
    let mode = Mode::Serve;
    let store = Store::open(&Settings { url, mode }).await.unwrap();
    store.migrate().await.unwrap();
    let mut files = 0;
    for entry in std::fs::read_dir(folder.path()).unwrap() {
        let entry = entry.unwrap();
        let bits = entry.metadata().unwrap().permissions().mode() & 0o777;
        assert_eq!(bits, 0o600, "{:?}", entry.file_name());
        files += 1;
    }
    assert_eq!(files, 3, "the database, its log and its shared memory");
}
