//! A browser by its own claim, in words: never its version or anything else of it.

/// Its family.
pub(crate) fn family(user_agent: &str) -> Option<&'static str> {
    // In this order: most of them also claim to be the later ones.
    named(
        user_agent,
        &[
            ("Firefox/", "Firefox"),
            ("Edg/", "Edge"),
            ("OPR/", "Opera"),
            ("Chrome/", "Chrome"),
            ("Safari/", "Safari"),
        ],
    )
}

/// What it runs on.
fn system(user_agent: &str) -> Option<&'static str> {
    named(
        user_agent,
        &[
            ("Android", "Android"),
            ("iPhone", "an iPhone"),
            ("iPad", "an iPad"),
            ("Windows", "Windows"),
            ("CrOS", "a Chromebook"),
            ("Mac OS X", "a Mac"),
            ("Linux", "Linux"),
        ],
    )
}

fn named(user_agent: &str, known: &[(&str, &'static str)]) -> Option<&'static str> {
    known
        .iter()
        .find(|(mark, _)| user_agent.contains(mark))
        .map(|(_, name)| *name)
}

/// Browser and system: "Chrome on Android"; nothing where it claims neither.
pub(crate) fn words(user_agent: &str) -> Option<String> {
    match (family(user_agent), system(user_agent)) {
        (Some(family), Some(system)) => Some(format!("{family} on {system}")),
        (Some(family), None) => Some(family.to_owned()),
        (None, Some(system)) => Some(format!("a browser on {system}")),
        (None, None) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn browsers_are_named_without_their_versions() {
        for (claim, said) in [
            (
                "Mozilla/5.0 (Linux; Android 15) AppleWebKit/537.36 Chrome/156.0 Mobile Safari/537",
                Some("Chrome on Android"),
            ),
            (
                "Mozilla/5.0 (iPhone; CPU iPhone OS 18_4 like Mac OS X) Version/18.4 Safari/604.1",
                Some("Safari on an iPhone"),
            ),
            (
                "Mozilla/5.0 (Windows NT 10.0; Win64; x64) Chrome/140.0 Safari/537.36 Edg/140.0",
                Some("Edge on Windows"),
            ),
            (
                "Mozilla/5.0 (Macintosh; Intel Mac OS X 15.1; rv:140.0) Firefox/140.0",
                Some("Firefox on a Mac"),
            ),
            ("Lynx/2.9 (Linux)", Some("a browser on Linux")),
            ("Safari/604.1", Some("Safari")),
            ("curl/8.9", None),
            ("", None),
        ] {
            assert_eq!(words(claim).as_deref(), said, "{claim}");
        }
    }
}
