//! The words that stand beside the image: its title, its description, and what a pointer shows.

use super::cells::{Flow, Line};
use crate::picture::label::{kind_word, nested};
use crate::picture::text::clean;
use crate::{Access, Description, Kind, Node, Policy, Source};

/// The nodes that the description of the image names; for more, listening gets tiresome.
const NAMED: usize = 40;

pub(super) fn title(description: &Description<'_>) -> String {
    format!("Graph {}", clean(description.name))
}

/// The image in one sentence per subject.
pub(super) fn summary(description: &Description<'_>) -> String {
    let mut sentences = Vec::new();
    if !description.inputs.is_empty() {
        let names: Vec<String> = description.inputs.iter().map(|input| clean(input.name)).collect();
        sentences.push(format!("Inputs: {}.", names.join(", ")));
    }
    let nodes: Vec<String> = description.nodes.iter().take(NAMED).map(spoken).collect();
    let nodes = nodes.join(", ");
    sentences.push(match description.nodes.len() {
        0 => String::from("No nodes."),
        count if count > NAMED => format!("{count} nodes, among them: {nodes}."),
        _ => format!("Nodes: {nodes}."),
    });
    if let Some(output) = description.output.and_then(|output| description.nodes.get(output as usize)) {
        sentences.push(format!("Output: {}.", clean(output.path)));
    }
    sentences.join(" ")
}

fn spoken(node: &Node<'_>) -> String {
    let path = clean(node.path);
    match (kind_word(node.kind), node.operator) {
        ("", "") => path,
        ("", operator) if operator == node.path => path,
        ("", operator) => format!("{path} calls {}", clean(operator)),
        (word, _) => format!("{path} ({word})"),
    }
}

/// All that the box of a node had no room for.
pub(super) fn node(description: &Description<'_>, index: usize) -> String {
    let node = &description.nodes[index];
    let mut notes = Vec::new();
    match (node.kind, kind_word(node.kind)) {
        (Kind::Glue, _) => notes.push(String::from("glue")),
        (_, "") => {}
        (_, word) => notes.push(word.to_owned()),
    }
    if let Some(graph) = nested(node) {
        notes.push(format!("graph {}, {} nodes", clean(graph.name), graph.nodes.len()));
    }
    if node.fallible {
        notes.push(String::from("may fail"));
    }
    notes.extend(node.policies().map(|Policy { name, value }| {
        if value.is_empty() { name.to_owned() } else { format!("{name} {}", clean(value)) }
    }));
    notes.push(format!("line {}", node.line));
    let (path, notes) = (clean(node.path), notes.join(", "));
    if node.operator.is_empty() || node.operator == node.path {
        return format!("{path} ({notes})");
    }
    format!("{path} = {} ({notes})", clean(node.operator))
}

pub(super) fn input(description: &Description<'_>, index: usize) -> String {
    let input = &description.inputs[index];
    format!("{}: {}", clean(input.name), clean(input.ty))
}

pub(super) fn line(description: &Description<'_>, line: &Line) -> String {
    let source = match line.source {
        Source::Input(input) => description.inputs[input as usize].name,
        Source::Node(node) => description.nodes[node as usize].path,
    };
    let how = match line.flow {
        Flow::Use(Access::Borrow) => "borrowed",
        Flow::Use(Access::BorrowMut) => "borrowed mutably",
        Flow::Use(Access::Take) => "moved",
        Flow::Use(Access::Order) => "comes before",
        Flow::Output => "is the output",
    };
    format!("{}, {how}", clean(source))
}
