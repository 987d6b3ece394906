//! Fingers and sleeves over the edge of a document: the edge vanishes there, and inside looks like
//! outside.

use image::RgbImage;
use recovery::finding::{Finding, Outcome, Region};
use recovery::policy::DocumentChecks;

use super::{Card, ENGINE};
use crate::geometry::{Point, Projection, bounds, sample};

/// Places looked at along each side.
const PLACES: usize = 60;
/// How far inside and outside of the edge, in shares of the document's height.
const DEPTH: f64 = 0.035;
/// Colours nearer than this (sum over the channels, levels) are one surface.
const ALIKE: f32 = 36.0;
/// And they differ by more than this from what the edge has elsewhere on that side.
const FOREIGN: f32 = 60.0;

/// `id.covered`: the longest stretch of a side that something lies across, in shares of that side.
/// A measure for reviewers; a card the colour of its table looks the same.
pub(super) fn covered(picture: &RgbImage, card: &Card, checks: &DocumentChecks) -> Finding {
    let worst = Projection::onto(&card.corners).and_then(|projection| {
        let all = (0..4).map(|side| longest(picture, &projection, side));
        all.max_by(|a, b| a.share.total_cmp(&b.share))
    });
    let share = worst.as_ref().map_or(0.0, |gap| gap.share);
    let outcome = if share > checks.covered_share {
        Outcome::Unsure
    } else {
        Outcome::Pass
    };
    let region = match worst {
        Some(gap) if outcome == Outcome::Unsure => {
            Region::of_pixels(bounds(&gap.places), picture.dimensions())
        }
        _ => card.region(),
    };
    Finding::reviewer("id.covered", outcome, ENGINE)
        .measured(share, checks.covered_share, "share of a side")
        .at(region)
}

struct Gap {
    share: f64,
    places: Vec<Point>,
}

/// The longest covered stretch of a side; sides count clockwise from the upper one.
fn longest(picture: &RgbImage, projection: &Projection, side: usize) -> Gap {
    // A share along the side and a depth inwards, as a point of the unit square.
    let place = |along: f64, depth: f64| match side {
        0 => [along, depth],
        1 => [1.0 - depth * 0.63, along],
        2 => [1.0 - along, 1.0 - depth],
        _ => [depth * 0.63, 1.0 - along],
    };
    let at = |along, depth| projection.map(place(along, depth));
    let along = |step: usize| 0.06 + 0.88 * (step as f64 + 0.5) / PLACES as f64;
    let seen: Vec<([f32; 3], [f32; 3])> = (0..PLACES)
        .map(|step| {
            let inside = sample(picture, at(along(step), DEPTH));
            (inside, sample(picture, at(along(step), -DEPTH)))
        })
        .collect();
    let usual = median(seen.iter().map(|(inside, _)| *inside));
    let (mut best, mut run) = (0..0, 0..0);
    for (step, (inside, outside)) in seen.iter().enumerate() {
        let covered = apart(inside, outside) < ALIKE && apart(inside, &usual) > FOREIGN;
        run = if covered {
            run.start..step + 1
        } else {
            step + 1..step + 1
        };
        if run.len() > best.len() {
            best = run.clone();
        }
    }
    let share = best.len() as f64 / PLACES as f64;
    let places = best
        .flat_map(|step| [at(along(step), -2.0 * DEPTH), at(along(step), 3.0 * DEPTH)])
        .collect();
    Gap { share, places }
}

fn apart(a: &[f32; 3], b: &[f32; 3]) -> f32 {
    a.iter().zip(b).map(|(p, q)| (p - q).abs()).sum()
}

fn median(colours: impl Iterator<Item = [f32; 3]>) -> [f32; 3] {
    let (mut red, mut green, mut blue) = (Vec::new(), Vec::new(), Vec::new());
    for [r, g, b] in colours {
        red.push(r);
        green.push(g);
        blue.push(b);
    }
    [red, green, blue].map(|mut channel: Vec<f32>| {
        channel.sort_by(f32::total_cmp);
        channel.get(channel.len() / 2).copied().unwrap_or(0.0)
    })
}
