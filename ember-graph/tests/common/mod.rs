//! Descriptions for tests: written by hand, or made by a generator that always makes the same ones.
// Every test uses its own part of this.
#![allow(dead_code)]

use ember_graph::{Access, Description, Edge, Input, Kind, Node, Source};

/// The data that a description borrows.
#[derive(Default)]
pub(crate) struct Owned {
    pub(crate) name: String,
    pub(crate) inputs: Vec<String>,
    pub(crate) nodes: Vec<OwnedNode>,
    pub(crate) edges: Vec<(Source, u32, Access)>,
    pub(crate) output: Option<u32>,
}

pub(crate) struct OwnedNode {
    pub(crate) path: String,
    pub(crate) operator: String,
    pub(crate) kind: Kind,
    pub(crate) parent: Option<u32>,
    pub(crate) part: String,
}

impl Owned {
    /// Operators outside of constructs, named by their indices, and what they wait for.
    pub(crate) fn operators(count: u32, edges: &[(u32, u32)]) -> Self {
        let mut graph = Self { name: String::from("graph"), ..Self::default() };
        for index in 0..count {
            graph.add(&format!("n{index}"), "op", Kind::Operator, None, "");
        }
        graph.edges.extend(edges.iter().map(|&(from, to)| (Source::Node(from), to, Access::Borrow)));
        graph
    }

    pub(crate) fn add(
        &mut self,
        path: &str,
        operator: &str,
        kind: Kind,
        parent: Option<u32>,
        part: &str,
    ) -> u32 {
        self.nodes.push(OwnedNode {
            path: path.to_owned(),
            operator: operator.to_owned(),
            kind,
            parent,
            part: part.to_owned(),
        });
        u32::try_from(self.nodes.len() - 1).unwrap()
    }

    pub(crate) fn link(&mut self, from: u32, to: u32) {
        self.edges.push((Source::Node(from), to, Access::Take));
    }

    pub(crate) fn with<T>(&self, test: impl FnOnce(&Description<'_>) -> T) -> T {
        let inputs: Vec<_> = self.inputs.iter().map(|name| Input::__new(name, "Vec<&'a str>")).collect();
        let nodes: Vec<_> = (1..)
            .zip(&self.nodes)
            .map(|(line, node)| {
                let OwnedNode { path, operator, kind, parent, part } = node;
                Node::__new(path, operator, *kind, *parent, part, line % 3 == 0, line, 1, graph_of(operator))
            })
            .collect();
        let edges: Vec<_> =
            self.edges.iter().map(|&(from, to, access)| Edge::__new(from, to, access, "value")).collect();
        test(&Description::__new(&self.name, "tests/common/mod.rs", 7, &inputs, &nodes, &edges, self.output))
    }
}

// Functions rather than paths of methods, because those are for one lifetime only.

pub(crate) fn svg(graph: &Description<'_>) -> String {
    graph.to_svg()
}

pub(crate) fn mermaid(graph: &Description<'_>) -> String {
    graph.to_mermaid()
}

pub(crate) fn dot(graph: &Description<'_>) -> String {
    graph.to_dot()
}

pub(crate) fn critical_path(graph: &Description<'_>) -> Vec<u32> {
    graph.critical_path()
}

pub(crate) fn width(graph: &Description<'_>) -> usize {
    graph.width()
}

type Graph = fn() -> Option<&'static Description<'static>>;

fn graph_of(operator: &str) -> Option<Graph> {
    const NESTED: Description<'static> = Description::__new("nested", "lib.rs", 1, &[], &[], &[], None);
    match operator {
        "nested" => Some(|| Some(&NESTED)),
        "no_graph" => Some(|| None),
        _ => None,
    }
}

/// Knuth's linear congruential generator; the high bits are good enough for tests.
pub(crate) struct Chance(pub(crate) u64);

impl Chance {
    pub(crate) fn below(&mut self, limit: u32) -> u32 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        u32::try_from(self.0 >> 33).unwrap() % limit
    }

    pub(crate) fn pick<'a, T: ?Sized>(&mut self, from: &[&'a T]) -> &'a T {
        from[self.below(u32::try_from(from.len()).unwrap()) as usize]
    }
}

/// Names that some format could take for something else.
pub(crate) const HOSTILE: [&str; 10] = [
    "\"quoted\" 'text'",
    "<script>alert(1)</script>",
    "</svg>]]>&amp;&",
    "`tick` **bold** [link](url)",
    "line\nbreak\r\n\ttab",
    "back\\slash \\n \\\" \\N",
    "end",
    "#quot; ; -->|x| style a:b#c; %% comment",
    "nul\0 bell\u{7} \u{fffe}\u{202e}bidi",
    "日本語 é \u{1f980} {a|b} @{shape: x}",
];

/// A graph with everything in it, as sound as the macros write it.
pub(crate) fn random(seed: u64, count: u32) -> Owned {
    let mut chance = Chance(seed);
    let mut graph = Owned { name: format!("random {seed}"), ..Owned::default() };
    graph.inputs.extend((0..chance.below(4)).map(|input| format!("input_{input}")));
    for index in 0..count {
        let constructs: Vec<u32> = (0..index)
            .filter(|&node| !matches!(graph.nodes[node as usize].kind, Kind::Operator | Kind::Glue))
            .collect();
        let parent = (!constructs.is_empty() && chance.below(3) > 0)
            .then(|| constructs[chance.below(u32::try_from(constructs.len()).unwrap()) as usize]);
        let kind = *chance.pick(&[
            &Kind::Operator,
            &Kind::Operator,
            &Kind::Operator,
            &Kind::Glue,
            &Kind::Branch,
            &Kind::FanOut,
            &Kind::Loop,
            &Kind::Group,
        ]);
        let part = if parent.is_some() { chance.pick(&["then", "else", "Some(x)", ""]) } else { "" };
        let name = if chance.below(9) == 0 { chance.pick(&HOSTILE) } else { "name" };
        let operator = chance.pick(&["op", "a::b::<T>", "nested", "no_graph", ""]);
        graph.add(&format!("{name}_{index}"), operator, kind, parent, part);
        for _ in 0..chance.below(4) {
            let access = *chance.pick(&[&Access::Borrow, &Access::BorrowMut, &Access::Take, &Access::Order]);
            let inputs = u32::try_from(graph.inputs.len()).unwrap();
            let from = if index == 0 || (inputs > 0 && chance.below(5) == 0) {
                Source::Input(chance.below(inputs.max(1)))
            } else {
                Source::Node(chance.below(index))
            };
            graph.edges.push((from, index, access));
        }
    }
    graph.output = count.checked_sub(1);
    graph
}
