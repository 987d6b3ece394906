//! The restriction set: its versions, and what each capability does under it.

use platform::contract::{Limits, RestrictionMode, RestrictionSet};
use platform::{ClientError, Span};
use serde_json::{Value, json};

use crate::world::{ADDRESS, Browser, PASSWORD, SECRET, START, World, restriction};

#[tokio::test]
async fn the_highest_version_is_in_force() {
    let world = World::new().await;
    let nothing = world.client.restrictions(&world.ann).await.unwrap();
    assert_eq!(nothing, RestrictionSet::unrestricted());
    let set = restriction(5, RestrictionMode::CoolingOff, &["login"], world.now());
    let first = world.client.restrict(&world.ann, &set).await.unwrap();
    assert_eq!((first.version, first.acknowledged_at), (5, world.now()));
    world.advance(Span::minutes(1));
    let again = world.client.restrict(&world.ann, &set).await.unwrap();
    assert_eq!(again, first, "the same version twice changes nothing");
    let lower = restriction(4, RestrictionMode::None, &[], world.now());
    let ack = world.client.restrict(&world.ann, &lower).await.unwrap();
    assert_eq!(
        ack, first,
        "a lower one is acknowledged with what is in force"
    );
    assert_eq!(world.client.restrictions(&world.ann).await.unwrap(), set);
    let other = restriction(5, RestrictionMode::None, &[], world.now());
    let reused = world.client.restrict(&world.ann, &other).await.unwrap_err();
    let problem = Some("version_reused".to_owned());
    assert_eq!(reused, ClientError::Status { code: 409, problem });
    world.restrict(6, RestrictionMode::None, &[]).await;
    // Another account is none of its business.
    let bobs = world.client.restrictions(&world.bob).await.unwrap();
    assert_eq!(bobs, RestrictionSet::unrestricted());
}

#[tokio::test]
async fn restrictions_outlive_the_process() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("exchange.db");
    let first = World::with_database(Some(file.clone())).await;
    first.restrict(3, RestrictionMode::Locked, &[]).await;
    let second = World::with_database(Some(file)).await;
    assert_eq!(
        second.ann, first.ann,
        "seeding again leaves accounts as they are"
    );
    let kept = second.client.restrictions(&second.ann).await.unwrap();
    assert_eq!((kept.version, kept.mode), (3, RestrictionMode::Locked));
}

/// Every action of a holder: capability, path, body.
fn actions() -> Vec<(&'static str, &'static str, Value)> {
    let coins = json!({ "asset": "BTC", "amount": "0.1" });
    vec![
        (
            "transfer_own",
            "/transfer",
            json!({ "from": "spot", "asset": "BTC", "amount": "0.1" }),
        ),
        (
            "send_user",
            "/send",
            json!({ "to": "bob", "asset": "BTC", "amount": "0.1" }),
        ),
        (
            "withdraw",
            "/withdraw",
            json!({ "address": ADDRESS, "asset": "BTC", "amount": "0.1" }),
        ),
        ("c2c_sell", "/c2c", coins.clone()),
        ("trade", "/trade", coins.clone()),
        ("loan", "/loan", coins),
        ("api_key_create", "/api-keys", json!({ "label": "new" })),
        (
            "whitelist_add",
            "/whitelist",
            json!({ "chain": "bitcoin", "address": "bc1new" }),
        ),
        (
            "authorisation_add",
            "/authorisations",
            json!({ "kind": "oauth", "name": "App" }),
        ),
        ("change_security", "/security/totp/start", json!({})),
    ]
}

async fn views(browser: &Browser) -> Vec<(u16, Value)> {
    let mut answers = Vec::new();
    for path in [
        "/assets",
        "/whitelist",
        "/api-keys",
        "/authorisations",
        "/security",
    ] {
        answers.push(browser.get(path).await);
    }
    answers
}

fn is_restricted(answer: &(u16, Value)) -> bool {
    answer.0 == 403 && answer.1["code"] == "restricted"
}

#[tokio::test]
async fn each_capability_works_when_allowed_and_only_then() {
    let world = World::new().await;
    let ann = world.signed_in("ann", PASSWORD, SECRET).await;
    let mut version = 0;
    for (capability, path, body) in actions() {
        version += 1;
        world
            .restrict(version, RestrictionMode::CoolingOff, &[capability])
            .await;
        for (other, other_path, other_body) in actions() {
            if other == capability {
                continue;
            }
            let answer = ann.post(other_path, other_body).await;
            assert!(
                is_restricted(&answer),
                "{other} under {capability}: {answer:?}"
            );
        }
        let answer = ann.post(path, body).await;
        assert_eq!(answer.0, 200, "{capability}: {answer:?}");
        assert!(
            views(&ann).await.iter().all(is_restricted),
            "views under {capability}"
        );
        let again = world
            .sign_in(&world.browser(), "ann", PASSWORD, SECRET)
            .await;
        assert!(is_restricted(&again), "login under {capability}");
    }
    world
        .restrict(version + 1, RestrictionMode::Frozen, &["view_assets"])
        .await;
    assert!(views(&ann).await.iter().all(|answer| answer.0 == 200));
    world
        .restrict(version + 2, RestrictionMode::Frozen, &["login"])
        .await;
    world.signed_in("ann", PASSWORD, SECRET).await;
}

#[tokio::test]
async fn without_a_restriction_everything_works() {
    let world = World::new().await;
    let ann = world.signed_in("ann", PASSWORD, SECRET).await;
    for (capability, path, body) in actions() {
        let answer = ann.post(path, body).await;
        assert_eq!(answer.0, 200, "{capability}: {answer:?}");
    }
    let (_, assets) = ann.get("/assets").await;
    let amount = |wallet: &str, asset: &str| {
        let rows = assets["balances"].as_array().unwrap();
        let row = rows
            .iter()
            .find(|row| row["wallet"] == wallet && row["asset"] == asset);
        row.unwrap()["amount"].clone()
    };
    // spot: 2 - 0.1 moved - 0.1 traded; funding: 1.5 + 0.1 moved - 0.3 sent, withdrawn, sold + 0.1.
    assert_eq!(amount("spot", "BTC"), "1.8");
    assert_eq!(amount("funding", "BTC"), "1.4");
    assert_eq!(amount("funding", "USDT"), "10");
    let (status, body) = ann
        .post(
            "/withdraw",
            json!({ "address": "bc1x", "asset": "BTC", "amount": "1" }),
        )
        .await;
    assert_eq!(
        (status, body["code"].as_str()),
        (409, Some("not_whitelisted"))
    );
    let much = json!({ "address": ADDRESS, "asset": "BTC", "amount": "99" });
    assert_eq!(ann.post("/withdraw", much).await.1["code"], "too_little");
}

#[tokio::test]
async fn removing_is_an_action_too() {
    let world = World::new().await;
    let ann = world.signed_in("ann", PASSWORD, SECRET).await;
    let (_, list) = ann.get("/whitelist").await;
    let id = list["items"][0]["id"].as_str().unwrap().to_owned();
    let path = format!("/whitelist/{id}/remove");
    world
        .restrict(
            1,
            RestrictionMode::CoolingOff,
            &["whitelist_add", "view_assets"],
        )
        .await;
    assert!(is_restricted(&ann.post(&path, json!({})).await));
    world.restrict(2, RestrictionMode::None, &[]).await;
    assert_eq!(ann.post(&path, json!({})).await.0, 200);
    assert_eq!(ann.post(&path, json!({})).await.0, 404, "it is gone");
    assert_eq!(
        ann.get("/whitelist").await.1["items"]
            .as_array()
            .unwrap()
            .len(),
        1
    );
}

#[tokio::test]
async fn an_api_key_obeys_the_guard_too() {
    let world = World::new().await;
    let ask = async || {
        let request = world
            .browser()
            .http
            .get(format!("{}/api/v1/balances", world.base));
        let request = request.header("X-API-Key", &world.ann_key);
        request
            .header("Accept", "application/json")
            .send()
            .await
            .unwrap()
            .status()
            .as_u16()
    };
    assert_eq!(ask().await, 200);
    world.restrict(1, RestrictionMode::Locked, &[]).await;
    assert_eq!(ask().await, 403);
}

#[tokio::test]
async fn a_person_reads_which_restriction_it_is() {
    let world = World::new().await;
    let ann = world.signed_in("ann", PASSWORD, SECRET).await;
    let allow = ["login", "view_assets", "transfer_own"];
    world.restrict(1, RestrictionMode::CoolingOff, &allow).await;
    let (status, page) = ann.page("/assets").await;
    assert_eq!(status, 200);
    assert!(page.contains("waiting period"), "{page}");
    let form = format!("address={ADDRESS}&asset=BTC&amount=0.1");
    let (status, page) = ann.form("/withdraw", &form).await;
    assert_eq!(status, 403);
    assert!(page.contains("<h1>This is closed for now</h1>") && page.contains("waiting period"));
    assert!(page.contains("href=\"/stop\"") && page.contains("https://recover.example/stop"));
    world.restrict(2, RestrictionMode::Locked, &[]).await;
    assert!(ann.page("/assets").await.1.contains("locked"));
}

/// Puts limits in force for ann.
async fn thaws(world: &World, version: u64, limits: Option<Limits>) {
    let mut set = restriction(version, RestrictionMode::Thawing, &[], world.now());
    set.limits = limits;
    world.client.restrict(&world.ann, &set).await.unwrap();
    assert_eq!(world.client.restrictions(&world.ann).await.unwrap(), set);
}

#[tokio::test]
async fn after_a_recovery_limits_rise_and_value_goes_to_known_addresses_first() {
    let world = World::new().await;
    let ann = world.signed_in("ann", PASSWORD, SECRET).await;
    let new =
        json!({ "chain": "bitcoin", "address": "bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4" });
    assert_eq!(ann.post("/whitelist", new.clone()).await.0, 200);
    let withdraw = async |address: &str, amount: &str| {
        let body = json!({ "address": address, "asset": "BTC", "amount": amount });
        ann.post("/withdraw", body).await.0
    };
    let new = new["address"].as_str().unwrap();
    let limits = |daily_percent, known_addresses_only| {
        Some(Limits {
            daily_percent,
            known_addresses_only,
            known_before: START,
        })
    };
    // Ann holds 3.5 BTC.
    thaws(&world, 1, limits(10, true)).await;
    assert_eq!(withdraw(new, "0.1").await, 403, "added since");
    assert_eq!(withdraw(ADDRESS, "0.36").await, 403, "more than a tenth");
    assert_eq!(withdraw(ADDRESS, "0.3").await, 200);
    assert_eq!(withdraw(ADDRESS, "0.06").await, 403, "the same day");
    let coins = json!({ "asset": "BTC", "amount": "0.01" });
    assert_eq!(ann.post("/c2c", coins.clone()).await.0, 403);
    let send = json!({ "to": "bob", "asset": "BTC", "amount": "0.01" });
    assert_eq!(ann.post("/send", send.clone()).await.0, 403);
    assert_eq!(
        ann.post("/trade", coins.clone()).await.0,
        200,
        "stays within"
    );
    thaws(&world, 2, limits(25, false)).await;
    assert_eq!(withdraw(new, "0.3").await, 200);
    assert_eq!(ann.post("/send", send).await.0, 200);
    assert_eq!(ann.post("/c2c", coins).await.0, 200);
    assert_eq!(
        withdraw(new, "0.3").await,
        403,
        "a quarter of what was held today"
    );
    world.advance(Span::hours(25));
    let ann = world.signed_in("ann", PASSWORD, SECRET).await;
    let again = json!({ "address": new, "asset": "BTC", "amount": "0.3" });
    assert_eq!(
        ann.post("/withdraw", again.clone()).await.0,
        200,
        "another day"
    );
    thaws(&world, 3, None).await;
    assert_eq!(
        ann.post("/withdraw", again).await.0,
        403,
        "limits that say nothing"
    );
}
