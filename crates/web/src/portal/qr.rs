//! Pictures to scan, as inline SVG: black on white in both themes, without a style attribute.

use qrcode::{Color, EcLevel, QrCode};

/// Light modules around the code (ISO/IEC 18004).
const QUIET: usize = 4;

/// A text as SVG with a name for ears; empty if it is too long for a code.
#[must_use]
pub(crate) fn svg(text: &str, name: &str) -> String {
    let Ok(code) = QrCode::with_error_correction_level(text, EcLevel::M) else {
        return String::new();
    };
    let width = code.width();
    let size = width + 2 * QUIET;
    let path: String = code
        .to_colors()
        .iter()
        .enumerate()
        .filter(|(_, color)| **color == Color::Dark)
        .map(|(place, _)| {
            format!(
                "M{} {}h1v1h-1z",
                place % width + QUIET,
                place / width + QUIET
            )
        })
        .collect();
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" role=\"img\" aria-label=\"{name}\" \
         viewBox=\"0 0 {size} {size}\" shape-rendering=\"crispEdges\">\
         <rect width=\"{size}\" height=\"{size}\" fill=\"#fff\"/><path d=\"{path}\" fill=\"#000\"/>\
         </svg>"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_a_picture_and_nothing_of_the_text_leaks_into_markup() {
        let picture = svg("<script>\"&", "Picture to scan");
        assert!(picture.starts_with("<svg") && picture.ends_with("</svg>"));
        assert!(!picture.contains("script") && !picture.contains("style"));
        assert_eq!(svg(&"x".repeat(10_000), "n"), "");
    }
}
