//! The figures of docs/reference/evaluation.md about documents as objects, measured again:
//! `cargo run -p evidence --example evaluate_documents`.
#![allow(
    clippy::print_stdout,
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a program for people, on inputs of its own"
)]

#[path = "../tests/support/synthetic.rs"]
mod synthetic;

use std::path::{Path, PathBuf};

use evidence::{Limits, decode_picture, document, find_card, screen};
use image::RgbImage;
use recovery::evidence::EvidenceKind;
use recovery::finding::{Finding, Outcome};
use recovery::policy::{Checks, DEFAULT, Policy};
use synthetic::{Chance, Quad, TABLES, Table};

/// Pictures of each kind.
const COUNT: u64 = 60;

fn main() {
    let checks = Policy::parse(DEFAULT).unwrap().checks;
    let only = std::env::args().nth(1);
    let run = |name: &str| only.as_deref().is_none_or(|wanted| wanted == name);
    if run("edges") {
        edges(&checks);
    }
    if run("surface") {
        surface(&checks);
    }
    if run("screen") {
        screens(&checks);
    }
    if run("time") {
        times(&checks);
    }
}

#[expect(clippy::disallowed_methods, reason = "where the shared inputs are")]
fn testdata(folder: &str) -> Vec<PathBuf> {
    let root = std::env::var_os("REGAIN_SHARED").map_or_else(
        || Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared"),
        PathBuf::from,
    );
    let (mut open, mut found) = (vec![root.join("testdata").join(folder)], Vec::new());
    while let Some(next) = open.pop() {
        for entry in std::fs::read_dir(next).into_iter().flatten().flatten() {
            let path = entry.path();
            if path.is_dir() {
                open.push(path)
            } else {
                found.push(path)
            }
        }
    }
    found.sort();
    found
}

fn open(path: &Path) -> Option<RgbImage> {
    let bytes = std::fs::read(path).ok()?;
    decode_picture(&bytes, None, &Limits::default())
        .ok()
        .map(|picture| picture.rgb)
}

/// Specimens with a shape like a card's or page's, as flat cards; made ones where there are none.
fn flats() -> Vec<RgbImage> {
    let specimens = testdata("id_documents/images/passporteye");
    let real = specimens.iter().filter_map(|path| open(path));
    let flat: Vec<RgbImage> = real
        .filter(|one| (1.3..1.7).contains(&(f64::from(one.width()) / f64::from(one.height()))))
        .collect();
    if !flat.is_empty() {
        return flat;
    }
    (0..12)
        .map(|seed| synthetic::card(1012, 638, &mut Chance(seed)))
        .collect()
}

/// Half of them made cards, half specimens.
fn flat(seed: u64, specimens: &[RgbImage]) -> RgbImage {
    if seed.is_multiple_of(2) {
        let page = seed.is_multiple_of(4);
        let (width, height) = if page { (1000, 704) } else { (1012, 638) };
        return synthetic::card(width, height, &mut Chance(seed + 7000));
    }
    specimens[seed as usize / 2 % specimens.len()].clone()
}

/// Photos to lay cards on.
fn photos() -> Vec<RgbImage> {
    let files = testdata("faces/edge")
        .into_iter()
        .chain(testdata("faces/deepface"));
    let open = files.filter_map(|path| open(&path));
    open.filter(|one| one.width() >= 400)
        .map(|one| image::imageops::resize(&one, 1200, 900, image::imageops::FilterType::Triangle))
        .collect()
}

/// A background and its name; the fourth kind is a photo.
fn under(kind: usize, photos: &[RgbImage], chance: &mut Chance) -> Option<RgbImage> {
    match TABLES.get(kind) {
        Some(table) => Some(synthetic::table(*table, 1200, 900, chance)),
        None if photos.is_empty() => None,
        None => Some(photos[chance.below(photos.len() as u64) as usize].clone()),
    }
}

const NAMES: [&str; 4] = ["plain", "wood-like", "busy shapes", "busy photo"];

fn finding<'a>(findings: &'a [Finding], code: &str) -> Option<&'a Finding> {
    findings.iter().find(|one| one.code == code)
}

fn outcome(findings: &[Finding], code: &str) -> Option<Outcome> {
    finding(findings, code).map(|one| one.outcome)
}

#[derive(Default)]
struct Row {
    found: u64,
    judged_whole: u64,
    retake: u64,
    corner: Vec<f64>,
    cut_judged_whole: u64,
    cut_retake: u64,
    made: u64,
}

fn edges(checks: &Checks) {
    let (specimens, photos) = (flats(), photos());
    println!("edges: {COUNT} whole and {COUNT} cut cards per background, 1200 x 900");
    println!(
        "background  | found (IoU>.9) | judged whole | asked again | \
         corner error median, p90 px | cut: judged whole | cut: asked again"
    );
    for (kind, name) in NAMES.iter().enumerate() {
        let mut row = Row::default();
        for seed in 0..COUNT {
            let mut chance = Chance(seed * 31 + kind as u64 * 7717);
            let Some(table) = under(kind, &photos, &mut chance) else {
                continue;
            };
            row.made += 1;
            let (picture, quad) = synthetic::photo(&flat(seed, &specimens), table, &mut chance);
            let picture = synthetic::camera(&picture, 0.7, &mut chance);
            let look = document(&picture, EvidenceKind::IdFront, checks);
            let good = look.card.is_some_and(|card| {
                synthetic::overlap(&card.corners, &quad, picture.dimensions()) > 0.9
            });
            if !good && std::env::args().nth(2).is_some() {
                let drawn = evidence::annotate(&picture, &look.findings);
                drawn.save(format!("/tmp/miss-{kind}-{seed}.png")).unwrap();
            }
            row.found += u64::from(good);
            if good {
                row.corner
                    .push(corner_error(&look.card.unwrap().corners, &quad));
            }
            let edge = outcome(&look.findings, "id.edge");
            row.judged_whole += u64::from(edge == Some(Outcome::Pass));
            row.retake += u64::from(edge == Some(Outcome::Retake));
            let cut = cut_off(&picture, &quad, seed);
            let edge = outcome(
                &document(&cut, EvidenceKind::IdFront, checks).findings,
                "id.edge",
            );
            row.cut_judged_whole += u64::from(edge == Some(Outcome::Pass));
            row.cut_retake += u64::from(edge == Some(Outcome::Retake));
        }
        row.corner.sort_by(f64::total_cmp);
        let at = |share: f64| {
            let last = row.corner.len().saturating_sub(1) as f64;
            row.corner
                .get((last * share) as usize)
                .copied()
                .unwrap_or(f64::NAN)
        };
        println!(
            "{name:<12}| {}/{} | {} | {} | {:.1}, {:.1} | {} | {}",
            row.found,
            row.made,
            row.judged_whole,
            row.retake,
            at(0.5),
            at(0.9),
            row.cut_judged_whole,
            row.cut_retake
        );
    }
}

/// Mean distance of the corners, best of four turns.
fn corner_error(found: &Quad, wanted: &Quad) -> f64 {
    let turns = (0..4).map(|turn| {
        let pairs = (0..4).map(|place| (found[(place + turn) % 4], wanted[place]));
        pairs
            .map(|([a, b], [c, d])| (a - c).hypot(b - d))
            .sum::<f64>()
            / 4.0
    });
    turns.fold(f64::INFINITY, f64::min)
}

/// The photo cropped so that a tenth to a quarter of the card is lost on one side.
fn cut_off(picture: &RgbImage, quad: &Quad, seed: u64) -> RgbImage {
    let xs = quad.map(|[x, _]| x);
    let ys = quad.map(|[_, y]| y);
    let low = |v: &[f64; 4]| v.iter().copied().fold(f64::INFINITY, f64::min);
    let high = |v: &[f64; 4]| v.iter().copied().fold(0.0, f64::max);
    let part = 0.12 + 0.13 * (seed % 7) as f64 / 6.0;
    let (wide, tall) = ((high(&xs) - low(&xs)) * part, (high(&ys) - low(&ys)) * part);
    let (width, height) = picture.dimensions();
    let (left, top) = ((low(&xs) + wide) as u32, (low(&ys) + tall) as u32);
    let (right, bottom) = ((high(&xs) - wide) as u32, (high(&ys) - tall) as u32);
    let view = match seed % 4 {
        0 => image::imageops::crop_imm(picture, left, 0, width - left, height),
        1 => image::imageops::crop_imm(picture, 0, top, width, height - top),
        2 => image::imageops::crop_imm(picture, 0, 0, right, height),
        _ => image::imageops::crop_imm(picture, 0, 0, width, bottom),
    };
    view.to_image()
}

fn surface(checks: &Checks) {
    let specimens = flats();
    println!(
        "surface: {COUNT} photos per change, plain table, 1200 x 900; \
         pass/unsure/retake of those found"
    );
    let changes: [(&str, f32); 8] = [
        ("as it is", 0.7),
        ("blur 1", 1.0),
        ("blur 1.5", 1.5),
        ("blur 2", 2.0),
        ("blur 3", 3.0),
        ("shine", 0.7),
        ("thumb", 0.7),
        ("small (half)", 0.7),
    ];
    for (name, blur) in changes {
        let mut all: Vec<Vec<Finding>> = Vec::new();
        for seed in 0..COUNT {
            let mut chance = Chance(seed * 131 + 5);
            let table = synthetic::table(Table::Plain, 1200, 900, &mut chance);
            let (mut picture, quad) = synthetic::photo(&flat(seed, &specimens), table, &mut chance);
            if name == "shine" {
                let at = [chance.between(480.0, 720.0), chance.between(380.0, 520.0)];
                synthetic::shine(&mut picture, at, chance.between(60.0, 130.0));
            }
            if name == "thumb" {
                synthetic::thumb(&mut picture, &quad);
            }
            if name.starts_with("small") {
                picture = image::imageops::thumbnail(&picture, 600, 450);
            }
            let picture = synthetic::camera(&picture, blur, &mut chance);
            all.push(document(&picture, EvidenceKind::IdBack, checks).findings);
        }
        print!("{name:<13}");
        for code in [
            "image.small",
            "image.dark",
            "image.bright",
            "image.blur",
            "id.glare",
            "id.covered",
            "id.emblem",
        ] {
            let count = |wanted| {
                all.iter()
                    .filter(|one| outcome(one, code) == Some(wanted))
                    .count()
            };
            let mut scores: Vec<i64> = all
                .iter()
                .filter_map(|one| finding(one, code)?.score_milli)
                .collect();
            scores.sort_unstable();
            let at = |share: usize| scores.get(scores.len() * share / 100).copied().unwrap_or(0);
            print!(
                " | {code} {}/{}/{} (p10 {} p50 {} p90 {})",
                count(Outcome::Pass),
                count(Outcome::Unsure),
                count(Outcome::Retake),
                at(10),
                at(50),
                at(90)
            );
        }
        println!();
    }
}

fn screens(checks: &Checks) {
    let score = |picture: &RgbImage| {
        let found = screen(picture, &checks.document);
        (found.score_milli, found.outcome)
    };
    for folder in [
        "faces",
        "id_documents/images",
        "presentation_attacks/live",
        "presentation_attacks/attack",
    ] {
        let mut scores = Vec::new();
        let mut asked = 0;
        for path in testdata(folder) {
            let Some(picture) = open(&path) else { continue };
            let (value, outcome) = score(&picture);
            let Some(value) = value else { continue };
            asked += usize::from(outcome != Outcome::Pass);
            if folder.starts_with("presentation") {
                println!(
                    "  {} {value}",
                    path.file_name().unwrap_or_default().display()
                );
            }
            scores.push(value);
        }
        scores.sort_unstable();
        let at = |share: usize| {
            scores.get((scores.len() * share / 1000).min(scores.len().saturating_sub(1)))
        };
        println!(
            "screen, {folder}: {asked} of {} asked; p50 {:?} p98 {:?} p99.5 {:?}",
            scores.len(),
            at(500),
            at(980),
            at(995)
        );
    }
    let mut seen = [0; 6];
    for seed in 0..COUNT {
        let mut chance = Chance(seed * 977);
        let flat = synthetic::card(1012, 638, &mut chance);
        let table = synthetic::table(Table::Wood, 1200, 900, &mut chance);
        let (picture, _) = synthetic::photo(&flat, table, &mut chance);
        for (place, wave) in [0.0, 2.6, 3.7, 5.3, 7.1, 11.0].into_iter().enumerate() {
            let mut screened = picture.clone();
            if wave > 0.0 {
                synthetic::lattice(&mut screened, wave, chance.between(0.1, 0.6));
            }
            let screened = synthetic::camera(&screened, 0.7, &mut chance);
            seen[place] += usize::from(score(&screened).1 != Outcome::Pass);
        }
    }
    println!("screen, lattice of none, 2.6, 3.7, 5.3, 7.1, 11 px: {seen:?} of {COUNT} asked");
}

/// Time on the processor so far, in ms: what others do on this machine does not count.
fn processor_ms() -> f64 {
    let text = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap_or_default();
    let used = text
        .split(' ')
        .next()
        .and_then(|text| text.parse::<f64>().ok());
    used.unwrap_or(f64::NAN) / 1e6
}

fn times(checks: &Checks) {
    let mut chance = Chance(99);
    let flat = synthetic::card(1400, 883, &mut chance);
    let table = synthetic::table(Table::Wood, 1200, 900, &mut chance);
    let (picture, _) = synthetic::photo(&flat, table, &mut chance);
    let large =
        image::imageops::resize(&picture, 4000, 3000, image::imageops::FilterType::Triangle);
    for (name, picture) in [("1 MP", &picture), ("12 MP", &large)] {
        let best = |work: &dyn Fn()| {
            let took = (0..7).map(|_| {
                let start = processor_ms();
                work();
                processor_ms() - start
            });
            took.fold(f64::INFINITY, f64::min)
        };
        println!(
            "{name}: find_card {:.1} ms, document {:.1} ms, screen {:.1} ms of processor \
             (best of 7)",
            best(&|| {
                let _ = find_card(picture);
            }),
            best(&|| drop(document(picture, EvidenceKind::IdBack, checks))),
            best(&|| drop(screen(picture, &checks.document))),
        );
    }
}
