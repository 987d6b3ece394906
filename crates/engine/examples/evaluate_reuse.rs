//! Prints how often a picture is found again after each change, as a whole and by the cutting of
//! its card or face, how often another person's photo is taken for it, and how long a million
//! prints take. `evaluate_reuse TESTDATA [MODELS [found|false]]`; faces are cut out with models
//! only, and the last word leaves the other half of it out.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic
)]
#![allow(clippy::print_stdout, clippy::disallowed_methods, missing_docs)]

#[path = "../../evidence/tests/support/synthetic.rs"]
mod synthetic;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::time::Instant;

use evidence::find_card;
use evidence::reuse::{PRINT_BYTES, Part, Print, PrintBits, PrintIndex, prints};
use face::FaceEngine;
use face::evaluate::{lower_bound, upper_bound};
use image::{DynamicImage, Rgb, RgbImage, imageops};
use models::ModelSet;
use sha2::{Digest, Sha256};
use synthetic::{Chance, TABLES};

/// `checks.reuse.bits` of the default policy.
const BITS: u32 = 60;
/// `checks.reuse.face_bits` of the default policy.
const FACE_BITS: u32 = 56;
/// Photos of the false hits, and of the changes.
const PEOPLE: usize = 1_200;
const CHANGED: usize = 120;
/// Long side of the pictures that are changed, in pixels. A print is taken of a copy of 512: at
/// this size coding and noise do more to it than at a camera's, and changing costs less.
const LONGEST: u32 = 1280;
/// Prints of the benchmark.
const MILLION: u64 = 1_000_000;

type Change = (&'static str, fn(&RgbImage) -> RgbImage);

const CHANGES: [Change; 13] = [
    ("JPEG quality 40", |picture| {
        let mut bytes = Vec::new();
        image::codecs::jpeg::JpegEncoder::new_with_quality(&mut bytes, 40)
            .encode_image(picture)
            .unwrap();
        image::load_from_memory(&bytes).unwrap().into_rgb8()
    }),
    ("half size", |picture| {
        imageops::thumbnail(picture, picture.width() / 2, picture.height() / 2)
    }),
    ("brightness +25 %", |picture| {
        each(picture, |value| value * 1.25)
    }),
    ("brightness -25 %", |picture| {
        each(picture, |value| value * 0.75)
    }),
    ("contrast +25 %", |picture| {
        each(picture, |value| (value - 128.0) * 1.25 + 128.0)
    }),
    ("contrast -25 %", |picture| {
        each(picture, |value| (value - 128.0) * 0.75 + 128.0)
    }),
    ("noise +-20", noise),
    ("crop 2 %", |picture| crop(picture, 0.02)),
    ("turned 2 degrees", |picture| turn(picture, 2.0)),
    ("crop 5 %", |picture| crop(picture, 0.05)),
    ("turned 5 degrees", |picture| turn(picture, 5.0)),
    ("mirrored, 90 degrees", |picture| {
        imageops::rotate90(&imageops::flip_horizontal(picture))
    }),
    ("screenshot", |picture| {
        let wide = imageops::resize(
            picture,
            720,
            720 * picture.height() / picture.width(),
            imageops::FilterType::Triangle,
        );
        let mut screen = RgbImage::from_pixel(720, wide.height() + 700, Rgb([15, 15, 15]));
        imageops::replace(&mut screen, &wide, 0, 400);
        screen
    }),
];

fn each(picture: &RgbImage, change: impl Fn(f32) -> f32) -> RgbImage {
    let mut picture = picture.clone();
    for value in picture.iter_mut() {
        *value = change(f32::from(*value)).clamp(0.0, 255.0) as u8;
    }
    picture
}

fn noise(picture: &RgbImage) -> RgbImage {
    let mut picture = picture.clone();
    let mut seed = 1_u32;
    for value in picture.iter_mut() {
        seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        let more = i32::try_from((seed >> 16) % 41).unwrap() - 20;
        *value = (i32::from(*value) + more).clamp(0, 255) as u8;
    }
    picture
}

fn crop(picture: &RgbImage, share: f32) -> RgbImage {
    let (width, height) = picture.dimensions();
    let (x, y) = (
        (width as f32 * share) as u32,
        (height as f32 * share) as u32,
    );
    imageops::crop_imm(picture, x, y, width - 2 * x, height - 2 * y).to_image()
}

fn turn(picture: &RgbImage, degrees: f32) -> RgbImage {
    let (width, height) = picture.dimensions();
    let (sin, cos) = degrees.to_radians().sin_cos();
    let (middle_x, middle_y) = (width as f32 / 2.0, height as f32 / 2.0);
    RgbImage::from_fn(width, height, |x, y| {
        let (dx, dy) = (x as f32 - middle_x, y as f32 - middle_y);
        let (u, v) = (
            middle_x + cos * dx + sin * dy,
            middle_y - sin * dx + cos * dy,
        );
        let inside = u >= 0.0 && v >= 0.0 && u < width as f32 && v < height as f32;
        if inside {
            *picture.get_pixel(u as u32, v as u32)
        } else {
            Rgb([0; 3])
        }
    })
}

/// What is cut out of a picture, as the program does: the document of an ID photo, the face of a
/// note photo.
enum Cut<'a> {
    Card,
    Face(Option<&'a FaceEngine>),
}

impl Cut<'_> {
    fn of(&self, picture: &RgbImage) -> Option<(Part, RgbImage)> {
        match self {
            Self::Card => Some((Part::Card, find_card(picture)?.rectified(picture))),
            Self::Face(engine) => Some((Part::Face, engine.as_ref()?.aligned_face(picture)?)),
        }
    }
}

/// The prints of a whole picture, and of what was cut out of it.
struct Both {
    whole: Vec<Print>,
    cut: Vec<Print>,
}

impl Both {
    fn of(picture: &RgbImage, cut: &Cut<'_>) -> Self {
        let cutting = cut.of(picture);
        let cutting = cutting.as_ref().map(|(part, picture)| (*part, picture));
        Self {
            whole: prints(&[(Part::Whole, picture)]),
            cut: prints(cutting.as_slice()),
        }
    }

    /// Whether the whole is near, the cutting, and either.
    fn near(&self, stored: &Self) -> [bool; 3] {
        let whole = is_near(&self.whole, &stored.whole);
        let cut = is_near(&self.cut, &stored.cut);
        [whole, cut, whole || cut]
    }
}

/// How they are called in tables.
const WAYS: [&str; 3] = ["whole", "cutting", "either"];

fn is_near(some: &[Print], stored: &[Print]) -> bool {
    some.iter().any(|one| {
        let bits = if one.part == Part::Face {
            FACE_BITS
        } else {
            BITS
        };
        let met = stored.iter().filter(|other| one.part.meets(other.part));
        met.map(|other| one.distance(other.bits))
            .any(|distance| distance <= bits)
    })
}

/// Does something with each item on every core; in order.
fn each_of<T: Sync, R: Send>(items: &[T], work: impl Fn(&T) -> R + Sync) -> Vec<R> {
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let (next, done) = (Mutex::new(items.iter().enumerate()), Mutex::new(Vec::new()));
    std::thread::scope(|scope| {
        for _ in 0..cores {
            scope.spawn(|| {
                loop {
                    let item = next.lock().unwrap().next();
                    let Some((at, item)) = item else { break };
                    let result = work(item);
                    done.lock().unwrap().push((at, result));
                }
            });
        }
    });
    let mut done = done.into_inner().unwrap();
    done.sort_by_key(|(at, _)| *at);
    done.into_iter().map(|(_, result)| result).collect()
}

/// Exact 95 % bounds of a share (Clopper and Pearson): 2.5 % on either side.
fn bounds(hits: u64, all: u64) -> (f64, f64) {
    const ONE_SIDE: f64 = 0.975;
    (
        lower_bound(hits, all, ONE_SIDE),
        upper_bound(hits, all, ONE_SIDE),
    )
}

fn line(name: &str, hits: u64, all: u64) {
    let (low, high) = bounds(hits, all);
    let share = 100.0 * hits as f64 / all.max(1) as f64;
    println!(
        "| {name} | {hits} of {all} | {share:.4} % | {:.4} to {:.4} % |",
        100.0 * low,
        100.0 * high
    );
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let (mut found, mut open) = (Vec::new(), vec![folder.to_owned()]);
    while let Some(next) = open.pop() {
        for entry in std::fs::read_dir(next).unwrap() {
            let path = entry.unwrap().path();
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

/// Pictures of a folder, exact copies left aside, evenly spread.
fn pictures(folder: &Path, most: usize) -> Vec<(PathBuf, RgbImage)> {
    let paths = files(folder);
    let mut seen = BTreeSet::new();
    let step = (paths.len() / most.max(1)).max(1);
    let read = |path: &PathBuf| {
        let bytes = std::fs::read(path).ok()?;
        let fresh = seen.insert(Sha256::digest(&bytes).to_vec());
        let picture = image::load_from_memory(&bytes)
            .map(DynamicImage::into_rgb8)
            .ok()?;
        (fresh && picture.width().min(picture.height()) >= 100).then(|| (path.clone(), picture))
    };
    paths.iter().step_by(step).filter_map(read).collect()
}

fn shrunk(picture: RgbImage) -> RgbImage {
    let (width, height) = picture.dimensions();
    let long = width.max(height);
    if long <= LONGEST {
        return picture;
    }
    imageops::thumbnail(&picture, width * LONGEST / long, height * LONGEST / long)
}

/// Specimens shaped like a card or a page, each laid on a made background of 1200 x 900 pixels.
fn on_tables(flat: &[RgbImage]) -> Vec<RgbImage> {
    let like_a_card =
        |one: &&RgbImage| (1.3..1.7).contains(&(f64::from(one.width()) / f64::from(one.height())));
    let lay = |(seed, one): &(usize, &RgbImage)| {
        let mut chance = Chance(*seed as u64 * 31 + 5);
        let table = synthetic::table(TABLES[seed % TABLES.len()], 1200, 900, &mut chance);
        let (photo, _) = synthetic::photo(one, table, &mut chance);
        synthetic::camera(&photo, 0.7, &mut chance)
    };
    let flat: Vec<(usize, &RgbImage)> = flat.iter().filter(like_a_card).enumerate().collect();
    each_of(&flat, lay)
}

fn found_again(name: &str, all: &[RgbImage], cut: &Cut<'_>) {
    let begun = Instant::now();
    let stored = each_of(all, |one| Both::of(one, cut));
    let with = stored.iter().filter(|one| !one.cut.is_empty()).count();
    println!("\n{name}: {} pictures, {with} with a cutting", all.len());
    println!("| change | found by | found | share | 95 % |\n|---|---|---|---|---|");
    let pairs: Vec<(&RgbImage, &Both)> = all.iter().zip(&stored).collect();
    for (change, apply) in CHANGES {
        let near = each_of(&pairs, |(one, stored)| {
            Both::of(&apply(one), cut).near(stored)
        });
        for (way, name) in WAYS.iter().enumerate() {
            let hits = near.iter().filter(|near| near[way]).count();
            line(&format!("{change} | {name}"), hits as u64, all.len() as u64);
        }
    }
    println!("took {:.0?}", begun.elapsed());
}

fn false_hits(name: &str, folder: &Path, faces: Option<&FaceEngine>) {
    let begun = Instant::now();
    let all = pictures(folder, PEOPLE);
    let cut = Cut::Face(faces);
    let stored = each_of(&all, |(path, one)| {
        (path.parent().unwrap().to_owned(), Both::of(one, &cut))
    });
    let places: Vec<usize> = (0..stored.len()).collect();
    let counted = each_of(&places, |at| {
        let (person, one) = &stored[*at];
        let (mut hits, mut pairs) = ([0; 3], 0);
        for (_, other) in stored[..*at].iter().filter(|(other, _)| other != person) {
            pairs += 1;
            for (hits, near) in hits.iter_mut().zip(one.near(other)) {
                *hits += u64::from(near);
            }
        }
        (hits, pairs)
    });
    let pairs = counted.iter().map(|(_, pairs)| pairs).sum();
    for (way, by) in WAYS.iter().enumerate() {
        let hits = counted.iter().map(|(hits, _)| hits[way]).sum();
        line(&format!("{name} | {by}"), hits, pairs);
    }
    println!("{} photos took {:.0?}", all.len(), begun.elapsed());
}

fn million() {
    let mut seed = 1_u64;
    let mut index = PrintIndex::default();
    for row in 0..MILLION {
        let bytes = std::array::from_fn::<u8, PRINT_BYTES, _>(|_| {
            seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            (seed >> 56) as u8
        });
        index.add(row as i64, Part::Whole, PrintBits::from_bytes(bytes));
    }
    let picture = RgbImage::from_fn(640, 480, |x, y| Rgb([(x * y / 97 % 256) as u8; 3]));
    let print = prints(&[(Part::Whole, &picture)]).remove(0);
    let begun = Instant::now();
    let near = index.near(&print, BITS, 50);
    println!(
        "\n{MILLION} prints in 8 positions: {:?}, {} near",
        begun.elapsed(),
        near.len()
    );
}

fn changed(root: &Path, faces: Option<&FaceEngine>) {
    let open = |set: &str| {
        let all = pictures(&root.join(set), CHANGED).into_iter();
        all.map(|(_, one)| shrunk(one)).collect::<Vec<_>>()
    };
    let specimens = open("id_documents/images");
    found_again("faces/lfw", &open("faces/lfw"), &Cut::Face(faces));
    found_again("specimens, flat", &specimens, &Cut::Card);
    let laid = on_tables(&specimens);
    found_again("specimens on made tables", &laid, &Cut::Card);
}

fn main() {
    let mut words = std::env::args().skip(1).map(PathBuf::from);
    let root = words.next().expect("evaluate_reuse TESTDATA [MODELS]");
    let models = words
        .next()
        .map(|folder| ModelSet::open(&folder).expect("models"));
    let faces = models.map(|set| FaceEngine::open(&set).expect("face models"));
    let faces = faces.as_ref();
    let half = words.next();
    let wanted = |name: &str| half.as_deref().is_none_or(|half| half == Path::new(name));
    if wanted("found") {
        million();
        changed(&root, faces);
    }
    if wanted("false") {
        println!("\n| different people | by | false hits | share | 95 % |\n|---|---|---|---|---|");
        for set in ["faces/lfw", "faces/uk-members-over-years"] {
            false_hits(set, &root.join(set), faces);
        }
    }
}
