//! What the camera pages say while they run (UX.md B1, B4, B5). The words stand in the page; the
//! scripts only choose among them.

use recovery::reason::reason;

/// Code and sentence of everything a script may say.
const SAY: &[(&str, &str)] = &[
    ("dark", "More light. Turn towards a window"),
    ("bright", "Too bright. Turn away from the light"),
    ("blur", "Hold still, it is blurred"),
    ("still", "Hold still"),
    ("interrupted", "The camera was interrupted"),
    ("cut", "Move back, an edge is cut off"),
    ("cut.left", "The left edge is cut off"),
    ("cut.right", "The right edge is cut off"),
    ("cut.top", "The upper edge is cut off"),
    ("cut.bottom", "The lower edge is cut off"),
    ("closer", "Move closer"),
    (
        "shine",
        "There is a shine. Tilt the card or switch off the flash",
    ),
    ("flat", "Hold the phone flat above the card"),
    ("good", "Good. Hold still"),
    ("ready", "Take the photo"),
    ("face", "Show your whole face"),
    ("lift", "Lift the note, we cannot see the writing"),
    ("behind", "The light is behind you. Turn around"),
    (
        "quiet",
        "We cannot hear you. Speak louder or check the microphone",
    ),
    ("loud", "Too loud. Hold the phone further away"),
    ("taken", "Photo taken"),
    ("recorded", "Video recorded"),
    ("take", "Take the photo"),
    ("record", "Record"),
    ("stop", "Stop"),
    ("place", "Digit {n} of {m}"),
    ("sent", "{n} of {m} MB sent"),
    (
        "offline",
        "You are offline. What you already sent is safe. This page carries on when you are back.",
    ),
    (
        "slow",
        "Still sending. Keep this page open. A weak connection is the usual reason.",
    ),
    (
        "idle",
        "The camera was switched off because nothing happened for 3 minutes.",
    ),
    ("failed", "That did not work. Try again"),
];

/// Reasons (UX.md B4) that a script can know of by itself.
const REASONS: [&str; 5] = [
    "image.again",
    "video.cut",
    "video.short",
    "video.slow_words",
    "upload.damaged",
];

/// What the line, not a person, did to a take.
const LINE: (&str, &str, &str) = (
    "line",
    "The connection was too slow for this",
    "Go where the signal is better, or use Wi-Fi, and take the video again.",
);
/// The camera turned with the phone while it recorded.
const TURNED: (&str, &str, &str) = (
    "video.turned",
    "The phone was turned",
    "Keep the phone upright. Take again.",
);

/// One thing to say: a headline, and advice where there is any.
#[derive(Debug)]
pub(crate) struct Say {
    pub(crate) code: &'static str,
    pub(crate) headline: &'static str,
    pub(crate) advice: &'static str,
}

/// Everything a script may say.
pub(crate) fn say() -> Vec<Say> {
    let plain = SAY.iter().map(|(code, headline)| (*code, *headline, ""));
    let told = REASONS
        .into_iter()
        .filter_map(reason)
        .map(|reason| (reason.code, reason.headline, reason.advice));
    plain
        .chain(told)
        .chain([LINE, TURNED])
        .map(|(code, headline, advice)| Say {
            code,
            headline,
            advice,
        })
        .collect()
}

/// The browser as far as the way to its camera switch differs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Browser {
    /// Inside another app: it has no camera switch at all.
    InApp,
    /// Safari on an iPhone or iPad.
    IosSafari,
    /// Another browser on an iPhone or iPad.
    IosOther,
    /// Chrome and its relatives on Android.
    AndroidChrome,
    /// Firefox, on whatever.
    Firefox,
    /// Safari on a Mac.
    MacSafari,
    /// Any other, on a desk.
    Desk,
}

/// Marks of browsers that live inside other apps.
const IN_APP: [&str; 8] = [
    "FBAN/",
    "FBAV/",
    "Instagram",
    "Line/",
    "MicroMessenger",
    "Telegram",
    "Twitter",
    "; wv)",
];

impl Browser {
    /// From the browser's own claim: it only chooses which steps are shown.
    pub(crate) fn of(user_agent: &str) -> Self {
        let has = |mark: &str| user_agent.contains(mark);
        let ios = has("iPhone") || has("iPad");
        if IN_APP.into_iter().any(has) {
            Self::InApp
        } else if has("Firefox/") {
            Self::Firefox
        } else if ios && (has("CriOS") || has("FxiOS") || has("EdgiOS")) {
            Self::IosOther
        } else if ios {
            Self::IosSafari
        } else if has("Android") {
            Self::AndroidChrome
        } else if has("Safari/") && !has("Chrome/") {
            Self::MacSafari
        } else {
            Self::Desk
        }
    }

    /// Whether it runs on something that stands on a desk.
    pub(crate) const fn on_desk(self) -> bool {
        matches!(self, Self::MacSafari | Self::Desk)
    }

    /// How the camera is switched on again for this site.
    pub(crate) const fn steps(self) -> [&'static str; 3] {
        match self {
            Self::InApp => [
                "Copy the address of this page.",
                "Open Safari or Chrome and paste it there.",
                "Come back to your request with its code.",
            ],
            Self::IosSafari => [
                "Press \"aA\" or the page menu beside the address.",
                "Choose \"Website settings\", then set Camera and Microphone to \"Allow\".",
                "Press \"Try again\" here.",
            ],
            Self::IosOther => [
                "Open the Settings app of the phone and choose this browser.",
                "Switch on Camera and Microphone.",
                "Come back here and press \"Try again\".",
            ],
            Self::AndroidChrome => [
                "Press the icon at the left of the address.",
                "Choose \"Permissions\", then allow Camera and Microphone.",
                "Press \"Try again\" here.",
            ],
            Self::Firefox => [
                "Press the lock or camera icon beside the address.",
                "Remove the block on the camera and the microphone.",
                "Press \"Try again\" here and choose \"Allow\".",
            ],
            Self::MacSafari => [
                "Choose \"Settings for this website\" in the Safari menu.",
                "Set Camera and Microphone to \"Allow\".",
                "Press \"Try again\" here.",
            ],
            Self::Desk => [
                "Press the icon at the left of the address.",
                "Switch Camera and Microphone on for this site.",
                "Press \"Try again\" here.",
            ],
        }
    }
}

/// One thing that can be wrong with a camera (UX.md B5).
#[derive(Debug)]
pub(crate) struct Trouble {
    /// Which: the name that the scripts know.
    pub(crate) code: &'static str,
    pub(crate) headline: &'static str,
    pub(crate) advice: String,
    /// The steps of this browser help.
    pub(crate) steps: bool,
    /// Where there is no camera at all, a phone comes before a file.
    pub(crate) phone_first: bool,
}

/// Everything that can be wrong, in the words of this browser.
pub(crate) fn troubles(browser: Browser, film: bool, host: &str) -> [Trouble; 6] {
    let desk = browser.on_desk();
    let trouble = |code, headline, advice: &str| Trouble {
        code,
        headline,
        advice: advice.to_owned(),
        steps: false,
        phone_first: false,
    };
    let denied = if desk {
        "Your browser decides that, not we."
    } else {
        "Your phone decides that, not we."
    };
    let absent = match (browser, film) {
        (Browser::InApp, _) => trouble(
            "absent",
            "This app's built-in browser cannot use the camera",
            &format!("Open {host} in Safari or Chrome."),
        ),
        (_, false) if desk => trouble(
            "absent",
            "This computer has no camera we can use",
            "Do this part on your phone, or send a file.",
        ),
        (_, true) if desk => trouble(
            "absent",
            "This computer has no camera and microphone we can use",
            "Do this part on your phone, or send a file.",
        ),
        _ => trouble(
            "absent",
            "We found no camera in this browser",
            "Open this page in Safari or Chrome, or send a file.",
        ),
    };
    [
        Trouble {
            steps: true,
            ..trouble("denied", "The camera is switched off for this site", denied)
        },
        Trouble {
            steps: browser == Browser::InApp,
            phone_first: desk,
            ..absent
        },
        trouble(
            "busy",
            "Another app is using the camera",
            "Close it and try again.",
        ),
        trouble(
            "black",
            "We only get a black picture",
            "Uncover the lens, close other apps that use the camera, and try again.",
        ),
        trouble(
            "recorder",
            "This browser cannot record a video",
            "Record one with the camera app and send the file.",
        ),
        trouble(
            "broken",
            "You can do this part another way",
            "Try the camera again, use another phone, or send a file from below.",
        ),
    ]
}

/// The same where no file can take the place of the camera.
pub(crate) fn troubles_alone(browser: Browser, host: &str) -> [Trouble; 6] {
    const OTHER: &str =
        "Use a phone or computer with a camera and microphone, in Safari or Chrome.";
    troubles(browser, true, host).map(|trouble| {
        let (headline, advice) = match trouble.code {
            "recorder" => (trouble.headline, OTHER.to_owned()),
            "absent" if browser != Browser::InApp => (trouble.headline, OTHER.to_owned()),
            "broken" => (
                "Only this camera can take the place of the key",
                "Try it again, or use another phone or computer.".to_owned(),
            ),
            _ => (trouble.headline, trouble.advice),
        };
        Trouble {
            headline,
            advice,
            phone_first: false,
            ..trouble
        }
    })
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_code_has_one_sentence() {
        let all = say();
        let codes: BTreeSet<_> = all.iter().map(|say| say.code).collect();
        assert_eq!(codes.len(), all.len());
        assert_eq!(all.len(), SAY.len() + REASONS.len() + 2);
    }

    #[test]
    fn steps_fit_the_browser() {
        let cases = [
            (
                "Mozilla/5.0 (iPhone; CPU iPhone OS 18_4 like Mac OS X) AppleWebKit/605.1.15 \
                 (KHTML, like Gecko) Version/18.4 Mobile/15E148 Safari/604.1",
                Browser::IosSafari,
            ),
            (
                "Mozilla/5.0 (iPhone; CPU iPhone OS 18_4 like Mac OS X) AppleWebKit/605.1.15 \
                 (KHTML, like Gecko) CriOS/140.0 Mobile/15E148 Safari/604.1",
                Browser::IosOther,
            ),
            (
                "Mozilla/5.0 (Linux; Android 16; Pixel 9) AppleWebKit/537.36 (KHTML, like Gecko) \
                 Chrome/140.0 Mobile Safari/537.36",
                Browser::AndroidChrome,
            ),
            (
                "Mozilla/5.0 (Linux; Android 16; Pixel 9; wv) AppleWebKit/537.36 Chrome/140.0",
                Browser::InApp,
            ),
            (
                "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0",
                Browser::Firefox,
            ),
            (
                "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, \
                 like Gecko) Version/18.4 Safari/605.1.15",
                Browser::MacSafari,
            ),
            ("", Browser::Desk),
        ];
        for (claim, browser) in cases {
            assert_eq!(Browser::of(claim), browser, "{claim}");
        }
        assert!(Browser::Desk.on_desk() && !Browser::IosSafari.on_desk());
    }

    #[test]
    fn where_no_file_will_do_none_is_offered() {
        for browser in [
            Browser::InApp,
            Browser::of(""),
            Browser::of("Mozilla/5.0 (Windows NT 10.0)"),
        ] {
            for trouble in troubles_alone(browser, "recover.example.com") {
                assert!(!trouble.advice.contains("file"), "{}", trouble.advice);
            }
        }
    }
}
