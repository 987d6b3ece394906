//! Writes the reference outputs of a directory of model files whose digests are those of the
//! manifest: `cargo run -p models --example reference -- DIR > crates/models/reference.toml`.

use std::error::Error;
use std::io::Write as _;
use std::path::Path;

use models::{ModelSet, PATTERNS, Role, generated};

/// Outputs of the detector that are written; all of them would be a hundred times as many.
const OF_DETECTOR: [&str; 2] = ["obj_16", "kps_32"];

fn main() -> Result<(), Box<dyn Error>> {
    let dir = std::env::args().nth(1).ok_or("name the directory")?;
    let set = ModelSet::open(Path::new(&dir))?;
    let mut out = std::io::stdout().lock();
    writeln!(
        out,
        "# What each model answers to the generated inputs of `reference.rs`.\n\
         # Written by `cargo run -p models --example reference`."
    )?;
    let specs = set.manifest().models.clone();
    for spec in specs.iter().filter(|spec| spec.role.is_run()) {
        let models = set.all(spec.role)?;
        let model = models.iter().find(|model| model.spec().name == spec.name);
        let model = model.ok_or("a model is lost")?;
        for pattern in 0..PATTERNS {
            let input = generated(&spec.input, pattern)?;
            for output in model.outputs() {
                if spec.role == Role::FaceDetector && !OF_DETECTOR.contains(&output.as_str()) {
                    continue;
                }
                let values = model.run(&input, &[output.as_str()])?.remove(0);
                writeln!(
                    out,
                    "\n[[reference]]\nmodel = \"{}\"\npattern = {pattern}\noutput = \"{output}\"",
                    spec.name
                )?;
                writeln!(out, "values = [")?;
                for line in values.data().chunks(8) {
                    let line: Vec<String> = line.iter().map(|value| format!("{value:e}")).collect();
                    writeln!(out, "  {},", line.join(", "))?;
                }
                writeln!(out, "]")?;
            }
        }
    }
    Ok(())
}
