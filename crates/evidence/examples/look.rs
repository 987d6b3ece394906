//! Draws what the machine sees on a photo of a document: `cargo run -p evidence --example look --
//! FILE OUT.png [note]`.
#![allow(clippy::print_stdout, reason = "a program for people")]

use std::error::Error;

use evidence::{Limits, annotate, decode_picture, find_card, note, quick};
use recovery::evidence::EvidenceKind;
use recovery::policy::{DEFAULT, Policy};

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let (Some(file), Some(out)) = (arguments.next(), arguments.next()) else {
        return Err("look FILE OUT.png".into());
    };
    let checks = Policy::parse(DEFAULT)?.checks;
    let picture = decode_picture(&std::fs::read(&file)?, None, &Limits::default())?;
    let as_note = arguments.next().is_some_and(|word| word == "note");
    let findings = if as_note {
        let look = note(&picture.rgb, &[], &checks);
        if let Some(paper) = look.paper {
            paper.picture.save(format!("{out}.paper.png"))?;
        }
        look.findings
    } else {
        quick(&picture, EvidenceKind::IdBack, &checks)
    };
    for (number, finding) in findings.iter().enumerate() {
        println!(
            "{:2} {:<13} {:<7} {:?} {}",
            number + 1,
            finding.code,
            finding.outcome.name(),
            finding.score_milli,
            finding.unit.as_deref().unwrap_or("")
        );
    }
    annotate(&picture.rgb, &findings).save(&out)?;
    if let Some(card) = find_card(&picture.rgb) {
        println!("{:?} {:.0} px per inch", card.shape, card.pixels_per_inch());
        card.rectified(&picture.rgb)
            .save(format!("{out}.flat.png"))?;
    }
    Ok(())
}
