//! The applicant at the portal, page by page, as a browser without JavaScript would go.

#[cfg(test)]
mod again;
mod handover;
mod live;
mod showing;

use std::net::IpAddr;

use anyhow::{Context as _, Result, bail};
use image::RgbImage;

use super::authenticator::SoftAuthenticator;
use super::browser::{Browser, Page};
use super::crash::with_key;
use super::stage::Stage;
use specimen::Papers;

/// What somebody shows.
#[derive(Clone)]
pub(crate) struct Shows {
    pub selfie: RgbImage,
    pub id_front: Option<Vec<u8>>,
    pub id_back: Option<Vec<u8>>,
    pub video: Option<Vec<u8>>,
    /// Makes this person's drawn pictures files of their own.
    pub salt: u32,
}

/// One page as an outsider sees it: for comparing what two people are shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Seen {
    pub action: String,
    pub heading: String,
    pub status: u16,
    pub bytes: usize,
}

/// Somebody who asks for an account.
pub(crate) struct Applicant<'a> {
    stage: &'a Stage<'a>,
    name: &'static str,
    pub(crate) browser: Browser,
    email: String,
    shows: Shows,
    /// Documents and a note of their own, where the fonts to draw them are there.
    papers: Option<Papers>,
    pub code: String,
    pub key: String,
    pub seen: Vec<Seen>,
    /// Secret of the new authenticator.
    pub totp: String,
    pub passkeys: SoftAuthenticator,
    /// The recovery codes that were kept.
    pub codes: Vec<String>,
}

/// Heading of the page for addresses in a country of high risk.
const ELSEWHERE: &str = "We cannot take requests";

/// The password the applicant chooses.
pub(crate) const NEW_PASSWORD: &str = "violet tram over the seventh bridge";

/// The pages before an account is named: form, field, answer, what that is, next heading.
const FIRST_PAGES: [(&str, &str, &str, &str, &str); 5] = [
    (
        "/",
        "what",
        "start",
        "starts a request",
        "Make sure this is",
    ),
    (
        "/check-site",
        "address",
        "exact",
        "checks the address",
        "Which of",
    ),
    (
        "/ways-in",
        "way",
        "none",
        "has no way in left",
        "Get these things",
    ),
    (
        "/prepare",
        "do",
        "ready",
        "has everything ready",
        "May we compare",
    ),
    (
        "/consent",
        "agree",
        "yes",
        "agrees",
        "Which account is it?|We cannot take requests from where you are now",
    ),
];

impl<'a> Applicant<'a> {
    /// Somebody with a new address.
    pub(crate) fn new(
        stage: &'a Stage<'a>,
        name: &'static str,
        email: &str,
        shows: Shows,
    ) -> Result<Self> {
        Ok(Self {
            stage,
            name,
            browser: Browser::new(&stage.world.portal)?,
            email: email.to_owned(),
            passkeys: SoftAuthenticator::new([u8::try_from(shows.salt % 251).unwrap_or(1); 32]),
            shows,
            papers: None,
            code: String::new(),
            key: String::new(),
            seen: Vec::new(),
            totp: String::new(),
            codes: Vec::new(),
        })
    }

    /// The same person with documents that can be read.
    pub(crate) fn with(mut self, papers: Papers) -> Self {
        self.papers = Some(papers);
        self
    }

    /// The same person behind another address, where one is given.
    pub(super) fn behind_address(mut self, ip: Option<IpAddr>) -> Result<Self> {
        if let Some(ip) = ip {
            self.browser = self.browser.behind_address(ip)?;
        }
        Ok(self)
    }

    /// Names the account; where the address lies in a country of high risk, asks people first.
    async fn names_account(&mut self, mut page: Page, account: &str) -> Result<Page> {
        if page.heading().contains(ELSEWHERE) {
            let typed = [("ask", "people")];
            let what = "asks people to look at it";
            page = self
                .press(&page, "/account", &typed, what, "Which account is it?")
                .await?;
        }
        let typed = [("account", account)];
        let what = "names the account";
        self.press(&page, "/account", &typed, what, "Where can we")
            .await
    }

    fn note(&mut self, action: &str, page: &Page) {
        self.stage.step(self.name, action, &page.heading());
        self.seen.push(Seen {
            action: action.to_owned(),
            heading: page.heading(),
            status: page.status.as_u16(),
            bytes: page.bytes_without_chance(),
        });
    }

    async fn press(
        &mut self,
        page: &Page,
        form: &str,
        typed: &[(&str, &str)],
        what: &str,
        heading: &str,
    ) -> Result<Page> {
        let next = self.browser.submit(&page.form(form)?, typed).await?;
        self.note(what, &next);
        next.expect(heading)?;
        Ok(next)
    }

    /// From the entry page to the task list.
    pub(crate) async fn opens_case(&mut self, entry: &str, account: &str) -> Result<()> {
        let mut page = self.browser.get(entry).await?;
        self.note("opens the recovery page", &page);
        for (form, field, typed, what, heading) in FIRST_PAGES {
            page = self
                .press(&page, form, &[(field, typed)], what, heading)
                .await?;
        }
        page = self.names_account(page, account).await?;
        let address = self.email.clone();
        let typed = [("email", address.as_str())];
        page = self
            .press(
                &page,
                "/email",
                &typed,
                "gives a new address",
                "Enter the code",
            )
            .await?;
        let code = self.stage.code_for(&address).await?;
        let typed = [("code", code.as_str()), ("do", "code")];
        page = self
            .press(
                &page,
                "/email/code",
                &typed,
                "types the code",
                "Save the key",
            )
            .await?;
        let page = with_key(&self.browser, page).await?;
        self.keep_key(&page)?;
        let typed = [("saved", "yes"), ("do", "saved")];
        self.press(
            &page,
            "/key",
            &typed,
            "saves the key",
            "Your recovery request",
        )
        .await?;
        Ok(())
    }

    fn keep_key(&mut self, page: &Page) -> Result<()> {
        self.key = page
            .text_of("#case-key")
            .context("no key on the key page")?;
        let text = page.text_of("main").unwrap_or_default();
        self.code = text
            .split(|c: char| !(c.is_ascii_alphanumeric() || c == '-'))
            .find(|word| word.starts_with("RG-") && word.len() == 12)
            .context("no case code on the key page")?
            .to_owned();
        Ok(())
    }

    /// Looks over everything and sends it.
    pub(crate) async fn submits(&mut self) -> Result<()> {
        let review = self.browser.get("/case/review").await?;
        review.expect("Check everything")?;
        let typed = [("own", "yes")];
        // Who had to press twice finds it sent already.
        let heading = "We have your request|Automatic checks|People are reviewing";
        let action = "/case/review";
        self.press(&review, action, &typed, "sends the request", heading)
            .await?;
        Ok(())
    }

    /// The heading of the status page, once it is no longer one of these.
    pub(crate) async fn waits_while(&mut self, headings: &[&str]) -> Result<String> {
        for _ in 0..super::stage::POLLS_MAX {
            let page = self.browser.get("/case/status").await?;
            let heading = page.heading();
            if !headings.iter().any(|known| heading.contains(known)) {
                self.note("looks at the status", &page);
                return Ok(heading);
            }
            self.stage.pause().await;
        }
        bail!("the case did not move on from {headings:?}")
    }

    /// Fills the form of a page in and sends it.
    pub(super) async fn fills(
        &mut self,
        path: &str,
        typed: &[(&str, &str)],
        what: &str,
        heading: &str,
    ) -> Result<()> {
        let page = self.browser.get(path).await?;
        self.press(&page, path, typed, what, heading).await?;
        Ok(())
    }

    /// Says that the objection is wrong.
    pub(crate) async fn disputes(&mut self) -> Result<()> {
        let yes = [("do", "yes")];
        self.fills("/case/dispute", &yes, "disputes the objection", "")
            .await
    }

    /// Opens a page and says what it shows.
    pub(crate) async fn looks_at(&mut self, path: &str, what: &str) -> Result<Page> {
        let page = self.browser.get(path).await?;
        self.note(what, &page);
        Ok(page)
    }
}

impl Applicant<'_> {
    /// The status after a long time: comes back with code and key, because the session ended.
    pub(crate) async fn status_after_time(&mut self, while_heading: &str) -> Result<String> {
        let page = self.browser.get("/continue").await?;
        let (code, key) = (self.code.clone(), self.key.clone());
        let typed = [
            ("code", code.as_str()),
            ("key", key.as_str()),
            ("do", "key"),
        ];
        let back = self
            .browser
            .submit(&page.form("/continue")?, &typed)
            .await?;
        self.note("comes back with code and key", &back);
        if let Some(key) = back.text_of("#case-key") {
            self.key = key;
        }
        self.waits_while(&[while_heading]).await
    }
}
