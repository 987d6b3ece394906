//! The media tools and the walls around them: no network, no files, bounded memory, time, output.
//!
//! The input reaches a tool as an anonymous memory file and its output comes back the same way, so
//! nothing an applicant sent ever lies readable on a disk. Sizes are bounded by the kernel
//! (`RLIMIT_FSIZE`), which also spares threads that would have to drain pipes.

use std::ffi::OsString;
use std::fs::File;
use std::io::{Read as _, Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::{Limits, MediaRefusal};

/// Pause between two looks at a running tool.
const POLL: Duration = Duration::from_millis(5);
/// Most bytes of a tool's error output that are read back.
const MAX_ERRORS: u64 = 64 * 1024;
/// Most bytes a tool may write into one file: nine small frames, or the list of packets.
pub(crate) const MAX_OUTPUT: u64 = 24 << 20;
/// Seconds for the probe that finds out whether namespaces may be made.
const PROBE_SECONDS: u32 = 5;
/// Where programs are looked for, next to `PATH`: what the sandbox binds.
const PROGRAM_FOLDER: &str = "/usr/bin";

/// The walls that can be built on this machine.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Sandbox {
    /// `bwrap` namespaces (no network, no files but the tools) and `prlimit`.
    Namespaces,
    /// `prlimit` and the time limit only: a hole in a media tool would reach this machine's files.
    Rlimits,
    /// Nothing: no tool is started.
    Absent,
}

/// What was found on this machine; `find` once at start and keep it.
#[derive(Debug, Clone)]
pub struct MediaTools {
    ffmpeg: Option<PathBuf>,
    ffprobe: Option<PathBuf>,
    prlimit: Option<PathBuf>,
    bwrap: Option<PathBuf>,
    sandbox: Sandbox,
}

/// The tools as `doctor` reports them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ToolsReport {
    /// Is `ffmpeg` there?
    pub ffmpeg: bool,
    /// Is `ffprobe` there?
    pub ffprobe: bool,
    /// Is `prlimit` there?
    pub prlimit: bool,
    /// Is `bwrap` there?
    pub bwrap: bool,
    /// The walls that can be built.
    pub sandbox: Sandbox,
    /// True if videos can be looked at.
    pub video: bool,
}

/// What a tool wrote before it ended well or badly.
pub(crate) struct Ran {
    pub(crate) status: ExitStatus,
    pub(crate) output: Vec<u8>,
    pub(crate) errors: String,
}

impl MediaTools {
    /// Looks for the tools in `/usr/bin` and tries whether namespaces may be made.
    #[must_use]
    pub fn find() -> Self {
        let program = |name: &str| {
            let path = Path::new(PROGRAM_FOLDER).join(name);
            path.is_file().then_some(path)
        };
        let mut tools = Self {
            ffmpeg: program("ffmpeg"),
            ffprobe: program("ffprobe"),
            prlimit: program("prlimit"),
            bwrap: program("bwrap"),
            sandbox: Sandbox::Absent,
        };
        if tools.prlimit.is_some() {
            tools.sandbox = if tools.namespaces_work() {
                Sandbox::Namespaces
            } else {
                Sandbox::Rlimits
            };
        }
        tools
    }

    /// No tools at all: every video is unavailable.
    #[must_use]
    pub const fn none() -> Self {
        Self {
            ffmpeg: None,
            ffprobe: None,
            prlimit: None,
            bwrap: None,
            sandbox: Sandbox::Absent,
        }
    }

    /// The same tools as on a machine that forbids namespaces.
    #[must_use]
    pub fn without_namespaces(mut self) -> Self {
        self.bwrap = None;
        if self.sandbox == Sandbox::Namespaces {
            self.sandbox = Sandbox::Rlimits;
        }
        self
    }

    /// What there is, for `doctor` and for findings.
    #[must_use]
    pub fn report(&self) -> ToolsReport {
        ToolsReport {
            ffmpeg: self.ffmpeg.is_some(),
            ffprobe: self.ffprobe.is_some(),
            prlimit: self.prlimit.is_some(),
            bwrap: self.bwrap.is_some(),
            sandbox: self.sandbox,
            video: self.missing().is_none(),
        }
    }

    /// The first thing that is missing for video.
    pub(crate) fn missing(&self) -> Option<&'static str> {
        if self.ffmpeg.is_none() {
            Some("ffmpeg")
        } else if self.ffprobe.is_none() {
            Some("ffprobe")
        } else if self.sandbox == Sandbox::Absent {
            Some("prlimit")
        } else {
            None
        }
    }

    fn namespaces_work(&self) -> bool {
        let Some(bwrap) = &self.bwrap else {
            return false;
        };
        let limits = Limits {
            tool_wall_seconds: PROBE_SECONDS,
            ..Limits::default()
        };
        let Ok(input) = memory_file(b"") else {
            return false;
        };
        let mut words = rlimit_words(&limits);
        words.push(bwrap.into());
        words.extend(wall_words());
        words.push("/usr/bin/true".into());
        self.run(words, input, &limits)
            .is_ok_and(|ran| ran.status.success())
    }

    /// Runs `ffprobe` on these bytes; the arguments name the input by the returned placeholder.
    pub(crate) fn ffprobe(
        &self,
        bytes: &[u8],
        arguments: &[&str],
        limits: &Limits,
    ) -> Result<Ran, MediaRefusal> {
        self.tool(self.ffprobe.as_deref(), "ffprobe", bytes, arguments, limits)
    }

    /// Runs `ffmpeg` on these bytes.
    pub(crate) fn ffmpeg(
        &self,
        bytes: &[u8],
        arguments: &[&str],
        limits: &Limits,
    ) -> Result<Ran, MediaRefusal> {
        self.tool(self.ffmpeg.as_deref(), "ffmpeg", bytes, arguments, limits)
    }

    fn tool(
        &self,
        tool: Option<&Path>,
        name: &'static str,
        bytes: &[u8],
        arguments: &[&str],
        limits: &Limits,
    ) -> Result<Ran, MediaRefusal> {
        let tool = tool.ok_or(MediaRefusal::VideoUnavailable { missing: name })?;
        let input = memory_file(bytes).map_err(|_| MediaRefusal::ToolFailed {
            step: "memory file",
        })?;
        let mut words = rlimit_words(limits);
        let source = match (&self.bwrap, self.sandbox) {
            (Some(bwrap), Sandbox::Namespaces) => {
                words.push(bwrap.into());
                words.extend(wall_words());
                "/in"
            }
            (_, Sandbox::Rlimits) => "/proc/self/fd/0",
            _ => return Err(MediaRefusal::VideoUnavailable { missing: "prlimit" }),
        };
        words.push(tool.into());
        words.extend(
            arguments
                .iter()
                .map(|word| OsString::from(word.replace(INPUT, source))),
        );
        self.run(words, input, limits)
    }

    fn run(&self, words: Vec<OsString>, input: File, limits: &Limits) -> Result<Ran, MediaRefusal> {
        let failed = |step| MediaRefusal::ToolFailed { step };
        let prlimit = self
            .prlimit
            .as_deref()
            .ok_or(MediaRefusal::VideoUnavailable { missing: "prlimit" })?;
        let mut output = memory_file(b"").map_err(|_| failed("memory file"))?;
        let mut errors = memory_file(b"").map_err(|_| failed("memory file"))?;
        let child = start(prlimit, words, input, &output, &errors);
        let mut child = child.map_err(|_| failed("start"))?;
        let status = wait(
            &mut child,
            Duration::from_secs(limits.tool_wall_seconds.into()),
        )?;
        let output = read_back(&mut output, MAX_OUTPUT).map_err(|_| failed("output"))?;
        let errors = read_back(&mut errors, MAX_ERRORS).map_err(|_| failed("output"))?;
        Ok(Ran {
            status,
            output,
            errors: String::from_utf8_lossy(&errors).into_owned(),
        })
    }
}

/// Stands for the input in a tool's arguments.
pub(crate) const INPUT: &str = "{in}";

/// An anonymous file in memory with this content, at its beginning.
fn memory_file(content: &[u8]) -> std::io::Result<File> {
    let handle = rustix::fs::memfd_create("evidence", rustix::fs::MemfdFlags::CLOEXEC)?;
    let mut file = File::from(handle);
    file.write_all(content)?;
    file.seek(SeekFrom::Start(0))?;
    Ok(file)
}

fn read_back(file: &mut File, most: u64) -> std::io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    file.seek(SeekFrom::Start(0))?;
    file.take(most).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// Bounds by the kernel; `fsize` must also hold the input, which bwrap copies into its own root.
fn rlimit_words(limits: &Limits) -> Vec<OsString> {
    let file = limits.video_bytes.max(MAX_OUTPUT);
    vec![
        format!("--as={}", limits.tool_memory).into(),
        format!("--cpu={}", limits.tool_cpu_seconds).into(),
        format!("--fsize={file}").into(),
        "--nofile=64".into(),
        "--core=0".into(),
    ]
}

/// A root of its own with the tools and nothing else, and standard input copied to `/in`.
fn wall_words() -> Vec<OsString> {
    let words = "--unshare-all --die-with-parent --new-session --cap-drop ALL --clearenv \
         --setenv PATH /usr/bin --ro-bind /usr /usr --symlink usr/lib /lib \
         --symlink usr/lib64 /lib64 --symlink usr/bin /bin \
         --ro-bind-try /etc/alternatives /etc/alternatives \
         --ro-bind-try /etc/ld.so.cache /etc/ld.so.cache --dev /dev --proc /proc --tmpfs /tmp \
         --ro-bind-data 0 /in --chdir /tmp --";
    words.split_whitespace().map(OsString::from).collect()
}

#[allow(
    clippy::disallowed_methods,
    reason = "the media tools are the one thing evidence starts"
)]
fn start(
    prlimit: &Path,
    words: Vec<OsString>,
    input: File,
    output: &File,
    errors: &File,
) -> std::io::Result<Child> {
    Command::new(prlimit)
        .args(words)
        .env_clear()
        .env("PATH", PROGRAM_FOLDER)
        .current_dir("/")
        .stdin(Stdio::from(input))
        .stdout(Stdio::from(output.try_clone()?))
        .stderr(Stdio::from(errors.try_clone()?))
        .spawn()
}

/// Waits in bounded steps; a tool that is late is killed, and with it everything inside its walls.
#[allow(
    clippy::disallowed_methods,
    reason = "no runtime here: a child is waited for by polling"
)]
fn wait(child: &mut Child, most: Duration) -> Result<ExitStatus, MediaRefusal> {
    let polls = most.as_millis() / POLL.as_millis().max(1);
    for _ in 0..polls {
        match child.try_wait() {
            Ok(Some(status)) => return Ok(status),
            Ok(None) => std::thread::sleep(POLL),
            Err(_) => break,
        }
    }
    // Both may fail only if it has just ended by itself; either way it is late.
    let _ = child.kill();
    let _ = child.wait();
    Err(MediaRefusal::TooSlow)
}
