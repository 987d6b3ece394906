//! What only scenarios do: pages that a walkthrough never reaches.

use anyhow::Result;

use super::{Applicant, Shows};
use crate::demo::walkthrough::browser::File;
use specimen::photo;

impl Shows {
    /// Drawn pictures: which face, and what makes the files this person's own.
    pub(crate) fn drawn(face: u8, salt: u32) -> Self {
        Self {
            selfie: photo::drawing(face),
            id_front: None,
            id_back: None,
            video: None,
            salt,
        }
    }
}

impl Applicant<'_> {
    /// Sends everything, and waits for the checks; the heading of what follows.
    pub(crate) async fn sends(&mut self) -> Result<String> {
        self.shows_everything().await?;
        self.submits().await?;
        self.waits_while(&["Automatic checks are running"]).await
    }

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
        let bytes = photo::jpeg(&photo::note(&self.shows.selfie, salt))?;
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
