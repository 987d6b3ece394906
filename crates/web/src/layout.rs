//! The frame around every page: title, header, footer, hidden fields of forms.

use engine::inputs::PortalSettings;

use crate::assets;

/// What the page frame shows.
#[derive(Debug, Clone)]
#[allow(
    clippy::struct_excessive_bools,
    reason = "switches of a page, not states"
)]
pub struct Frame {
    /// The heading.
    pub title: String,
    /// The host people must see in their address bar.
    pub host: String,
    /// The platform's name.
    pub platform: String,
    /// The platform's domain as people type it.
    pub platform_domain: String,
    /// Where official mail comes from.
    pub mail_from: String,
    /// The demo: said on every page.
    pub demo: bool,
    /// Where "Back" leads.
    pub back: Option<String>,
    /// Something needs fixing: said first in the title.
    pub error: bool,
    /// The page ends after 30 quiet minutes.
    pub waits: bool,
    /// Token of the form.
    pub token: String,
    /// Key of this press.
    pub once: String,
    /// Address of the style sheet.
    pub css: String,
    /// Addresses of the page's scripts.
    pub scripts: Vec<String>,
    /// Addresses of modules that those scripts import, asked for at once.
    pub modules: Vec<String>,
    /// A console page: wider and denser.
    pub console: bool,
}

impl Frame {
    /// With the operator's words.
    #[must_use]
    pub fn new(settings: &PortalSettings, title: String) -> Self {
        Self {
            title,
            host: settings.host(),
            platform: settings.platform.clone(),
            platform_domain: settings.platform_domain.clone(),
            mail_from: settings.mail_from.clone(),
            demo: settings.demo,
            back: None,
            error: false,
            waits: false,
            token: String::new(),
            once: String::new(),
            css: assets::address("regain.css"),
            scripts: vec![assets::address("page.js")],
            modules: Vec::new(),
            console: false,
        }
    }

    /// With the hidden fields of a form.
    #[must_use]
    pub fn with_form(mut self, token: String, once: String) -> Self {
        self.token = token;
        self.once = once;
        self
    }

    /// With a back link: a real address, never the browser's history.
    #[must_use]
    pub fn back(mut self, to: impl Into<String>) -> Self {
        self.back = Some(to.into());
        self
    }

    /// With another script (its plain name in `assets/`).
    #[must_use]
    pub fn script(mut self, plain: &str) -> Self {
        self.scripts.push(assets::address(plain));
        self
    }

    /// With the page's own camera.
    #[must_use]
    pub fn with_camera(mut self) -> Self {
        self.modules = assets::CAPTURE_MODULES.map(assets::address).to_vec();
        self.script("capture.js")
    }

    /// Marked as having errors, or not.
    #[must_use]
    pub const fn failing(mut self, error: bool) -> Self {
        self.error = error;
        self
    }

    pub(crate) const fn waiting(mut self, waits: bool) -> Self {
        self.waits = waits;
        self
    }

    /// As a console page.
    #[must_use]
    pub const fn console(mut self) -> Self {
        self.console = true;
        self
    }

    /// Of a made-up operator, for the tests of pages.
    #[cfg(test)]
    pub(crate) fn sample() -> Self {
        Self::new(&sample_settings(), String::new())
    }

    /// The host letter by letter, for ears.
    #[must_use]
    pub fn host_spelled(&self) -> String {
        self.host
            .chars()
            .map(|c| match c {
                '.' => "dot".to_owned(),
                '-' => "dash".to_owned(),
                ':' => "colon".to_owned(),
                c => c.to_string(),
            })
            .collect::<Vec<_>>()
            .join(" ")
    }
}

/// A made-up operator's, for the tests of pages.
#[cfg(test)]
pub(crate) fn sample_settings() -> PortalSettings {
    let address: url::Url = "https://recover.exchange.example/".parse().unwrap();
    PortalSettings {
        origin: address.clone(),
        platform: "Exchange".to_owned(),
        platform_domain: "exchange.example".to_owned(),
        login_url: address.clone(),
        reset_url: address,
        mail_from: "recovery@exchange.example".to_owned(),
        official_domains: Vec::new(),
        platform_start_year: 2015,
        idle_years: 5,
        trusted_proxies: Vec::new(),
        explorers: engine::chains::Explorers::default(),
        demo: false,
    }
}
