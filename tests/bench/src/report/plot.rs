//! SVG plots for light and dark pages.

use std::fmt::Write as _;

const WIDTH: f64 = 720.0;
const ROW: f64 = 26.0;
const TOP: f64 = 40.0;
/// Left edge and maximum width of the bars.
const LEFT: f64 = 270.0;
const ROOM: f64 = 380.0;
const STYLE: &str = "<style>text{font:13px sans-serif;fill:#24292f}.title{font-size:15px;font-weight:bold}\
    .bar,.dot{fill:#2f6fb3}.over{fill:#b35a1f}.target{stroke:#57606a;stroke-dasharray:5 4}\
    .line{fill:none;stroke:#2f6fb3;stroke-width:2}.axis{stroke:#8c959f}\
    @media(prefers-color-scheme:dark){text{fill:#e6edf3}.bar,.dot{fill:#6cb0f5}.over{fill:#f0a060}\
    .target{stroke:#9da7b3}.line{stroke:#6cb0f5}.axis{stroke:#6e7681}}</style>";

/// Returns a bar chart with a line at the target. Bars above the target have a different colour.
pub(crate) fn bars(title: &str, values: &[(&str, f64)], target: f64) -> String {
    let most = values.iter().map(|(_, value)| *value).fold(target, f64::max);
    let width = |value: f64| value / most * ROOM;
    let mut y = TOP;
    let mut body = String::new();
    for (name, value) in values {
        let class = if *value > target { "over" } else { "bar" };
        let (text, width) = (y + 15.0, width(*value));
        let _ = write!(
            body,
            "<text x=\"{}\" y=\"{text}\" text-anchor=\"end\">{name}</text>\
             <rect class=\"{class}\" x=\"{LEFT}\" y=\"{}\" width=\"{width:.1}\" height=\"16\"/>\
             <text x=\"{:.1}\" y=\"{text}\">{value:.2}</text>",
            LEFT - 8.0,
            y + 2.0,
            LEFT + width + 6.0,
        );
        y += ROW;
    }
    let x = LEFT + width(target);
    let _ = write!(
        body,
        "<line class=\"target\" x1=\"{x:.1}\" y1=\"{}\" x2=\"{x:.1}\" y2=\"{y}\"/>\
         <text x=\"{x:.1}\" y=\"{}\" text-anchor=\"middle\">target {target}</text>",
        TOP - 4.0,
        y + 16.0,
    );
    picture(title, y + 26.0, &body)
}

/// Returns a line chart with evenly spaced values.
pub(crate) fn line(title: &str, unit: &str, values: &[(String, f64)]) -> String {
    const HEIGHT: f64 = 200.0;
    let most = values.iter().map(|(_, value)| *value).fold(f64::MIN_POSITIVE, f64::max) * 1.25;
    let bottom = TOP + HEIGHT;
    let (mut body, mut points, mut x) = (String::new(), String::new(), 90.0);
    for (name, value) in values {
        let y = bottom - value / most * HEIGHT;
        let _ = write!(points, "{x:.1},{y:.1} ");
        let _ = write!(
            body,
            "<circle class=\"dot\" cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"4\"/>\
             <text x=\"{x:.1}\" y=\"{:.1}\" text-anchor=\"middle\">{value:.2} {unit}</text>\
             <text x=\"{x:.1}\" y=\"{}\" text-anchor=\"middle\">{name}</text>",
            y - 10.0,
            bottom + 18.0,
        );
        x += 180.0;
    }
    let _ = write!(
        body,
        "<polyline class=\"line\" points=\"{points}\"/>\
         <line class=\"axis\" x1=\"40\" y1=\"{bottom}\" x2=\"{}\" y2=\"{bottom}\"/>",
        WIDTH - 20.0,
    );
    picture(title, bottom + 30.0, &body)
}

fn picture(title: &str, height: f64, body: &str) -> String {
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {height}\" role=\"img\">\
         <title>{title}</title>{STYLE}<text class=\"title\" x=\"8\" y=\"20\">{title}</text>{body}</svg>\n"
    )
}
