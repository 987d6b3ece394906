//! Cameras that do not work: refused, absent, black, taken away in the middle. Each has its words
//! and a way on.

use anyhow::{Result, ensure};
use serde_json::json;

use super::ann;
use super::camera::{Fakes, Set};
use super::driver::{Driver, devtools};
use super::person::Person;
use crate::demo::seed::PEOPLE;
use crate::demo::walkthrough::report::Report;
use crate::demo::walkthrough::stage::Stage;

#[tokio::test(flavor = "multi_thread")]
async fn a_camera_that_does_not_work_is_never_a_dead_end() -> Result<()> {
    let Some(driver) = Driver::start()? else {
        eprintln!("skipped: chromium or chromedriver is not installed");
        return Ok(());
    };
    let set = Set::build("trouble").await?;
    let fakes = Fakes::make(set.folder.path())?;
    let journey = all(&driver, &set, &fakes).await;
    set.ends(journey).await
}

async fn all(driver: &Driver, set: &Set, fakes: &Fakes) -> Result<()> {
    let none = "--use-fake-device-for-media-stream=device-count=0";
    let asks = "--use-fake-device-for-media-stream";
    let agrees = "--use-fake-ui-for-media-stream";
    for (place, (name, flags, words)) in [
        (
            "refused",
            vec![asks.to_owned()],
            "The camera is switched off for this site",
        ),
        (
            "absent",
            vec![none.to_owned(), agrees.to_owned()],
            "This computer has no camera we can use",
        ),
        ("black", fakes.flags(true), "We only get a black picture"),
    ]
    .into_iter()
    .enumerate()
    {
        let home = &set.world.portal;
        let person = Person::with_flags(driver, &set.gallery, home, &flags).await?;
        opens(set, &person, place).await?;
        if name == "refused" {
            let origin = home.origin().ascii_serialization();
            let no = json!({
                "permission": { "name": "camera" }, "setting": "denied", "origin": origin,
            });
            devtools(person.client(), "Browser.setPermission", no).await?;
        }
        person.goes("/case/id/back").await?;
        says(set, &person, name, words).await?;
        file_comes_first(&person).await?;
        person.leaves().await?;
    }
    let flags = fakes.flags(false);
    let person = Person::with_flags(driver, &set.gallery, &set.world.portal, &flags).await?;
    opens(set, &person, 3).await?;
    cut(set, &person).await?;
    hints(&person).await?;
    person.leaves().await
}

async fn opens(set: &Set, person: &Person<'_>, place: usize) -> Result<()> {
    let stage = Stage {
        world: &set.world,
        report: Report { json: false },
    };
    let email = format!("trouble{place}@example.org");
    let account = PEOPLE[place % PEOPLE.len()].email;
    ann::opens_plainly(person, &stage, (account, &email)).await?;
    Ok(())
}

/// The words, the focus, the file below, and the way to try again.
async fn says(set: &Set, person: &Person<'_>, name: &str, words: &str) -> Result<()> {
    person.touches("#open").await?;
    person
        .until("document.activeElement.id === 'trouble'")
        .await?;
    let said = person.text_of("#trouble").await?;
    ensure!(said.contains(words), "{name}: {said}");
    ensure!(
        person
            .text_of("#picker")
            .await?
            .contains("A person will check this one")
    );
    let live = "return Boolean(document.getElementById('view').srcObject)";
    ensure!(
        person.runs(live).await? == false,
        "{name}: the camera is still on"
    );
    set.looks(person, name).await?;
    person
        .presses("[data-trouble]:not([hidden]) [data-retry]")
        .await?;
    person.expects("Photo of the back").await
}

/// After three failures the file is offered at once.
async fn file_comes_first(person: &Person<'_>) -> Result<()> {
    for _ in 0..2 {
        let shown = "return document.getElementById('picker').hidden";
        ensure!(
            person.runs(shown).await? == true,
            "the file is offered too early"
        );
        person.touches("#broken").await?;
        person
            .presses("[data-trouble]:not([hidden]) [data-retry]")
            .await?;
    }
    let first = "const file = document.getElementById('picker'); \
                 return !file.hidden && file.matches(':has(~ #howto-actions)')";
    ensure!(person.runs(first).await? == true, "the file is not first");
    Ok(())
}

/// A take that is interrupted is void, says why, and can be done again; leaving closes the camera.
async fn cut(set: &Set, person: &Person<'_>) -> Result<()> {
    person.goes("/case/video").await?;
    person.touches("#open").await?;
    person
        .until("document.getElementById('level').value > 0")
        .await?;
    person.touches("#shutter").await?;
    person
        .until("document.getElementById('digit').textContent")
        .await?;
    let end = "const [track] = document.getElementById('view').srcObject.getVideoTracks(); \
               track.stop(); track.dispatchEvent(new Event('ended'))";
    person.runs(end).await?;
    person
        .until("!document.getElementById('card').hidden")
        .await?;
    let said = person.text_of("#card").await?;
    ensure!(said.contains("The video stopped or was cut"), "{said}");
    person
        .until("document.activeElement.id === 'shutter'")
        .await?;
    set.looks(person, "cut").await?;
    person.runs("history.back()").await?;
    person
        .until("!document.getElementById('howto').hidden")
        .await?;
    let live = "return Boolean(document.getElementById('view').srcObject)";
    ensure!(person.runs(live).await? == false, "the camera is still on");
    Ok(())
}

/// What the page itself sees, on drawn pictures; a module is pure, so it is asked directly.
const HINTS: &str = r#"
const { Calm, judge } = await import(document.querySelector('[href$="capture-hints.js"]').href);
const wide = 160, high = 90;
const draw = (paint) => {
  const rgba = new Uint8ClampedArray(wide * high * 4).fill(255);
  const pixels = new Uint8Array(wide * high);
  for (let y = 0; y < high; y += 1) for (let x = 0; x < wide; x += 1) {
    const value = paint(x, y);
    pixels[y * wide + x] = value;
    rgba.fill(value, (y * wide + x) * 4, (y * wide + x) * 4 + 3);
  }
  return { rgba, pixels, width: wide, height: high };
};
const card = (left, top, right, bottom, shine) => draw((x, y) => {
  if (shine && Math.hypot(x - 80, y - 45) < 8) return 255;
  const inside = x >= left && x < right && y >= top && y < bottom;
  return inside ? 180 + ((x * 7 + y * 13) % 5) : 70 + ((x * 5 + y * 3) % 5);
});
const id = (picture) => judge(picture, "id_front", 1.586);
const known = {};
const sharp = draw((x, y) => 120 + ((x + y) % 2) * 60);
judge(sharp, "video", 1, known);
const calm = new Calm();
return [
  id(draw(() => 20)), id(draw(() => 240)), id(card(22, 8, 138, 82)), id(card(22, 8, 160, 82)),
  id(card(50, 27, 110, 64)), id(card(22, 8, 138, 82, true)),
  judge(draw((x, y) => 120 + ((x + y) % 2)), "video", 1, { sharp: 1e4 }) ,
  judge(draw((x, y) => (Math.hypot((x - 80) / 40, (y - 45) / 36) < 1 ? 70 : 200)), "video", 1),
  [0, 200, 400, 600, 800, 1000].map((at) => calm.hear("dark", at) ?? "-").join(""),
];"#;

async fn hints(person: &Person<'_>) -> Result<()> {
    person.goes("/case/id/back").await?;
    let told = "then(arguments[0], (error) => arguments[0](String(error)))";
    let script = format!("(async () => {{ {HINTS} }})().{told}");
    let found = person.client().execute_async(&script, Vec::new()).await?;
    let wanted = json!([
        "dark",
        "bright",
        "good",
        "cut.right",
        "closer",
        "shine",
        "blur",
        "behind",
        "--dark---"
    ]);
    ensure!(found == wanted, "{found}");
    Ok(())
}
