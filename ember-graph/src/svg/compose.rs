//! The size of each box from what it holds, and then the place of each.

use super::cells::{Cells, GRAPH, Role, Start};
use super::layered::{Arranged, Net, Region, Row, Stroke, Target, Vertex, arrange};
use super::size::{BAR, CARD, Caption, PART_BAR, RETURN, leaf};
use crate::structure::Structure;
use crate::{Description, Kind};

/// Between a border and what is inside of it.
const PADDING: f64 = 14.0;
const PORT: f64 = 8.0;
const MOST_ASIDE: f64 = 60.0;

/// A box with its place in the image.
#[derive(Default)]
pub(super) struct Placed {
    pub(super) caption: Caption,
    pub(super) x: f64,
    pub(super) y: f64,
    /// With what stands out beside the frame, such as the cards of a fan-out.
    pub(super) width: f64,
    pub(super) height: f64,
    /// The frame alone, at the same corner.
    pub(super) frame: (f64, f64),
    /// Where the contents start, seen from the corner.
    contents: (f64, f64),
    /// The strokes of each line within, seen from the start of the contents.
    strokes: Vec<Vec<Stroke>>,
    /// The middle of each port, seen from the corner.
    pub(super) ports: Vec<f64>,
    /// The corners of the children, seen from the start of the contents.
    corners: Vec<(f64, f64)>,
}

impl Placed {
    /// The strokes of a line in coordinates of the image.
    pub(super) fn strokes(&self, line: usize) -> impl Iterator<Item = Stroke> {
        let (x, y) = (self.x + self.contents.0, self.y + self.contents.1);
        self.strokes[line].iter().map(move |stroke| Stroke {
            from: (stroke.from.0 + x, stroke.from.1 + y),
            bend: (stroke.bend.0 + y, stroke.bend.1 + y),
            to: (stroke.to.0 + x, stroke.to.1 + y),
            end: stroke.end,
        })
    }
}

/// Lays out every cell; the result has the order of the cells.
pub(super) fn compose(
    description: &Description<'_>,
    structure: &Structure,
    cells: &Cells<'_>,
) -> Vec<Placed> {
    let mut placed: Vec<Placed> = cells
        .cells
        .iter()
        .map(|cell| Placed { caption: Caption::of(description, structure, cell.role), ..Placed::default() })
        .collect();
    // Cells stand after what holds them: from the inside out, then from the outside in. No recursion, so
    // that deep nesting cannot exhaust the stack of a compiler's thread.
    for cell in (0..cells.cells.len()).rev() {
        if cells.cells[cell].children.is_empty() && cell != GRAPH {
            let (width, height) = leaf(description, cells.cells[cell].role, &placed[cell].caption);
            (placed[cell].frame, placed[cell].width, placed[cell].height) = ((width, height), width, height);
        } else {
            fill(description, cells, &mut placed, cell);
        }
    }
    for (index, cell) in cells.cells.iter().enumerate().skip(1) {
        let around = &placed[cell.parent];
        let corner = around.corners[cell.slot];
        let (x, y) = (around.x + around.contents.0 + corner.0, around.y + around.contents.1 + corner.1);
        (placed[index].x, placed[index].y) = (x, y);
    }
    placed
}

/// Arranges the contents of a cell and sizes the cell around them.
fn fill(description: &Description<'_>, cells: &Cells<'_>, placed: &mut [Placed], cell: usize) {
    let arranged = arrange(&region(cells, placed, cell));
    let ports = cells.cells[cell].ports;
    let role = cells.cells[cell].role;
    let caption = &placed[cell].caption;
    let (bar, least) = match role {
        Role::Graph => (0.0, 0.0),
        Role::Part(_) => (PART_BAR - 6.0, caption.part_width()),
        _ => (BAR, caption.bar_width()),
    };
    let (right, below) = match role {
        Role::Node(index) if description.nodes[index].kind == Kind::FanOut => (2.0 * CARD, 2.0 * CARD),
        Role::Node(index) if description.nodes[index].kind == Kind::Loop => (RETURN, 0.0),
        _ => (0.0, 0.0),
    };
    let aside = match role {
        Role::Part(_) => make_room(caption.part_width(), &arranged, ports),
        _ => 0.0,
    };
    let width = (arranged.width + 2.0 * PADDING + aside).max(least);
    let top = match (ports, role) {
        (0, _) => bar + PADDING,
        // Lines into a part pass by its name; its height is in the first gap.
        (_, Role::Part(_)) => 0.0,
        // A construct has its ports at the lower edge of the bar.
        _ => bar,
    };
    let height = top + arranged.height + PADDING;
    let left = aside + (width - arranged.width - aside) / 2.0;
    let placed = &mut placed[cell];
    placed.frame = (width, height);
    (placed.width, placed.height) = (width + right, height + below);
    placed.contents = (left, top);
    placed.ports = arranged.corners[..ports].iter().map(|corner| left + corner.0 + PORT / 2.0).collect();
    placed.corners = arranged.corners[ports..].to_vec();
    placed.strokes = arranged.strokes;
}

/// How far the contents of a part move to the right, so that the lines into it pass beside its name. Where
/// that is too far, the name covers a line instead.
fn make_room(name: f64, arranged: &Arranged, ports: usize) -> f64 {
    let first = arranged.corners[..ports].iter().map(|corner| corner.0).reduce(f64::min);
    let missing = first.map_or(0.0, |first| name - PADDING - first).max(0.0);
    if missing <= MOST_ASIDE { missing } else { 0.0 }
}

/// The ports of a cell, then its children, as the layout wants them.
fn region(cells: &Cells<'_>, placed: &[Placed], cell: usize) -> Region {
    let holder = &cells.cells[cell];
    let port = Vertex { width: PORT, height: 0.0, row: Row::Top };
    let mut vertices = vec![port; holder.ports];
    vertices.extend(holder.children.iter().map(|&child| Vertex {
        width: placed[child].width,
        height: placed[child].height,
        row: match cells.cells[child].role {
            Role::Input(_) => Row::Top,
            Role::Output => Row::Bottom,
            _ => Row::Free,
        },
    }));
    let vertex = |child: usize| holder.ports + cells.cells[child].slot;
    let nets = holder.lines.iter().map(|line| Net {
        from: match line.from {
            Start::Port(port) => port,
            Start::Cell(child) => vertex(child),
        },
        to: line
            .to
            .iter()
            .map(|finish| Target {
                vertex: vertex(finish.cell),
                port: finish.port.map(|port| {
                    let child = &placed[finish.cell];
                    child.ports[port] - child.width / 2.0
                }),
            })
            .collect(),
    });
    let shows_parts = holder.children.iter().any(|&child| matches!(cells.cells[child].role, Role::Part(_)));
    Region { nets: nets.collect(), vertices, pinned: shows_parts }
}
