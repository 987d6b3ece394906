//! The handover: from the link in the mail to the new ways in.

use anyhow::{Context as _, Result, ensure};
use serde_json::{Value, json};
use url::Url;

use super::{Applicant, NEW_PASSWORD};
use crate::demo::walkthrough::browser::Page;
use crate::demo::walkthrough::crash::submit_in_time;

/// The platform's page, and the link to it on ours.
const PLATFORM_PAGE: &str = "/handover/passkey/platform";
const CODES: &str = "Prepare for next time";

impl Applicant<'_> {
    /// Opens the handover link of the mail with the case key and binds new credentials.
    pub(crate) async fn sets_up_account(&mut self) -> Result<()> {
        let passkey = self.begins_handover().await?;
        let next = self.adds_passkey(passkey).await?;
        let finish = self.keeps_codes(next).await?;
        let finish = match finish.form("/handover/done") {
            Ok(_) => finish,
            Err(_) => self.browser.get("/handover/done").await?,
        };
        self.press(
            &finish,
            "/handover/done",
            &[],
            "finishes",
            "Your account is yours again|Waiting period",
        )
        .await?;
        Ok(())
    }

    /// As far as the page of the password.
    pub(crate) async fn opens_handover(&mut self) -> Result<Page> {
        let link = self.stage.link_for(&self.email, "/handover/").await?;
        // Before the freeze is in force nothing is handed over.
        self.stage.restrictions_arrive().await?;
        let page = self.browser.get(link.as_str()).await?;
        self.note("opens the handover link", &page);
        let key = self.key.clone();
        let action = Url::parse(&link)?.path().to_owned();
        let start = page.form(&action).or_else(|_| page.form("/handover"))?;
        let next = submit_in_time(self.stage, &self.browser, &start, &[("key", &key)]).await?;
        self.note("types the case key", &next);
        next.expect("Choose a new password")?;
        Ok(next)
    }

    /// As far as the page of the passkey.
    pub(crate) async fn begins_handover(&mut self) -> Result<Page> {
        let next = self.opens_handover().await?;
        let typed = [("password", NEW_PASSWORD)];
        let form = "/handover/password";
        let totp = self
            .press(&next, form, &typed, "chooses a password", "Connect an")
            .await?;
        self.totp = totp
            .text_of("#secret")
            .context("no secret")?
            .replace(' ', "");
        let digits = self.stage.digits(&self.totp)?;
        let typed = [("digits", digits.as_str())];
        let form = "/handover/authenticator";
        self.press(&totp, form, &typed, "connects an authenticator", "Add a")
            .await
    }

    /// Adds a passkey, here or on the platform's page, as the page of the handover has it.
    pub(crate) async fn adds_passkey(&mut self, page: Page) -> Result<Page> {
        let there = format!("a[href='{PLATFORM_PAGE}']");
        if page.attribute(&there, "href").is_some() {
            return self.adds_passkey_there().await;
        }
        let options = page
            .attribute("#passkey-form", "data-options")
            .context("no options")?;
        let options: Value = serde_json::from_str(&options)?;
        let made = self
            .passkeys
            .create(&self.browser.origin(), &options)?
            .to_string();
        let typed = [("credential", made.as_str())];
        self.press(&page, "/handover/passkey", &typed, "adds a passkey", "")
            .await
    }

    /// What the script of the platform's page does; then back to where that page sends.
    async fn adds_passkey_there(&mut self) -> Result<Page> {
        let page = self.browser.get(PLATFORM_PAGE).await?;
        self.note("goes to the platform's page", &page);
        page.expect("Add a passkey")?;
        ensure!(page.url.query().is_none(), "the assertion left the address");
        let shop = self.browser.at(&self.stage.world.exchange);
        let nothing = json!({});
        let start = shop.post_json("/enrol/passkey/start", None, &nothing);
        let (status, begun) = start.await?;
        ensure!(status.is_success(), "{begun}");
        let options = begun.get("options").context("no options")?;
        let credential = self.passkeys.create(&shop.origin(), options)?;
        let made = json!({ "ceremony": begun.get("ceremony"), "credential": credential });
        let finish = shop.post_json("/enrol/passkey/finish", None, &made);
        let (status, done) = finish.await?;
        ensure!(status.is_success(), "{done}");
        let back = done.get("return_url").and_then(Value::as_str);
        let next = self.browser.get(back.context("no way back")?).await?;
        self.note("adds a passkey on the platform's page", &next);
        Ok(next)
    }

    /// Keeps the recovery codes, and types the one in that is asked for.
    pub(crate) async fn keeps_codes(&mut self, page: Page) -> Result<Page> {
        let page = if page.heading() == CODES {
            page
        } else {
            self.browser.get("/handover/codes").await?
        };
        if page.heading() != CODES {
            return Ok(page);
        }
        self.codes = page.texts_of("#codes li");
        let form = "/handover/codes";
        let typed = [("saved", "yes"), ("do", "saved")];
        let asked = self
            .press(&page, form, &typed, "saves recovery codes", CODES)
            .await?;
        let label = asked.text_of("label[for='code']").context("none asked")?;
        let number: usize = label.trim_start_matches("Code ").parse()?;
        let place = number.checked_sub(1).context("codes count from 1")?;
        let code = self.codes.get(place).context("no such code")?.clone();
        let typed = [("code", code.as_str()), ("do", "code")];
        self.press(&asked, form, &typed, "types in a recovery code", "")
            .await
    }
}
