//! From statements to steps.
//!
//! Heads are taken apart here: a condition, a scrutinee, or an element of an array that calls an operator becomes a
//! step of its own before the one that uses it. So the later phases know few shapes.

use std::collections::{HashMap, HashSet};

use ember_graph::Kind;
use proc_macro2::{Ident, Span};
use quote::{ToTokens, format_ident, quote};
use syn::spanned::Spanned;
use syn::visit::Visit;
use syn::{
    Block, Expr, ExprCall, ExprForLoop, ExprIf, ExprLoop, ExprMatch, Pat, Path, Stmt, parse_quote_spanned,
};

use super::attributes::{StepAttributes, step_attributes};
use super::forbidden;
use super::model::{Arm, Binding, Body, Branching, FanOut, Loop, Node, Step, StepUse, Var, VarId, Work};
use super::uses::{self, Access, Found, Names};
use crate::diagnostics::{Diagnostics, nearest};

/// What lowering has made so far.
pub(super) struct Lower<'d> {
    pub(super) diagnostics: &'d mut Diagnostics,
    pub(super) vars: Vec<Var>,
    pub(super) nodes: Vec<Node>,
    pub(super) loops: usize,
    scopes: Vec<Scope>,
    /// Where the next node goes.
    place: Place,
    paths: HashSet<String>,
    /// How many loops that a `break` may leave stand around.
    pub(super) breakable: usize,
    temporaries: usize,
    pub(super) returns_result: bool,
    asynchronous: bool,
    /// The graph's type asks for a value, and it is no `Result`: a `for` at its end gives it.
    pub(super) ends_in_a_value: bool,
}

#[derive(Clone, Default)]
struct Place {
    /// What the names of nodes start with.
    prefix: String,
    parent: Option<u32>,
    part: String,
    slots: Vec<usize>,
}

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

/// The names of a body.
#[derive(Default)]
struct Scope {
    vars: HashMap<String, VarId>,
    /// Names that later statements of the body make, with the statement that makes them.
    later: HashMap<String, (usize, Ident)>,
    /// Names used before they were made: the statement, the name as used, the statement that makes it.
    early: Vec<(usize, Ident, usize)>,
    /// The step that made a name, for `#[after(..)]`.
    made_by: HashMap<String, usize>,
    /// Names of statements, for messages.
    names: Vec<String>,
}

impl Names for Lower<'_> {
    fn known(&self, name: &str) -> bool {
        self.scopes.iter().any(|scope| scope.vars.contains_key(name))
            || self.scopes.last().is_some_and(|scope| scope.later.contains_key(name))
    }

    fn mutable(&self, name: &str) -> bool {
        self.lookup(name).is_some_and(|var| self.vars[var].mutable)
    }
}

impl<'d> Lower<'d> {
    pub(super) fn new(diagnostics: &'d mut Diagnostics, sig: &syn::Signature) -> Self {
        let output = &sig.output;
        let returns_result = super::types::returns_result(output);
        Self {
            diagnostics,
            vars: Vec::new(),
            nodes: Vec::new(),
            loops: 0,
            scopes: vec![Scope::default()],
            place: Place::default(),
            paths: HashSet::new(),
            breakable: 0,
            temporaries: 0,
            returns_result,
            asynchronous: sig.asyncness.is_some(),
            ends_in_a_value: !returns_result && !super::types::returns_nothing(output),
        }
    }

    fn lookup(&self, name: &str) -> Option<VarId> {
        self.scopes.iter().rev().find_map(|scope| scope.vars.get(name).copied())
    }

    /// The value whose name a misspelt one was probably meant to be.
    fn near(&self, name: &str) -> Option<VarId> {
        let names = self.scopes.iter().flat_map(|scope| scope.vars.keys());
        nearest(name, names.map(String::as_str)).and_then(|name| self.lookup(name))
    }

    /// Makes a value known from here on.
    pub(super) fn define(&mut self, ident: &Ident, mutable: bool, copy: bool, node: Option<u32>) -> VarId {
        let var = self.vars.len();
        self.vars.push(Var { ident: ident.clone(), mutable, copy, generic: false, node, input: None });
        if let Some(scope) = self.scopes.last_mut() {
            scope.vars.insert(ident.to_string(), var);
        }
        var
    }

    fn define_all(&mut self, pat: &Pat, node: Option<u32>) -> Vec<VarId> {
        let copy = matches!(pat, Pat::Type(typed) if super::types::is_copy(&typed.ty));
        uses::bound(pat).iter().map(|p| self.define(&p.ident, p.mutability.is_some(), copy, node)).collect()
    }

    /// A row in the table of nodes.
    fn node(&mut self, name: &str, kind: Kind, span: Span) -> u32 {
        let wanted = match (self.place.prefix.is_empty(), name.is_empty()) {
            (true, true) => "result".to_owned(),
            (true, false) => name.to_owned(),
            (false, true) => self.place.prefix.clone(),
            (false, false) => format!("{}.{name}", self.place.prefix),
        };
        let mut path = wanted.clone();
        let mut n = 2;
        while !self.paths.insert(path.clone()) {
            path = format!("{wanted}.{n}");
            n += 1;
        }
        let id = u32::try_from(self.nodes.len()).unwrap_or(u32::MAX);
        self.nodes.push(Node {
            path,
            operator: String::new(),
            kind,
            parent: self.place.parent,
            part: self.place.part.clone(),
            fallible: false,
            span,
            callee: None,
            loops: self.place.slots.clone(),
            serial: (0, 0),
            parallel: (0, 0),
        });
        id
    }

    /// Lowers what is inside a construct: other names, other nodes.
    fn inside<R>(&mut self, node: u32, part: &str, suffix: &str, f: impl FnOnce(&mut Self) -> R) -> R {
        let mut place = self.place.clone();
        place.prefix = format!("{}{suffix}", self.nodes[node as usize].path);
        place.parent = Some(node);
        part.clone_into(&mut place.part);
        let outer = std::mem::replace(&mut self.place, place);
        self.scopes.push(Scope::default());
        let result = f(self);
        self.scopes.pop();
        self.place = outer;
        result
    }

    /// Lowers the statements of a body. The scope is open already and may hold what a pattern bound.
    pub(super) fn body(&mut self, block: &Block) -> Body {
        self.foresee(block);
        let mut body = Body { steps: Vec::new(), tail: false, braces: block.brace_token.span.join() };
        let count = block.stmts.len();
        for (i, stmt) in block.stmts.iter().enumerate() {
            self.statement(stmt, i, i + 1 == count, &mut body);
        }
        self.report_early(block);
        body
    }

    /// Notes which names the statements will make, to tell "not yet" from "never".
    fn foresee(&mut self, block: &Block) {
        let mut later = HashMap::new();
        let mut names = Vec::new();
        for (i, stmt) in block.stmts.iter().enumerate() {
            let mut name = "the last line".to_owned();
            if let Stmt::Local(local) = stmt {
                for pat in uses::bound(&local.pat).into_iter().rev() {
                    name = pat.ident.to_string();
                    later.entry(pat.ident.to_string()).or_insert((i, pat.ident));
                }
            }
            names.push(name);
        }
        if let Some(scope) = self.scopes.last_mut() {
            later.retain(|name, _| !scope.vars.contains_key(name));
            scope.later = later;
            scope.names = names;
        }
    }

    fn statement(&mut self, stmt: &Stmt, i: usize, last: bool, body: &mut Body) {
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
                let binding = Binding {
                    keyword: local.let_token,
                    equals: init.eq_token,
                    semicolon: local.semi_token,
                };
                let line = Line { pat: Some(&local.pat), binding: Some(&binding), assign: None, expr: &init.expr, tail: false };
                self.step(i, &line, attrs, local.span(), body);
            }
            Stmt::Expr(expr, semi) => {
                let asked = self.scopes.len() == 1 && self.ends_in_a_value && matches!(expr, Expr::ForLoop(_));
                let tail = last && semi.is_none() && (asked || has_value(expr));
                let mut expr = expr.clone();
                let attrs = super::attributes::take(&mut expr);
                let attrs = step_attributes(&attrs, self.diagnostics);
                let expr = &expr;
                body.tail = tail;
                let line = match expr {
                    Expr::Assign(assign) => {
                        Line { pat: None, binding: None, assign: Some(&assign.left), expr: &assign.right, tail: false }
                    }
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
        let (node, work, tries, mut found) = self.work(i, &name, tail, pat, expr, &attrs, body);
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
        if glue {
            self.check_glue(pat, expr);
        }
        let span = binds.first().map_or(span, |bind| bind.ident.span());
        let after = self.after(i, &attrs);
        let operators = u32::from(self.nodes[node as usize].kind == Kind::Operator);
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
        let uses = found.uses;
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

    fn after(&mut self, _: usize, attrs: &StepAttributes) -> Vec<usize> {
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
        let line = crate::span::position(self.vars[old].ident.span()).0;
        let first = if self.vars[old].node.is_some() {
            format!("the first `{name}` is made in line {line}")
        } else {
            format!("`{name}` is a parameter already")
        };
        let message = format!("`{name}` is made twice: every value of a graph needs a name of its own; {first}");
        self.diagnostics.error(&bind.ident, message);
    }

    /// Takes the head of an expression apart.
    #[allow(clippy::too_many_arguments)]
    fn work(
        &mut self,
        i: usize,
        name: &str,
        tail: bool,
        pat: Option<&Pat>,
        expr: &Expr,
        attrs: &StepAttributes,
        body: &mut Body,
    ) -> (u32, Work, Vec<Span>, Uses) {
        match expr {
            Expr::Paren(paren) => self.work(i, name, tail, pat, &paren.expr, attrs, body),
            Expr::Group(group) => self.work(i, name, tail, pat, &group.expr, attrs, body),
            Expr::Try(tried) if is_head(&tried.expr) => {
                let (node, work, mut tries, found) = self.work(i, name, tail, pat, &tried.expr, attrs, body);
                tries.push(tried.question_token.span());
                (node, work, tries, found)
            }
            Expr::Call(call) if self.is_operator(call) => {
                let name = if name.is_empty() && !tail { callee_name(call) } else { name.to_owned() };
                let node = self.node(&name, Kind::Operator, expr.span());
                self.describe_call(node, call);
                let mut found = Uses::default();
                for arg in &call.args {
                    found.add(self, i, uses::find(arg, self));
                }
                (node, Work::Operator(call.clone()), Vec::new(), found)
            }
            Expr::Array(array) if array.elems.iter().any(|e| self.is_element(e)) => {
                let elems: Vec<&Expr> = array.elems.iter().collect();
                let (node, elems) = self.elements(i, name, pat, &elems, expr.span(), attrs, body);
                let plain =
                    Expr::Array(syn::ExprArray { elems: elems.into_iter().collect(), ..array.clone() });
                let found = self.plain_uses(i, &plain);
                (node, Work::Plain(plain), Vec::new(), found)
            }
            Expr::Tuple(tuple) if tuple.elems.iter().any(|e| self.is_element(e)) => {
                let elems: Vec<&Expr> = tuple.elems.iter().collect();
                let (node, elems) = self.elements(i, name, pat, &elems, expr.span(), attrs, body);
                let plain =
                    Expr::Tuple(syn::ExprTuple { elems: elems.into_iter().collect(), ..tuple.clone() });
                let found = self.plain_uses(i, &plain);
                (node, Work::Plain(plain), Vec::new(), found)
            }
            Expr::If(branch) => self.branch(i, name, branch, body),
            Expr::Match(branch) => self.choice(i, name, branch, body),
            Expr::ForLoop(each) => {
                let discard = !tail && pat.is_none_or(|pat| matches!(pat, Pat::Wild(_)));
                self.fan_out(i, name, each, discard)
            }
            Expr::Loop(each) => self.repeat(i, name, each, attrs),
            _ => {
                let operator = match expr {
                    Expr::MethodCall(call) if is_method_node(call) => Some(call.method.clone()),
                    _ => None,
                };
                let kind = if operator.is_some() { Kind::Operator } else { Kind::Glue };
                let fallback =
                    operator.as_ref().map(ToString::to_string).unwrap_or_else(|| "glue".to_owned());
                let name = if name.is_empty() && !tail { &fallback } else { name };
                let node = self.node(name, kind, expr.span());
                if let Some(operator) = operator {
                    self.nodes[node as usize].operator = operator.to_string();
                }
                let mut found = Uses::default();
                let takes_apart = pat.is_some_and(|pat| !matches!(untyped(pat), Pat::Ident(_)));
                let uses = if takes_apart { uses::find_in_scrutinee(expr, self) } else { uses::find(expr, self) };
                found.add(self, i, uses);
                (node, Work::Plain(expr.clone()), Vec::new(), found)
            }
        }
    }

    fn plain_uses(&mut self, i: usize, expr: &Expr) -> Uses {
        let mut found = Uses::default();
        found.add(self, i, uses::find(expr, self));
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
            && !(before.len() == 1 && super::types::is_primitive(&before[0]))
    }

    fn is_element(&self, expr: &Expr) -> bool {
        match expr {
            Expr::Paren(paren) => self.is_element(&paren.expr),
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
        for (n, (elem, own)) in elems.iter().zip(names).enumerate() {
            if !self.is_element(elem) {
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
        let (node, work, tries, found) =
            self.work(i, name, true, None, expr, &StepAttributes::default(), body);
        let after = self.after(i, attrs);
        let operators = u32::from(self.nodes[node as usize].kind == Kind::Operator);
        self.nodes[node as usize].fallible = !tries.is_empty();
        let ident =
            format_ident!("__part{}", self.temporaries, span = crate::span::at(expr.span()));
        self.temporaries += 1;
        let var = self.define(&ident, false, false, Some(node));
        let alone = found.opaque || found.uses.iter().any(|u| u.access == Access::Exclusive);
        body.steps.push(Step {
            node,
            span: expr.span(),
            end: last_token(expr),
            binding: Binding::at(expr.span()),
            pat: Some(parse_quote_spanned!(expr.span()=> #ident)),
            assign: None,
            attrs: Vec::new(),
            work,
            tries,
            direct: found.direct.unwrap_or_else(|| found.uses.clone()),
            uses: found.uses,
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
    fn decide(&mut self, i: usize, name: &str, suffix: &str, expr: &Expr, body: &mut Body) -> Expr {
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

    fn branch(
        &mut self,
        i: usize,
        name: &str,
        branch: &ExprIf,
        body: &mut Body,
    ) -> (u32, Work, Vec<Span>, Uses) {
        // Only the first condition is always asked for: the later ones stay with their arm.
        let condition = self.decide(i, name, "if", &branch.cond, body);
        let node = self.node(or(name, "if"), Kind::Branch, branch.if_token.span());
        let mut arms = Vec::new();
        let mut found = Uses::default();
        let mut uses = Vec::new();
        found.add(self, i, uses::find(&condition, self));
        found.enter_bodies();
        uses.push(self.arm(
            node,
            "then",
            ".then",
            Some(condition),
            None,
            None,
            &branch.then_branch,
            &mut arms,
            branch.if_token.span(),
        ));
        let mut rest = branch.else_branch.as_ref().map(|(_, rest)| &**rest);
        let mut n = 2;
        while let Some(expr) = rest {
            match expr {
                Expr::If(next) if !self.cond_is_operator(&next.cond) => {
                    found.add(self, i, uses::find(&next.cond, self));
                    let part = format!("then {n}");
                    let suffix = format!(".then{n}");
                    let span = next.if_token.span();
                    uses.push(self.arm(
                        node,
                        &part,
                        &suffix,
                        Some((*next.cond).clone()),
                        None,
                        None,
                        &next.then_branch,
                        &mut arms,
                        span,
                    ));
                    n += 1;
                    rest = next.else_branch.as_ref().map(|(_, rest)| &**rest);
                }
                other => {
                    let block = match other {
                        Expr::Block(block) => block.block.clone(),
                        other => Block {
                            brace_token: syn::token::Brace(other.span()),
                            stmts: vec![Stmt::Expr(other.clone(), None)],
                        },
                    };
                    uses.push(self.arm(
                        node,
                        "else",
                        ".else",
                        None,
                        None,
                        None,
                        &block,
                        &mut arms,
                        other.span(),
                    ));
                    rest = None;
                }
            }
        }
        found.merge_any(uses);
        (node, Work::Branch(arms, Branching::If), Vec::new(), found)
    }

    fn cond_is_operator(&self, cond: &Expr) -> bool {
        match cond {
            Expr::Paren(paren) => self.cond_is_operator(&paren.expr),
            Expr::Let(l) => self.cond_is_operator(&l.expr),
            Expr::Unary(unary) => self.cond_is_operator(&unary.expr),
            other => self.is_element(other),
        }
    }

    fn choice(
        &mut self,
        i: usize,
        name: &str,
        choice: &ExprMatch,
        body: &mut Body,
    ) -> (u32, Work, Vec<Span>, Uses) {
        let scrutinee = self.decide(i, name, "match", &choice.expr, body);
        let node = self.node(or(name, "match"), Kind::Branch, choice.match_token.span());
        let mut found = Uses::default();
        found.add(self, i, uses::find_in_scrutinee(&scrutinee, self));
        found.enter_bodies();
        let mut arms = Vec::new();
        let mut uses = Vec::new();
        for (n, arm) in choice.arms.iter().enumerate() {
            let (pat, guard) = super::types::split_guard(arm);
            let part = shorten(&pat.to_token_stream().to_string());
            let block = match arm_body(arm) {
                Expr::Block(block) if block.label.is_none() && block.attrs.is_empty() => block.block.clone(),
                other => Block {
                    brace_token: syn::token::Brace(other.span()),
                    stmts: vec![Stmt::Expr(other.clone(), None)],
                },
            };
            let suffix = format!(".arm{n}");
            uses.push(self.arm(node, &part, &suffix, None, Some(pat), guard, &block, &mut arms, arm.span()));
        }
        found.merge_any(uses);
        (node, Work::Branch(arms, Branching::Match { scrutinee }), Vec::new(), found)
    }

    #[allow(clippy::too_many_arguments)]
    fn arm(
        &mut self,
        node: u32,
        part: &str,
        suffix: &str,
        condition: Option<Expr>,
        pat: Option<Pat>,
        guard: Option<Expr>,
        block: &Block,
        arms: &mut Vec<Arm>,
        span: Span,
    ) -> Vec<StepUse> {
        let lets = condition.as_ref().map(uses::lets).unwrap_or_default();
        self.inside(node, part, suffix, |lower| {
            let mut binds: Vec<VarId> = lets.iter().flat_map(|pat| lower.define_all(pat, None)).collect();
            if let Some(pat) = &pat {
                binds.extend(lower.define_all(pat, None));
            }
            let outer = lower.vars.len();
            let mut found = Uses::default();
            if let Some(guard) = &guard {
                found.add(lower, 0, uses::find(guard, lower));
            }
            let body = lower.body(block);
            found.merge_all(outward(&body, false));
            let uses = lower.outside(found.uses, &binds, outer);
            arms.push(Arm { condition, pat, guard, body, binds, span });
            uses
        })
    }

    fn fan_out(
        &mut self,
        i: usize,
        name: &str,
        each: &ExprForLoop,
        discard: bool,
    ) -> (u32, Work, Vec<Span>, Uses) {
        if let Some(label) = &each.label {
            self.diagnostics.error(
                label,
                "a `for` of a graph has no label: its items run in parallel and none can leave it",
            );
        }
        let mut found = self.plain_uses(i, &each.expr);
        found.enter_bodies();
        let node = self.node(or(name, "for"), Kind::FanOut, each.for_token.span());
        let slot = self.loops;
        self.loops += 1;
        let breakable = std::mem::take(&mut self.breakable);
        let (body, binds, uses) = self.inside(node, "", "[]", |lower| {
            lower.place.slots.push(slot);
            let binds = lower.define_all(&each.pat, None);
            let outer = lower.vars.len();
            let body = lower.body(&each.body);
            let uses = lower.outside(outward(&body, true), &binds, outer);
            (body, binds, uses)
        });
        self.breakable = breakable;
        for u in &uses {
            if u.access == Access::Exclusive {
                let name = self.vars[u.var].ident.to_string();
                let message = format!(
                    "the items of a `for` run in parallel and cannot change `{name}`; let the body return its part, \
                     and put the parts together after the `for`"
                );
                let at = first_mention(&each.body, &name).unwrap_or_else(|| self.vars[u.var].ident.clone());
                self.diagnostics.error(at, message);
            }
        }
        found.merge_all(uses);
        let fan_out = FanOut {
            pat: (*each.pat).clone(),
            iter: (*each.expr).clone(),
            body,
            binds,
            slot,
            span: each.for_token.span(),
            discard,
        };
        (node, Work::FanOut(fan_out), Vec::new(), found)
    }

    fn repeat(
        &mut self,
        i: usize,
        name: &str,
        each: &ExprLoop,
        attrs: &StepAttributes,
    ) -> (u32, Work, Vec<Span>, Uses) {
        let inner = step_attributes(&each.attrs, self.diagnostics);
        let written = attrs.at_most.clone().or(inner.at_most);
        let bounded = written.is_some();
        let at_most = written.unwrap_or_else(|| {
            let message = "a `loop` in a graph needs a bound: write `#[at_most(10)]` above it; past the bound the graph \
                           fails with an error that says so";
            self.diagnostics.error(each.loop_token, message);
            syn::parse_quote!(1)
        });
        if bounded && !self.returns_result {
            let message = "`#[at_most(..)]` needs a graph that can fail: past the bound it returns an error; let the \
                           graph return `Result<_, ember::Error>`";
            self.diagnostics.error(&at_most, message);
        }
        let node = self.node(or(name, "loop"), Kind::Loop, each.loop_token.span());
        let slot = self.loops;
        self.loops += 1;
        self.breakable += 1;
        let (body, uses) = self.inside(node, "", "[]", |lower| {
            lower.place.slots.push(slot);
            let outer = lower.vars.len();
            let body = lower.body(&each.body);
            let uses = lower.outside(outward(&body, false), &[], outer);
            (body, uses)
        });
        self.breakable -= 1;
        let mut found = self.plain_uses(i, &at_most);
        found.enter_bodies();
        found.merge_all(uses);
        let repeat = Loop { label: each.label.clone(), at_most, body, slot, span: each.loop_token.span() };
        (node, Work::Loop(repeat), Vec::new(), found)
    }

    /// Of what a body uses, what it does not make itself.
    fn outside(&self, uses: Vec<StepUse>, binds: &[VarId], first_inner: VarId) -> Vec<StepUse> {
        uses.into_iter().filter(|u| u.var < first_inner && !binds.contains(&u.var)).collect()
    }

    fn used(&mut self, i: usize, u: &uses::Use) -> Option<StepUse> {
        let name = u.ident.to_string();
        let later = self.scopes.last().and_then(|scope| scope.later.get(&name)).map(|(at, _)| *at);
        // A name of this body that is not made yet hides one of the bodies around, as soon as it is made.
        let Some(var) = self.lookup(&name) else {
            if let (Some(at), Some(scope)) = (later, self.scopes.last_mut()) {
                scope.early.push((i, u.ident.clone(), at));
            }
            return None;
        };
        let values = usize::from(u.access == Access::Value);
        Some(StepUse { var, access: u.access, at: u.ident.span(), values, repeated: false })
    }

    /// Tells of names that were used before they were made: a cycle, or only the wrong order.
    fn report_early(&mut self, block: &Block) {
        let Some(scope) = self.scopes.last_mut() else { return };
        let early = std::mem::take(&mut scope.early);
        let names = std::mem::take(&mut scope.names);
        if early.is_empty() {
            return;
        }
        let made: HashMap<String, usize> = block
            .stmts
            .iter()
            .enumerate()
            .filter_map(|(i, stmt)| if let Stmt::Local(local) = stmt { Some((i, local)) } else { None })
            .flat_map(|(i, local)| uses::bound(&local.pat).into_iter().map(move |p| (p.ident.to_string(), i)))
            .collect();
        super::cycles::report(block, &early, &names, &made, self.diagnostics);
    }
}

/// What a step uses, merged by value.
#[derive(Default)]
pub(super) struct Uses {
    pub(super) uses: Vec<StepUse>,
    pub(super) opaque: bool,
    near: Vec<VarId>,
    /// Of a construct: what it uses itself, before its bodies are entered.
    direct: Option<Vec<StepUse>>,
}

impl Uses {
    fn add(&mut self, lower: &mut Lower<'_>, i: usize, found: Found) {
        self.opaque |= found.opaque;
        self.near.extend(found.unknown.iter().filter_map(|ident| lower.near(&ident.to_string())));
        let uses = found.uses.iter().filter_map(|u| lower.used(i, u)).collect();
        self.merge_all(uses);
    }

    /// From here on come the uses of bodies.
    fn enter_bodies(&mut self) {
        self.direct = Some(self.uses.clone());
    }

    fn merge_one(&mut self, new: StepUse, sum: bool) {
        match self.uses.iter_mut().find(|old| old.var == new.var) {
            None => self.uses.push(new),
            Some(old) => {
                if stronger(old.access, new.access) != old.access {
                    (old.access, old.at) = (new.access, new.at);
                }
                old.values = if sum { old.values + new.values } else { old.values.max(new.values) };
                old.repeated |= new.repeated && new.access != Access::Shared;
            }
        }
    }

    /// All of them happen.
    fn merge_all(&mut self, uses: Vec<StepUse>) {
        for new in uses {
            self.merge_one(new, true);
        }
    }

    /// One of them happens.
    fn merge_any(&mut self, parts: Vec<Vec<StepUse>>) {
        let mut either = Self::default();
        for part in parts {
            for new in part {
                either.merge_one(new, false);
            }
        }
        self.merge_all(either.uses);
    }
}

fn stronger(a: Access, b: Access) -> Access {
    let rank = |access| match access {
        Access::Shared => 0,
        Access::Place => 1,
        Access::Value => 2,
        Access::Exclusive => 3,
    };
    if rank(a) >= rank(b) { a } else { b }
}

/// What the steps of a body use, as one use per value.
fn outward(body: &Body, repeated: bool) -> Vec<StepUse> {
    let mut all = Uses::default();
    for step in &body.steps {
        for u in &step.uses {
            let mut u = u.clone();
            u.repeated |= repeated;
            all.merge_all(vec![u]);
        }
    }
    all.uses
}

/// Where an expression ends.
pub(super) fn last_token(expr: &Expr) -> Span {
    expr.to_token_stream().into_iter().last().map_or_else(Span::call_site, |tree| tree.span())
}

/// A pattern without its type.
pub(super) fn untyped(pat: &Pat) -> &Pat {
    if let Pat::Type(typed) = pat { untyped(&typed.pat) } else { pat }
}

fn or<'a>(name: &'a str, fallback: &'a str) -> &'a str {
    if name.is_empty() { fallback } else { name }
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
        _ => false,
    }
}

/// Method calls at a head are nodes unless the method is one that everyone knows from the standard library.
fn is_method_node(call: &syn::ExprMethodCall) -> bool {
    uses::root(&call.receiver).is_some() && uses::unknown_method(&call.method.to_string())
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

fn first_mention(block: &Block, name: &str) -> Option<Ident> {
    struct Find<'n>(&'n str, Option<Ident>);
    impl<'a> Visit<'a> for Find<'_> {
        fn visit_ident(&mut self, ident: &'a Ident) {
            if self.1.is_none() && ident == self.0 {
                self.1 = Some(ident.clone());
            }
        }
    }
    let mut find = Find(name, None);
    find.visit_block(block);
    find.1
}

fn arm_body(arm: &syn::Arm) -> &Expr {
    super::types::arm_body(arm)
}

/// Patterns in names and pictures are kept short.
fn shorten(text: &str) -> String {
    let text = text
        .replace(" :: ", "::")
        .replace(" (", "(")
        .replace("( ", "(")
        .replace(" )", ")")
        .replace(" ,", ",");
    if text.chars().count() <= 24 { text } else { text.chars().take(23).chain(['…']).collect() }
}
