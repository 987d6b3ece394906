//! Random and naughty strings in the fields of forms: no answer is a fault of ours, and nothing
//! comes back as markup. The note of a contested case and the page of recovery codes get none.

use std::collections::BTreeMap;

use rand::Rng as _;
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::SeedableRng as _;
use recovery::actor::Rank;
use recovery::time::Span;
use scraper::{ElementRef, Html, Selector};
use serde_json::json;
use tokio::task::JoinSet;
use url::Url;

use super::super::handover::people_approve;
use super::super::support::{As, Caller, Scene, shared};
use super::super::webhooks::nowhere;
use crate::demo::seed::PEOPLE;
use crate::demo::walkthrough::applicant::{Applicant, NEW_PASSWORD, Shows};

/// Strings that every field gets; `REGAIN_STRINGS` asks for more (`just strings`).
const STRINGS: usize = 40;
/// Most of them in one world.
const WORLD_MOST: usize = 200;
/// Comes back as markup only where somebody forgot to escape.
const MARKUP: &str = "<x-regain onload=alert(1)>";
/// Longest random string.
const SYMBOLS_MAX: u32 = 400;
/// Rounds after which a page is opened anew, and time passes.
const ROUNDS: usize = 4;
/// So much that rates have recovered; sessions and leases outlive it.
const RATES: Span = Span::minutes(6);
/// Staff are not limited.
const NONE: Span = Span::ZERO;

/// Pages with forms, for somebody without a case, with an empty one, with one that is gathered.
const VISITOR: [&str; 7] = [
    "/",
    "/check-site",
    "/ways-in",
    "/continue",
    "/continue/code",
    "/check",
    "/stop",
];
const OPENED: [&str; 2] = ["/account", "/email"];
const APPLICANT: [&str; 3] = ["/case/document", "/case/clues", "/case/address-proof"];
const STEPS: [&str; 7] = [
    "real", "document", "person", "words", "memory", "trail", "decide",
];
/// Where the new ways in are mailed to.
const EMAIL: &str = "ann.new@example.org";

/// Ends the session, or gives the case back.
const LEFT_OUT: [&str; 2] = ["/sign-out", "/hand-back"];

/// What a field takes.
enum Takes {
    /// What the page holds, unseen.
    Kept(String),
    /// One of these, to be chosen.
    Chosen(Vec<String>),
    /// Whatever somebody types.
    Typed,
}

/// A form as a page shows it: where it goes, and its fields.
struct Form {
    action: String,
    fields: BTreeMap<String, Takes>,
}

/// Which fields get a string.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fill {
    /// All, also those of which one value is to be chosen.
    All,
    /// Those that are typed; of the others one is chosen that is offered.
    Typed,
    /// One of those that are typed: the words beside the others do not hide it.
    One,
}
const FILLS: [Fill; 3] = [Fill::All, Fill::Typed, Fill::One];

/// Every form of a page that sends text.
fn forms(body: &str) -> Vec<Form> {
    let html = Html::parse_document(body);
    let all = Selector::parse("form[method=post]").unwrap();
    let forms = html.select(&all).filter(|form| {
        let action = form.attr("action").unwrap_or_default();
        form.attr("enctype").is_none() && !LEFT_OUT.iter().any(|left| action.ends_with(left))
    });
    let form = |form: ElementRef<'_>| Form {
        action: form.attr("action").unwrap_or_default().to_owned(),
        fields: fields(form),
    };
    forms.map(form).collect()
}

fn fields(form: ElementRef<'_>) -> BTreeMap<String, Takes> {
    let named = "input[name], textarea[name], select[name], button[name]";
    let (named, options) = (
        Selector::parse(named).unwrap(),
        Selector::parse("option").unwrap(),
    );
    let value = |element: ElementRef<'_>| element.attr("value").unwrap_or_default().to_owned();
    let mut fields = BTreeMap::new();
    for field in form.select(&named) {
        let name = field.attr("name").unwrap_or_default().to_owned();
        let offered = match (field.value().name(), field.attr("type")) {
            ("input", Some("hidden")) => {
                fields.insert(name, Takes::Kept(value(field)));
                continue;
            }
            ("button", _) | ("input", Some("radio" | "checkbox")) => vec![value(field)],
            ("select", _) => field.select(&options).map(value).collect(),
            _ => {
                fields.insert(name, Takes::Typed);
                continue;
            }
        };
        match fields.entry(name).or_insert(Takes::Chosen(Vec::new())) {
            Takes::Chosen(values) => values.extend(offered),
            Takes::Kept(_) | Takes::Typed => {}
        }
    }
    fields
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

/// The strings of a world, one after the other.
struct Strings {
    rng: ChaCha8Rng,
    naughty: Vec<String>,
    given: usize,
    /// How many every field gets.
    rounds: usize,
    /// By how many those of the list are moved on, so that other fields get them.
    moved: usize,
}

impl Strings {
    fn of(world: u64, rounds: usize) -> Self {
        Self {
            rng: ChaCha8Rng::seed_from_u64(world),
            naughty: naughty(),
            given: 0,
            rounds,
            moved: usize::try_from(world).unwrap(),
        }
    }

    /// The fields of a form, filled.
    fn filled<'a>(&mut self, form: &'a Form, how: Fill) -> Vec<(&'a str, String)> {
        let typed = form
            .fields
            .values()
            .filter(|takes| matches!(takes, Takes::Typed));
        let typed = u32::try_from(typed.count()).unwrap();
        let mut before_it = self.rng.next_u32().checked_rem(typed).unwrap_or(0);
        let mut filled = Vec::new();
        for (name, takes) in &form.fields {
            let value = match takes {
                Takes::Kept(value) => value.clone(),
                Takes::Chosen(values) if how != Fill::All && !values.is_empty() => {
                    values[self.rng.next_u32() as usize % values.len()].clone()
                }
                Takes::Typed if how == Fill::One => {
                    let (its_turn, rest) = (before_it == 0, before_it.wrapping_sub(1));
                    before_it = rest;
                    if its_turn { self.next() } else { String::new() }
                }
                Takes::Chosen(_) | Takes::Typed => self.next(),
            };
            filled.push((name.as_str(), value));
        }
        filled
    }

    fn next(&mut self) -> String {
        self.given += 1;
        let place = self.given + self.moved;
        let listed = (place / 2).checked_rem(self.naughty.len());
        match listed.and_then(|at| self.naughty.get(at)) {
            Some(text) if place.is_multiple_of(2) => format!("{text}{MARKUP}"),
            _ => random(&mut self.rng),
        }
    }
}

/// What this page shows, which is neither a fault nor holds a string as markup.
async fn look(caller: &mut Caller, page: &str) -> String {
    let answer = caller.get(page).await;
    assert!(answer.status < 500, "{page}: {}", answer.body);
    assert!(!answer.body.contains(MARKUP), "{page}: {}", answer.body);
    answer.body
}

/// Fills every form of these pages.
async fn fill(
    scene: &Scene,
    caller: &mut Caller,
    pages: &[&str],
    pause: Span,
    strings: &mut Strings,
) {
    for page in pages {
        let mut shown = Vec::new();
        let before = strings.given;
        for round in 0..strings.rounds {
            if round.is_multiple_of(ROUNDS) {
                scene.world.store.advance_demo_clock(pause).await.unwrap();
                let found = forms(&look(caller, page).await);
                // A step that is done is sent once more.
                if !found.is_empty() {
                    shown = found;
                    caller.renew(page).await;
                }
            }
            let (by, how) = (As::BOTH[round % 2], FILLS[round % FILLS.len()]);
            for form in &shown {
                let fields = strings.filled(form, how);
                let fields: Vec<(&str, &str)> = fields
                    .iter()
                    .map(|(name, value)| (*name, value.as_str()))
                    .collect();
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
        assert!(strings.given > before, "{page} has no field");
    }
}

/// Everybody's forms up to the request, in a world of its own; gives how many strings were sent.
async fn before_it_is_sent(world: u64, rounds: usize) -> usize {
    let scene = Scene::start().await;
    let mut strings = Strings::of(world, rounds);
    let mut visitor = scene.visitor();
    visitor.post(As::Browser, "/", &[("what", "start")]).await;
    fill(&scene, &mut visitor, &VISITOR, RATES, &mut strings).await;
    let (_, mut opened) = scene.opened(1).await;
    fill(&scene, &mut opened, &OPENED, RATES, &mut strings).await;
    let account = "ann.old@example.com";
    let (mut asked, _) = scene.asked(2, account, "b@example.org").await;
    fill(
        &scene,
        &mut asked.caller,
        &["/email/code"],
        RATES,
        &mut strings,
    )
    .await;
    let mut ann = scene.applicant(3, account, "a@example.org").await.caller;
    fill(&scene, &mut ann, &APPLICANT, RATES, &mut strings).await;
    // What was kept is shown again by these.
    for page in [
        "/case",
        "/case/clues",
        "/case/review",
        "/case/address-proof",
    ] {
        look(&mut ann, page).await;
    }
    scene.end().await;
    strings.given
}

/// The forms of those who look at a request, and of the handover, in another world.
async fn after_it_was_sent(world: u64, rounds: usize) -> usize {
    // The page of webhooks has a form only where there is an endpoint.
    let folder = tempfile::tempdir().unwrap();
    let scene = Scene::start_with(folder, None, vec![nowhere()]).await;
    let mut strings = Strings::of(world, rounds);
    let stage = scene.stage();
    let mut ann = Applicant::new(&stage, "ann", EMAIL, Shows::drawn(11, 11)).unwrap();
    ann.opens_case("/?from=link", PEOPLE[0].email)
        .await
        .unwrap();
    ann.sends().await.unwrap();
    let mut sara = scene.staff("Sara Senior", Rank::Senior).await;
    fill(
        &scene,
        &mut sara,
        &["/console/webhooks"],
        NONE,
        &mut strings,
    )
    .await;
    let mut rita = scene.staff("Rita Reviewer", Rank::Reviewer).await;
    let taken = rita.post_json("/console/take", &json!({})).await.json();
    let base = format!("/console/case/{}", taken["case"].as_str().unwrap());
    for step in STEPS {
        let page = format!("{base}/{step}");
        fill(&scene, &mut rita, &[&page], NONE, &mut strings).await;
    }
    let back = json!({ "conflict": false });
    let back = rita.post_json(&format!("{base}/hand-back"), &back).await;
    assert_eq!(back.status, 200, "{}", back.body);
    people_approve(&stage).await.unwrap();
    stage.restrictions_arrive().await.unwrap();

    let mut own = scene.visitor();
    let link = stage.link_for(EMAIL, "/handover/").await.unwrap();
    let start = Url::parse(&link).unwrap().path().to_owned();
    fill(&scene, &mut own, &[&start], RATES, &mut strings).await;
    let rates = Span::hours(1);
    scene.world.store.advance_demo_clock(rates).await.unwrap();
    let key = [("key", ann.key.as_str())];
    own.renew(&start).await;
    let begun = own.post(As::Browser, &start, &key).await;
    assert_eq!(begun.header("location"), "/handover", "{}", begun.body);
    own.renew("/handover/password").await;
    fill(
        &scene,
        &mut own,
        &["/handover/password"],
        RATES,
        &mut strings,
    )
    .await;
    let password = [("password", NEW_PASSWORD)];
    own.post(As::Browser, "/handover/password", &password).await;
    fill(
        &scene,
        &mut own,
        &["/handover/authenticator"],
        RATES,
        &mut strings,
    )
    .await;
    scene.end().await;
    strings.given
}

#[tokio::test(flavor = "multi_thread")]
async fn no_string_in_any_field_is_a_fault_or_comes_back_as_markup() {
    let wanted = std::env::var("REGAIN_STRINGS").ok();
    let wanted = wanted.map_or(STRINGS, |wanted| wanted.parse().expect("a number"));
    let rounds = wanted.min(WORLD_MOST);
    let worlds = u64::try_from(wanted.div_ceil(rounds)).unwrap();
    let all = 2 * worlds;
    let (mut under_way, mut done, mut given) = (JoinSet::new(), 0, 0);
    for world in 0..worlds {
        under_way.spawn(before_it_is_sent(world, rounds));
        under_way.spawn(after_it_was_sent(world, rounds));
        while let Some(sent) = under_way.join_next().await {
            given += sent.unwrap();
            done += 1;
            eprintln!("{given} strings were sent in {done} of {all} worlds");
        }
    }
    assert!(given > wanted * 10, "only {given} strings");
}
