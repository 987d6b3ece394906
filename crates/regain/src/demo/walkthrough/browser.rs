//! A browser without a screen: cookies, pages, forms as they are on the page.

use std::net::IpAddr;
use std::time::Duration;

use anyhow::{Context as _, Result, bail};
use reqwest::header::{HeaderMap, HeaderValue};
use reqwest::multipart::{Form as Multipart, Part};
use reqwest::{Client, ClientBuilder, Method, RequestBuilder, StatusCode};
use scraper::{Html, Selector};
use serde_json::Value;
use url::Url;

/// How often somebody presses "Try again" while the site does not answer.
const TRIES_MAX: usize = 100;
/// Between two presses.
const TRY_PAUSE: Duration = Duration::from_millis(100);

/// One person's browser.
pub(crate) struct Browser {
    client: Client,
    origin: Url,
}

/// A page as it arrived.
#[derive(Debug, Clone)]
pub(crate) struct Page {
    pub status: StatusCode,
    pub url: Url,
    pub body: String,
}

/// What a script was answered.
#[derive(Debug)]
pub(crate) struct Answer {
    pub status: StatusCode,
    pub body: String,
    headers: HeaderMap,
}

impl Answer {
    /// A header that is text.
    pub(crate) fn header(&self, name: &str) -> Option<String> {
        let value = self.headers.get(name)?.to_str().ok()?;
        Some(value.to_owned())
    }
}

/// A form of a page with what it holds already.
#[derive(Debug, Clone)]
pub(crate) struct Form {
    action: Url,
    fields: Vec<(String, String)>,
}

/// A file to send.
pub(crate) struct File {
    pub name: &'static str,
    pub media_type: &'static str,
    pub bytes: Vec<u8>,
}

fn selector(text: &str) -> Result<Selector> {
    Selector::parse(text).map_err(|error| anyhow::anyhow!("{error}"))
}

impl Browser {
    /// A fresh browser for a site.
    pub(crate) fn new(origin: &Url) -> Result<Self> {
        Ok(Self {
            client: Self::client().build()?,
            origin: origin.clone(),
        })
    }

    /// The same browser at another site.
    pub(crate) fn at(&self, origin: &Url) -> Self {
        Self {
            client: self.client.clone(),
            origin: origin.clone(),
        }
    }

    /// The same from another address, as a proxy before the site names it.
    pub(crate) fn behind_address(mut self, ip: IpAddr) -> Result<Self> {
        let mut headers = HeaderMap::new();
        headers.insert("x-forwarded-for", HeaderValue::from_str(&ip.to_string())?);
        self.client = Self::client().default_headers(headers).build()?;
        Ok(self)
    }

    fn client() -> ClientBuilder {
        Client::builder()
            .cookie_store(true)
            .no_proxy()
            .user_agent("Mozilla/5.0 (Linux; Android 15) Chrome/156 Mobile (walkthrough)")
            .timeout(std::time::Duration::from_secs(120))
    }

    /// The site's origin as browsers write it.
    pub(crate) fn origin(&self) -> String {
        self.origin.origin().ascii_serialization()
    }

    /// Sends a request until an answer came whole: the very same one again whenever the connection
    /// is refused or breaks.
    async fn send(&self, make: impl Fn() -> Result<RequestBuilder>) -> Result<Page> {
        for _ in 1..TRIES_MAX {
            match answer(make()?).await {
                Err(error) if is_broken(&error) => {}
                done => return Ok(done?),
            }
            let _elapsed = tokio::time::timeout(TRY_PAUSE, std::future::pending::<()>()).await;
        }
        Ok(answer(make()?).await?)
    }

    fn post(&self, url: Url, accept: &str) -> RequestBuilder {
        self.client
            .post(url)
            .header("Accept", accept)
            .header("Origin", self.origin())
            .header("Sec-Fetch-Site", "same-origin")
    }

    /// Opens a path of the site, or a whole address.
    pub(crate) async fn get(&self, path: &str) -> Result<Page> {
        let url = self.origin.join(path)?;
        self.send(|| Ok(self.client.get(url.clone()).header("Accept", "text/html")))
            .await
    }

    /// Presses a form's button with these values typed.
    pub(crate) async fn submit(&self, form: &Form, typed: &[(&str, &str)]) -> Result<Page> {
        let mut fields = form.fields.clone();
        fields.retain(|(name, _)| !typed.iter().any(|(typed, _)| typed == name));
        fields.extend(
            typed
                .iter()
                .map(|(n, v)| ((*n).to_owned(), (*v).to_owned())),
        );
        self.send(|| Ok(self.post(form.action.clone(), "text/html").form(&fields)))
            .await
    }

    /// The same with a file.
    pub(crate) async fn upload(&self, form: &Form, field: &str, file: File) -> Result<Page> {
        self.send(|| {
            let part = Part::bytes(file.bytes.clone())
                .file_name(file.name)
                .mime_str(file.media_type)?;
            let mut body = Multipart::new();
            for (name, value) in &form.fields {
                body = body.text(name.clone(), value.clone());
            }
            let body = body.part(field.to_owned(), part);
            Ok(self.post(form.action.clone(), "text/html").multipart(body))
        })
        .await
    }

    /// Sends JSON as a page's script does, with the token it found on the page.
    pub(crate) async fn post_json(
        &self,
        path: &str,
        token: Option<&str>,
        body: &Value,
    ) -> Result<(StatusCode, Value)> {
        let url = self.origin.join(path)?;
        let answer = self
            .send(|| {
                let request = self.post(url.clone(), "application/json").json(body);
                Ok(match token {
                    Some(token) => request.header("X-Form-Token", token),
                    None => request,
                })
            })
            .await?;
        let value = if answer.body.is_empty() {
            Value::Null
        } else {
            serde_json::from_str(&answer.body)?
        };
        Ok((answer.status, value))
    }

    /// Sends what a page's script sends, and gives the answer with its headers.
    pub(crate) async fn script(
        &self,
        method: Method,
        path: &str,
        headers: &[(&str, String)],
        body: Vec<u8>,
    ) -> Result<Answer> {
        let mut request = self
            .client
            .request(method, self.origin.join(path)?)
            .header("Accept", "application/json")
            .header("Origin", self.origin())
            .header("Sec-Fetch-Site", "same-origin");
        for (name, value) in headers {
            request = request.header(*name, value);
        }
        let answer = request.body(body).send().await?;
        Ok(Answer {
            status: answer.status(),
            headers: answer.headers().clone(),
            body: answer.text().await?,
        })
    }

    /// Asks for JSON.
    pub(crate) async fn get_json(&self, path: &str) -> Result<(StatusCode, Value)> {
        let url = self.origin.join(path)?;
        let answer = self
            .send(|| {
                Ok(self
                    .client
                    .get(url.clone())
                    .header("Accept", "application/json"))
            })
            .await?;
        let value = serde_json::from_str(&answer.body).unwrap_or(Value::Null);
        Ok((answer.status, value))
    }
}

async fn answer(request: RequestBuilder) -> reqwest::Result<Page> {
    let answer = request.send().await?;
    let (status, url) = (answer.status(), answer.url().clone());
    Ok(Page {
        status,
        url,
        body: answer.text().await?,
    })
}

/// Whether the server went away, rather than this request being wrong or slow.
fn is_broken(error: &reqwest::Error) -> bool {
    !(error.is_builder() || error.is_redirect() || error.is_timeout())
}

impl Page {
    /// The heading.
    pub(crate) fn heading(&self) -> String {
        self.text_of("h1")
            .unwrap_or_else(|| self.status.to_string())
    }

    /// The text of the first element that fits.
    pub(crate) fn text_of(&self, select: &str) -> Option<String> {
        let html = Html::parse_document(&self.body);
        let selector = Selector::parse(select).ok()?;
        let found = html.select(&selector).next()?;
        let text: String = found.text().collect();
        Some(text.split_whitespace().collect::<Vec<_>>().join(" "))
    }

    /// The text of every element that fits, one string each.
    pub(crate) fn texts_of(&self, select: &str) -> Vec<String> {
        let html = Html::parse_document(&self.body);
        let Ok(selector) = Selector::parse(select) else {
            return Vec::new();
        };
        let words = |text: String| text.split_whitespace().collect::<Vec<_>>().join(" ");
        html.select(&selector)
            .map(|found| words(found.text().collect()))
            .collect()
    }

    /// An attribute of the first element that fits.
    pub(crate) fn attribute(&self, select: &str, name: &str) -> Option<String> {
        let html = Html::parse_document(&self.body);
        let selector = Selector::parse(select).ok()?;
        html.select(&selector).next()?.attr(name).map(str::to_owned)
    }

    /// The form that goes to an address ending like this, with its hidden and filled fields.
    pub(crate) fn form(&self, action_end: &str) -> Result<Form> {
        let html = Html::parse_document(&self.body);
        let (forms, inputs) = (selector("form")?, selector("input")?);
        // The last one: where a page has two for one address, the second is the one that goes on.
        let found = html
            .select(&forms)
            .rfind(|form| form.attr("action").is_some_and(|a| a.ends_with(action_end)))
            .with_context(|| {
                format!(
                    "no form for {action_end} on \"{}\" ({})",
                    self.heading(),
                    self.url.path()
                )
            })?;
        let action = self.url.join(found.attr("action").unwrap_or_default())?;
        let mut fields = Vec::new();
        for input in found.select(&inputs) {
            let kind = input.attr("type").unwrap_or("text");
            let chosen = !matches!(kind, "radio" | "checkbox") || input.attr("checked").is_some();
            if let (Some(name), true) = (input.attr("name"), chosen && kind != "file") {
                fields.push((
                    name.to_owned(),
                    input.attr("value").unwrap_or_default().to_owned(),
                ));
            }
        }
        Ok(Form { action, fields })
    }

    /// Bytes of the page without the squares of a QR code, whose number depends on the random key
    /// it shows and on nothing else.
    pub(crate) fn bytes_without_chance(&self) -> usize {
        let squares: usize = self
            .body
            .split(" d=\"")
            .skip(1)
            .filter_map(|rest| rest.split_once('"'))
            .map(|(path, _)| path.len())
            .sum();
        self.body.len() - squares
    }

    /// Fails unless the page is the one that was expected, or one of several: `this|that`.
    pub(crate) fn expect(&self, heading: &str) -> Result<()> {
        let shown = self.heading();
        if self.status.is_success() && heading.split('|').any(|words| shown.contains(words)) {
            return Ok(());
        }
        let said = self.text_of(".summary").or_else(|| self.text_of("main"));
        bail!(
            "expected \"{heading}\", got \"{}\" ({} {}): {}",
            self.heading(),
            self.status,
            self.url.path(),
            said.unwrap_or_default()
                .chars()
                .take(400)
                .collect::<String>()
        )
    }
}
