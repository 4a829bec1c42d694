//! The order in each row, with few crossings: rows are sorted by the mean place of what they are connected
//! with (the barycentre), sweeping down and up, then neighbours swap where that helps.

use super::Region;
use super::network::Network;

/// The work that a sweep may cost, as pieces: bounds the time for huge graphs.
const WORK: usize = 200_000;
const MOST_SWEEPS: usize = 16;
/// So many sweeps without any gain are the last ones.
const MOST_IDLE: usize = 3;
/// Up to this many pieces, neighbours are compared one by one.
const SMALL: usize = 600;

/// Networks of up to this many pieces are tried from several first orders: sweeps only find the next best
/// place.
const TINY: usize = 200;
const STARTS: usize = 5;

pub(super) fn reduce_crossings(network: &mut Network, region: &Region) {
    let pinned = if region.pinned { region.vertices.len() } else { 0 };
    let first = network.rows.clone();
    let mut best = (usize::MAX, Vec::new());
    for start in 0..if network.pieces.len() <= TINY { STARTS } else { 1 } {
        network.rows.clone_from(&first);
        disturb(network, start, pinned);
        sweep(network, pinned, start % 2 == 0, &mut best);
        if best.0 == 0 {
            break;
        }
    }
    network.rows = best.1;
    network.number_places();
}

/// Another order for each start: the given one twice, then its opposite, then rotations.
fn disturb(network: &mut Network, start: usize, pinned: usize) {
    for row in &mut network.rows {
        match start {
            0 | 1 => {}
            2 | 3 => row.reverse(),
            _ => {
                let half = row.len() / 2;
                row.rotate_left(half);
            }
        }
        restore_pinned(row, pinned);
    }
    network.number_places();
}

/// Sweeps down and up in turn and keeps the best rows with the number of their crossings.
fn sweep(network: &mut Network, pinned: usize, down_first: bool, best: &mut (usize, Vec<Vec<usize>>)) {
    let sweeps = (WORK / network.pieces.len().max(1)).clamp(2, MOST_SWEEPS);
    let (mut least, mut idle) = (usize::MAX, 0);
    for sweep in 0..sweeps {
        let down = (sweep % 2 == 0) == down_first;
        for step in 0..network.rows.len() {
            let rank = if down { step } else { network.rows.len() - 1 - step };
            sort_row(network, rank, down, pinned);
        }
        if network.pieces.len() <= SMALL {
            swap_neighbours(network, pinned);
        }
        let crossings = crossings(network);
        if crossings < least {
            (least, idle) = (crossings, 0);
        } else {
            idle += 1;
        }
        if crossings < best.0 {
            *best = (crossings, network.rows.clone());
        }
        if idle > MOST_IDLE || (best.0 == 0 && sweep > 0) {
            return;
        }
    }
}

/// Where the other end of a piece is, as a place in its row; ports lie beside the middle of their box.
fn place(network: &Network, piece: usize, upper: bool) -> f64 {
    let piece = &network.pieces[piece];
    let whole = |point: usize| f64::from(u32::try_from(network.places[point]).unwrap_or(u32::MAX));
    if upper {
        whole(piece.from)
    } else {
        whole(piece.to) + 0.9 * piece.shift / network.points[piece.to].width.max(1.0)
    }
}

/// Points without a connection in that direction keep their places.
fn sort_row(network: &mut Network, rank: usize, by_upper: bool, pinned: usize) {
    let row = network.rows[rank].clone();
    let connected = if by_upper { &network.above } else { &network.below };
    let mut keyed: Vec<(f64, usize)> = Vec::new();
    let mut slots = Vec::new();
    for (slot, &point) in row.iter().enumerate() {
        let pieces = &connected[point];
        if pieces.is_empty() {
            continue;
        }
        let sum: f64 = pieces.iter().map(|&piece| place(network, piece, by_upper)).sum();
        let count = f64::from(u32::try_from(pieces.len()).unwrap_or(u32::MAX));
        keyed.push((sum / count, point));
        slots.push(slot);
    }
    // Stable: equals stay as they are.
    keyed.sort_by(|one, other| one.0.total_cmp(&other.0));
    for (slot, (_, point)) in slots.into_iter().zip(keyed) {
        network.rows[rank][slot] = point;
    }
    restore_pinned(&mut network.rows[rank], pinned);
    for (place, &point) in network.rows[rank].iter().enumerate() {
        network.places[point] = place;
    }
}

/// Puts the pinned points back into the order of their indices, in the slots that they hold.
fn restore_pinned(row: &mut [usize], pinned: usize) {
    if pinned == 0 {
        return;
    }
    let slots: Vec<usize> = (0..row.len()).filter(|&slot| row[slot] < pinned).collect();
    let mut points: Vec<usize> = slots.iter().map(|&slot| row[slot]).collect();
    points.sort_unstable();
    for (slot, point) in slots.into_iter().zip(points) {
        row[slot] = point;
    }
}

fn swap_neighbours(network: &mut Network, pinned: usize) {
    for _ in 0..4 {
        let mut better = false;
        for rank in 0..network.rows.len() {
            for place in 1..network.rows[rank].len() {
                let (left, right) = (network.rows[rank][place - 1], network.rows[rank][place]);
                if (left >= pinned || right >= pinned)
                    && crossings_of(network, right, left) < crossings_of(network, left, right)
                {
                    network.rows[rank].swap(place - 1, place);
                    network.places.swap(left, right);
                    better = true;
                }
            }
        }
        if !better {
            return;
        }
    }
}

/// The crossings between the pieces of two neighbours, if they stand in this order.
fn crossings_of(network: &Network, left: usize, right: usize) -> usize {
    let mut count = 0;
    for (connected, upper) in [(&network.above, true), (&network.below, false)] {
        for &one in &connected[left] {
            let one = place(network, one, upper);
            for &other in &connected[right] {
                count += usize::from(place(network, other, upper) < one);
            }
        }
    }
    count
}

fn crossings(network: &Network) -> usize {
    let mut count = 0;
    for row in &network.rows {
        let mut ends = Vec::new();
        for &point in row {
            let start = ends.len();
            ends.extend(network.below[point].iter().map(|&piece| place(network, piece, false)));
            ends[start..].sort_by(f64::total_cmp);
        }
        count += inversions(&mut ends);
    }
    count
}

/// How many pairs stand in the wrong order; sorts on the way.
fn inversions(values: &mut [f64]) -> usize {
    let middle = values.len() / 2;
    if middle == 0 {
        return 0;
    }
    let mut count = inversions(&mut values[..middle]) + inversions(&mut values[middle..]);
    let mut merged = Vec::with_capacity(values.len());
    let (mut left, mut right) = (0, middle);
    while merged.len() < values.len() {
        if right == values.len() || (left < middle && values[left] <= values[right]) {
            merged.push(values[left]);
            left += 1;
        } else {
            count += middle - left;
            merged.push(values[right]);
            right += 1;
        }
    }
    values.copy_from_slice(&merged);
    count
}
