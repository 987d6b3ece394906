//! Ann lost everything and goes the whole way, on her phone.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};
use image::RgbImage;

use super::person::Person;
use crate::demo::seed::PEOPLE;
use crate::demo::walkthrough::stage::Stage;
use specimen::photo;

/// Where she can be reached from now on.
pub(super) const NEW_EMAIL: &str = "ann.new@example.org";
/// The password she chooses.
pub(super) const NEW_PASSWORD: &str = "violet tram over the seventh bridge";

/// What she needs to come back.
pub(super) struct Held {
    pub code: String,
    pub key: String,
}

/// Files she sends.
pub(super) struct Files {
    front: PathBuf,
    back: PathBuf,
    note: PathBuf,
    video: PathBuf,
    pub screenshot: PathBuf,
}

impl Files {
    /// Draws them into a folder.
    pub(super) fn draw(folder: &Path) -> Result<Self> {
        let selfie: RgbImage = photo::drawing(3);
        let write = |name: &str, bytes: Vec<u8>| -> Result<PathBuf> {
            let path = folder.join(name);
            std::fs::write(&path, bytes)?;
            Ok(path)
        };
        Ok(Self {
            front: write("front.jpg", photo::jpeg(&photo::card(41))?)?,
            back: write("back.jpg", photo::jpeg(&photo::card(47))?)?,
            note: write("note.jpg", photo::jpeg(&photo::note(&selfie, 53))?)?,
            video: write("clip.mp4", photo::clip(&selfie, 41)?)?,
            screenshot: write("screenshot.jpg", photo::jpeg(&photo::card(59))?)?,
        })
    }

    /// Another note photo than the first.
    pub(super) fn another_note(folder: &Path) -> Result<PathBuf> {
        let path = folder.join("note-again.jpg");
        std::fs::write(&path, photo::jpeg(&photo::note(&photo::drawing(5), 71))?)?;
        Ok(path)
    }
}

/// Pages that anybody can read, and a message checked.
pub(super) async fn reads_around(ann: &Person<'_>) -> Result<()> {
    for (path, name) in [
        ("/help", "help"),
        ("/official", "official"),
        ("/never", "never"),
        ("/check-site/stop", "check-site-stop"),
        ("/another-way", "another-way"),
        ("/stop", "stop"),
        ("/continue", "continue"),
        ("/check", "check"),
    ] {
        ann.sees(path, name).await?;
    }
    ann.types(
        "text",
        "You won. Pay a fee of 50 USDT to get your account back.",
    )
    .await?;
    ann.goes_on().await?;
    ann.looks("check-answer").await?;
    ann.goes("/no/such/page").await?;
    ann.looks_at_failure("not-found").await
}

/// From the exchange's login page to the task list.
pub(super) async fn opens_case(
    ann: &Person<'_>,
    shop: &Person<'_>,
    stage: &Stage<'_>,
) -> Result<Held> {
    shop.sees("/login", "shop-login").await?;
    shop.presses("a[href='/help/access']").await?;
    shop.looks("shop-help").await?;
    shop.presses("a[href='/help/access/lost']").await?;
    ann.looks("start").await?;
    ann.picks("what", "start").await?;
    ann.goes_on().await?;
    ann.looks("check-site").await?;
    ann.picks("address", "exact").await?;
    ann.goes_on().await?;
    ann.looks("ways-in").await?;
    ann.presses("main form button").await?;
    ann.looks_at_failure("ways-in-error").await?;
    ann.picks("way", "email").await?;
    ann.goes_on().await?;
    ann.looks("ways-in-faster").await?;
    ann.picks("tried", "email").await?;
    ann.goes_on().await?;
    ann.looks("ways-in-tried").await?;
    ann.goes("/ways-in").await?;
    ann.picks("way", "none").await?;
    ann.goes_on().await?;
    ann.expects("Get these things").await?;
    ann.looks("prepare").await?;
    ann.goes_on().await?;
    ann.looks("consent").await?;
    ann.picks("agree", "yes").await?;
    ann.goes_on().await?;
    ann.looks("account").await?;
    ann.goes_on().await?;
    ann.looks_at_failure("account-error").await?;
    ann.types("account", PEOPLE[0].email).await?;
    ann.goes_on().await?;
    ann.looks("email").await?;
    ann.types("email", NEW_EMAIL).await?;
    ann.goes_on().await?;
    ann.expects("Enter the code").await?;
    ann.looks("email-code").await?;
    ann.types("code", &stage.code_for(NEW_EMAIL).await?).await?;
    ann.presses("button[value='code']").await?;
    ann.looks("key").await?;
    let held = keeps(ann).await?;
    ann.picks("saved", "yes").await?;
    ann.presses("button[value='saved']").await?;
    ann.expects("Your recovery request").await?;
    ann.looks("tasks-new").await?;
    Ok(held)
}

/// The same without a look at every page, from a direct link. Gives the case's code.
pub(super) async fn opens_plainly(
    ann: &Person<'_>,
    stage: &Stage<'_>,
    (account, email): (&str, &str),
) -> Result<String> {
    ann.goes("/?from=link").await?;
    for (field, value) in [("what", "start"), ("address", "exact"), ("way", "none")] {
        ann.picks(field, value).await?;
        ann.goes_on().await?;
    }
    ann.goes_on().await?;
    ann.picks("agree", "yes").await?;
    ann.goes_on().await?;
    ann.types("account", account).await?;
    ann.goes_on().await?;
    ann.types("email", email).await?;
    ann.goes_on().await?;
    ann.types("code", &stage.code_for(email).await?).await?;
    ann.presses("button[value='code']").await?;
    let held = keeps(ann).await?;
    ann.picks("saved", "yes").await?;
    ann.presses("button[value='saved']").await?;
    ann.expects("Your recovery request").await?;
    Ok(held.code)
}

/// Sends the request.
pub(super) async fn submits_plainly(ann: &Person<'_>) -> Result<()> {
    ann.goes("/case/review").await?;
    ann.picks("own", "yes").await?;
    ann.goes_on().await?;
    ann.expects("We have your request").await
}

/// Code and key, as the key page shows them.
async fn keeps(ann: &Person<'_>) -> Result<Held> {
    Ok(Held {
        code: ann.text_of("#case-code").await?,
        key: ann.text_of("#case-key").await?,
    })
}

/// Answers what she remembers and sends every part.
pub(super) async fn shows_everything(ann: &Person<'_>, files: &Files) -> Result<()> {
    ann.sees("/case/clues", "clues").await?;
    ann.chooses("month", "6").await?;
    ann.types("year", "24").await?;
    ann.presses("button[value='save']").await?;
    ann.looks_at_failure("clues-error").await?;
    ann.types("year", "2024").await?;
    ann.types("bank1", "Banco Exemplo").await?;
    ann.types("last1", "4242").await?;
    ann.types("city", "Lisbon").await?;
    ann.presses("button[value='save']").await?;
    ann.sees("/case/fix/note_photo", "fix-unasked").await?;
    ann.sees("/case/another-way", "case-another-way").await?;
    ann.sees("/case/stop", "case-stop").await?;
    for (path, name, file) in [
        ("/case/id/front", "id-front", &files.front),
        ("/case/id/back", "id-back", &files.back),
        ("/case/note", "note", &files.note),
        ("/case/video", "video", &files.video),
    ] {
        ann.sees(path, name).await?;
        if name == "id-front" {
            ann.goes_on().await?;
            ann.looks_at_failure("document-error").await?;
            ann.picks("document", "national_id").await?;
            ann.goes_on().await?;
            ann.looks("id-front-chosen").await?;
        }
        ann.touches("#broken").await?;
        ann.looks(&format!("{name}-file")).await?;
        ann.gives("file", file).await?;
        ann.goes_on().await?;
        ann.looks(&format!("{name}-taken")).await?;
    }
    ann.sees("/case/screenshots", "screenshots").await?;
    ann.gives("file", &files.screenshot).await?;
    ann.goes_on().await?;
    ann.sees("/case/screenshots", "screenshots-given").await?;
    ann.sees("/case/address-proof", "address-proof").await?;
    ann.types("address", crate::demo::seed::KNOWN_ADDRESS)
        .await?;
    ann.types("signature", "copied in part").await?;
    ann.goes_on().await?;
    ann.looks_at_failure("address-proof-error").await?;
    ann.sees("/case", "tasks-done").await
}

/// Looks over everything and sends it.
pub(super) async fn submits(ann: &Person<'_>) -> Result<()> {
    ann.sees("/case/review", "review").await?;
    ann.goes_on().await?;
    ann.looks_at_failure("review-error").await?;
    ann.picks("own", "yes").await?;
    ann.goes_on().await?;
    ann.expects("We have your request").await?;
    ann.looks("sent").await?;
    ann.sees("/case/status", "status-checking").await
}

/// Opens the link of the mail and binds new credentials.
pub(super) async fn sets_up_account(
    ann: &Person<'_>,
    stage: &Stage<'_>,
    held: &Held,
) -> Result<String> {
    ann.sees("/handover", "handover").await?;
    ann.sees("/handover/face", "handover-face").await?;
    let link = stage.link_for(NEW_EMAIL, "/handover/").await?;
    ann.sees(&link, "handover-start").await?;
    ann.types("key", &held.key).await?;
    ann.goes_on().await?;
    ann.expects("Choose a new password").await?;
    ann.looks("handover-password").await?;
    ann.types("password", "short").await?;
    ann.presses("main form .actions button").await?;
    ann.looks_at_failure("handover-password-error").await?;
    ann.types("password", NEW_PASSWORD).await?;
    ann.presses("main form .actions button").await?;
    ann.looks("handover-authenticator").await?;
    let secret = ann.text_of("#secret").await?.replace(' ', "");
    ann.types("digits", &stage.digits(&secret)?).await?;
    ann.goes_on().await?;
    // Here it leads nowhere else: the passkey is made on this page.
    ann.goes("/handover/passkey/platform").await?;
    ann.looks("handover-passkey").await?;
    ann.presses("#passkey-button").await?;
    keeps_codes(ann).await?;
    ann.looks("handover-finish").await?;
    ann.goes_on().await?;
    ann.expects("Your account is yours again").await?;
    ann.looks("handover-done").await?;
    ann.sees("/case/security", "security").await?;
    ann.sees("/case/status", "status-waiting-period").await?;
    Ok(secret)
}

/// Keeps the recovery codes and types the one in that is asked for.
pub(super) async fn keeps_codes(ann: &Person<'_>) -> Result<Vec<String>> {
    ann.expects("Prepare for next time").await?;
    ann.looks("handover-codes").await?;
    let mut codes = Vec::new();
    for place in 1..=platform::contract::RECOVERY_CODES {
        codes.push(
            ann.text_of(&format!("#codes li:nth-child({place})"))
                .await?,
        );
    }
    ann.picks("saved", "yes").await?;
    ann.presses("button[value='saved']").await?;
    ann.looks("handover-codes-check").await?;
    ann.types("code", "AAAA-BBBB-CCCC-DDDD").await?;
    ann.presses("button[value='code']").await?;
    ann.looks_at_failure("handover-codes-error").await?;
    let label = ann.text_of("label[for='code']").await?;
    let number: usize = label.trim_start_matches("Code ").parse()?;
    let code = codes.get(number - 1).context("no such code")?;
    ann.types("code", code).await?;
    ann.presses("button[value='code']").await?;
    Ok(codes)
}

/// After a long time: the session ended; comes back with a code by mail.
pub(super) async fn comes_back(ann: &Person<'_>, stage: &Stage<'_>, held: &Held) -> Result<()> {
    ann.goes("/case").await?;
    ann.looks_at_failure("session-ended").await?;
    ann.goes("/continue").await?;
    ann.types("code", &held.code).await?;
    ann.presses("button[value='mail']").await?;
    ann.looks("continue-code").await?;
    let code = stage.code_for(NEW_EMAIL).await?;
    ann.types("mail_code", &code).await?;
    ann.goes_on().await?;
    ann.looks("continue-done").await?;
    ann.waits_for("/case/status", "Finished").await?;
    ann.looks("status-finished").await
}
