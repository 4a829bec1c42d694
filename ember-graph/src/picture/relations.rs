//! The arrows of a picture: one between any two ends, as strong as the strongest use.

use std::collections::BTreeMap;

use crate::structure::Structure;
use crate::{Access, Description, Source};

/// All uses of what one end gives by the other.
pub(crate) struct Relation<'a> {
    pub(crate) from: Source,
    pub(crate) to: usize,
    pub(crate) access: Access,
    /// The names of the values that flow, where there are any.
    pub(crate) values: Vec<&'a str>,
}

/// The sound edges of a description in the order of the nodes that wait, merged by their ends.
///
/// An edge between nodes is sound if it closes no cycle, both ends seen as what stands in the innermost body
/// that holds the two; or if it leads from a construct to a node inside of it.
pub(crate) fn relations<'a>(description: &Description<'a>, structure: &Structure) -> Vec<Relation<'a>> {
    let mut merged = BTreeMap::<_, Relation<'a>>::new();
    for edge in description.edges {
        let to = edge.to as usize;
        let Some(key) = key(description, structure, edge.from, to) else { continue };
        let relation = merged.entry((to, key)).or_insert_with(|| Relation {
            from: edge.from,
            to,
            access: edge.access,
            values: Vec::new(),
        });
        if strength(edge.access) > strength(relation.access) {
            relation.access = edge.access;
        }
        if !edge.value.is_empty() && !relation.values.contains(&edge.value) {
            relation.values.push(edge.value);
        }
    }
    merged.into_values().collect()
}

/// Sorts inputs before nodes.
fn key(
    description: &Description<'_>,
    structure: &Structure,
    from: Source,
    to: usize,
) -> Option<(bool, usize)> {
    if to >= description.nodes.len() {
        return None;
    }
    match from {
        Source::Input(input) => {
            ((input as usize) < description.inputs.len()).then_some((false, input as usize))
        }
        Source::Node(node) => {
            let node = node as usize;
            if node >= description.nodes.len() || node == to {
                return None;
            }
            match structure.siblings(node, to) {
                Some((earlier, later)) => structure.rank(earlier) < structure.rank(later),
                None => node < to,
            }
            .then_some((true, node))
        }
    }
}

fn strength(access: Access) -> u8 {
    match access {
        Access::Order => 0,
        Access::Borrow => 1,
        Access::BorrowMut => 2,
        Access::Take => 3,
    }
}
