//! A whole request with the camera in the page, on a phone and on a desk: every part arrives live,
//! and the digits of the video come one by one, only while slices arrive.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result, bail, ensure};
use recovery::evidence::{Capture, EvidenceItem};
use recovery::finding::Outcome;
use recovery::policy::DEFAULT;
use serde_json::Value;

use super::gallery::{Gallery, POLLS_MAX, pause, resize};
use super::person::Person;
use super::{ann, axe, others};
use crate::demo::seed::PEOPLE;
use crate::demo::tests::handover::people_approve;
use crate::demo::tests::support::options;
use crate::demo::walkthrough::attack::findings;
use crate::demo::walkthrough::report::Report;
use crate::demo::walkthrough::stage::Stage;
use crate::demo::world::{Options, World};
use specimen::photo;

/// Files that Chromium shows and plays instead of a camera and a microphone.
pub(super) struct Fakes {
    picture: PathBuf,
    black: PathBuf,
    voice: PathBuf,
}

fn ffmpeg(arguments: &[&str], out: &Path) -> Result<()> {
    let made = Command::new("ffmpeg")
        .args(["-hide_banner", "-v", "error", "-y"])
        .args(arguments)
        .arg(out)
        .output()
        .context("ffmpeg is needed for the fake camera")?;
    let said = String::from_utf8_lossy(&made.stderr);
    ensure!(made.status.success(), "ffmpeg: {said}");
    Ok(())
}

impl Fakes {
    /// Draws them: a card with a grain that moves, so that no two frames are alike; nothing but
    /// black; half a minute of tone.
    pub(super) fn make(folder: &Path) -> Result<Self> {
        let still = folder.join("camera.png");
        photo::card(41).save(&still)?;
        let still = still.to_str().context("a path that is no text")?;
        let fakes = Self {
            picture: folder.join("camera.y4m"),
            black: folder.join("black.y4m"),
            voice: folder.join("voice.wav"),
        };
        let grain = "scale=640:480:force_original_aspect_ratio=decrease,\
                     pad=640:480:-1:-1:color=0x303840,noise=alls=6:allf=t,format=yuv420p";
        let picture = ["-loop", "1", "-framerate", "15", "-i", still, "-t", "8"];
        ffmpeg(&[&picture[..], &["-vf", grain]].concat(), &fakes.picture)?;
        let black = "color=c=black:s=640x480:r=15:d=1,format=yuv420p";
        ffmpeg(&["-f", "lavfi", "-i", black], &fakes.black)?;
        let tone = "sine=frequency=220:sample_rate=48000:duration=30";
        ffmpeg(&["-f", "lavfi", "-i", tone], &fakes.voice)?;
        Ok(fakes)
    }

    /// Flags of a browser whose camera shows a file, and which asks nobody.
    pub(super) fn flags(&self, black: bool) -> Vec<String> {
        let picture = if black { &self.black } else { &self.picture };
        let file = |what: &str, path: &Path| {
            format!("--use-file-for-fake-{what}-capture={}", path.display())
        };
        vec![
            "--use-fake-device-for-media-stream".to_owned(),
            "--use-fake-ui-for-media-stream".to_owned(),
            file("video", picture),
            file("audio", &self.voice),
        ]
    }
}

/// A world, the two sizes, and the tools to look with.
pub(super) struct Set {
    pub gallery: Gallery,
    pub axe: Option<String>,
    pub world: World,
    pub folder: tempfile::TempDir,
}

impl Set {
    pub(super) async fn build(name: &str) -> Result<Self> {
        Self::under(name, None).await
    }

    /// Under another policy than the one that ships.
    pub(super) async fn under(name: &str, policy: Option<String>) -> Result<Self> {
        Self::with(name, policy, false).await
    }

    /// And with an exchange that may make the new passkey on its own page.
    pub(super) async fn with(
        name: &str,
        policy: Option<String>,
        own_passkey_page: bool,
    ) -> Result<Self> {
        let folder = tempfile::tempdir()?;
        let pictures = std::env::var_os("REGAIN_SCREENSHOTS")
            .map_or_else(|| folder.path().join("pictures"), PathBuf::from);
        let gallery = Gallery::new(pictures.join(name))?;
        let axe = axe::source();
        if axe.is_none() {
            eprintln!("skipped: axe-core is not there (scripts/setup.sh fetches it)");
        }
        let world = World::start(&Options {
            own_passkey_page,
            portrait: Some(others::portrait()?),
            policy,
            ..options(&folder.path().join("data"))
        })
        .await?;
        Ok(Self {
            gallery,
            axe,
            world,
            folder,
        })
    }

    /// A picture at both widths, what the console says, and what axe finds.
    pub(super) async fn looks(&self, person: &Person<'_>, name: &str) -> Result<()> {
        person.looks(name).await?;
        axe::audit(person, &self.gallery, self.axe.as_ref(), name).await
    }

    pub(super) async fn ends(self, journey: Result<()>) -> Result<()> {
        let problems = self.gallery.problems();
        self.world.end().await;
        assert!(problems.is_empty(), "{}\n{journey:?}", problems.join("\n"));
        journey
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn everything_is_shown_live_on_a_phone_and_on_a_desk() -> Result<()> {
    let Some(driver) = super::driver::Driver::start()? else {
        eprintln!("skipped: chromium or chromedriver is not installed");
        return Ok(());
    };
    // One try at a fresh face, whose end is looked at too; and what the fake camera shows goes to
    // people at once.
    let policy = DEFAULT
        .replace("tries = 3 ", "tries = 1 ")
        .replace("returns_per_item_max = 3", "returns_per_item_max = 0");
    let set = Set::with("camera", Some(policy), false).await?;
    let fakes = Fakes::make(set.folder.path())?;
    let journey = async {
        for (place, size) in [(0, (390, 844)), (1, (1280, 900))] {
            let flags = fakes.flags(false);
            let home = &set.world.portal;
            let person = Person::with_flags(&driver, &set.gallery, home, &flags).await?;
            shows(&set, &person, (place, size)).await?;
            if place > 0 {
                afresh(&set, &person).await?;
            }
            person.leaves().await?;
        }
        Ok(())
    };
    let journey = journey.await;
    set.ends(journey).await
}

/// From the entry page to "sent".
async fn shows(set: &Set, ann: &Person<'_>, (place, size): (usize, (u32, u32))) -> Result<()> {
    let stage = Stage {
        world: &set.world,
        report: Report { json: false },
    };
    let email = format!("camera{place}@example.org");
    let code = ann::opens_plainly(ann, &stage, (PEOPLE[place].email, &email)).await?;
    ann.goes("/case/document").await?;
    set.looks(ann, "document").await?;
    ann.picks("document", "residence_permit").await?;
    ann.goes_on().await?;
    for (path, kind) in [
        ("/case/id/front", "id_front"),
        ("/case/id/back", "id_back"),
        ("/case/note", "note_photo"),
    ] {
        ann.goes(path).await?;
        set.looks(ann, &format!("{kind}-how-to")).await?;
        resize(ann.client(), size.0, size.1).await?;
        photographs(set, ann, kind, size).await?;
    }
    ann.goes("/case/video").await?;
    set.looks(ann, "video-how-to").await?;
    resize(ann.client(), size.0, size.1).await?;
    films(set, ann).await?;
    live(&stage, &code).await?;
    ann::submits_plainly(ann).await?;
    told_of_the_camera(&stage, &code).await
}

/// After the approval, without the key: the face is shown afresh, and without models nobody is
/// recognised.
async fn afresh(set: &Set, ann: &Person<'_>) -> Result<()> {
    let stage = Stage {
        world: &set.world,
        report: Report { json: false },
    };
    people_approve(&stage).await?;
    ann.waits_for("/case/status", "Approved").await?;
    stage.restrictions_arrive().await?;
    ann.sees("/handover", "handover-without-key").await?;
    ann.presses("a[href='/handover/face']").await?;
    set.looks(ann, "face-how-to").await?;
    ann.touches("#broken").await?;
    set.looks(ann, "face-trouble").await?;
    ann.goes("/handover/face").await?;
    ann.touches("#open").await?;
    ann.until("document.getElementById('level').value > 0")
        .await?;
    ann.touches("#shutter").await?;
    let seen = "document.querySelector('h1').textContent.startsWith('We could not be sure')";
    ann.until(seen).await?;
    set.gallery.forgets(ann.client(), "status of 409").await?;
    set.looks(ann, "face-seen").await
}

/// The checks know that a file played the camera, and nothing else was odd about it.
async fn told_of_the_camera(stage: &Stage<'_>, code: &str) -> Result<()> {
    let mut found = findings(stage, code).await;
    for _ in 0..POLLS_MAX {
        if found.is_ok() {
            break;
        }
        pause().await;
        found = findings(stage, code).await;
    }
    let found = found?;
    let outcomes = |code: &str| {
        let of_code = found.iter().filter(|one| one.code == code);
        of_code.map(|one| one.outcome).collect::<Vec<_>>()
    };
    ensure!(
        outcomes("capture.camera") == [Outcome::Unsure; 4],
        "{found:?}"
    );
    ensure!(outcomes("capture.shape") == [Outcome::Pass; 4], "{found:?}");
    // A busy machine may drop frames.
    ensure!(outcomes("capture.steady").len() == 1, "{found:?}");
    Ok(())
}

/// Opens the camera, waits for a hint, takes the picture, looks at the answer.
async fn photographs(
    set: &Set,
    ann: &Person<'_>,
    kind: &str,
    (width, height): (u32, u32),
) -> Result<()> {
    ann.touches("#open").await?;
    ann.until("document.getElementById('view').videoWidth > 0")
        .await?;
    ann.until("document.activeElement.id === 'shutter'").await?;
    let overlay = ann.runs("return document.querySelector('#guide rect').getAttribute('width')");
    ensure!(overlay.await? != Value::Null, "no guide is drawn");
    let mirrored = ann.has(".mirrored").await?;
    ensure!(!mirrored, "a photo's preview is mirrored");
    set.looks(ann, &format!("{kind}-camera")).await?;
    resize(ann.client(), width, height).await?;
    // The film begins anew with every camera that is opened: each photo has a moment of its own.
    let moment = match kind {
        "id_front" => 1.0,
        "id_back" => 2.5,
        _ => 4.0,
    };
    ann.until(&format!(
        "document.getElementById('view').currentTime > {moment}"
    ))
    .await?;
    ann.touches("#shutter").await?;
    let there = format!("location.pathname === '/case/taken/{kind}' && document.images.length");
    ann.until(&there).await?;
    set.looks(ann, &format!("{kind}-taken")).await?;
    let focus = "return document.activeElement.matches('.actions > :first-child')";
    ensure!(ann.runs(focus).await? == true, "no button has the focus");
    let file = ann.runs("return document.body.innerText.includes('came from a file')");
    ensure!(file.await? == false, "{kind} did not arrive live");
    ann.presses("main .actions a[href='/case']").await
}

/// Keeps what is asked of the server, and can hold the slices back.
const LISTEN: &str = r"
window.calls = [];
window.held = false;
const plain = window.fetch;
window.fetch = async (path, options = {}) => {
  while (window.held && options.method === 'PATCH') await new Promise((f) => setTimeout(f, 50));
  const answer = await plain(path, options);
  window.calls.push([options.method, String(path), answer.status, performance.now()]);
  return answer;
};";

/// Records the video. After the second digit the line is held: no digit may come until it is back.
async fn films(set: &Set, ann: &Person<'_>) -> Result<()> {
    let shows = |place: u8| {
        format!("document.getElementById('place').textContent === 'Digit {place} of 6'")
    };
    ann.runs(LISTEN).await?;
    ann.touches("#open").await?;
    ann.until("document.getElementById('level').value > 0")
        .await?;
    ensure!(
        ann.has(".mirrored").await?,
        "the video's preview is not mirrored"
    );
    set.looks(ann, "video-camera").await?;
    ann.touches("#shutter").await?;
    ann.until("document.getElementById('sentence').textContent")
        .await?;
    let sentence = ann.text_of("#sentence").await?;
    ensure!(sentence.starts_with("I ask "), "{sentence}");
    for place in [1, 2] {
        ann.until(&shows(place)).await?;
    }
    ann.runs("window.held = true; window.heldAt = performance.now()")
        .await?;
    let waiting = "window.calls.some((c) => c[1].endsWith('/next') && c[2] === 409)";
    ann.until(waiting).await?;
    let place = ann.text_of("#place").await?;
    ann.runs("window.held = false").await?;
    ann.until(&shows(6)).await?;
    let calls = ann.runs("return window.calls").await?;
    in_order(&calls, &place)?;
    ann.until("location.pathname === '/case/taken/video' && document.querySelector('video')")
        .await?;
    set.gallery.forgets(ann.client(), "status of 409").await?;
    ann.until("document.querySelector('video').readyState > 0")
        .await?;
    set.looks(ann, "video-taken").await?;
    ann.presses("main .actions a[href='/case']").await
}

/// Slices came before the first digit and between the digits; while none came, none was told.
fn in_order(calls: &Value, held_at: &str) -> Result<()> {
    let calls: Vec<(String, String, u16, f64)> = serde_json::from_value(calls.clone())?;
    let mut slice = None;
    let mut told = 0;
    for (method, path, status, at) in &calls {
        match (method.as_str(), *status) {
            ("PATCH", 204) => slice = Some(*at),
            ("POST", 200) if path.ends_with("/next") => {
                told += 1;
                let last = slice.context("a digit before any slice")?;
                // Two and a half seconds, and what a slow machine needs to hear of it.
                if at - last > 3_500.0 {
                    bail!("digit {told} came {} ms after the last slice", at - last);
                }
            }
            _ => {}
        }
    }
    ensure!(told == 6, "{told} digits were told");
    ensure!(held_at != "Digit 6 of 6", "the line was held too late");
    Ok(())
}

/// All four parts of the case arrived live.
async fn live(stage: &Stage<'_>, code: &str) -> Result<()> {
    let world = stage.world;
    let case = world.case_of(code).await?;
    let view = world.engine.applicant_view(&case).await?;
    let items: Vec<_> = view.tasks.iter().flat_map(|task| &task.items).collect();
    let live = |item: &&&EvidenceItem| item.capture == Capture::Live;
    ensure!(items.iter().filter(live).count() == 4, "{code}: {items:?}");
    Ok(())
}
