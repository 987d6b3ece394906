//! Writing, through the real tool in its real walls.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic
)]

mod support;

use std::path::Path;

use evidence::{MediaTools, Ocr, Sandbox, Task};
use image::imageops::{FilterType, crop_imm, resize};
use support::{models, reader, testdata};

#[test]
fn the_zone_of_the_icao_specimen_is_read() {
    let (Some(ocr), Some(folder)) = (reader(), testdata("id_documents/images")) else {
        return;
    };
    let picture = image::open(folder.join("arg0s/passports_ICAO_Example.png")).unwrap();
    let grey = picture.to_luma8();
    let zone = crop_imm(&grey, 12, 207, 374, 43).to_image();
    let zone = resize(&zone, 1122, 129, FilterType::CatmullRom);
    let words = ocr.read(&zone, Task::Mrz).unwrap();
    let text: String = words
        .iter()
        .map(|word| word.text.reveal().as_str())
        .collect();
    assert!(
        text.contains("UTOERIKSSON<<ANNA<MARIA"),
        "{} words",
        words.len()
    );
}

#[test]
fn the_reader_also_works_where_namespaces_are_forbidden() {
    let (Some(_), Some(models)) = (reader(), models()) else {
        return;
    };
    let tools = MediaTools::find().without_namespaces();
    assert_eq!(tools.report().sandbox, Sandbox::Rlimits);
    let ocr = Ocr::new(tools, Some(&models.join("mrz/mrz.traineddata")));
    let blank = image::GrayImage::from_pixel(200, 80, image::Luma([255]));
    for task in [Task::Mrz, Task::Sparse, Task::Line, Task::Digits] {
        assert!(ocr.read(&blank, task).unwrap().is_empty(), "{task:?}");
    }
}

#[test]
fn trained_data_that_is_not_there_is_no_reader() {
    let ocr = Ocr::new(
        MediaTools::find(),
        Some(Path::new("/nowhere/mrz.traineddata")),
    );
    assert!(!ocr.can(Task::Mrz));
}
