//! Accounts, actions and addresses that are not there.

use crate::contract::{ActionName, RestrictionMode, SecuringVerb};
use crate::paths::REGAIN_BASE;
use reqwest::Method;

use super::ground::{Ground, account_path, fresh_word};
use super::rows::{Must, Rows, Trial, ensure};
use super::wire::Call;

/// A name of the right form that no platform has.
const STRANGE: &str = "conformance_nothing";

pub(super) async fn run(ground: &Ground, rows: &mut Rows<'_>) {
    let must = Must::new(
        "unknown.account",
        "Every call about an account that is not there is refused with 404.",
        "Look the account up first, in every call.",
    );
    rows.check(must, nobody(ground)).await;
    let must = Must::new(
        "unknown.action",
        "A securing action that was not declared is refused with 404, asked or read.",
        "Know your actions by name; never answer done for one that you do not have.",
    );
    rows.check(must, strange_action(ground)).await;
    let must = Must::new(
        "unknown.paths",
        "Addresses with tricks in them reach nothing.",
        "Route by whole segments, after decoding once; refuse what is not an account reference.",
    );
    rows.check(must, tricks(ground)).await;
    let must = Must::new(
        "unknown.methods",
        "DELETE reaches nothing.",
        "Answer 405 or 404 to methods that the contract does not have.",
    );
    rows.check(must, async {
        let mut call = Call::get(ground.path("restrictions")?);
        call.method = Method::DELETE;
        reaches_nothing(ground, &call).await
    })
    .await;
}

async fn nobody(ground: &Ground) -> Trial {
    let at = |rest: &str| account_path(&format!("nobody_{}", fresh_word()), rest);
    let case = ground.case();
    let set = ground.set(RestrictionMode::Frozen, &[]);
    let secure = ground.secure_call(
        &ActionName::fixed(ActionName::SESSIONS),
        &case,
        SecuringVerb::Suspend,
        &fresh_word(),
    )?;
    let staged = super::credentials::request(ground)?;
    let calls = [
        Call::get(at("dossier")),
        Call::get(at("portrait")),
        Call::get(at("restrictions")),
        Call::put(at("restrictions"), &set),
        Call::put(at(&format!("recoveries/{case}/credentials")), &staged),
        Call::get(at(&format!("securing/sessions?case={case}"))),
        Call::post(at("securing/sessions"), &()).body(secure.body),
        Call::post(at("notices"), &super::notices::request(ground)),
    ];
    for call in &calls {
        let answer = ground.wire.ask(call).await?;
        let what = call.path.rsplit('/').next().unwrap_or_default();
        let what = what.split('?').next().unwrap_or_default();
        ensure(answer.status == 404, || {
            format!("{} {what} is answered {}", call.method, answer.status)
        })?;
    }
    Ok(())
}

async fn strange_action(ground: &Ground) -> Trial {
    let (strange, case) = (ActionName::fixed(STRANGE), ground.case());
    let suspend = ground.secure_call(&strange, &case, SecuringVerb::Suspend, &fresh_word())?;
    ground.wire.refused(&suspend, &[404]).await?;
    let path = ground.path(&format!("securing/{strange}?case={case}"))?;
    ground.wire.refused(&Call::get(path), &[404]).await
}

async fn tricks(ground: &Ground) -> Trial {
    let account = ground.account()?;
    let paths = [
        account_path(&format!("{account}%00"), "dossier"),
        account_path(&format!("x%2F..%2F{account}"), "dossier"),
        account_path(&format!("%2e%2e%2faccounts%2f{account}"), "dossier"),
        account_path(&format!("{account};x"), "dossier"),
        account_path(&format!("{account}%20"), "dossier"),
        account_path(&account.0, "dossier%2f..%2fdossier"),
        account_path(&account.0, "nothing"),
        format!("{REGAIN_BASE}/nothing"),
    ];
    for path in paths {
        reaches_nothing(ground, &Call::get(path)).await?;
    }
    Ok(())
}

async fn reaches_nothing(ground: &Ground, call: &Call) -> Trial {
    let answer = ground.wire.try_call(call).await?;
    ensure((400..500).contains(&answer.status), || {
        let account = ground.account.get().map(|account| account.0.as_str());
        let shown = call.path.replace(account.unwrap_or("\n"), "REF");
        format!("{} {shown} is answered {}", call.method, answer.status)
    })
}
