//! What graphs there are, as data and as pictures.

use std::sync::Arc;

use axum::extract::{Path, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use ember_graph::{Access, Description, Edge, Kind, Node, Source};
use serde::Serialize;
use serde_json::value::RawValue;

use super::{Site, json};
use crate::VERSION;
use crate::program::Program;
use crate::told::{Taken, changes};

#[derive(Serialize)]
struct Answer<'a> {
    version: u32,
    title: &'a str,
    program: &'a Program,
    graphs: Vec<Described<'a>>,
    /// The same as the first event of `/events`, without the health of the process.
    now: Option<Box<RawValue>>,
}

#[derive(Serialize)]
struct Described<'a> {
    id: u64,
    name: &'a str,
    file: &'a str,
    line: u32,
    r#async: bool,
    inputs: Vec<InputOf<'a>>,
    nodes: Vec<NodeOf<'a>>,
    edges: Vec<EdgeOf<'a>>,
    output: Option<u32>,
}

#[derive(Serialize)]
struct InputOf<'a> {
    name: &'a str,
    r#type: &'a str,
}

#[derive(Serialize)]
struct NodeOf<'a> {
    path: &'a str,
    operator: &'a str,
    kind: &'static str,
    parent: Option<u32>,
    part: &'a str,
    fallible: bool,
    line: u32,
    policies: Vec<PolicyOf<'a>>,
    graph: Option<&'static str>,
}

#[derive(Serialize)]
struct PolicyOf<'a> {
    name: &'a str,
    value: &'a str,
}

#[derive(Serialize)]
struct EdgeOf<'a> {
    /// The index of a node, or of an input if `input` says so.
    from: u32,
    input: bool,
    to: u32,
    access: &'static str,
    value: &'a str,
}

pub(super) async fn graphs(State(site): State<Arc<Site>>) -> Response {
    let Taken { snapshot, graphs: known } = match site.reader.take().await {
        Ok(taken) => taken,
        Err(no) => return no.into_response(),
    };
    let answer = Answer {
        version: VERSION,
        title: &site.title,
        program: &site.program,
        graphs: known.iter().map(|&(id, description)| described(id, description)).collect(),
        now: changes(None, &snapshot).and_then(|text| RawValue::from_string(text).ok()),
    };
    json(StatusCode::OK, &answer)
}

pub(super) async fn picture(State(site): State<Arc<Site>>, Path(id): Path<String>) -> Response {
    let known = match site.reader.take().await {
        Ok(taken) => taken.graphs,
        Err(no) => return no.into_response(),
    };
    let described = id.parse().ok().and_then(|id: u64| known.iter().find(|(known, _)| *known == id));
    match described {
        Some((_, description)) => {
            ([(header::CONTENT_TYPE, "image/svg+xml")], description.to_bare_svg()).into_response()
        }
        None => (StatusCode::NOT_FOUND, "no graph has this number\n").into_response(),
    }
}

fn described(id: u64, description: &'static Description<'static>) -> Described<'static> {
    Described {
        id,
        name: description.name,
        file: description.file,
        line: description.line,
        r#async: description.is_async,
        inputs: (description.inputs.iter())
            .map(|input| InputOf { name: input.name, r#type: input.ty })
            .collect(),
        nodes: description.nodes.iter().map(node).collect(),
        edges: description.edges.iter().map(edge).collect(),
        output: description.output,
    }
}

fn node(node: &'static Node<'static>) -> NodeOf<'static> {
    NodeOf {
        path: node.path,
        operator: node.operator,
        kind: match node.kind {
            Kind::Operator => "operator",
            Kind::Glue => "glue",
            Kind::Branch => "branch",
            Kind::FanOut => "for",
            Kind::Loop => "loop",
            Kind::Group => "group",
            _ => "other",
        },
        parent: node.parent,
        part: node.part,
        fallible: node.fallible,
        line: node.line,
        policies: node.policies().map(|policy| PolicyOf { name: policy.name, value: policy.value }).collect(),
        graph: node.graph.and_then(|graph| graph()).map(|graph| graph.name),
    }
}

fn edge(edge: &'static Edge<'static>) -> EdgeOf<'static> {
    let (from, input) = match edge.from {
        Source::Node(node) => (node, false),
        Source::Input(input) => (input, true),
    };
    let access = match edge.access {
        Access::Borrow => "borrow",
        Access::BorrowMut => "mut",
        Access::Take => "take",
        Access::Order => "order",
        _ => "other",
    };
    EdgeOf { from, input, to: edge.to, access, value: edge.value }
}
