//! How much of the picture changes over a fifth of a second.

use image::GrayImage;
use image::imageops::thumbnail;

/// Side of a block in pixels of the halved frame: an eye or a mouth of a face that fills a third.
const BLOCK: u32 = 8;
/// Least time between the two frames that are compared, in milliseconds.
const APART_MS: u32 = 190;
/// Mean change of a block in grey levels below which it stands still: coding of a still picture
/// stays under 2, a breathing person before a camera is above 4 somewhere.
const STILL_LUMA: f32 = 3.0;

/// From one grey frame to another a fifth of a second later.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Step {
    /// When the later frame is shown, in milliseconds from the start of the file.
    pub at_ms: u32,
    /// Mean change of the whole frame in grey levels.
    pub luma: f32,
    /// Mean change of the block that changed most, in grey levels.
    pub block: f32,
}

impl Step {
    /// Is the later frame equal to the earlier one?
    #[must_use]
    pub fn is_still(&self) -> bool {
        self.block < STILL_LUMA
    }
}

/// The steps between frames, about five a second.
pub(crate) fn steps(frames: &[(u32, GrayImage)]) -> Vec<Step> {
    let mut steps = Vec::new();
    let mut before: Option<(u32, GrayImage)> = None;
    for (at_ms, frame) in frames {
        let near = |(earlier, _): &(u32, GrayImage)| at_ms.saturating_sub(*earlier) < APART_MS;
        if before.as_ref().is_some_and(near) {
            continue;
        }
        // The mean of four pixels: a camera's noise is no motion.
        let (width, height) = frame.dimensions();
        let after = thumbnail(frame, (width / 2).max(1), (height / 2).max(1));
        if let Some((_, before)) = &before {
            let (luma, block) = change(before, &after);
            steps.push(Step {
                at_ms: *at_ms,
                luma,
                block,
            });
        }
        before = Some((*at_ms, after));
    }
    steps
}

/// Mean change of the whole, and of the block that changed most.
fn change(before: &GrayImage, after: &GrayImage) -> (f32, f32) {
    let columns = before.width().div_ceil(BLOCK).max(1) as usize;
    let rows = before.height().div_ceil(BLOCK).max(1) as usize;
    let mut sums = vec![(0u32, 0u32); columns * rows];
    let pairs = before.enumerate_pixels().zip(after.pixels());
    for ((x, y, old), new) in pairs {
        let place = (y / BLOCK) as usize * columns + (x / BLOCK) as usize;
        let (image::Luma([old]), image::Luma([new])) = (old, new);
        if let Some((sum, count)) = sums.get_mut(place) {
            *sum += u32::from(old.abs_diff(*new));
            *count += 1;
        }
    }
    let mean = |(sum, count): (u32, u32)| sum as f32 / count.max(1) as f32;
    let whole = sums
        .iter()
        .fold((0, 0), |all, one| (all.0 + one.0, all.1 + one.1));
    let most = sums.iter().fold(0.0f32, |most, one| most.max(mean(*one)));
    (mean(whole), most)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moving_mouth_is_no_still() {
        let before = GrayImage::from_pixel(288, 160, image::Luma([120]));
        let mut after = before.clone();
        for (x, y) in (110..140).flat_map(|x| (90..100).map(move |y| (x, y))) {
            after.put_pixel(x, y, image::Luma([90]));
        }
        let frames = [
            (0, before.clone()),
            (200, after),
            (400, before.clone()),
            (600, before),
        ];
        let steps = steps(&frames);
        let still: Vec<bool> = steps.iter().map(Step::is_still).collect();
        assert_eq!(still, [false, false, true]);
        assert!(steps[0].luma < 0.5 && steps[0].at_ms == 200);
    }
}
