//! From statements to steps.
//!
//! Heads are taken apart here: a condition, a scrutinee, or an element of an array that calls an operator becomes a
//! step of its own before the one that uses it. So the later phases know few shapes. `statement` goes through the
//! lines, `head` looks at what stands first in one, `construct` enters branches and loops, `merge` puts together what
//! they use.

mod construct;
mod head;
mod merge;
mod statement;

use std::collections::{HashMap, HashSet};

use ember_graph::Kind;
use proc_macro2::{Ident, Span};
use quote::ToTokens;
use syn::{Block, Expr, Pat, Stmt};

pub(super) use self::head::is_race;
use super::model::{Body, Node, StepUse, Var, VarId};
use super::uses::{self, Access, Names};
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
    pub(super) may_be_result: bool,
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
            may_be_result: super::types::may_be_result(output),
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

    /// Of what a body uses, what it does not make itself.
    fn outside(uses: Vec<StepUse>, binds: &[VarId], first_inner: VarId) -> Vec<StepUse> {
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
        let shared = u.access == Access::Shared;
        let place = u.access == Access::Place && u.field.is_none();
        let parts = match (&u.part, u.access) {
            (Some(part), Access::Place) => Some(vec![part.clone()]),
            (Some(_), Access::Shared) => Some(Vec::new()),
            _ => None,
        };
        let fields = u.field.iter().map(|field| (field.clone(), 1)).collect();
        Some(StepUse {
            var,
            access: u.access,
            at: u.ident.span(),
            values,
            repeated: false,
            shared,
            fields,
            place,
            parts,
        })
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

/// Where an expression ends.
pub(super) fn last_token(expr: &Expr) -> Span {
    expr.to_token_stream().into_iter().last().map_or_else(Span::call_site, |tree| tree.span())
}

/// A pattern without its type.
pub(super) fn untyped(pat: &Pat) -> &Pat {
    if let Pat::Type(typed) = pat { untyped(&typed.pat) } else { pat }
}
