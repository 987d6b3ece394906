//! Barcodes: made ones that are tilted, and photos of others.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic
)]

mod support;

use evidence::{parse_licence, read_barcode};
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
fn a_card_without_a_barcode_gives_none() {
    assert!(read_barcode(&RgbImage::from_pixel(1000, 630, Rgb([200, 200, 200]))).is_none());
    assert!(read_barcode(&RgbImage::new(0, 0)).is_none());
}

#[test]
fn most_collected_barcodes_are_read_to_the_letter() {
    let Some(folder) = testdata("id_documents/pdf417") else {
        return;
    };
    let (mut all, mut right) = (0, 0);
    for path in files(&folder) {
        if path.extension().is_none_or(|ending| ending != "png") {
            continue;
        }
        all += 1;
        let expected = std::fs::read(path.with_extension("txt")).unwrap_or_default();
        let expected = String::from_utf8_lossy(&expected).trim().to_owned();
        let text = read_barcode(&image::open(&path).unwrap().to_rgb8());
        right += usize::from(text.is_some_and(|text| text.reveal().trim() == expected));
    }
    assert!(right >= 13, "{right} of {all}");
}
