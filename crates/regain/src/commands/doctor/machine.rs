//! What is on this machine: model files, media tools.

use std::path::Path;

use engine::BreachedList;
use engine::signals::{SourcePaths, SourceState};
use evidence::{MediaTools, Sandbox};
use models::{FileState, ModelSet, Role};

use super::{Row, State};

/// Without a folder, a manifest or a required file no model is used at all.
const NO_MODELS: &str = "faces are neither found nor compared, a print or a screen is not told \
     from a live face, the head's angle is not measured, spoken digits are not heard, \
     machine-readable zones are not read, the same face is not found in other cases; every case \
     waits for a human";
const NO_VIDEO: &str = "videos are not checked by the machine; every case waits for a human";

/// One line for every model of the manifest.
pub(super) fn models(dir: Option<&Path>) -> Vec<Row> {
    let Some(dir) = dir else {
        let row = Row::new("models", State::Missing, "no folder is configured")
            .cost(NO_MODELS)
            .remedy(
                "`regain models fetch`, then name the folder: [models] dir, or REGAIN_MODELS_DIR",
            );
        return vec![row];
    };
    let manifest = match ModelSet::manifest_of(dir) {
        Ok(manifest) => manifest,
        Err(error) => {
            return vec![Row::broken("models", &error.into()).cost(NO_MODELS)];
        }
    };
    let states = ModelSet::inspect(dir, &manifest);
    let rows = manifest.models.iter().zip(states);
    rows.map(|(spec, (name, state))| {
        let what = format!("model {name}");
        let cost = if spec.required {
            NO_MODELS
        } else {
            cost_of(spec.role)
        };
        let place = dir.join(&spec.file);
        let place = place.display();
        match state {
            FileState::Good => Row::ok(&what, format!("{place} ({})", spec.licence)),
            FileState::Missing => Row::new(&what, State::Missing, format!("no {place}"))
                .cost(cost)
                .remedy(origin(spec, dir)),
            FileState::Wrong => Row::new(
                &what,
                State::Broken,
                format!("{place} is unreadable or not the file of the manifest; not used"),
            )
            .cost(cost)
            .remedy(origin(spec, dir)),
        }
    })
    .collect()
}

/// What is lost without the optional file of that role, while the required ones are there.
const fn cost_of(role: Role) -> &'static str {
    match role {
        Role::FaceDetector | Role::FaceEmbedder => NO_MODELS,
        Role::FaceLiveness => {
            "a print or a screen is not told from a live face, for that needs both models; every \
             case waits for a human"
        }
        Role::HeadPose => {
            "a head that looks up or down is not noticed; one that is turned to the side is judged \
             by the place of the nose"
        }
        Role::EyeState => "nothing today: no check asks whether eyes are open",
        Role::SpokenDigits | Role::SpokenDigitsMeta => {
            "spoken digits are not heard, for that needs the model and its list; every case waits \
             for a human"
        }
        Role::OcrMrz => {
            "machine-readable zones are not read, nor their check digits; numbers and names come \
             from barcodes and printed words"
        }
    }
}

fn origin(spec: &models::ModelSpec, dir: &Path) -> String {
    let source = &spec.source;
    let commit = source.commit.as_deref();
    let commit = commit.map_or_else(String::new, |commit| format!(" at {commit}"));
    format!(
        "regain models fetch --to {} --only {}, or by hand: {} of {}{commit} (conversion: {}), \
         SHA-256 {}",
        dir.display(),
        spec.name,
        source.path,
        source.repository,
        source.conversion,
        spec.sha256
    )
}

/// The operator's files behind risk signals. None is essential: what is missing counts as unknown.
pub(super) fn signals(paths: &SourcePaths) -> Vec<Row> {
    let reports = paths.inspect().into_iter();
    let rows = reports.map(|report| {
        let what = report.key.trim_start_matches("signals.");
        let what = what.replace('_', " ");
        let (cost, remedy) = cost_of_source(report.key);
        let path = report.path.map(|path| path.display().to_string());
        let path = path.unwrap_or_default();
        match report.state {
            SourceState::Good(kind) => Row::ok(&what, format!("{path} ({kind})")),
            SourceState::Missing => Row::new(&what, State::Missing, "no file is configured")
                .cost(cost)
                .remedy(format!("{remedy}; then name it: [signals]")),
            SourceState::Broken(why) => Row::new(&what, State::Broken, format!("{path} {why}"))
                .cost(cost)
                .remedy(remedy),
        }
    });
    rows.collect()
}

/// The list of passwords that leaked. Without one nothing essential is missing; with a broken one
/// `serve` does not start.
pub(super) fn breached(path: Option<&Path>) -> Row {
    let what = "leaked passwords";
    let remedy = "get \"Pwned Passwords\" by SHA-1, sorted by hash";
    let Some(path) = path else {
        return Row::new(what, State::Missing, "no list is configured")
            .cost("a new password is refused when it is easy to guess, not because it leaked")
            .remedy(format!("{remedy}; then name it: [passwords] breached_list"));
    };
    let shown = path.display();
    match BreachedList::open(path) {
        Ok(_) => Row::ok(what, shown.to_string()),
        Err(error) => Row::new(what, State::Broken, format!("{shown} {error}"))
            .essential()
            .cost("Regain does not start, or takes no new password")
            .remedy(format!("{remedy}, or leave the key out")),
    }
}

fn cost_of_source(key: &str) -> (&'static str, &'static str) {
    match key {
        "signals.city_db" => (
            "ip.distance, ip.usual, ip.travel, ip.region and ip.service are unavailable, nobody is \
             told that the own country is one of high risk, and a recalled city is compared by its \
             name alone",
            "get a database of cities in the format MaxMind DB",
        ),
        "signals.anonymous_db" => (
            "ip.network is unavailable: hosting, VPN, proxies and Tor are not told",
            "get a database of anonymous networks in the format MaxMind DB",
        ),
        "signals.young_domains_list" => (
            "contact.young is unavailable: domains that were registered lately are not told",
            "get a list of newly registered domains, one a line",
        ),
        _ => (
            "contact.disposable is unavailable: throw-away addresses are not told",
            "get a list of throw-away mail domains, one a line",
        ),
    }
}

/// The programs that look at videos, and the walls around them.
pub(super) fn media_tools() -> Vec<Row> {
    let report = MediaTools::find().report();
    let tool = |name: &str, there: bool, package: &str, cost: &'static str| {
        if there {
            Row::ok(name, format!("/usr/bin/{name}"))
        } else {
            Row::new(name, State::Missing, format!("no /usr/bin/{name}"))
                .cost(cost)
                .remedy(format!("apt-get install {package}"))
        }
    };
    let no_reading = "documents, notes and screenshots are not read; people read them";
    let no_heic = "phones' HEIC photos are refused";
    let no_pdf = "PDF files are refused";
    let weak = "a hole in a media tool would reach this machine's files";
    let sandbox = match report.sandbox {
        Sandbox::Namespaces if report.filter => Row::ok(
            "sandbox",
            "namespaces and a system call filter: no network, no files",
        ),
        Sandbox::Namespaces => Row::ok("sandbox", "namespaces, no system call filter"),
        Sandbox::Rlimits => Row::new("sandbox", State::Broken, "limits only, no namespaces")
            .cost(weak)
            .remedy("install bubblewrap and allow unprivileged user namespaces"),
        Sandbox::Absent => Row::new(
            "sandbox",
            State::Missing,
            "no tool is started without limits",
        )
        .cost(NO_VIDEO)
        .remedy("apt-get install util-linux bubblewrap"),
    };
    vec![
        tool("ffmpeg", report.ffmpeg, "ffmpeg", NO_VIDEO),
        tool("ffprobe", report.ffprobe, "ffmpeg", NO_VIDEO),
        tool("tesseract", report.tesseract, "tesseract-ocr", no_reading),
        tool(
            "heif-convert",
            report.heif_convert,
            "libheif-examples",
            no_heic,
        ),
        tool("pdftoppm", report.pdftoppm, "poppler-utils", no_pdf),
        tool("pdfinfo", report.pdfinfo, "poppler-utils", no_pdf),
        tool("prlimit", report.prlimit, "util-linux", NO_VIDEO),
        tool("bwrap", report.bwrap, "bubblewrap", weak),
        sandbox,
    ]
}
