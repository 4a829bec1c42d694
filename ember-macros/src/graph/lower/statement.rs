//! The lines of a body: what each binds, what its attributes say, and the step it becomes.

use ember_graph::Kind;
use proc_macro2::{Ident, Span};
use quote::quote;
use syn::spanned::Spanned;
use syn::visit::Visit;
use syn::{Expr, ExprLoop, Pat, Stmt, parse_quote_spanned};

use super::super::attributes::{StepAttributes, step_attributes};
use super::super::forbidden;
use super::super::model::{Binding, Body, Hedge, Step, Work};
use super::super::uses::{self, Access, Names as _};
use super::head::Head;
use super::{Lower, last_token};
use crate::diagnostics::nearest;

/// A statement, taken apart.
struct Line<'a> {
    pat: Option<&'a Pat>,
    binding: Option<&'a Binding>,
    /// The left side of an assignment.
    assign: Option<&'a Expr>,
    expr: &'a Expr,
    /// It gives the value of its body.
    tail: bool,
}

impl Lower<'_> {
    pub(super) fn statement(&mut self, stmt: &Stmt, i: usize, last: bool, body: &mut Body) {
        match stmt {
            Stmt::Local(local) => {
                let Some(init) = &local.init else {
                    let message = "a value needs its node: write `let name = operator(..);`";
                    self.diagnostics.error(local, message);
                    return self.refused(&local.pat);
                };
                if let Some((token, diverge)) = &init.diverge {
                    let message = "`let .. else` cannot stand in a graph, because it leaves the graph in the middle; \
                                   write `let value = match .. { .. };`";
                    self.diagnostics.error(quote!(#token #diverge), message);
                    return self.refused(&local.pat);
                }
                let attrs = step_attributes(&local.attrs, self.diagnostics);
                let binding =
                    Binding { keyword: local.let_token, equals: init.eq_token, semicolon: local.semi_token };
                let line = Line {
                    pat: Some(&local.pat),
                    binding: Some(&binding),
                    assign: None,
                    expr: &init.expr,
                    tail: false,
                };
                self.step(i, &line, attrs, local.span(), body);
            }
            Stmt::Expr(expr, semi) => {
                let asked =
                    self.scopes.len() == 1 && self.ends_in_a_value && matches!(expr, Expr::ForLoop(_));
                let tail = last && semi.is_none() && (asked || has_value(expr));
                let mut expr = expr.clone();
                let attrs = super::super::attributes::take(&mut expr);
                let attrs = step_attributes(&attrs, self.diagnostics);
                let expr = &expr;
                body.tail = tail;
                let line = match expr {
                    Expr::Assign(assign) => Line {
                        pat: None,
                        binding: None,
                        assign: Some(&assign.left),
                        expr: &assign.right,
                        tail: false,
                    },
                    _ => Line { pat: None, binding: None, assign: None, expr, tail },
                };
                body.tail = line.tail;
                self.step(i, &line, attrs, expr.span(), body);
            }
            Stmt::Macro(call) => {
                let attrs = step_attributes(&call.attrs, self.diagnostics);
                let expr = Expr::Macro(syn::ExprMacro { attrs: Vec::new(), mac: call.mac.clone() });
                let tail = last && call.semi_token.is_none();
                body.tail = tail;
                let line = Line { pat: None, binding: None, assign: None, expr: &expr, tail };
                self.step(i, &line, attrs, call.span(), body);
            }
            Stmt::Item(item) => {
                let message = "items cannot stand in a graph; put this one beside the graph";
                self.diagnostics.error(item, message);
            }
        }
    }

    /// Makes the names of a line known that has been refused, so that their uses are not refused as well.
    fn refused(&mut self, pat: &Pat) {
        self.define_all(pat, None);
        if let Some(scope) = self.scopes.last_mut() {
            for bind in uses::bound(pat) {
                scope.later.remove(&bind.ident.to_string());
            }
        }
    }

    fn step(&mut self, i: usize, line: &Line<'_>, attrs: StepAttributes, span: Span, body: &mut Body) {
        let Line { pat, binding, assign, expr, tail } = *line;
        if self.scopes.len() == 1 {
            forbidden::check(expr, self.asynchronous, self.diagnostics);
        }
        let binds = pat.map(uses::bound).unwrap_or_default();
        for bind in &binds {
            if let Some(by_ref) = &bind.by_ref {
                let message = "`ref` cannot stand in a graph's patterns: the value would be dropped at the end of the \
                               line; bind the value and borrow it where it is used";
                self.diagnostics.error(by_ref, message);
            }
        }
        let name = match (binds.first(), assign) {
            (Some(bind), _) => bind.ident.to_string(),
            (None, Some(left)) => uses::root(left).map(ToString::to_string).unwrap_or_default(),
            (None, None) => String::new(),
        };
        let Head { node, work, awaited, tries, uses: mut found } =
            self.work(i, &name, tail, pat, expr, &attrs, body);
        let mut alone = found.opaque || contains_break(expr);
        if let Some(left) = assign {
            let left = uses::find(&Expr::Assign(parse_quote_spanned!(left.span()=> #left = ())), self);
            found.merge_all(left.uses.iter().filter_map(|u| self.used(i, u)).collect());
            alone = true;
        }
        let glue = matches!(work, Work::Plain(_)) && self.nodes[node as usize].kind == Kind::Glue;
        if glue && let [bind] = &binds[..] {
            let name = bind.ident.to_string();
            if name.starts_with('_') && name.len() > 1 {
                let message = format!(
                    "`{name}` would not live to the end of the graph: plain Rust runs where its value is needed; \
                     make it an operator if it must be kept, or write `let _ = ..` to drop it at once"
                );
                self.diagnostics.error(&bind.ident, message);
            }
        }
        if !matches!(work, Work::Loop(_))
            && let Some(at_most) = &attrs.at_most
        {
            let message = "`#[at_most(..)]` bounds a `loop`; there is none on this line";
            self.diagnostics.error(at_most, message);
        }
        if !matches!(work, Work::FanOut(_))
            && let Some(items) = &attrs.concurrency
        {
            let message = "`#[concurrency(..)]` bounds the items of a `for`; there is none on this line";
            self.diagnostics.error(items, message);
        }
        if let Some(hedge) = &attrs.hedge {
            self.check_hedge(hedge, &work, awaited.is_some());
        }
        attrs.policies.check(&work, glue, self.diagnostics);
        if glue {
            self.check_glue(pat, expr);
        }
        let span = binds.first().map_or(span, |bind| bind.ident.span());
        let after = self.after(i, &attrs);
        let operators = work.operators(&self.nodes[node as usize]);
        self.nodes[node as usize].fallible = !tries.is_empty();
        for bind in &binds {
            self.refuse_twice(bind);
        }
        let defs = pat.map(|pat| self.define_all(pat, Some(node))).unwrap_or_default();
        let index = body.steps.len();
        if let Some(scope) = self.scopes.last_mut() {
            for bind in &binds {
                scope.later.remove(&bind.ident.to_string());
                scope.made_by.insert(bind.ident.to_string(), index);
            }
        }
        let uses = found.all;
        let direct = found.direct.unwrap_or_else(|| uses.clone());
        alone |= uses.iter().any(|u| u.access == Access::Exclusive);
        body.steps.push(Step {
            node,
            span,
            end: last_token(expr),
            pat: pat.cloned(),
            binding: binding.cloned().unwrap_or_else(|| Binding::at(span)),
            assign: assign.cloned(),
            attrs: attrs.kept,
            work,
            awaited,
            hedge: attrs.hedge,
            policies: attrs.policies,
            tries,
            uses,
            direct,
            defs,
            near: found.near,
            after,
            alone,
            operators,
        });
    }

    fn check_hedge(&mut self, hedge: &Hedge, work: &Work, awaited: bool) {
        let message = match work {
            Work::Plain(expr) if waits_for_method(expr) => {
                "`#[hedge(..)]` goes on the call of a function: of a method a graph cannot see whether it may be called \
                 twice; write a function that calls it, `#[operator(idempotent)] async fn ask(client: &Client, ..)`, and \
                 call that"
            }
            Work::Operator(call) if awaited => {
                let exclusive = |arg: &&Expr| matches!(arg, Expr::Reference(arg) if arg.mutability.is_some());
                for arg in call.args.iter().filter(exclusive) {
                    let message = "`#[hedge(..)]` runs several attempts at the same time, and `&mut` lends to one alone; let \
                                   the operator take `&`, or remove the `#[hedge(..)]`";
                    self.diagnostics.error(arg, message);
                }
                return;
            }
            _ => {
                "`#[hedge(..)]` goes on a line that waits for an `async` operator, `let x = search(&q).await?;`"
            }
        };
        self.diagnostics.error(Ident::new("x", hedge.span), message);
    }

    fn check_glue(&mut self, pat: Option<&Pat>, expr: &Expr) {
        if pat.is_some()
            && let Expr::Reference(r) = expr
            && uses::root(&r.expr).is_none()
            && !is_constant(&r.expr)
        {
            let message = "a reference to a value without a name: the value would be dropped at the end of the line; \
                           bind it first, `let value = ..;`, and borrow it where it is used";
            self.diagnostics.error(r, message);
        }
    }

    pub(super) fn after(&mut self, _: usize, attrs: &StepAttributes) -> Vec<usize> {
        let mut steps = Vec::new();
        for name in &attrs.after {
            let text = name.to_string();
            let scope = self.scopes.last();
            if let Some(step) = scope.and_then(|scope| scope.made_by.get(&text)) {
                steps.push(*step);
            } else if scope.is_some_and(|scope| scope.later.contains_key(&text)) {
                let message = format!("`{text}` is made further down; move this line below it");
                self.diagnostics.error(name, message);
            } else if self.known(&text) {
                // Made in a body around this one, or a parameter: done before this body starts.
            } else {
                let names = scope.map(|scope| scope.made_by.keys().map(String::as_str)).into_iter().flatten();
                let hint =
                    nearest(&text, names).map(|n| format!("; did you mean `{n}`?")).unwrap_or_default();
                self.diagnostics
                    .error(name, format!("there is no node named `{text}` above this line{hint}"));
            }
        }
        steps
    }

    fn refuse_twice(&mut self, bind: &syn::PatIdent) {
        let name = bind.ident.to_string();
        let Some(&old) = self.scopes.last().and_then(|scope| scope.vars.get(&name)) else { return };
        // Parameters, and what a pattern around the body binds, stand in a block around this one.
        if self.vars[old].node.is_none() {
            return;
        }
        let line = crate::span::position(self.vars[old].ident.span()).0;
        let message = format!(
            "`{name}` is made twice: every value of a graph needs a name of its own; the first `{name}` is made in line {line}"
        );
        self.diagnostics.error(&bind.ident, message);
    }
}

/// A value that the compiler keeps for ever when it is borrowed.
fn is_constant(expr: &Expr) -> bool {
    match expr {
        Expr::Lit(_) => true,
        Expr::Unary(unary) => is_constant(&unary.expr),
        Expr::Paren(paren) => is_constant(&paren.expr),
        Expr::Array(array) => array.elems.iter().all(is_constant),
        Expr::Tuple(tuple) => tuple.elems.iter().all(is_constant),
        Expr::Repeat(repeat) => is_constant(&repeat.expr),
        Expr::Reference(r) => is_constant(&r.expr),
        Expr::Path(path) => {
            path.path.segments.last().is_some_and(|s| s.ident.to_string().starts_with(char::is_uppercase))
        }
        _ => false,
    }
}

/// Whether an expression at the end of a body gives the body a value. `break` leaves; a `for` whose body has no value
/// is there for what it does.
fn has_value(expr: &Expr) -> bool {
    match expr {
        Expr::Break(_) => false,
        Expr::ForLoop(each) => match each.body.stmts.last() {
            Some(Stmt::Expr(last, None)) => has_value(last),
            Some(Stmt::Macro(last)) => last.semi_token.is_none(),
            _ => false,
        },
        _ => true,
    }
}

/// Whether a `break` in the expression leaves a loop of the graph.
fn contains_break(expr: &Expr) -> bool {
    struct Find(bool);
    impl<'a> Visit<'a> for Find {
        fn visit_expr_break(&mut self, _: &'a syn::ExprBreak) {
            self.0 = true;
        }
        fn visit_expr_closure(&mut self, _: &'a syn::ExprClosure) {}
        fn visit_item(&mut self, _: &'a syn::Item) {}
        fn visit_expr_loop(&mut self, each: &'a ExprLoop) {
            // Only a labelled `break` can leave through an inner loop.
            struct Labelled(bool);
            impl<'a> Visit<'a> for Labelled {
                fn visit_expr_break(&mut self, b: &'a syn::ExprBreak) {
                    self.0 |= b.label.is_some();
                }
            }
            let mut labelled = Labelled(false);
            labelled.visit_block(&each.body);
            self.0 |= labelled.0;
        }
    }
    let mut find = Find(false);
    find.visit_expr(expr);
    find.0
}

/// Whether an expression is a method call with `.await` behind.
fn waits_for_method(expr: &Expr) -> bool {
    match expr {
        Expr::Await(waits) => matches!(&*waits.base, Expr::MethodCall(_)),
        Expr::Try(tried) => waits_for_method(&tried.expr),
        Expr::Paren(paren) => waits_for_method(&paren.expr),
        _ => false,
    }
}
