//! A camera that records while somebody speaks: a still face, a voice, and a WebM that comes in
//! pieces as a browser's recorder gives it.

use std::process::Stdio;
use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use image::{Rgb, RgbImage};
use specimen::{WORDS, before_a_wall};
use tempfile::TempDir;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::process::{Child, ChildStdin, ChildStdout, Command};

/// Samples in a second, 16 bits each.
const RATE: usize = 16_000;
/// Bytes of a second: what a browser sends at once.
pub(super) const SECOND: usize = RATE * 2;
/// A second of sound ends a cluster of the file at least; it comes within so long.
const COMES: Duration = Duration::from_secs(10);
/// Nothing more came for so long: everything that was spoken is in the file.
const QUIET: Duration = Duration::from_millis(250);
/// Most bytes that are read at once.
const PIECE: usize = 1 << 16;
/// Milliseconds to read what is shown.
const READ_MS: u32 = 300;
/// Frames a second.
pub(super) const FRAMES: u32 = 15;

/// A recording that goes on.
pub(super) struct Recorder {
    child: Child,
    speech: Option<ChildStdin>,
    film: ChildStdout,
    _folder: TempDir,
}

/// Words in a synthetic voice as samples, after the moment that anybody takes to read them, with
/// silence up to this length.
pub(super) async fn words(text: &str, seconds: f32) -> Result<Vec<u8>> {
    let plain = |c: &char| c.is_ascii_alphanumeric() || *c == ' ';
    let text: String = text.chars().filter(plain).collect();
    let voice = format!("flite=text='{text}':voice=slt");
    let length = format!("adelay={READ_MS},apad=whole_dur={seconds},atrim=0:{seconds}");
    let made = Command::new("ffmpeg")
        .args(["-hide_banner", "-v", "error", "-f", "lavfi", "-i", &voice])
        .args(["-af", &length, "-ar", "16000", "-ac", "1"])
        .args(["-f", "s16le", "pipe:1"])
        .output()
        .await
        .context("ffmpeg is needed for the walkthrough's voice")?;
    let said = String::from_utf8_lossy(&made.stderr);
    ensure!(
        made.status.success(),
        "ffmpeg could not make the voice: {said}"
    );
    Ok(made.stdout)
}

/// A digit as samples, silence up to this length.
pub(super) async fn digit(digit: usize, seconds: f32) -> Result<Vec<u8>> {
    words(WORDS.get(digit).unwrap_or(&""), seconds).await
}

impl Recorder {
    /// Begins to record a face before a wall.
    pub(super) fn starts(selfie: &RgbImage) -> Result<Self> {
        let folder = tempfile::tempdir()?;
        let still = folder.path().join("still.png");
        before_a_wall(selfie, Rgb([90, 96, 104]), (40, 40)).save(&still)?;
        let mut command = Command::new("ffmpeg");
        command.args(["-hide_banner", "-v", "error", "-loop", "1"]);
        command
            .args(["-framerate", &FRAMES.to_string(), "-i"])
            .arg(&still);
        command.args(["-f", "s16le", "-ar", "16000", "-ac", "1"]);
        command.args([
            "-probesize",
            "32",
            "-analyzeduration",
            "0",
            "-fflags",
            "nobuffer",
        ]);
        command.args(["-i", "pipe:0", "-c:v", "libvpx", "-deadline", "realtime"]);
        command.args([
            "-cpu-used",
            "8",
            "-b:v",
            "600k",
            "-g",
            "15",
            "-pix_fmt",
            "yuv420p",
        ]);
        command.args(["-c:a", "libopus", "-shortest", "-f", "webm"]);
        command.args([
            "-cluster_time_limit",
            "500",
            "-flush_packets",
            "1",
            "pipe:1",
        ]);
        let mut child = command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .context("ffmpeg is needed for the walkthrough's camera")?;
        let speech = child.stdin.take();
        let film = child.stdout.take().context("the recording has no end")?;
        Ok(Self {
            child,
            speech,
            film,
            _folder: folder,
        })
    }

    /// Hears these samples; gives what the file grew by.
    pub(super) async fn hears(&mut self, samples: &[u8]) -> Result<Vec<u8>> {
        let speech = self.speech.as_mut().context("the recording has ended")?;
        speech.write_all(samples).await?;
        speech.flush().await?;
        self.grows().await
    }

    /// Ends; gives the rest.
    pub(super) async fn ends(mut self) -> Result<Vec<u8>> {
        drop(self.speech.take());
        let mut rest = Vec::new();
        self.film.read_to_end(&mut rest).await?;
        let ended = self.child.wait().await?;
        ensure!(ended.success(), "ffmpeg broke the recording off");
        Ok(rest)
    }

    async fn grows(&mut self) -> Result<Vec<u8>> {
        let mut all = Vec::new();
        let mut piece = vec![0; PIECE];
        let mut patience = COMES;
        while let Ok(read) = tokio::time::timeout(patience, self.film.read(&mut piece)).await {
            patience = QUIET;
            let read = read?;
            ensure!(read > 0, "ffmpeg broke the recording off");
            all.extend(piece.iter().take(read));
        }
        Ok(all)
    }
}

/// Samples of silence.
pub(super) fn silence(millis: usize) -> Vec<u8> {
    vec![0; SECOND * millis / 1000]
}

/// Milliseconds of samples.
pub(super) const fn millis_of(samples: &[u8]) -> i64 {
    (samples.len() * 1000 / SECOND) as i64
}
