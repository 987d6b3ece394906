//! What was seen: pictures of every page at two widths, and whatever is wrong with a page.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::Mutex;
use std::time::Duration;

use anyhow::{Context as _, Result, bail};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use fantoccini::Client;
use serde::Deserialize;
use serde_json::{Value, json};
use url::Url;

use super::driver::{devtools, extra};

/// Names of the two sizes, with width and height in CSS pixels: a phone and a desk.
const SIZES: [(&str, u32, u32); 2] = [("phone", 390, 844), ("desk", 1280, 800)];
/// The tallest picture in CSS pixels; a longer page is cut off.
const HEIGHT_MAX: u32 = 6000;

/// Every page looked at.
#[derive(Default)]
pub(super) struct Gallery {
    folder: PathBuf,
    seen: Mutex<Seen>,
}

#[derive(Default)]
struct Seen {
    pictures: usize,
    addresses: BTreeSet<String>,
    problems: Vec<String>,
}

/// What a page says of itself.
#[derive(Debug, Deserialize)]
struct Measures {
    address: String,
    title: String,
    headings: Vec<String>,
    shown: u32,
    wide: u32,
    high: u32,
    /// Elements that stick out.
    out: Vec<String>,
    /// Elements marked as hidden that show all the same.
    leaking: Vec<String>,
    /// Images that did not load.
    broken: Vec<String>,
    /// Fields without a label.
    unnamed: Vec<String>,
    loaded: Vec<String>,
}

const MEASURE: &str = r##"
const root = document.documentElement;
const sign = (e) => [e.tagName.toLowerCase(), e.id && "#" + e.id, e.className].join(" ");
const all = [...document.body.querySelectorAll("*")];
const inside = (e) => e.closest(".scroll, .vh, .hidden, svg");
const sticksOut = (e) => e.getBoundingClientRect().right > root.clientWidth + 1;
const named = (f) => f.type === "hidden" || f.hidden || f.labels?.length || f.ariaLabel;
const fields = [...document.querySelectorAll("input, select, textarea")];
return {
  address: location.href,
  title: document.title,
  headings: [...document.querySelectorAll("h1")].map((h) => h.textContent.trim()),
  shown: root.clientWidth,
  wide: root.scrollWidth,
  high: Math.max(root.scrollHeight, root.clientHeight),
  out: all.filter((e) => !inside(e) && sticksOut(e)).slice(0, 5).map(sign),
  leaking: all.filter((e) => e.hidden && e.getClientRects().length > 0).map(sign),
  broken: [...document.images].filter((i) => i.complete && !i.naturalWidth).map((i) => i.src),
  unnamed: fields.filter((f) => !named(f)).map(sign),
  loaded: performance.getEntriesByType("resource").map((r) => r.name),
};
"##;

impl Gallery {
    /// Pictures go to this folder.
    pub(super) fn new(folder: PathBuf) -> Result<Self> {
        std::fs::create_dir_all(&folder)?;
        Ok(Self {
            folder,
            seen: Mutex::default(),
        })
    }

    fn seen(&self) -> std::sync::MutexGuard<'_, Seen> {
        self.seen.lock().unwrap()
    }

    /// An address that was asked for, even if it led on to another one.
    pub(super) fn visited(&self, address: &Url) {
        self.seen().addresses.insert(address.path().to_owned());
    }

    /// Everything wrong so far, in words.
    pub(super) fn problems(&self) -> Vec<String> {
        self.seen().problems.clone()
    }

    /// Paths of all pages, and of what they showed.
    pub(super) fn paths(&self) -> BTreeSet<String> {
        self.seen().addresses.clone()
    }

    /// Looks at the page of a browser at both widths; `failing` pages may answer with an error.
    pub(super) async fn look(&self, client: &Client, name: &str, failing: bool) -> Result<()> {
        let number = {
            let mut seen = self.seen();
            seen.pictures += 1;
            seen.pictures
        };
        for (size, width, height) in SIZES {
            resize(client, width, height).await?;
            let high = measure(client).await?.high.clamp(height, HEIGHT_MAX);
            // On a screen as high as the page everything that loads late does load.
            if high > height {
                resize(client, width, high).await?;
            }
            images_loaded(client).await?;
            self.judge(&measure(client).await?, name, size, width);
            let file = format!("{number:03}-{name}-{size}.png");
            let picture = picture(client, width, high).await?;
            std::fs::write(self.folder.join(file), picture)?;
        }
        self.complaints(client, name, failing).await
    }

    fn judge(&self, page: &Measures, name: &str, size: &str, width: u32) {
        let mut seen = self.seen();
        for address in page.loaded.iter().chain([&page.address]) {
            if let Ok(address) = Url::parse(address) {
                seen.addresses.insert(address.path().to_owned());
            }
        }
        let wrong = [
            (page.shown != width, format!("is {} wide", page.shown)),
            (
                page.wide > page.shown,
                format!("scrolls sideways ({} px): {:?}", page.wide, page.out),
            ),
            (
                page.headings.len() != 1 || page.headings.iter().any(String::is_empty),
                format!("has these h1: {:?}", page.headings),
            ),
            (page.title.trim().is_empty(), "has no title".to_owned()),
            (
                !page.leaking.is_empty(),
                format!("shows what is hidden: {:?}", page.leaking),
            ),
            (
                !page.broken.is_empty(),
                format!("has broken images: {:?}", page.broken),
            ),
            (
                !page.unnamed.is_empty(),
                format!("has fields without a label: {:?}", page.unnamed),
            ),
        ];
        for (_, words) in wrong.into_iter().filter(|(wrong, _)| *wrong) {
            let line = format!("{name} on the {size} ({}) {words}", page.address);
            seen.problems.push(line);
        }
    }

    /// Notes something wrong that another part found.
    pub(super) fn notes(&self, problem: String) {
        self.seen().problems.push(problem);
    }

    /// Drops what the console says, as long as it names this; anything else is wrong.
    pub(super) async fn forgets(&self, client: &Client, expected: &str) -> Result<()> {
        let said = extra(client, "se/log", json!({ "type": "browser" })).await?;
        for entry in said.as_array().context("no console")? {
            if !entry.to_string().contains(expected) {
                self.notes(format!("in the console: {entry}"));
            }
        }
        Ok(())
    }

    /// What the browser's console says: violations of the policy, errors of scripts, missing files.
    pub(super) async fn complaints(
        &self,
        client: &Client,
        name: &str,
        failing: bool,
    ) -> Result<()> {
        let said = extra(client, "se/log", json!({ "type": "browser" })).await?;
        let address = client.current_url().await?;
        for entry in said.as_array().context("no console")? {
            let text = |key: &str| entry.get(key).and_then(Value::as_str).unwrap_or_default();
            let message = text("message");
            let own = message.starts_with(address.as_str()) && message.contains("status of 4");
            if !(failing && own) {
                let line = format!("{name} in the console: {} {message}", text("level"));
                self.seen().problems.push(line);
            }
        }
        Ok(())
    }
}

async fn measure(client: &Client) -> Result<Measures> {
    let measures = client.execute(MEASURE, Vec::new()).await?;
    Ok(serde_json::from_value(measures)?)
}

async fn images_loaded(client: &Client) -> Result<()> {
    let all = "return [...document.images].every((image) => image.complete)";
    for _ in 0..POLLS_MAX {
        if client.execute(all, Vec::new()).await? == true {
            return Ok(());
        }
        pause().await;
    }
    bail!("an image never came")
}

/// How often a page is asked whether it is there, and how long between.
pub(super) const POLLS_MAX: usize = 600;
const PAUSE: Duration = Duration::from_millis(50);

/// A moment for the browser.
pub(super) async fn pause() {
    let _elapsed = tokio::time::timeout(PAUSE, std::future::pending::<()>()).await;
}

/// Gives the page a screen of this size.
pub(super) async fn resize(client: &Client, width: u32, height: u32) -> Result<()> {
    let screen = json!({
        "width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 600,
    });
    devtools(client, "Emulation.setDeviceMetricsOverride", screen).await?;
    Ok(())
}

/// The page as a phone shows it.
pub(super) async fn as_phone(client: &Client) -> Result<()> {
    resize(client, 390, 844).await
}

async fn picture(client: &Client, width: u32, height: u32) -> Result<Vec<u8>> {
    let wanted = json!({
        "format": "png",
        "optimizeForSpeed": true,
        "captureBeyondViewport": true,
        "clip": { "x": 0, "y": 0, "width": width, "height": height, "scale": 1 },
    });
    let answer = devtools(client, "Page.captureScreenshot", wanted).await?;
    let data = answer.get("data").and_then(Value::as_str);
    Ok(STANDARD.decode(data.context("no picture")?)?)
}
