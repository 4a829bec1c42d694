//! Draws typical graphs into a directory: `cargo run -p ember-graph --example gallery -- target/gallery`.
//!
//! For whoever changes the pictures: what reads well can only be judged by looking.

use std::path::Path;
use std::{env, fs, io};

use ember_graph::{Access, Description, Edge, Input, Kind, Node, Policy, Source};

use Access::{Borrow, BorrowMut, Order, Take};
use Kind::{Branch, FanOut, Glue, Group, Loop, Operator};

fn main() -> io::Result<()> {
    let directory = env::args().nth(1).unwrap_or_else(|| String::from("target/gallery"));
    let directory = Path::new(&directory);
    fs::create_dir_all(directory)?;
    for sketch in [
        diamond(),
        ensemble(),
        branches(),
        fan_out(),
        refine(),
        nested(),
        wavefront(),
        random(),
        long_names(),
        policies(),
        everything(),
    ] {
        sketch.describe(|description| {
            let file = |extension| directory.join(format!("{}.{extension}", description.name));
            fs::write(file("svg"), description.to_svg())?;
            fs::write(file("mmd"), description.to_mermaid())?;
            fs::write(file("dot"), description.to_dot())?;
            println!(
                "{}: {} nodes, critical path {:?}, width {}",
                description.name,
                description.nodes.len(),
                description.critical_path().len(),
                description.width()
            );
            Ok::<_, io::Error>(())
        })?;
    }
    Ok(())
}

const INNER: Description<'static> =
    Description::__new("inner", "examples/gallery.rs", 1, &[], &[], &[], None);
const NESTED: fn() -> Option<&'static Description<'static>> = || Some(&INNER);

/// A graph under construction. Nodes are named by their paths.
#[derive(Default)]
struct Sketch {
    name: &'static str,
    inputs: Vec<&'static str>,
    nodes: Vec<(String, String, Kind, Option<u32>, String)>,
    edges: Vec<(String, String, Access)>,
    /// By the paths of nodes.
    policies: Vec<(&'static str, &'static [Policy<'static>])>,
    output: &'static str,
}

impl Sketch {
    fn new(name: &'static str, inputs: &[&'static str], output: &'static str) -> Self {
        Self { name, inputs: inputs.to_vec(), output, ..Self::default() }
    }

    fn place(&self, path: &str) -> Option<u32> {
        let place = self.nodes.iter().position(|node| node.0 == path)?;
        u32::try_from(place).ok()
    }

    /// An operator that uses values: `from` holds names, with `&`, `&mut` or `#` before what is not moved.
    fn op(&mut self, path: &str, operator: &str, from: &[&str]) -> &mut Self {
        self.node(path, operator, Operator, "", "", from)
    }

    fn node(
        &mut self,
        path: &str,
        operator: &str,
        kind: Kind,
        parent: &str,
        part: &str,
        from: &[&str],
    ) -> &mut Self {
        self.nodes.push((path.into(), operator.into(), kind, self.place(parent), part.into()));
        for from in from {
            let (access, name) = if let Some(name) = from.strip_prefix("&mut ") {
                (BorrowMut, name)
            } else if let Some(name) = from.strip_prefix('&') {
                (Borrow, name)
            } else if let Some(name) = from.strip_prefix('#') {
                (Order, name)
            } else {
                (Take, *from)
            };
            self.edges.push((name.into(), path.into(), access));
        }
        self
    }

    fn describe<T>(&self, use_it: impl FnOnce(&Description<'_>) -> T) -> T {
        let inputs: Vec<_> = self.inputs.iter().map(|name| Input::__new(name, "String")).collect();
        let nodes: Vec<_> = (1..)
            .zip(&self.nodes)
            .map(|(line, (path, operator, kind, parent, part))| {
                let fallible = operator.ends_with('?');
                let operator = operator.trim_end_matches('?');
                let graph = operator.starts_with("graph_").then_some(NESTED);
                let policies =
                    self.policies.iter().find(|(node, _)| node == path).map_or(&[][..], |found| found.1);
                Node::__new(path, operator, *kind, *parent, part, fallible, line, 9, graph).__policies(
                    policies,
                    &[],
                    &[],
                )
            })
            .collect();
        let edges: Vec<_> = self
            .edges
            .iter()
            .map(|(from, to, access)| {
                let input = self.inputs.iter().position(|input| input == from);
                let source = match input.and_then(|input| u32::try_from(input).ok()) {
                    Some(input) => Source::Input(input),
                    None => Source::Node(self.place(from).expect("the value is named before it is used")),
                };
                let to = self.place(to).expect("the node that waits exists");
                Edge::__new(source, to, *access, from)
            })
            .collect();
        let output = self.place(self.output);
        use_it(&Description::__new(self.name, "examples/gallery.rs", 1, &inputs, &nodes, &edges, output))
    }
}

fn diamond() -> Sketch {
    let mut sketch = Sketch::new("diamond", &["text"], "merged");
    sketch
        .op("words", "split", &["&text"])
        .op("counts", "count", &["&words"])
        .op("longest", "longest", &["&words"])
        .op("merged", "merge", &["counts", "longest"]);
    sketch
}

fn ensemble() -> Sketch {
    let mut sketch = Sketch::new("answer", &["model", "question"], "result");
    sketch.op("prompt", "render", &["&question"]).op("facts", "search?", &["&question"]);
    sketch.node("drafts", "", Group, "", "", &[]);
    for draft in 0..5 {
        let path = format!("drafts.{draft}");
        sketch.op(&path, "ask?", &["&model", "&prompt"]);
        sketch.edges.push((path, String::from("drafts"), Take));
    }
    sketch
        .op("best.if", "hard", &["&facts"])
        .node("best", "", Branch, "", "", &["best.if"])
        .node("best.then", "judge", Operator, "best", "then", &["&drafts", "&facts"])
        .node("best.else", "vote", Operator, "best", "else", &["&drafts"])
        .node("result", "", Glue, "", "", &["best"]);
    sketch
}

fn branches() -> Sketch {
    let mut sketch = Sketch::new("triage", &["ticket", "rules"], "reply");
    sketch
        .op("class", "classify", &["&ticket"])
        .node("reply", "", Branch, "", "", &["&class"])
        .node("reply.Some(Urgent)", "page_engineer", Operator, "reply", "Some(Urgent)", &["ticket"])
        .node("reply.Some(level)", "", Branch, "reply", "Some(level)", &["&class"])
        .node("reply.Some(level).then", "escalate?", Operator, "reply.Some(level)", "then", &["ticket"])
        .node("reply.Some(level).else", "", Branch, "reply.Some(level)", "else", &["&rules"])
        .node("reply.Some(level).else.then", "known", Operator, "reply.Some(level).else", "then", &["&rules"])
        .node(
            "reply.Some(level).else.else.draft",
            "draft",
            Operator,
            "reply.Some(level).else",
            "else",
            &["&ticket"],
        )
        .node(
            "reply.Some(level).else.else.checked",
            "check?",
            Operator,
            "reply.Some(level).else",
            "else",
            &["reply.Some(level).else.else.draft", "&rules"],
        )
        .node("reply._", "archive", Operator, "reply", "_", &["ticket"]);
    sketch
}

fn fan_out() -> Sketch {
    let mut sketch = Sketch::new("thumbnails", &["paths", "options"], "sheet");
    sketch
        .node("small", "", FanOut, "", "", &["paths"])
        .node("small.image", "images::load?", Operator, "small", "", &["small", "&options"])
        .node("small.scaled", "images::scale", Operator, "small", "", &["&small.image"])
        .node("small.stored", "store?", Operator, "small", "", &["small.scaled", "#small.image"])
        .op("sheet", "images::sheet", &["small", "&options"]);
    sketch
}

fn refine() -> Sketch {
    let mut sketch = Sketch::new("refine", &["model", "draft"], "text");
    sketch
        .node("text", "", Loop, "", "", &["draft"])
        .node("text.score", "rate", Operator, "text", "", &["&model", "text"])
        .node("text.next", "improve?", Operator, "text", "", &["&model", "&text.score"])
        .op("logged", "log", &["&text", "#text"]);
    sketch
}

fn nested() -> Sketch {
    let mut sketch = Sketch::new("report", &["source", "cache"], "page");
    sketch
        .op("rows", "graph_clean_up?", &["&source"])
        .op("warm", "warm", &["&mut cache"])
        .op("stats", "graph_statistics", &["&rows", "#warm"])
        .node("total", "", Glue, "", "", &["&stats"])
        .op("page", "render", &["stats", "total", "rows"]);
    sketch
}

fn policies() -> Sketch {
    const RETRY: Policy<'static> = Policy::__new("retry", "3");
    const TIMEOUT: Policy<'static> = Policy::__new("timeout", "2s");
    const BREAKER: Policy<'static> = Policy::__new("breaker", "window = 20, key = |host| host");
    const LIMIT: Policy<'static> = Policy::__new("concurrency", "8");
    const CACHE: Policy<'static> = Policy::__new("cache", "");
    const FALLBACK: Policy<'static> = Policy::__new("fallback", "\"<none>\"");
    let mut sketch = Sketch::new("policies", &["question"], "answer");
    sketch
        .op("ask", "ask", &["&question"])
        .op("facts", "search?", &["&question"])
        .op("graph", "graph_statistics", &["&facts"])
        .op("answer", "all?", &["ask", "facts", "graph"]);
    sketch.policies = vec![
        ("ask", &[TIMEOUT]),
        ("facts", &[RETRY, TIMEOUT]),
        ("graph", &[CACHE]),
        ("answer", &[RETRY, TIMEOUT, BREAKER, LIMIT, CACHE, FALLBACK]),
    ];
    sketch
}

fn wavefront() -> Sketch {
    let mut sketch = Sketch::new("wavefront", &["left", "right"], "c77");
    for row in 0..8 {
        for column in 0..8 {
            let above = format!("&c{}{column}", row - 1);
            let before = format!("&c{row}{}", column - 1);
            let mut from = Vec::new();
            match (row, column) {
                (0, 0) => from.extend(["&left", "&right"]),
                (0, _) => from.push(before.as_str()),
                (_, 0) => from.push(above.as_str()),
                _ => from.extend([above.as_str(), before.as_str()]),
            }
            sketch.op(&format!("c{row}{column}"), "cell", &from);
        }
    }
    sketch
}

fn random() -> Sketch {
    let mut sketch = Sketch::new("random", &["a", "b", "c"], "n63");
    let mut state = 7_u64;
    let mut below = |limit: u64| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) % limit
    };
    for node in 0..64_u64 {
        let mut from = Vec::new();
        for _ in 0..=below(2) {
            let sign = ["&", "", "&", "#"][usize::try_from(below(4)).expect("small")];
            if node < 4 || below(12) == 0 {
                from.push(format!("{sign}{}", ["a", "b", "c"][usize::try_from(below(3)).expect("small")]));
            } else {
                from.push(format!("{sign}n{}", node - 1 - below(node.min(14))));
            }
        }
        let from: Vec<&str> = from.iter().map(String::as_str).collect();
        sketch.op(
            &format!("n{node}"),
            ["fetch", "parse?", "join", "rank"][usize::try_from(below(4)).expect("small")],
            &from,
        );
    }
    sketch
}

fn long_names() -> Sketch {
    let mut sketch = Sketch::new(
        "long_names",
        &["a_parameter_with_a_name_that_goes_on_and_on_without_an_end", "x"],
        "customer_lifetime_value_prediction_result_after_normalisation",
    );
    sketch
        .op(
            "hostile",
            "parse::<Vec<Option<&'static str>>>?",
            &["&a_parameter_with_a_name_that_goes_on_and_on_without_an_end"],
        )
        .node("choice", "", Branch, "", "", &["&hostile"])
        .node(
            "choice.deep",
            "warehouse::predictions::quarterly::seasonal::adjust_for_inflation?",
            Operator,
            "choice",
            "Some(Prediction { confidence, value, .. }) if confidence > 0.99",
            &["&hostile", "x"],
        )
        .node("choice.\"quoted\" <b> & `tick`", "f", Operator, "choice", "_", &["x"])
        .node("日本語の名前", "翻訳", Operator, "", "", &["&choice"])
        .op(
            "customer_lifetime_value_prediction_result_after_normalisation",
            "predict",
            &["choice", "日本語の名前"],
        );
    sketch
}

fn everything() -> Sketch {
    let mut sketch = Sketch::new("everything", &["model", "question", "limit"], "answer");
    sketch
        .op("prompt", "render", &["&question"])
        .op("facts", "graph_search?", &["&question", "&limit"])
        .node("drafts", "", FanOut, "", "", &["&limit"])
        .node("drafts.raw", "ask?", Operator, "drafts", "", &["&model", "&prompt"])
        .node("drafts.checked", "", Branch, "drafts", "", &["&drafts.raw"])
        .node("drafts.checked.then", "keep", Operator, "drafts.checked", "then", &["drafts.raw"])
        .node("drafts.checked.else", "repair", Operator, "drafts.checked", "else", &["drafts.raw", "&facts"])
        .node("best", "", Loop, "", "", &["drafts"])
        .node("best.score", "rate", Operator, "best", "", &["&model", "&best"])
        .node("best.next", "improve", Operator, "best", "", &["&best.score", "&facts"])
        .node("pair", "", Group, "", "", &[])
        .node("pair.0", "short", Operator, "pair", "0", &["&best"])
        .node("pair.1", "long", Operator, "pair", "1", &["&best"])
        .node("title", "", Glue, "", "", &["&facts"])
        .op("answer", "join", &["pair", "title", "question"]);
    sketch
}
