//! The one place that writes to the terminal. Logs go their own way (`telemetry.rs`).

use std::io::{ErrorKind, Write as _};
use std::process::ExitCode;

/// Writes text and a line end to the standard output.
///
/// # Errors
/// When it cannot be written; a reader that has gone away (`| head`) is no error.
pub(crate) fn line(text: &str) -> anyhow::Result<()> {
    whole(&format!("{text}\n"))
}

/// Writes text as it is.
///
/// # Errors
/// As [`line`].
pub(crate) fn whole(text: &str) -> anyhow::Result<()> {
    let mut output = std::io::stdout().lock();
    match output
        .write_all(text.as_bytes())
        .and_then(|()| output.flush())
    {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => Err(error.into()),
        _ => Ok(()),
    }
}

/// A line for the person at the terminal that is not the answer: progress, hints.
pub(crate) fn note(text: &str) {
    // If even this cannot be written, there is nobody to tell.
    let _ = writeln!(std::io::stderr().lock(), "{text}");
}

/// Puts a text in the place of the last line of a terminal: a progress bar.
pub(crate) fn redraw(text: &str) {
    let mut output = std::io::stderr().lock();
    // To the beginning of the line, then nothing to the right of the text.
    let _ = write!(output, "\r{text}\x1b[K").and_then(|()| output.flush());
}

/// How far long work is, as one line: `[####------] 4 of 10 photos`.
pub(crate) fn bar(done: usize, all: usize, what: &str) -> String {
    const WIDTH: usize = 30;
    let full = (WIDTH * done / all.max(1)).min(WIDTH);
    let (bar, rest) = ("#".repeat(full), "-".repeat(WIDTH - full));
    format!("[{bar}{rest}] {done} of {all} {what}")
}

/// As [`note`] without a line end: a bar that is drawn over itself.
pub(crate) fn part(text: &str) {
    let mut output = std::io::stderr().lock();
    let _ = output
        .write_all(text.as_bytes())
        .and_then(|()| output.flush());
}

/// Says why a command failed, with what led to it, and gives its exit code.
pub(crate) fn failure(error: &anyhow::Error) -> ExitCode {
    note(&format!("error: {error:#}"));
    ExitCode::FAILURE
}
