//! Attacks that the walkthrough plays, and the findings that must say why each does not get
//! through.

use anyhow::{Context as _, Result, bail};
use clap::ValueEnum;
use recovery::case::Event;
use recovery::finding::{Finding, Outcome as Found};
use recovery::policy::{self, Policy};
use specimen::{Forgery, photo};

use super::applicant::Applicant;
use super::papers::papers_of;
use super::stage::Stage;
use super::{CHECKING, NEW_EMAIL, OTHER_EMAIL, REVIEWING, shows};
use crate::demo::seed::PEOPLE;
use crate::demo::{Args, Outcome};

/// What an attacker tries.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Attack {
    /// Somebody else stands before the camera (`--selfie`).
    OtherPerson,
    /// A printed or replayed picture is held before the camera (`--selfie`).
    PrintedPicture,
    /// The note bears last year's date.
    OldDate,
    /// The note bears another request's code.
    OtherCase,
    /// The photo comes from an earlier request.
    ReusedPhoto,
    /// A piece of the video is missing.
    CutVideo,
    /// Other digits are said.
    WrongPhrase,
    /// A passport instead of the identity card of the record.
    OtherDocument,
    /// The document has expired.
    ExpiredDocument,
    /// One symbol of the number in the machine-readable zone is changed.
    EditedMrz,
}

impl Attack {
    /// What is forged for it; nothing where somebody else, or an earlier photo, is shown.
    pub(super) const fn forgery(self) -> Option<Forgery> {
        match self {
            Self::OtherPerson | Self::PrintedPicture | Self::ReusedPhoto => None,
            Self::OldDate => Some(Forgery::OldDate),
            Self::OtherCase => Some(Forgery::OtherCase),
            Self::CutVideo => Some(Forgery::CutVideo),
            Self::WrongPhrase => Some(Forgery::WrongPhrase),
            Self::OtherDocument => Some(Forgery::OtherDocument),
            Self::ExpiredDocument => Some(Forgery::ExpiredDocument),
            Self::EditedMrz => Some(Forgery::EditedMrz),
        }
    }

    /// Findings, one of which must be there and must not pass.
    pub(crate) const fn found_by(self) -> &'static [&'static str] {
        match self {
            Self::OtherPerson => &["face.kyc_note", "face.kyc_video"],
            Self::PrintedPicture => &["face.live"],
            Self::OldDate => &["note.date"],
            Self::OtherCase => &["note.code"],
            Self::ReusedPhoto => &["reuse.picture", "image.older_case", "reuse.face"],
            Self::CutVideo => &["video.cut"],
            Self::WrongPhrase => &["phrase.spoken", "video.words"],
            Self::OtherDocument => &["id.kind", "document.kind"],
            Self::ExpiredDocument => &["id.expired"],
            Self::EditedMrz => &["document.edited", "document.number"],
        }
    }
}

/// Plays it: the applicant shows what an attacker would, the machine looks, and what it found is
/// read from the case's events.
pub(super) async fn play(stage: &Stage<'_>, args: &Args, attack: Attack) -> Result<Outcome> {
    let [ann, ben, _] = &PEOPLE;
    if attack == Attack::ReusedPhoto {
        let mut earlier = Applicant::new(stage, "eve", OTHER_EMAIL, shows(args, 1)?)?
            .with(papers_of(args, ben, None)?);
        earlier.opens_case("/?from=link", ben.email).await?;
        earlier.shows_everything().await?;
        earlier.submits().await?;
        earlier.waits_while(&[CHECKING]).await?;
    }
    let mut applicant = Applicant::new(stage, "eve", NEW_EMAIL, shows(args, 1)?)?.with(papers_of(
        args,
        ann,
        Some(attack),
    )?);
    applicant.opens_case("/?from=link", ann.email).await?;
    applicant.shows_everything().await?;
    applicant.submits().await?;
    let heading = applicant.waits_while(&[CHECKING]).await?;
    let findings = findings(stage, &applicant.code).await?;
    let said: Vec<String> = findings
        .iter()
        .filter(|finding| finding.outcome != Found::Pass)
        .map(|finding| format!("{} {}", finding.code, finding.outcome.name()))
        .collect();
    stage.step("machine", "looks at everything", &said.join(", "));
    let found = findings.iter().any(|finding| {
        let looked = !matches!(finding.outcome, Found::Pass | Found::Unavailable);
        looked && attack.found_by().contains(&finding.code.as_str())
    });
    if !found {
        bail!("nothing was found of {:?}", attack.found_by());
    }
    match heading.as_str() {
        words if words.starts_with("Take ") => Ok(Outcome::Returned),
        REVIEWING => Ok(Outcome::Reviewing),
        other => bail!("unexpected status: {other}"),
    }
}

/// The findings of a case's newest checks.
pub(crate) async fn findings(stage: &Stage<'_>, code: &str) -> Result<Vec<Finding>> {
    let events = stage.world.history(code).await?.into_iter();
    let mut newest = events.rev().filter_map(|recorded| match recorded.event {
        Event::ChecksFinished { findings, .. } => Some(findings),
        _ => None,
    });
    newest.next().context("the checks have not finished")
}

/// Whether the selfie is somebody else than the portrait, as far as the models tell.
pub(super) fn is_stranger(args: &Args) -> Result<bool> {
    let (Some(portrait), Some(selfie)) = (&args.kyc_portrait, &args.selfie) else {
        return Ok(false);
    };
    let dir = args.models.as_deref();
    let Some(face) = dir.and_then(|dir| crate::wiring::open_face(dir).ok()) else {
        return Ok(false);
    };
    let (portrait, selfie) = (std::fs::read(portrait)?, std::fs::read(selfie)?);
    let checks = Policy::parse(policy::DEFAULT)?.checks.face;
    let compared =
        face.compare_pictures(&photo::read(&portrait)?, &photo::read(&selfie)?, &checks)?;
    Ok(compared.verdict == face::Verdict::NoMatch)
}
