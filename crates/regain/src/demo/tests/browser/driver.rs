//! Chromium behind chromedriver: one driver for the test, one browser with an empty profile for
//! every person.

use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use anyhow::{Context as _, Result, bail};
use fantoccini::wd::WebDriverCompatibleCommand;
use fantoccini::{Client, ClientBuilder};
use http::Method;
use hyper_util::client::legacy::connect::HttpConnector;
use serde_json::{Value, json};
use tempfile::TempDir;
use url::Url;

/// What starts Chromium without a screen and without its own conversations over the network.
const FLAGS: [&str; 11] = [
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--hide-scrollbars",
    "--disable-quic",
    "--disable-dev-shm-usage",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--lang=en-GB",
];
/// Lines that chromedriver may say before it names its port.
const LINES_MAX: usize = 20;

/// A running chromedriver.
pub(super) struct Driver {
    child: Child,
    url: String,
    chromium: PathBuf,
    profiles: TempDir,
}

fn program(names: &[&str]) -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    let folders: Vec<PathBuf> = std::env::split_paths(&path).collect();
    names
        .iter()
        .flat_map(|name| folders.iter().map(move |folder| folder.join(name)))
        .find(|file| file.is_file())
}

impl Driver {
    /// Starts one; `None` where the browser or its driver is absent.
    pub(super) fn start() -> Result<Option<Self>> {
        let found = (
            program(&["chromium", "chromium-browser", "google-chrome"]),
            program(&["chromedriver"]),
        );
        let (Some(chromium), Some(driver)) = found else {
            return Ok(None);
        };
        let mut child = Command::new(driver)
            .arg("--port=0")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()?;
        let said = child.stdout.take().context("chromedriver without output")?;
        let port = BufReader::new(said)
            .lines()
            .take(LINES_MAX)
            .map_while(Result::ok)
            .find_map(|line| {
                let (_, port) = line.split_once("successfully on port ")?;
                port.trim_end_matches('.').parse::<u16>().ok()
            });
        let driver = Self {
            child,
            url: format!("http://127.0.0.1:{}", port.unwrap_or(0)),
            chromium,
            profiles: tempfile::tempdir()?,
        };
        if port.is_none() {
            bail!("chromedriver did not say its port");
        }
        Ok(Some(driver))
    }

    /// A new browser with an empty profile, started with more flags.
    pub(super) async fn browser(&self, flags: &[String]) -> Result<Client> {
        let profile = tempfile::tempdir_in(self.profiles.path())?.keep();
        let mut arguments: Vec<String> = FLAGS.iter().map(|flag| (*flag).to_owned()).collect();
        arguments.push(format!("--user-data-dir={}", profile.display()));
        arguments.extend_from_slice(flags);
        let wanted = json!({
            "goog:chromeOptions": { "binary": self.chromium, "args": arguments },
            "goog:loggingPrefs": { "browser": "ALL" },
        });
        let Value::Object(wanted) = wanted else {
            bail!("capabilities are an object");
        };
        let client = ClientBuilder::new(HttpConnector::new())
            .capabilities(wanted)
            .connect(&self.url)
            .await
            .context("Chromium did not start")?;
        Ok(client)
    }

    /// Where files for upload can be kept while the test runs.
    pub(super) fn folder(&self) -> &Path {
        self.profiles.path()
    }
}

impl Drop for Driver {
    fn drop(&mut self) {
        // On this signal it closes its browsers; a killed driver would leave them behind.
        let id = self.child.id().to_string();
        let told = Command::new("kill").args(["-TERM", &id]).status();
        if !told.is_ok_and(|status| status.success()) {
            let _ended = self.child.kill();
        }
        let _ended = self.child.wait();
    }
}

/// A command that the client has no method for.
#[derive(Debug)]
struct Extra {
    path: String,
    body: Value,
}

impl WebDriverCompatibleCommand for Extra {
    fn endpoint(&self, base: &Url, session: Option<&str>) -> Result<Url, url::ParseError> {
        base.join(&format!(
            "session/{}/{}",
            session.unwrap_or_default(),
            self.path
        ))
    }

    fn method_and_body(&self, _: &Url) -> (Method, Option<String>) {
        (Method::POST, Some(self.body.to_string()))
    }
}

/// Sends one of chromedriver's own commands to a session.
pub(super) async fn extra(client: &Client, path: &str, body: Value) -> Result<Value> {
    let path = path.to_owned();
    Ok(client.issue_cmd(Extra { path, body }).await?)
}

/// Sends a command of the DevTools protocol.
pub(super) async fn devtools(client: &Client, cmd: &str, params: Value) -> Result<Value> {
    let body = json!({ "cmd": cmd, "params": params });
    extra(client, "goog/cdp/execute", body).await
}
