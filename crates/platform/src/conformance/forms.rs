//! Bodies that are not in the contract's form.

use serde::Serialize;
use serde_json::{Value, json};

use crate::contract::{PasswordCheck, ResolveRequest, RestrictionMode, SecuringVerb};
use crate::paths::{JSON_MAX, REGAIN_BASE};
use crate::transport::ClientError;

use super::ground::{Ground, fresh_word};
use super::rows::{Must, Rows, Trial, ensure, fail};
use super::wire::Call;

/// What a body out of form is refused with.
const OUT_OF_FORM: [u16; 2] = [422, 400];

pub(super) async fn run(ground: &Ground, rows: &mut Rows<'_>) {
    let must = Must::new(
        "forms.unknown_field",
        "A request with a field that the contract does not have is refused with 422, and not done.",
        "Refuse unknown fields: they mean something that you would not do.",
    );
    rows.check(must, unknown_fields(ground)).await;
    let must = Must::new(
        "forms.not_json",
        "A body that is no JSON, or none of the call's, is refused with 422.",
        "Parse strictly, and answer with a problem.",
    );
    rows.check(must, async {
        let path = ground.path("restrictions")?;
        let long_key = "k".repeat(129);
        let securing = json!({
            "case": ground.case(), "verb": "suspend", "idempotency_key": long_key,
        });
        let calls = [
            Call::put(path.clone(), &()).body("{"),
            Call::put(path.clone(), &()).body("[]"),
            Call::put(path, &json!({ "version": -1, "mode": "sideways" })),
            Call::post(ground.path("securing/sessions")?, &securing),
        ];
        for call in &calls {
            ground.wire.refused(call, &OUT_OF_FORM).await?;
        }
        Ok(())
    })
    .await;
    let must = Must::new(
        "forms.too_large",
        "A body of more than 1 MiB is refused, before it is all in memory.",
        "Answer 413, or break the connection off, as soon as 1 MiB has come.",
    );
    rows.check(must, too_large(ground)).await;
}

/// Every call with a body, each with one field too many.
fn bodies(ground: &Ground) -> Trial<Vec<Call>> {
    let case = ground.case();
    let set = ground.set(RestrictionMode::Frozen, &[]);
    let resolve = ResolveRequest {
        identifier: ground.options.identifier.clone().into(),
    };
    let check = PasswordCheck {
        password: format!("check {}", fresh_word()).into(),
    };
    let secure = json!({
        "case": case, "verb": SecuringVerb::Restore, "idempotency_key": fresh_word(),
    });
    let staged = super::credentials::request(ground)?;
    let notice = super::notices::request(ground);
    let stage = format!("recoveries/{case}/credentials");
    Ok(vec![
        Call::post(format!("{REGAIN_BASE}/accounts/resolve"), &more(&resolve)),
        Call::put(ground.path("restrictions")?, &more(&set)),
        Call::post(ground.path("credentials/password/check")?, &more(&check)),
        Call::put(ground.path(&stage)?, &more(&staged)),
        Call::post(ground.path("securing/sessions")?, &more(&secure)),
        Call::post(ground.path("notices")?, &more(&notice)),
    ])
}

fn more(body: &impl Serialize) -> Value {
    let mut value = serde_json::to_value(body).unwrap_or_default();
    if let Value::Object(fields) = &mut value {
        fields.insert("surprise".to_owned(), json!(true));
    }
    value
}

async fn unknown_fields(ground: &Ground) -> Trial {
    let before = ground.in_force().await?;
    for call in bodies(ground)? {
        let answer = ground.wire.ask(&call).await?;
        let what = call.path.rsplit('/').next().unwrap_or_default();
        ensure(OUT_OF_FORM.contains(&answer.status), || {
            format!("{} {what} is answered {}", call.method, answer.status)
        })?;
    }
    let after = ground.in_force().await?;
    ensure(before == after, || {
        "the refused restriction is in force".to_owned()
    })
}

async fn too_large(ground: &Ground) -> Trial {
    let request = ResolveRequest {
        identifier: "x".repeat(JSON_MAX).into(),
    };
    let call = Call::post(format!("{REGAIN_BASE}/accounts/resolve"), &request);
    match ground.wire.try_call(&call).await {
        Ok(answer) if (400..500).contains(&answer.status) => Ok(()),
        // Who breaks off while we still send has refused as well.
        Err(ClientError::Unreachable) => Ok(()),
        Ok(answer) => fail(format!("answered {}", answer.status)),
        Err(error) => Err(error.into()),
    }
}
