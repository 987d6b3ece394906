//! `regain doctor`: what is installed, what is missing, what that costs, how to get it.
//!
//! It changes nothing, and works without a configuration as far as it can.

mod chains;
mod machine;
mod services;

use std::path::Path;
use std::process::ExitCode;

use serde::Serialize;

use crate::config::{Config, Vars};
use crate::{out, wiring};

/// One thing that was looked at.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
struct Row {
    what: String,
    state: State,
    /// Whether Regain cannot do its work without it.
    essential: bool,
    /// What was found.
    found: String,
    /// What it costs that it is not as it should be.
    #[serde(skip_serializing_if = "Option::is_none")]
    cost: Option<&'static str>,
    /// How to mend it.
    #[serde(skip_serializing_if = "Option::is_none")]
    remedy: Option<String>,
}

/// How a thing was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
enum State {
    /// As it should be.
    Ok,
    /// Not there.
    Missing,
    /// There, and not usable.
    Broken,
    /// Could not be looked at.
    Unknown,
}

impl State {
    const fn word(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Missing => "missing",
            Self::Broken => "broken",
            Self::Unknown => "unknown",
        }
    }
}

impl Row {
    fn new(what: &str, state: State, found: impl Into<String>) -> Self {
        Self {
            what: what.to_owned(),
            state,
            essential: false,
            found: found.into(),
            cost: None,
            remedy: None,
        }
    }

    fn ok(what: &str, found: impl Into<String>) -> Self {
        Self::new(what, State::Ok, found)
    }

    fn broken(what: &str, error: &anyhow::Error) -> Self {
        Self::new(what, State::Broken, format!("{error:#}"))
    }

    const fn essential(mut self) -> Self {
        self.essential = true;
        self
    }

    const fn cost(mut self, cost: &'static str) -> Self {
        self.cost = Some(cost);
        self
    }

    fn remedy(mut self, remedy: impl Into<String>) -> Self {
        self.remedy = Some(remedy.into());
        self
    }

    fn text(&self) -> String {
        let mut text = format!("{:8} {:16} {}\n", self.state.word(), self.what, self.found);
        let cost = self.cost.map(|cost| format!("cost: {cost}"));
        let remedy = self.remedy.as_ref().map(|remedy| format!("mend: {remedy}"));
        for line in [cost, remedy].into_iter().flatten() {
            text.push_str(&format!("{:25} {line}\n", ""));
        }
        text
    }
}

/// Looks at everything and says what it found. The exit code is 0 when nothing essential is
/// missing.
pub(super) async fn run(path: &Path, vars: &Vars, json: bool) -> anyhow::Result<ExitCode> {
    let (config, row) = configuration(path, vars);
    let mut rows = vec![row];
    if let Some(config) = &config {
        rows.push(policy(config));
        rows.push(services::database(config).await);
        rows.extend(services::waiting_policy(config).await);
        rows.push(services::vault(config).await);
    }
    let dir = match &config {
        Some(config) => config.models.clone(),
        None => vars.get("REGAIN_MODELS_DIR").map(Into::into),
    };
    rows.extend(machine::models(dir.as_deref()));
    rows.extend(machine::media_tools());
    if let Some(config) = &config {
        rows.extend(machine::signals(&config.signals));
        rows.push(machine::breached(config.breached_list.as_deref()));
        rows.extend(chains::nodes(config).await);
        rows.push(services::mail(config).await);
        rows.extend(services::platform(config).await);
        rows.extend(services::webhooks(config).await);
    }
    let lacking = rows
        .iter()
        .filter(|row| row.essential && row.state != State::Ok)
        .count();
    if json {
        out::line(&serde_json::to_string_pretty(&rows)?)?;
    } else {
        let text: String = rows.iter().map(Row::text).collect();
        out::whole(&text)?;
        out::line(&match lacking {
            0 => "nothing essential is missing".to_owned(),
            1 => "1 essential thing is missing or broken".to_owned(),
            count => format!("{count} essential things are missing or broken"),
        })?;
    }
    Ok(if lacking == 0 {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

fn configuration(path: &Path, vars: &Vars) -> (Option<Config>, Row) {
    const WHAT: &str = "configuration";
    const COST: &str = "Regain does not start; database, vault, mail and platform are not checked";
    if !path.exists() {
        let row = Row::new(WHAT, State::Missing, format!("no {}", path.display()))
            .essential()
            .cost(COST)
            .remedy("copy crates/regain/regain.example.toml there and fill it in");
        return (None, row);
    }
    match Config::read(path, vars) {
        Ok(config) => {
            let row = Row::ok(WHAT, path.display().to_string()).essential();
            (Some(config), row)
        }
        Err(error) => (None, Row::broken(WHAT, &error).essential().cost(COST)),
    }
}

fn policy(config: &Config) -> Row {
    let found = match &config.policy {
        Some(path) => path.display().to_string(),
        None => "the one that ships with Regain".to_owned(),
    };
    match wiring::policy_text(config) {
        Ok(_) => Row::ok("policy", found).essential(),
        Err(error) => Row::broken("policy", &error)
            .essential()
            .cost("Regain does not start"),
    }
}
