//! What is not rightly signed is refused, unsigned and without a word.

use recovery::time::Span;

use crate::contract::ResolveRequest;
use crate::keys::SharedKey;
use crate::paths::REGAIN_BASE;
use crate::transport::fresh_nonce;

use super::ground::{Ground, fresh_word};
use super::rows::{Miss, Must, Rows, Trial, ensure, fail};
use super::wire::{Answer, Call};

/// More than clocks may differ.
const TOO_FAR: Span = Span::minutes(6);
/// Less than that.
const NEAR: Span = Span::minutes(4);
const NOW: Span = Span::millis(0);

/// 401, and no signature: whoever asked is nobody.
fn turned_away(answer: &Answer) -> Trial {
    ensure(answer.status == 401, || {
        format!("answered {} in place of 401", answer.status)
    })?;
    ensure(!answer.bears_signature, || "the 401 is signed".to_owned())
}

fn capabilities() -> Call {
    Call::get(format!("{REGAIN_BASE}/capabilities"))
}

fn resolve() -> Call {
    let request = ResolveRequest {
        identifier: format!("nobody-{}", fresh_word()).into(),
    };
    Call::post(format!("{REGAIN_BASE}/accounts/resolve"), &request)
}

pub(super) async fn run(ground: &Ground, rows: &mut Rows<'_>) {
    Box::pin(wrong(ground, rows)).await;
    Box::pin(late(ground, rows)).await;
}

async fn wrong(ground: &Ground, rows: &mut Rows<'_>) {
    let wire = &ground.wire;
    let remedy = "Verify the signature before anything else, over the path as it is on the wire.";
    let must = Must::new(
        "signing.no_headers",
        "A call without signature is refused.",
        remedy,
    );
    rows.check(must, async {
        turned_away(&wire.send(&capabilities(), Vec::new()).await?)
    })
    .await;
    let must = Must::new(
        "signing.wrong_secret",
        "A call signed by a stranger is refused.",
        remedy,
    );
    rows.check(must, by_another(ground, ground.wire.key().id()))
        .await;
    let must = Must::new(
        "signing.unknown_key",
        "A key that is not live is refused.",
        remedy,
    );
    rows.check(must, by_another(ground, "conformance-nobody"))
        .await;
    let must = Must::new(
        "signing.changed_body",
        "Another body than was signed is refused.",
        remedy,
    );
    rows.check(must, async {
        let headers = wire.sign(&resolve(), wire.key(), NOW, &fresh_nonce())?;
        turned_away(&wire.send(&resolve(), headers).await?)
    })
    .await;
    let must = Must::new(
        "signing.changed_path",
        "Another path than was signed is refused.",
        remedy,
    );
    rows.check(must, async {
        let headers = wire.sign(&capabilities(), wire.key(), NOW, &fresh_nonce())?;
        let query = Call::get(format!("{REGAIN_BASE}/capabilities?more=1"));
        turned_away(&wire.send(&query, headers).await?)
    })
    .await;
}

async fn late(ground: &Ground, rows: &mut Rows<'_>) {
    let wire = &ground.wire;
    let clock = "Compare Regain-Time with your clock; five minutes are the limit, both ways.";
    let must = Must::new(
        "signing.stale_time",
        "A call signed six minutes ago, or six minutes ahead, is refused.",
        clock,
    );
    rows.check(must, async {
        for off in [Span::millis(-TOO_FAR.as_millis()), TOO_FAR] {
            let call = capabilities();
            let headers = wire.sign(&call, wire.key(), off, &fresh_nonce())?;
            turned_away(&wire.send(&call, headers).await?)?;
        }
        Ok(())
    })
    .await;
    let must = Must::new(
        "signing.near_time",
        "Clocks may differ by four minutes, both ways.",
        clock,
    );
    rows.check(must, async {
        for off in [Span::millis(-NEAR.as_millis()), NEAR] {
            let call = capabilities();
            let headers = wire.sign(&call, wire.key(), off, &fresh_nonce())?;
            let answer = wire.send(&call, headers).await?;
            ensure(answer.status == 200, || {
                format!("answered {}", answer.status)
            })?;
        }
        Ok(())
    })
    .await;
    let must = Must::new(
        "signing.repeated_nonce",
        "The same call again is refused, and so is another call under its nonce.",
        "Remember each nonce, after its signature was verified, until its time is stale.",
    );
    rows.check(must, async {
        let (call, nonce) = (capabilities(), fresh_nonce());
        let headers = wire.sign(&call, wire.key(), NOW, &nonce)?;
        let first = wire.send(&call, headers.clone()).await?;
        if first.status != 200 {
            return fail(format!("the first was answered {}", first.status));
        }
        turned_away(&wire.send(&call, headers).await?)?;
        let other = resolve();
        let headers = wire.sign(&other, wire.key(), NOW, &nonce)?;
        turned_away(&wire.send(&other, headers).await?)
    })
    .await;
}

/// A call signed with a secret that nobody gave out.
async fn by_another(ground: &Ground, id: &str) -> Trial {
    let secret = fresh_word().into_bytes();
    let key = SharedKey::new(id, secret).map_err(|error| Miss::Fail(error.to_string()))?;
    let call = capabilities();
    let headers = ground.wire.sign(&call, &key, NOW, &fresh_nonce())?;
    turned_away(&ground.wire.send(&call, headers).await?)
}
