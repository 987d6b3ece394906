//! Photos of cards made from nothing: a card, a table under it, a camera over it. Every picture
//! follows from its seed.
#![allow(
    dead_code,
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "each program uses a part; inputs are our own"
)]

use image::codecs::jpeg::JpegEncoder;
use image::{Rgb, RgbImage};

/// Numbers that look random (splitmix64).
#[derive(Clone)]
pub(crate) struct Chance(pub(crate) u64);

impl Chance {
    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut value = self.0;
        value = (value ^ (value >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        value = (value ^ (value >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        value ^ (value >> 31)
    }

    pub(crate) fn between(&mut self, from: f64, to: f64) -> f64 {
        from + (to - from) * (self.next() >> 11) as f64 / (1_u64 << 53) as f64
    }

    pub(crate) fn below(&mut self, end: u64) -> u64 {
        self.next() % end
    }

    /// Mean 0, standard deviation 1, from twelve uniform numbers.
    pub(crate) fn gauss(&mut self) -> f64 {
        (0..12).map(|_| self.between(0.0, 1.0)).sum::<f64>() - 6.0
    }
}

/// What lies under the card.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Table {
    Plain,
    Wood,
    Busy,
}

pub(crate) const TABLES: [Table; 3] = [Table::Plain, Table::Wood, Table::Busy];

pub(crate) type Quad = [[f64; 2]; 4];

fn shade(colour: [f64; 3]) -> Rgb<u8> {
    Rgb(colour.map(|value| value.clamp(0.0, 255.0) as u8))
}

/// A rectangle of one colour.
pub(crate) fn block(
    picture: &mut RgbImage,
    left: i64,
    top: i64,
    width: i64,
    height: i64,
    colour: Rgb<u8>,
) {
    for y in top.max(0)..(top + height).min(i64::from(picture.height())) {
        for x in left.max(0)..(left + width).min(i64::from(picture.width())) {
            picture.put_pixel(x as u32, y as u32, colour);
        }
    }
}

/// Marks like print: cells of 5 by 7 with random strokes.
pub(crate) fn print(
    picture: &mut RgbImage,
    at: [i64; 2],
    letters: u64,
    dot: i64,
    ink: Rgb<u8>,
    chance: &mut Chance,
) {
    for letter in 0..letters as i64 {
        let bits = chance.next();
        for place in 0..35 {
            let on = bits >> place & 1 == 1 || place % 5 == 0 && bits >> 40 & 1 == 1;
            if on {
                let x = at[0] + (letter * 6 + place % 5) * dot;
                let y = at[1] + place / 5 * dot;
                block(picture, x, y, dot, dot, ink);
            }
        }
    }
}

/// A card with a portrait, lines of print, fine waves and a machine-readable zone.
pub(crate) fn card(width: u32, height: u32, chance: &mut Chance) -> RgbImage {
    let base = [
        chance.between(150.0, 245.0),
        chance.between(150.0, 245.0),
        chance.between(150.0, 245.0),
    ];
    let tint: [f64; 3] = std::array::from_fn(|_| chance.between(-40.0, 40.0));
    let wave = chance.between(0.15, 0.5);
    let mut card = RgbImage::from_fn(width, height, |x, y| {
        let (u, v) = (
            f64::from(x) / f64::from(width),
            f64::from(y) / f64::from(height),
        );
        let fine = 9.0 * (f64::from(x) * wave + 6.0 * (f64::from(y) * 0.05).sin()).sin();
        shade(std::array::from_fn(|i| base[i] + tint[i] * (u + v) + fine))
    });
    let (w, h) = (i64::from(width), i64::from(height));
    let ink = Rgb([30, 30, 40]);
    let band: [f64; 3] = std::array::from_fn(|_| chance.between(30.0, 170.0));
    block(&mut card, 0, 0, w, h / 9, shade(band));
    print(
        &mut card,
        [w / 20, h / 40],
        22,
        (h / 110).max(1),
        Rgb([250; 3]),
        chance,
    );
    let (pw, ph) = (w * 26 / 100, h * 48 / 100);
    block(&mut card, w / 24, h / 6, pw, ph, Rgb([205, 210, 215]));
    block(
        &mut card,
        w / 24 + pw / 4,
        h / 6 + ph / 5,
        pw / 2,
        ph / 2,
        Rgb([190, 140, 115]),
    );
    block(
        &mut card,
        w / 24 + pw / 8,
        h / 6 + ph * 7 / 10,
        pw * 3 / 4,
        ph * 3 / 10,
        Rgb([60, 60, 90]),
    );
    for line in 0..6 {
        let top = h / 6 + line * h / 13;
        print(
            &mut card,
            [w * 36 / 100, top],
            8 + chance.below(14),
            (h / 180).max(1),
            ink,
            chance,
        );
    }
    for line in 0..3 {
        let top = h * 74 / 100 + line * h * 8 / 100;
        print(&mut card, [w / 24, top], 30, (w / 200).max(1), ink, chance);
    }
    card
}

/// The table under it.
pub(crate) fn table(kind: Table, width: u32, height: u32, chance: &mut Chance) -> RgbImage {
    let base: [f64; 3] = std::array::from_fn(|_| chance.between(25.0, 225.0));
    let mut picture = RgbImage::from_pixel(width, height, shade(base));
    match kind {
        Table::Plain => {
            let slope = chance.between(-25.0, 25.0);
            for (x, _, pixel) in picture.enumerate_pixels_mut() {
                let light = slope * (f64::from(x) / f64::from(width) - 0.5);
                *pixel = shade(std::array::from_fn(|i| base[i] + light));
            }
        }
        Table::Wood => {
            let brown = [
                chance.between(90.0, 190.0),
                chance.between(60.0, 130.0),
                chance.between(30.0, 90.0),
            ];
            let turn = chance.between(-0.4, 0.4);
            let (one, two) = (chance.between(0.05, 0.2), chance.between(0.3, 0.7));
            for (x, y, pixel) in picture.enumerate_pixels_mut() {
                let across = f64::from(y) + f64::from(x) * turn + 8.0 * (f64::from(x) * 0.01).sin();
                let grain = 18.0 * (across * one).sin() + 9.0 * (across * two).sin();
                let board = if (across / 160.0).rem_euclid(1.0) < 0.02 {
                    -45.0
                } else {
                    0.0
                };
                *pixel = shade(std::array::from_fn(|i| brown[i] + grain + board));
            }
        }
        Table::Busy => {
            for _ in 0..90 {
                let colour: [f64; 3] = std::array::from_fn(|_| chance.between(0.0, 255.0));
                let at = [
                    chance.between(-50.0, f64::from(width)),
                    chance.between(-50.0, f64::from(height)),
                ];
                let size = [chance.between(15.0, 260.0), chance.between(15.0, 260.0)];
                if chance.below(2) == 0 {
                    block(
                        &mut picture,
                        at[0] as i64,
                        at[1] as i64,
                        size[0] as i64,
                        size[1] as i64,
                        shade(colour),
                    );
                } else {
                    disc(&mut picture, at, size[0] / 2.0, shade(colour));
                }
            }
        }
    }
    picture
}

/// A filled circle.
pub(crate) fn disc(picture: &mut RgbImage, centre: [f64; 2], radius: f64, colour: Rgb<u8>) {
    for (x, y, pixel) in picture.enumerate_pixels_mut() {
        if (f64::from(x) - centre[0]).hypot(f64::from(y) - centre[1]) < radius {
            *pixel = colour;
        }
    }
}

/// From the picture to the unit square, for the corners of `quad`.
pub(crate) struct Inverse([[f64; 3]; 3]);

impl Inverse {
    pub(crate) fn of(quad: &Quad) -> Self {
        let [[x0, y0], [x1, y1], [x2, y2], [x3, y3]] = *quad;
        let (sx, sy) = (x0 - x1 + x2 - x3, y0 - y1 + y2 - y3);
        let (ax, ay, bx, by) = (x1 - x2, y1 - y2, x3 - x2, y3 - y2);
        let whole = ax * by - ay * bx;
        let g = (sx * by - sy * bx) / whole;
        let h = (ax * sy - ay * sx) / whole;
        let (a, b, c) = (x1 - x0 + g * x1, x3 - x0 + h * x3, x0);
        let (d, e, f) = (y1 - y0 + g * y1, y3 - y0 + h * y3, y0);
        Self([
            [e - f * h, c * h - b, b * f - c * e],
            [f * g - d, a - c * g, c * d - a * f],
            [d * h - e * g, b * g - a * h, a * e - b * d],
        ])
    }

    pub(crate) fn map(&self, x: f64, y: f64) -> [f64; 2] {
        let row = |r: &[f64; 3]| r[0] * x + r[1] * y + r[2];
        let w = row(&self.0[2]);
        [row(&self.0[0]) / w, row(&self.0[1]) / w]
    }
}

/// Lays `flat` onto `picture` with its corners at `quad`; corners are round by `round` of the
/// height. Four by four samples a pixel.
pub(crate) fn lay(picture: &mut RgbImage, flat: &RgbImage, quad: &Quad, round: f64) {
    let inverse = Inverse::of(quad);
    let (width, height) = (f64::from(flat.width()), f64::from(flat.height()));
    let radius = height * round;
    for (x, y, pixel) in picture.enumerate_pixels_mut() {
        let (mut sum, mut hits) = ([0.0; 3], 0.0);
        for step in 0..16 {
            let (dx, dy) = (
                f64::from(step % 4) / 4.0 + 0.125,
                f64::from(step / 4) / 4.0 + 0.125,
            );
            let [u, v] = inverse.map(f64::from(x) + dx, f64::from(y) + dy);
            let (fx, fy) = (u * width, v * height);
            if !(0.0..width).contains(&fx) || !(0.0..height).contains(&fy) {
                if step == 0 && (!(-0.1..1.1).contains(&u) || !(-0.1..1.1).contains(&v)) {
                    break;
                }
                continue;
            }
            let (ex, ey) = (radius - fx.min(width - fx), radius - fy.min(height - fy));
            if ex > 0.0 && ey > 0.0 && ex.hypot(ey) > radius {
                continue;
            }
            let Rgb(colour) = flat.get_pixel(fx as u32, fy as u32);
            hits += 1.0;
            for (total, value) in sum.iter_mut().zip(colour) {
                *total += f64::from(*value);
            }
        }
        let Rgb(old) = *pixel;
        *pixel = shade(std::array::from_fn(|i| {
            (sum[i] + f64::from(old[i]) * (16.0 - hits)) / 16.0
        }));
    }
}

/// Corners of a card seen at a slant, turned a little, `across` pixels wide around `centre`.
pub(crate) fn slant(centre: [f64; 2], across: f64, aspect: f64, chance: &mut Chance) -> Quad {
    let turn = chance.between(-0.2, 0.2);
    let (tilt, lean) = (chance.between(-0.35, 0.35), chance.between(-0.35, 0.35));
    [[-0.5, -0.5], [0.5, -0.5], [0.5, 0.5], [-0.5, 0.5]].map(|[u, v]| {
        let (x, y) = (u * across, v * across / aspect);
        let (x, y) = (
            x * turn.cos() - y * turn.sin(),
            x * turn.sin() + y * turn.cos(),
        );
        // A pinhole two and a half card widths away.
        let depth = 1.0 + (x * tilt + y * lean) / (2.5 * across);
        [
            centre[0] + x * tilt.cos() / depth,
            centre[1] + y * lean.cos() / depth,
        ]
    })
}

/// A camera: a little soft, noisy, and JPEG.
pub(crate) fn camera(picture: &RgbImage, blur: f32, chance: &mut Chance) -> RgbImage {
    let soft = if blur > 0.0 {
        image::imageops::blur(picture, blur)
    } else {
        picture.clone()
    };
    let noise = chance.between(1.0, 3.5);
    let mut noisy = soft;
    for pixel in noisy.pixels_mut() {
        let level = chance.gauss() * noise;
        *pixel = shade(std::array::from_fn(|i| f64::from(pixel.0[i]) + level));
    }
    jpeg(&noisy, 88)
}

pub(crate) fn jpeg(picture: &RgbImage, quality: u8) -> RgbImage {
    let mut bytes = Vec::new();
    JpegEncoder::new_with_quality(&mut bytes, quality)
        .encode_image(picture)
        .unwrap();
    image::load_from_memory(&bytes).unwrap().into_rgb8()
}

/// A lamp's reflection: white in the middle, soft at its edge.
pub(crate) fn shine(picture: &mut RgbImage, centre: [f64; 2], radius: f64) {
    for (x, y, pixel) in picture.enumerate_pixels_mut() {
        let away = (f64::from(x) - centre[0]).hypot(f64::from(y) - centre[1]) / radius;
        let light = 400.0 * (-0.5 * (away * 1.6).powi(2)).exp();
        *pixel = shade(std::array::from_fn(|i| f64::from(pixel.0[i]) + light));
    }
}

/// A thumb from outside over the middle of the right side.
pub(crate) fn thumb(picture: &mut RgbImage, quad: &Quad) {
    let [_, b, c, _] = *quad;
    let middle = [(b[0] + c[0]) / 2.0, (b[1] + c[1]) / 2.0];
    let size = (b[0] - c[0]).hypot(b[1] - c[1]) * 0.11;
    for step in 0..60 {
        let at = [
            middle[0] - size * 1.5 + f64::from(step) * size * 0.12,
            middle[1],
        ];
        disc(picture, at, size, Rgb([205, 150, 125]));
    }
}

/// The lattice of a screen, `wave` pixels apart.
pub(crate) fn lattice(picture: &mut RgbImage, wave: f64, turn: f64) {
    let (sin, cos) = turn.sin_cos();
    for (x, y, pixel) in picture.enumerate_pixels_mut() {
        let (x, y) = (f64::from(x), f64::from(y));
        let (u, v) = (x * cos + y * sin, y * cos - x * sin);
        let wavy = |t: f64| (t * std::f64::consts::TAU / wave).cos();
        let light = 1.0 + 0.05 * wavy(u) + 0.05 * wavy(v);
        *pixel = shade(std::array::from_fn(|i| f64::from(pixel.0[i]) * light));
    }
}

/// A photo with a card on a table, and where the card's corners are.
pub(crate) fn photo(flat: &RgbImage, under: RgbImage, chance: &mut Chance) -> (RgbImage, Quad) {
    let mut picture = under;
    let (width, height) = (f64::from(picture.width()), f64::from(picture.height()));
    let aspect = f64::from(flat.width()) / f64::from(flat.height());
    let across = width * chance.between(0.55, 0.78);
    let centre = [
        width * chance.between(0.46, 0.54),
        height * chance.between(0.46, 0.54),
    ];
    let quad = slant(centre, across, aspect, chance);
    lay(&mut picture, flat, &quad, 0.055);
    (picture, quad)
}

/// Intersection over union of two convex shapes, by counting points.
pub(crate) fn overlap(one: &Quad, other: &Quad, size: (u32, u32)) -> f64 {
    let (one, other) = (Inverse::of(one), Inverse::of(other));
    let (mut both, mut any) = (0.0, 0.0);
    for y in (0..size.1).step_by(3) {
        for x in (0..size.0).step_by(3) {
            let inside = |shape: &Inverse| {
                let [u, v] = shape.map(f64::from(x), f64::from(y));
                (0.0..1.0).contains(&u) && (0.0..1.0).contains(&v)
            };
            let (a, b) = (inside(&one), inside(&other));
            both += f64::from(u8::from(a && b));
            any += f64::from(u8::from(a || b));
        }
    }
    both / f64::max(any, 1.0)
}
