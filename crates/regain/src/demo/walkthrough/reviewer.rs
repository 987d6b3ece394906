//! A reviewer at the console: passkey, next case, every step, a verdict.

use anyhow::{Context as _, Result, bail};
use recovery::actor::Rank;
use serde_json::{Value, json};

use super::authenticator::SoftAuthenticator;
use super::browser::Browser;
use super::stage::Stage;

/// One member of staff.
pub(crate) struct Reviewer<'a> {
    stage: &'a Stage<'a>,
    name: String,
    rank: Rank,
    browser: Browser,
    passkeys: SoftAuthenticator,
}

/// Own answers to the six steps of a case that looks right.
const OPINIONS: [(&str, &str); 6] = [
    ("real", "yes"),
    ("document", "yes"),
    ("person", "same"),
    ("words", "yes"),
    ("memory", "fits"),
    ("trail", "fits"),
];

impl<'a> Reviewer<'a> {
    /// Enrols a passkey with the link an administrator made, and signs in with it.
    pub(crate) async fn enrols(
        stage: &'a Stage<'a>,
        name: &str,
        rank: Rank,
        place: u8,
    ) -> Result<Self> {
        let (_, token) = stage.world.engine.add_staff(name, rank).await?;
        let mut reviewer = Self {
            stage,
            name: name.split(' ').next().unwrap_or(name).to_lowercase(),
            rank,
            browser: Browser::new(&stage.world.portal)?,
            passkeys: SoftAuthenticator::new([100 + place; 32]),
        };
        let path = format!("/console/enrol/{}", token.reveal());
        let options = reviewer
            .post(&format!("{path}/options"), &json!({}))
            .await?;
        let origin = reviewer.browser.origin();
        let made = reviewer.passkeys.create(&origin, &options)?;
        reviewer.post(&path, &made).await?;
        reviewer.signs_in().await?;
        Ok(reviewer)
    }

    /// Signs in, also after a session that ended.
    pub(crate) async fn signs_in(&mut self) -> Result<()> {
        let options = self.post("/console/sign-in/options", &json!({})).await?;
        let shown = self.passkeys.get(&self.browser.origin(), &options)?;
        self.post("/console/sign-in", &shown).await?;
        self.stage
            .step(&self.name, "signs in with a passkey", self.rank.name());
        Ok(())
    }

    /// What this person may do.
    pub(crate) const fn rank(&self) -> Rank {
        self.rank
    }

    async fn post(&self, path: &str, body: &Value) -> Result<Value> {
        let (status, answer) = self.browser.post_json(path, None, body).await?;
        if !status.is_success() {
            bail!("{} at {path}: {status} {answer}", self.name);
        }
        Ok(answer)
    }

    /// Takes the next case; says which, if one waits for this person.
    pub(crate) async fn takes_next(&self) -> Result<Option<String>> {
        let answer = self.post("/console/take", &json!({})).await?;
        let drawn = answer.get("case").and_then(Value::as_str);
        let (case, said) = match drawn {
            Some(case) => (Some(case.to_owned()), "a case, drawn at random"),
            // One may lie there already: drawn, but the answer was lost.
            None => match self.case_on_the_desk().await? {
                Some(case) => (Some(case), "finds one on the own desk"),
                None => (None, "nothing waits"),
            },
        };
        self.stage.step(&self.name, "takes the next case", said);
        Ok(case)
    }

    async fn case_on_the_desk(&self) -> Result<Option<String>> {
        let (_, desk) = self.browser.get_json("/console").await?;
        let case = desk.pointer("/rows/0/case").and_then(Value::as_str);
        Ok(case.map(str::to_owned))
    }

    /// Opens the case, goes through every step and says what they see.
    pub(crate) async fn looks(&self, case: &str) -> Result<Value> {
        let path = format!("/console/case/{case}");
        let (status, file) = self.browser.get_json(&path).await?;
        if !status.is_success() {
            bail!("{} cannot open the case: {status} {file}", self.name);
        }
        for (step, answer) in OPINIONS {
            self.browser.get(&format!("{path}/{step}")).await?;
            let opinion = json!({ "step": step, "answer": answer });
            self.post(&format!("{path}/opinion"), &opinion).await?;
        }
        let faces = self.faces(&path).await?;
        self.stage.step(&self.name, "looks at all evidence", &faces);
        Ok(file)
    }

    /// Records a verdict.
    pub(crate) async fn decides(&self, case: &str, verdict: &Value, what: &str) -> Result<()> {
        let path = format!("/console/case/{case}/verdict");
        let said = match self.post(&path, verdict).await {
            Ok(_) => "recorded, sealed",
            // Pressed twice because the answer was lost: it is off the desk.
            Err(_) if self.case_on_the_desk().await?.is_none() => "recorded before",
            Err(error) => return Err(error),
        };
        self.stage.step(&self.name, what, said);
        Ok(())
    }

    /// Looks at everything and gives access.
    pub(crate) async fn approves(&self, case: &str) -> Result<()> {
        let file = self.looks(case).await?;
        let needs = file
            .get("needs_exception")
            .and_then(Value::as_bool)
            .context("case file")?;
        let part = file.get("part").and_then(Value::as_str).unwrap_or_default();
        let exception = (needs && part == "senior").then_some("exception.no_camera");
        let verdict = json!({
            "decision": "approve",
            "codes": ["ok.all"],
            "answers": ["yes", "yes", "yes"],
            "note": "Face, document and note agree with the record.",
            "exception": exception,
        });
        self.decides(case, &verdict, &format!("gives access ({part} look)"))
            .await
    }

    /// Looks at everything and does not give access.
    pub(super) async fn refuses(
        &self,
        case: &str,
        code: &str,
        answers: &[&str; 3],
        note: &str,
    ) -> Result<()> {
        self.looks(case).await?;
        let verdict = json!({
            "decision": "reject",
            "codes": [code],
            "answers": answers,
            "note": note,
            "exception": null,
        });
        self.decides(case, &verdict, "does not give access").await
    }

    /// Decides a contested case.
    pub(crate) async fn votes(&self, case: &str, winner: &str) -> Result<()> {
        let vote = json!({
            "winner": winner,
            "note": "The applicant knows what only the holder can know; the objection does not.",
            "exception": "exception.no_camera",
        });
        self.post(&format!("/console/contested/{case}"), &vote)
            .await?;
        self.stage
            .step(&self.name, "decides between two sides", winner);
        Ok(())
    }

    /// Answers the page of a contested case with something else than a vote.
    #[cfg(test)]
    pub(crate) async fn answers_contest(&self, case: &str, answer: &Value) -> Result<()> {
        let path = format!("/console/contested/{case}");
        self.post(&path, answer).await.map(drop)
    }

    /// A page as it is.
    #[cfg(test)]
    pub(crate) async fn opens(&self, path: &str) -> Result<super::browser::Page> {
        self.browser.get(path).await
    }

    /// What the software says about faces, after the own view.
    async fn faces(&self, path: &str) -> Result<String> {
        let (_, file) = self.browser.get_json(path).await?;
        let mut said = Vec::new();
        collect_faces(&file, &mut said);
        said.sort();
        said.dedup();
        Ok(if said.is_empty() {
            "no face findings".to_owned()
        } else {
            said.join(", ")
        })
    }
}

fn collect_faces(value: &Value, said: &mut Vec<String>) {
    match value {
        Value::Object(map) => {
            if let (Some(code), Some(outcome)) = (
                map.get("code").and_then(Value::as_str),
                map.get("outcome").and_then(Value::as_str),
            ) && code.starts_with("face.")
            {
                said.push(format!("{code} {outcome}"));
            }
            map.values().for_each(|inner| collect_faces(inner, said));
        }
        Value::Array(items) => items.iter().for_each(|inner| collect_faces(inner, said)),
        _ => {}
    }
}
