//! Fetching: from a server on this machine that misbehaves on purpose, and from local folders.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing)]
#![allow(clippy::panic, clippy::print_stderr)]

mod support;

use std::fs;
use std::io::{BufRead as _, BufReader, Write as _};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

use data_encoding::HEXLOWER;
use models::{Event, Fetch, Fetched, FileState, Manifest, ModelSet};
use sha2::{Digest, Sha256, Sha384};
use support::{checkpoint, ir, onnx, shared_models};

const CONTENT: &[u8] = b"0123456789abcdef";

/// How the server answers one request.
#[derive(Clone, Copy)]
enum Answer {
    /// The file, or the part that was asked for.
    Right,
    /// The whole file, whatever was asked for.
    Whole,
    /// Announces all, sends ten bytes, hangs up.
    Cut,
    /// Other bytes of the same length.
    Other,
    /// More than was announced by the manifest, without saying how much.
    Endless,
    Status(u16),
}

/// Answers the requests in turn; gives its address, and afterwards the ranges that were asked for.
fn server(answers: Vec<Answer>) -> (String, Receiver<Option<String>>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    let (sender, ranges) = channel();
    #[allow(clippy::disallowed_methods, reason = "ends with the list of answers")]
    std::thread::spawn(move || {
        for answer in answers {
            let (stream, _) = listener.accept().unwrap();
            let range = asked(&stream);
            reply(stream, answer, range.as_deref());
            let _ = sender.send(range);
        }
    });
    (address, ranges)
}

fn asked(stream: &TcpStream) -> Option<String> {
    let lines = BufReader::new(stream).lines().map_while(Result::ok);
    let lines: Vec<String> = lines.take_while(|line| !line.is_empty()).collect();
    lines.iter().find_map(|line| {
        line.to_lowercase()
            .strip_prefix("range: bytes=")
            .map(str::to_owned)
    })
}

fn reply(mut stream: TcpStream, answer: Answer, range: Option<&str>) {
    let begin = range.map_or(0, |range| range.trim_end_matches('-').parse().unwrap());
    let head = |status: u16, length: usize, more: &str| {
        format!(
            "HTTP/1.1 {status} x\r\ncontent-length: {length}\r\nconnection: close\r\n{more}\r\n"
        )
    };
    let all = CONTENT.len();
    let (head, body) = match answer {
        Answer::Right if begin > 0 => {
            let more = format!("content-range: bytes {begin}-{}/{all}\r\n", all - 1);
            (head(206, all - begin, &more), CONTENT[begin..].to_vec())
        }
        Answer::Right | Answer::Whole => (head(200, all, ""), CONTENT.to_vec()),
        Answer::Cut => (head(200, all, ""), CONTENT[..10].to_vec()),
        Answer::Other => (head(200, all, ""), vec![b'x'; all]),
        Answer::Endless => {
            let head = "HTTP/1.1 200 x\r\nconnection: close\r\n\r\n".to_owned();
            (head, vec![b'x'; 1_000_000])
        }
        Answer::Status(status) => (head(status, 0, ""), Vec::new()),
    };
    let _ = stream
        .write_all(head.as_bytes())
        .and_then(|()| stream.write_all(&body));
}

/// A manifest of one file that is not run, at that address.
fn manifest(address: &str) -> Manifest {
    let (sha256, sha384) = (Sha256::digest(CONTENT), Sha384::digest(CONTENT));
    let text = format!(
        r#"version = 1
[[model]]
name = "tiny"
role = "ocr_mrz"
file = "mrz/tiny.data"
sha256 = "{}"
bytes = {}
licence = "MIT"
decoder = "file"
preprocessing = "none"
source = {{ repository = "a/b", path = "c", conversion = "none" }}
[[model.original]]
file = "tiny.raw"
urls = ["{address}/tiny.raw"]
sha384 = "{}"
"#,
        HEXLOWER.encode(&sha256),
        CONTENT.len(),
        HEXLOWER.encode(&sha384)
    );
    Manifest::parse(&text).unwrap()
}

/// Fetches and returns what came of it, and the words of each failure.
fn fetch(manifest: &Manifest, to: &Path, from: Option<&Path>) -> (Fetched, Vec<String>) {
    let mut failures = Vec::new();
    let fetch = Fetch {
        manifest,
        to,
        from,
        only: None,
        connect: Duration::from_secs(2),
    };
    let fetched = fetch.run(&mut |event| {
        if let Event::Failed(_, error) = event {
            failures.push(error.to_string());
        }
    });
    (fetched, failures)
}

#[test]
fn a_file_comes_once_and_is_not_asked_for_again() {
    let (address, _ranges) = server(vec![Answer::Right]);
    let manifest = manifest(&address);
    let to = tempfile::tempdir().unwrap();
    let (first, _) = fetch(&manifest, to.path(), None);
    assert_eq!((first.done, first.present, first.failed.len()), (1, 0, 0));
    assert_eq!(fs::read(to.path().join("mrz/tiny.data")).unwrap(), CONTENT);
    let (again, _) = fetch(&manifest, to.path(), None);
    assert_eq!((again.done, again.present, again.failed.len()), (0, 1, 0));
    // Nothing else is left.
    let left: Vec<_> = fs::read_dir(to.path())
        .unwrap()
        .map(|e| e.unwrap().file_name())
        .collect();
    assert_eq!(left, ["mrz"]);
}

#[test]
fn a_broken_download_goes_on_where_it_broke_off() {
    for (second, range) in [(Answer::Right, "10-"), (Answer::Whole, "10-")] {
        let (address, ranges) = server(vec![Answer::Cut, second]);
        let manifest = manifest(&address);
        let to = tempfile::tempdir().unwrap();
        let (first, words) = fetch(&manifest, to.path(), None);
        assert_eq!(first.failed, [("tiny".to_owned(), false)]);
        assert!(words[0].contains("broke off after 10 bytes"), "{words:?}");
        let (next, words) = fetch(&manifest, to.path(), None);
        assert_eq!(next.done, 1, "{words:?}");
        let asked: Vec<_> = ranges.iter().collect();
        assert_eq!(asked, [None, Some(range.to_owned())]);
    }
}

#[test]
fn a_rest_of_something_else_is_thrown_away() {
    let (address, ranges) = server(vec![Answer::Right, Answer::Right]);
    let manifest = manifest(&address);
    let to = tempfile::tempdir().unwrap();
    fs::create_dir(to.path().join("originals")).unwrap();
    fs::write(to.path().join("originals/tiny.raw.part"), b"zzzz").unwrap();
    let (fetched, words) = fetch(&manifest, to.path(), None);
    assert_eq!(fetched.done, 1, "{words:?}");
    assert_eq!(
        ranges.iter().collect::<Vec<_>>(),
        [Some("4-".to_owned()), None]
    );
}

#[test]
fn what_is_wrong_is_not_taken_and_not_kept() {
    let cases = [
        (Answer::Other, "has digest"),
        (Answer::Endless, "longer than 16 bytes"),
        (Answer::Status(404), "answered 404"),
        (Answer::Status(500), "answered 500"),
    ];
    for (answer, expected) in cases {
        let (address, _ranges) = server(vec![answer]);
        let to = tempfile::tempdir().unwrap();
        let (fetched, words) = fetch(&manifest(&address), to.path(), None);
        assert_eq!((fetched.done, fetched.failed.len()), (0, 1));
        assert!(words[0].contains(expected), "{words:?}");
        assert!(!to.path().join("mrz/tiny.data").exists());
        assert!(!to.path().join("originals").exists(), "{words:?}");
    }
}

#[test]
fn without_a_network_it_says_what_to_do_and_asks_each_server_once() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    drop(listener);
    let mut manifest = manifest(&address);
    let mut second = manifest.models[0].clone();
    "other".clone_into(&mut second.name);
    "other.data".clone_into(&mut second.file);
    manifest.models.push(second);
    let to = tempfile::tempdir().unwrap();
    let (fetched, words) = fetch(&manifest, to.path(), None);
    assert_eq!(fetched.failed.len(), 2);
    for words in &words {
        assert!(words.contains("could not reach 127.0.0.1:"), "{words}");
        assert!(words.contains("use --from DIR"), "{words}");
    }
    assert_eq!(words[0], words[1]);
}

#[test]
fn local_folders_hold_originals_or_finished_files() {
    let manifest = manifest("http://127.0.0.1:1");
    for place in ["tiny.raw", "tiny.data", "mrz/tiny.data"] {
        let (from, to) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let (fetched, words) = fetch(&manifest, to.path(), Some(from.path()));
        assert_eq!(fetched.done, 0);
        assert!(
            words[0].contains("neither mrz/tiny.data nor its original tiny.raw"),
            "{words:?}"
        );
        fs::create_dir(from.path().join("mrz")).unwrap();
        fs::write(from.path().join(place), b"0123456789abcdeX").unwrap();
        assert_eq!(fetch(&manifest, to.path(), Some(from.path())).0.done, 0);
        fs::write(from.path().join(place), CONTENT).unwrap();
        let (fetched, words) = fetch(&manifest, to.path(), Some(from.path()));
        assert_eq!(fetched.done, 1, "{words:?}");
    }
}

#[test]
fn finished_files_are_taken_from_a_folder() {
    let Some(dir) = shared_models() else { return };
    let manifest = Manifest::built_in().unwrap();
    let to = tempfile::tempdir().unwrap();
    let (fetched, words) = fetch(&manifest, to.path(), Some(&dir));
    assert_eq!(fetched.done, manifest.models.len(), "{words:?}");
    let set = ModelSet::open(to.path()).unwrap();
    for spec in &manifest.models {
        if let Some(agreement) = set.agreement(spec).unwrap() {
            assert!(agreement.holds(), "{}: {agreement:?}", spec.name);
        }
    }
}

/// The built-in manifest, but with the digests of originals that the tests made.
fn with_originals(from: &Path, dir: &Path) -> Manifest {
    let mut manifest = Manifest::built_in().unwrap();
    manifest
        .models
        .retain(|model| model.convert != models::Conversion::None);
    for model in &mut manifest.models {
        let onnx = onnx::read(&fs::read(dir.join(&model.file)).unwrap());
        let files = if model.originals.len() == 2 {
            let (xml, bin) = ir::from_onnx(&onnx);
            vec![xml, bin]
        } else {
            vec![checkpoint::plain(&checkpoint::from_onnx(&onnx))]
        };
        for (original, file) in model.originals.iter_mut().zip(files) {
            original.sha256 = Some(HEXLOWER.encode(&Sha256::digest(&file)));
            original.bytes = None;
            fs::write(from.join(&original.file), file).unwrap();
        }
    }
    manifest
}

#[test]
fn a_conversion_with_other_bytes_is_taken_by_its_outputs_and_its_digest_kept() {
    let Some(dir) = shared_models() else { return };
    let (from, to) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let manifest = with_originals(from.path(), &dir);
    let (fetched, words) = fetch(&manifest, to.path(), Some(from.path()));
    assert_eq!(fetched.done, 4, "{words:?}");
    let states = || ModelSet::inspect(to.path(), &manifest);
    assert!(states().iter().all(|(_, state)| *state == FileState::Good));
    let (again, _) = fetch(&manifest, to.path(), Some(from.path()));
    assert_eq!(again.present, 4);
    // The record is what makes it good, and one changed byte makes it wrong.
    let file = to.path().join("face_reid_0095.onnx");
    let record = to.path().join("face_reid_0095.onnx.sha256");
    let bytes = fs::read(&file).unwrap();
    let mut changed = bytes.clone();
    changed[2_000_000] ^= 1;
    fs::write(&file, &changed).unwrap();
    let wrong = ("face_reid_0095".to_owned(), FileState::Wrong);
    assert!(states().contains(&wrong));
    fs::write(&file, &bytes).unwrap();
    fs::remove_file(&record).unwrap();
    assert!(states().contains(&wrong));
}

#[test]
fn a_conversion_with_other_outputs_is_refused() {
    let Some(dir) = shared_models() else { return };
    let (from, to) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let mut manifest = with_originals(from.path(), &dir);
    // The weights of the other liveness model under this one's name.
    manifest
        .models
        .retain(|model| model.name.starts_with("minifasnet"));
    let other = manifest.models[1].originals[0].clone();
    manifest.models[0].originals = vec![other];
    manifest.models.truncate(1);
    let (fetched, words) = fetch(&manifest, to.path(), Some(from.path()));
    assert_eq!(fetched.failed.len(), 1);
    assert!(words[0].contains("differs from the reference"), "{words:?}");
    assert!(!to.path().join(&manifest.models[0].file).exists());
}
