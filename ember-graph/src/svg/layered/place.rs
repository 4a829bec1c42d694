//! Horizontal positions, after Brandes and Köpf, "Fast and Simple Horizontal Coordinate Assignment" (2001):
//! points are aligned with a median neighbour into vertical blocks, long lines first; the blocks are packed
//! towards each of the four corners, and each point stands in the middle of the four results.
//!
//! As in the variant for boxes with ports (Rüegg, Schulze, Carstens and von Hanxleden, 2015), a point has a
//! shift within its block, so that a line to a port is straight and not the one to the middle of the box.

use super::network::Network;

const GAP: f64 = 26.0;
const GAP_BESIDE_JOINT: f64 = 16.0;
const GAP_OF_JOINTS: f64 = 12.0;

/// The middle of each point, the leftmost edge at zero.
pub(super) fn centres(network: &Network) -> Vec<f64> {
    let crossed = crossed_by_long_lines(network);
    let layouts: Vec<Vec<f64>> = [(true, false), (true, true), (false, false), (false, true)]
        .into_iter()
        .map(|(down, mirrored)| View { network, crossed: &crossed, down, mirrored }.layout())
        .collect();
    let mut centres = balance(network, layouts);
    separate(network, &mut centres);
    let (left, _) = extent(network, &centres);
    for centre in &mut centres {
        *centre -= left;
    }
    centres
}

/// The least distance between the middles of two neighbours.
fn distance(network: &Network, left: usize, right: usize) -> f64 {
    let (left, right) = (network.points[left], network.points[right]);
    let gap = match (left.joint, right.joint) {
        (true, true) => GAP_OF_JOINTS,
        (false, false) => GAP,
        _ => GAP_BESIDE_JOINT,
    };
    f64::midpoint(left.width, right.width) + gap
}

/// Marks the pieces that cross one between two joints: those must give way, so that long lines are straight
/// ("type 1 conflicts").
fn crossed_by_long_lines(network: &Network) -> Vec<bool> {
    let mut crossed = vec![false; network.pieces.len()];
    let long_from = |point: usize| {
        network.above[point]
            .iter()
            .map(|&piece| network.pieces[piece].from)
            .find(|&from| network.points[from].joint && network.points[point].joint)
    };
    for row in &network.rows {
        let mut from = 0;
        let mut left = 0;
        for (place, &point) in row.iter().enumerate() {
            let long = long_from(point);
            if long.is_none() && place + 1 < row.len() {
                continue;
            }
            let right = long.map_or(usize::MAX, |upper| network.places[upper]);
            for &other in &row[from..=place] {
                for &piece in &network.above[other] {
                    let upper = network.pieces[piece].from;
                    let both = network.points[upper].joint && network.points[other].joint;
                    let place = network.places[upper];
                    crossed[piece] |= !both && (place < left || place > right);
                }
            }
            from = place + 1;
            left = if long.is_some() { right } else { left };
        }
    }
    crossed
}

/// The network as seen from one of its corners.
struct View<'a> {
    network: &'a Network,
    crossed: &'a [bool],
    down: bool,
    mirrored: bool,
}

/// A vertical block: its first point, and how far each point is from the block's line.
struct Blocks {
    roots: Vec<usize>,
    shifts: Vec<f64>,
}

impl View<'_> {
    fn layout(&self) -> Vec<f64> {
        let blocks = self.align();
        let mut centres = self.pack(&blocks);
        if self.mirrored {
            for centre in &mut centres {
                *centre = -*centre;
            }
        }
        centres
    }

    fn rows(&self) -> Vec<Vec<usize>> {
        let mut rows = self.network.rows.clone();
        if !self.down {
            rows.reverse();
        }
        if self.mirrored {
            for row in &mut rows {
                row.reverse();
            }
        }
        rows
    }

    /// The connected points in the row before, from left to right, with the piece that leads there.
    fn before(&self, point: usize) -> Vec<(usize, usize)> {
        let network = self.network;
        let pieces = if self.down { &network.above[point] } else { &network.below[point] };
        let end = |&piece: &usize| {
            let piece = &network.pieces[piece];
            if self.down { piece.from } else { piece.to }
        };
        let mut ends: Vec<(usize, usize)> = pieces.iter().map(|piece| (end(piece), *piece)).collect();
        // A line that goes on is kept straight before one of its forks is.
        if network.points[point].joint && ends.iter().any(|&(end, _)| network.points[end].joint) {
            ends.retain(|&(end, _)| network.points[end].joint);
        }
        ends.sort_by_key(|&(end, _)| network.places[end]);
        if self.mirrored {
            ends.reverse();
        }
        ends
    }

    fn align(&self) -> Blocks {
        let count = self.network.points.len();
        let mut blocks = Blocks { roots: (0..count).collect(), shifts: vec![0.0; count] };
        for row in self.rows() {
            // The place of the last point that was aligned with: beyond it, blocks cannot cross.
            let mut last: Option<usize> = None;
            for point in row {
                let before = self.before(point);
                if before.is_empty() {
                    continue;
                }
                for median in [(before.len() - 1) / 2, before.len() / 2] {
                    let (end, piece) = before[median];
                    let place = self.network.places[end];
                    let beyond =
                        last.is_none_or(|last| if self.mirrored { place < last } else { place > last });
                    if blocks.roots[point] == point && beyond && !self.crossed[piece] {
                        let shift = self.network.pieces[piece].shift;
                        let shift = if self.down == self.mirrored { shift } else { -shift };
                        blocks.roots[point] = blocks.roots[end];
                        blocks.shifts[point] = blocks.shifts[end] + shift;
                        last = Some(place);
                    }
                }
            }
        }
        blocks
    }

    /// Packs the blocks to the left, then lets each move right as far as its neighbours allow.
    fn pack(&self, blocks: &Blocks) -> Vec<f64> {
        let count = self.network.points.len();
        let mut after: Vec<Vec<(usize, f64)>> = vec![Vec::new(); count];
        let mut waiting = vec![0_usize; count];
        for row in self.rows() {
            for pair in row.windows(2) {
                let (left, right) = (pair[0], pair[1]);
                let (one, other) = (blocks.roots[left], blocks.roots[right]);
                let distance =
                    distance(self.network, left, right) + blocks.shifts[left] - blocks.shifts[right];
                after[one].push((other, distance));
                waiting[other] += 1;
            }
        }
        let is_root = |point: &usize| blocks.roots[*point] == *point;
        let mut sorted: Vec<usize> = (0..count).filter(is_root).filter(|&root| waiting[root] == 0).collect();
        let mut lines = vec![0.0_f64; count];
        let mut next = 0;
        while let Some(&root) = sorted.get(next) {
            next += 1;
            for &(other, distance) in &after[root] {
                lines[other] = lines[other].max(lines[root] + distance);
                waiting[other] -= 1;
                if waiting[other] == 0 {
                    sorted.push(other);
                }
            }
        }
        for &root in sorted.iter().rev() {
            let room = after[root].iter().map(|&(other, distance)| lines[other] - distance);
            if let Some(room) = room.reduce(f64::min) {
                lines[root] = lines[root].max(room);
            }
        }
        (0..count).map(|point| lines[blocks.roots[point]] + blocks.shifts[point]).collect()
    }
}

fn extent(network: &Network, centres: &[f64]) -> (f64, f64) {
    network.points.iter().zip(centres).fold(
        (f64::INFINITY, f64::NEG_INFINITY),
        |(left, right), (point, &centre)| {
            (left.min(centre - point.width / 2.0), right.max(centre + point.width / 2.0))
        },
    )
}

/// Moves the layouts to the side of the narrowest one towards which they are packed; the mean of the two
/// inner positions of a point keeps all distances.
fn balance(network: &Network, mut layouts: Vec<Vec<f64>>) -> Vec<f64> {
    let extents: Vec<(f64, f64)> = layouts.iter().map(|layout| extent(network, layout)).collect();
    let narrowest = extents
        .iter()
        .copied()
        .min_by(|one, other| (one.1 - one.0).total_cmp(&(other.1 - other.0)))
        .unwrap_or_default();
    for (index, layout) in layouts.iter_mut().enumerate() {
        let mirrored = index % 2 == 1;
        let shift = if mirrored { narrowest.1 - extents[index].1 } else { narrowest.0 - extents[index].0 };
        for centre in layout {
            *centre += shift;
        }
    }
    (0..network.points.len())
        .map(|point| {
            let mut positions = [0.0; 4];
            for (position, layout) in positions.iter_mut().zip(&layouts) {
                *position = layout[point];
            }
            positions.sort_by(f64::total_cmp);
            f64::midpoint(positions[1], positions[2])
        })
        .collect()
}

/// Rounding aside this changes nothing; it makes sure that nothing overlaps.
fn separate(network: &Network, centres: &mut [f64]) {
    for row in &network.rows {
        for pair in row.windows(2) {
            let least = centres[pair[0]] + distance(network, pair[0], pair[1]);
            centres[pair[1]] = centres[pair[1]].max(least);
        }
    }
}
