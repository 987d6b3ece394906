//! Writing on pictures with fonts of the system.

use ab_glyph::{Font as _, FontVec, PxScale, ScaleFont as _, point};
use anyhow::{Context as _, Result};
use image::{Rgb, RgbImage};

/// Fonts of Debian's packages `fonts-dejavu-core`, `fonts-ocr-b` and `fonts-dancingscript`.
const PLAIN: &str = "/usr/share/fonts/truetype/dejavu/DejaVuSans-Bold.ttf";
const ZONE: &str = "/usr/share/fonts/opentype/ocr-b/OCRB.otf";
const HAND: &str = "/usr/share/fonts/opentype/dancingscript/DancingScript-Regular.otf";

/// A font.
pub(crate) struct Face(FontVec);

/// The fonts of documents and notes.
pub(crate) struct Pen {
    /// What is printed on a document.
    pub plain: Face,
    /// Its machine-readable zone.
    pub zone: Face,
    /// What a hand writes.
    pub hand: Face,
}

/// Colour and height in pixels.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Ink {
    /// Of what is written.
    pub colour: Rgb<u8>,
    /// Pixels.
    pub size: f32,
}

impl Ink {
    /// Of this colour and height.
    pub(crate) const fn new(colour: Rgb<u8>, size: f32) -> Self {
        Self { colour, size }
    }
}

impl Pen {
    /// Reads the fonts.
    ///
    /// # Errors
    /// When one is not installed.
    pub(crate) fn find() -> Result<Self> {
        let read = |path: &str| -> Result<Face> {
            let bytes = std::fs::read(path).with_context(|| {
                format!("the font {path} is missing; ./demo installs the packages that have it")
            })?;
            Ok(Face(FontVec::try_from_vec(bytes)?))
        };
        Ok(Self {
            plain: read(PLAIN)?,
            zone: read(ZONE)?,
            hand: read(HAND)?,
        })
    }
}

impl Face {
    /// Writes from `at` (left, top).
    pub(crate) fn write(&self, picture: &mut RgbImage, at: (i32, i32), ink: &Ink, text: &str) {
        self.draw(picture, at, ink, text, None);
    }

    /// The same with one step for every symbol, as machines write.
    pub(crate) fn write_spaced(
        &self,
        picture: &mut RgbImage,
        at: (i32, i32),
        ink: &Ink,
        text: &str,
        step: f32,
    ) {
        self.draw(picture, at, ink, text, Some(step));
    }

    #[allow(
        clippy::cast_precision_loss,
        clippy::cast_possible_truncation,
        reason = "places on a picture"
    )]
    fn draw(
        &self,
        picture: &mut RgbImage,
        at: (i32, i32),
        ink: &Ink,
        text: &str,
        step: Option<f32>,
    ) {
        let font = self.0.as_scaled(PxScale::from(ink.size));
        let (mut x, base) = (at.0 as f32, at.1 as f32 + font.ascent());
        for symbol in text.chars() {
            let id = font.glyph_id(symbol);
            let glyph = id.with_scale_and_position(font.scale(), point(x, base));
            x += step.unwrap_or_else(|| font.h_advance(id));
            let Some(outline) = font.outline_glyph(glyph) else {
                continue;
            };
            let bounds = outline.px_bounds();
            outline.draw(|dx, dy, cover| {
                let px = bounds.min.x as i64 + i64::from(dx);
                let py = bounds.min.y as i64 + i64::from(dy);
                if let (Ok(px), Ok(py)) = (u32::try_from(px), u32::try_from(py))
                    && let Some(pixel) = picture.get_pixel_mut_checked(px, py)
                {
                    let mix = |old: u8, new: u8| {
                        (f32::from(old) * (1.0 - cover) + f32::from(new) * cover) as u8
                    };
                    let (Rgb([r, g, b]), Rgb([nr, ng, nb])) = (*pixel, ink.colour);
                    *pixel = Rgb([mix(r, nr), mix(g, ng), mix(b, nb)]);
                }
            });
        }
    }
}
