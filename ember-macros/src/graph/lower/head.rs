//! What stands first in a line: a call of an operator, an array or tuple of such calls, a construct, or plain Rust.

use ember_graph::Kind;
use proc_macro2::{Ident, Span};
use quote::{ToTokens, format_ident};
use syn::punctuated::Punctuated;
use syn::spanned::Spanned;
use syn::{Expr, ExprCall, Pat, Path, parse_quote_spanned};

use super::super::attributes::StepAttributes;
use super::super::model::{Binding, Body, Step, Work};
use super::super::policies::LinePolicies;
use super::super::uses::{self, Access, Names as _};
use super::merge::Uses;
use super::{Lower, Place, last_token, untyped};

/// What stands first in a line.
pub(super) struct Head {
    pub(super) node: u32,
    pub(super) work: Work,
    pub(super) awaited: Option<Span>,
    pub(super) tries: Vec<Span>,
    pub(super) uses: Uses,
}

impl Head {
    pub(super) const fn new(node: u32, work: Work, uses: Uses) -> Self {
        Self { node, work, awaited: None, tries: Vec::new(), uses }
    }
}

impl Lower<'_> {
    /// Takes the head of an expression apart.
    #[allow(clippy::too_many_arguments)]
    pub(super) fn work(
        &mut self,
        i: usize,
        name: &str,
        tail: bool,
        pat: Option<&Pat>,
        expr: &Expr,
        attrs: &StepAttributes,
        body: &mut Body,
    ) -> Head {
        match expr {
            Expr::Paren(paren) => self.work(i, name, tail, pat, &paren.expr, attrs, body),
            Expr::Group(group) => self.work(i, name, tail, pat, &group.expr, attrs, body),
            Expr::Try(tried) if is_head(&tried.expr) => {
                let mut head = self.work(i, name, tail, pat, &tried.expr, attrs, body);
                head.tries.push(tried.question_token.span());
                head
            }
            Expr::Await(waits) if matches!(bare(&waits.base), Expr::Call(call) if self.is_operator(call)) => {
                let mut head = self.work(i, name, tail, pat, &waits.base, attrs, body);
                if let Some(mark) = head.tries.first() {
                    let message = "`?` stands before `.await`: what fails is what the operator gives when it is done; write \
                                   `.await?`";
                    self.diagnostics.error(Ident::new("x", *mark), message);
                }
                head.awaited = Some(waits.await_token.span);
                head
            }
            Expr::Await(waits) if is_race(&waits.base).is_some() => {
                let Some(race) = is_race(&waits.base) else { unreachable!("looked at above") };
                self.race(i, name, race, expr.span())
            }
            Expr::Macro(race) if race.mac.path.is_ident("race") => {
                let message =
                    "`race!(..)` waits for the first of its nodes: write `race!(..).await?` in an `async fn`";
                self.diagnostics.error(race, message);
                Head::new(self.node(name, Kind::Group, expr.span()), Work::Race(Vec::new()), Uses::default())
            }
            Expr::Call(call) if self.is_operator(call) => {
                let name = if name.is_empty() && !tail { callee_name(call) } else { name.to_owned() };
                let node = self.node(&name, Kind::Operator, expr.span());
                self.describe_call(node, call);
                let mut found = Uses::default();
                for arg in &call.args {
                    found.add(self, i, &uses::find(arg, self));
                }
                Head::new(node, Work::Operator(call.clone()), found)
            }
            Expr::Array(array) if array.elems.iter().any(|e| self.is_element(e)) => {
                let elems: Vec<&Expr> = array.elems.iter().collect();
                let (node, elems) = self.elements(i, name, pat, &elems, expr.span(), attrs, body);
                let plain =
                    Expr::Array(syn::ExprArray { elems: elems.into_iter().collect(), ..array.clone() });
                let found = self.plain_uses(i, &plain);
                Head::new(node, Work::Plain(plain), found)
            }
            Expr::Tuple(tuple) if tuple.elems.iter().any(|e| self.is_element(e)) => {
                let elems: Vec<&Expr> = tuple.elems.iter().collect();
                let (node, elems) = self.elements(i, name, pat, &elems, expr.span(), attrs, body);
                let plain =
                    Expr::Tuple(syn::ExprTuple { elems: elems.into_iter().collect(), ..tuple.clone() });
                let found = self.plain_uses(i, &plain);
                Head::new(node, Work::Plain(plain), found)
            }
            Expr::If(branch) => self.branch(i, name, branch, body),
            Expr::Match(branch) => self.choice(i, name, branch, body),
            Expr::ForLoop(each) => {
                let discard = !tail && pat.is_none_or(|pat| matches!(pat, Pat::Wild(_)));
                self.fan_out(i, name, each, discard, attrs)
            }
            Expr::Loop(each) => self.repeat(i, name, each, attrs),
            _ => {
                let method = match expr {
                    Expr::MethodCall(call) if is_method_node(call) && !self.changes_in_place(call) => {
                        Some(call.method.to_string())
                    }
                    _ => awaited_method(expr).map(ToString::to_string),
                };
                let waits = method.is_none() && super::super::emit::contains_await(expr);
                let kind = if method.is_some() || waits { Kind::Operator } else { Kind::Glue };
                let fallback = method.as_deref().unwrap_or(if waits { "wait" } else { "glue" });
                let name = if name.is_empty() && !tail { fallback } else { name };
                let node = self.node(name, kind, expr.span());
                // What waits and is no call, as `receiver.await`, is of no operator.
                self.nodes[node as usize].operator = method.unwrap_or_default();
                let mut found = Uses::default();
                let takes_apart = pat.is_some_and(|pat| !matches!(untyped(pat), Pat::Ident(_)));
                let uses =
                    if takes_apart { uses::find_in_scrutinee(expr, self) } else { uses::find(expr, self) };
                found.add(self, i, &uses);
                Head::new(node, Work::Plain(expr.clone()), found)
            }
        }
    }

    /// `race!(a, b, c)`: each branch is a node.
    fn race(&mut self, i: usize, name: &str, race: &syn::Macro, span: Span) -> Head {
        let node = self.node(if name.is_empty() { "race" } else { name }, Kind::Group, span);
        let mut found = Uses::default();
        let parse = Punctuated::<Expr, syn::Token![,]>::parse_terminated;
        let branches = match race.parse_body_with(parse) {
            Ok(branches) => branches,
            Err(error) => {
                self.diagnostics.push(error);
                return Head::new(node, Work::Race(Vec::new()), found);
            }
        };
        if branches.len() < 2 || branches.len() > 64 {
            let message =
                "`race!(..)` takes from 2 to 64 calls of operators, `race!(first(a), second(b)).await?`";
            self.diagnostics.error(race, message);
        }
        let path = self.nodes[node as usize].path.clone();
        let mut calls = Vec::new();
        for (n, branch) in branches.iter().enumerate() {
            let prefix = format!("{path}[{n}]");
            let place = Place { prefix, parent: Some(node), part: String::new(), ..self.place.clone() };
            let outer = std::mem::replace(&mut self.place, place);
            let row = self.node("", Kind::Operator, branch.span());
            self.place = outer;
            self.nodes[row as usize].fallible = true;
            match branch {
                Expr::Call(call) if self.is_operator(call) => {
                    self.describe_call(row, call);
                    for arg in &call.args {
                        found.add(self, i, &uses::find(arg, self));
                    }
                }
                Expr::MethodCall(call) => {
                    self.nodes[row as usize].operator = call.method.to_string();
                    found.add(self, i, &uses::find(branch, self));
                }
                Expr::Await(_) | Expr::Try(_) => {
                    let message = "the branches of `race!` are calls without `.await` and `?`, which stand behind the whole: \
                                   `race!(first(a), second(b)).await?`";
                    self.diagnostics.error(branch, message);
                }
                other => {
                    let message =
                        "a branch of `race!` is the call of an `async` operator, `search(&question)`";
                    self.diagnostics.error(other, message);
                }
            }
            calls.push(branch.clone());
        }
        Head::new(node, Work::Race(calls), found)
    }

    pub(super) fn plain_uses(&mut self, i: usize, expr: &Expr) -> Uses {
        let mut found = Uses::default();
        found.add(self, i, &uses::find(expr, self));
        found
    }

    fn describe_call(&mut self, node: u32, call: &ExprCall) {
        let Expr::Path(path) = &*call.func else { return };
        let bare = without_arguments(&path.path);
        let text = bare.to_token_stream().to_string().replace(' ', "");
        let row = &mut self.nodes[node as usize];
        row.operator = text;
        row.callee = Some(bare);
    }

    /// Whether a call at a head is an operator's: a plain path that is no type's, no constructor and no local.
    fn is_operator(&self, call: &ExprCall) -> bool {
        let Expr::Path(path) = &*call.func else { return false };
        if path.qself.is_some() {
            return false;
        }
        let lower =
            |name: &str| name.trim_start_matches("r#").starts_with(|c: char| c.is_lowercase() || c == '_');
        let names: Vec<String> = path.path.segments.iter().map(|s| s.ident.to_string()).collect();
        let Some((last, before)) = names.split_last() else { return false };
        lower(last)
            && before.last().is_none_or(|name| lower(name))
            // A name that is made further down does not count: `let words = words(text);` calls the operator.
            && !(before.is_empty() && self.lookup(last).is_some())
            && !(before.len() == 1 && super::super::types::is_primitive(&before[0]))
    }

    /// Whether a method of an `async` graph may change a value in place. It runs alone in any case, so there is nothing to
    /// be had from another thread.
    fn changes_in_place(&self, call: &syn::ExprMethodCall) -> bool {
        let mutable = uses::root(&call.receiver).is_some_and(|root| self.mutable(&root.to_string()));
        self.asynchronous && mutable && !uses::only_reads(&call.method.to_string())
    }

    fn is_element(&self, expr: &Expr) -> bool {
        match expr {
            Expr::Paren(paren) => self.is_element(&paren.expr),
            Expr::Await(waits) => self.is_element(&waits.base) || is_race(&waits.base).is_some(),
            Expr::Try(tried) => self.is_element(&tried.expr),
            Expr::Call(call) => self.is_operator(call),
            _ => false,
        }
    }

    /// The elements of an array or a tuple: each that calls an operator becomes a step with a hidden name.
    #[allow(clippy::too_many_arguments)]
    fn elements(
        &mut self,
        i: usize,
        name: &str,
        pat: Option<&Pat>,
        elems: &[&Expr],
        span: Span,
        attrs: &StepAttributes,
        body: &mut Body,
    ) -> (u32, Vec<Expr>) {
        let names: Vec<Option<Ident>> = match pat {
            Some(Pat::Tuple(tuple)) if tuple.elems.len() == elems.len() => tuple
                .elems
                .iter()
                .map(|pat| if let Pat::Ident(pat) = pat { Some(pat.ident.clone()) } else { None })
                .collect(),
            _ => vec![None; elems.len()],
        };
        let several = names.iter().any(Option::is_some);
        let group = self.node(if several { "group" } else { name }, Kind::Group, span);
        let mut plain = Vec::new();
        let last = elems.iter().rposition(|elem| self.is_element(elem)).unwrap_or(0);
        for (n, (elem, own)) in elems.iter().zip(names).enumerate() {
            // What stands before a node and does something is done before it.
            if !self.is_element(elem) && (n > last || is_inert(elem)) {
                plain.push((*elem).clone());
                continue;
            }
            let path = self.nodes[group as usize].path.clone();
            let place = Place { parent: Some(group), part: String::new(), ..self.place.clone() };
            let outer = std::mem::replace(&mut self.place, place);
            if own.is_none() {
                self.place.prefix = format!("{path}[{n}]");
            }
            let own = own.map(|own| own.to_string()).unwrap_or_default();
            let temporary = self.temporary(i, &own, elem, attrs, body);
            self.place = outer;
            plain.push(temporary);
        }
        (group, plain)
    }

    /// A step of its own for a part of a statement; gives the name of its value.
    fn temporary(
        &mut self,
        i: usize,
        name: &str,
        expr: &Expr,
        attrs: &StepAttributes,
        body: &mut Body,
    ) -> Expr {
        let Head { node, work, awaited, tries, uses: found } =
            self.work(i, name, true, None, expr, &StepAttributes::default(), body);
        let after = self.after(i, attrs);
        let operators = work.operators(&self.nodes[node as usize]);
        self.nodes[node as usize].fallible = !tries.is_empty();
        let ident = format_ident!("__part{}", self.temporaries, span = expr.span());
        self.temporaries += 1;
        let var = self.define(&ident, false, false, Some(node));
        let alone = found.opaque || found.all.iter().any(|u| u.access == Access::Exclusive);
        body.steps.push(Step {
            node,
            span: expr.span(),
            end: last_token(expr),
            binding: Binding::at(expr.span()),
            pat: Some(parse_quote_spanned!(expr.span()=> #ident)),
            assign: None,
            attrs: Vec::new(),
            work,
            awaited,
            hedge: None,
            policies: LinePolicies::default(),
            tries,
            direct: found.direct.unwrap_or_else(|| found.all.clone()),
            uses: found.all,
            defs: vec![var],
            near: found.near,
            after,
            alone,
            operators,
        });
        let mut path: syn::ExprPath = syn::parse_quote!(#ident);
        path.attrs.clear();
        Expr::Path(path)
    }

    /// A condition, scrutinee or `let` expression: a call of an operator in it becomes a step.
    pub(super) fn decide(
        &mut self,
        i: usize,
        name: &str,
        suffix: &str,
        expr: &Expr,
        body: &mut Body,
    ) -> Expr {
        match expr {
            Expr::Paren(paren) => self.decide(i, name, suffix, &paren.expr, body),
            Expr::Let(l) => {
                let inner = self.decide(i, name, suffix, &l.expr, body);
                Expr::Let(syn::ExprLet { expr: Box::new(inner), ..l.clone() })
            }
            Expr::Unary(unary) if matches!(unary.op, syn::UnOp::Not(_)) => {
                let inner = self.decide(i, name, suffix, &unary.expr, body);
                Expr::Unary(syn::ExprUnary { expr: Box::new(inner), ..unary.clone() })
            }
            _ if self.is_element(expr) || matches!(expr, Expr::MethodCall(call) if is_method_node(call)) => {
                let name = if name.is_empty() { suffix.to_owned() } else { format!("{name}.{suffix}") };
                self.temporary(i, &name, expr, &StepAttributes::default(), body)
            }
            _ => expr.clone(),
        }
    }

    pub(super) fn cond_is_operator(&self, cond: &Expr) -> bool {
        match cond {
            Expr::Paren(paren) => self.cond_is_operator(&paren.expr),
            Expr::Let(l) => self.cond_is_operator(&l.expr),
            Expr::Unary(unary) => self.cond_is_operator(&unary.expr),
            other => self.is_element(other),
        }
    }
}

fn callee_name(call: &ExprCall) -> String {
    match &*call.func {
        Expr::Path(path) => path.path.segments.last().map(|s| s.ident.to_string()).unwrap_or_default(),
        _ => String::new(),
    }
}

fn without_arguments(path: &Path) -> Path {
    let mut path = path.clone();
    if let Some(last) = path.segments.last_mut() {
        last.arguments = syn::PathArguments::None;
    }
    path
}

/// Whether `?` behind it belongs to a node: it can be split off an expression that is taken apart.
fn is_head(expr: &Expr) -> bool {
    match expr {
        Expr::Paren(paren) => is_head(&paren.expr),
        Expr::Try(tried) => is_head(&tried.expr),
        Expr::Call(_) | Expr::MethodCall(_) | Expr::Match(_) | Expr::If(_) => true,
        Expr::Macro(_) => is_race(expr).is_some(),
        Expr::Await(waits) => is_head(&waits.base) || is_race(&waits.base).is_some(),
        _ => false,
    }
}

/// An expression without the parentheses around it, and the `?`s behind.
fn bare(expr: &Expr) -> &Expr {
    match expr {
        Expr::Paren(paren) => bare(&paren.expr),
        Expr::Group(group) => bare(&group.expr),
        Expr::Try(tried) => bare(&tried.expr),
        expr => expr,
    }
}

pub(in super::super) fn is_race(expr: &Expr) -> Option<&syn::Macro> {
    match expr {
        Expr::Macro(call) if call.mac.path.is_ident("race") => Some(&call.mac),
        Expr::Paren(paren) => is_race(&paren.expr),
        Expr::Group(group) => is_race(&group.expr),
        _ => None,
    }
}

/// The method whose call plain Rust waits for.
fn awaited_method(expr: &Expr) -> Option<&Ident> {
    match expr {
        Expr::Await(waits) => match bare(&waits.base) {
            Expr::MethodCall(call) => Some(&call.method),
            _ => None,
        },
        Expr::Try(tried) => awaited_method(&tried.expr),
        Expr::Paren(paren) => awaited_method(&paren.expr),
        _ => None,
    }
}

/// Method calls at a head are nodes unless the method is one that everyone knows from the standard library.
fn is_method_node(call: &syn::ExprMethodCall) -> bool {
    uses::root(&call.receiver).is_some() && uses::unknown_method(call)
}

/// Whether it makes no difference when an expression is evaluated, or it must stay where it is: a reference would not
/// outlive a line of its own.
fn is_inert(expr: &Expr) -> bool {
    match expr {
        Expr::Lit(_) | Expr::Path(_) | Expr::Reference(_) | Expr::Closure(_) | Expr::Field(_) => true,
        Expr::Paren(paren) => is_inert(&paren.expr),
        Expr::Unary(unary) => is_inert(&unary.expr),
        Expr::Binary(binary) => is_inert(&binary.left) && is_inert(&binary.right),
        _ => false,
    }
}
