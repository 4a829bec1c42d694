//! The image as text: frames, then lines, then nodes, so that nothing hides what is in front of it.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use super::Dress;
use super::cells::{Cells, Flow, GRAPH, Role};
use super::compose::Placed;
use super::frames::{construct, part_name};
use super::shapes::{Num, close, open, path, rect, strokes, text, title};
use super::size::{DOUBLE, POLICIES, SMALL, is_plain};
use super::theme::style;
use super::words;
use crate::picture::label::nested;
use crate::picture::text::{Face, escape_xml, width};
use crate::structure::Structure;
use crate::{Access, Description, Kind, Node};

/// The flows with their classes and what the key says of them, in the order of the key.
const FLOWS: [(Flow, &str, &str); 5] = [
    (Flow::Use(Access::Take), "eg-take", "moves"),
    (Flow::Use(Access::Borrow), "eg-borrow", "borrows"),
    (Flow::Use(Access::BorrowMut), "eg-mut", "borrows mutably"),
    (Flow::Use(Access::Order), "eg-order", "only orders"),
    (Flow::Output, "eg-out", ""),
];

pub(super) fn paint(
    description: &Description<'_>,
    structure: &Structure,
    cells: &Cells<'_>,
    placed: &[Placed],
    dress: Dress,
) -> String {
    let mut body = String::new();
    let (mut wide, mut high) = (placed[GRAPH].width, placed[GRAPH].height);
    for (cell, place) in cells.cells.iter().zip(placed) {
        match cell.role {
            Role::Part(_) => rect(&mut body, "eg-part", (place.x, place.y), place.frame, 6.0),
            Role::Node(index) if !is_leaf(description, structure, index) => {
                construct(&mut body, description, index, cell.children.is_empty(), place);
            }
            _ => {}
        }
    }
    let flows = lines(&mut body, description, cells, placed);
    for (cell, place) in cells.cells.iter().zip(placed) {
        match cell.role {
            Role::Input(index) => pill(&mut body, "eg-input", place, &words::input(description, index)),
            Role::Part(_) => part_name(&mut body, place),
            Role::Output => pill(&mut body, "eg-output", place, "The value of the graph"),
            Role::Node(index) if is_leaf(description, structure, index) => {
                node(&mut body, description, index, place);
            }
            _ => {}
        }
    }
    if cells.cells.len() == 1 {
        (wide, high) = (130.0, 40.0);
        text(&mut body, "eg-key", 32.0, 24.0, "empty graph");
    }
    // A key that is wider than the graph stands out on both sides.
    let mut left = 0.0;
    let key = key(&mut body, &flows, |key| {
        left = f64::min(0.0, (wide - key) / 2.0).floor();
        (left + 14.0, high + 8.0)
    });
    if key > 0.0 {
        wide = wide.max(key);
        high += 22.0;
    }
    wrap(description, &body, &Extent { left, width: wide, height: high }, dress)
}

/// Whether a node is a plain box; all others are frames with a bar.
fn is_leaf(description: &Description<'_>, structure: &Structure, index: usize) -> bool {
    let kind = description.nodes[index].kind;
    structure.body(Some(index)).is_empty() && matches!(kind, Kind::Operator | Kind::Glue)
}

/// The lines of all cells; says which flows there are.
fn lines(
    out: &mut String,
    description: &Description<'_>,
    cells: &Cells<'_>,
    placed: &[Placed],
) -> BTreeSet<usize> {
    let mut flows = BTreeSet::new();
    for (cell, place) in cells.cells.iter().zip(placed) {
        for (index, line) in cell.lines.iter().enumerate() {
            let flow = FLOWS.iter().position(|(flow, ..)| *flow == line.flow).unwrap_or(0);
            flows.insert(flow);
            let class = FLOWS[flow].1;
            let filled = !matches!(line.flow, Flow::Use(Access::Borrow | Access::Order));
            let (data, heads) = strokes(place.strokes(index), filled);
            out.push_str("<g>");
            title(out, &words::line(description, line));
            path(out, class, &data);
            if !heads.is_empty() {
                path(out, &format!("{class}-head"), &heads);
            }
            close(out);
        }
    }
    flows
}

fn pill(out: &mut String, class: &str, place: &Placed, tip: &str) {
    out.push_str("<g>");
    title(out, tip);
    rect(out, class, (place.x, place.y), place.frame, place.frame.1 / 2.0);
    text(
        out,
        "eg-text",
        place.x + place.frame.0 / 2.0,
        place.y + place.frame.1 / 2.0 + 4.5,
        &place.caption.name,
    );
    close(out);
}

fn node(out: &mut String, description: &Description<'_>, index: usize, place: &Placed) {
    let node = &description.nodes[index];
    let (x, y, (wide, high)) = (place.x, place.y, place.frame);
    open(out, node.path);
    title(out, &words::node(description, index));
    let plain = is_plain(node);
    rect(out, if plain { "eg-glue" } else { "eg-node" }, (x, y), place.frame, 7.0);
    if nested(node).is_some() {
        rect(out, "eg-inner", (x + DOUBLE, y + DOUBLE), (wide - 2.0 * DOUBLE, high - 2.0 * DOUBLE), 4.0);
    }
    let middle = x + wide / 2.0;
    let mut centre = y + high / 2.0;
    if !place.caption.policies.is_empty() {
        centre -= POLICIES / 2.0;
        let below = if place.caption.operator.is_empty() { 19.0 } else { 27.0 };
        text(out, "eg-policy", middle, centre + below, &place.caption.policies);
    }
    let class = if plain { "eg-text" } else { "eg-name" };
    if place.caption.operator.is_empty() {
        line_of_text(out, node, class, (middle, centre + 4.5), &place.caption.name);
    } else {
        text(out, class, middle, centre - 3.0, &place.caption.name);
        line_of_text(out, node, "eg-code", (middle, centre + 13.0), &place.caption.operator);
    }
    close(out);
}

/// The last line of a node, with the mark of a failure behind it.
fn line_of_text(out: &mut String, node: &Node<'_>, class: &str, at: (f64, f64), line: &str) {
    let mark = if node.fallible { r#"<tspan class="eg-mark">?</tspan>"# } else { "" };
    let _ = write!(
        out,
        r#"<text class="{class}" x="{}" y="{}">{}{mark}</text>"#,
        Num(at.0),
        Num(at.1),
        escape_xml(line)
    );
}

/// Says what the lines mean, where there is more than one kind. Returns its width.
fn key(out: &mut String, flows: &BTreeSet<usize>, place: impl FnOnce(f64) -> (f64, f64)) -> f64 {
    let shown: Vec<_> =
        flows.iter().map(|&flow| FLOWS[flow]).filter(|(flow, ..)| *flow != Flow::Output).collect();
    if shown.len() < 2 {
        return 0.0;
    }
    let room = |words| 32.0 + width(words, Face::Sans, SMALL) + 16.0;
    let whole = shown.iter().map(|(_, _, words)| room(words)).sum::<f64>() + 12.0;
    let (mut x, y) = place(whole);
    for (_, class, words) in shown {
        path(out, class, &format!("M{} {}H{}", Num(x), Num(y), Num(x + 26.0)));
        text(out, "eg-key", x + 32.0, y + 4.0, words);
        x += room(words);
    }
    out.push('\n');
    whole
}

/// The part of the plane that the image shows.
struct Extent {
    left: f64,
    width: f64,
    height: f64,
}

fn wrap(description: &Description<'_>, body: &str, extent: &Extent, dress: Dress) -> String {
    let id = id(description);
    let (left, wide, high) = (Num(extent.left), Num(extent.width.ceil()), Num(extent.height.ceil()));
    // The first tag stands alone on its line: so Markdown takes all up to a blank line for HTML.
    let mut image = format!(
        r#"<svg xmlns="http://www.w3.org/2000/svg" id="{id}" role="img" aria-labelledby="{id}-title {id}-desc" viewBox="{left} 0 {wide} {high}" width="{wide}" height="{high}""#,
    );
    image.push_str(match dress {
        Dress::Styled => " style=\"max-width:100%;height:auto\">",
        Dress::Bare => ">",
    });
    let _ = write!(
        image,
        "\n<title id=\"{id}-title\">{}</title>\n<desc id=\"{id}-desc\">{}</desc>\n",
        escape_xml(&words::title(description)),
        escape_xml(&words::summary(description)),
    );
    if dress == Dress::Styled {
        let _ = write!(image, "<style>\n{}</style>\n", style(&id, body));
    }
    let _ = writeln!(image, "{body}</svg>");
    image
}

/// An id that no other graph of the page has: the name for people, and a hash (FNV-1a) of where it stands.
fn id(description: &Description<'_>) -> String {
    let name: String = description
        .name
        .chars()
        .map(|char| if char.is_ascii_alphanumeric() { char.to_ascii_lowercase() } else { '-' })
        .take(32)
        .collect();
    let mut hash: u32 = 0x811c_9dc5;
    for byte in [description.name, "\n", description.file].iter().flat_map(|text| text.bytes()) {
        hash = (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193);
    }
    hash = (hash ^ description.line).wrapping_mul(0x0100_0193);
    format!("ember-{name}-{hash:08x}")
}
