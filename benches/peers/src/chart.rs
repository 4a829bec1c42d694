//! The figures as a picture: a panel for each shape and mode, with the work of a node across and the time over that of the
//! plain function up, on a logarithmic scale.

use std::fmt::Write;

use crate::figures::Figures;
use crate::peers::{EMBER, Kind, LIMIT, Peer, SEQUENTIAL};
use crate::shape::Shape;
use crate::workload::{Mode, Workload};

const PANEL: (f64, f64) = (136.0, 170.0);
const GAP: (f64, f64) = (14.0, 46.0);
const LEFT: f64 = 52.0;
const TOP: f64 = 88.0;
/// What lies outside of this range of ratios is drawn at its edge.
const RANGE: (f64, f64) = (0.45, 2_000.0);
/// Up to this ratio, which takes half of the panel, the scale is stretched: there is what parallel code can win.
const BEND: f64 = 2.0;
/// Each with its label.
const TICKS: [(f64, &str); 6] =
    [(0.5, "½"), (1.0, "1"), (2.0, "2"), (20.0, "20"), (200.0, "200"), (2_000.0, "2000")];
/// How many libraries are drawn: more lines hide each other.
const LIBRARIES: usize = 3;

const STYLE: &str = "\
text { font: 11px system-ui, sans-serif; fill: #57606a }
.title { font-size: 14px; font-weight: 600; fill: #1f2328 } .shape { font-weight: 600; fill: #1f2328 }
.grid { stroke: #d0d7de; stroke-width: .7; fill: none }
.line { fill: none; stroke-width: 1.6; stroke-linejoin: round }
.s0 { stroke: #cf222e; stroke-width: 2.6 } .s1 { stroke: #57606a } .s2 { stroke: #1a7f37; stroke-dasharray: 4 2 }
.s3 { stroke: #0969da } .s4 { stroke: #9a6700 } .s5 { stroke: #8250df }
@media (prefers-color-scheme: dark) {
text { fill: #9198a1 } .title, .shape { fill: #f0f6fc } .grid { stroke: #3d444d }
.s0 { stroke: #ff7b72 } .s1 { stroke: #9198a1 } .s2 { stroke: #56d364 }
.s3 { stroke: #58a6ff } .s4 { stroke: #d29922 } .s5 { stroke: #bc8cff }
}";

/// What is drawn, and how it is laid out.
pub(crate) struct Chart<'a> {
    pub(crate) figures: &'a Figures,
    pub(crate) shapes: &'a [&'static Shape],
    pub(crate) micros: &'a [f64],
    pub(crate) modes: &'a [Mode],
    pub(crate) peers: &'a [&'static Peer],
}

impl Chart<'_> {
    /// The picture as SVG.
    pub(crate) fn svg(&self) -> String {
        let systems = self.systems();
        let width = LEFT + self.shapes.len() as f64 * (PANEL.0 + GAP.0) + 6.0;
        let height = TOP + self.modes.len() as f64 * (PANEL.1 + GAP.1) - 22.0;
        let mut svg = format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width} {height}\" width=\"{width}\" role=\"img\">\n\
             <title>The time of a run over that of the plain function, by the work of a node</title>\n\
             <style>\n{STYLE}\n</style>\n\
             <text class=\"title\" x=\"12\" y=\"22\">Time of a run over that of the plain function</text>\n\
             <text x=\"12\" y=\"40\">lower is better; logarithmic, and stretched up to 2; across: microseconds of work a node; two threads</text>\n"
        );
        legend(&mut svg, &systems);
        for (row, &mode) in self.modes.iter().enumerate() {
            for (column, &shape) in self.shapes.iter().enumerate() {
                let place = |index: usize, size: f64, gap: f64| index as f64 * (size + gap);
                let x = LEFT + place(column, PANEL.0, GAP.0);
                let y = TOP + place(row, PANEL.1, GAP.1);
                let _ = writeln!(svg, "<g transform=\"translate({x} {y})\">");
                self.panel(&mut svg, shape, mode, column == 0, &systems);
                svg.push_str("</g>\n");
            }
        }
        svg + "</svg>\n"
    }

    /// Ember, the plain function, the limit, and the libraries that are best over all workloads.
    fn systems(&self) -> Vec<&'static str> {
        let mut libraries: Vec<(f64, &'static str)> = self
            .peers
            .iter()
            .filter(|peer| peer.kind == Kind::Library)
            .map(|peer| (self.mean(peer.name), peer.name))
            .collect();
        libraries.sort_by(|one, other| one.0.total_cmp(&other.0));
        let libraries = libraries.into_iter().take(LIBRARIES).map(|(_, name)| name);
        [EMBER, SEQUENTIAL, LIMIT].into_iter().chain(libraries).collect()
    }

    /// The mean of the logarithms of a system's ratios.
    fn mean(&self, system: &'static str) -> f64 {
        let mut logs = Vec::new();
        for &mode in self.modes {
            for &shape in self.shapes {
                let ratios = self.micros.iter().filter_map(|&micros| self.ratio(shape, micros, mode, system));
                logs.extend(ratios.map(f64::ln));
            }
        }
        logs.iter().sum::<f64>() / logs.len() as f64
    }

    fn ratio(&self, shape: &'static Shape, micros: f64, mode: Mode, system: &'static str) -> Option<f64> {
        let workload = Workload { shape, micros, mode };
        Some(self.figures.get(&workload, system)? / self.figures.get(&workload, SEQUENTIAL)?)
    }

    fn panel(
        &self,
        svg: &mut String,
        shape: &'static Shape,
        mode: Mode,
        is_first: bool,
        systems: &[&'static str],
    ) {
        let _ = writeln!(svg, "<text class=\"shape\" y=\"-6\">{}, {}</text>", shape.name, mode.name());
        for (ratio, label) in TICKS {
            let y = up(ratio);
            let _ = writeln!(svg, "<path class=\"grid\" d=\"M0 {y:.1}H{}\"/>", PANEL.0);
            if is_first {
                let _ =
                    writeln!(svg, "<text x=\"-6\" y=\"{:.1}\" text-anchor=\"end\">{label}</text>", y + 4.0);
            }
        }
        for (index, micros) in self.micros.iter().enumerate() {
            let x = self.across(index);
            let _ = writeln!(
                svg,
                "<text x=\"{x:.1}\" y=\"{}\" text-anchor=\"middle\">{micros}</text>",
                PANEL.1 + 14.0
            );
        }
        // Ember last, on top of the others.
        for (class, &system) in systems.iter().enumerate().rev() {
            let mut path = String::new();
            for (index, &micros) in self.micros.iter().enumerate() {
                if let Some(ratio) = self.ratio(shape, micros, mode, system) {
                    let command = if path.is_empty() { 'M' } else { 'L' };
                    let _ = write!(path, "{command}{:.1} {:.1}", self.across(index), up(ratio));
                }
            }
            let _ = writeln!(svg, "<path class=\"line s{class}\" d=\"{path}\"/>");
        }
    }

    /// Where the works of a node stand, at equal distances.
    fn across(&self, index: usize) -> f64 {
        PANEL.0 * (index as f64 + 0.5) / self.micros.len() as f64
    }
}

/// Where a ratio stands, from the top.
fn up(ratio: f64) -> f64 {
    let ratio = ratio.clamp(RANGE.0, RANGE.1);
    let share = |from: f64, to: f64| (ratio / from).ln() / (to / from).ln() / 2.0;
    PANEL.1 * if ratio < BEND { 1.0 - share(RANGE.0, BEND) } else { 0.5 - share(BEND, RANGE.1) }
}

fn legend(svg: &mut String, systems: &[&'static str]) {
    let mut x = 12.0;
    for (class, system) in systems.iter().enumerate() {
        let _ = writeln!(
            svg,
            "<path class=\"line s{class}\" d=\"M{x} 57h22\"/><text x=\"{}\" y=\"61\">{system}</text>",
            x + 28.0
        );
        x += 48.0 + 6.6 * system.len() as f64;
    }
}
