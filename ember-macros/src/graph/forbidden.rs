//! What cannot stand in a graph, each with what can.

use syn::visit::{self, Visit};
use syn::{
    BinOp, Expr, ExprAsync, ExprAwait, ExprBreak, ExprClosure, ExprContinue, ExprForLoop, ExprIf, ExprLet,
    ExprLoop, ExprReturn, ExprWhile, ExprYield, Item, PatGuard,
};

use crate::diagnostics::Diagnostics;

/// Reports the constructs that would leave a graph in the middle or go round without a bound.
///
/// In a graph that was refused for being `async`, each `.await` belongs to the same mistake. Closures, inner functions and `async` blocks are functions of their own and may hold anything.
pub(super) fn check(expr: &Expr, asynchronous: bool, diagnostics: &mut Diagnostics) {
    Check { diagnostics, asynchronous, loops: 0 }.visit_expr(expr);
}

struct Check<'d> {
    diagnostics: &'d mut Diagnostics,
    asynchronous: bool,
    /// Loops around that a `break` may leave.
    loops: usize,
}

impl Check<'_> {
    /// A condition or a guard: here a `let` may stand, alone or between `&&`.
    fn condition(&mut self, expr: &Expr) {
        match expr {
            Expr::Let(matched) => visit::visit_expr_let(self, matched),
            Expr::Binary(binary) if matches!(binary.op, BinOp::And(_)) => {
                self.condition(&binary.left);
                self.condition(&binary.right);
            }
            expr => self.visit_expr(expr),
        }
    }
}

impl<'a> Visit<'a> for Check<'_> {
    fn visit_expr_let(&mut self, expr: &'a ExprLet) {
        let message = "a `let` inside an expression; write it as a line of its own, `let value = ..;`, or as the \
                       condition of an `if`";
        self.diagnostics.error(expr, message);
    }

    fn visit_expr_if(&mut self, expr: &'a ExprIf) {
        self.condition(&expr.cond);
        self.visit_block(&expr.then_branch);
        if let Some((_, otherwise)) = &expr.else_branch {
            self.visit_expr(otherwise);
        }
    }

    fn visit_pat_guard(&mut self, guarded: &'a PatGuard) {
        self.visit_pat(&guarded.pat);
        self.condition(&guarded.guard);
    }

    fn visit_expr_return(&mut self, expr: &'a ExprReturn) {
        let message = "a graph has no `return`: its last line is its value; use `if` or `match` to choose it, or `?` to fail";
        self.diagnostics.error(expr, message);
    }

    fn visit_expr_while(&mut self, expr: &'a ExprWhile) {
        let message = "a graph has no `while`; write `#[at_most(10)] loop { .. if done { break value } .. }`, or put the \
                       loop into an operator";
        self.diagnostics.error(expr.while_token, message);
    }

    fn visit_expr_continue(&mut self, expr: &'a ExprContinue) {
        let message = "a graph has no `continue`; put the rest of the body into an `if`";
        self.diagnostics.error(expr, message);
    }

    fn visit_expr_break(&mut self, expr: &'a ExprBreak) {
        if self.loops == 0 {
            let message = "there is no `loop` around this `break` that it could leave";
            self.diagnostics.error(expr, message);
        }
        visit::visit_expr_break(self, expr);
    }

    fn visit_expr_loop(&mut self, expr: &'a ExprLoop) {
        self.loops += 1;
        visit::visit_expr_loop(self, expr);
        self.loops -= 1;
    }

    fn visit_expr_for_loop(&mut self, expr: &'a ExprForLoop) {
        self.visit_expr(&expr.expr);
        let outer = std::mem::take(&mut self.loops);
        self.visit_block(&expr.body);
        self.loops = outer;
    }

    fn visit_expr_await(&mut self, expr: &'a ExprAwait) {
        let message =
            "`.await` in a graph that is a plain `fn`; this version of ember runs synchronous graphs only";
        if !self.asynchronous {
            self.diagnostics.error(expr.await_token, message);
        }
        self.visit_expr(&expr.base);
    }

    fn visit_expr_yield(&mut self, expr: &'a ExprYield) {
        self.diagnostics.error(expr, "a graph has no `yield`");
    }

    fn visit_expr_closure(&mut self, _: &'a ExprClosure) {}
    fn visit_expr_async(&mut self, _: &'a ExprAsync) {}
    fn visit_item(&mut self, _: &'a Item) {}
}
