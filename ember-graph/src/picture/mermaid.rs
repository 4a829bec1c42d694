//! Mermaid flowcharts.

use std::fmt::Write as _;

use super::label::{Label, construct_line, nested};
use super::relations::{Relation, relations};
use super::text::clean;
use super::tree::{Step, walk};
use crate::structure::Structure;
use crate::{Access, Description, Kind, Source, policies};

pub(super) fn draw(description: &Description<'_>) -> String {
    let structure = Structure::new(description);
    let mut text = String::from("flowchart TD\n");
    for (index, input) in description.inputs.iter().enumerate() {
        line(&mut text, 1, &format!("i{index}([\"{}\"])", escape(input.name)));
    }
    for (depth, step) in walk(description, &structure) {
        match step {
            Step::Node(index) => line(&mut text, depth, &node(description, &structure, index)),
            Step::Construct(index) => {
                let label = Label::of(description, &structure, index);
                let title = construct_line(&label, description.nodes[index].kind);
                line(&mut text, depth, &format!("subgraph n{index} [\"{}\"]", escape(&title)));
            }
            Step::Part { construct, number, name } => {
                line(&mut text, depth, &format!("subgraph n{construct}p{number} [\"{}\"]", escape(name)));
            }
            Step::End => line(&mut text, depth, "end"),
        }
    }
    for relation in relations(description, &structure) {
        // Mermaid refuses an arrow between a subgraph and what it holds.
        if let Source::Node(from) = relation.from
            && structure.siblings(from as usize, relation.to).is_none()
        {
            continue;
        }
        line(&mut text, 1, &arrow(&relation));
    }
    if let Some(output) = description.output.filter(|&output| (output as usize) < description.nodes.len()) {
        line(&mut text, 1, "output([\"output\"])");
        line(&mut text, 1, &format!("n{output} ==> output"));
    }
    text
}

fn line(text: &mut String, depth: usize, line: &str) {
    // Deep nesting must not make the text quadratic in size.
    let indent = 4 * depth.min(8);
    let _ = writeln!(text, "{:indent$}{line}", "");
}

fn node(description: &Description<'_>, structure: &Structure, index: usize) -> String {
    let node = &description.nodes[index];
    let label = Label::of(description, structure, index);
    let (open, close) = match node.kind {
        _ if nested(node).is_some() => ("[[", "]]"),
        Kind::Operator => ("[", "]"),
        Kind::Glue => ("(", ")"),
        // A construct whose body holds no node.
        _ => return format!("n{index}{{{{\"{}\"}}}}", escape(&construct_line(&label, node.kind))),
    };
    let mark = if node.fallible { "?" } else { "" };
    let mut text = match (label.name, label.operator) {
        (name, "") => format!("{}{mark}", escape(name)),
        (name, operator) => format!("{}<br/>{}{mark}", escape(name), escape(operator)),
    };
    let policies = policies::line(node);
    if !policies.is_empty() {
        let _ = write!(text, "<br/><small>{}</small>", escape(&policies));
    }
    format!("n{index}{open}\"{text}\"{close}")
}

fn arrow(relation: &Relation<'_>) -> String {
    let from = match relation.from {
        Source::Input(input) => format!("i{input}"),
        Source::Node(node) => format!("n{node}"),
    };
    let arrow = match relation.access {
        Access::Borrow => "-->",
        Access::BorrowMut => "-->|mut|",
        Access::Take => "==>",
        Access::Order => "-.->",
    };
    format!("{from} {arrow} n{}", relation.to)
}

/// Writes all but plain words as character codes, because Mermaid reads much inside of quotes: Markdown
/// between backquotes, lists, HTML, codes of its own after `#`, and styles after `:`.
fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for char in clean(text).chars() {
        if char.is_alphanumeric() || " _.,()[]=/!?'…".contains(char) {
            escaped.push(char);
        } else {
            let _ = write!(escaped, "#{};", u32::from(char));
        }
    }
    // An empty label is an error.
    if escaped.is_empty() { String::from(" ") } else { escaped }
}
