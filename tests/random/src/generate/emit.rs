//! Writes the modules that the test includes.

use std::fmt::Write as _;

use super::render::Text;
use super::tree::Graph;
use super::types::Ty;

/// What the module of some seeds holds: every graph, its plain twin, and the list of cases.
///
/// Where `plain_only`, the plain function also stands for the graph: what then fails to compile or to agree is
/// wrong in the generator, not in Ember.
pub fn module(seeds: impl Iterator<Item = u64>, plain_only: bool) -> String {
    let mut items = String::from(
        "use ember_random_graphs::agree::{Case, Failure, PAST_BOUND, result, value};\nuse ember_random_graphs::ops::{self, *};\n\n",
    );
    let mut cases = String::new();
    for seed in seeds {
        write_graph(&super::generate(seed), seed, plain_only, &mut items, &mut cases);
    }
    format!("{items}pub const CASES: &[Case] = &[\n{cases}];\n")
}

/// What the module of some seeds holds whose graphs wait.
///
/// A graph with borrowed parameters has operators that wait and no others, since it may not work on other threads; one
/// that has methods, which do not wait, is left out then.
pub fn waiting_module(seeds: impl Iterator<Item = u64>) -> String {
    let mut items = String::from(
        "use ember_random_graphs::agree::{Case, Failure, PAST_BOUND, result, value};\n\
         use ember_random_graphs::ops::{self, later, *};\nuse ember_random_graphs::waiting::{WaitingCase, block_on};\n\n",
    );
    let mut cases = String::new();
    for seed in seeds {
        let graph = super::generate(seed);
        if let Some(text) = graph.waits_as() {
            write_waiting(&graph, seed, text, &mut items, &mut cases);
        }
    }
    format!("{items}pub const CASES: &[WaitingCase] = &[\n{cases}];\n")
}

fn write_waiting(graph: &Graph, seed: u64, text: Text, items: &mut String, cases: &mut String) {
    for inner in &graph.inner {
        write_waiting(inner, seed, text, items, cases);
    }
    let _ = writeln!(items, "{}", graph.text(text));
    let _ = writeln!(items, "{}", graph.text(Text::Plain));
    let how = if graph.fallible { "result" } else { "value" };
    let _ = writeln!(items, "{}", graph.text(text.twin()));
    let (plain, future, twin) = (call(graph, 'p'), called(graph, 'a'), called(graph, 'w'));
    let _ = writeln!(
        cases,
        "    WaitingCase {{ case: Case {{ seed: {seed}, name: \"a{}\", source: r##\"{}\"##, orders: &{:?}, \
         plain: |input| {plain}, graph: |input| {how}(block_on({future})) }}, \
         future: |input| {{ let future = {future}; Box::pin(async move {{ {how}(future.await) }}) }}, \
         twin: |input| Box::pin(async move {{ {how}({twin}.await) }}) }},",
        graph.name,
        source(graph, text),
        graph.orders,
    );
}

/// All of a graph as a person reads it: the graphs inside it, then itself.
pub fn source(graph: &Graph, text: Text) -> String {
    let inner: String = graph.inner.iter().map(|inner| source(inner, text) + "\n").collect();
    inner + &graph.text(text)
}

fn write_graph(graph: &Graph, seed: u64, plain_only: bool, items: &mut String, cases: &mut String) {
    for inner in &graph.inner {
        write_graph(inner, seed, plain_only, items, cases);
    }
    let plain = call(graph, 'p');
    let compared = if plain_only { plain.clone() } else { call(graph, 'g') };
    if !plain_only {
        let _ = writeln!(items, "{}", graph.text(Text::Graph));
    }
    let _ = writeln!(items, "{}", graph.text(Text::Plain));
    let _ = writeln!(
        cases,
        "    Case {{ seed: {seed}, name: \"g{}\", source: r##\"{}\"##, orders: &{:?}, plain: |input| {plain}, graph: |input| {compared} }},",
        graph.name,
        source(graph, Text::Graph),
        graph.orders,
    );
}

/// A call with the parts of an input, as an outcome.
fn call(graph: &Graph, prefix: char) -> String {
    let how = if graph.fallible { "result" } else { "value" };
    format!("{how}({})", called(graph, prefix))
}

/// A call with the parts of an input.
fn called(graph: &Graph, prefix: char) -> String {
    let arguments: Vec<String> = graph
        .parameters
        .iter()
        .map(|parameter| {
            let part = if parameter.name == "t" { "tally" } else { &parameter.name };
            match parameter.ty {
                Ty::Num => format!("input.{part}"),
                Ty::Str | Ty::Slice | Ty::Ref(_) => format!("&input.{part}"),
                _ => format!("input.{part}.clone()"),
            }
        })
        .collect();
    format!("{prefix}{}({})", graph.name, arguments.join(", "))
}
