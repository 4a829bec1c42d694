//! Vertical positions, and the strokes of the arrows.

use super::network::Network;
use super::{Arranged, End, Region, Stroke};

/// The least height between two rows.
const GAP: f64 = 34.0;
/// The same where no arrow ends at a node.
const BARE_GAP: f64 = 24.0;
const MOST_GAP: f64 = 96.0;
/// How far the ends of arrows stay away from the corners of a box, and from each other.
const INSET: f64 = 14.0;
const BETWEEN_HEADS: f64 = 11.0;

pub(super) fn route(region: &Region, network: &Network, centres: &[f64]) -> Arranged {
    let arrivals = arrivals(region, network, centres);
    let heights: Vec<f64> = network
        .rows
        .iter()
        .map(|row| {
            let heights =
                row.iter().filter_map(|&point| region.vertices.get(point)).map(|vertex| vertex.height);
            heights.fold(0.0, f64::max)
        })
        .collect();
    let tops = tops(region, network, centres, &arrivals, &heights);
    let mut strokes: Vec<Vec<Stroke>> = region.nets.iter().map(|_| Vec::new()).collect();
    let bottom = |point: usize| {
        let top = tops[network.points[point].rank];
        // A joint passes through its row; a box ends where it ends.
        region.vertices.get(point).map_or(top, |vertex| top + vertex.height)
    };
    let stroke = |from: usize, to: usize, x: f64, end: End| {
        let (start, goal) = (network.points[from].rank, tops[network.points[to].rank]);
        Stroke {
            from: (centres[from], bottom(from)),
            bend: (tops[start] + heights[start], goal),
            to: (x, goal),
            end,
        }
    };
    for (index, piece) in network.pieces.iter().enumerate() {
        let end = match piece.target.map(|target| region.nets[piece.net].to[target].port) {
            None => End::Joint,
            Some(None) => End::Head,
            Some(Some(_)) => End::Port,
        };
        strokes[piece.net].push(stroke(piece.from, piece.to, arrivals[index], end));
    }
    for &(net, place) in &network.direct {
        let target = region.nets[net].to[place];
        let end = if target.port.is_some() { End::Port } else { End::Head };
        let x = centres[target.vertex] + target.port.unwrap_or(0.0);
        strokes[net].push(stroke(region.nets[net].from, target.vertex, x, end));
    }
    let corners = region
        .vertices
        .iter()
        .enumerate()
        .map(|(vertex, size)| (centres[vertex] - size.width / 2.0, tops[network.points[vertex].rank]));
    let right = network.points.iter().zip(centres).map(|(point, centre)| centre + point.width / 2.0);
    let last = heights.len() - 1;
    Arranged {
        width: right.fold(0.0, f64::max),
        height: tops[last] + heights[last],
        corners: corners.collect(),
        strokes,
    }
}

/// Where each piece arrives. At a node, arrows come in straight from above where they can, and next to each
/// other where they would meet.
fn arrivals(region: &Region, network: &Network, centres: &[f64]) -> Vec<f64> {
    let mut arrivals: Vec<f64> = network.pieces.iter().map(|piece| centres[piece.to] + piece.shift).collect();
    let start = |piece: usize| centres[network.pieces[piece].from];
    let is_port = |piece: usize| {
        let piece = &network.pieces[piece];
        piece.target.is_some_and(|target| region.nets[piece.net].to[target].port.is_some())
    };
    for (vertex, size) in region.vertices.iter().enumerate() {
        let mut pieces = network.above[vertex].clone();
        pieces.sort_by(|&one, &other| start(one).total_cmp(&start(other)));
        let inset = INSET.min(size.width / 2.0);
        let left = centres[vertex] - size.width / 2.0 + inset;
        let right = centres[vertex] + size.width / 2.0 - inset;
        if !pieces.iter().any(|&piece| is_port(piece)) {
            let wanted: Vec<f64> = pieces.iter().map(|&piece| start(piece).clamp(left, right)).collect();
            for (piece, x) in pieces.into_iter().zip(spread(&wanted, left, right)) {
                arrivals[piece] = x;
            }
            continue;
        }
        // Ports are where the contents want them: the other arrows keep beside them, in order if possible.
        let mut least = left;
        for (place, &piece) in pieces.iter().enumerate() {
            if !is_port(piece) {
                let ports = pieces[place..].iter().filter(|&&later| is_port(later));
                let most = ports.map(|&later| arrivals[later] - BETWEEN_HEADS).fold(right, f64::min);
                arrivals[piece] = start(piece).min(most).max(least).min(right);
            }
            least = least.max(arrivals[piece] + BETWEEN_HEADS);
        }
    }
    arrivals
}

/// The sorted positions, moved apart as little as the bounds allow.
fn spread(wanted: &[f64], left: f64, right: f64) -> Vec<f64> {
    let mut positions = wanted.to_vec();
    let Some(last) = positions.len().checked_sub(1).filter(|&last| last > 0) else { return positions };
    let between = BETWEEN_HEADS.min((right - left) / f64::from(u32::try_from(last).unwrap_or(u32::MAX)));
    for place in 1..=last {
        positions[place] = positions[place].max(positions[place - 1] + between);
    }
    positions[last] = positions[last].min(right);
    for place in (0..last).rev() {
        positions[place] = positions[place].min(positions[place + 1] - between);
    }
    positions
}

/// The upper edge of each row. Where lines go far to the side, rows are further apart, so that the lines do
/// not lie flat.
fn tops(region: &Region, network: &Network, centres: &[f64], arrivals: &[f64], heights: &[f64]) -> Vec<f64> {
    let mut gaps = vec![BARE_GAP; heights.len()];
    for (piece, &x) in network.pieces.iter().zip(arrivals) {
        let is_head = piece.target.is_some_and(|target| region.nets[piece.net].to[target].port.is_none());
        let least = if is_head { GAP } else { BARE_GAP };
        let gap = &mut gaps[network.points[piece.from].rank];
        *gap = gap.max((least + 0.12 * (x - centres[piece.from]).abs()).min(MOST_GAP));
    }
    let mut top = 0.0;
    heights
        .iter()
        .zip(gaps)
        .map(|(height, gap)| {
            let own = top;
            top += height + gap;
            own
        })
        .collect()
}
