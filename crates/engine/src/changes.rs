//! The platform tells that something of an account changed while its recovery waits.

use platform::contract::{CHANGE_KEY_MAX, ChangeRequest, SecurityChangeKind};
use recovery::actor::Actor;
use recovery::case::{ChangeKind, Command, Refusal, State, ToldChange};
use recovery::id::AccountRef;

use crate::calls::{in_form, malformed};
use crate::engine::Engine;
use crate::error::{EngineError, Result};
use crate::handle::Attached;

/// Purpose of the digest under which a change is known again.
const CHANGE: &str = "account_change";

/// The rules' word for the contract's. Nobody tells us of our own handover.
const fn kind_of(told: SecurityChangeKind) -> ChangeKind {
    match told {
        SecurityChangeKind::NewEmail => ChangeKind::NewEmail,
        SecurityChangeKind::NewFactor => ChangeKind::NewFactor,
        SecurityChangeKind::NewDevice => ChangeKind::NewDevice,
        SecurityChangeKind::SuspiciousLogin => ChangeKind::SuspiciousLogin,
        SecurityChangeKind::PasswordChanged => ChangeKind::PasswordChanged,
        SecurityChangeKind::Other => ChangeKind::Other,
    }
}

fn change_of(body: &[u8]) -> Result<ChangeRequest> {
    let shape = "the body must be {\"kind\", \"at\", \"idempotency_key\"} as in the contract";
    let request: ChangeRequest = in_form(body, shape)?;
    match request.idempotency_key.len() {
        1..=CHANGE_KEY_MAX => Ok(request),
        _ => Err(malformed("the idempotency key must have 1 to 128 bytes")),
    }
}

impl Engine {
    /// Makes the wait of the account's approved case longer, by policy; says whether it did. The
    /// key in the body is the platform's own: told again, the change makes nothing longer.
    ///
    /// # Errors
    /// [`EngineError::Input`] for a body out of the contract's form; or when the database does not
    /// answer: then the platform must call again.
    pub async fn platform_change(&self, account: &AccountRef, body: &[u8]) -> Result<bool> {
        let request = change_of(body)?;
        let name = format!("{account}/{}", request.idempotency_key);
        let told = ToldChange {
            kind: kind_of(request.kind),
            key: self.0.vault.blind_index(CHANGE, &name),
            happened_at: request.at,
        };
        let rows = self.0.store.read().await?.cases_of_account(account).await?;
        let mut longer = false;
        for row in rows {
            if row.state != State::CoolingOff.name() {
                continue;
            }
            let before = self.case(&row.id).await?.version;
            let command = Command::NoteChange { told: told.clone() };
            let attached = Attached::default();
            match self
                .handle(&row.id, &Actor::Platform, &command, &attached)
                .await
            {
                Ok(case) => longer |= case.version > before,
                // Not waiting any more, not yet, or told before.
                Err(EngineError::Refused(Refusal::WrongStep | Refusal::AlreadyDone)) => {}
                Err(error) => return Err(error),
            }
        }
        Ok(longer)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_contracts_body_is_read() {
        let text = r#"{"kind":"new_email","at":5,"idempotency_key":"change-1"}"#;
        let kind = |text: &str| kind_of(change_of(text.as_bytes()).unwrap().kind);
        assert_eq!(kind(text), ChangeKind::NewEmail);
        // What is not known counts; and nobody tells us of our own handover.
        for other in ["new_fingerprint", "handover"] {
            assert_eq!(kind(&text.replace("new_email", other)), ChangeKind::Other);
        }
        let long = "x".repeat(CHANGE_KEY_MAX + 1);
        for wrong in [
            text.replace("change-1", ""),
            text.replace("change-1", &long),
            text.replace("\"at\":5,", ""),
            text.replace("\"at\":5", "\"at\":\"now\""),
            text.replace("\"at\":5", "\"at\":5,\"hours\":-9"),
            "change".to_owned(),
        ] {
            let refused = change_of(wrong.as_bytes()).unwrap_err();
            let malformed = matches!(
                refused,
                EngineError::Input {
                    code: "malformed",
                    ..
                }
            );
            assert!(malformed, "{wrong}: {refused}");
        }
    }
}
