//! What all pages and all addresses must keep to, read from the route table and the templates.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    missing_docs
)]

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use http::Method;
use web::headers::Powers;
use web::routes::{Route, Who, all};

/// Most words of a body (UX.md).
const BODY_WORDS_MAX: usize = 60;

fn templates() -> Vec<(PathBuf, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("templates");
    let mut found: Vec<_> = fs::read_dir(root.join("portal"))
        .unwrap()
        .chain(fs::read_dir(&root).unwrap())
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|kind| kind == "html"))
        .map(|path| (path.clone(), fs::read_to_string(&path).unwrap()))
        .collect();
    found.sort();
    assert!(found.len() > 35, "only {} templates", found.len());
    found
}

/// The text between two marks, each time.
fn between<'a>(text: &'a str, open: &'a str, close: &'a str) -> impl Iterator<Item = &'a str> {
    text.split(open)
        .skip(1)
        .filter_map(move |rest| rest.split(close).next())
}

/// What a person reads: no tags, no template code.
fn words(html: &str) -> String {
    let mut text = String::new();
    let mut depth = 0_u32;
    let plain = html
        .replace("{%", "<")
        .replace("%}", ">")
        .replace("{{", "")
        .replace("}}", "");
    for c in plain.chars() {
        match c {
            '<' => depth += 1,
            '>' => depth = depth.saturating_sub(1),
            c if depth == 0 => text.push(c),
            _ => {}
        }
    }
    text
}

#[test]
fn addresses_are_unique_and_named() {
    let mut seen = BTreeSet::new();
    for route in all() {
        assert!(seen.insert(route.path), "{} stands twice", route.path);
        assert!(route.path.starts_with('/'), "{}", route.path);
        assert!(!route.title.is_empty(), "{} has no title", route.path);
        assert!(!route.methods.is_empty(), "{} does nothing", route.path);
        assert!(
            route.body > 0 && route.body <= 64 * 1024 * 1024,
            "{}",
            route.path
        );
    }
    assert!(seen.len() > 40);
}

/// All that a phone may do which takes the pictures: no key, no address, no status, no sending.
const CAMERA: [&str; 14] = [
    "/case",
    "/case/document",
    "/case/id/front",
    "/case/id/back",
    "/case/note",
    "/case/video",
    "/case/taken/{item}",
    "/case/fix/{item}",
    "/case/picture/{evidence}",
    "/case/takes",
    "/case/takes/{take}/next",
    "/case/takes/{take}/end",
    "/case/uploads",
    "/case/uploads/{upload}",
];

#[test]
fn whatever_touches_a_case_needs_its_session() {
    for route in all() {
        let guarded = route.path.starts_with("/case")
            || ["/account", "/email", "/email/code", "/key"].contains(&route.path);
        let camera = CAMERA.contains(&route.path);
        assert_eq!(route.who == Who::Camera, camera, "{}", route.path);
        if guarded && !camera {
            assert_eq!(route.who, Who::Applicant, "{}", route.path);
        }
        if route.path.starts_with("/stop") {
            assert_eq!(route.who, Who::Holder, "{}", route.path);
        }
        let console = ["", "/policy", "/securing", "/webhooks"];
        let console = console.map(|page| format!("/console{page}"));
        if console.iter().any(|page| page == route.path) || route.path.starts_with("/console/case")
        {
            assert_eq!(route.who, Who::Staff, "{}", route.path);
        }
    }
}

fn with(powers: Powers) -> Vec<&'static str> {
    all()
        .filter(|route| route.powers == powers)
        .map(|route| route.path)
        .filter(|path| !path.starts_with("/console"))
        .collect()
}

#[test]
fn the_camera_and_passkeys_are_on_only_where_they_are_used() {
    let camera = [
        "/case/id/front",
        "/case/id/back",
        "/case/note",
        "/case/video",
        "/case/fix/{item}",
        "/handover/face",
    ];
    assert_eq!(with(Powers::Camera), camera);
    assert_eq!(with(Powers::PasskeyNew), ["/handover/passkey"]);
    assert_eq!(with(Powers::PasskeyUse), Vec::<&str>::new());
}

#[test]
fn only_capture_pages_may_use_the_camera_and_show_what_it_took() {
    // A missing permission looks exactly like a person's "no", and without `blob:` the preview of
    // what was taken fails without a word.
    for route in all() {
        let camera = route.powers == Powers::Camera;
        let (policy, permissions) = (route.powers.content_policy(), route.powers.permissions());
        let path = route.path;
        let given = permissions.contains("camera=(self), microphone=(self)");
        assert_eq!(given, camera, "{path}");
        assert_eq!(policy.contains("media-src 'self' blob:"), camera, "{path}");
        assert_eq!(policy.contains("img-src 'self' blob:"), camera, "{path}");
        assert!(!policy.contains("unsafe"), "{path}");
        let written = policy.contains("require-trusted-types-for 'script'; trusted-types 'none'");
        assert_eq!(written, route.powers != Powers::Exhibit, "{path}");
        // The camera's switch is no door for anything else.
        assert!(!permissions.contains('*'), "{path}");
        assert!(permissions.contains("geolocation=()"), "{path}");
        assert!(permissions.contains("display-capture=()"), "{path}");
    }
}

#[test]
fn links_in_mails_open_pages_and_only_buttons_act() {
    // A GET that acts would be pressed by whatever scans a mailbox.
    let mails = [
        "/email/code",
        "/handover/{token}",
        "/stop/{token}",
        "/continue",
        "/check",
    ];
    for path in mails {
        let route = all().find(|route| route.path == path).unwrap();
        assert!(route.methods.contains(&Method::GET), "{path}");
    }
    let token: &Route = all().find(|route| route.path == "/stop/{token}").unwrap();
    assert_eq!(token.methods, [Method::GET]);
}

#[test]
fn bodies_are_short() {
    for (path, text) in templates() {
        for body in between(&text, "<p class=\"lead\">", "</p>") {
            let count = words(body).split_whitespace().count();
            assert!(
                count <= BODY_WORDS_MAX,
                "{}: {count} words: {body}",
                path.display()
            );
        }
    }
}

#[test]
fn no_page_scolds_or_begs() {
    let portal = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/portal");
    let sentences: Vec<(PathBuf, String)> = fs::read_dir(portal)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        // A folder beside a page holds its tests.
        .filter(|path| path.is_file())
        .map(|path| (path.clone(), fs::read_to_string(path).unwrap()))
        .map(|(path, code)| {
            let strings = between(&code, "\"", "\"").collect::<Vec<_>>().join("\n");
            (path, strings)
        })
        .collect();
    let pages = templates()
        .into_iter()
        .map(|(path, text)| (path, words(&text)));
    for (path, text) in pages.chain(sentences) {
        let lower = text.to_lowercase();
        for word in ["please", "oops", "invalid", "forgot "] {
            assert!(!lower.contains(word), "{} says {word}", path.display());
        }
    }
}

#[test]
fn pages_have_one_heading_one_frame_and_nothing_inline() {
    for (path, text) in templates() {
        let name = path.file_name().unwrap().to_str().unwrap();
        if name == "layout.html" || name == "parts.html" {
            continue;
        }
        let shown = path.display();
        assert!(
            text.contains("{% extends \"layout.html\" %}"),
            "{shown}: no frame"
        );
        assert_eq!(text.matches("<h1>").count(), 1, "{shown}: one h1");
        for never in [
            "<script",
            "<style",
            " style=",
            " onclick=",
            "javascript:",
            "http://",
            "placeholder=",
        ] {
            assert!(!text.contains(never), "{shown} has {never}");
        }
        let forms = text.matches("<form").count();
        let tokens = text.matches("parts::hidden(frame)").count();
        assert_eq!(
            forms, tokens,
            "{shown}: each form has its token and its once-key"
        );
        assert_eq!(forms, text.matches("method=\"post\"").count(), "{shown}");
    }
}

#[test]
fn each_form_goes_to_an_address_that_takes_it() {
    let posts: BTreeSet<&str> = all()
        .filter(|route| route.methods.contains(&Method::POST))
        .map(|route| route.path)
        .collect();
    let gets: BTreeSet<&str> = all()
        .filter(|route| route.methods.contains(&Method::GET))
        .map(|route| route.path)
        .collect();
    for (path, text) in templates() {
        for action in between(&text, "action=\"", "\"").filter(|to| to.starts_with('/')) {
            assert!(posts.contains(action), "{}: {action}", path.display());
        }
        for link in between(&text, "href=\"", "\"").filter(|to| to.starts_with('/')) {
            assert!(gets.contains(link), "{}: {link}", path.display());
        }
    }
}

#[test]
fn fields_have_labels_and_explained_errors() {
    for (path, text) in templates() {
        for input in between(&text, "<input ", ">") {
            let quiet = ["hidden", "radio", "checkbox"];
            if quiet
                .iter()
                .any(|kind| input.contains(&format!("type=\"{kind}\"")))
                || input.contains(" hidden")
            {
                continue;
            }
            let id = between(input, "id=\"", "\"").next().unwrap_or_default();
            let label = format!("for=\"{id}\"");
            assert!(
                text.contains(&label),
                "{}: {id} has no label",
                path.display()
            );
            assert!(
                input.contains("autocomplete=") || input.contains("type=\"file\""),
                "{}: {id} says nothing about filling",
                path.display()
            );
        }
    }
}

/// Methods that a router's handlers take, read from what it prints of itself.
fn taken(route: &Route) -> BTreeSet<String> {
    let printed = format!("{:?}", (route.serve)());
    ["get", "head", "delete", "patch", "post", "put"]
        .into_iter()
        .filter(|method| {
            let field = between(&printed, &format!(" {method}: "), ",")
                .next()
                .map(str::to_owned);
            field.is_some_and(|shown| !shown.trim_start().starts_with("None"))
        })
        .map(str::to_uppercase)
        .collect()
}

#[test]
fn the_table_says_what_the_handlers_take() {
    for route in all() {
        let said: BTreeSet<String> = route.methods.iter().map(Method::to_string).collect();
        let mut taken = taken(route);
        if said.contains("GET") && !said.contains("HEAD") {
            taken.remove("HEAD");
        }
        assert_eq!(said, taken, "{}", route.path);
    }
}
