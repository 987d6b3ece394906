//! `regain face evaluate`: error rates on the operator's own photos, and the file that a threshold
//! of the policy names.

use std::collections::{BTreeMap, BTreeSet};
use std::io::IsTerminal as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use anyhow::Context as _;
use face::evaluate::{Counts, DetCurve, EvaluationReport, Pair, Scores, SetReport, det_svg};
use face::{Face, FaceEngine};
use image::RgbImage;

use crate::cli::FaceEvaluateArgs;
use crate::config::Vars;
use crate::{out, wiring};

/// Most rows of a table: more would be a mistake.
const MAX_ROWS: usize = 1_000_000;
/// Photos between two lines of progress where there is no terminal.
const LINE_EVERY: usize = 250;
/// What no evaluation on photos shows.
const LIMITS: &str = "thresholds measured on these photos only; errors in the labels count as the \
                      machine's; no attack was tried";

/// One row of the table.
struct Row {
    photos: [PathBuf; 2],
}

/// The rows of each set.
type Sets = BTreeMap<String, Vec<Row>>;

/// Every photo once: its face, or none where no face was found.
type Faces = BTreeMap<PathBuf, Option<Face>>;

/// Runs the command.
pub(super) fn run(args: &FaceEvaluateArgs, config: &Path, vars: &Vars) -> anyhow::Result<ExitCode> {
    let sets = read_table(&args.pairs, &args.set)?;
    let engine = super::engine(&super::models_dir(args.models.clone(), config, vars)?)?;
    let checks = super::checks()?;
    let photos: BTreeSet<&PathBuf> = sets
        .values()
        .flatten()
        .flat_map(|row| &row.photos)
        .collect();
    let faces = look_at_all(&engine, &photos)?;
    #[allow(clippy::cast_possible_truncation, reason = "-1 to 1")]
    let thresholds = [checks.no_match_below, checks.match_from].map(|value| value as f32);
    let mut results = Vec::new();
    let mut curves = Vec::new();
    for (set, rows) in &sets {
        let people = people(rows);
        let named = (!args.all_pairs)
            .then(|| named_pairs(&engine, rows, &people, &faces))
            .transpose()?;
        let scores = match &named {
            Some(pairs) => Scores::new(pairs.iter().copied()),
            None => all_pairs(&engine, rows, &people, &faces)?,
        };
        let counts = counts(rows, &people, &faces);
        let report = SetReport::new(set, counts, &scores, named.as_deref(), &thresholds);
        results.push(report);
        curves.push((set.clone(), scores));
    }
    let report = report(args, engine.label(), results);
    if let Some(path) = &args.det {
        let curves: Vec<DetCurve<'_>> = curves
            .iter()
            .map(|(name, scores)| DetCurve { name, scores })
            .collect();
        write(path, &det_svg(&curves, &thresholds))?;
    }
    if let Some(path) = &args.out {
        write(path, &toml::to_string(&report)?)?;
        let name = &report.name;
        out::note(&format!(
            "written; in a policy: evaluation = \"{name}\", and its first four keys as one of \
             [[checks.evaluations]]"
        ));
    }
    if args.json {
        out::line(&serde_json::to_string_pretty(&report)?)?;
    } else {
        out::whole(&report.to_text())?;
    }
    Ok(ExitCode::SUCCESS)
}

fn write(path: &Path, text: &str) -> anyhow::Result<()> {
    std::fs::write(path, text).with_context(|| format!("{} cannot be written", path.display()))
}

fn report(args: &FaceEvaluateArgs, embedder: String, result: Vec<SetReport>) -> EvaluationReport {
    let date = jiff::Timestamp::from_millisecond(wiring::wall_now().millis())
        .map(|now| now.strftime("%Y-%m-%d").to_string())
        .unwrap_or_default();
    let sets: Vec<&str> = result.iter().map(|one| one.set.as_str()).collect();
    let which = if args.all_pairs {
        "all pairs"
    } else {
        "named pairs"
    };
    let sum = |of: fn(&SetReport) -> usize| result.iter().map(of).sum::<usize>();
    let [photos, people] = [sum(|one| one.photos), sum(|one| one.people)];
    let [genuine, impostor] = [sum(|one| one.genuine), sum(|one| one.impostor)];
    EvaluationReport {
        name: format!("faces-{}-{}", sets.join("-"), which.replace(' ', "-")),
        set: format!(
            "{}, {which}: {photos} photos of {people} people, {genuine} genuine and {impostor} \
             impostor pairs",
            sets.join(", ")
        ),
        date,
        limits: LIMITS.to_owned(),
        embedder,
        result,
    }
}

/// Reads the table; `only` are the sets that are wanted, none for all.
fn read_table(path: &Path, only: &[String]) -> anyhow::Result<Sets> {
    let shown = path.display();
    let text = std::fs::read_to_string(path).with_context(|| format!("{shown} cannot be read"))?;
    let base = path.parent().unwrap_or(Path::new(""));
    let mut sets = Sets::new();
    for (number, line) in (1..=MAX_ROWS).zip(text.lines()) {
        let cells: Vec<&str> = line.split('\t').collect();
        let [set, label, one, other] = cells.as_slice() else {
            anyhow::bail!("{shown}, line {number}: four columns are needed");
        };
        let same = match *label {
            "same" => true,
            "different" => false,
            "label" if number == 1 => continue,
            _ => anyhow::bail!("{shown}, line {number}: the label is same or different"),
        };
        let photos = [base.join(one), base.join(other)];
        let [first, second] = &photos;
        anyhow::ensure!(
            (first.parent() == second.parent()) == same,
            "{shown}, line {number}: a photo's folder is its person; that does not fit the label"
        );
        if only.is_empty() || only.iter().any(|wanted| wanted == set) {
            let rows: &mut Vec<Row> = sets.entry((*set).to_owned()).or_default();
            rows.push(Row { photos });
        }
    }
    anyhow::ensure!(!sets.is_empty(), "{shown} has no row of such a set");
    Ok(sets)
}

/// Numbers the people of a set: the folders of its photos.
fn people(rows: &[Row]) -> BTreeMap<&Path, u32> {
    let folders = rows.iter().flat_map(|row| &row.photos);
    let folders: BTreeSet<&Path> = folders.filter_map(|photo| photo.parent()).collect();
    folders.into_iter().zip(0..).collect()
}

fn person(people: &BTreeMap<&Path, u32>, photo: &Path) -> anyhow::Result<u32> {
    let number = photo.parent().and_then(|folder| people.get(folder));
    number.copied().context("a photo without a folder")
}

fn counts(rows: &[Row], people: &BTreeMap<&Path, u32>, all: &Faces) -> Counts {
    let photos: BTreeSet<&PathBuf> = rows.iter().flat_map(|row| &row.photos).collect();
    let faceless = |photo: &&&PathBuf| matches!(all.get(**photo), Some(None));
    Counts {
        photos: photos.len(),
        without_face: photos.iter().filter(faceless).count(),
        people: people.len(),
    }
}

/// A photo without a face is no number: it matches nobody.
fn score(engine: &FaceEngine, one: Option<&Face>, other: Option<&Face>) -> anyhow::Result<f32> {
    match (one, other) {
        (Some(one), Some(other)) => Ok(engine.compare(one, other)?.cosine()),
        _ => Ok(f32::NAN),
    }
}

fn named_pairs(
    engine: &FaceEngine,
    rows: &[Row],
    people: &BTreeMap<&Path, u32>,
    all: &Faces,
) -> anyhow::Result<Vec<Pair>> {
    let of = |photo: &PathBuf| all.get(photo).and_then(Option::as_ref);
    let mut pairs = Vec::new();
    for Row { photos } in rows {
        let [one, other] = photos;
        let pair = Pair {
            people: [person(people, one)?, person(people, other)?],
            score: score(engine, of(one), of(other))?,
        };
        pairs.push(pair);
    }
    Ok(pairs)
}

fn all_pairs(
    engine: &FaceEngine,
    rows: &[Row],
    people: &BTreeMap<&Path, u32>,
    all: &Faces,
) -> anyhow::Result<Scores> {
    let photos: BTreeSet<&PathBuf> = rows.iter().flat_map(|row| &row.photos).collect();
    let mut known = Vec::new();
    for photo in photos {
        let face = all.get(photo).and_then(Option::as_ref);
        known.push((person(people, photo)?, face));
    }
    let mut pairs = Vec::new();
    for (place, (one, face)) in known.iter().enumerate() {
        for (other, other_face) in known.iter().skip(place + 1) {
            pairs.push(Pair {
                people: [*one, *other],
                score: score(engine, *face, *other_face)?,
            });
        }
    }
    Ok(Scores::new(pairs))
}

/// Looks at every photo, on all processors. A file that cannot be read ends it: a figure about
/// fewer photos than named would be wrong.
fn look_at_all(engine: &FaceEngine, photos: &BTreeSet<&PathBuf>) -> anyhow::Result<Faces> {
    let photos: Vec<&PathBuf> = photos.iter().copied().collect();
    let workers = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    let done = AtomicUsize::new(0);
    let all = Mutex::new(Faces::new());
    let part = |worker: usize| -> anyhow::Result<()> {
        for path in photos.iter().skip(worker).step_by(workers) {
            let face = engine.look_at(&photo(path)?)?.face;
            if let Ok(mut all) = all.lock() {
                all.insert((*path).clone(), face);
            }
            progress(done.fetch_add(1, Ordering::Relaxed) + 1, photos.len());
        }
        Ok(())
    };
    std::thread::scope(|scope| {
        let others: Vec<_> = (1..workers)
            .map(|worker| scope.spawn(move || part(worker)))
            .collect();
        let mut answers = vec![part(0)];
        for other in others {
            answers.push(
                other
                    .join()
                    .unwrap_or(Err(anyhow::anyhow!("a thread ended early"))),
            );
        }
        answers.into_iter().collect::<anyhow::Result<()>>()
    })?;
    all.into_inner()
        .map_err(|_| anyhow::anyhow!("a thread ended early"))
}

/// A photo: as from an applicant, and the portable formats that old sets come in, too.
fn photo(path: &Path) -> anyhow::Result<RgbImage> {
    let shown = path.display();
    let portable = |end: &std::ffi::OsStr| ["pgm", "ppm", "pnm"].iter().any(|one| end == *one);
    if path.extension().is_some_and(portable) {
        let picture = image::open(path).with_context(|| format!("{shown} cannot be read"))?;
        return Ok(picture.into_rgb8());
    }
    let picture = super::picture(path)?;
    let picture = picture.map_err(|why| anyhow::anyhow!("{shown}: {}", why.sentence()))?;
    Ok(picture.rgb)
}

/// A bar on a terminal, else a line now and then.
fn progress(done: usize, all: usize) {
    if std::io::stderr().is_terminal() {
        out::part(&format!("\r{}", out::bar(done, all, "photos")));
        if done == all {
            out::note("");
        }
    } else if done.is_multiple_of(LINE_EVERY) || done == all {
        out::note(&format!("{done} of {all} photos"));
    }
}
