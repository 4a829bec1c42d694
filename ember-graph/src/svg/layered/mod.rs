//! A layered layout of one body, after Sugiyama, Tagawa and Toda, "Methods for Visual Understanding of
//! Hierarchical System Structures" (1981): rows, then the order in each row, then positions.
//!
//! The phases in reading order: [`rank`] gives each vertex its row, [`network`] cuts long arrows into
//! pieces from row to row, [`order`] removes crossings, [`place`] finds horizontal positions and [`route`]
//! vertical ones and the strokes of the arrows.

mod network;
mod order;
mod place;
mod rank;
mod route;
#[cfg(test)]
mod tests;

/// What is to be laid out.
///
/// Invariant: arrows lead from a vertex to one with a higher index.
#[derive(Debug, Default)]
pub(super) struct Region {
    pub(super) vertices: Vec<Vertex>,
    pub(super) nets: Vec<Net>,
    /// Whether the vertices of a row keep the order of their indices.
    pub(super) pinned: bool,
}

#[derive(Clone, Copy, Debug)]
pub(super) struct Vertex {
    pub(super) width: f64,
    pub(super) height: f64,
    pub(super) row: Row,
}

/// Where a vertex may stand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Row {
    /// In the first row, which then holds no others than such.
    Top,
    Free,
    /// Below all others.
    Bottom,
}

/// The arrows of one value, drawn as one line that forks.
#[derive(Debug, Default)]
pub(super) struct Net {
    pub(super) from: usize,
    pub(super) to: Vec<Target>,
}

#[derive(Clone, Copy, Debug)]
pub(super) struct Target {
    pub(super) vertex: usize,
    /// The point at the top of the vertex where the arrow must arrive, as a distance from the middle.
    pub(super) port: Option<f64>,
}

/// The layout, in coordinates that start at zero.
#[derive(Debug, Default)]
pub(super) struct Arranged {
    pub(super) width: f64,
    pub(super) height: f64,
    /// The upper left corner of each vertex.
    pub(super) corners: Vec<(f64, f64)>,
    /// The strokes of each net.
    pub(super) strokes: Vec<Vec<Stroke>>,
}

/// A piece of an arrow: straight down to the bend, a curve, and straight down again.
#[derive(Clone, Copy, Debug)]
pub(super) struct Stroke {
    pub(super) from: (f64, f64),
    /// The heights at which the curve starts and ends.
    pub(super) bend: (f64, f64),
    pub(super) to: (f64, f64),
    pub(super) end: End,
}

/// What stands at the end of a stroke.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum End {
    /// The next piece.
    Joint,
    /// The border of a box that the value passes through.
    Port,
    /// The node that uses the value.
    Head,
}

/// Finds places for everything in the region.
pub(super) fn arrange(region: &Region) -> Arranged {
    if region.vertices.is_empty() {
        return Arranged { strokes: region.nets.iter().map(|_| Vec::new()).collect(), ..Arranged::default() };
    }
    let ranks = rank::ranks(region);
    let mut network = network::Network::new(region, &ranks);
    order::reduce_crossings(&mut network, region);
    let centres = place::centres(&network);
    route::route(region, &network, &centres)
}
