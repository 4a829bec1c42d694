//! Frames of constructs and of their parts.

use std::fmt::Write as _;

use super::compose::Placed;
use super::shapes::{Num, bar, close, open, path, rect, sign, text, title};
use super::size::{BAR, CARD, PART_BAR, SIGN, SMALL};
use super::words;
use crate::picture::text::{Face, escape_xml, width};
use crate::{Description, Kind};

/// A construct with its bar, and whatever tells its kind at a glance.
pub(super) fn construct(
    out: &mut String,
    description: &Description<'_>,
    index: usize,
    closed: bool,
    place: &Placed,
) {
    let node = &description.nodes[index];
    let (frame, head) = match node.kind {
        Kind::Branch => ("eg-branch", "eg-branch-bar"),
        Kind::FanOut => ("eg-fan", "eg-fan-bar"),
        Kind::Loop => ("eg-loop", "eg-loop-bar"),
        _ => ("eg-group", "eg-group-bar"),
    };
    let (x, y) = (place.x, place.y);
    open(out, node.path);
    title(out, &words::node(description, index));
    if node.kind == Kind::FanOut && !closed {
        for card in [2.0, 1.0] {
            rect(out, frame, (x + card * CARD, y + card * CARD), place.frame, 8.0);
        }
    }
    bar(out, head, (x, y), (place.frame.0, BAR), closed);
    rect(out, frame, (x, y), place.frame, 8.0);
    bar(out, head, (x, y), (place.frame.0, BAR), closed);
    path(out, "eg-sign", &sign(node.kind, x + SIGN / 2.0 + 1.0, y + BAR / 2.0));
    let (name, word) = (escape_xml(&place.caption.name), place.caption.note);
    let space = if name.is_empty() { 0.0 } else { 8.0 };
    let _ = write!(
        out,
        r#"<text x="{}" y="{}"><tspan class="eg-title">{name}</tspan><tspan class="eg-note" dx="{}">{word}</tspan></text>"#,
        Num(x + SIGN),
        Num(y + BAR / 2.0 + 4.5),
        Num(space)
    );
    if node.kind == Kind::Loop && !closed {
        back_arrow(out, place);
    }
    close(out);
}

/// From the foot of a loop's frame back to its head.
fn back_arrow(out: &mut String, place: &Placed) {
    let (right, top) = (place.x + place.frame.0, place.y + BAR / 2.0);
    let bottom = place.y + place.frame.1 - 12.0;
    let far = right + 18.0;
    let line = format!(
        "M{} {}H{}Q{} {} {} {}V{}Q{} {} {} {}H{}",
        Num(right),
        Num(bottom),
        Num(far - 8.0),
        Num(far),
        Num(bottom),
        Num(far),
        Num(bottom - 8.0),
        Num(top + 8.0),
        Num(far),
        Num(top),
        Num(far - 8.0),
        Num(top),
        Num(right + 5.0)
    );
    path(out, "eg-back", &line);
    let head = format!(
        "M{} {}L{} {}L{} {}Z",
        Num(right + 8.0),
        Num(top - 4.5),
        Num(right + 1.0),
        Num(top),
        Num(right + 8.0),
        Num(top + 4.5)
    );
    path(out, "eg-back-head", &head);
}

/// The name of a part, over the lines that come in: as far left as it hides the fewest of them.
pub(super) fn part_name(out: &mut String, place: &Placed) {
    let wide = width(&place.caption.name, Face::Mono, SMALL) + 8.0;
    let last = place.frame.0 - wide - 6.0;
    let hidden = |&left: &f64| {
        place.ports.iter().filter(|&&port| port > left - 2.0 && port < left + wide + 2.0).count()
    };
    let mut offsets: Vec<f64> = place.ports.iter().map(|port| port + 4.0).collect();
    offsets.push(6.0);
    offsets.retain(|&left| left >= 6.0 && left <= last.max(6.0));
    offsets.sort_by(f64::total_cmp);
    let offset = offsets.into_iter().min_by_key(hidden).unwrap_or(6.0);
    rect(out, "eg-tag", (place.x + offset, place.y + 3.0), (wide, PART_BAR - 4.0), 3.0);
    text(out, "eg-label", place.x + offset + 4.0, place.y + PART_BAR - 5.0, &place.caption.name);
    out.push('\n');
}
