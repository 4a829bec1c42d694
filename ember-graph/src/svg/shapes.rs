//! The elements of the image as text.

use std::fmt::{self, Write as _};

use super::layered::{End, Stroke};
use crate::Kind;
use crate::picture::text::{clean, escape_xml};

/// A coordinate with one decimal at most: more would be noise, and differ by machine.
pub(super) struct Num(pub(super) f64);

impl fmt::Display for Num {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = format!("{:.1}", self.0);
        let text = text.strip_suffix(".0").unwrap_or(&text);
        formatter.write_str(if text == "-0" { "0" } else { text })
    }
}

pub(super) fn rect(out: &mut String, class: &str, corner: (f64, f64), size: (f64, f64), round: f64) {
    let _ = write!(
        out,
        r#"<rect class="{class}" x="{}" y="{}" width="{}" height="{}" rx="{}"/>"#,
        Num(corner.0),
        Num(corner.1),
        Num(size.0),
        Num(size.1),
        Num(round)
    );
}

pub(super) fn path(out: &mut String, class: &str, data: &str) {
    let _ = write!(out, r#"<path class="{class}" d="{data}"/>"#);
}

pub(super) fn text(out: &mut String, class: &str, x: f64, y: f64, text: &str) {
    if !text.is_empty() {
        let _ =
            write!(out, r#"<text class="{class}" x="{}" y="{}">{}</text>"#, Num(x), Num(y), escape_xml(text));
    }
}

pub(super) fn title(out: &mut String, text: &str) {
    let _ = write!(out, "<title>{}</title>", escape_xml(text));
}

/// Opens the group of a node; exactly one has the node's path.
pub(super) fn open(out: &mut String, path: &str) {
    let _ = write!(out, r#"<g data-node="{}">"#, escape_xml(&clean(path)));
}

/// Closes the innermost group.
pub(super) fn close(out: &mut String) {
    out.push_str("</g>\n");
}

/// A bar with round upper corners.
pub(super) fn bar(out: &mut String, class: &str, corner: (f64, f64), size: (f64, f64), closed: bool) {
    let ((x, y), (width, height)) = (corner, size);
    let round = 8.0;
    let (right, bottom) = (x + width, y + height);
    let lower = if closed {
        format!(
            "V{}Q{} {} {} {}H{}Q{} {} {} {}Z",
            Num(bottom - round),
            Num(right),
            Num(bottom),
            Num(right - round),
            Num(bottom),
            Num(x + round),
            Num(x),
            Num(bottom),
            Num(x),
            Num(bottom - round)
        )
    } else {
        format!("V{}H{}Z", Num(bottom), Num(x))
    };
    let data = format!(
        "M{} {}Q{} {} {} {}H{}Q{} {} {} {}{lower}",
        Num(x),
        Num(y + round),
        Num(x),
        Num(y),
        Num(x + round),
        Num(y),
        Num(right - round),
        Num(right),
        Num(y),
        Num(right),
        Num(y + round)
    );
    path(out, class, &data);
}

/// The sign of a kind of construct, around a middle.
pub(super) fn sign(kind: Kind, x: f64, y: f64) -> String {
    let at = |dx: f64, dy: f64| format!("{} {}", Num(x + dx), Num(y + dy));
    match kind {
        // A rhombus.
        Kind::Branch => format!("M{}L{}L{}L{}Z", at(0.0, -6.0), at(6.0, 0.0), at(0.0, 6.0), at(-6.0, 0.0)),
        // Three lines from one point.
        Kind::FanOut => format!(
            "M{}L{}M{}L{}M{}L{}",
            at(-6.0, 0.0),
            at(6.0, -6.0),
            at(-6.0, 0.0),
            at(6.0, 0.0),
            at(-6.0, 0.0),
            at(6.0, 6.0)
        ),
        // A circle that ends in an arrow.
        Kind::Loop => {
            format!(
                "M{}A5 5 0 1 1 {}M{}L{}L{}",
                at(4.3, 2.5),
                at(2.5, -4.3),
                at(-1.0, -6.4),
                at(2.8, -4.2),
                at(0.6, -0.6)
            )
        }
        // Brackets.
        _ => format!(
            "M{}H{}V{}H{}M{}H{}V{}H{}",
            at(-2.0, -5.5),
            Num(x - 5.0),
            Num(y + 5.5),
            Num(x - 2.0),
            at(2.0, -5.5),
            Num(x + 5.0),
            Num(y + 5.5),
            Num(x + 2.0)
        ),
    }
}

/// How long the head of an arrow is.
const HEAD: f64 = 7.0;

/// The line and the heads of some strokes, as data of two paths.
pub(super) fn strokes(strokes: impl Iterator<Item = Stroke>, filled: bool) -> (String, String) {
    let (mut lines, mut heads) = (String::new(), String::new());
    for Stroke { from, bend, to, end } in strokes {
        let head = if end == End::Head { HEAD } else { 0.0 };
        let (start, goal) = (bend.0, bend.1 - head);
        let _ = write!(lines, "M{} {}", Num(from.0), Num(from.1));
        if (from.0 - to.0).abs() < 0.05 {
            // Open heads have the line up to their tip.
            let _ = write!(lines, "V{}", Num(if filled { to.1 - head / 2.0 } else { to.1 }));
        } else {
            if start > from.1 {
                let _ = write!(lines, "V{}", Num(start));
            }
            let middle = f64::midpoint(start, goal);
            let _ = write!(
                lines,
                "C{} {} {} {} {} {}",
                Num(from.0),
                Num(middle),
                Num(to.0),
                Num(middle),
                Num(to.0),
                Num(goal)
            );
            if head > 0.0 {
                let _ = write!(lines, "V{}", Num(if filled { to.1 - head / 2.0 } else { to.1 }));
            }
        }
        if head > 0.0 {
            let half = if filled { 4.5 } else { 3.8 };
            let _ = write!(
                heads,
                "M{} {}L{} {}L{} {}{}",
                Num(to.0 - half),
                Num(to.1 - HEAD),
                Num(to.0),
                Num(to.1),
                Num(to.0 + half),
                Num(to.1 - HEAD),
                if filled { "Z" } else { "" }
            );
        }
    }
    (lines, heads)
}
