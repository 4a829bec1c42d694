//! Rows: every vertex below all that it waits for.

use super::{Region, Row};

/// From this many vertices without any arrow on, they fill several rows.
const LONE_ROW: usize = 6;

/// The row of each vertex, counted from zero without gaps.
pub(super) fn ranks(region: &Region) -> Vec<usize> {
    let count = region.vertices.len();
    let mut targets = vec![Vec::new(); count];
    let mut incoming = vec![0_usize; count];
    for net in &region.nets {
        for target in &net.to {
            targets[net.from].push(target.vertex);
            incoming[target.vertex] += 1;
        }
    }
    let first = usize::from(region.vertices.iter().any(|vertex| vertex.row == Row::Top));
    let mut ranks: Vec<usize> =
        region.vertices.iter().map(|vertex| if vertex.row == Row::Top { 0 } else { first }).collect();
    spread_lone(region, &targets, &incoming, &mut ranks);
    for vertex in 0..count {
        for &target in &targets[vertex] {
            ranks[target] = ranks[target].max(ranks[vertex] + 1);
        }
    }
    // What gives more than it takes stands nearer to those that wait for it: fewer long lines.
    for vertex in (0..count).rev() {
        if region.vertices[vertex].row == Row::Free
            && targets[vertex].len() > incoming[vertex]
            && let Some(nearest) = targets[vertex].iter().map(|&target| ranks[target]).min()
        {
            ranks[vertex] = ranks[vertex].max(nearest - 1);
        }
    }
    let is_bottom = |vertex: &usize| region.vertices[*vertex].row == Row::Bottom;
    let below =
        (0..count).filter(|vertex| !is_bottom(vertex)).map(|vertex| ranks[vertex] + 1).max().unwrap_or(0);
    (0..count).filter(is_bottom).for_each(|vertex| ranks[vertex] = below);
    without_gaps(ranks)
}

/// Vertices without arrows would all stand in one endless row: makes it about as high as wide.
fn spread_lone(region: &Region, targets: &[Vec<usize>], incoming: &[usize], ranks: &mut [usize]) {
    let lone: Vec<usize> = (0..ranks.len())
        .filter(|&vertex| {
            region.vertices[vertex].row == Row::Free && targets[vertex].is_empty() && incoming[vertex] == 0
        })
        .collect();
    if lone.len() <= LONE_ROW {
        return;
    }
    // Boxes are about twice as wide as high with their surroundings.
    let columns = (lone.len() / 2).isqrt().max(LONE_ROW);
    for (place, vertex) in lone.into_iter().enumerate() {
        ranks[vertex] += place / columns;
    }
}

fn without_gaps(mut ranks: Vec<usize>) -> Vec<usize> {
    let mut used = ranks.clone();
    used.sort_unstable();
    used.dedup();
    for rank in &mut ranks {
        *rank = used.partition_point(|&other| other < *rank);
    }
    ranks
}
