//! From a graph as written to a checked one: its parameters, its body, and what only the whole shows.

use std::collections::BTreeSet;

use ember_graph::Source;
use proc_macro2::{Ident, Span};
use quote::ToTokens;
use syn::visit::Visit;
use syn::{Expr, FnArg, PatType, Path, ReturnType, Type};

use super::attributes::graph_options;
use super::lower::Lower;
use super::macros::{Reading, read};
use super::model::{Body, Edge, Fails, Graph, Step, Work};
use super::syntax::{Form, Syntax};
use super::uses::{self, Access};
use super::{emit, types};
use crate::diagnostics::Diagnostics;
use crate::operator::{parameters, refuse_resources};
use crate::source;

/// Checks a graph. It may only be emitted if there are no mistakes.
pub(super) fn check(syntax: Syntax, form: Form, diagnostics: &mut Diagnostics) -> Graph {
    let Syntax { mut attrs, vis, mut sig, block } = syntax;
    let options = graph_options(&mut attrs, form, diagnostics);
    signature(&sig, diagnostics);
    let parameters = parameters(&mut sig, diagnostics);
    let why = "a graph has no resources of its own: name `NAME` at the operators that need it";
    refuse_resources(&parameters, why, diagnostics);
    let returns_result = types::returns_result(&sig.output);
    let asynchronous = sig.asyncness.is_some();

    if options.policies.is_said() {
        let function = super::function(&attrs, &vis, &sig);
        options.policies.check(&function, &parameters, diagnostics);
    }
    let mut lower = Lower::new(diagnostics, &sig);
    let mut input = 0u32;
    for arg in &sig.inputs {
        let FnArg::Typed(typed) = arg else { continue };
        let copy = types::is_copy(&typed.ty);
        for pat in uses::bound(&typed.pat) {
            let var = lower.define(&pat.ident, pat.mutability.is_some(), copy, None);
            lower.vars[var].input = Some(input);
            lower.vars[var].generic = types::is_generic(&typed.ty, &sig.generics);
        }
        input += 1;
    }
    let body = lower.body(&block);
    let (vars, nodes, loops) = (lower.vars, lower.nodes, lower.loops);

    // A line that was refused may have been the one with the value.
    if diagnostics.is_empty()
        && !body.tail
        && let ReturnType::Type(arrow, ty) = &sig.output
        && !types::returns_nothing(&sig.output)
        && !matches!(&**ty, Type::Never(_))
    {
        let hint =
            body.steps.last().and_then(|step| step.defs.first()).map(|&var| vars[var].ident.to_string());
        let ends = match hint {
            Some(name) if returns_result => format!("write `Ok({name})` as its last line"),
            Some(name) => format!("write `{name}` as its last line"),
            None if body.steps.is_empty() => "write the value as its last line".to_owned(),
            None => "remove the `;` of its last line".to_owned(),
        };
        let mut shown = arrow.to_token_stream();
        ty.to_tokens(&mut shown);
        diagnostics.error(shown, format!("the graph returns a value, but its body ends without one; {ends}"));
    }

    let tries = has_tries(&body);
    if tries && !returns_result {
        refuse_tries(&sig.output, &body, diagnostics);
    }
    let fails = fails(&body, &sig.output, tries);
    let mut graph = Graph {
        attrs,
        vis,
        sig,
        parameters,
        options,
        asynchronous,
        vars,
        nodes,
        edges: Vec::new(),
        loops,
        body,
        fails,
        aliases: Vec::new(),
    };
    graph.edges = edges(&graph);
    graph.aliases = aliases(&graph);
    each_step(&graph.body, &mut |step| {
        if matches!(&step.work, Work::Race(nodes) if !nodes.is_empty()) && step.tries.is_empty() {
            let message = "`race!(..).await` without `?`: when all of its nodes fail, so does the graph, with all of their \
                           failures; write `race!(..).await?`";
            diagnostics.error(Ident::new("x", step.end), message);
        }
    });
    if diagnostics.is_empty() {
        refuse_hidden_nodes(&graph, diagnostics);
        if graph.is_held() {
            refuse_borrowed(&graph, diagnostics);
        }
    }
    graph
}

fn signature(sig: &syn::Signature, diagnostics: &mut Diagnostics) {
    if let syn::Safety::Unsafe(token) = &sig.safety {
        diagnostics.error(token, "a graph cannot be `unsafe`");
    }
    if let Some(token) = &sig.constness {
        diagnostics.error(token, "a graph cannot be `const`: it runs on threads");
    }
    if let Some(abi) = &sig.abi {
        diagnostics.error(abi, "a graph cannot have an `extern` ABI");
    }
    if let Some(variadic) = &sig.variadic {
        diagnostics.error(variadic, "a graph cannot take a variable number of arguments; take a slice");
    }
    if let Some(receiver) = sig.receiver() {
        let message = "a graph takes no `self`; pass the value as an ordinary parameter, `model: &Model`";
        diagnostics.error(receiver, message);
    }
    if let ReturnType::Type(_, ty) = &sig.output
        && let Type::ImplTrait(hidden) = &**ty
    {
        let message = "a graph cannot return `impl Trait`, because its body is compiled in two forms; name the type, \
                       collect into a `Vec`, or return a `Box<dyn ..>`";
        diagnostics.error(hidden, message);
    }
}

impl Graph {
    /// Whether it is `async` and holds calls that other threads work on.
    pub(super) fn is_held(&self) -> bool {
        let mut held = false;
        each_step(&self.body, &mut |step| held |= step.computes(&self.nodes));
        self.asynchronous && held
    }
}

impl Step {
    /// Whether a `?` stands in it.
    pub(super) fn may_fail(&self) -> bool {
        self.tries_itself() || self.work.bodies().into_iter().any(has_tries)
    }

    /// Whether a `?` stands in it, apart from its bodies.
    fn tries_itself(&self) -> bool {
        let mut tries = !self.tries.is_empty();
        each_plain(self, &mut |expr| tries |= emit::contains_try(expr));
        tries
    }

    /// Whether it calls a synchronous operator.
    pub(super) fn computes(&self, nodes: &[super::model::Node]) -> bool {
        let operator = nodes[self.node as usize].kind == ember_graph::Kind::Operator;
        match &self.work {
            Work::Operator(_) => self.awaited.is_none(),
            Work::Plain(expr) => operator && !emit::contains_await(expr),
            _ => false,
        }
    }
}

/// In an `async` graph whose future may be dropped while other threads work on its calls, nothing may be borrowed from
/// outside of it.
fn refuse_borrowed(graph: &Graph, diagnostics: &mut Diagnostics) {
    let context = |typed: &PatType| graph.parameters.iter().any(|p| p.is_context() && p.ty == *typed.ty);
    let mut borrows = graph.sig.inputs.iter().filter_map(|arg| match arg {
        FnArg::Typed(typed) => types::borrowed(&typed.ty).filter(|_| !context(typed)),
        FnArg::Receiver(_) => None,
    });
    let first_borrow = borrows.next();
    let lifetime = graph.sig.generics.lifetimes().next();
    if first_borrow.is_none() && lifetime.is_none() {
        return;
    }
    let mut working = Vec::new();
    each_step(&graph.body, &mut |step| {
        if step.computes(&graph.nodes) {
            working.push(step);
        }
    });
    // With an `.await` that is missing, more works than is meant.
    let forgotten = |step: &&&Step| called(step).and_then(source::is_async) == Some(true);
    let mut told = false;
    for step in working.iter().filter(forgotten) {
        let operator = &graph.nodes[step.node as usize].operator;
        let message = format!(
            "the operator `{operator}` is `async`, and nothing waits for it; write `.await` behind the call, or `.await?` if \
             it can fail"
        );
        diagnostics.error(called(step), message);
        told = true;
    }
    let Some(first) = working.first().filter(|_| !told) else { return };
    let operator = &graph.nodes[first.node as usize].operator;
    let doubtful = called(first).and_then(source::is_async).is_none();
    let waits = if doubtful {
        format!("; or, if `{operator}` is `async`, write `.await` behind its call")
    } else {
        String::new()
    };
    // Where one call is most likely what is wrong, each parameter is not.
    let others = borrows.take(if doubtful { 0 } else { usize::MAX });
    for borrow in first_borrow.iter().cloned().chain(others) {
        let message = format!(
            "a borrowed parameter of an `async` graph that works on another thread: the thread that runs `{operator}` may \
             go on after the graph's future is dropped, so the graph must own what it works on; take {}{waits}",
            types::owned_instead(&borrow)
        );
        diagnostics.error(borrow, message);
    }
    if let Some(lifetime) = lifetime.filter(|_| first_borrow.is_none()) {
        let message = format!(
            "a lifetime of an `async` graph that works on another thread: the thread that runs `{operator}` may go on after \
             the graph's future is dropped, so the graph can neither take nor return what is borrowed; write `'static`, or \
             return a value that owns its data"
        );
        diagnostics.error(&lifetime.lifetime, message);
    }
}

/// The name of the function that a step calls.
fn called(step: &Step) -> Option<&Ident> {
    let Work::Operator(call) = &step.work else { return None };
    let Expr::Path(path) = &*call.func else { return None };
    path.path.segments.last().map(|segment| &segment.ident)
}

/// Calls `f` for each step, those in bodies of constructs too.
pub(super) fn each_step<'a>(body: &'a Body, f: &mut dyn FnMut(&'a Step)) {
    for step in &body.steps {
        f(step);
        for inner in step.work.bodies() {
            each_step(inner, f);
        }
    }
}

/// Calls `f` for each expression of plain Rust: glue, arguments, conditions.
fn each_plain<'a>(step: &'a Step, f: &mut dyn FnMut(&'a Expr)) {
    match &step.work {
        Work::Operator(call) => call.args.iter().for_each(f),
        Work::Plain(expr) => f(expr),
        Work::Branch(arms, branching) => {
            if let super::model::Branching::Match { scrutinee } = branching {
                f(scrutinee);
            }
            for arm in arms {
                arm.condition.iter().chain(&arm.guard).for_each(&mut *f);
            }
        }
        Work::FanOut(each) => [&each.iter].into_iter().chain(&each.concurrency).for_each(f),
        Work::Race(branches) => branches.iter().for_each(|branch| match branch {
            Expr::Call(call) => call.args.iter().for_each(&mut *f),
            other => f(other),
        }),
        Work::Loop(each) => f(&each.at_most),
    }
}

fn has_tries(body: &Body) -> bool {
    let mut found = false;
    each_step(body, &mut |step| found |= step.tries_itself());
    found
}

fn fails(body: &Body, output: &ReturnType, tries: bool) -> Fails {
    let mut bounded = false;
    each_step(body, &mut |step| bounded |= matches!(step.work, Work::Loop(_)));
    if tries || types::returns_result(output) {
        Fails::Must
    } else if !types::may_be_result(output) {
        Fails::Never
    } else if bounded {
        Fails::Bounded
    } else {
        Fails::Maybe
    }
}

/// `?` in a graph whose return type is known to be no `Result`.
fn refuse_tries(output: &ReturnType, body: &Body, diagnostics: &mut Diagnostics) {
    let ty = match output {
        ReturnType::Default => "()".to_owned(),
        ReturnType::Type(_, ty) if types::is_no_result(ty) => types::tidy(&ty.to_token_stream().to_string()),
        ReturnType::Type(..) => return,
    };
    let mut first: Option<Span> = None;
    each_step(body, &mut |step| first = first.or(step.tries.first().copied()));
    let at = first.map(|span| Ident::new("x", span).to_token_stream());
    let message = format!(
        "`?` in a graph that returns `{ty}`: the failure has nowhere to go; let the graph return \
         `Result<{ty}, ember::Error>` and end with `Ok(..)`"
    );
    match at {
        Some(at) => diagnostics.error(at, message),
        None => diagnostics.error(output, message),
    }
}

fn edges(graph: &Graph) -> Vec<Edge> {
    let mut edges: Vec<Edge> = Vec::new();
    collect_edges(&graph.body, graph, &mut edges);
    edges.sort_by_key(|edge| (edge.to, edge.from.rank()));
    edges
}

trait Rank {
    fn rank(&self) -> (u8, u32);
}
impl Rank for Source {
    fn rank(&self) -> (u8, u32) {
        match self {
            Self::Input(i) => (0, *i),
            Self::Node(i) => (1, *i),
        }
    }
}

fn collect_edges(body: &Body, graph: &Graph, edges: &mut Vec<Edge>) {
    for step in &body.steps {
        for u in &step.direct {
            let var = &graph.vars[u.var];
            let from = match (var.node, var.input) {
                (Some(node), _) => Source::Node(node),
                (None, Some(input)) => Source::Input(input),
                (None, None) => continue,
            };
            let access = match u.access {
                Access::Shared => ember_graph::Access::Borrow,
                // What is copied stays where it is.
                Access::Value | Access::Place if var.copy => ember_graph::Access::Borrow,
                Access::Value | Access::Place => ember_graph::Access::Take,
                Access::Exclusive => ember_graph::Access::BorrowMut,
            };
            let name = var.ident.to_string();
            let value = if name.starts_with("__part") { String::new() } else { name };
            edges.push(Edge { from, to: step.node, access, value });
        }
        for &after in &step.after {
            let from = Source::Node(body.steps[after].node);
            if !edges.iter().any(|edge| edge.to == step.node && edge.from == from) {
                let access = ember_graph::Access::Order;
                edges.push(Edge { from, to: step.node, access, value: String::new() });
            }
        }
        for inner in step.work.bodies() {
            collect_edges(inner, graph, edges);
        }
    }
}

/// How many names there are for imported operators.
const ALIASES: usize = 64;

/// The operators that are reached through an import: all with a longer path, and those that are known to be
/// plain functions. For the others the compiler's own words are better.
fn aliases(graph: &Graph) -> Vec<(Ident, Path)> {
    let mut paths: Vec<Path> = Vec::new();
    for node in &graph.nodes {
        if let Some(path) = &node.callee
            && !paths.contains(path)
            && (path.segments.len() > 1 || path.leading_colon.is_some() || is_plain_function(path))
        {
            paths.push(path.clone());
        }
    }
    paths.truncate(ALIASES);
    let alias = |i| Ident::new(&format!("__operator{i}"), Span::call_site());
    paths.into_iter().enumerate().map(|(i, path)| (alias(i), path)).collect()
}

/// The functions that are there without an import.
const PRELUDE: [&str; 5] = ["align_of", "align_of_val", "drop", "size_of", "size_of_val"];

/// Whether the file that holds the graph defines a function of this name without making it an operator, or the standard
/// library does so for all files.
///
/// This only decides how the name is looked up, so a wrong guess costs no more than a clumsier message.
fn is_plain_function(path: &Path) -> bool {
    let Some(name) = path.get_ident() else { return false };
    source::functions(name).map_or_else(|| PRELUDE.iter().any(|known| name == known), |operator| !operator)
}

/// A call inside an argument is plain Rust. Where the same name is a node of the graph, that is hardly meant.
fn refuse_hidden_nodes(graph: &Graph, diagnostics: &mut Diagnostics) {
    struct Find<'g> {
        names: &'g BTreeSet<String>,
        found: Vec<(Path, String, bool)>,
        in_closure: bool,
    }
    impl<'a> Visit<'a> for Find<'_> {
        fn visit_expr_call(&mut self, call: &'a syn::ExprCall) {
            if let Expr::Path(func) = &*call.func {
                let name = bare(&func.path);
                if self.names.contains(&name) {
                    self.found.push((func.path.clone(), name, self.in_closure));
                }
            }
            syn::visit::visit_expr_call(self, call);
        }
        fn visit_expr_closure(&mut self, closure: &'a syn::ExprClosure) {
            let outer = std::mem::replace(&mut self.in_closure, true);
            syn::visit::visit_expr_closure(self, closure);
            self.in_closure = outer;
        }
        fn visit_macro(&mut self, call: &'a syn::Macro) {
            if let Reading::Expressions(parsed) = read(call) {
                for part in &parsed.parts {
                    self.visit_expr(&part.expr);
                }
            }
        }
        fn visit_item(&mut self, _: &'a syn::Item) {}
    }
    let names: BTreeSet<String> =
        graph.nodes.iter().filter_map(|node| node.callee.as_ref()).map(bare).collect();
    let mut find = Find { names: &names, found: Vec::new(), in_closure: false };
    each_step(&graph.body, &mut |step| each_plain(step, &mut |expr| find.visit_expr(expr)));
    for (path, name, in_closure) in find.found {
        let (place, way_out) = if in_closure {
            (
                "in a closure",
                format!(
                    "run it for each item, `let values = for item in items {{ {name}(..) }};`, and use `values` here"
                ),
            )
        } else {
            (
                "inside an expression",
                format!("give it a line of its own, `let value = {name}(..);`, and use `value` here"),
            )
        };
        let message =
            format!("`{name}` is a node of this graph, but a call {place} is plain Rust; {way_out}");
        diagnostics.error(path, message);
    }
}

fn bare(path: &Path) -> String {
    let mut path = path.clone();
    if let Some(last) = path.segments.last_mut() {
        last.arguments = syn::PathArguments::None;
    }
    path.to_token_stream().to_string().replace(' ', "")
}
