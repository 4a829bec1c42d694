//! Which names of the graph an expression uses, and how; and the same walk to put places for names.
//!
//! The walk follows Rust's scoping: what a closure, a pattern or an inner `let` binds hides a name of the graph.
//! How a name is used is read off the syntax alone, because a macro sees no types. Where that is not enough the
//! answer errs to the side that costs parallelism, never to the side that changes a meaning.

mod methods;
mod taken;
mod walk;

use std::collections::HashSet;

use proc_macro2::{Ident, TokenStream};
use syn::punctuated::Punctuated;
use syn::visit::Visit;
use syn::visit_mut::VisitMut as _;
use syn::{BinOp, Expr, ExprMethodCall, Pat, PatIdent, Token, UnOp};

pub(super) use taken::taken;
use walk::Walk;

/// How a name is used.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Access {
    /// By shared reference.
    Shared,
    /// As a place: what is done with it may read, copy or move, in whole or in part. The receiver of a method, the
    /// scrutinee of a `match`, a field by value.
    Place,
    /// By value.
    Value,
    /// By exclusive reference.
    Exclusive,
}

/// One use of a name.
#[derive(Clone, Debug)]
pub(super) struct Use {
    pub(super) ident: Ident,
    pub(super) access: Access,
    /// Of `x.field` by value: the field.
    pub(super) field: Option<String>,
    /// Of `x.a.b` as a place or by shared reference: all of it.
    pub(super) part: Option<Expr>,
}

/// What an expression uses.
#[derive(Default, Debug)]
pub(super) struct Found {
    pub(super) uses: Vec<Use>,
    /// Names that are none of the graph's, and may be misspelt.
    pub(super) unknown: Vec<Ident>,
    /// A macro call whose tokens are not Rust expressions: it may use anything.
    pub(super) opaque: bool,
}

/// What the walk asks about names.
pub(super) trait Names {
    /// Whether the graph has a value of this name here.
    fn known(&self, name: &str) -> bool;
    /// Whether its binding is `mut`.
    fn mutable(&self, name: &str) -> bool;
}

/// Finds the uses in an expression.
pub(super) fn find(expr: &Expr, names: &dyn Names) -> Found {
    let mut walk = Walk::new(names, None);
    walk.visit_expr_mut(&mut expr.clone());
    walk.found
}

/// Finds the uses in what patterns are matched against.
pub(super) fn find_in_scrutinee(expr: &Expr, names: &dyn Names) -> Found {
    let mut walk = Walk::new(names, None);
    walk.scrutinee(&mut expr.clone());
    walk.found
}

/// The same as [`replace`] for what patterns are matched against.
pub(super) fn replace_in_scrutinee(expr: &mut Expr, references: &HashSet<String>, read: &TokenStream) {
    if !references.is_empty() {
        Walk::new(references, Some(read)).scrutinee(expr);
    }
}

/// Puts places for the names that stand for references. By-value uses become reads of `Copy` values.
pub(super) fn replace(expr: &mut Expr, references: &HashSet<String>, read: &TokenStream) {
    if references.is_empty() {
        return;
    }
    let mut walk = Walk::new(references, Some(read));
    walk.visit_expr_mut(expr);
}

impl Names for HashSet<String> {
    fn known(&self, name: &str) -> bool {
        self.contains(name)
    }
    fn mutable(&self, _: &str) -> bool {
        false
    }
}

/// The names that a pattern binds.
pub(super) fn bound(pat: &Pat) -> Vec<PatIdent> {
    struct Bound(Vec<PatIdent>);
    impl<'a> Visit<'a> for Bound {
        fn visit_pat_ident(&mut self, pat: &'a PatIdent) {
            // Without types, a lone capitalised name is taken for a constant or variant, as the lints do.
            let name = pat.ident.to_string();
            let binds = pat.by_ref.is_some()
                || pat.mutability.is_some()
                || pat.subpat.is_some()
                || name.trim_start_matches("r#").starts_with(|c: char| c.is_lowercase() || c == '_');
            if binds {
                self.0.push(pat.clone());
            }
            syn::visit::visit_pat_ident(self, pat);
        }
        fn visit_expr(&mut self, _: &'a Expr) {}
    }
    let mut bound = Bound(Vec::new());
    bound.visit_pat(pat);
    bound.0
}

/// The name that a place expression starts with.
pub(super) fn root(expr: &Expr) -> Option<&Ident> {
    match expr {
        Expr::Path(path) if path.qself.is_none() => path.path.get_ident(),
        Expr::Field(field) => root(&field.base),
        Expr::Index(index) => root(&index.expr),
        Expr::Paren(paren) => root(&paren.expr),
        Expr::Group(group) => root(&group.expr),
        _ => None,
    }
}

/// Whether an expression is a name with nothing but fields behind it.
pub(super) fn is_path_of_fields(expr: &Expr) -> bool {
    match expr {
        Expr::Path(path) => path.qself.is_none() && path.path.get_ident().is_some(),
        Expr::Field(field) => is_path_of_fields(&field.base),
        Expr::Paren(paren) => is_path_of_fields(&paren.expr),
        Expr::Group(group) => is_path_of_fields(&group.expr),
        _ => false,
    }
}

/// Whether nothing is lent in an expression but what is there before: it makes no value on the way that lives no longer than
/// the expression itself, and does not leave it.
pub(super) fn lends_nothing_made(expr: &Expr) -> bool {
    let all = |exprs: &Punctuated<Expr, Token![,]>| exprs.iter().all(lends_nothing_made);
    match expr {
        Expr::Path(_) | Expr::Lit(_) => true,
        Expr::Field(_) | Expr::Index(_) => is_place(expr),
        Expr::Reference(lent) => {
            lent.mutability.is_none() && matches!(*lent.expr, Expr::Lit(_)) || is_place(&lent.expr)
        }
        Expr::Paren(paren) => lends_nothing_made(&paren.expr),
        Expr::Group(group) => lends_nothing_made(&group.expr),
        Expr::Cast(cast) => lends_nothing_made(&cast.expr),
        Expr::Unary(unary) => match unary.op {
            UnOp::Deref(_) => is_place(expr),
            _ => lends_nothing_made(&unary.expr),
        },
        Expr::Binary(binary) => lends_nothing_made(&binary.left) && lends_nothing_made(&binary.right),
        Expr::Array(array) => all(&array.elems),
        Expr::Tuple(tuple) => all(&tuple.elems),
        Expr::Call(call) => lends_nothing_made(&call.func) && all(&call.args),
        Expr::MethodCall(call) => is_place(&call.receiver) && all(&call.args),
        _ => false,
    }
}

/// Whether an expression is a place, and not made by it.
fn is_place(expr: &Expr) -> bool {
    match expr {
        // Constants are made where they are named, and have capitals.
        Expr::Path(path) => {
            path.path.get_ident().is_some_and(|name| !name.to_string().starts_with(char::is_uppercase))
        }
        Expr::Field(field) => is_place(&field.base),
        Expr::Index(index) => is_place(&index.expr) && lends_nothing_made(&index.index),
        Expr::Unary(unary) => matches!(unary.op, UnOp::Deref(_)) && is_place(&unary.expr),
        Expr::Paren(paren) => is_place(&paren.expr),
        Expr::Group(group) => is_place(&group.expr),
        _ => false,
    }
}

/// The patterns of the `let`s in a condition.
pub(super) fn lets(condition: &Expr) -> Vec<Pat> {
    match condition {
        Expr::Let(l) => vec![(*l.pat).clone()],
        Expr::Binary(b) if matches!(b.op, BinOp::And(_)) => {
            let mut pats = lets(&b.left);
            pats.extend(lets(&b.right));
            pats
        }
        Expr::Paren(p) => lets(&p.expr),
        _ => Vec::new(),
    }
}

/// Whether a method of this name is known to change nothing.
pub(super) fn only_reads(method: &str) -> bool {
    methods::only_reads(method)
}

/// Whether nothing is known about a method of the name that is called.
pub(super) fn unknown_method(call: &ExprMethodCall) -> bool {
    methods::taking(&call.method.to_string(), call.args.len()).is_none()
}
