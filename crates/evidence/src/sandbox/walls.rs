//! The command line of the walls, memory files, and a child that is waited for in bounded steps.

use std::ffi::OsString;
use std::fs::File;
use std::io::{Read as _, Seek as _, SeekFrom, Write as _};
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::Duration;

use super::{MAX_OUTPUT, PROGRAM_FOLDER};
use crate::{Limits, MediaRefusal};

/// Pause between two looks at a running tool.
const POLL: Duration = Duration::from_millis(5);

/// An anonymous file in memory with this content, at its beginning.
pub(super) fn memory_file(content: &[u8]) -> std::io::Result<File> {
    filled(rustix::fs::MemfdFlags::CLOEXEC, content)
}

/// The same, but children inherit its number: for what `bwrap` is told by number. Another child
/// started meanwhile would inherit it too, so it must not hold anything personal.
pub(super) fn inherited_file(content: &[u8]) -> std::io::Result<File> {
    filled(rustix::fs::MemfdFlags::empty(), content)
}

fn filled(flags: rustix::fs::MemfdFlags, content: &[u8]) -> std::io::Result<File> {
    let mut file = File::from(rustix::fs::memfd_create("evidence", flags)?);
    file.write_all(content)?;
    file.seek(SeekFrom::Start(0))?;
    Ok(file)
}

pub(super) fn read_back(file: &mut File, most: u64) -> std::io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    file.seek(SeekFrom::Start(0))?;
    file.take(most).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// Bounds by the kernel; `fsize` must also hold the input, which bwrap copies into its own root.
pub(super) fn rlimit_words(limits: &Limits) -> Vec<OsString> {
    let file = limits.video_bytes.max(MAX_OUTPUT);
    vec![
        format!("--as={}", limits.tool_memory).into(),
        format!("--cpu={}", limits.tool_cpu_seconds).into(),
        format!("--fsize={file}").into(),
        "--nofile=64".into(),
        "--core=0".into(),
    ]
}

/// Where an extra file lies inside the walls.
pub(super) const FILES: &str = "/files";

/// What a tool that wants a file's name for its output writes to: a link to standard output.
pub(super) const OUTPUT: &str = "/tmp/out";

/// A root of its own with the tools, these extra files, and nothing else; standard input is copied
/// to `/in`. `filter` is the number of an inherited file with a system call filter.
pub(super) fn wall_words(files: &[&Path], filter: Option<i32>) -> Vec<OsString> {
    let words = "--unshare-all --die-with-parent --new-session --cap-drop ALL --clearenv \
         --setenv PATH /usr/bin --setenv OMP_THREAD_LIMIT 1 --ro-bind /usr /usr \
         --symlink usr/lib /lib --symlink usr/lib64 /lib64 --symlink usr/bin /bin \
         --ro-bind-try /etc/alternatives /etc/alternatives \
         --ro-bind-try /etc/ld.so.cache /etc/ld.so.cache --dev /dev --proc /proc --tmpfs /tmp \
         --symlink /proc/self/fd/1 /tmp/out.jpg --symlink /proc/self/fd/1 /tmp/out.png \
         --ro-bind-data 0 /in --chdir /tmp";
    let mut words: Vec<OsString> = words.split_whitespace().map(OsString::from).collect();
    for file in files {
        if let Some(name) = file.file_name() {
            let inside = Path::new(FILES).join(name);
            words.extend(["--ro-bind".into(), file.into(), inside.into()]);
        }
    }
    if let Some(number) = filter {
        words.extend(["--seccomp".into(), number.to_string().into()]);
    }
    words.push("--".into());
    words
}

#[allow(
    clippy::disallowed_methods,
    reason = "the media tools are the one thing evidence starts"
)]
pub(super) fn start(
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
        // One thread: the machine's cores belong to the worker's threads.
        .env("OMP_THREAD_LIMIT", "1")
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
pub(super) fn wait(child: &mut Child, most: Duration) -> Result<ExitStatus, MediaRefusal> {
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
