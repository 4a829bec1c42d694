//! What stands on a node.

use crate::structure::Structure;
use crate::{Description, Kind, Node};

/// The words on a node, not cleaned or escaped.
pub(crate) struct Label<'a> {
    /// What the node is called within its body, or after its operator; empty for a construct without name.
    pub(crate) name: &'a str,
    /// The operator, empty where it would only repeat the name.
    pub(crate) operator: &'a str,
}

impl<'a> Label<'a> {
    pub(crate) fn of(description: &Description<'a>, structure: &Structure, index: usize) -> Self {
        let node = &description.nodes[index];
        let parent = structure.parent(index).map(|parent| &description.nodes[parent]);
        let mut name = own_name(node, parent);
        if name.is_empty() {
            name = last_segment(node.operator);
        }
        if name.is_empty() {
            name = match node.kind {
                Kind::Operator => node.path,
                Kind::Glue => "{ … }",
                _ => "",
            };
        }
        Self { name, operator: if node.operator == name { "" } else { node.operator } }
    }

    /// The label in one line, for formats that lay out text themselves.
    pub(crate) fn line(&self) -> String {
        match (self.name, self.operator) {
            (name, "") => name.to_owned(),
            ("", operator) => operator.to_owned(),
            (name, operator) => format!("{name} = {operator}"),
        }
    }
}

/// What the path says beyond the parent's path and part, unless it is a mere position.
fn own_name<'a>(node: &Node<'a>, parent: Option<&Node<'a>>) -> &'a str {
    let beyond = parent.and_then(|parent| node.path.strip_prefix(parent.path));
    let rest = beyond.map_or(node.path, |rest| beyond_part(rest, node.part));
    let name = rest.rsplit('.').next().unwrap_or_default();
    let is_construct = !kind_word(node.kind).is_empty();
    let is_position = !name.starts_with(|first: char| first.is_alphabetic() || first == '_')
        || name.ends_with(']')
        // What decides a branch is named after it, as `best.if`: the operator says more.
        || (matches!(name, "if" | "match" | "for" | "loop") && !is_construct);
    if is_position { "" } else { name }
}

/// Cuts off the mark of the part, such as `.then`, `.arm0` or `[]`.
fn beyond_part<'a>(rest: &'a str, part: &str) -> &'a str {
    let rest = rest.strip_prefix("[]").unwrap_or(rest);
    let rest = rest.strip_prefix('.').unwrap_or(rest);
    if part.is_empty() {
        return rest;
    }
    if let Some(beyond) = rest.strip_prefix(part)
        && (beyond.is_empty() || beyond.starts_with('.'))
    {
        return beyond.strip_prefix('.').unwrap_or(beyond);
    }
    let (first, beyond) = rest.split_once('.').unwrap_or((rest, ""));
    let mark = first.trim_end_matches(|digit: char| digit.is_ascii_digit());
    if matches!(mark, "then" | "else" | "arm") { beyond } else { rest }
}

/// `ops::parse::<u32>` gives `parse`.
fn last_segment(operator: &str) -> &str {
    let path = operator.split('<').next().unwrap_or_default();
    let path = path.trim_end_matches("::");
    path.rsplit("::").next().unwrap_or_default().trim()
}

/// The word for a kind of construct, empty for what is none.
pub(crate) fn kind_word(kind: Kind) -> &'static str {
    match kind {
        Kind::Operator | Kind::Glue => "",
        Kind::Branch => "branch",
        Kind::FanOut => "for each",
        Kind::Loop => "loop",
        Kind::Group => "group",
    }
}

/// The name and the kind of a construct in one line.
pub(crate) fn construct_line(label: &Label<'_>, kind: Kind) -> String {
    let (line, word) = (label.line(), kind_word(kind));
    match (line.is_empty(), word.is_empty()) {
        (false, false) => format!("{line} ({word})"),
        (false, true) => line,
        (true, _) => word.to_owned(),
    }
}

/// Whether the parts of this construct are shown apart.
///
/// The elements of a group are nodes without more, so frames around them would say nothing.
pub(crate) fn shows_parts(description: &Description<'_>, structure: &Structure, construct: usize) -> bool {
    let mut parts = structure.body(Some(construct)).iter().map(|&node| description.nodes[node].part);
    match description.nodes[construct].kind {
        Kind::Branch => true,
        Kind::FanOut | Kind::Loop => {
            parts.next().is_some_and(|first| parts.any(|part| part != first && !part.is_empty()))
        }
        _ => false,
    }
}

/// The description of the graph that a node runs, if its operator is one.
pub(crate) fn nested(node: &Node<'_>) -> Option<&'static Description<'static>> {
    node.graph.filter(|_| node.kind == Kind::Operator).and_then(|graph| graph())
}
