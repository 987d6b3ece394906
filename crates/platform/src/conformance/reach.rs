//! What nothing else can do without: answers, in time, signed, in form.

use crate::contract::Capabilities;
use crate::paths::REGAIN_BASE;

use super::ground::{Ground, account_path, fresh_word};
use super::rows::{Must, Rows, Trial, ensure, fail};
use super::wire::Call;

pub(super) async fn run(ground: &Ground, rows: &mut Rows<'_>) {
    let call = Call::get(format!("{REGAIN_BASE}/capabilities"));
    let must = Must::new(
        "reach.answer",
        "The platform answers the simplest call with 200, in time, and not without end.",
        "Look at the address, at what stands before the platform, and at its log.",
    );
    rows.gate(must, async {
        let answer = ground.wire.try_call(&call).await?;
        match answer.status {
            200 => Ok(()),
            401 => fail("answered 401: do both sides have the same key and the same time?"),
            300..=399 => fail(format!(
                "answered {}: redirects are not followed",
                answer.status
            )),
            other => fail(format!("answered {other}")),
        }
    })
    .await;
    let must = Must::new(
        "reach.signed",
        "Answers are signed over the request's nonce, the status and the body, by its key.",
        "Sign every answer to a verified request; nothing behind may change the body.",
    );
    rows.gate(must, async {
        ground.wire.ask(&call).await?;
        Ok(())
    })
    .await;
    let must = Must::new(
        "reach.form",
        "The capabilities are JSON in the contract's form.",
        "Compare the answer with docs/reference/platform-openapi.json.",
    );
    rows.gate(must, capabilities(ground, &call)).await;
    let must = Must::new(
        "reach.refusals_signed",
        "Refusals of verified requests are signed as well.",
        "Sign refusals like every other answer, in the layer that verified the request.",
    );
    rows.gate(must, async {
        let nobody = account_path(&format!("nobody_{}", fresh_word()), "dossier");
        let answer = ground.wire.ask(&Call::get(nobody)).await?;
        ensure((400..500).contains(&answer.status), || {
            format!("the dossier of nobody is answered {}", answer.status)
        })
    })
    .await;
}

async fn capabilities(ground: &Ground, call: &Call) -> Trial {
    let declared: Capabilities = ground.wire.json(call).await?;
    ground.capabilities.get_or_init(|| declared);
    Ok(())
}
