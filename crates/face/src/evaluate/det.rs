//! The detection error trade-off as an SVG: both errors on axes where normal scores are a line.

use std::fmt::Write as _;

use super::rates::Scores;

/// Width and height of the drawing area, in SVG units.
const AREA: [f64; 2] = [560.0, 420.0];
/// Room for labels: left, top, right, bottom.
const MARGIN: [f64; 4] = [70.0, 30.0, 20.0, 60.0];
/// Ends of both axes, as rates.
const FALSE_MATCH: [f64; 2] = [1e-6, 0.5];
const FALSE_NON_MATCH: [f64; 2] = [1e-3, 0.5];
/// Points of a curve: more cannot be seen.
const POINTS: u32 = 400;
/// Stroke of each curve in turn: told apart without colour sight, too (Okabe and Ito).
const STROKES: [&str; 8] = [
    "#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000", "#8A7400",
];

/// One curve of the drawing.
#[derive(Debug, Clone, Copy)]
pub struct DetCurve<'a> {
    /// Its name in the legend: a data set, never a person.
    pub name: &'a str,
    /// What is drawn.
    pub scores: &'a Scores,
}

/// Draws curves, and a ring on each where a threshold of the policy lies.
#[must_use]
pub fn det_svg(curves: &[DetCurve<'_>], thresholds: &[f32]) -> String {
    let [left, top, right, bottom] = MARGIN;
    let [width, height] = AREA;
    let mut svg = String::new();
    // Writing to a String cannot fail.
    let _ = writeln!(
        svg,
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {} {}\" \
         font-family=\"sans-serif\" font-size=\"12\">",
        left + width + right,
        top + height + bottom
    );
    let _ = writeln!(
        svg,
        "<title>Detection error trade-off</title>\n\
         <rect width=\"100%\" height=\"100%\" fill=\"#fff\"/>"
    );
    axes(&mut svg);
    for (curve, stroke) in curves.iter().zip(STROKES.iter().cycle()) {
        line(&mut svg, curve.scores, stroke);
        for threshold in thresholds {
            ring(&mut svg, curve.scores, *threshold, stroke);
        }
    }
    for (row, (curve, stroke)) in (1u32..).zip(curves.iter().zip(STROKES.iter().cycle())) {
        let y = top + f64::from(row) * 18.0;
        let _ = writeln!(
            svg,
            "<text x=\"{}\" y=\"{y:.1}\" text-anchor=\"end\" fill=\"{stroke}\">{}</text>",
            left + width - 8.0,
            escaped(curve.name)
        );
    }
    svg.push_str("</svg>\n");
    svg
}

/// Ticks at round rates, with their labels.
fn axes(svg: &mut String) {
    let [left, top, ..] = MARGIN;
    let [width, height] = AREA;
    let (right, bottom) = (left + width, top + height);
    let _ = writeln!(
        svg,
        "<rect x=\"{left}\" y=\"{top}\" width=\"{width}\" height=\"{height}\" \
         fill=\"none\" stroke=\"#666\"/>"
    );
    for rate in [1e-6, 1e-5, 1e-4, 1e-3, 0.01, 0.05, 0.2, 0.5] {
        let x = left + place(rate, FALSE_MATCH) * width;
        let _ = writeln!(
            svg,
            "<path d=\"M{x:.1} {top}V{bottom}\" stroke=\"#ddd\"/>\n\
             <text x=\"{x:.1}\" y=\"{}\" text-anchor=\"middle\">{rate}</text>",
            bottom + 18.0
        );
    }
    for rate in [1e-3, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5] {
        let y = bottom - place(rate, FALSE_NON_MATCH) * height;
        let _ = writeln!(
            svg,
            "<path d=\"M{left} {y:.1}H{right}\" stroke=\"#ddd\"/>\n\
             <text x=\"{}\" y=\"{:.1}\" text-anchor=\"end\">{rate}</text>",
            left - 8.0,
            y + 4.0
        );
    }
    let _ = writeln!(
        svg,
        "<text x=\"{}\" y=\"{}\" text-anchor=\"middle\">false match rate</text>\n\
         <text x=\"16\" y=\"{}\" text-anchor=\"middle\" \
         transform=\"rotate(-90 16 {})\">false non-match rate</text>",
        left + width / 2.0,
        bottom + 44.0,
        top + height / 2.0,
        top + height / 2.0
    );
}

fn line(svg: &mut String, scores: &Scores, stroke: &str) {
    let mut points = String::new();
    let ends = scores.impostor().first().zip(scores.impostor().last());
    let lowest = scores.genuine().last().map_or(0.0, |pair| pair.score);
    let Some((highest, least)) = ends else { return };
    let (from, to) = (least.score.max(-1.0).min(lowest), highest.score);
    for step in 0..=POINTS {
        #[allow(clippy::cast_precision_loss, reason = "some hundred")]
        let share = step as f32 / POINTS as f32;
        let point = spot(scores, from + (to - from) * share);
        let _ = write!(points, "{:.1},{:.1} ", point[0], point[1]);
    }
    let _ = writeln!(
        svg,
        "<polyline points=\"{}\" fill=\"none\" stroke=\"{stroke}\" stroke-width=\"1.5\"/>",
        points.trim_end()
    );
}

fn ring(svg: &mut String, scores: &Scores, threshold: f32, stroke: &str) {
    let [x, y] = spot(scores, threshold);
    let _ = writeln!(
        svg,
        "<circle cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"4\" fill=\"none\" stroke=\"{stroke}\">\
         <title>at {threshold}</title></circle>"
    );
}

/// Where both errors at a threshold lie, at the edge when they are off the axes.
fn spot(scores: &Scores, threshold: f32) -> [f64; 2] {
    let [left, top, ..] = MARGIN;
    let [width, height] = AREA;
    let point = scores.at(threshold);
    [
        left + place(point.false_match.rate(), FALSE_MATCH) * width,
        top + height - place(point.false_non_match.rate(), FALSE_NON_MATCH) * height,
    ]
}

/// Where a rate lies between the ends of its axis, 0 to 1.
fn place(rate: f64, [low, high]: [f64; 2]) -> f64 {
    let (from, to) = (probit(low), probit(high));
    (probit(rate.clamp(low, high)) - from) / (to - from)
}

/// The quantile of the normal distribution, by halving its distribution function; right to 1e-6,
/// which no eye sees.
fn probit(rate: f64) -> f64 {
    let (mut low, mut high) = (-8.0f64, 8.0f64);
    for _ in 0..40 {
        let middle = f64::midpoint(low, high);
        if normal(middle) < rate {
            low = middle;
        } else {
            high = middle;
        }
    }
    f64::midpoint(low, high)
}

/// The normal distribution function: the tail as a continued fraction, the middle as a series.
fn normal(x: f64) -> f64 {
    let density = (-0.5 * x * x).exp() / std::f64::consts::TAU.sqrt();
    if x.abs() < 3.0 {
        let (mut term, mut sum, mut n) = (x, x, 1.0);
        while term.abs() > 1e-15 {
            n += 2.0;
            term *= x * x / n;
            sum += term;
        }
        return 0.5 + density * sum;
    }
    let z = x.abs();
    let fraction = (1..40u8).rev().fold(z, |below, n| z + f64::from(n) / below);
    let tail = density / fraction;
    if x < 0.0 { tail } else { 1.0 - tail }
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
}

#[cfg(test)]
mod tests {
    use super::super::rates::Pair;
    use super::*;

    #[test]
    fn quantiles_are_those_of_the_tables() {
        for (rate, quantile) in [
            (0.5, 0.0),
            (0.025, -1.959_964),
            (0.158_655, -1.0),
            (1e-3, -3.090_232),
            (1e-6, -4.753_424),
        ] {
            assert!(
                (probit(rate) - quantile).abs() < 1e-5,
                "{rate}: {}",
                probit(rate)
            );
        }
    }

    #[test]
    fn the_drawing_has_a_line_per_set_and_a_ring_per_threshold() {
        let pair = |other: u32, score| Pair {
            people: [0, other],
            score,
        };
        let genuine = [0.9, 0.7, 0.4].map(|score| pair(0, score));
        let impostor = [0.5, 0.1, -0.2].map(|score| pair(1, score));
        let scores = Scores::new(genuine.into_iter().chain(impostor));
        let curve = DetCurve {
            name: "a < b",
            scores: &scores,
        };
        let svg = det_svg(&[curve, curve], &[0.34, 0.5]);
        assert_eq!(svg.matches("<polyline").count(), 2);
        assert_eq!(svg.matches("<circle").count(), 4);
        assert!(svg.contains("a &lt; b") && !svg.contains("NaN"));
        let empty = DetCurve {
            name: "none",
            scores: &Scores::default(),
        };
        assert!(!det_svg(&[empty], &[]).contains("polyline"));
    }
}
