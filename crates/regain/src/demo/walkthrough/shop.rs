//! Somebody at the exchange: signing in, and trying everything a freeze must refuse.

use anyhow::{Context as _, Result, bail};
use serde_json::{Value, json};

use super::authenticator::SoftAuthenticator;
use super::browser::Browser;
use super::stage::{POLLS_MAX, Stage};
use crate::demo::seed::{KNOWN_ADDRESS, Person};

/// Somebody's browser at the exchange.
pub(crate) struct Shopper<'a> {
    stage: &'a Stage<'a>,
    who: &'static str,
    browser: Browser,
}

/// What is withdrawn after the wait, in USDT.
pub(crate) const WITHDRAWN: i64 = 5;
/// A withdrawal address nobody used before.
const NEW_ADDRESS: &str = "bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4";

impl<'a> Shopper<'a> {
    pub(crate) fn new(stage: &'a Stage<'a>, who: &'static str) -> Result<Self> {
        Ok(Self {
            stage,
            who,
            browser: Browser::new(&stage.world.exchange)?,
        })
    }

    async fn act(&self, path: &str, body: &Value) -> Result<(u16, String)> {
        let (status, answer) = self.browser.post_json(path, None, body).await?;
        let code = answer
            .get("code")
            .and_then(Value::as_str)
            .unwrap_or_default();
        Ok((status.as_u16(), code.to_owned()))
    }

    /// Whether these factors open the account. Each code serves once, so time passes first.
    pub(crate) async fn signs_in(&self, id: &str, password: &str, totp: &str) -> Result<bool> {
        let body = self.credentials((id, password, totp)).await?;
        let (status, code) = self.act("/login", &body).await?;
        Ok((200..300).contains(&status) && code.is_empty())
    }

    async fn credentials(&self, (id, password, totp): (&str, &str, &str)) -> Result<Value> {
        self.stage.passes_seconds(61).await?;
        let code = self.stage.digits(totp)?;
        Ok(json!({ "identifier": id, "password": password, "code": code }))
    }

    /// Stops a recovery with the old factors, at the exchange's own page.
    pub(crate) async fn objects(&self, factors: (&str, &str, &str)) -> Result<()> {
        let body = self.credentials(factors).await?;
        let (status, answer) = self.browser.post_json("/stop", None, &body).await?;
        let stopped = answer.get("stopped") == Some(&Value::Bool(true));
        let said = if stopped { "stopped" } else { "not stopped" };
        self.stage
            .step(self.who, "stops it with the old factors", said);
        if !status.is_success() || !stopped {
            bail!("the old factors must stop a recovery: {status}");
        }
        Ok(())
    }

    /// Waits until signing in goes as expected, which takes the platform a moment.
    pub(crate) async fn must_sign_in_soon(
        &self,
        factors: (&str, &str, &str),
        expected: bool,
        what: &str,
    ) -> Result<()> {
        let (id, password, totp) = factors;
        for _ in 0..POLLS_MAX {
            if self.signs_in(id, password, totp).await? == expected {
                break;
            }
            self.stage.pause().await;
        }
        self.must_sign_in(factors, expected, what).await
    }

    /// Fails unless signing in goes as expected.
    pub(crate) async fn must_sign_in(
        &self,
        (id, password, totp): (&str, &str, &str),
        expected: bool,
        what: &str,
    ) -> Result<()> {
        let works = self.signs_in(id, password, totp).await?;
        let said = if works { "signed in" } else { "refused" };
        self.stage.step(self.who, what, said);
        if works != expected {
            bail!(
                "{what}: expected {}",
                if expected { "to work" } else { "a refusal" }
            );
        }
        Ok(())
    }

    /// Signs in with a passkey, or is refused.
    pub(crate) async fn passkey_works(
        &self,
        id: &str,
        passkeys: &mut SoftAuthenticator,
    ) -> Result<bool> {
        let start = json!({ "identifier": id, "purpose": "login" });
        let (status, begun) = self
            .browser
            .post_json("/login/passkey/start", None, &start)
            .await?;
        if !status.is_success() {
            return Ok(false);
        }
        let options = begun.get("options").cloned().unwrap_or(Value::Null);
        let Ok(credential) = passkeys.get(&self.browser.origin(), &options) else {
            return Ok(false);
        };
        let finish = json!({
            "ceremony": begun.get("ceremony"), "purpose": "login", "credential": credential,
        });
        let (status, _) = self
            .browser
            .post_json("/login/passkey/finish", None, &finish)
            .await?;
        let said = if status.is_success() {
            "signed in"
        } else {
            "refused"
        };
        self.stage
            .step(self.who, "signs in with the new passkey", said);
        Ok(status.is_success())
    }

    async fn must(&self, path: &str, body: Value, allowed: bool, what: &str) -> Result<()> {
        let (status, code) = self.act(path, &body).await?;
        let fine = (200..300).contains(&status);
        let said = if fine {
            "done".to_owned()
        } else {
            format!("refused: {code}")
        };
        self.stage.step(self.who, what, &said);
        if fine != allowed || (!allowed && code != "restricted") {
            bail!(
                "{what}: {status} {code}, expected {}",
                if allowed { "done" } else { "refused" }
            );
        }
        Ok(())
    }

    /// What the waiting period refuses and allows (M18).
    pub(crate) async fn meets_the_freeze(&self) -> Result<()> {
        let usdt = |amount: &str| json!({ "asset": "USDT", "amount": amount });
        let withdraw = json!({ "address": KNOWN_ADDRESS, "asset": "USDT", "amount": "5" });
        self.must("/withdraw", withdraw, false, "tries to withdraw")
            .await?;
        self.must("/c2c", usdt("5"), false, "tries to sell through C2C")
            .await?;
        let send = json!({ "to": "ben", "asset": "USDT", "amount": "5" });
        self.must("/send", send, false, "tries to send to a user")
            .await?;
        self.must(
            "/api-keys",
            json!({ "label": "bot" }),
            false,
            "tries a new API key",
        )
        .await?;
        let address = json!({ "chain": "bitcoin", "address": NEW_ADDRESS });
        self.must("/whitelist", address, false, "tries a new address")
            .await?;
        let transfer = json!({ "from": "spot", "asset": "USDT", "amount": "5" });
        self.must("/transfer", transfer, true, "transfers between own wallets")
            .await?;
        let (status, _) = self.browser.get_json("/assets").await?;
        self.stage.step(
            self.who,
            "views assets",
            if status.is_success() { "shown" } else { "no" },
        );
        if !status.is_success() {
            bail!("viewing assets must stay possible");
        }
        Ok(())
    }

    /// Tries everything that moves money; fails if any of it goes through.
    pub(crate) async fn moves_nothing(&self) -> Result<()> {
        let usdt = json!({ "asset": "USDT", "amount": "5" });
        let mut said = Vec::new();
        for (path, body) in [
            (
                "/withdraw",
                json!({ "address": KNOWN_ADDRESS, "asset": "USDT", "amount": "5" }),
            ),
            ("/c2c", usdt.clone()),
            ("/trade", usdt),
            (
                "/send",
                json!({ "to": "ben", "asset": "USDT", "amount": "5" }),
            ),
        ] {
            let (status, code) = self.act(path, &body).await?;
            if !matches!(code.as_str(), "restricted" | "signed_out") {
                bail!("{path} must be refused, it was answered {status} {code}");
            }
            said.push(code);
        }
        let said = format!("refused: {}", said.join(", "));
        self.stage
            .step(self.who, "tries to withdraw, sell, trade and send", &said);
        Ok(())
    }

    /// Waits until the platform has a restriction in force.
    pub(crate) async fn is_frozen_again(&self) -> Result<()> {
        for _ in 0..POLLS_MAX {
            let (_, assets) = self.browser.get_json("/assets").await?;
            let mode = assets.pointer("/restriction/mode").and_then(Value::as_str);
            if mode.is_some_and(|mode| mode != "none") {
                self.stage
                    .step(self.who, "looks at the account", "restricted again");
                return Ok(());
            }
            self.stage.pause().await;
        }
        bail!("the platform lost the freeze, and nobody noticed")
    }

    /// Whitelist, API keys and authorisations are gone (M21-M23).
    pub(crate) async fn finds_nothing_old(&self) -> Result<()> {
        for path in ["/whitelist", "/api-keys", "/authorisations"] {
            let (status, list) = self.browser.get_json(path).await?;
            let left = count_items(&list);
            self.stage.step(
                self.who,
                &format!("looks at {path}"),
                &format!("{left} entries"),
            );
            if !status.is_success() || left > 0 {
                bail!("{path} still holds {left} old entries ({status})");
            }
        }
        Ok(())
    }

    /// After the wait: adds addresses by hand (M33); within limits value goes to the known one, and
    /// to the new one only when they are over (B13).
    pub(crate) async fn withdraws(&self) -> Result<()> {
        let address = json!({ "chain": "bitcoin", "address": NEW_ADDRESS });
        self.must("/whitelist", address, true, "adds a withdrawal address")
            .await?;
        let amount = WITHDRAWN.to_string();
        let to = |address: &str, amount: &str| {
            let asset = "USDT";
            json!({ "address": address, "asset": asset, "amount": amount })
        };
        let strange = to(NEW_ADDRESS, &amount);
        self.must("/withdraw", strange, false, "tries to withdraw to it")
            .await?;
        let known = json!({ "chain": "bitcoin", "address": KNOWN_ADDRESS });
        self.must("/whitelist", known, true, "adds the old address again")
            .await?;
        let much = to(KNOWN_ADDRESS, "900");
        self.must("/withdraw", much, false, "tries to withdraw too much")
            .await?;
        let known = to(KNOWN_ADDRESS, &amount);
        self.must("/withdraw", known, true, "withdraws").await
    }

    /// USDT in all wallets together, whole ones.
    pub(crate) async fn usdt(&self) -> Result<i64> {
        let (_, assets) = self.browser.get_json("/assets").await?;
        let rows = assets.get("balances").and_then(Value::as_array);
        let mut sum = 0;
        for row in rows.context("no balances")? {
            if row.get("asset").and_then(Value::as_str) == Some("USDT") {
                let amount = row.get("amount").and_then(Value::as_str);
                let whole = amount.and_then(|amount| amount.split('.').next());
                sum += whole.context("no amount")?.parse::<i64>()?;
            }
        }
        Ok(sum)
    }

    /// The way from the login page to the recovery page, with the ticket of this device.
    pub(crate) async fn follows_lost_everything(&self) -> Result<String> {
        let page = self.browser.get("/login").await?;
        self.stage
            .step(self.who, "opens the exchange's login", &page.heading());
        let page = self.browser.get("/help/access/lost").await?;
        self.stage.step(
            self.who,
            "has lost everything",
            &page.url.to_string().chars().take(40).collect::<String>(),
        );
        let portal = self.stage.world.portal.as_str();
        if page.url.as_str().starts_with(portal) {
            return Ok(page.url.to_string());
        }
        let link = page.attribute(&format!("a[href^='{portal}']"), "href");
        Ok(link.unwrap_or_else(|| format!("{portal}?from=login")))
    }
}

fn count_items(value: &Value) -> usize {
    match value {
        Value::Array(items) => items.len(),
        Value::Object(map) => map
            .values()
            .filter_map(Value::as_array)
            .map(Vec::len)
            .max()
            .unwrap_or(0),
        _ => 0,
    }
}

/// The old factors of a seeded person.
pub(crate) const fn old_factors(person: &Person) -> (&str, &str, &str) {
    (person.user_name, person.password, person.totp)
}
