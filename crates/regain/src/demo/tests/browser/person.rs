//! Somebody with a browser: goes to pages, types, presses, and looks at everything.

use std::path::Path;

use anyhow::{Context as _, Result, bail};
use fantoccini::elements::Element;
use fantoccini::{Client, Locator};
use serde_json::{Value, json};
use url::Url;

use super::driver::{Driver, extra};
use super::gallery::{Gallery, POLLS_MAX, as_phone, pause};

/// One person's browser.
pub(super) struct Person<'a> {
    client: Client,
    home: Url,
    gallery: &'a Gallery,
}

impl<'a> Person<'a> {
    /// A fresh browser, on a phone, for a site.
    pub(super) async fn new(driver: &Driver, gallery: &'a Gallery, home: &Url) -> Result<Self> {
        Self::with_flags(driver, gallery, home, &[]).await
    }

    /// The same, in a browser that was started with more flags.
    pub(super) async fn with_flags(
        driver: &Driver,
        gallery: &'a Gallery,
        home: &Url,
        flags: &[String],
    ) -> Result<Self> {
        let client = driver.browser(flags).await?;
        as_phone(&client).await?;
        Ok(Self {
            client,
            home: home.clone(),
            gallery,
        })
    }

    /// The browser itself, for what only one test does with it.
    pub(super) const fn client(&self) -> &Client {
        &self.client
    }

    /// Presses something that changes the page in place.
    pub(super) async fn touches(&self, select: &str) -> Result<()> {
        self.find(select).await?.click().await?;
        Ok(())
    }

    /// What a piece of JavaScript returns.
    pub(super) async fn runs(&self, script: &str) -> Result<Value> {
        Ok(self.client.execute(script, Vec::new()).await?)
    }

    /// What an address for scripts answers a script of this page, as JSON.
    pub(super) async fn asks(&self, path: &str) -> Result<Value> {
        self.gallery.visited(&self.home.join(path)?);
        let ask = "return fetch(arguments[0]).then((answer) => answer.json())";
        Ok(self.client.execute(ask, vec![json!(path)]).await?)
    }

    /// Waits until an expression of JavaScript is true, on this page or the next one.
    pub(super) async fn until(&self, expression: &str) -> Result<()> {
        let script = format!("return Boolean({expression})");
        for _ in 0..POLLS_MAX {
            // Between two pages there is none to ask.
            let answer = self.client.execute(&script, Vec::new()).await;
            if answer.is_ok_and(|answer| answer == true) {
                return Ok(());
            }
            pause().await;
        }
        let said = self.text_of("main").await.unwrap_or_default();
        bail!("never so: {expression}: {said}")
    }

    /// The same browser at another site.
    pub(super) fn at(&self, home: &Url) -> Self {
        Self {
            client: self.client.clone(),
            home: home.clone(),
            gallery: self.gallery,
        }
    }

    /// Gives this browser a passkey store that agrees to everything.
    pub(super) async fn has_passkeys(&self) -> Result<()> {
        let options = json!({
            "protocol": "ctap2",
            "transport": "internal",
            "hasResidentKey": true,
            "hasUserVerification": true,
            "isUserConsenting": true,
            "isUserVerified": true,
        });
        extra(&self.client, "webauthn/authenticator", options).await?;
        Ok(())
    }

    /// Closes the browser.
    pub(super) async fn leaves(self) -> Result<()> {
        Ok(self.client.close().await?)
    }

    /// Opens a path of the site, or a whole address.
    pub(super) async fn goes(&self, path: &str) -> Result<()> {
        let address = self.home.join(path)?;
        self.gallery.visited(&address);
        self.client.goto(address.as_str()).await?;
        Ok(())
    }

    /// Opens a path and looks at it.
    pub(super) async fn sees(&self, path: &str, name: &str) -> Result<()> {
        self.goes(path).await?;
        self.looks(name).await
    }

    /// Looks at the page at both widths.
    pub(super) async fn looks(&self, name: &str) -> Result<()> {
        self.look(name, false).await
    }

    /// The same for a page that may say "not so".
    pub(super) async fn looks_at_failure(&self, name: &str) -> Result<()> {
        self.look(name, true).await
    }

    async fn look(&self, name: &str, failing: bool) -> Result<()> {
        let looked = self.gallery.look(&self.client, name, failing).await;
        looked.with_context(|| format!("looking at {name}"))?;
        as_phone(&self.client).await
    }

    /// The heading.
    pub(super) async fn heading(&self) -> Result<String> {
        self.text_of("h1").await
    }

    /// Where the browser is.
    pub(super) async fn path(&self) -> Result<String> {
        Ok(self.client.current_url().await?.path().to_owned())
    }

    /// Fails unless the heading says this.
    pub(super) async fn expects(&self, heading: &str) -> Result<()> {
        let found = self.heading().await?;
        if found.contains(heading) {
            return Ok(());
        }
        let said = self.text_of("main").await.unwrap_or_default();
        let path = self.path().await?;
        bail!("expected \"{heading}\" at {path}, found \"{found}\": {said}")
    }

    async fn find(&self, select: &str) -> Result<Element> {
        let found = self.client.find(Locator::Css(select)).await;
        match found {
            Ok(found) => Ok(found),
            Err(error) => {
                let (path, heading) = (self.path().await?, self.heading().await?);
                bail!("no {select} at {path} ({heading}): {error}")
            }
        }
    }

    /// Whether the page has such an element.
    pub(super) async fn has(&self, select: &str) -> Result<bool> {
        Ok(!self.client.find_all(Locator::Css(select)).await?.is_empty())
    }

    /// The text of the first element that fits.
    pub(super) async fn text_of(&self, select: &str) -> Result<String> {
        let found = self.client.find(Locator::Css(select)).await?;
        Ok(found.text().await?)
    }

    /// Types into a field.
    pub(super) async fn types(&self, name: &str, text: &str) -> Result<()> {
        let select = format!("main [name='{name}']:not([type='hidden'])");
        let field = self.find(&select).await?;
        field.clear().await?;
        field.send_keys(text).await?;
        Ok(())
    }

    /// Gives a file to a field.
    pub(super) async fn gives(&self, name: &str, file: &Path) -> Result<()> {
        let select = format!("main input[type='file'][name='{name}']");
        let file = file.to_str().context("a path that is no text")?;
        self.find(&select).await?.send_keys(file).await?;
        Ok(())
    }

    /// Picks a radio button or a checkbox.
    pub(super) async fn picks(&self, name: &str, value: &str) -> Result<()> {
        let select = format!("main input[name='{name}'][value='{value}']");
        self.find(&select).await?.click().await?;
        Ok(())
    }

    /// Picks an entry of a list.
    pub(super) async fn chooses(&self, name: &str, value: &str) -> Result<()> {
        let list = self.find(&format!("main select[name='{name}']")).await?;
        list.select_by_value(value).await?;
        Ok(())
    }

    /// Presses a button or link that leads to a page, and waits for that page.
    pub(super) async fn presses(&self, select: &str) -> Result<()> {
        let button = self.find(select).await?;
        let mark = "window.pageBefore = true";
        self.client.execute(mark, Vec::new()).await?;
        button.click().await?;
        let there = "return !window.pageBefore && document.readyState === 'complete'";
        for _ in 0..POLLS_MAX {
            let answer = self.client.execute(there, Vec::new()).await;
            // Between two pages there is none to ask.
            if answer.is_ok_and(|answer| answer == true) {
                let address = self.client.current_url().await?;
                self.gallery.visited(&address);
                return Ok(());
            }
            pause().await;
        }
        let said = self.text_of("main").await.unwrap_or_default();
        bail!("{select} led nowhere: {said}")
    }

    /// The form's own button.
    pub(super) async fn goes_on(&self) -> Result<()> {
        self.presses("main form button:not([type='button'])").await
    }

    /// The button of a page with one form, wherever it stands in it.
    pub(super) async fn goes_on_here(&self) -> Result<()> {
        self.presses("main form button").await
    }

    /// Opens a page until its heading says this.
    pub(super) async fn waits_for(&self, path: &str, heading: &str) -> Result<()> {
        for _ in 0..POLLS_MAX {
            self.goes(path).await?;
            if self.heading().await?.contains(heading) {
                return Ok(());
            }
            pause().await;
        }
        self.expects(heading).await
    }
}
