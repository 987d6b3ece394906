//! The restriction service over real sockets: what a platform asks before every withdrawal.

use std::time::Duration;

use platform::contract::{RestrictionEvent, RestrictionMode};
use platform::signature::{nonce_text, sign_request};
use platform::{
    AccountRef, ClientError, RegainClient, Restrictions, SharedKey, SharedKeys, Timeouts,
};
use recovery::time::Timestamp;
use reqwest::Method;

use super::support::{Scene, send};

fn account(name: &str) -> AccountRef {
    AccountRef(name.to_owned())
}

/// The platform's client, with the key of this world or with another.
fn client(scene: &Scene, keys: SharedKeys) -> RegainClient {
    let base = scene.world.portal.as_str();
    RegainClient::new(base, keys, Timeouts::default(), crate::wiring::wall_clock()).unwrap()
}

/// Writes a set as a change of a case does; gives its version.
async fn restrict(scene: &Scene, name: &str, mode: &str, allow: &[&str]) -> u64 {
    let body = serde_json::json!({
        "mode": mode, "allow": allow, "since_ms": 1_790_000_000_000_i64, "until_ms": null,
    });
    let mut tx = scene.world.store.begin().await.unwrap();
    let body = serde_json::to_vec(&body).unwrap();
    let version = tx.set_restriction(&account(name), &body).await.unwrap();
    tx.commit().await.unwrap();
    version
}

#[tokio::test(flavor = "multi_thread")]
async fn a_set_is_told_from_the_moment_it_is_committed() {
    let scene = Scene::start().await;
    let regain = client(&scene, scene.keys());
    let ann = account("acc-ann");
    let free = regain.restrictions(&ann).await.unwrap();
    assert_eq!((free.version, free.mode), (0, RestrictionMode::None));
    for (turn, mode) in [
        (1, "locked"),
        (2, "cooling_off"),
        (3, "frozen"),
        (4, "none"),
    ] {
        let allow: &[&str] = if mode == "cooling_off" {
            &["login"]
        } else {
            &[]
        };
        assert_eq!(restrict(&scene, "acc-ann", mode, allow).await, turn);
        let told = regain.restrictions(&ann).await.unwrap();
        assert_eq!(told.version, turn);
        let words = serde_json::to_value(told.mode).unwrap();
        assert_eq!(words, mode);
        assert_eq!(
            told.allows("login"),
            mode == "cooling_off" || mode == "none"
        );
        assert_eq!(told.allows("withdraw"), mode == "none");
        assert!(told.stop_page_url.unwrap().ends_with("/stop"));
        assert_eq!(regain.restrictions_unless(&ann, turn).await.unwrap(), None);
        let before = regain.restrictions_unless(&ann, turn - 1).await.unwrap();
        assert_eq!(before.unwrap().version, turn);
    }
    restrict(&scene, "acc-ben", "locked", &[]).await;
    let many = [account("acc-ben"), ann, account("acc-nobody")];
    let sets = regain.restrictions_of(&many).await.unwrap();
    let versions: Vec<_> = sets.iter().map(|one| one.set.version).collect();
    assert_eq!(versions, [1, 4, 0]);
    let crowd: Vec<_> = (0..501).map(|n| account(&format!("a{n}"))).collect();
    let refused = regain.restrictions_of(&crowd).await.unwrap_err();
    assert!(
        matches!(refused, ClientError::Status { code: 422, .. }),
        "{refused}"
    );
    scene.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stream_tells_everything_once_and_then_every_change() {
    let scene = Scene::start().await;
    let regain = client(&scene, scene.keys());
    restrict(&scene, "acc-ann", "locked", &[]).await;
    restrict(&scene, "acc-ben", "locked", &[]).await;
    let mut changes = regain.restriction_changes(0).await.unwrap();
    let names = async |changes: &mut platform::RestrictionChanges| match changes.next().await {
        Ok(RestrictionEvent::Changed {
            change, account, ..
        }) => format!("{change} {account}"),
        Ok(RestrictionEvent::Told { change }) => format!("told {change}"),
        other => format!("{other:?}"),
    };
    assert_eq!(names(&mut changes).await, "1 acc-ann");
    assert_eq!(names(&mut changes).await, "2 acc-ben");
    assert_eq!(names(&mut changes).await, "told 2");
    restrict(&scene, "acc-ann", "frozen", &[]).await;
    // A quiet second may be told in between.
    let mut next = names(&mut changes).await;
    if next == "told 2" {
        next = names(&mut changes).await;
    }
    assert_eq!(next, "3 acc-ann");
    let mut later = regain.restriction_changes(2).await.unwrap();
    assert_eq!(names(&mut later).await, "3 acc-ann");
    // A number that this database never gave: of another one, or from before a restored backup.
    let mut foreign = regain.restriction_changes(99).await.unwrap();
    assert_eq!(names(&mut foreign).await, "Ok(Reset)");
    assert_eq!(names(&mut foreign).await, "2 acc-ben");
    scene.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_guard_that_follows_refuses_within_a_moment() {
    let scene = Scene::start().await;
    let guard = Restrictions::new(client(&scene, scene.keys()));
    let ann = account("acc-ann");
    let following = guard.clone();
    let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
    let follow = following.follow(async {
        let _ = stopped.await;
    });
    let story = async {
        assert!(guard.allows(&ann, "withdraw").await);
        restrict(&scene, "acc-ann", "frozen", &[]).await;
        for _ in 0..200 {
            if !guard.allows(&ann, "withdraw").await {
                break;
            }
            tokio::time::timeout(Duration::from_millis(10), std::future::pending::<()>())
                .await
                .unwrap_err();
        }
        assert!(!guard.allows(&ann, "withdraw").await);
        let _ = stop.send(());
    };
    tokio::join!(follow, story);
    scene.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn only_the_platform_hears_what_an_account_may_do() {
    let scene = Scene::start().await;
    restrict(&scene, "acc-ann", "frozen", &[]).await;
    let ours = scene.keys();
    let foreign = SharedKey::new(ours.current().id(), vec![9; 32]).unwrap();
    let stranger = client(&scene, SharedKeys::new(foreign, None).unwrap());
    for answer in [
        stranger.restrictions(&account("acc-ann")).await.err(),
        stranger.restrictions_of(&[account("acc-ann")]).await.err(),
        stranger.restriction_changes(0).await.err(),
    ] {
        assert_eq!(answer, Some(ClientError::Unsigned { code: 401 }));
    }
    // Signed by the platform, but for another path, or long ago.
    let key = ours.current();
    let now = crate::wiring::wall_now();
    let old = Timestamp::from_millis(now.millis() - 301_000);
    let path = "/platform/v1/accounts/acc-ann/restrictions";
    for (signed, at) in [
        ("/platform/v1/accounts/acc-ben/restrictions", now),
        (path, old),
    ] {
        let headers = sign_request(key, "GET", signed, b"", at, &nonce_text([7; 16]));
        let mut request = scene.visitor().bare(&Method::GET, path);
        for (name, value) in headers {
            request = request.header(name, value);
        }
        let answer = send(request).await;
        assert_eq!(answer.status, 401, "{}", answer.body);
        assert!(!answer.body.contains("frozen"));
    }
    scene.end().await;
}
