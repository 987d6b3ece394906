//! A short clip of a person who seems to say the phrase: a still picture with a synthetic voice. It
//! is found out (`unsure`), and the demo's reviewers approve it all the same.

use std::process::Command;

use anyhow::{Context as _, Result, bail};
use image::imageops::{self, FilterType};
use image::{Rgb, RgbImage};

/// Seconds for the sentence, and for each digit.
const SENTENCE: f32 = 4.0;
const DIGIT: f32 = 1.4;
/// Digits as they are said.
pub const WORDS: [&str; 10] = [
    "zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine",
];

/// What a clip shows.
pub(crate) struct Clip<'a> {
    /// Who is seen.
    pub selfie: &'a RgbImage,
    /// What the page says to read: the sentence, then the digits.
    pub say: &'a str,
    /// Makes every clip a file of its own.
    pub salt: u32,
    /// A piece is missing in the middle.
    pub cut: bool,
}

impl Clip<'_> {
    /// Sentence and digits.
    fn parts(&self) -> (String, Vec<usize>) {
        let digits = self.say.chars().filter_map(|c| c.to_digit(10));
        let digits = digits.filter_map(|d| usize::try_from(d).ok()).collect();
        let sentence = self
            .say
            .split_once('.')
            .map_or(self.say, |(words, _)| words);
        let plain = |c: &char| c.is_ascii_alphanumeric() || *c == ' ';
        (sentence.chars().filter(plain).collect(), digits)
    }

    /// An MP4, as phones record it.
    ///
    /// # Errors
    /// When `ffmpeg` is missing or says no.
    pub(crate) fn make(&self) -> Result<Vec<u8>> {
        let shade = u8::try_from(self.salt % 40).unwrap_or(0);
        let wall = Rgb([90, 96, 104 + shade]);
        film(&before_a_wall(self.selfie, wall, (40, 40)), |ffmpeg| {
            self.speak(ffmpeg);
        })
    }

    /// The voice, and the hole where a piece is cut out.
    fn speak(&self, ffmpeg: &mut Command) {
        let (sentence, digits) = self.parts();
        #[allow(clippy::cast_precision_loss, reason = "six digits")]
        let seconds = SENTENCE + DIGIT * digits.len() as f32;
        let words = digits.iter().filter_map(|digit| WORDS.get(*digit));
        let words = words.map(|word| ((*word).to_owned(), DIGIT));
        let said = std::iter::once((sentence, SENTENCE)).chain(words);
        let mut filter = String::new();
        let mut count = 0_u32;
        for (text, length) in said {
            count += 1;
            let voice = format!("flite=text='{text}':voice=slt");
            ffmpeg.args(["-f", "lavfi", "-i", &voice]);
            filter.push_str(&format!(
                "[{count}:a]aresample=16000,apad=whole_dur={length},atrim=0:{length}[p{count}];"
            ));
        }
        (1..=count).for_each(|place| filter.push_str(&format!("[p{place}]")));
        filter.push_str(&format!("concat=n={count}:v=0:a=1[voice]"));
        // Three seconds are taken out, and what follows keeps its time: a hole.
        filter.push_str(if self.cut {
            ";[0:v]select='not(between(t,3,6))'[seen]"
        } else {
            ";[0:v]null[seen]"
        });
        ffmpeg.args(["-filter_complex", &filter]);
        ffmpeg.args(["-map", "[seen]", "-map", "[voice]"]);
        ffmpeg.args(["-t", &seconds.to_string(), "-vsync", "vfr"]);
    }
}

/// A face before a wall, as a frame of a clip.
pub fn before_a_wall(selfie: &RgbImage, wall: Rgb<u8>, at: (i64, i64)) -> RgbImage {
    let mut frame = RgbImage::from_pixel(720, 720, wall);
    let face = imageops::resize(selfie, 640, 640, FilterType::CatmullRom);
    imageops::overlay(&mut frame, &face, at.0, at.1);
    frame
}

/// An MP4 of one frame that stands still; `sound` adds what is heard, and for how long.
pub(crate) fn film(frame: &RgbImage, sound: impl FnOnce(&mut Command)) -> Result<Vec<u8>> {
    let folder = tempfile::tempdir()?;
    let still = folder.path().join("still.png");
    let out = folder.path().join("clip.mp4");
    frame.save(&still)?;
    let mut ffmpeg = Command::new("ffmpeg");
    ffmpeg.args(["-hide_banner", "-v", "error", "-y", "-loop", "1"]);
    ffmpeg.args(["-framerate", "15", "-i"]).arg(&still);
    sound(&mut ffmpeg);
    ffmpeg.args(["-c:v", "libx264", "-pix_fmt", "yuv420p"]);
    ffmpeg.args(["-preset", "ultrafast", "-c:a", "aac"]);
    let made = ffmpeg
        .arg(&out)
        .output()
        .context("ffmpeg is needed to make a clip")?;
    if !made.status.success() {
        let said = String::from_utf8_lossy(&made.stderr);
        bail!("ffmpeg could not make the clip: {said}");
    }
    Ok(std::fs::read(&out)?)
}
