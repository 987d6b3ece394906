//! What the browser said of its camera. Whoever attacks can write it as they like, so it proves
//! nothing and refuses nobody: what is odd, or missing from a live take, goes to people.

use recovery::evidence::EvidenceKind;
use recovery::finding::{Finding, Outcome};
use recovery::policy::CaptureChecks;
use recovery::sensitive::Sensitive;
use serde::Deserialize;
use serde::de::{DeserializeOwned, IgnoredAny};

use crate::takes::TakeRecord;

/// What said it.
const ENGINE: &str = "browser";
/// How far the sides of file and camera may differ in proportion: scaling rounds to whole pixels.
const SHAPE: f64 = 0.02;

/// The words of a browser about a live take, at its begin and at its end.
#[derive(Debug, Clone, Default)]
pub struct CameraReport {
    begin: Option<Sensitive<String>>,
    end: Option<Sensitive<String>>,
    recorded_ms: Option<u64>,
}

impl From<&TakeRecord> for CameraReport {
    fn from(take: &TakeRecord) -> Self {
        let ended = take.ended.as_ref();
        Self {
            begin: take.camera.clone(),
            end: ended.map(|end| end.telemetry.clone()),
            recorded_ms: ended.and_then(|end| end.duration_ms),
        }
    }
}

/// The camera as the capture page describes it (`facts` in `capture-camera.js`).
#[derive(Default, Deserialize)]
#[serde(default)]
struct Camera {
    label: Option<String>,
    given: Option<Settings>,
    /// All frames so far, and those that were dropped.
    frames: Option<(f64, f64)>,
    /// Devices that came or went so far.
    changes: f64,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Settings {
    width: Option<f64>,
    height: Option<f64>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct End {
    camera: Option<Camera>,
    interruptions: Option<Vec<IgnoredAny>>,
}

/// Something said; nothing if it cannot be understood.
fn said<T: DeserializeOwned>(text: Option<&Sensitive<String>>) -> Option<T> {
    serde_json::from_str(text?.reveal()).ok()
}

/// Findings about the camera of a live piece, whose picture has so many pixels across and down.
pub(super) fn findings(
    report: &CameraReport,
    kind: EvidenceKind,
    size: (u32, u32),
    checks: &CaptureChecks,
) -> Vec<Finding> {
    let begin: Camera = said(report.begin.as_ref()).unwrap_or_default();
    let mut all = vec![named(&begin, checks), shaped(&begin, size)];
    if kind == EvidenceKind::Video {
        let end: End = said(report.end.as_ref()).unwrap_or_default();
        all.push(steady(&begin, &end, report.recorded_ms, checks));
    }
    all.into_iter().map(|one| one.about(kind)).collect()
}

fn finding(code: &str, fine: bool) -> Finding {
    let outcome = if fine { Outcome::Pass } else { Outcome::Unsure };
    Finding::reviewer(code, outcome, ENGINE)
}

/// A name, and not one of a program or a file.
fn named(camera: &Camera, checks: &CaptureChecks) -> Finding {
    let label = camera.label.as_deref().unwrap_or_default().to_lowercase();
    let known = |name: &String| label.contains(name.as_str());
    let fine = !label.is_empty() && !checks.virtual_names.iter().any(known);
    finding("capture.camera", fine)
}

/// The picture has the shape of what the camera gave, either way up.
fn shaped(camera: &Camera, (across, down): (u32, u32)) -> Finding {
    let given = camera.given.as_ref();
    let sides = given.and_then(|given| Some((given.width?, given.height?)));
    let near = |a: f64, b: f64| (a / b - 1.0).abs() <= SHAPE;
    let fine = sides.is_some_and(|(width, height)| {
        let shape = f64::from(across) / f64::from(down);
        near(shape, width / height) || near(shape, height / width)
    });
    finding("capture.shape", fine)
}

/// Frames came as from a camera, nothing was plugged in or out, nothing interrupted.
fn steady(begin: &Camera, end: &End, recorded_ms: Option<u64>, checks: &CaptureChecks) -> Finding {
    let later = end.camera.as_ref();
    let frames = later.and_then(|later| Some((begin.frames?, later.frames?)));
    let counted = frames.zip(recorded_ms.filter(|ms| *ms > 0));
    let Some((((before, dropped_before), (after, dropped_after)), ms)) = counted else {
        return finding("capture.steady", false);
    };
    let frames = after - before;
    let rate = frames * 1000.0 / ms as f64;
    let dropped = (dropped_after - dropped_before) / frames.max(1.0);
    let moved = later.is_some_and(|later| later.changes > begin.changes);
    let interrupted = end
        .interruptions
        .as_ref()
        .is_some_and(|all| !all.is_empty());
    let fine = rate >= checks.least_frames && dropped <= checks.dropped_share;
    finding("capture.steady", fine && !moved && !interrupted).measured(
        rate,
        checks.least_frames,
        "frames a second",
    )
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::indexing_slicing)]
mod tests {
    use recovery::policy::{DEFAULT, Policy};
    use serde_json::{Value, json};

    use super::*;

    fn checks() -> CaptureChecks {
        Policy::parse(DEFAULT).unwrap().checks.capture
    }

    fn text(value: &Value) -> Option<Sensitive<String>> {
        Some(Sensitive::new(value.to_string()))
    }

    fn camera(label: &str, frames: [u32; 2], changes: u32) -> Value {
        json!({
            "label": label, "given": {"width": 1280, "height": 720, "deviceId": "x"},
            "frames": frames, "changes": changes, "asked": {}, "sound": "Microphone",
        })
    }

    fn look(report: &CameraReport, size: (u32, u32)) -> Vec<Outcome> {
        let all = findings(report, EvidenceKind::Video, size, &checks());
        let codes: Vec<&str> = all.iter().map(|one| one.code.as_str()).collect();
        assert_eq!(codes, ["capture.camera", "capture.shape", "capture.steady"]);
        all.iter().map(|one| one.outcome).collect()
    }

    fn report(label: &str, end: &Value) -> CameraReport {
        CameraReport {
            begin: text(&camera(label, [90, 0], 1)),
            end: text(end),
            recorded_ms: Some(10_000),
        }
    }

    #[test]
    fn an_ordinary_camera_passes_either_way_up() {
        let end = json!({"camera": camera("Back Camera", [380, 4], 1), "interruptions": []});
        let report = report("Back Camera", &end);
        for size in [(1280, 720), (720, 1280), (1920, 1080), (640, 360)] {
            assert_eq!(look(&report, size), [Outcome::Pass; 3]);
        }
        assert_eq!(look(&report, (640, 480))[1], Outcome::Unsure);
    }

    #[test]
    fn a_program_or_a_file_instead_of_a_camera_is_for_people() {
        let end = json!({"camera": camera("x", [380, 4], 1), "interruptions": []});
        for label in [
            "OBS Virtual Camera",
            "fake_device_0",
            "/var/tmp/film.mjpeg",
            "",
        ] {
            let outcome = look(&report(label, &end), (1280, 720))[0];
            assert_eq!(outcome, Outcome::Unsure, "{label}");
        }
    }

    #[test]
    fn frames_that_stop_and_devices_that_change_are_for_people() {
        let ends = [
            json!({"camera": camera("c", [100, 0], 1)}),
            json!({"camera": camera("c", [380, 290], 1)}),
            json!({"camera": camera("c", [380, 4], 2)}),
            json!({"camera": camera("c", [380, 4], 1), "interruptions": ["mute"]}),
        ];
        for end in &ends {
            assert_eq!(look(&report("c", end), (1280, 720))[2], Outcome::Unsure);
        }
    }

    #[test]
    fn silence_and_nonsense_pass_nothing() {
        let mut silent = CameraReport::default();
        assert_eq!(look(&silent, (1280, 720)), [Outcome::Unsure; 3]);
        silent.begin = Some(Sensitive::new("[1, {".to_owned()));
        silent.end = text(&json!({"camera": 7}));
        assert_eq!(look(&silent, (1280, 720)), [Outcome::Unsure; 3]);
        silent.begin = text(&json!({"label": null, "given": null, "frames": null}));
        assert_eq!(look(&silent, (1280, 0)), [Outcome::Unsure; 3]);
    }
}
