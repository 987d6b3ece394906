//! The conformance suite: the exchange passes every row, and each fault fails its own.

use std::time::Duration;

use exchange::Fault;
use platform::conformance::{Left, Options, Outcome, Report, Suite};
use platform::{SharedKey, SharedKeys, Timeouts};

use crate::world::{PASSWORD, SECRET, World, keys};

fn suite(world: &World, keys: SharedKeys, total: Duration) -> Suite {
    let options = Options {
        identifier: "ann@old.example".to_owned(),
        spend: true,
        timeouts: Timeouts {
            total,
            ..Timeouts::default()
        },
        pause: Duration::ZERO,
    };
    Suite::new(&world.base, keys, world.clock(), options).unwrap()
}

fn patient(world: &World) -> Suite {
    suite(world, keys(7), Timeouts::default().total)
}

fn failed(report: &Report) -> Vec<String> {
    let failed = report.rows.iter().filter(|row| row.failed());
    failed.map(|row| row.id.clone()).collect()
}

fn skipped(report: &Report) -> Vec<String> {
    let skipped = report.rows.iter();
    let skipped = skipped.filter(|row| matches!(row.outcome, Outcome::Skipped { .. }));
    skipped.map(|row| row.id.clone()).collect()
}

/// An account with something of every class.
async fn lived_in(fault: Option<Fault>) -> World {
    let world = World::with_fault(None, None).await;
    let _browser = world.signed_in("ann", PASSWORD, SECRET).await;
    // Things are known before now, not at this very millisecond.
    world.advance(platform::Span::minutes(1));
    world.faults.set(fault);
    world
}

#[tokio::test]
async fn the_exchange_passes_every_row_and_is_left_as_it_was() {
    let world = lived_in(None).await;
    let report = patient(&world).run(&|_| ()).await;
    assert_eq!(failed(&report), Vec::<String>::new(), "{report:#?}");
    assert_eq!(skipped(&report), Vec::<String>::new(), "{report:#?}");
    let (passed, _, _) = report.counts();
    assert_eq!(passed, report.rows.len());
    let mut ids: Vec<&str> = report.rows.iter().map(|row| row.id.as_str()).collect();
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), report.rows.len(), "a row's name is its own");
    let in_force = world.client.restrictions(&world.ann).await.unwrap();
    assert!(in_force.allows("withdraw"));
}

#[tokio::test]
async fn twice_in_a_row_passes_where_nothing_is_spent() {
    let world = lived_in(None).await;
    let careful = |world: &World| {
        let options = Options {
            identifier: "ann@old.example".to_owned(),
            spend: false,
            timeouts: Timeouts::default(),
            pause: Duration::ZERO,
        };
        Suite::new(&world.base, keys(7), world.clock(), options).unwrap()
    };
    let first = careful(&world).run(&|_| ()).await;
    assert_eq!(failed(&first), Vec::<String>::new(), "{first:#?}");
    let again = careful(&world).run(&|_| ()).await;
    assert_eq!(failed(&again), Vec::<String>::new(), "{again:#?}");
    assert!(
        skipped(&again)
            .iter()
            .all(|id| id.starts_with("destroyed."))
    );
    let (status, _) = world
        .sign_in(&world.browser(), "ann", PASSWORD, SECRET)
        .await;
    assert_eq!(status, 200, "the old factors work");
}

/// Rows that each fault fails; a name that ends with a point stands for its group.
fn expected(fault: Fault) -> &'static [&'static str] {
    match fault {
        Fault::Hangs
        | Fault::Slow
        | Fault::Redirects
        | Fault::Answers1Gb
        | Fault::Answers500
        | Fault::DropsAnswers => &["reach.answer"],
        Fault::AnswersRubbish | Fault::AnswersUnsigned => &["reach.signed"],
        Fault::SignsRubbish => &["reach.form"],
        Fault::RefusesUnsigned => &["reach.refusals_signed"],
        Fault::IgnoresSignature => &[
            "signing.no_headers",
            "signing.wrong_secret",
            "signing.unknown_key",
            "signing.changed_body",
            "signing.changed_path",
        ],
        Fault::IgnoresTime => &["signing.stale_time"],
        Fault::IgnoresNonce => &["signing.repeated_nonce"],
        Fault::ReadsEverything => &["forms.too_large"],
        Fault::TakesUnknownFields => &["forms.unknown_field"],
        Fault::WrongCapabilities => &["capabilities.version", "capabilities.actions"],
        Fault::ResolvesWith404 => &["resolve.unknown"],
        Fault::WrongPortrait => &["dossier.portrait"],
        Fault::TellsWholeCards => &["dossier.lists"],
        Fault::AcknowledgesRestrictions => &["restrictions.read_back"],
        Fault::AcknowledgesSecuring => &["securing."],
        Fault::AcknowledgesWithoutDoing => &["restrictions.read_back", "securing."],
        Fault::TakesOlderVersion => &["restrictions.older_version"],
        Fault::TakesSameVersion => &["restrictions.same_version"],
        Fault::LosesRaces => &["restrictions.racing"],
        // Seen after a restart only.
        Fault::UnfreezesOnRestart => &[],
        Fault::LetsC2cThrough => &["guard.c2c_sell", "guard.frozen"],
        Fault::IgnoresLimits => &["guard.thaw"],
        Fault::LetsApiKeysThrough => &["doors.api_keys.restricted"],
        Fault::ForgetsApiKeys => &["securing.api_keys"],
        Fault::RemembersCommands => &["doors."],
        Fault::ForgetsIdempotency => &[
            "notices.key_reused",
            "credentials.key_reused",
            "securing.late_repeat",
            "securing.key_reused",
        ],
        Fault::SameKeyOtherBody => &[
            "notices.key_reused",
            "credentials.key_reused",
            "securing.key_reused",
        ],
        Fault::ActivatesBeforeSuspend => &["credentials.not_active", "credentials.read_staged"],
        Fault::ForgetsStaged => &["credentials.read_staged"],
        Fault::KeepsStaged => &["credentials.keep"],
        Fault::TakesEarlierHandover => &["credentials.earlier_handover"],
        Fault::SuspendsUnstaged => &["factors.nothing_staged", "factors.dropped"],
        Fault::DestroysUnsuspended => &["securing.unsuspended", "factors.unsuspended"],
        Fault::RestoresOtherCase => &["securing.other_case"],
        Fault::RevivesDestroyed => &["destroyed."],
        Fault::ForgetsNoticeChannels => &["notices.channels"],
        Fault::TellsLaterChannels => &["notices.known_before"],
    }
}

async fn fails_its_rows(fault: Fault) {
    let world = lived_in(Some(fault)).await;
    let suite = match fault {
        Fault::Hangs | Fault::Slow => suite(&world, keys(7), Duration::from_millis(500)),
        _ => patient(&world),
    };
    let report = suite.run(&|_| ()).await;
    let (name, failed, wanted) = (fault.name(), failed(&report), expected(fault));
    let covers =
        |wanted: &str, id: &str| id == wanted || (wanted.ends_with('.') && id.starts_with(wanted));
    for id in &failed {
        let meant = wanted.iter().any(|wanted| covers(wanted, id));
        assert!(
            meant,
            "{name} fails {id}, which is not its row: {report:#?}"
        );
    }
    for wanted in wanted {
        let seen = failed.iter().any(|id| covers(wanted, id));
        assert!(seen, "{name} must fail {wanted}: {report:#?}");
    }
}

/// The faults in four parts, so that they run side by side.
async fn part(part: usize) {
    let faults = Fault::ALL.iter().skip(part).step_by(4);
    for fault in faults {
        fails_its_rows(*fault).await;
    }
}

#[tokio::test]
async fn each_fault_fails_its_rows_and_no_other_first_part() {
    part(0).await;
}

#[tokio::test]
async fn each_fault_fails_its_rows_and_no_other_second_part() {
    part(1).await;
}

#[tokio::test]
async fn each_fault_fails_its_rows_and_no_other_third_part() {
    part(2).await;
}

#[tokio::test]
async fn each_fault_fails_its_rows_and_no_other_fourth_part() {
    part(3).await;
}

/// A run, a restart in the same folder, and the run after it.
async fn over_a_restart(fault: Option<Fault>) -> (Report, Report) {
    let folder = tempfile::tempdir().unwrap();
    let file = Some(folder.path().join("exchange.sqlite"));
    let world = World::with_database(file.clone()).await;
    let _browser = world.signed_in("ann", PASSWORD, SECRET).await;
    world.advance(platform::Span::minutes(1));
    let (before, left) = patient(&world).run_before_restart(&|_| ()).await;
    // As it is kept in a file meanwhile.
    let kept = serde_json::to_string(&left.expect("something is left")).unwrap();
    let left: Left = serde_json::from_str(&kept).unwrap();
    drop(world);
    let world = World::with_fault(file, fault).await;
    let after = patient(&world).run_after_restart(&left, &|_| ()).await;
    (before, after)
}

#[tokio::test]
async fn a_restart_changes_nothing() {
    let (before, after) = over_a_restart(None).await;
    assert_eq!(failed(&before), Vec::<String>::new(), "{before:#?}");
    assert_eq!(failed(&after), Vec::<String>::new(), "{after:#?}");
    assert_eq!(skipped(&after), Vec::<String>::new(), "{after:#?}");
}

#[tokio::test]
async fn who_unfreezes_on_restart_is_found_out_after_it() {
    let (_, after) = over_a_restart(Some(Fault::UnfreezesOnRestart)).await;
    assert_eq!(failed(&after), ["restart.restriction"], "{after:#?}");
}

#[tokio::test]
async fn a_wrong_key_is_said_in_one_row() {
    let world = lived_in(None).await;
    let stranger = SharedKeys::new(SharedKey::new("k1", vec![9; 32]).unwrap(), None).unwrap();
    let report = suite(&world, stranger, Timeouts::default().total)
        .run(&|_| ())
        .await;
    assert_eq!(failed(&report), ["reach.answer"]);
    let Outcome::Fail { why, .. } = &report.rows[0].outcome else {
        panic!("{report:#?}");
    };
    assert!(why.contains("the same key and the same time"), "{why}");
}

#[tokio::test]
async fn without_a_probe_what_only_users_see_is_left_to_people() {
    let world = World::without_probe().await;
    let seen = std::sync::Mutex::new(Vec::new());
    let report = patient(&world)
        .run(&|row| seen.lock().unwrap().push(row.id.clone()))
        .await;
    assert_eq!(failed(&report), Vec::<String>::new(), "{report:#?}");
    let told = seen.into_inner().unwrap();
    assert_eq!(
        told.len(),
        report.rows.len(),
        "each row is told as it comes"
    );
    for row in &report.rows {
        let by_hand = row.group() == "guard" || row.group() == "doors";
        let Outcome::Skipped { why } = &row.outcome else {
            assert!(!by_hand, "{} needs a user", row.id);
            continue;
        };
        assert!(by_hand, "{} needs no user", row.id);
        assert!(why.contains("by hand"), "{}: {why}", row.id);
    }
}
