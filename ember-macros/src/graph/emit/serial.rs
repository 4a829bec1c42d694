//! The straight-line form: the user's lines, with the calls of nodes and the ways out of failures put in.

use std::collections::BTreeSet;

use proc_macro2::{Ident, Span, TokenStream};
use quote::{ToTokens, quote, quote_spanned};
use syn::Expr;
use syn::spanned::Spanned;
use syn::visit_mut::{self, VisitMut};

use super::super::model::{Arm, Binding, Body, Branching, FanOut, Graph, Loop, Node, Step, Work};
use super::{
    Before, Items, Names, braced, give_at, give_tail, hidden, hidden_at, lots, operator_call, plain_call,
    shown, value_at,
};

/// A graph of more nodes is put together for the compiler's sake.
const LARGE: usize = 128;

/// Whether a graph notes its nodes out of line, and has a straight line that is compiled once, so that it compiles soon.
pub(super) fn is_large(graph: &Graph) -> bool {
    graph.nodes.len() > LARGE
}

/// Emits the body of the closure that runs the graph in one straight line.
pub(super) fn emit(graph: &mut Graph, names: &Names) -> TokenStream {
    count(&graph.body, (0, 0), &mut graph.nodes);
    let emit = Serial { graph, names };
    emit.body(&graph.body, true)
}

/// Notes for each node how many operators stand before and after it in the bodies that are open at it.
fn count(body: &Body, around: (u32, u32), nodes: &mut [Node]) {
    let total: u32 = body.steps.iter().map(|step| u32::from(step.works())).sum();
    let mut before = around.0;
    let mut passed = 0;
    for step in &body.steps {
        passed += u32::from(step.works());
        let after = around.1 + total - passed;
        nodes[step.node as usize].serial = (before, after);
        for inner in step.work.bodies() {
            count(inner, (before, after), nodes);
        }
        before += step.operators;
    }
}

struct Serial<'g> {
    graph: &'g Graph,
    names: &'g Names,
}

impl Serial<'_> {
    fn body(&self, body: &Body, outermost: bool) -> TokenStream {
        let run = &self.names.run;
        let last = body.steps.len().saturating_sub(1);
        let mut tokens = TokenStream::new();
        // `#[after(x)]` is a use of `x` that the compiler does not see.
        let awaited: BTreeSet<usize> =
            body.steps.iter().flat_map(|step| step.after.iter().copied()).collect();
        for (i, step) in body.steps.iter().enumerate() {
            let quiet = awaited.contains(&i).then(|| quote!(#[allow(unused_variables)]));
            let tail = body.tail && i == last;
            if tail && outermost {
                // The values are dropped after the tail: a panic then is not the tail's.
                // Naming the type lets the compiler judge the value where the user wrote it.
                let returned = super::returned(&self.graph.sig.output);
                let value = value_at(step.span);
                let give = if self.graph.fails.ever() { "same" } else { "given" };
                let done = give_at(give, &value, step.span, step.end);
                tokens.extend(if self.graph.asynchronous {
                    // Of a block the compiler says more in a future than here.
                    let (start, expr) = (self.start(step), super::whole(step, &self.expr(step, true)));
                    quote!(#start let #value: #returned = #expr;)
                } else {
                    let expr = self.step(step, true, quiet.as_ref());
                    quote!(let #value: #returned = { #expr };)
                });
                tokens.extend(quote!(#[allow(unreachable_code)] { #run.end(); return #done; }));
            } else {
                tokens.extend(self.step(step, tail, quiet.as_ref()));
            }
        }
        if outermost && !body.tail {
            let done = quote!(::core::result::Result::Ok(()));
            tokens.extend(if self.graph.fails.ever() {
                quote!(#run.end();)
            } else {
                quote!(#run.end(); #done)
            });
        }
        tokens
    }

    fn step(&self, step: &Step, tail: bool, quiet: Option<&TokenStream>) -> TokenStream {
        let start = self.start(step);
        let expr = self.expr(step, tail);
        let Step { pat, assign, attrs, span, binding, .. } = step;
        let span = *span;
        let Binding { keyword, equals, semicolon } = binding;
        match (pat, assign) {
            (Some(pat), _) => {
                quote_spanned!(span=> #start #quiet #(#attrs)* #keyword #pat #equals #expr #semicolon)
            }
            (None, Some(left)) => quote_spanned!(span=> #start #(#attrs)* #left = #expr;),
            (None, None) if tail => quote_spanned!(span=> #start #expr),
            (None, None) => quote_spanned!(span=> #start #(#attrs)* #expr;),
        }
    }

    /// Notes that the step starts, and asks the context if it may.
    fn start(&self, step: &Step) -> TokenStream {
        let run = &self.names.run;
        let node = step.node;
        if step.operators > 0 && self.graph.fails.ever() {
            let end = &self.names.end;
            quote!(if let ::core::option::Option::Some(__why) = #run.go(#end, #node) { return #run.stopped(#end, __why); })
        } else {
            let at = Ident::new(if is_large(self.graph) { "at_call" } else { "at" }, Span::mixed_site());
            quote!(#run.#at(#node);)
        }
    }

    /// `expr?`
    fn tried(&self, expr: &TokenStream, node: u32, first: Span, mark: Span) -> TokenStream {
        let Names { run, end, .. } = self.names;
        let (split, raised, failure) =
            super::tried(self.names, expr, mark, &quote!(#run.failing(#end, #node)));
        let value = value_at(mark);
        let shown = shown(&value.to_token_stream(), first, mark);
        quote! {
            (match #split {
                ::core::result::Result::Ok(#value) => #shown,
                ::core::result::Result::Err(#failure) => return #raised,
            })
        }
    }

    fn expr(&self, step: &Step, tail: bool) -> TokenStream {
        let mut tokens = match &step.work {
            Work::Operator(call) => {
                let mut call = call.clone();
                let written = call.args.clone();
                for arg in &mut call.args {
                    self.plain(arg, step.node);
                }
                let before = if step.hedge.is_some() {
                    Before::take(step, &mut call.args, &written)
                } else {
                    Before::default()
                };
                let tokens = operator_call(self.graph, step, &call);
                match step.awaited {
                    None => tokens,
                    Some(mark) => {
                        let call = super::waiting::hedged(self.graph, step, &tokens);
                        let (asked, checked) = (before.asked(), super::waiting::checked(&call, mark));
                        let call = if asked.is_empty() { checked } else { quote!({ #asked #checked }) };
                        before.around(call, step.span)
                    }
                }
            }
            Work::Plain(expr) => {
                let mut expr = expr.clone();
                super::policies::tell_method(step, &mut expr);
                self.plain(&mut expr, step.node);
                keep_braces(&mut expr);
                expr.to_token_stream()
            }
            Work::Race(branches) => self.race(step, branches),
            Work::Branch(arms, branching) => self.branch(step, arms, branching),
            Work::FanOut(each) => self.fan_out(step, each, !tail && each.discard),
            Work::Loop(each) => self.repeat(step, each),
        };
        // Those of a race are told by the race.
        let own = usize::from(matches!(step.work, Work::Race(_)));
        for mark in step.tries.iter().skip(own) {
            tokens = self.tried(&tokens, step.node, super::first_token(step), *mark);
        }
        tokens
    }

    /// Gives the `?`s and `.await`s of plain Rust their meaning.
    fn plain(&self, expr: &mut Expr, node: u32) {
        let to = |inner: &TokenStream, first, mark| self.tried(inner, node, first, mark);
        let waits: Rewrite<'_> = &|inner, _, mark| super::waiting::checked(inner, mark);
        Tries { to: &to, waits: self.graph.asynchronous.then_some(waits) }.visit_expr_mut(expr);
    }

    /// The body of a construct: counts its operators when it has been gone through.
    fn inner(&self, body: &Body) -> TokenStream {
        let run = &self.names.run;
        let tokens = self.body(body, false);
        let tokens = match body.operators() {
            0 => tokens,
            n => {
                let (value, given) = give_tail(body, "same");
                let tokens = braced(tokens, body.braces);
                quote!(let #value = #tokens; #[allow(unreachable_code)] #run.finished(#n); #given)
            }
        };
        braced(tokens, body.braces).into_token_stream()
    }

    fn branch(&self, step: &Step, arms: &[Arm], branching: &Branching) -> TokenStream {
        match branching {
            Branching::If => {
                let mut tokens = TokenStream::new();
                for (i, arm) in arms.iter().enumerate() {
                    if i > 0 {
                        tokens.extend(quote!(else));
                    }
                    let body = self.inner(&arm.body);
                    if let Some(condition) = &arm.condition {
                        let mut condition = condition.clone();
                        self.plain(&mut condition, step.node);
                        keep_braces(&mut condition);
                        let keyword = syn::Token![if](arm.span);
                        tokens.extend(quote!(#keyword #condition));
                    }
                    tokens.extend(body);
                }
                tokens
            }
            Branching::Match { scrutinee } => {
                let mut scrutinee = scrutinee.clone();
                self.plain(&mut scrutinee, step.node);
                keep_braces(&mut scrutinee);
                let arms = arms.iter().map(|arm| {
                    let pat = &arm.pat;
                    let guard = arm.guard.as_ref().map(|guard| {
                        let mut guard = guard.clone();
                        self.plain(&mut guard, step.node);
                        quote!(if #guard)
                    });
                    let body = self.inner(&arm.body);
                    quote!(#pat #guard => #body)
                });
                let span = self.graph.nodes[step.node as usize].span;
                quote_spanned!(span=> match #scrutinee { #(#arms)* })
            }
        }
    }

    fn fan_out(&self, step: &Step, each: &FanOut, discard: bool) -> TokenStream {
        let run = &self.names.run;
        let FanOut { pat, body, slot, span, .. } = each;
        let mut iter = each.iter.clone();
        self.plain(&mut iter, step.node);
        keep_braces(&mut iter);
        let items = super::items(&iter);
        if let Some(only) = lots::only_call(self.graph, each) {
            return self.fan_out_in_lots(each, only, discard, &items);
        }
        let body = self.inner(body);
        let span = *span;
        let (room, Items { bind, given, .. }) = (items.room(span), items);
        let turn = hidden("__turn");
        let keyword = syn::Token![for](span);
        let most = each.concurrency.as_ref().map(|most| {
            let mut most = most.clone();
            self.plain(&mut most, step.node);
            let most = super::most_at_once(&most);
            quote!(let _ = #most;)
        });
        if discard {
            return quote_spanned! {span=> {
                #most
                #bind
                let mut #turn = 0usize;
                #keyword #pat in #given { #run.turn(#slot, #turn); #turn += 1; #body; }
            }};
        }
        let values = hidden_at("__values", span);
        quote_spanned! {span=> {
            #most
            #bind
            let mut #values = #room;
            let mut #turn = 0usize;
            #keyword #pat in #given { #run.turn(#slot, #turn); #turn += 1; #values.push(#body); }
            #values
        }}
    }

    /// The same of one call for each item: as many calls as there may be in a lot, then what becomes of their values.
    fn fan_out_in_lots(&self, each: &FanOut, only: &Step, discard: bool, items: &Items) -> TokenStream {
        let Work::Operator(call) = &only.work else { return TokenStream::new() };
        let Items { bind: bind_items, given: iter, .. } = items;
        let mut call = call.clone();
        call.args.iter_mut().for_each(|arg| self.plain(arg, only.node));
        let FanOut { pat, body, slot, span, .. } = each;
        let (run, lots, bind) = (&self.names.run, lots::lots(), lots::bind(self.graph, only));
        let (start, one) = (self.start(only), lots::one(self.graph, &call));
        let (given, mut value) = lots::given(only);
        for mark in &only.tries {
            value = self.tried(&value, only.node, super::first_token(only), *mark);
        }
        let nothing = (!body.tail).then(|| quote!(;));
        let operators = body.operators();
        let span = *span;
        let value = braced(quote_spanned!(span=> #value #nothing), body.braces);
        let [put, taken, settled] = ["__put", "__taken", "__settled"].map(hidden);
        let keyword = syn::Token![for](span);
        let (values, made, pushed) = if discard {
            (TokenStream::new(), TokenStream::new(), quote_spanned!(span=> let _ = #settled;))
        } else {
            let values = hidden_at("__values", span);
            let room = items.room(span);
            let made = quote_spanned!(span=> let mut #values = #room;);
            (quote!(#values), made, quote_spanned!(span=> #values.push(#settled);))
        };
        // What is left behind the last full lot is settled as the rest is.
        let settle = quote_spanned! {span=>
            while let ::core::option::Option::Some(#given) = #lots.next() {
                #run.turn(#slot, #taken);
                #taken += 1;
                let #settled = #value;
                #run.finished(#operators);
                #pushed
            }
        };
        quote_spanned! {span=> {
            #bind_items
            #bind
            #made
            let (mut #put, mut #taken) = (0usize, 0usize);
            #keyword #pat in #iter {
                #run.turn(#slot, #put);
                #put += 1;
                #start
                #lots.put(#one);
                if #lots.is_full() {
                    #settle
                }
            }
            #settle
            #values
        }}
    }

    fn race(&self, step: &Step, branches: &[Expr]) -> TokenStream {
        let Names { run, end, .. } = self.names;
        let node = step.node;
        let calls = branches.iter().map(|branch| {
            let mut branch = branch.clone();
            match &mut branch {
                Expr::Call(call) => {
                    call.args.iter_mut().for_each(|arg| self.plain(arg, node));
                    plain_call(self.graph, call, true)
                }
                other => {
                    self.plain(other, node);
                    other.to_token_stream()
                }
            }
        });
        let race = super::waiting::race_checked(calls, branches);
        let value = value_at(step.end);
        quote! {
            match #race {
                ::core::result::Result::Ok(#value) => #value,
                ::core::result::Result::Err(__failure) => {
                    return (&&&&&&&(&&#end.way(&__failure)).way()).raise(__failure, #run.failing(#end, #node));
                }
            }
        }
    }

    fn repeat(&self, step: &Step, each: &Loop) -> TokenStream {
        let run = &self.names.run;
        let Loop { label, at_most, body, slot, span } = each;
        let body = self.inner(body);
        let (most, bind_most) = super::most(at_most);
        let node = step.node;
        let end = &self.names.end;
        let span = *span;
        let turn = hidden("__turn");
        let keyword = syn::Token![loop](span);
        quote_spanned! {span=> {
            #bind_most
            let mut #turn = 0usize;
            #label #keyword {
                if #turn == #most { return #run.at_most(#end, #node, #turn); }
                #run.turn(#slot, #turn);
                #turn += 1;
                #body
            }
        }}
    }
}

/// Shows the braces that make plain Rust of a head as generated ones: they mean something, and the compiler would warn
/// that they do not.
fn keep_braces(expr: &mut Expr) {
    match expr {
        Expr::Block(block) => {
            let span = Span::mixed_site().located_at(block.block.brace_token.span.join());
            block.block.brace_token = syn::token::Brace(span);
        }
        Expr::Paren(paren) => keep_braces(&mut paren.expr),
        Expr::Unary(unary) => keep_braces(&mut unary.expr),
        Expr::Let(matched) => keep_braces(&mut matched.expr),
        _ => {}
    }
}

/// What is written in place of something and a mark behind it. The first token of the former is told beside the mark.
type Rewrite<'f> = &'f dyn Fn(&TokenStream, Span, Span) -> TokenStream;

/// Rewrites `?` and, in `async` graphs, `.await`, but not in closures, inner items and `async` blocks, whose own they are.
pub(super) struct Tries<'f> {
    pub(super) to: Rewrite<'f>,
    pub(super) waits: Option<Rewrite<'f>>,
}

impl VisitMut for Tries<'_> {
    fn visit_expr_mut(&mut self, expr: &mut Expr) {
        match expr {
            Expr::Closure(_) | Expr::Async(_) => {}
            Expr::Try(tried) => {
                let first = tried.expr.span();
                self.visit_expr_mut(&mut tried.expr);
                let tokens = (self.to)(&tried.expr.to_token_stream(), first, tried.question_token.span);
                *expr = Expr::Verbatim(tokens);
            }
            Expr::Await(waits) if self.waits.is_some() => {
                let first = waits.base.span();
                self.visit_expr_mut(&mut waits.base);
                if let Some(rewrite) = self.waits {
                    let tokens = rewrite(&waits.base.to_token_stream(), first, waits.await_token.span);
                    *expr = Expr::Verbatim(tokens);
                }
            }
            _ => visit_mut::visit_expr_mut(self, expr),
        }
    }

    fn visit_item_mut(&mut self, _: &mut syn::Item) {}

    fn visit_macro_mut(&mut self, call: &mut syn::Macro) {
        if let super::super::macros::Reading::Expressions(mut parsed) = super::super::macros::read(call) {
            let mut changed = false;
            for part in &mut parsed.parts {
                if contains_try(&part.expr) || self.waits.is_some() && contains_await(&part.expr) {
                    self.visit_expr_mut(&mut part.expr);
                    changed = true;
                }
            }
            if changed {
                call.tokens = parsed.into_tokens();
            }
        }
    }
}

/// Whether a `?` of the graph stands in plain Rust.
pub(in super::super) fn contains_try(expr: &Expr) -> bool {
    let found = std::cell::Cell::new(false);
    let mut expr = expr.clone();
    Tries {
        to: &|tokens, _, _| {
            found.set(true);
            tokens.clone()
        },
        waits: None,
    }
    .visit_expr_mut(&mut expr);
    found.get()
}

/// Whether a `.await` of the graph stands in plain Rust.
pub(in super::super) fn contains_await(expr: &Expr) -> bool {
    let found = std::cell::Cell::new(false);
    let waits = |tokens: &TokenStream, _: Span, _: Span| {
        found.set(true);
        tokens.clone()
    };
    Tries { to: &|tokens, _, _| tokens.clone(), waits: Some(&waits) }.visit_expr_mut(&mut expr.clone());
    found.get()
}
