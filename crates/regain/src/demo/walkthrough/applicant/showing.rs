//! What the applicant sends, as files from a form: document, note photo, video, screenshot.

use anyhow::{Context as _, Result, bail};

use super::Applicant;
use crate::demo::seed::{KNOWN_ADDRESS, KNOWN_AMOUNT};
use crate::demo::walkthrough::browser::File;
use specimen::photo;

impl Applicant<'_> {
    async fn shows_file(&mut self, path: &str, file: File, what: &str) -> Result<()> {
        let page = self.browser.get(path).await?;
        let sent = self.browser.upload(&page.form(path)?, "file", file).await?;
        self.note(what, &sent);
        if !sent.status.is_success() {
            bail!("{what}: {}", sent.text_of(".summary").unwrap_or_default());
        }
        Ok(())
    }

    /// Sends document, note photo and video, and adds a screenshot.
    pub(crate) async fn shows_everything(&mut self) -> Result<()> {
        let salt = self.shows.salt;
        let photo = |bytes| File {
            name: "photo.jpg",
            media_type: "image/jpeg",
            bytes,
        };
        let (front, back) = (self.shows.id_front.clone(), self.shows.id_back.clone());
        let front = match (front, &self.papers) {
            (Some(bytes), _) => bytes,
            (None, Some(papers)) => papers.front(salt)?,
            (None, None) => photo::jpeg(&photo::card(salt))?,
        };
        let back = match (back, &self.papers) {
            (Some(bytes), _) => bytes,
            (None, Some(papers)) => papers.back(salt + 7)?,
            (None, None) => photo::jpeg(&photo::card(salt + 7))?,
        };
        let page = self.browser.get("/case/document").await?;
        let typed = [("document", "national_id")];
        let (what, next) = ("says which ID it is", "Photo of the front");
        self.press(&page, "/case/document", &typed, what, next)
            .await?;
        self.shows_file("/case/id/front", photo(front), "sends the front of the ID")
            .await?;
        self.shows_file("/case/id/back", photo(back), "sends the back of the ID")
            .await?;
        self.shows_person(0).await?;
        self.shows_withdrawal().await
    }

    /// Adds a screenshot of the withdrawal that the exchange's seed holds.
    pub(super) async fn shows_withdrawal(&mut self) -> Result<()> {
        let Some(papers) = &self.papers else {
            return Ok(());
        };
        let screen = File {
            name: "screenshot.jpg",
            media_type: "image/jpeg",
            bytes: papers.screenshot(KNOWN_AMOUNT, KNOWN_ADDRESS)?,
        };
        self.shows_file("/case/screenshots", screen, "adds a screenshot")
            .await
    }

    /// Writes the note once more and sends its photo.
    pub(crate) async fn writes_again(&mut self, again: u32) -> Result<()> {
        let photo = File {
            name: "note.jpg",
            media_type: "image/jpeg",
            bytes: self.note_photo(self.shows.salt + 107 * again + 13).await?,
        };
        self.shows_file("/case/note", photo, "writes the note again")
            .await
    }

    /// Sends note photo and video, new ones each time.
    pub(crate) async fn shows_person(&mut self, again: u32) -> Result<()> {
        let salt = self.shows.salt + 107 * again;
        let bytes = self.note_photo(salt + 13).await?;
        let photo = File {
            name: "note.jpg",
            media_type: "image/jpeg",
            bytes,
        };
        self.shows_file("/case/note", photo, "sends the photo with the note")
            .await?;
        let bytes = match self.shows.video.clone().filter(|_| again == 0) {
            Some(bytes) => bytes,
            None => self.clip(salt).await?,
        };
        let media_type = if bytes.starts_with(&[0x1a, 0x45]) {
            "video/webm"
        } else {
            "video/mp4"
        };
        let clip = File {
            name: "clip",
            media_type,
            bytes,
        };
        self.shows_file("/case/video", clip, "sends the video")
            .await
    }

    /// The photo with the note, with the lines that the page shows.
    pub(super) async fn note_photo(&self, salt: u32) -> Result<Vec<u8>> {
        let Some(papers) = &self.papers else {
            return photo::jpeg(&photo::note(&self.shows.selfie, salt));
        };
        let page = self.browser.get("/case/note").await?;
        papers.note(&page.texts_of("ol.copyline li"), salt)
    }

    /// The clip, saying what the page shows.
    async fn clip(&self, salt: u32) -> Result<Vec<u8>> {
        let Some(papers) = &self.papers else {
            return photo::clip(&self.shows.selfie, salt);
        };
        let page = self.browser.get("/case/video").await?;
        let say = page
            .text_of("#say + p.say")
            .context("the video page shows nothing to say")?;
        papers.clip(&say, salt)
    }
}
