//! What the machine saw, drawn over the picture: one numbered outline per finding with a place.

use image::{Rgb, RgbImage};
use recovery::finding::{Finding, Outcome, Region};

/// Outline and digits are this share of the picture's longer side thick, at least one pixel.
const THICK: f64 = 1.0 / 400.0;

/// Three columns and five rows per digit, the upper row first, the left column highest.
const DIGITS: [[u8; 5]; 10] = [
    [7, 5, 5, 5, 7],
    [2, 6, 2, 2, 7],
    [7, 1, 7, 4, 7],
    [7, 1, 7, 1, 7],
    [5, 5, 7, 1, 1],
    [7, 4, 7, 1, 7],
    [7, 4, 7, 5, 7],
    [7, 1, 2, 2, 2],
    [7, 5, 7, 5, 7],
    [7, 5, 7, 1, 7],
];

/// A copy with the region of every finding outlined in the colour of its outcome and numbered by
/// its place in `findings`, from 1. Green passes, red is to be taken again, orange is for a person,
/// violet speaks against the applicant, grey could not be checked.
#[must_use]
pub fn annotate(picture: &RgbImage, findings: &[Finding]) -> RgbImage {
    let mut copy = picture.clone();
    let longer = f64::from(copy.width().max(copy.height()));
    let thick = ((longer * THICK).round() as i64).max(1);
    // Regions that fall together get their numbers side by side.
    let mut used: Vec<(Region, i64)> = Vec::new();
    for (number, finding) in findings.iter().enumerate() {
        let Some(region) = finding.region else {
            continue;
        };
        let same = used.iter().filter(|(other, _)| near(*other, region));
        let shift: i64 = same.map(|(_, width)| width).sum();
        let colour = colour(finding.outcome);
        let place = pixels(region, &copy);
        frame(&mut copy, place, thick, colour);
        let width = label(&mut copy, place, shift, number + 1, thick, colour);
        used.push((region, width));
    }
    copy
}

fn near(one: Region, other: Region) -> bool {
    one.x.abs_diff(other.x) < 60 && one.y.abs_diff(other.y) < 40
}

const fn colour(outcome: Outcome) -> Rgb<u8> {
    Rgb(match outcome {
        Outcome::Pass => [0, 170, 60],
        Outcome::Retake => [220, 20, 20],
        Outcome::Unsure => [255, 140, 0],
        Outcome::Fail => [150, 0, 200],
        Outcome::Unavailable => [130, 130, 130],
    })
}

/// Left, top, right, bottom in pixels.
fn pixels(region: Region, picture: &RgbImage) -> [i64; 4] {
    let part =
        |share: u16, side: u32| i64::from(share) * i64::from(side) / i64::from(Region::WHOLE);
    let (width, height) = picture.dimensions();
    [
        part(region.x, width),
        part(region.y, height),
        part(region.x.saturating_add(region.width), width),
        part(region.y.saturating_add(region.height), height),
    ]
}

fn frame(
    picture: &mut RgbImage,
    [left, top, right, bottom]: [i64; 4],
    thick: i64,
    colour: Rgb<u8>,
) {
    fill(picture, [left, top, right, top + thick], colour);
    fill(picture, [left, bottom - thick, right, bottom], colour);
    fill(picture, [left, top, left + thick, bottom], colour);
    fill(picture, [right - thick, top, right, bottom], colour);
}

/// White digits on a plate in the upper left corner; gives the plate's width.
fn label(
    picture: &mut RgbImage,
    [left, top, ..]: [i64; 4],
    shift: i64,
    number: usize,
    thick: i64,
    colour: Rgb<u8>,
) -> i64 {
    let digits: Vec<usize> = number
        .to_string()
        .bytes()
        .map(|byte| usize::from(byte.wrapping_sub(b'0')))
        .collect();
    let dot = thick * 2;
    let width = (digits.len() as i64 * 4 + 1) * dot;
    let left = left + shift;
    fill(picture, [left, top, left + width, top + 7 * dot], colour);
    for (place, digit) in (0_i64..).zip(digits) {
        let rows = DIGITS.get(digit).copied().unwrap_or_default();
        for (row, bits) in (0_i64..).zip(rows) {
            for column in 0..3 {
                if bits >> (2 - column) & 1 == 1 {
                    let x = left + (place * 4 + 1 + column) * dot;
                    let y = top + (1 + row) * dot;
                    fill(picture, [x, y, x + dot, y + dot], Rgb([255; 3]));
                }
            }
        }
    }
    width
}

/// A rectangle, as far as it lies inside.
fn fill(picture: &mut RgbImage, [left, top, right, bottom]: [i64; 4], colour: Rgb<u8>) {
    let (width, height) = (i64::from(picture.width()), i64::from(picture.height()));
    for y in top.clamp(0, height)..bottom.clamp(0, height) {
        for x in left.clamp(0, width)..right.clamp(0, width) {
            // Inside by the clamps above.
            picture.put_pixel(x as u32, y as u32, colour);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_finding_with_a_place_is_outlined_in_its_colour() {
        let picture = RgbImage::new(200, 100);
        let region = Region::of_pixels([100.0, 50.0, 60.0, 40.0], (200, 100));
        let finding = |outcome| Finding::reviewer("id.edge", outcome, "e").at(region);
        let drawn = annotate(&picture, &[finding(Outcome::Retake)]);
        assert_eq!(drawn.get_pixel(150, 50), &colour(Outcome::Retake));
        assert_eq!(drawn.get_pixel(130, 70), &Rgb([0; 3]));
        assert!(drawn.pixels().any(|pixel| pixel.0 == [255; 3]));
        let placeless = Finding::reviewer("id.edge", Outcome::Unsure, "e");
        assert_eq!(annotate(&picture, &[placeless]), picture);
        assert_eq!(
            annotate(&RgbImage::new(0, 0), &[finding(Outcome::Pass)]).width(),
            0
        );
    }
}
