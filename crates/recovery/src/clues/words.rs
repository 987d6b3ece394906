//! Names as people write them: places in any spelling, devices by family.

use any_ascii::any_ascii;
use strsim::osa_distance;

/// Letters of a name from which one slip of the keyboard is forgiven, and from which two are.
const ONE_SLIP: usize = 5;
const TWO_SLIPS: usize = 9;
/// Letters of a name that are compared.
pub(super) const NAME_MAX: usize = 80;

/// Letters and digits in lower case, in the Latin alphabet, without marks and punctuation, of the
/// first `longest` characters.
#[must_use]
pub fn folded(text: &str, longest: usize) -> String {
    let short: String = text.chars().take(longest).collect();
    let plain = any_ascii(&short);
    let kept = plain.chars().filter(char::is_ascii_alphanumeric);
    kept.map(|c| c.to_ascii_lowercase()).collect()
}

/// Whether two texts name the same thing but for spelling: marks, case, punctuation, another
/// alphabet by its letters, and a slip of the keyboard in a name that is long enough.
#[must_use]
pub fn same_name(one: &str, other: &str) -> bool {
    let (one, other) = (folded(one, NAME_MAX), folded(other, NAME_MAX));
    if one.is_empty() || other.is_empty() {
        return false;
    }
    let slips = match one.len().min(other.len()) {
        TWO_SLIPS.. => 2,
        ONE_SLIP.. => 1,
        _ => 0,
    };
    osa_distance(&one, &other) <= slips
}

/// Devices as people tell them apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum DeviceFamily {
    /// iPhone or iPad.
    Iphone,
    /// A phone or tablet with Android.
    Android,
    /// A computer with Windows.
    Windows,
    /// A Mac.
    Mac,
    /// Anything else.
    Other,
}

/// Words in the names that platforms and browsers give devices, by family. The first that is found
/// counts: an iPad that asks for pages of a Mac still says iPad.
const DEVICE_WORDS: [(&str, DeviceFamily); 18] = [
    ("iphone", DeviceFamily::Iphone),
    ("ipad", DeviceFamily::Iphone),
    ("ios", DeviceFamily::Iphone),
    ("android", DeviceFamily::Android),
    ("pixel", DeviceFamily::Android),
    ("galaxy", DeviceFamily::Android),
    ("samsung", DeviceFamily::Android),
    ("xiaomi", DeviceFamily::Android),
    ("redmi", DeviceFamily::Android),
    ("huawei", DeviceFamily::Android),
    ("oneplus", DeviceFamily::Android),
    ("oppo", DeviceFamily::Android),
    ("vivo", DeviceFamily::Android),
    ("windows", DeviceFamily::Windows),
    ("macbook", DeviceFamily::Mac),
    ("imac", DeviceFamily::Mac),
    ("macos", DeviceFamily::Mac),
    ("macintosh", DeviceFamily::Mac),
];

impl DeviceFamily {
    /// The family of the form's choice: `iphone`, `android`, `windows`, `mac`, or another.
    #[must_use]
    pub fn chosen(name: &str) -> Self {
        match name {
            "iphone" => Self::Iphone,
            "android" => Self::Android,
            "windows" => Self::Windows,
            "mac" => Self::Mac,
            _ => Self::Other,
        }
    }

    /// The family of a device's name as a platform shows it, such as `Chrome on Windows 11`.
    #[must_use]
    pub fn of(name: &str) -> Self {
        let name = folded(name, NAME_MAX);
        let known = DEVICE_WORDS.iter().find(|(word, _)| name.contains(word));
        match known {
            Some((_, family)) => *family,
            None if name.ends_with("mac") || name.contains("onmac") => Self::Mac,
            None => Self::Other,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_the_same_in_other_spellings() {
        for (one, other) in [
            ("Zürich", "zurich"),
            ("São Paulo", "Sao-Paulo"),
            ("St. Petersburg", "St Petersburg"),
            ("Москва", "Moskva"),
            ("Lisbon", "Lisbn"),
            ("Johannesburg", "Johanesberg"),
        ] {
            assert!(same_name(one, other), "{one} {other}");
        }
        for (one, other) in [
            ("Rome", "Roma"),
            ("Paris", "Parma"),
            ("Bern", "Berlin"),
            ("", ""),
            ("!", "?"),
        ] {
            assert!(!same_name(one, other), "{one} {other}");
        }
    }

    #[test]
    fn devices_have_a_family() {
        for (name, family) in [
            ("iPhone 13", DeviceFamily::Iphone),
            ("Safari on iPad", DeviceFamily::Iphone),
            ("Pixel 8", DeviceFamily::Android),
            ("Chrome on Windows 11", DeviceFamily::Windows),
            ("Firefox on Mac", DeviceFamily::Mac),
            ("MacBook Air", DeviceFamily::Mac),
            ("Firefox on Linux", DeviceFamily::Other),
        ] {
            assert_eq!(DeviceFamily::of(name), family, "{name}");
        }
        assert_eq!(DeviceFamily::chosen("mac"), DeviceFamily::Mac);
        assert_eq!(DeviceFamily::chosen("fridge"), DeviceFamily::Other);
    }
}
