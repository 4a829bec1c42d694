//! The walk over an expression, with Rust's scoping.

use std::collections::HashSet;

use proc_macro2::{Group, Ident, Span, TokenStream, TokenTree};
use quote::{ToTokens, quote_spanned};
use syn::spanned::Spanned;
use syn::visit_mut::{self, VisitMut};
use syn::{
    BinOp, Block, Expr, ExprMethodCall, FnArg, Item, Macro, Pat, Stmt, Type, UnOp, parse_quote_spanned,
};

use super::super::macros::{Reading, captured, read};
use super::{Access, Found, Names, Use, bound, is_path_of_fields, lets, methods, root};

/// How the closure around takes the values that it uses.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Capture {
    /// `move`: by value, when it is made.
    Move,
    /// As its body asks. A use by value counts as a copy, which the closure makes through a reference.
    AsUsed,
}

pub(super) struct Walk<'a> {
    names: &'a dyn Names,
    /// The path of the function that reads a `Copy` value through a reference; only when replacing.
    read: Option<&'a TokenStream>,
    scopes: Vec<HashSet<String>>,
    access: Access,
    closure: Option<Capture>,
    /// The field by value that the name at hand stands before.
    field: Option<String>,
    /// The path of fields that it stands before.
    part: Option<Expr>,
    pub(super) found: Found,
}

impl<'a> Walk<'a> {
    pub(super) fn new(names: &'a dyn Names, read: Option<&'a TokenStream>) -> Self {
        Self {
            names,
            read,
            scopes: Vec::new(),
            access: Access::Value,
            closure: None,
            field: None,
            part: None,
            found: Found::default(),
        }
    }

    fn with(&mut self, access: Access, f: impl FnOnce(&mut Self)) {
        let outer = std::mem::replace(&mut self.access, access);
        f(self);
        self.access = outer;
    }

    fn value(&mut self, expr: &mut Expr) {
        self.with(Access::Value, |w| w.visit_expr_mut(expr));
    }

    fn enter(&mut self, moves: bool) -> Option<Capture> {
        let outer = self.closure;
        if outer != Some(Capture::Move) {
            self.closure = Some(if moves { Capture::Move } else { Capture::AsUsed });
        }
        outer
    }

    /// Behind a closure or an `async` block. One with `move` takes copies where the names that it uses, all those found
    /// since `before`, stand for references.
    fn leave(&mut self, outer: Option<Capture>, before: usize, expr: &mut Expr) {
        let moves = self.closure == Some(Capture::Move) && outer != Some(Capture::Move);
        self.closure = outer;
        let Some(read) = self.read.filter(|_| moves) else { return };
        let mut names: Vec<&Ident> = Vec::new();
        for found in &self.found.uses[before..] {
            if found.access != Access::Exclusive && !names.contains(&&found.ident) {
                names.push(&found.ident);
            }
        }
        if names.is_empty() {
            return;
        }
        let held = names.iter().map(|name| {
            let span = name.span();
            quote_spanned!(span=> let #name = (#read(&*#name)).hold();)
        });
        *expr = parse_quote_spanned!(expr.span()=> { #(#held)* #expr });
    }

    /// What patterns are matched against: a place, if it is one.
    pub(super) fn scrutinee(&mut self, expr: &mut Expr) {
        let access = if root(expr).is_some() { Access::Place } else { Access::Value };
        self.with(access, |w| w.visit_expr_mut(expr));
    }

    fn scope(&mut self, pats: &[&Pat], f: impl FnOnce(&mut Self)) {
        self.scopes.push(pats.iter().flat_map(|pat| bound(pat)).map(|pat| pat.ident.to_string()).collect());
        f(self);
        self.scopes.pop();
    }

    fn hit(&mut self, ident: &Ident) -> Option<Access> {
        let field = self.field.take().filter(|_| self.closure.is_none());
        let part = self.part.take().filter(|_| self.closure.is_none());
        let name = ident.to_string();
        if self.scopes.iter().any(|scope| scope.contains(&name)) {
            return None;
        }
        if !self.names.known(&name) {
            self.found.unknown.push(ident.clone());
            return None;
        }
        let access = match (self.closure, self.access) {
            (Some(Capture::Move), Access::Shared | Access::Place) => Access::Value,
            (Some(Capture::AsUsed), Access::Value | Access::Place) => Access::Shared,
            (_, access) => access,
        };
        self.found.uses.push(Use { ident: ident.clone(), access, field, part });
        // What is written in place of the name depends on how it is used in the closure.
        Some(self.access)
    }

    /// The access of `base` in `base.field` or `base[..]`, when the whole is accessed so.
    fn through(&self) -> Access {
        match self.access {
            Access::Exclusive => Access::Exclusive,
            Access::Shared => Access::Shared,
            Access::Value | Access::Place => Access::Place,
        }
    }

    fn field(&mut self, expr: &mut Expr) {
        let Expr::Field(field) = expr else { return };
        let access = self.through();
        if self.access == Access::Value && matches!(*field.base, Expr::Path(_)) {
            self.field = Some(field.member.to_token_stream().to_string());
        }
        self.with(access, |w| w.visit_expr_mut(&mut field.base));
        self.field = None;
    }

    fn receiver(&self, call: &ExprMethodCall, method: &str) -> Access {
        let Some(root) = root(&call.receiver) else { return Access::Value };
        if self.names.mutable(&root.to_string()) && !methods::only_reads(method) {
            return Access::Exclusive;
        }
        // The names of the methods only tell who has to wait for whom. If a name misleads, the compiler says so.
        if methods::taking(method, call.args.len()) == Some(true) { Access::Place } else { Access::Shared }
    }

    /// Replaces a name that stands for a reference.
    fn place(&self, ident: &Ident, access: Access) -> Option<TokenStream> {
        let read = self.read?;
        let span = ident.span();
        if access != Access::Value {
            return Some(quote_spanned!(span=> (*#ident)));
        }
        // In brackets, which the compiler shows: it tells no mistake again that the straight line has at the same place.
        Some(quote_spanned!(span=> (#read(&*#ident)).read()))
    }

    fn tokens(&mut self, tokens: TokenStream, formats: bool) -> TokenStream {
        let trees: Vec<TokenTree> = tokens.into_iter().collect();
        let mut out = Vec::with_capacity(trees.len());
        for (i, tree) in trees.iter().enumerate() {
            match tree {
                TokenTree::Ident(ident) => {
                    let after_dot =
                        i > 0 && is_punct(&trees[i - 1], '.') && !(i > 1 && is_punct(&trees[i - 2], '.'));
                    let after_ref = i > 0 && is_punct(&trees[i - 1], '&');
                    let field = matches!(trees.get(i + 1), Some(next) if is_punct(next, ':'));
                    let access = if formats || after_ref { Access::Shared } else { Access::Place };
                    let mut placed = None;
                    if !after_dot && !field {
                        self.with(access, |w| placed = w.hit(ident).and_then(|a| w.place(ident, a)));
                    }
                    match placed {
                        Some(place) => out.extend(place),
                        None => out.push(tree.clone()),
                    }
                }
                TokenTree::Group(group) => {
                    let mut inner = Group::new(group.delimiter(), self.tokens(group.stream(), formats));
                    inner.set_span(group.span());
                    out.push(TokenTree::Group(inner));
                }
                TokenTree::Literal(literal) => {
                    self.literal(&literal.to_string(), literal.span());
                    out.push(tree.clone());
                }
                TokenTree::Punct(_) => out.push(tree.clone()),
            }
        }
        out.into_iter().collect()
    }

    /// Names inside a format string. A reference formats as its target does, so nothing is replaced.
    fn literal(&mut self, literal: &str, span: Span) {
        for name in captured(literal) {
            self.with(Access::Shared, |w| {
                w.hit(&Ident::new(&name, span));
            });
        }
    }
}

fn is_punct(tree: &TokenTree, c: char) -> bool {
    matches!(tree, TokenTree::Punct(p) if p.as_char() == c)
}

impl VisitMut for Walk<'_> {
    #[expect(
        clippy::too_many_lines,
        reason = "one arm for each kind of expression that uses names in a way of its own"
    )]
    fn visit_expr_mut(&mut self, expr: &mut Expr) {
        match expr {
            Expr::Path(path) if path.qself.is_none() => {
                if let Some(ident) = path.path.get_ident().cloned()
                    && let Some(access) = self.hit(&ident)
                    && let Some(place) = self.place(&ident, access)
                {
                    *expr = parse_quote_spanned!(ident.span()=> #place);
                }
            }
            Expr::Reference(r) if root(&r.expr).is_some() => {
                let access = if r.mutability.is_some() { Access::Exclusive } else { Access::Shared };
                self.with(access, |w| w.visit_expr_mut(&mut r.expr));
            }
            Expr::Field(_) if self.part.is_none() && self.read.is_none() && is_path_of_fields(expr) => {
                self.part = (self.through() != Access::Exclusive).then(|| expr.clone());
                self.field(expr);
                self.part = None;
            }
            Expr::Field(_) => self.field(expr),
            Expr::Paren(paren) => self.visit_expr_mut(&mut paren.expr),
            Expr::Group(group) => self.visit_expr_mut(&mut group.expr),
            Expr::Index(index) => {
                let access =
                    if self.access == Access::Exclusive { Access::Exclusive } else { Access::Shared };
                self.with(access, |w| w.visit_expr_mut(&mut index.expr));
                self.value(&mut index.index);
            }
            Expr::Unary(unary) if matches!(unary.op, UnOp::Deref(_)) => {
                let access =
                    if self.access == Access::Exclusive { Access::Exclusive } else { Access::Shared };
                self.with(access, |w| w.visit_expr_mut(&mut unary.expr));
            }
            Expr::Binary(binary) => {
                let left = match binary.op {
                    BinOp::Eq(_)
                    | BinOp::Ne(_)
                    | BinOp::Lt(_)
                    | BinOp::Le(_)
                    | BinOp::Gt(_)
                    | BinOp::Ge(_) => Access::Shared,
                    BinOp::AddAssign(_)
                    | BinOp::SubAssign(_)
                    | BinOp::MulAssign(_)
                    | BinOp::DivAssign(_)
                    | BinOp::RemAssign(_)
                    | BinOp::BitXorAssign(_)
                    | BinOp::BitAndAssign(_)
                    | BinOp::BitOrAssign(_)
                    | BinOp::ShlAssign(_)
                    | BinOp::ShrAssign(_) => Access::Exclusive,
                    _ => Access::Value,
                };
                let right = if left == Access::Shared { Access::Shared } else { Access::Value };
                self.with(left, |w| w.visit_expr_mut(&mut binary.left));
                self.with(right, |w| w.visit_expr_mut(&mut binary.right));
            }
            Expr::Assign(assign) => {
                self.value(&mut assign.right);
                self.with(Access::Exclusive, |w| w.visit_expr_mut(&mut assign.left));
            }
            Expr::MethodCall(call) => {
                let method = call.method.to_string();
                let access = if methods::of_numbers(&method, &call.args) {
                    Access::Value
                } else {
                    self.receiver(call, &method)
                };
                self.with(access, |w| w.visit_expr_mut(&mut call.receiver));
                for arg in &mut call.args {
                    self.value(arg);
                }
            }
            Expr::Call(call) => {
                let callee = if root(&call.func).is_some() { Access::Place } else { Access::Value };
                self.with(callee, |w| w.visit_expr_mut(&mut call.func));
                for arg in &mut call.args {
                    self.value(arg);
                }
            }
            Expr::Closure(closure) => {
                let (outer, before) = (self.enter(closure.capture.is_some()), self.found.uses.len());
                let pats: Vec<&Pat> = closure.inputs.iter().collect();
                self.scope(&pats, |w| w.value(&mut closure.body));
                // In a block the compiler looks at it before the other arguments of its call, which may tell what it takes.
                if closure.inputs.iter().all(|pat| matches!(pat, Pat::Type(_))) {
                    self.leave(outer, before, expr);
                } else {
                    self.closure = outer;
                }
            }
            Expr::Async(block) => {
                let (outer, before) = (self.enter(block.capture.is_some()), self.found.uses.len());
                self.visit_block_mut(&mut block.block);
                self.leave(outer, before, expr);
            }
            Expr::ForLoop(each) => {
                self.value(&mut each.expr);
                self.scope(&[&each.pat], |w| w.visit_block_mut(&mut each.body));
            }
            Expr::While(each) => {
                let pats = lets(&each.cond);
                let pats: Vec<&Pat> = pats.iter().collect();
                self.value(&mut each.cond);
                self.scope(&pats, |w| w.visit_block_mut(&mut each.body));
            }
            Expr::Loop(each) => self.visit_block_mut(&mut each.body),
            Expr::Let(l) => self.scrutinee(&mut l.expr),
            Expr::Match(m) => {
                self.scrutinee(&mut m.expr);
                for arm in &mut m.arms {
                    let pat = arm.pat.clone();
                    self.scope(&[&pat], |w| {
                        if let Pat::Guard(guarded) = &mut arm.pat {
                            w.value(&mut guarded.guard);
                        }
                        w.value(&mut arm.body);
                    });
                }
            }
            Expr::If(branch) => {
                let pats = lets(&branch.cond);
                let pats: Vec<&Pat> = pats.iter().collect();
                self.scope(&[], |w| {
                    w.value(&mut branch.cond);
                    w.scope(&pats, |w| w.visit_block_mut(&mut branch.then_branch));
                });
                if let Some((_, otherwise)) = &mut branch.else_branch {
                    self.value(otherwise);
                }
            }
            Expr::Struct(literal) => {
                for field in &mut literal.fields {
                    if field.colon_token.is_none() && self.read.is_some() {
                        field.colon_token = Some(syn::Token![:](field.member.span()));
                    }
                    self.value(&mut field.expr);
                }
                if let Some(rest) = &mut literal.rest {
                    self.with(Access::Place, |w| w.visit_expr_mut(rest));
                }
            }
            Expr::Macro(call) => self.visit_macro_mut(&mut call.mac),
            _ => self.with(Access::Value, |w| visit_mut::visit_expr_mut(w, expr)),
        }
    }

    fn visit_macro_mut(&mut self, call: &mut Macro) {
        match read(call) {
            Reading::Expressions(mut parsed) => {
                for part in &mut parsed.parts {
                    let access = if part.by_reference { Access::Shared } else { Access::Value };
                    self.with(access, |w| w.visit_expr_mut(&mut part.expr));
                }
                if parsed.formats {
                    for literal in &parsed.literals {
                        self.literal(&literal.to_token_stream().to_string(), literal.span());
                    }
                }
                if self.read.is_some() {
                    call.tokens = parsed.into_tokens();
                }
            }
            Reading::Opaque => {
                self.found.opaque = true;
                call.tokens = self.tokens(call.tokens.clone(), false);
            }
        }
    }

    fn visit_block_mut(&mut self, block: &mut Block) {
        self.scopes.push(HashSet::new());
        for stmt in &mut block.stmts {
            match stmt {
                Stmt::Local(local) => {
                    if let Some(init) = &mut local.init {
                        if matches!(local.pat, Pat::Ident(_)) {
                            self.value(&mut init.expr);
                        } else {
                            self.scrutinee(&mut init.expr);
                        }
                        if let Some((_, diverge)) = &mut init.diverge {
                            self.value(diverge);
                        }
                    }
                    let names = bound(&local.pat).into_iter().map(|pat| pat.ident.to_string());
                    if let Some(scope) = self.scopes.last_mut() {
                        scope.extend(names);
                    }
                }
                Stmt::Macro(call) => self.visit_macro_mut(&mut call.mac),
                other => self.with(Access::Value, |w| visit_mut::visit_stmt_mut(w, other)),
            }
        }
        self.scopes.pop();
    }

    // Inner items see no local names; types and patterns hold none.
    fn visit_item_mut(&mut self, _: &mut Item) {}
    fn visit_type_mut(&mut self, _: &mut Type) {}
    fn visit_pat_mut(&mut self, _: &mut Pat) {}
    fn visit_fn_arg_mut(&mut self, _: &mut FnArg) {}
}
