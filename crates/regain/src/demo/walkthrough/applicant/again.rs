//! What only scenarios do: pages that a walkthrough never reaches.

use anyhow::Result;

use super::Applicant;
use crate::demo::walkthrough::browser::File;
use crate::demo::walkthrough::media;

impl Applicant<'_> {
    /// Opens a page and presses its form's button.
    pub(crate) async fn presses(
        &mut self,
        path: &str,
        typed: &[(&str, &str)],
        heading: &str,
    ) -> Result<()> {
        self.fills(path, typed, path, heading).await
    }

    /// Takes one part again on the page that asks for it.
    pub(crate) async fn retakes_note(&mut self, salt: u32) -> Result<()> {
        let bytes = media::jpeg(&media::note(&self.shows.selfie, salt))?;
        let file = File {
            name: "note.jpg",
            media_type: "image/jpeg",
            bytes,
        };
        let page = self.browser.get("/case/fix/note_photo").await?;
        self.note("opens the page of the part", &page);
        let form = page
            .form("/case/note")
            .or_else(|_| page.form("/case/fix/note_photo"))?;
        let sent = self.browser.upload(&form, "file", file).await?;
        self.note("takes the note photo again", &sent);
        sent.expect("Check it")
    }
}
