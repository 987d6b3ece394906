//! Charts as inline SVG: horizontal bars, the figures also stand in the table beside them.

use super::escaped;
use crate::report::percent;
use recovery::share::Share;

/// Bars of one chart at most.
pub(super) const MOST: usize = 12;
/// Sizes in the units of the picture.
const WIDTH: f64 = 360.0;
const ROW: f64 = 34.0;
const TOP: f64 = 24.0;
const THICK: f64 = 10.0;

/// A bar: name, what is written at its end, its length, and the ends of its interval.
struct Bar {
    name: String,
    says: String,
    length: f64,
    interval: Option<(f64, f64)>,
}

fn chart(title: &str, bars: &[Bar]) -> String {
    let longest = |bar: &Bar| {
        bar.interval
            .map_or(bar.length, |(_, high)| high.max(bar.length))
    };
    let most = bars.iter().map(longest).fold(0.0, f64::max);
    let scale = if most > 0.0 { WIDTH / most } else { 0.0 };
    let height = TOP + ROW * bars.len() as f64;
    let mut svg = format!(
        "<svg viewBox=\"0 0 {WIDTH} {height:.0}\" role=\"img\" aria-label=\"{title}\">\n\
         <title>{title}</title>\n<text x=\"0\" y=\"14\" class=\"head\">{title}</text>\n",
        title = escaped(title)
    );
    for (place, bar) in bars.iter().enumerate() {
        let y = TOP + ROW * place as f64;
        svg.push_str(&format!(
            "<text x=\"0\" y=\"{:.1}\">{}: {}</text>\n<rect x=\"0\" y=\"{:.1}\" width=\"{:.1}\" \
             height=\"{THICK}\"/>\n",
            y + 11.0,
            escaped(&bar.name),
            escaped(&bar.says),
            y + 16.0,
            (bar.length * scale).max(0.5)
        ));
        if let Some((low, high)) = bar.interval {
            let middle = y + 16.0 + THICK / 2.0;
            svg.push_str(&format!(
                "<path class=\"interval\" d=\"M{:.1} {middle:.1}H{:.1}\"/>\n",
                low * scale,
                high * scale
            ));
        }
    }
    svg.push_str("</svg>\n");
    svg
}

/// Shares with their intervals, from 0 to the largest.
pub(super) fn shares(title: &str, rows: &[(String, Share)]) -> String {
    let bar = |(name, share): &(String, Share)| Bar {
        name: name.clone(),
        says: format!("{} %", percent(share.share)),
        length: share.share,
        interval: Some((share.low, share.high)),
    };
    chart(title, &rows.iter().map(bar).collect::<Vec<_>>())
}

/// Plain figures.
pub(super) fn plain(title: &str, rows: &[(String, f64)]) -> String {
    let bar = |(name, figure): &(String, f64)| Bar {
        name: name.clone(),
        says: format!("{figure:.2}"),
        length: *figure,
        interval: None,
    };
    chart(title, &rows.iter().map(bar).collect::<Vec<_>>())
}
