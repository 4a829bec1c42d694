//! Branches and loops: their bodies have names and nodes of their own.

use ember_graph::Kind;
use proc_macro2::{Ident, Span};
use quote::ToTokens;
use syn::spanned::Spanned;
use syn::visit::Visit;
use syn::{Block, Expr, ExprForLoop, ExprIf, ExprLoop, ExprMatch, Pat, Stmt};

use super::super::attributes::{StepAttributes, step_attributes};
use super::super::model::{Arm, Body, Branching, FanOut, Loop, StepUse, VarId, Work};
use super::super::uses::{self, Access};
use super::head::Head;
use super::merge::{Uses, outward};
use super::{Lower, last_token};

impl Lower<'_> {
    pub(super) fn branch(&mut self, i: usize, name: &str, branch: &ExprIf, body: &mut Body) -> Head {
        // Only the first condition is always asked for: the later ones stay with their arm.
        let condition = self.decide(i, name, "if", &branch.cond, body);
        let node = self.node(or(name, "if"), Kind::Branch, branch.if_token.span());
        let mut arms = Vec::new();
        let mut found = Uses::default();
        let mut uses = Vec::new();
        found.add(self, i, &uses::find(&condition, self));
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
                    found.add(self, i, &uses::find(&next.cond, self));
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
                            brace_token: syn::token::Brace(last_token(other)),
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
        Head::new(node, Work::Branch(arms, Branching::If), found)
    }

    pub(super) fn choice(&mut self, i: usize, name: &str, choice: &ExprMatch, body: &mut Body) -> Head {
        let scrutinee = self.decide(i, name, "match", &choice.expr, body);
        let node = self.node(or(name, "match"), Kind::Branch, choice.match_token.span());
        let mut found = Uses::default();
        found.add(self, i, &uses::find_in_scrutinee(&scrutinee, self));
        found.enter_bodies();
        let mut arms = Vec::new();
        let mut uses = Vec::new();
        for (n, arm) in choice.arms.iter().enumerate() {
            let (pat, guard) = super::super::types::split_guard(arm);
            let part = shorten(&pat.to_token_stream().to_string());
            let block = match arm_body(arm) {
                Expr::Block(block) if block.label.is_none() && block.attrs.is_empty() => block.block.clone(),
                other => Block {
                    brace_token: syn::token::Brace(last_token(other)),
                    stmts: vec![Stmt::Expr(other.clone(), None)],
                },
            };
            let suffix = format!(".arm{n}");
            uses.push(self.arm(node, &part, &suffix, None, Some(pat), guard, &block, &mut arms, arm.span()));
        }
        found.merge_any(uses);
        Head::new(node, Work::Branch(arms, Branching::Match { scrutinee }), found)
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
                found.add(lower, 0, &uses::find(guard, lower));
            }
            let body = lower.body(block);
            found.merge_all(outward(&body, false));
            let uses = Self::outside(found.all, &binds, outer);
            arms.push(Arm { condition, pat, guard, body, binds, span });
            uses
        })
    }

    pub(super) fn fan_out(
        &mut self,
        i: usize,
        name: &str,
        each: &ExprForLoop,
        discard: bool,
        attrs: &StepAttributes,
    ) -> Head {
        let inner = step_attributes(&each.attrs, self.diagnostics);
        let concurrency = attrs.concurrency.clone().or(inner.concurrency);
        if !self.asynchronous
            && let Some(items) = &concurrency
        {
            let message = "`#[concurrency(..)]` bounds items that wait, and this graph is a plain `fn`: its items run on the \
                           threads of the pool, so there are never more under way than threads; remove it, or write `async fn`";
            self.diagnostics.error(items, message);
        }
        if let Some(label) = &each.label {
            self.diagnostics.error(
                label,
                "a `for` of a graph has no label: its items run in parallel and none can leave it",
            );
        }
        let mut found = self.plain_uses(i, &each.expr);
        if let Some(items) = &concurrency {
            found.add(self, i, &uses::find(items, self));
        }
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
            let uses = Self::outside(outward(&body, true), &binds, outer);
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
            concurrency,
            discard,
        };
        Head::new(node, Work::FanOut(Box::new(fan_out)), found)
    }

    pub(super) fn repeat(&mut self, i: usize, name: &str, each: &ExprLoop, attrs: &StepAttributes) -> Head {
        let inner = step_attributes(&each.attrs, self.diagnostics);
        let written = attrs.at_most.clone().or(inner.at_most);
        let bounded = written.is_some();
        let at_most = written.unwrap_or_else(|| {
            let message = "a `loop` in a graph needs a bound: write `#[at_most(10)]` above it; past the bound the graph \
                           fails with an error that says so";
            self.diagnostics.error(each.loop_token, message);
            syn::parse_quote!(1)
        });
        if bounded && !self.may_be_result {
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
            let uses = Self::outside(outward(&body, false), &[], outer);
            (body, uses)
        });
        self.breakable -= 1;
        let mut found = self.plain_uses(i, &at_most);
        found.enter_bodies();
        found.merge_all(uses);
        let repeat = Loop { label: each.label.clone(), at_most, body, slot, span: each.loop_token.span() };
        Head::new(node, Work::Loop(repeat), found)
    }
}

fn or<'a>(name: &'a str, fallback: &'a str) -> &'a str {
    if name.is_empty() { fallback } else { name }
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
    super::super::types::arm_body(arm)
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
