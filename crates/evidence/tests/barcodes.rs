//! Barcodes: made ones that are tilted, and photos of others.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic
)]

mod support;

use std::fmt::Write as _;
use std::path::Path;

use evidence::{Limits, decode_picture, find_card, parse_licence, read_barcode};
use image::{Rgb, RgbImage};
use rxing::pdf417::PDF417Writer;
use rxing::{BarcodeFormat, Writer as _};
use support::{files, testdata};

/// A fictional licence.
const TEXT: &str = "@\n\u{1e}\rANSI 636000100202DL00410278DLDAQT64235789\nDCSERIKSSON\nDACANNA\n\
     DADMARIA\nDBB08121974\nDBA04152028\nDCGUSA\n";

/// The barcode on a light card, turned by so many degrees.
fn card(degrees: f64) -> RgbImage {
    let bars = PDF417Writer
        .encode(TEXT, &BarcodeFormat::PDF_417, 900, 300)
        .unwrap();
    let (sin, cos) = degrees.to_radians().sin_cos();
    let (width, height) = (1100.0, 700.0);
    let (across, down) = (f64::from(bars.getWidth()), f64::from(bars.getHeight()));
    RgbImage::from_fn(1100, 700, |x, y| {
        let (dx, dy) = (f64::from(x) - width / 2.0, f64::from(y) - height / 2.0);
        let u = dx * cos + dy * sin + across / 2.0;
        let v = dy * cos - dx * sin + down / 2.0;
        let inside = u >= 0.0 && v >= 0.0 && u < across && v < down;
        let dark = inside && bars.get(u as u32, v as u32);
        if dark {
            Rgb([20, 20, 30])
        } else {
            Rgb([235, 230, 225])
        }
    })
}

#[test]
fn a_barcode_is_read_up_to_five_degrees_of_tilt() {
    for degrees in [0.0, 1.0, -2.0, 3.0, -4.0, 5.0] {
        let text = read_barcode(&card(degrees));
        let licence = text.as_ref().and_then(|text| parse_licence(text.reveal()));
        let licence = licence.unwrap_or_else(|| panic!("at {degrees} degrees"));
        assert_eq!(licence.number.reveal(), "T64235789");
        assert_eq!(licence.birth.unwrap().to_string(), "1974-08-12");
    }
}

#[test]
fn a_barcode_in_dim_light_is_read() {
    let mut picture = card(0.0);
    for pixel in picture.pixels_mut() {
        pixel.0 = pixel.0.map(|value| 40 + value / 2);
    }
    let text = read_barcode(&picture);
    assert!(text.is_some_and(|text| parse_licence(text.reveal()).is_some()));
}

#[test]
fn a_card_without_a_barcode_gives_none() {
    assert!(read_barcode(&RgbImage::from_pixel(1000, 630, Rgb([200, 200, 200]))).is_none());
    assert!(read_barcode(&RgbImage::new(0, 0)).is_none());
}

/// What the barcode in a picture gives, against the text that its collection says it holds.
fn read(path: &Path, expected: &Path) -> &'static str {
    let bytes = std::fs::read(path).unwrap();
    let picture = match decode_picture(&bytes, None, &Limits::default()) {
        Ok(picture) => picture,
        Err(refusal) => return refusal.code(),
    };
    let Some(text) = read_barcode(&picture.rgb) else {
        let card = find_card(&picture.rgb);
        let straight = card.and_then(|card| read_barcode(&card.rectified(&picture.rgb)));
        return straight.map_or("not read", |_| "read once the card is straightened");
    };
    let Ok(expected) = std::fs::read(expected) else {
        return "read, expected text unknown";
    };
    if text.reveal().trim() != String::from_utf8_lossy(&expected).trim() {
        return "read, other than expected";
    }
    if parse_licence(text.reveal()).is_some() {
        "a licence, to the letter"
    } else {
        "to the letter"
    }
}

#[test]
fn every_collected_barcode_gives_what_was_looked_at() {
    let (Some(codes), Some(media)) = (testdata("id_documents/pdf417"), testdata("media/barcode"))
    else {
        return;
    };
    let mut table = String::new();
    for (folder, of_all) in [(&codes, None), (&media, Some(media.join("aamva.txt")))] {
        for path in files(folder) {
            if path.extension().is_none_or(|ending| ending == "txt") {
                continue;
            }
            let expected = of_all.clone().unwrap_or_else(|| path.with_extension("txt"));
            let name = path
                .strip_prefix(folder.parent().unwrap())
                .unwrap()
                .display();
            writeln!(table, "{name}: {}", read(&path, &expected)).unwrap();
        }
    }
    insta::assert_snapshot!(table);
}
