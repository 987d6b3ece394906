//! Random and naughty strings in every field of every form: no answer is a fault of ours, and
//! nothing comes back as markup.

use std::collections::BTreeMap;

use rand::Rng as _;
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::SeedableRng as _;
use recovery::actor::Rank;
use recovery::time::Span;
use scraper::{Html, Selector};

use super::super::support::{As, Caller, Scene, shared};
use super::super::webhooks::nowhere;

/// Strings that every field gets; `REGAIN_STRINGS` says otherwise.
const STRINGS: usize = 40;
/// Comes back as markup only where somebody forgot to escape.
const MARKUP: &str = "<x-regain onload=alert(1)>";
/// Longest random string.
const SYMBOLS_MAX: u32 = 400;
/// Rounds after which the rates have recovered.
const RATES: usize = 8;
/// Minutes in which they recover somewhat; sessions outlive them.
const RATES_MINUTES: i64 = 2;

/// Pages with forms, for somebody without a case, with one that is gathered, and for staff.
const VISITOR: [&str; 6] = [
    "/",
    "/check-site",
    "/ways-in",
    "/continue",
    "/check",
    "/stop",
];
const APPLICANT: [&str; 9] = [
    "/account",
    "/email",
    "/email/code",
    "/case/document",
    "/case/clues",
    "/case/address-proof",
    "/case/another-way",
    "/case/pressure",
    "/case/phone",
];
const STAFF: [&str; 2] = ["/console/policy", "/console/webhooks"];

/// A form as a page shows it: where it goes, and its fields with what they hold.
struct Form {
    action: String,
    fields: BTreeMap<String, (bool, String)>,
}

/// Every form of a page that sends text; fields with `true` are typed by people.
fn forms(body: &str) -> Vec<Form> {
    let html = Html::parse_document(body);
    let all = Selector::parse("form[method=post]").unwrap();
    let fields =
        Selector::parse("input[name], textarea[name], select[name], button[name]").unwrap();
    let forms = html
        .select(&all)
        .filter(|form| form.attr("enctype").is_none());
    let form = |form: scraper::ElementRef<'_>| Form {
        action: form.attr("action").unwrap_or_default().to_owned(),
        fields: form
            .select(&fields)
            .map(|field| {
                let name = field.attr("name").unwrap_or_default().to_owned();
                let hidden = field.attr("type") == Some("hidden");
                let value = field.attr("value").unwrap_or_default().to_owned();
                (name, (!hidden, value))
            })
            .collect(),
    };
    forms.map(form).collect()
}

/// Strings that broke others' programs, where the shared lists are there.
fn naughty() -> Vec<String> {
    let Some(file) = shared("testdata/strings_and_lists/naughty/blns.json") else {
        return Vec::new();
    };
    let text = std::fs::read_to_string(file).unwrap();
    serde_json::from_str(&text).unwrap()
}

fn random(rng: &mut ChaCha8Rng) -> String {
    const PIECES: [&str; 14] = [
        "'", "\"", "`", "\0", "\r\n", "{{", "${", "%00", "\\", "../", "\u{202e}", "\u{feff}",
        "&#60;", "]]>",
    ];
    let mut text = String::new();
    for _ in 0..rng.next_u32() % SYMBOLS_MAX {
        let piece = rng.next_u32();
        match piece % 5 {
            0 => text.push_str(PIECES[(piece / 5) as usize % PIECES.len()]),
            1 => text.extend(char::from_u32(rng.next_u32() % 0x11_0000)),
            2 => text.extend(char::from_digit(piece / 5 % 36, 36)),
            3 => text.push(char::from(u8::try_from(piece / 5 % 128).unwrap())),
            _ => text.extend(char::from_u32(0x400 + piece / 5 % 0x2000)),
        }
    }
    if rng.next_u32().is_multiple_of(4) {
        text.push_str(MARKUP);
    }
    text
}

/// The strings of a run, one after the other.
struct Strings {
    rng: ChaCha8Rng,
    naughty: Vec<String>,
    given: usize,
}

impl Strings {
    fn next(&mut self) -> String {
        self.given += 1;
        match self.naughty.get(self.given / 2) {
            Some(text) if self.given.is_multiple_of(2) => format!("{text}{MARKUP}"),
            _ => random(&mut self.rng),
        }
    }
}

/// Fills every form of these pages so many times.
async fn fill(
    scene: &Scene,
    caller: &mut Caller,
    pages: &[&str],
    strings: &mut Strings,
    times: usize,
) {
    for page in pages {
        for round in 0..times {
            if round.is_multiple_of(RATES) {
                let pause = Span::minutes(RATES_MINUTES);
                scene.world.store.advance_demo_clock(pause).await.unwrap();
                caller.renew(page).await;
            }
            let shown = caller.get(page).await;
            assert!(shown.status < 500, "{page}: {}", shown.body);
            for form in forms(&shown.body) {
                let fields: Vec<(String, String)> = form
                    .fields
                    .iter()
                    .map(|(name, (typed, value))| {
                        let value = if *typed {
                            strings.next()
                        } else {
                            value.clone()
                        };
                        (name.clone(), value)
                    })
                    .collect();
                let fields: Vec<(&str, &str)> = fields
                    .iter()
                    .map(|(name, value)| (name.as_str(), value.as_str()))
                    .collect();
                let by = As::BOTH[round % 2];
                let answer = caller.post(by, &form.action, &fields).await;
                let told = || format!("{} {by:?} {fields:?}: {}", form.action, answer.body);
                assert!(answer.status < 500, "{} {}", answer.status, told());
                assert!(
                    !answer.body.contains(MARKUP) || by == As::Script,
                    "{}",
                    told()
                );
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn no_string_in_any_field_is_a_fault_or_comes_back_as_markup() {
    let times = std::env::var("REGAIN_STRINGS").ok();
    let times = times
        .and_then(|times| times.parse().ok())
        .unwrap_or(STRINGS);
    // The page of webhooks has a form only where there is an endpoint.
    let folder = tempfile::tempdir().unwrap();
    let scene = Scene::start_with(folder, None, vec![nowhere()]).await;
    let mut strings = Strings {
        rng: ChaCha8Rng::seed_from_u64(4),
        naughty: naughty(),
        given: 0,
    };
    let mut visitor = scene.visitor();
    visitor.post(As::Browser, "/", &[("what", "start")]).await;
    fill(&scene, &mut visitor, &VISITOR, &mut strings, times).await;
    let (_, mut opened) = scene.opened(1).await;
    fill(&scene, &mut opened, &APPLICANT[..3], &mut strings, times).await;
    let account = "ann.old@example.com";
    let mut ann = scene.applicant(2, account, "a@example.org").await.caller;
    fill(&scene, &mut ann, &APPLICANT[3..], &mut strings, times).await;
    let mut sara = scene.staff("Sara Senior", Rank::Senior).await;
    fill(&scene, &mut sara, &STAFF, &mut strings, times).await;
    // What was kept is shown again by these.
    for page in [
        "/case",
        "/case/clues",
        "/case/review",
        "/case/address-proof",
    ] {
        let shown = ann.get(page).await;
        assert!(shown.status < 500 && !shown.body.contains(MARKUP), "{page}");
    }
    assert!(strings.given > times * 10, "only {} strings", strings.given);
    eprintln!("{} strings were sent", strings.given);
    scene.end().await;
}
