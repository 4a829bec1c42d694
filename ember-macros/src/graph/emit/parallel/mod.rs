//! The parallel form: tasks in closures, values in cells between them, a constant plan of who waits for whom.
//!
//! A closure sees the values of other closures through references only. So in it a name of the graph may stand for
//! the value itself or for a reference to it ([`Bind`]); the user's expressions are rewritten accordingly, `x` to
//! `(*x)`. Where a value is not bound in a closure yet, its [`Handle`] tells where to get it.
//!
//! Cells are declared in source order in the code around the outermost region, so that values may borrow from earlier
//! ones and are dropped in reverse source order at the end of the body.

mod construct;
mod handles;
mod homes;
mod region;
mod scope;

use std::collections::{HashMap, HashSet};

use proc_macro2::{Ident, Span, TokenStream};
use quote::{ToTokens, quote, quote_spanned};
use syn::spanned::Spanned;
use syn::visit_mut::VisitMut;
use syn::{Expr, Pat};

use self::handles::Handle;
use self::homes::Home;
use self::scope::{Bind, Scope};
use super::super::lower::{last_token, untyped};
use super::super::model::{Binding, Body, Graph, Step, VarId, Work};
use super::super::schedule::{Flow, Sources, Tree, schedule};
use super::super::uses::{self, Access};
use super::serial::Tries;
use super::{
    Before, Names, braced, give_tail, lots, operator_call, plain_call, rt_at, shown, value_at, waiting,
};

/// How many steps an `async` task has at most. All that a future holds while it waits is one piece to the compiler, which
/// takes time that grows faster than the piece.
const CHAIN: usize = 16;

/// What a body is the body of.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    Graph,
    /// A closure that runs one item.
    Item,
    /// A part of the closure around.
    Arm,
}

/// Emits the parallel run: an expression of type `Result<R, Halted>`. Nothing, if the graph has no part that could run
/// at the same time as another. And how many such parts there are.
///
/// Of an `async` graph it is the body of the future, in any case.
pub(super) fn emit(graph: &mut Graph, names: &Names) -> (Option<TokenStream>, usize) {
    let sources = Sources::new(&graph.body, &graph.vars);
    let open = graph.asynchronous && !graph.is_held();
    let mut emit = Parallel {
        graph,
        names,
        sources: &sources,
        counts: HashMap::new(),
        homes: HashMap::new(),
        open,
        unique: 0,
        is_ahead: false,
        parts: 0,
        put_off: None,
        apart: None,
    };
    let mut scope = Scope::default();
    for (var, info) in emit.graph.vars.iter().enumerate() {
        if info.input.is_some() {
            scope.bound.insert(var, Bind::Value);
            scope.movable.insert(var);
        }
    }
    let inputs: Vec<VarId> = scope.movable.iter().copied().collect();
    let body = emit.body(&emit.graph.body, &inputs, &mut scope, Place::Graph);
    let parts = emit.parts;
    let counts = emit.counts;
    for (node, count) in counts {
        graph.nodes[node as usize].parallel = count;
    }
    if graph.asynchronous {
        return (Some(body), parts);
    }
    let Names { run, level, at, .. } = names;
    let rt = &names.rt;
    let returned = super::returned(&graph.sig.output);
    let rebind = super::rebind(graph);
    let body = braced(quote!(#rebind #body), graph.body.braces);
    let run = quote! {
        let __top = #run.level();
        let #level: &#rt::Level<'_> = &__top;
        let #at = &::core::cell::Cell::new(0u32);
        #run.run(#level, #at, move || -> ::core::result::Result<#returned, #rt::Halted> #body)
    };
    ((parts > 0).then_some(run), parts)
}

struct Parallel<'g> {
    graph: &'g Graph,
    names: &'g Names,
    sources: &'g Sources,
    counts: HashMap<u32, (u32, u32)>,
    /// Where values stay of which the last lines take parts.
    homes: HashMap<VarId, Home<'g>>,
    /// The graph is `async`, and no other threads work on it: nothing crosses to them.
    open: bool,
    unique: usize,
    /// Behind the steps at hand a region follows.
    is_ahead: bool,
    /// How many regions and fan-outs there are.
    parts: usize,
    /// The node, the only one of a `for`, what becomes of whose value is written elsewhere.
    put_off: Option<u32>,
    /// What the task at hand waits for, if that is written apart from what becomes of it.
    apart: Option<TokenStream>,
}

impl<'g> Parallel<'g> {
    fn fresh(&mut self) -> usize {
        self.unique += 1;
        self.unique
    }

    /// Emits a body as statements that end in `Ok(value)`, or in the plain value if it is no closure's. `given` is what
    /// is bound before it starts.
    fn body(&mut self, body: &'g Body, given: &[VarId], scope: &mut Scope, place: Place) -> TokenStream {
        let owned = |var: VarId| scope.movable.contains(&var) && scope.owns(var);
        let chain = if self.graph.asynchronous { CHAIN } else { usize::MAX };
        let (tree, flow) = schedule(body, &self.graph.vars, self.sources, &owned, chain);
        let in_region = std::mem::take(&mut scope.in_region);
        let mut tokens = self.build_homes(&tree, body, &flow, given, scope);
        tokens.extend(self.tree(&tree, body, &flow, scope));
        scope.in_region = in_region;
        let (value, given) = give_tail(body, "given");
        let put_off = matches!(&body.steps[..], [step] if self.put_off == Some(step.node));
        match (place, body.tail || put_off) {
            (Place::Arm, _) => tokens,
            (Place::Graph, false) => quote!(#tokens return ::core::result::Result::Ok(());),
            (Place::Item, false) => quote!(#tokens ::core::result::Result::Ok(())),
            (Place::Item, true) => {
                let tokens = braced(tokens, body.braces);
                quote!(let #value = #tokens; #given)
            }
            // The tail binds its value itself. What is dropped behind it belongs to no node.
            (Place::Graph, true) => {
                let Names { rt, run, at, .. } = self.names;
                let ended =
                    if self.graph.asynchronous { quote!(#run.end()) } else { quote!(#at.set(#rt::NOWHERE)) };
                quote!(#tokens #[allow(unreachable_code)] { #ended; return #given; })
            }
        }
    }

    fn tree(&mut self, tree: &Tree, body: &'g Body, flow: &Flow<'_>, scope: &mut Scope) -> TokenStream {
        match tree {
            Tree::Serial(steps) => {
                let outer_after = scope.after;
                let mut left = working(body, steps);
                let mut tokens = TokenStream::new();
                // In an item of a `for` others are there already.
                let is_ahead =
                    std::mem::take(&mut self.is_ahead) && !self.graph.asynchronous && scope.turns.is_empty();
                for &i in steps {
                    let step = &body.steps[i];
                    left -= u32::from(step.works());
                    scope.after = outer_after + left;
                    if is_ahead && step.works() && left == 0 {
                        let level = &self.names.level;
                        tokens.extend(quote!(#level.ahead();));
                    }
                    self.counts.insert(step.node, (scope.before, scope.after));
                    tokens.extend(self.step(i, body, flow, scope));
                    scope.before += step.operators;
                }
                scope.after = outer_after;
                tokens
            }
            Tree::Series(parts) => {
                let outer_after = scope.after;
                let mut left: u32 = parts.iter().map(|part| working(body, &part.steps())).sum();
                let mut tokens = TokenStream::new();
                for (i, part) in parts.iter().enumerate() {
                    left -= working(body, &part.steps());
                    scope.after = outer_after + left;
                    self.is_ahead =
                        matches!((part, parts.get(i + 1)), (Tree::Serial(_), Some(Tree::Region(_))));
                    tokens.extend(self.tree(part, body, flow, scope));
                }
                scope.after = outer_after;
                tokens
            }
            Tree::Region(region) => self.region(region, body, flow, scope),
        }
    }

    // ---- one step -------------------------------------------------------------------------------------------

    fn step(&mut self, i: usize, body: &'g Body, flow: &Flow<'_>, scope: &mut Scope) -> TokenStream {
        let step = &body.steps[i];
        let put_off = self.put_off == Some(step.node);
        let tail = put_off || body.tail && i + 1 == body.steps.len();
        // Where a name is unknown, the compiler looks for near ones: it shall find the same here as in the straight line.
        let near = step
            .near
            .iter()
            .filter(|var| !scope.bound.contains_key(var) && scope.handles.get(**var).is_some());
        let mut prefix: TokenStream = near
            .map(|&var| {
                let ident = &self.graph.vars[var].ident;
                quote_spanned!(ident.span()=> let #ident = ();)
            })
            .collect();
        let mut movable = HashSet::new();
        for u in &step.uses {
            let moves = flow.movers.get(&u.var) == Some(&i);
            let turns = matches!(step.work, Work::Loop(_));
            let inside = !turns
                && !step.direct.iter().any(|direct| direct.var == u.var && direct.access != Access::Shared);
            if moves {
                movable.insert(u.var);
            }
            let here =
                matches!(scope.handles.get(u.var), Some(Handle::Slot(_, true) | Handle::Settled(_, true)));
            if moves && inside && here {
                // Moved in a part of the step: there it is fetched, so that other parts may still read it.
                if step.direct.iter().any(|direct| direct.var == u.var) {
                    prefix.extend(self.bring(u.var, false, scope));
                }
                continue;
            }
            let takes = self.homes.get(&u.var).is_some_and(|home| home.taken_from.contains(&step.node));
            prefix.extend(self.bring(u.var, moves || takes || u.access == Access::Exclusive, scope));
        }
        let Names { rt, run, level, at: at_ident, .. } = self.names;
        let node = step.node;
        let start = if self.graph.asynchronous {
            let span = step.span;
            if step.works() {
                quote_spanned!(span=> if !#level.enters(#node) { return ::core::result::Result::Err(#rt::Halted); })
            } else {
                quote!(#run.at(#node);)
            }
        } else if step.works() {
            // Out of line where each node is compiled once and runs once, so that large graphs compile soon.
            let start = Ident::new(if scope.turns.is_empty() { "start" } else { "start_inline" }, step.span);
            quote!(#level.#start(#at_ident, #node)?;)
        } else {
            quote!(#at_ident.set(#node);)
        };
        let outer = std::mem::replace(&mut scope.movable, movable);
        let expr = self.expr(step, scope);
        scope.movable = outer;
        let Step { pat, assign, attrs, span, binding, .. } = step;
        let span = *span;
        let Binding { keyword, equals, semicolon } = binding;
        let statement = match (pat, assign) {
            (Some(pat), _) => quote_spanned!(span=> #(#attrs)* #keyword #pat #equals #expr #semicolon),
            (None, Some(left)) => quote_spanned!(span=> #left = #expr;),
            (None, None) if tail && std::ptr::eq(body, &raw const self.graph.body) => {
                let (value, returned) = (value_at(step.span), super::returned(&self.graph.sig.output));
                if self.graph.asynchronous {
                    let expr = super::whole(step, &expr);
                    quote!(let #value: #returned = #expr;)
                } else {
                    quote!(let #value: #returned = { #expr };)
                }
            }
            (None, None) if tail => expr,
            (None, None) => quote_spanned!(span=> #expr;),
        };
        let mut store = TokenStream::new();
        for &def in &step.defs {
            scope.bound.insert(def, Bind::Value);
            let slot = match scope.handles.get(def) {
                Some(Handle::Slot(slot, own)) => Some((slot.clone(), *own)),
                _ => None,
            };
            if !scope.in_region && slot.is_none() {
                store.extend(self.new_home(def));
            }
            store.extend(self.settle(def, scope));
            if let Some((slot, own)) = slot {
                let value = self.settled_or_bound(def, scope);
                store.extend(quote!(#slot.set(#value);));
                scope.bound.remove(&def);
                scope.handles.insert(def, Handle::Slot(slot, own));
            }
        }
        if let Some(future) = &mut self.apart {
            *future = quote!(#prefix #future);
            return quote!(#statement #store);
        }
        quote!(#prefix #start #statement #store)
    }

    fn plain(&self, expr: &Expr, references: &HashSet<String>, step: &Step, scope: &Scope) -> Expr {
        let mut expr = expr.clone();
        let rt = &self.names.rt;
        uses::replace(&mut expr, references, &quote!(#rt::Read::new));
        if matches!(step.work, Work::Plain(_)) {
            super::policies::tell_method(step, &mut expr);
        }
        self.with_tries(expr, step, scope)
    }

    /// Plain Rust that patterns are matched against.
    fn scrutinee(&self, expr: &Expr, references: &HashSet<String>, step: &Step, scope: &Scope) -> Expr {
        let mut expr = expr.clone();
        let rt = &self.names.rt;
        uses::replace_in_scrutinee(&mut expr, references, &quote!(#rt::Read::new));
        if matches!(step.work, Work::Plain(_)) {
            super::policies::tell_method(step, &mut expr);
        }
        self.with_tries(expr, step, scope)
    }

    fn with_tries(&self, mut expr: Expr, step: &Step, scope: &Scope) -> Expr {
        let to = |inner: &TokenStream, first, mark| self.tried(inner, step.node, first, mark, scope);
        let waits = |inner: &TokenStream, _: Span, mark| {
            Self::waited(&waiting::waits(&self.gate(step.node), inner, mark), mark)
        };
        Tries { to: &to, waits: self.graph.asynchronous.then_some(&waits) }.visit_expr_mut(&mut expr);
        expr
    }

    /// Where a node of an `async` graph asks whether it may go on.
    fn gate(&self, node: u32) -> TokenStream {
        let level = &self.names.level;
        quote!(#level.gate(#node))
    }

    /// What comes of something that waits. A `?` would say the same, and take the compiler longer.
    fn waited(asked: &TokenStream, mark: Span) -> TokenStream {
        let rt = rt_at(mark);
        let value = value_at(mark);
        let value = quote_spanned! {mark=>
            match #asked {
                ::core::result::Result::Ok(#value) => #value,
                ::core::result::Result::Err(#rt::Halted) => return ::core::result::Result::Err(#rt::Halted),
            }
        };
        shown(&value, mark, mark)
    }

    /// The call of an operator, with what is around it in an `async` graph.
    fn call(&mut self, step: &Step, call: &TokenStream, place: &TokenStream) -> TokenStream {
        if !self.graph.asynchronous {
            return call.clone();
        }
        let span = step.span;
        match step.awaited {
            Some(mark) => {
                let future = waiting::inside(&waiting::hedged(self.graph, step, call), mark);
                if let Some(apart) = &mut self.apart {
                    let rt = rt_at(mark);
                    *apart = quote_spanned!(mark=> #rt::future_of(#future));
                    return shown(&value_at(mark).to_token_stream(), mark, mark);
                }
                let (level, node) = (&self.names.level, step.node);
                let gate = quote!(#level.entered(#node));
                Self::waited(&waiting::waits(&gate, &future, mark), mark)
            }
            None => {
                let asked = waiting::computes(self.names, &self.gate(step.node), place, call, span);
                let asked = quote_spanned!(span=> #asked?);
                match &step.work {
                    Work::Operator(call) => shown(&asked, call.span(), call.paren_token.span.close()),
                    Work::Plain(expr) => shown(&asked, expr.span(), last_token(expr)),
                    _ => asked,
                }
            }
        }
    }

    fn race(
        &mut self,
        step: &Step,
        branches: &[Expr],
        references: &HashSet<String>,
        scope: &Scope,
    ) -> TokenStream {
        let Names { rt, run, level, end, .. } = self.names;
        let calls = branches.iter().map(|branch| match branch {
            Expr::Call(call) => {
                let mut call = call.clone();
                for arg in &mut call.args {
                    *arg = self.plain(arg, references, step, scope);
                }
                plain_call(self.graph, &call, true)
            }
            other => self.plain(other, references, step, scope).to_token_stream(),
        });
        let race = waiting::race(&self.gate(step.node), calls, branches, step.span);
        // A branch that panics has around it what its race has.
        let around = (scope.before, scope.after);
        self.counts.extend((step.node + 1..).zip(branches).map(|(branch, _)| (branch, around)));
        let (first, path) = (step.node + 1, scope.path());
        let sink = quote!(#run.failing(#end, #level, #first + __n, #path).of_branch(__n));
        let value = value_at(step.end);
        quote! {
            match #race? {
                ::core::result::Result::Ok(#value) => #value,
                ::core::result::Result::Err(__failures) => {
                    for (__n, __failure) in (0u32..).zip(__failures) {
                        (&&&&&&&(&&#end.way(&__failure)).way()).raise(__failure, #sink);
                    }
                    return ::core::result::Result::Err(#rt::Halted);
                }
            }
        }
    }

    fn tried(&self, expr: &TokenStream, node: u32, first: Span, mark: Span, scope: &Scope) -> TokenStream {
        let Names { rt, run, level, end, .. } = self.names;
        let path = scope.path();
        let sink = quote!(#run.failing(#end, #level, #node, #path));
        let (split, raised, failure) = super::tried(self.names, expr, mark, &sink);
        let value = value_at(mark);
        let shown = shown(&value.to_token_stream(), first, mark);
        quote! {
            (match #split {
                ::core::result::Result::Ok(#value) => #shown,
                ::core::result::Result::Err(#failure) => {
                    #raised;
                    return ::core::result::Result::Err(#rt::Halted);
                }
            })
        }
    }

    fn expr(&mut self, step: &'g Step, scope: &mut Scope) -> TokenStream {
        let references = self.references(step, scope);
        let mut tokens = match &step.work {
            Work::Operator(call) => {
                let mut call = call.clone();
                let written = call.args.clone();
                for arg in &mut call.args {
                    *arg = self.plain(arg, &references, step, scope);
                }
                if self.put_off == Some(step.node) {
                    return lots::one(self.graph, &call);
                }
                let in_closure = self.graph.asynchronous && (step.awaited.is_none() || step.hedge.is_some());
                let before =
                    if in_closure { Before::take(step, &mut call.args, &written) } else { Before::default() };
                let place = waiting::place(self.graph, &call);
                let tokens = self.call(step, &operator_call(self.graph, step, &call), &place);
                before.around(tokens, step.span)
            }
            Work::Plain(expr) => {
                let takes_apart = step.pat.as_ref().is_some_and(|pat| !matches!(untyped(pat), Pat::Ident(_)));
                let mut made = if takes_apart {
                    self.scrutinee(expr, &references, step, scope)
                } else {
                    self.plain(expr, &references, step, scope)
                };
                if step.computes(&self.graph.nodes) {
                    let before = match (&mut made, expr) {
                        (Expr::MethodCall(made), Expr::MethodCall(written)) => {
                            Before::take(step, &mut made.args, &written.args)
                        }
                        _ => Before::default(),
                    };
                    let tokens = self.call(step, &made.to_token_stream(), &waiting::pool());
                    before.around(tokens, step.span)
                } else {
                    made.to_token_stream()
                }
            }
            Work::Race(branches) => self.race(step, branches, &references, scope),
            Work::Branch(arms, branching) => self.branch(step, arms, branching, &references, scope),
            Work::FanOut(each) => self.fan_out(step, each, &references, scope),
            Work::Loop(each) => self.repeat(step, each, &references, scope),
        };
        // Those of a race are told by the race.
        let own = usize::from(matches!(step.work, Work::Race(_)));
        for mark in step.tries.iter().skip(own) {
            tokens = self.tried(&tokens, step.node, super::first_token(step), *mark, scope);
        }
        tokens
    }
}

/// How many of the steps run operators.
fn working(body: &Body, steps: &[usize]) -> u32 {
    steps.iter().map(|&i| u32::from(body.steps[i].works())).sum()
}
