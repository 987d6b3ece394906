//! One file over HTTP, going on where an earlier attempt broke off.

use std::fs::{File, OpenOptions};
use std::io::{Read, Write};
use std::path::Path;
use std::time::Duration;

use ureq::Agent;
use ureq::http::Response;
use ureq::http::header::{CONTENT_LENGTH, CONTENT_RANGE, RANGE};

use super::{FetchError, MAX_ORIGINAL_BYTES};

/// Longest time for one file: 4 MB on a line of 100 kbit/s.
const WHOLE: Duration = Duration::from_secs(600);
/// Longest silence of a server.
const SILENCE: Duration = Duration::from_secs(20);
/// Most redirections.
const REDIRECTIONS: u32 = 5;
/// Bytes between two reports.
const CHUNK: usize = 64 * 1024;

/// How much has come, and of how much.
type Progress<'a> = &'a mut dyn FnMut(u64, Option<u64>);

/// Gets files; remembers which servers cannot be reached.
pub(super) struct Downloader {
    connect: Duration,
    unreachable: Vec<(String, String)>,
}

impl Downloader {
    pub(super) const fn new(connect: Duration) -> Self {
        Self {
            connect,
            unreachable: Vec::new(),
        }
    }

    /// Brings `part` to its full length: `length`, or what the server says.
    pub(super) fn get(
        &mut self,
        url: &str,
        part: &Path,
        length: Option<u64>,
        progress: Progress<'_>,
    ) -> Result<(), FetchError> {
        let host = host(url);
        if let Some((host, problem)) = self.unreachable.iter().find(|(known, _)| *known == host) {
            return Err(FetchError::Unreachable {
                host: host.clone(),
                problem: problem.clone(),
            });
        }
        let there = part.metadata().map_or(0, |found| found.len());
        if length == Some(there) {
            return Ok(());
        }
        let response = match self.request(url, there) {
            // The part is as long as the whole, or longer: it begins anew.
            Ok(response) if response.status() == 416 => self.request(url, 0),
            other => other,
        };
        let response = response.map_err(|error| {
            let problem = error.to_string();
            self.unreachable.push((host.clone(), problem.clone()));
            FetchError::Unreachable { host, problem }
        })?;
        let status = response.status().as_u16();
        let begin = match status {
            200 => 0,
            206 if first_byte(&response) == Some(there) => there,
            _ => {
                let url = url.to_owned();
                return Err(FetchError::Refused { url, status });
            }
        };
        receive(response, part, begin, length, progress)
    }

    fn request(&self, url: &str, begin: u64) -> Result<Response<ureq::Body>, ureq::Error> {
        let agent: Agent = Agent::config_builder()
            .https_only(url.starts_with("https://"))
            .http_status_as_error(false)
            .max_redirects(REDIRECTIONS)
            .timeout_resolve(Some(self.connect))
            .timeout_connect(Some(self.connect))
            .timeout_recv_response(Some(SILENCE))
            .timeout_per_read(Some(SILENCE))
            .timeout_global(Some(WHOLE))
            .user_agent("regain")
            .build()
            .into();
        let request = agent.get(url);
        let request = match begin {
            0 => request,
            begin => request.header(RANGE, format!("bytes={begin}-")),
        };
        request.call()
    }
}

fn receive(
    response: Response<ureq::Body>,
    part: &Path,
    begin: u64,
    length: Option<u64>,
    progress: Progress<'_>,
) -> Result<(), FetchError> {
    let file = part
        .file_stem()
        .unwrap_or_default()
        .to_string_lossy()
        .into_owned();
    let announced = header(&response, CONTENT_LENGTH).and_then(|text| text.parse::<u64>().ok());
    let announced = announced.and_then(|rest| rest.checked_add(begin));
    let bound = length.unwrap_or(MAX_ORIGINAL_BYTES);
    if announced.is_some_and(|all| all > bound) {
        return Err(FetchError::TooLong { file, bound });
    }
    let of = length.or(announced);
    let opened = OpenOptions::new().create(true).append(true).open(part);
    let written = |error| FetchError::file(part, error);
    let mut target = opened.map_err(written)?;
    target.set_len(begin).map_err(written)?;
    let mut received = begin;
    let mut body = response.into_body().into_reader();
    let mut chunk = vec![0; CHUNK];
    progress(received, of);
    loop {
        let read = body.read(&mut chunk);
        let interrupted = |problem: String| FetchError::Interrupted {
            file: file.clone(),
            received,
            problem,
        };
        let count = read.map_err(|error| interrupted(error.to_string()))?;
        if count == 0 {
            break;
        }
        received = received.saturating_add(u64::try_from(count).unwrap_or(u64::MAX));
        if received > bound {
            return Err(FetchError::TooLong { file, bound });
        }
        let came = chunk.get(..count).unwrap_or_default();
        target.write_all(came).map_err(written)?;
        progress(received, of);
    }
    finish(&target, part)?;
    match of {
        Some(all) if received < all => Err(FetchError::Interrupted {
            file,
            received,
            problem: format!("{all} were to come"),
        }),
        _ => Ok(()),
    }
}

fn finish(target: &File, part: &Path) -> Result<(), FetchError> {
    target
        .sync_all()
        .map_err(|error| FetchError::file(part, error))
}

fn header(response: &Response<ureq::Body>, name: ureq::http::HeaderName) -> Option<&str> {
    response.headers().get(name)?.to_str().ok()
}

/// Where the answer to a request for a range begins.
fn first_byte(response: &Response<ureq::Body>) -> Option<u64> {
    let range = header(response, CONTENT_RANGE)?.strip_prefix("bytes ")?;
    range.split_once('-')?.0.parse().ok()
}

/// The server's name of an address.
fn host(url: &str) -> String {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    rest.split('/').next().unwrap_or(rest).to_owned()
}
