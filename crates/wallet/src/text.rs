//! The text that is signed.

use any_ascii::any_ascii;

/// Symbols of the longest part, those of the longest host name (RFC 1035); the rest is cut off.
const PART_MAX: usize = 253;
/// What stands for a symbol that no wallet shows for certain, and for a part with nothing in it.
const UNSHOWN: char = '?';

/// The text to sign: what it is for, the case and the place, and that it moves nothing. Nobody can
/// use the signature at another platform or for another case.
///
/// Printable ASCII and two line feeds, the same for every case but for the three parts. A part is
/// one line: the platform's name is written in Latin letters, and whatever else is not printable
/// ASCII, such as a line end, becomes `?`. `host` is as in an address: `xn--` for other letters.
#[must_use]
pub fn text_to_sign(platform: &str, host: &str, case_code: &str) -> String {
    let platform = part(&any_ascii(platform));
    let host = part(host);
    let case_code = part(case_code);
    format!(
        "I am asking {platform} to give me back my account.\n\
         Request {case_code}, at {host}.\n\
         This signature moves no money and gives nobody any rights to my wallet."
    )
}

/// One part, fit to stand in a line.
fn part(text: &str) -> String {
    let printable = |c: char| {
        if c == ' ' || c.is_ascii_graphic() {
            c
        } else {
            UNSHOWN
        }
    };
    let part: String = text.trim().chars().take(PART_MAX).map(printable).collect();
    // The cut may leave a space at the end.
    match part.trim_end() {
        "" => UNSHOWN.to_string(),
        part => part.to_owned(),
    }
}
