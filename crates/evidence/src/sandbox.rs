//! The media tools and the walls around them: no network, no files, bounded memory, time, output.
//!
//! The input reaches a tool as an anonymous memory file and its output comes back the same way, so
//! nothing an applicant sent ever lies readable on a disk. Sizes are bounded by the kernel
//! (`RLIMIT_FSIZE`), which also spares threads that would have to drain pipes.

mod filter;
mod walls;

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::os::fd::AsRawFd as _;
use std::path::{Path, PathBuf};
use std::process::ExitStatus;
use std::sync::Arc;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::{Limits, MediaRefusal};

/// Most bytes of a tool's error output that are read back.
const MAX_ERRORS: u64 = 64 * 1024;
/// Most bytes a tool may write into one file: nine small frames, a photo, the list of packets.
pub(crate) const MAX_OUTPUT: u64 = 64 << 20;
/// Seconds for the probe that finds out whether namespaces may be made.
const PROBE_SECONDS: u32 = 5;
/// Where programs are looked for, next to `PATH`: what the sandbox binds.
const PROGRAM_FOLDER: &str = "/usr/bin";

/// A program that looks at what applicants send.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Tool {
    /// Decodes video and sound.
    Ffmpeg,
    /// Reads what a container holds.
    Ffprobe,
    /// Reads writing.
    Tesseract,
    /// Decodes HEIC and AVIF.
    HeifConvert,
    /// Draws the pages of a PDF.
    PdfToPpm,
    /// Reads how many pages a PDF has.
    PdfInfo,
}

impl Tool {
    const ALL: [Self; 6] = [
        Self::Ffmpeg,
        Self::Ffprobe,
        Self::Tesseract,
        Self::HeifConvert,
        Self::PdfToPpm,
        Self::PdfInfo,
    ];

    /// The program's name.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Ffmpeg => "ffmpeg",
            Self::Ffprobe => "ffprobe",
            Self::Tesseract => "tesseract",
            Self::HeifConvert => "heif-convert",
            Self::PdfToPpm => "pdftoppm",
            Self::PdfInfo => "pdfinfo",
        }
    }
}

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
    programs: BTreeMap<Tool, PathBuf>,
    prlimit: Option<PathBuf>,
    bwrap: Option<PathBuf>,
    sandbox: Sandbox,
    /// The system call filter, where the kernel takes it.
    filter: Option<Arc<[u8]>>,
}

/// The tools as `doctor` reports them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ToolsReport {
    /// Is `ffmpeg` there?
    pub ffmpeg: bool,
    /// Is `ffprobe` there?
    pub ffprobe: bool,
    /// Is `tesseract` there?
    pub tesseract: bool,
    /// Is `heif-convert` there?
    pub heif_convert: bool,
    /// Is `pdftoppm` there?
    pub pdftoppm: bool,
    /// Is `pdfinfo` there?
    pub pdfinfo: bool,
    /// Is `prlimit` there?
    pub prlimit: bool,
    /// Is `bwrap` there?
    pub bwrap: bool,
    /// The walls that can be built.
    pub sandbox: Sandbox,
    /// True if tools also run under a system call filter.
    pub filter: bool,
    /// True if videos can be looked at.
    pub video: bool,
    /// True if writing can be read.
    pub reading: bool,
    /// True if HEIC and AVIF photos can be opened.
    pub heic: bool,
    /// True if the pages of a PDF can be drawn.
    pub pdf: bool,
}

/// One run of a tool. Its arguments name the input by [`INPUT`], the folder of the extra files by
/// [`FILES`], and a file that comes back as the output, if it is not written to standard output,
/// by [`OUTPUT`].
pub(crate) struct Run<'a> {
    pub(crate) tool: Tool,
    pub(crate) input: &'a [u8],
    pub(crate) arguments: &'a [&'a str],
    /// Extra files the tool may read; all must lie in one folder.
    pub(crate) files: &'a [&'a Path],
}

/// What a tool wrote before it ended well or badly.
pub(crate) struct Ran {
    pub(crate) status: ExitStatus,
    pub(crate) output: Vec<u8>,
    pub(crate) errors: String,
}

/// Stands for the input in a tool's arguments.
pub(crate) const INPUT: &str = "{in}";
/// Stands for the folder of the extra files.
pub(crate) const FILES: &str = "{files}";
/// Stands for standard output where a tool wants a file's name; `.jpg` or `.png` must follow.
pub(crate) const OUTPUT: &str = "{out}";

/// Where input, extra files and output are, as the tool sees it.
struct Places {
    input: &'static str,
    files: String,
}

impl Places {
    fn inside() -> Self {
        Self {
            input: "/in",
            files: walls::FILES.to_owned(),
        }
    }

    fn outside(files: &[&Path]) -> Self {
        let folder = files.first().and_then(|file| file.parent());
        Self {
            input: "/proc/self/fd/0",
            files: folder.map_or_else(String::new, |folder| folder.to_string_lossy().into()),
        }
    }

    fn put(&self, word: &str) -> OsString {
        let word = word
            .replace(INPUT, self.input)
            .replace(OUTPUT, walls::OUTPUT);
        word.replace(FILES, &self.files).into()
    }
}

impl MediaTools {
    /// Looks for the tools in `/usr/bin` and tries whether namespaces may be made.
    #[must_use]
    pub fn find() -> Self {
        let program = |name: &str| {
            let path = Path::new(PROGRAM_FOLDER).join(name);
            path.is_file().then_some(path)
        };
        let programs = Tool::ALL.into_iter();
        let mut tools = Self {
            programs: programs
                .filter_map(|tool| Some((tool, program(tool.name())?)))
                .collect(),
            prlimit: program("prlimit"),
            bwrap: program("bwrap"),
            ..Self::none()
        };
        if tools.prlimit.is_some() {
            tools.sandbox = if tools.walls_work() {
                Sandbox::Namespaces
            } else {
                Sandbox::Rlimits
            };
        }
        if tools.sandbox == Sandbox::Namespaces {
            tools.filter = filter::program().map(Arc::from);
            if !tools.walls_work() {
                tools.filter = None;
            }
        }
        tools
    }

    /// No tools at all: every video is unavailable, and no writing is read.
    #[must_use]
    pub const fn none() -> Self {
        Self {
            programs: BTreeMap::new(),
            prlimit: None,
            bwrap: None,
            sandbox: Sandbox::Absent,
            filter: None,
        }
    }

    /// The same tools as on a machine that forbids namespaces.
    #[must_use]
    pub fn without_namespaces(mut self) -> Self {
        self.bwrap = None;
        if self.sandbox == Sandbox::Namespaces {
            self.sandbox = Sandbox::Rlimits;
        }
        self.filter = None;
        self
    }

    /// What there is, for `doctor` and for findings.
    #[must_use]
    pub fn report(&self) -> ToolsReport {
        let there = |tool| self.programs.contains_key(&tool);
        let all = |tools: &[Tool]| self.missing(tools).is_none();
        ToolsReport {
            ffmpeg: there(Tool::Ffmpeg),
            ffprobe: there(Tool::Ffprobe),
            tesseract: there(Tool::Tesseract),
            heif_convert: there(Tool::HeifConvert),
            pdftoppm: there(Tool::PdfToPpm),
            pdfinfo: there(Tool::PdfInfo),
            prlimit: self.prlimit.is_some(),
            bwrap: self.bwrap.is_some(),
            sandbox: self.sandbox,
            filter: self.filter.is_some(),
            video: all(&[Tool::Ffmpeg, Tool::Ffprobe]),
            reading: all(&[Tool::Tesseract]),
            heic: all(&[Tool::HeifConvert]),
            pdf: all(&[Tool::PdfToPpm, Tool::PdfInfo]),
        }
    }

    /// The first of these tools that is missing, or the walls if they are.
    pub(crate) fn missing(&self, tools: &[Tool]) -> Option<&'static str> {
        let absent = tools.iter().find(|tool| !self.programs.contains_key(tool));
        match absent {
            Some(tool) => Some(tool.name()),
            None if self.sandbox == Sandbox::Absent => Some("prlimit"),
            None => None,
        }
    }

    fn walls_work(&self) -> bool {
        let Some(bwrap) = &self.bwrap else {
            return false;
        };
        let limits = Limits {
            tool_wall_seconds: PROBE_SECONDS,
            ..Limits::default()
        };
        self.start(
            Some((bwrap, &[])),
            vec!["/usr/bin/true".into()],
            b"",
            &limits,
        )
        .is_ok_and(|ran| ran.status.success())
    }

    /// Runs a tool in its walls and waits for its end.
    ///
    /// # Errors
    /// Unavailable if the tool or the walls are missing, [`MediaRefusal::TooSlow`] if it did not
    /// end in time; a tool that ended badly is an answer, not an error.
    pub(crate) fn run(&self, run: &Run<'_>, limits: &Limits) -> Result<Ran, MediaRefusal> {
        let missing = |missing| MediaRefusal::ToolMissing { missing };
        let program = self.programs.get(&run.tool);
        let program = program.ok_or(missing(run.tool.name()))?;
        let (bwrap, places) = match (&self.bwrap, self.sandbox) {
            (Some(bwrap), Sandbox::Namespaces) => (Some(bwrap.as_path()), Places::inside()),
            // What wants a file's name for its output cannot be given one without namespaces.
            (_, Sandbox::Rlimits) if run.arguments.iter().all(|word| !word.contains(OUTPUT)) => {
                (None, Places::outside(run.files))
            }
            _ => return Err(missing("bwrap")),
        };
        let mut words = vec![program.into()];
        words.extend(run.arguments.iter().map(|word| places.put(word)));
        self.start(
            bwrap.map(|bwrap| (bwrap, run.files)),
            words,
            run.input,
            limits,
        )
    }

    /// Starts these words, inside namespaces if `walls` names `bwrap` and the files it lets in.
    fn start(
        &self,
        walls: Option<(&Path, &[&Path])>,
        words: Vec<OsString>,
        input: &[u8],
        limits: &Limits,
    ) -> Result<Ran, MediaRefusal> {
        let failed = |step| MediaRefusal::ToolFailed { step };
        let memory = |content| walls::memory_file(content).map_err(|_| failed("memory file"));
        let missing = "prlimit";
        let prlimit = self.prlimit.as_deref();
        let prlimit = prlimit.ok_or(MediaRefusal::ToolMissing { missing })?;
        let mut command = walls::rlimit_words(limits);
        // Lives until the tool has ended; a copy for each run, since its reader moves its place.
        let filter = match (&walls, &self.filter) {
            (Some(_), Some(steps)) => {
                Some(walls::inherited_file(steps).map_err(|_| failed("memory file"))?)
            }
            _ => None,
        };
        if let Some((bwrap, files)) = walls {
            command.push(bwrap.into());
            let number = filter.as_ref().map(|file| file.as_raw_fd());
            command.extend(walls::wall_words(files, number));
        }
        command.extend(words);
        let input = memory(input)?;
        let (mut output, mut errors) = (memory(b"")?, memory(b"")?);
        let child = walls::start(prlimit, command, input, &output, &errors);
        let mut child = child.map_err(|_| failed("start"))?;
        let most = Duration::from_secs(limits.tool_wall_seconds.into());
        let status = walls::wait(&mut child, most)?;
        let output = walls::read_back(&mut output, MAX_OUTPUT).map_err(|_| failed("output"))?;
        let errors = walls::read_back(&mut errors, MAX_ERRORS).map_err(|_| failed("output"))?;
        Ok(Ran {
            status,
            output,
            errors: String::from_utf8_lossy(&errors).into_owned(),
        })
    }
}
