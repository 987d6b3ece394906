//! The frame of every console page, and what its first line says after an action.

use engine::inputs::PortalSettings;
use engine::views::StaffMember;

use crate::assets;
use crate::visit::Visit;

/// What the page frame shows.
#[derive(Debug, Clone)]
pub struct ConsoleFrame {
    /// The platform's name.
    pub platform: String,
    /// The demo: said on every page.
    pub demo: bool,
    /// Name and rank of who signed in.
    pub who: Option<String>,
    /// The result of the last action: never a toast, always the next page's first line.
    pub said: Option<&'static str>,
    /// Token of the page's forms.
    pub token: String,
    /// Key of this press.
    pub once: String,
    /// Address of the style sheet.
    pub css: String,
    /// Address of the script for passkeys.
    pub js: String,
}

/// First lines by their stable word in `?said=`; any other word says nothing.
const SAID: &[(&str, &str)] = &[
    ("saved", "Your view is saved."),
    ("decided", "Your decision is recorded."),
    (
        "confirmed",
        "You confirmed the policy. Another senior must confirm it too.",
    ),
    ("published", "The policy counts for new cases from now on."),
    ("again", "It is sent again now."),
    ("tried", "It is tried again now."),
    ("nothing", "Since then nothing was left undelivered."),
    ("returned", "You handed the case back."),
    ("none", "No case waits for you just now."),
    (
        "order",
        "That step opens when the earlier ones are answered.",
    ),
    ("out", "You signed out."),
];

impl ConsoleFrame {
    /// For a request; `said` is the word of the address.
    pub(crate) fn new(visit: &Visit, said: Option<&str>) -> Self {
        let base = visit.frame("");
        Self {
            token: base.token,
            once: base.once,
            ..Self::bare(visit.app.settings(), visit.staff.as_ref(), said)
        }
    }

    /// Without a form.
    #[must_use]
    pub fn bare(settings: &PortalSettings, who: Option<&StaffMember>, said: Option<&str>) -> Self {
        Self {
            platform: settings.platform.clone(),
            demo: settings.demo,
            who: who.map(|who| format!("{} ({})", who.name, who.rank.name())),
            said: said.and_then(words_of),
            token: String::new(),
            once: String::new(),
            css: assets::address("console.css"),
            js: assets::address("console.js"),
        }
    }
}

fn words_of(said: &str) -> Option<&'static str> {
    SAID.iter()
        .find(|(word, _)| *word == said)
        .map(|(_, sentence)| *sentence)
}
