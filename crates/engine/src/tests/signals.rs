//! Risk signals: what the operator's files say, and what a case gets of them.

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicI64, Ordering};

use platform::contract::Dossier;
use recovery::case::Case;
use recovery::clues::{ClueKind, ClueResult, Recalled};
use recovery::signal::{Bearing, Signal};
use recovery::signals::{Anonymity, CODES};

use super::*;
use crate::signals::{Geo, SourcePaths, SourceState};

/// A folder shared by the workspace's tests, or none with a word on stderr.
fn shared(folder: &str) -> Option<PathBuf> {
    #[allow(clippy::disallowed_methods, reason = "tests find their data by it")]
    let named = std::env::var_os("REGAIN_SHARED").map(PathBuf::from);
    let beside = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared");
    let found = named.unwrap_or(beside).join("testdata").join(folder);
    #[allow(clippy::print_stderr, reason = "a skipped test must say why")]
    if !found.is_dir() {
        eprintln!("skipped: no shared folder {folder}");
        return None;
    }
    Some(found)
}

fn still() -> platform::Clock {
    Arc::new(|| Timestamp::from_millis(0))
}

fn with_city(path: PathBuf) -> Sources {
    let paths = SourcePaths {
        city_db: Some(path),
        ..SourcePaths::default()
    };
    Sources::open(paths, still())
}

fn with_anonymous(path: PathBuf) -> Sources {
    let paths = SourcePaths {
        anonymous_db: Some(path),
        ..SourcePaths::default()
    };
    Sources::open(paths, still())
}

/// The address of a network as the tables write it: `::1.2.3.0/120` is IPv4 in the IPv6 tree.
fn first_of(network: &str) -> IpAddr {
    let address = network.split('/').next().unwrap();
    match address.strip_prefix("::").map(str::parse) {
        Some(Ok(four)) => IpAddr::V4(four),
        _ => address.parse().unwrap(),
    }
}

fn rows(path: &Path) -> Vec<Vec<String>> {
    let text = std::fs::read_to_string(path).unwrap();
    let row = |line: &str| line.split('\t').map(str::to_owned).collect();
    text.lines().skip(1).map(row).collect()
}

#[test]
fn every_place_of_the_table_is_found() {
    let Some(data) = shared("ip_geography") else {
        return;
    };
    let mut databases: BTreeMap<String, Geo> = BTreeMap::new();
    let mut looked_at = 0;
    for row in rows(&data.join("expected_city.tsv")) {
        let geo = databases.entry(row[0].clone()).or_insert_with(|| {
            let file = data.join("test-data").join(format!("{}.mmdb", row[0]));
            with_city(file).geo().unwrap()
        });
        let ip: IpAddr = row[2].parse().unwrap();
        let country = Some(row[3].clone()).filter(|country| !country.is_empty());
        assert_eq!(geo.country(ip), country, "{row:?}");
        let place = geo.place(ip);
        let found = place
            .as_ref()
            .map(|place| (place.latitude, place.longitude));
        let wanted = row[5].parse::<f64>().ok().zip(row[6].parse().ok());
        assert_eq!(found, wanted, "{row:?}");
        if let Some(place) = place {
            assert_eq!(place.country, country, "{row:?}");
            let city = (!row[4].is_empty()).then_some(&row[4]);
            assert!(
                city.is_none_or(|city| place.names.contains(city)),
                "{row:?}"
            );
            assert!(city.is_some() || place.names.is_empty(), "{row:?}");
        }
        looked_at += 1;
    }
    assert_eq!((looked_at, databases.len()), (493, 2));
}

#[test]
fn every_anonymous_network_of_the_table_is_found() {
    let Some(data) = shared("ip_geography") else {
        return;
    };
    let sources = with_anonymous(data.join("test-data/GeoIP2-Anonymous-IP-Test.mmdb"));
    let table = rows(&data.join("expected_anonymous.tsv"));
    assert_eq!(table.len(), 12);
    for row in table {
        let has = |flag: &str| row[1].split(',').any(|word| word == flag);
        let wanted = Anonymity {
            anonymous: has("is_anonymous"),
            vpn: has("is_anonymous_vpn"),
            hosting: has("is_hosting_provider"),
            public_proxy: has("is_public_proxy"),
            residential_proxy: has("is_residential_proxy"),
            tor_exit: has("is_tor_exit_node"),
        };
        assert!(wanted.any());
        assert_eq!(
            sources.anonymity(first_of(&row[0])),
            Some(wanted),
            "{row:?}"
        );
    }
    let nobody = [192, 0, 2, 7].into();
    assert_eq!(sources.anonymity(nobody), Some(Anonymity::default()));
    let here = [127, 0, 0, 1].into();
    assert_eq!(
        sources.anonymity(here),
        None,
        "of itself no database knows anything"
    );
}

/// Every file below a folder.
fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(files(&path));
        } else if path.extension().is_some_and(|name| name == "mmdb") {
            found.push(path);
        }
    }
    found
}

#[test]
fn a_broken_database_is_an_error_and_never_a_panic() {
    let Some(data) = shared("ip_geography") else {
        return;
    };
    let mut broken = files(&data.join("bad-data"));
    assert!(broken.len() > 15);
    let named = |path: &PathBuf| {
        let name = path.file_name().unwrap().to_string_lossy().to_lowercase();
        name.contains("broken") || name.contains("invalid")
    };
    broken.extend(files(&data.join("test-data")).into_iter().filter(named));
    let addresses = [
        "1.1.1.1",
        "81.2.69.142",
        "2.125.160.216",
        "255.255.255.255",
        "2001:218::1",
        "::1",
        "ffff:ffff::1",
    ];
    for path in broken {
        // As what the configuration says it is, it does not open or knows no place.
        for sources in [with_city(path.clone()), with_anonymous(path.clone())] {
            let geo = sources.geo();
            for ip in addresses {
                let ip: IpAddr = ip.parse().unwrap();
                geo.as_ref().map(|geo| (geo.place(ip), geo.country(ip)));
                sources.anonymity(ip);
            }
            geo.map(|geo| geo.named("London", None));
        }
        // Whatever its type, reading it ends.
        let failed = crate::signals::fails(&path, &addresses.map(|ip| ip.parse().unwrap()));
        assert!(failed, "{}", path.display());
    }
}

#[test]
fn every_other_database_opens_or_says_why_not() {
    let Some(data) = shared("ip_geography") else {
        return;
    };
    for path in files(&data.join("test-data")) {
        let paths = SourcePaths {
            city_db: Some(path.clone()),
            anonymous_db: Some(path.clone()),
            disposable_list: Some(path.clone()),
            young_domains_list: Some(path.clone()),
        };
        let [city, anonymous, list, young] = paths.inspect().map(|report| report.state);
        let good = |state: &SourceState| matches!(state, SourceState::Good(_));
        let name = path.file_name().unwrap().to_string_lossy();
        if name.starts_with("GeoLite2-City") || name == "GeoIP2-City-Test.mmdb" {
            assert!(good(&city), "{name}: {city:?}");
        }
        assert_eq!(good(&anonymous), name.contains("Anonymous"), "{name}");
        assert!(!good(&list) && !good(&young), "{name}");
    }
    let nothing = SourcePaths::default().inspect();
    assert!(
        nothing
            .iter()
            .all(|report| report.state == SourceState::Missing)
    );
}

#[test]
fn a_name_is_found_in_every_language_and_spelling() {
    let Some(data) = shared("ip_geography") else {
        return;
    };
    let sources = with_city(data.join("test-data/GeoIP2-City-Test.mmdb"));
    let geo = sources.geo().unwrap();
    for name in [
        "London",
        "LONDON",
        " lon-don ",
        "Londres",
        "Лондон",
        "ロンドン",
    ] {
        let found = geo.named(name, Some("gb"));
        assert_eq!(found.len(), 1, "{name}");
        assert!((found[0].latitude - 51.5142).abs() < 0.1, "{name}");
    }
    assert_eq!(geo.named("Linkoping", None).len(), 1);
    assert_eq!(geo.named("Linköping", Some("SE")).len(), 1);
    assert!(geo.named("Linköping", Some("GB")).is_empty());
    for nobody in ["", "-", "Nowhere at all", &"x".repeat(10_000)] {
        assert!(geo.named(nobody, None).is_empty());
    }
}

#[test]
fn a_changed_file_is_read_after_a_minute_and_a_broken_one_keeps_the_old() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("list");
    std::fs::write(&path, "one.example\n# a remark\n").unwrap();
    let now = Arc::new(AtomicI64::new(0));
    let clock = now.clone();
    let paths = SourcePaths {
        disposable_list: Some(path.clone()),
        ..SourcePaths::default()
    };
    let read = move || Timestamp::from_millis(clock.load(Ordering::SeqCst));
    let sources = Sources::open(paths, Arc::new(read));
    let has = |domain: &str| sources.lists(domain).unwrap();
    let wait = |seconds: i64| now.fetch_add(seconds * 1000, Ordering::SeqCst);
    assert!(has("one.example"));
    std::fs::write(&path, "another.example\ntwo.example\n").unwrap();
    wait(59);
    assert!(has("one.example"), "looked at once a minute at most");
    wait(1);
    assert!(has("two.example") && !has("one.example"));
    std::fs::write(&path, "<html>not a list</html>\n").unwrap();
    wait(60);
    assert!(has("two.example"), "a broken file keeps the old one");
    std::fs::remove_file(&path).unwrap();
    wait(60);
    assert!(has("two.example"), "so does none");
    std::fs::write(&path, "three.example\n").unwrap();
    wait(60);
    assert!(has("three.example") && !has("two.example"));
}

#[test]
fn the_public_list_of_throw_away_domains_is_read() {
    let Some(data) = shared("strings_and_lists/disposable") else {
        return;
    };
    let paths = SourcePaths {
        disposable_list: Some(data.join("disposable_email_blocklist.conf")),
        ..SourcePaths::default()
    };
    let sources = Sources::open(paths, still());
    assert_eq!(sources.lists("0-mail.com"), Some(true));
    assert_eq!(sources.lists("example.org"), Some(false));
    assert_eq!(Sources::none().lists("0-mail.com"), None);
}

/// A dossier with sign-ins from London.
fn dossier(opened: Timestamp) -> Dossier {
    let day = |days: i64| (opened - Span::days(days)).millis();
    let login = |days: i64, device: &str| {
        serde_json::json!({ "ip": "81.2.69.142", "city": null, "country": "GB", "device": null,
            "device_token": device, "at": day(days) })
    };
    serde_json::from_value(serde_json::json!({
        "account": "acc_1", "status": "ordinary", "value": "small", "tier_hint": null,
        "registered_at": day(900), "document": null, "portrait": null, "cards": [],
        "addresses": [], "logins": [login(40, "device-1"), login(90, "device-1")],
        "changes": [{ "kind": "email", "at": day(2) }, { "kind": "nickname", "at": day(1) }],
        "phones": [], "channels": [],
    }))
    .unwrap()
}

pub(super) fn bearing(signals: &[Signal], code: &str) -> (Bearing, Option<i64>) {
    let found = signals.iter().find(|signal| signal.code == code).unwrap();
    (found.bearing, found.value)
}

/// A case opened from an address, with the device of a ticket.
async fn opened_from(engine: &Engine, ip: &str, device: Option<&str>) -> Case {
    let case = opened(engine).await;
    comes_from(engine, &case, ip, device).await;
    engine.case(&case).await.unwrap()
}

/// Has a case come from an address, with the device of a ticket.
pub(super) async fn comes_from(engine: &Engine, case: &CaseId, ip: &str, device: Option<&str>) {
    let origin = crate::record::OriginRecord {
        ip: Sensitive::new(ip.to_owned()),
        device: device.map(|device| Sensitive::new(device.to_owned())),
        ..crate::record::OriginRecord::default()
    };
    let sealed = engine
        .seal(case, crate::record::piece::ORIGIN, &origin)
        .await
        .unwrap();
    let index = engine.origin_index(&origin).unwrap();
    let mut tx = engine.0.store.begin().await.unwrap();
    tx.put_sealed(case, crate::record::piece::ORIGIN, &sealed)
        .await
        .unwrap();
    tx.delete_origin(case).await.unwrap();
    let new = store::NewOrigin {
        network: &index.network,
        device: index.device.as_ref(),
    };
    tx.put_origin(case, &new).await.unwrap();
    tx.commit().await.unwrap();
}

#[tokio::test]
async fn without_files_nothing_that_needs_them_is_fine() {
    let (engine, _folder) = engine().await;
    let case = opened(&engine).await;
    let case = engine.case(&case).await.unwrap();
    let signals = engine.signals(&case, None).await.unwrap();
    let codes: Vec<&str> = signals.iter().map(|signal| signal.code.as_str()).collect();
    assert_eq!(codes, CODES);
    let neutral = [
        "device.familiar",
        "device.marked",
        "velocity.network",
        "velocity.device",
        "address.control",
    ];
    for signal in &signals {
        let wanted = if neutral.contains(&signal.code.as_str()) {
            Bearing::Neutral
        } else {
            Bearing::Unavailable
        };
        assert_eq!(signal.bearing, wanted, "{}", signal.code);
    }
    assert!(!engine.is_high_risk([81, 2, 69, 142].into()).await.unwrap());
    assert_eq!(engine.places_named("London", None).await.unwrap(), None);
}

#[tokio::test]
async fn a_case_gets_what_the_files_and_the_dossier_say() {
    let Some(data) = shared("ip_geography") else {
        return;
    };
    let paths = SourcePaths {
        city_db: Some(data.join("test-data/GeoIP2-City-Test.mmdb")),
        anonymous_db: Some(data.join("test-data/GeoIP2-Anonymous-IP-Test.mmdb")),
        ..SourcePaths::default()
    };
    let policy = recovery::policy::DEFAULT
        .replace(
            "high_risk_countries = []",
            r#"high_risk_countries = ["CN"]"#,
        )
        .replace(
            "restricted_countries = []",
            r#"restricted_countries = ["US"]"#,
        );
    let (engine, _folder) = engine_with(policy, Sources::open(paths, still())).await;
    let near = opened_from(&engine, "81.2.69.160", Some("device-1")).await;
    let known = dossier(near.opened_at);
    let signals = engine.signals(&near, Some(&known)).await.unwrap();
    assert_eq!(bearing(&signals, "ip.distance"), (Bearing::Lowers, Some(0)));
    assert_eq!(bearing(&signals, "ip.usual"), (Bearing::Neutral, Some(0)));
    assert_eq!(bearing(&signals, "ip.travel"), (Bearing::Neutral, Some(0)));
    assert_eq!(bearing(&signals, "ip.region").0, Bearing::Neutral);
    assert_eq!(bearing(&signals, "ip.network").0, Bearing::Raises);
    assert_eq!(
        bearing(&signals, "device.familiar"),
        (Bearing::Lowers, Some(2))
    );
    assert_eq!(
        bearing(&signals, "account.changes"),
        (Bearing::Raises, Some(1))
    );
    let far = opened_from(&engine, "175.16.199.1", None).await;
    let signals = engine.signals(&far, Some(&known)).await.unwrap();
    let (distance, km) = bearing(&signals, "ip.distance");
    assert_eq!(distance, Bearing::Raises);
    // 8,180 km from 51.5142, -0.0931 to 43.88, 125.3228 by the law of cosines.
    assert_eq!(km, Some(8_180));
    assert_eq!(bearing(&signals, "ip.usual").1, Some(8_180));
    assert_eq!(bearing(&signals, "ip.region").0, Bearing::Raises);
    assert_eq!(bearing(&signals, "ip.service").0, Bearing::Neutral);
    assert_eq!(
        bearing(&signals, "device.familiar"),
        (Bearing::Neutral, None)
    );
    let unserved = opened_from(&engine, "216.160.83.57", None).await;
    let signals = engine.signals(&unserved, Some(&known)).await.unwrap();
    assert_eq!(bearing(&signals, "ip.service").0, Bearing::Raises);
    assert!(engine.is_high_risk([175, 16, 199, 1].into()).await.unwrap());
    assert!(!engine.is_high_risk([81, 2, 69, 142].into()).await.unwrap());
    assert!(!engine.is_high_risk([127, 0, 0, 1].into()).await.unwrap());
    let london = engine.places_named("Londres", Some("GB")).await.unwrap();
    assert_eq!(london.unwrap().len(), 1);
}

/// How London, in this country, compares with a sign-in from London.
async fn london_in(engine: &Engine, country: Option<&str>) -> ClueResult {
    let recalled = Recalled {
        city: Some(Sensitive::new("London".to_owned())),
        country: country.map(str::to_owned),
        ..Recalled::default()
    };
    let known = dossier(Timestamp::from_millis(0));
    let last = engine.last_login(&known, &recalled).await.unwrap();
    let findings = crate::applicant::compare_clues(&recalled, &known, last, 50.0);
    let found = findings
        .iter()
        .find(|finding| finding.clue == ClueKind::LastCity);
    found.unwrap().result
}

#[tokio::test]
async fn a_recalled_country_tells_cities_of_one_name_apart() {
    let Some(data) = shared("ip_geography") else {
        return;
    };
    let sources = with_city(data.join("test-data/GeoIP2-City-Test.mmdb"));
    let geo = sources.geo().unwrap();
    for (typed, code) in [
        ("GB", Some("GB")),
        ("gb ", Some("GB")),
        ("United Kingdom", Some("GB")),
        ("the united kingdom", Some("GB")),
        ("Vereinigtes Königreich", Some("GB")),
        ("Royaume Uni", Some("GB")),
        ("U.K.", Some("GB")),
        ("United States", Some("US")),
        ("the USA", Some("US")),
        ("Suecia", Some("SE")),
        ("", None),
        ("the", None),
        ("ZZ", None),
        ("Untied Kindgom", None),
        ("Atlantis", None),
    ] {
        assert_eq!(geo.country_named(typed).as_deref(), code, "{typed}");
    }
    let (engine, _folder) = engine_with(recovery::policy::DEFAULT.to_owned(), sources).await;
    for same in [None, Some("England"), Some("Reino Unido"), Some("Atlantis")] {
        assert_eq!(
            london_in(&engine, same).await,
            ClueResult::Match,
            "{same:?}"
        );
    }
    for other in ["United States", "se", "Schweden"] {
        let found = london_in(&engine, Some(other)).await;
        assert_eq!(found, ClueResult::Miss, "{other}");
    }
    // Without a database nobody can say what a country's name means.
    let (without, _folder) = super::engine().await;
    let named = without.country_named("United States").await.unwrap();
    assert_eq!(named, None);
}

#[tokio::test]
async fn other_cases_are_counted_until_their_data_are_destroyed() {
    let (engine, _folder) = engine().await;
    let mut cases = Vec::new();
    for number in 0..6 {
        let device = (number < 3).then_some("device-1");
        cases.push(opened_from(&engine, "192.0.2.9", device).await);
    }
    let signals = engine.signals(&cases[0], None).await.unwrap();
    assert_eq!(
        bearing(&signals, "velocity.network"),
        (Bearing::Raises, Some(5))
    );
    assert_eq!(
        bearing(&signals, "velocity.device"),
        (Bearing::Raises, Some(2))
    );
    let mut tx = engine.0.store.begin().await.unwrap();
    tx.delete_origin(&cases[1].id).await.unwrap();
    tx.commit().await.unwrap();
    let signals = engine.signals(&cases[0], None).await.unwrap();
    assert_eq!(
        bearing(&signals, "velocity.network"),
        (Bearing::Neutral, Some(4))
    );
    assert_eq!(
        bearing(&signals, "velocity.device"),
        (Bearing::Neutral, Some(1))
    );
    // Another device on the same network, and the other way round.
    let other = opened_from(&engine, "198.51.100.1", Some("device-1")).await;
    let signals = engine.signals(&other, None).await.unwrap();
    assert_eq!(
        bearing(&signals, "velocity.network"),
        (Bearing::Neutral, Some(0))
    );
    assert_eq!(
        bearing(&signals, "velocity.device"),
        (Bearing::Raises, Some(2))
    );
}

#[tokio::test]
async fn the_same_new_address_for_other_accounts_is_counted() {
    let (engine, _folder) = engine().await;
    let mut cases = Vec::new();
    for account in ["acc_1", "acc_2"] {
        let case = reachable(&engine, "ann@new.example").await;
        let resolution = Resolution::Known {
            account: AccountRef(account.to_owned()),
        };
        let index = engine.0.vault.blind_index("identifier", account);
        let named = Command::GiveIdentifier { index };
        tell(&engine, &case, &Actor::Applicant, named).await;
        let resolved = Command::ResolveAccount { resolution };
        tell(&engine, &case, &Actor::System, resolved).await;
        cases.push(engine.case(&case).await.unwrap());
    }
    let signals = engine.signals(&cases[0], None).await.unwrap();
    assert_eq!(
        bearing(&signals, "contact.cases"),
        (Bearing::Raises, Some(1))
    );
    assert_eq!(
        bearing(&signals, "velocity.account"),
        (Bearing::Neutral, Some(0))
    );
}
