//! The nested order in which a text format writes nodes down.

use super::label::shows_parts;
use crate::Description;
use crate::structure::Structure;

/// One line of a nested listing.
pub(super) enum Step<'a> {
    /// A node without body.
    Node(usize),
    /// The start of a construct.
    Construct(usize),
    /// The start of a part of a construct.
    Part { construct: usize, number: usize, name: &'a str },
    /// The end of the innermost construct or part.
    End,
}

/// The steps with their depth, counted from one. A stack instead of recursion: nesting may be deep.
pub(super) fn walk<'a>(description: &Description<'a>, structure: &Structure) -> Vec<(usize, Step<'a>)> {
    let mut steps = Vec::new();
    let mut pending: Vec<(usize, Step<'a>)> =
        structure.body(None).iter().rev().map(|&node| (1, Step::Node(node))).collect();
    while let Some((depth, step)) = pending.pop() {
        let Step::Node(node) = step else {
            steps.push((depth, step));
            continue;
        };
        let body = structure.body(Some(node));
        if body.is_empty() {
            steps.push((depth, step));
            continue;
        }
        steps.push((depth, Step::Construct(node)));
        let mut inside = Vec::new();
        if shows_parts(description, structure, node) {
            for (number, (name, members)) in parts(description, body).into_iter().enumerate() {
                let framed = !name.is_empty();
                if framed {
                    inside.push((depth + 1, Step::Part { construct: node, number, name }));
                }
                inside.extend(members.into_iter().map(|node| (depth + 2, Step::Node(node))));
                if framed {
                    inside.push((depth + 1, Step::End));
                }
            }
        } else {
            inside.extend(body.iter().map(|&node| (depth + 1, Step::Node(node))));
        }
        inside.push((depth, Step::End));
        pending.extend(inside.into_iter().rev());
    }
    steps
}

/// The nodes of a body by part, parts in the order of their first nodes.
fn parts<'a>(description: &Description<'a>, body: &[usize]) -> Vec<(&'a str, Vec<usize>)> {
    let mut parts: Vec<(&str, Vec<usize>)> = Vec::new();
    let mut places = std::collections::HashMap::new();
    for &node in body {
        let name = description.nodes[node].part;
        let place = *places.entry(name).or_insert_with(|| {
            parts.push((name, Vec::new()));
            parts.len() - 1
        });
        parts[place].1.push(node);
    }
    parts
}
