//! The language of Graphviz.

use std::fmt::Write as _;

use super::label::{Label, construct_line, nested};
use super::relations::{Relation, relations};
use super::text::clean;
use super::tree::{Step, walk};
use crate::structure::Structure;
use crate::{Access, Description, Kind, Source, policies};

pub(super) fn draw(description: &Description<'_>) -> String {
    let structure = Structure::new(description);
    let mut text = format!("digraph \"{}\" {{\n", escape(description.name));
    for setting in [
        "compound=true",
        "fontname=\"sans-serif\"",
        "node [shape=box, style=\"rounded,filled\", fillcolor=white, fontname=\"sans-serif\"]",
    ] {
        line(&mut text, 1, setting);
    }
    for (index, input) in description.inputs.iter().enumerate() {
        let name = escape(input.name);
        line(
            &mut text,
            1,
            &format!("i{index} [label=\"{name}\", shape=box, style=\"rounded,filled\", fillcolor=lightblue]"),
        );
    }
    for (depth, step) in walk(description, &structure) {
        match step {
            Step::Node(index) => line(&mut text, depth, &node(description, &structure, index)),
            Step::Construct(index) => {
                let label = Label::of(description, &structure, index);
                let kind = description.nodes[index].kind;
                let title = escape(&construct_line(&label, kind));
                line(&mut text, depth, &format!("subgraph cluster_{index} {{"));
                line(
                    &mut text,
                    depth + 1,
                    &format!("label=\"{title}\"; style=\"filled\"; fillcolor={}", fill(kind)),
                );
                // Arrows end at nodes only: this one stands for the cluster.
                line(
                    &mut text,
                    depth + 1,
                    &format!("n{index} [label=\"\", shape=point, style=invis, width=0]"),
                );
            }
            Step::Part { construct, number, name } => {
                line(&mut text, depth, &format!("subgraph cluster_{construct}_{number} {{"));
                line(
                    &mut text,
                    depth + 1,
                    &format!("label=\"{}\"; style=\"dashed,filled\"; fillcolor=white", escape(name)),
                );
            }
            Step::End => line(&mut text, depth, "}"),
        }
    }
    for relation in relations(description, &structure) {
        line(&mut text, 1, &arrow(&relation, &structure));
    }
    if let Some(output) = description.output.filter(|&output| (output as usize) < description.nodes.len()) {
        let tail = cluster(&structure, output as usize, "ltail");
        line(
            &mut text,
            1,
            "output [label=\"output\", shape=box, style=\"rounded,filled\", fillcolor=palegreen]",
        );
        line(&mut text, 1, &format!("n{output} -> output [penwidth=2{tail}]"));
    }
    text.push_str("}\n");
    text
}

fn line(text: &mut String, depth: usize, line: &str) {
    let indent = 4 * depth.min(8);
    let _ = writeln!(text, "{:indent$}{line}", "");
}

fn node(description: &Description<'_>, structure: &Structure, index: usize) -> String {
    let node = &description.nodes[index];
    let label = Label::of(description, structure, index);
    let mark = if node.fallible { "?" } else { "" };
    let mut text = match node.kind {
        Kind::Operator | Kind::Glue if label.operator.is_empty() => format!("{}{mark}", escape(label.name)),
        Kind::Operator | Kind::Glue => {
            format!("{}\\n{}{mark}", escape(label.name), escape(label.operator))
        }
        kind => escape(&construct_line(&label, kind)),
    };
    let policies = policies::line(node);
    if !policies.is_empty() {
        let _ = write!(text, "\\n{}", escape(&policies));
    }
    let look = match node.kind {
        _ if nested(node).is_some() => "shape=box, style=filled, peripheries=2",
        Kind::Operator => "shape=box",
        Kind::Glue => "shape=plaintext, style=filled, fillcolor=gray95",
        kind => &format!("shape=folder, style=filled, fillcolor={}", fill(kind)),
    };
    format!("n{index} [label=\"{text}\", {look}]")
}

fn fill(kind: Kind) -> &'static str {
    match kind {
        Kind::Branch => "cornsilk",
        Kind::FanOut => "azure2",
        Kind::Loop => "thistle",
        Kind::Operator | Kind::Glue | Kind::Group => "gray95",
    }
}

fn arrow(relation: &Relation<'_>, structure: &Structure) -> String {
    let look = match relation.access {
        Access::Borrow => "arrowhead=vee",
        Access::BorrowMut => "arrowhead=vee, label=\"mut\"",
        Access::Take => "penwidth=2",
        Access::Order => "arrowhead=vee, style=dashed",
    };
    let head = cluster(structure, relation.to, "lhead");
    match relation.from {
        Source::Input(input) => format!("i{input} -> n{} [{look}{head}]", relation.to),
        Source::Node(from) => {
            let from = from as usize;
            // An arrow cannot be cut off at the border of a cluster that holds both ends.
            let tail = structure.siblings(from, relation.to).map(|_| cluster(structure, from, "ltail"));
            format!("n{from} -> n{} [{look}{}{head}]", relation.to, tail.unwrap_or_default())
        }
    }
}

fn cluster(structure: &Structure, node: usize, attribute: &str) -> String {
    if structure.body(Some(node)).is_empty() {
        return String::new();
    }
    format!(", {attribute}=cluster_{node}")
}

/// For strings in double quotes: Graphviz also reads escapes after a backslash, and HTML entities.
fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for char in clean(text).chars() {
        match char {
            '"' | '\\' => escaped.extend(['\\', char]),
            '&' => escaped.push_str("&amp;"),
            char => escaped.push(char),
        }
    }
    escaped
}
