//! Reviewers at the console: passkey, next case, every step, a verdict.

use anyhow::{Context as _, Result};
use recovery::actor::Rank;

use super::driver::Driver;
use super::gallery::Gallery;
use super::person::Person;
use crate::demo::world::World;

/// Own answers to the six steps of a case that looks right.
const OPINIONS: [(&str, &str); 6] = [
    ("real", "yes"),
    ("document", "yes"),
    ("person", "same"),
    ("words", "yes"),
    ("memory", "fits"),
    ("trail", "fits"),
];

/// What a decision page is given.
pub(super) enum Says {
    Approve,
    Reject,
    /// Send this part again, for this reason.
    AskAgain(&'static str, &'static str),
}

/// One member of staff.
pub(super) struct Staff<'a> {
    pub person: Person<'a>,
    /// Whether every page is looked at, with this name before its own.
    shows: Option<&'static str>,
}

impl<'a> Staff<'a> {
    /// Enrols a passkey with the link an administrator made, and signs in with it.
    pub(super) async fn enrols(
        (driver, gallery, world): (&Driver, &'a Gallery, &World),
        (name, rank): (&str, Rank),
        shows: Option<&'static str>,
    ) -> Result<Self> {
        let (_, token) = world.engine.add_staff(name, rank).await?;
        let person = Person::new(driver, gallery, &world.portal).await?;
        person.has_passkeys().await?;
        let staff = Self { person, shows };
        let person = &staff.person;
        person
            .goes(&format!("/console/enrol/{}", token.reveal()))
            .await?;
        staff.looks("enrol").await?;
        person.presses("button[data-passkey]").await?;
        staff.looks("sign-in").await?;
        person.presses("button[data-passkey]").await?;
        person.expects("My work").await?;
        staff.looks("work-empty").await?;
        Ok(staff)
    }

    /// Signs in again, long after.
    pub(super) async fn comes_back(&self) -> Result<()> {
        self.person.goes("/console/sign-in").await?;
        self.person.presses("button[data-passkey]").await?;
        self.person.expects("My work").await
    }

    async fn looks_unless(&self, quiet: bool, page: &str) -> Result<()> {
        if quiet {
            Ok(())
        } else {
            self.looks(page).await
        }
    }

    async fn looks(&self, page: &str) -> Result<()> {
        match self.shows {
            Some(who) => self.person.looks(&format!("console-{who}-{page}")).await,
            None => Ok(()),
        }
    }

    /// Takes the next case; the path of its pages, if one waits for this person.
    pub(super) async fn takes_next(&self) -> Result<Option<String>> {
        self.person.goes("/console").await?;
        self.person
            .presses("form[action='/console/take'] button")
            .await?;
        let path = self.person.path().await?;
        let parts: Vec<&str> = path.split('/').take(4).collect();
        Ok((parts.len() == 4).then(|| parts.join("/")))
    }

    /// Answers every step.
    pub(super) async fn answers(&self, case: &str) -> Result<()> {
        for (step, answer) in OPINIONS {
            self.person.goes(&format!("{case}/{step}")).await?;
            self.person.picks("answer", answer).await?;
            self.person.presses("form.question button").await?;
        }
        Ok(())
    }

    /// The same, looking at each page before and after.
    pub(super) async fn studies(&self, case: &str) -> Result<()> {
        self.person.goes("/console").await?;
        self.looks("work").await?;
        self.person.goes("/console/policy").await?;
        self.looks("policy").await?;
        self.person.goes("/console/numbers").await?;
        self.looks("numbers").await?;
        self.person.goes("/console/webhooks").await?;
        self.looks("webhooks").await?;
        self.person.goes(case).await?;
        for (step, answer) in OPINIONS {
            self.person.goes(&format!("{case}/{step}")).await?;
            self.looks(step).await?;
            self.person.picks("answer", answer).await?;
            self.person.presses("form.question button").await?;
            if step == "person" || step == "memory" {
                self.person.goes(&format!("{case}/{step}")).await?;
                self.looks(&format!("{step}-answered")).await?;
            }
        }
        Ok(())
    }

    /// Reads a masked field and looks at the page for handing back.
    pub(super) async fn reveals(&self, case: &str) -> Result<()> {
        self.person.goes(&format!("{case}/hand-back")).await?;
        self.looks("hand-back").await?;
        self.person.goes(&format!("{case}/document")).await?;
        self.person.presses("td a[href*='/reveal']").await?;
        self.looks("reveal").await?;
        self.person.picks("reason", "compare_id").await?;
        self.person.goes_on_here().await?;
        self.looks("revealed").await
    }

    /// Decides, and confirms it.
    pub(super) async fn decides(&self, case: &str, says: &Says) -> Result<()> {
        let person = &self.person;
        // The same pages were looked at for the other decisions.
        let quiet = matches!(says, Says::Reject);
        person.goes(&format!("{case}/decide")).await?;
        self.looks_unless(quiet, "decide").await?;
        for question in ["records", "person", "trail"] {
            person.picks(&format!("answer.{question}"), "yes").await?;
        }
        match says {
            Says::Approve => {
                person.picks("decision", "approve").await?;
                person.picks("code.approve", "ok.all").await?;
                if person.has("select[name='exception']").await? {
                    person.chooses("exception", "exception.no_camera").await?;
                }
            }
            Says::Reject => {
                person.picks("decision", "reject").await?;
                person.picks("code.reject", "no.document_differs").await?;
            }
            Says::AskAgain(item, reason) => {
                person.picks("decision", "ask_again").await?;
                person.chooses(&format!("item.{item}"), reason).await?;
            }
        }
        let saw = "Face, document and note were compared with the record, one by one.";
        person.types("note", saw).await?;
        self.looks_unless(quiet, "decide-filled").await?;
        person.presses("main form.decide > button").await?;
        person.expects("Is this your decision?").await?;
        self.looks_unless(quiet, "confirm").await?;
        person.goes_on_here().await?;
        self.looks_unless(quiet, "decided").await
    }

    /// Takes a contested case and says who the holder is.
    pub(super) async fn settles(&self, winner: &str) -> Result<()> {
        let case = self
            .takes_next()
            .await?
            .context("no contested case waits")?;
        let person = &self.person;
        person.goes(&case.replace("/case/", "/contested/")).await?;
        self.looks("contested").await?;
        person.picks("winner", winner).await?;
        person
            .types(
                "note",
                "The objector holds a way in that works; the applicant shows none.",
            )
            .await?;
        person
            .presses("form[action^='/console/contested/'] > button")
            .await?;
        self.looks("contested-confirm").await?;
        person.goes_on_here().await?;
        self.looks("contested-decided").await
    }
}
