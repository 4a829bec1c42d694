//! What cannot stand in a graph, each with what can.

use proc_macro2::TokenTree;
use quote::ToTokens;
use syn::visit::{self, Visit};
use syn::{
    Arm, BinOp, Expr, ExprAsync, ExprAwait, ExprBlock, ExprBreak, ExprCall, ExprClosure, ExprContinue,
    ExprForLoop, ExprIf, ExprLet, ExprLoop, ExprMacro, ExprMatch, ExprMethodCall, ExprReturn, ExprWhile,
    ExprYield, Item, Macro, PatGuard, Stmt,
};

use super::lower::is_race;
use super::macros::{Reading, is_of_std, read};
use crate::diagnostics::Diagnostics;
use crate::source;

/// Reports the constructs that would leave a graph in the middle or go round without a bound, and `.await` where it cannot
/// stand.
///
/// Closures, inner functions and `async` blocks are functions of their own and may hold anything.
pub(super) fn check(expr: &Expr, asynchronous: bool, diagnostics: &mut Diagnostics) {
    Check { diagnostics, asynchronous, loops: 0, plain: false, within: Within::Graph }.head(expr);
}

struct Check<'d> {
    diagnostics: &'d mut Diagnostics,
    asynchronous: bool,
    /// Loops around that a `break` may leave.
    loops: usize,
    /// In braces that make plain Rust: there `.await` may stand anywhere.
    plain: bool,
    within: Within,
}

/// What an expression is part of.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Within {
    Graph,
    /// What is given to a macro of the standard library. Whether that leaves the graph only the macro knows.
    Macro,
    /// What is given to another macro, which may put it into an `async` block.
    UnknownMacro,
}

impl Check<'_> {
    /// What stands first in a line: here a node may wait.
    fn head(&mut self, expr: &Expr) {
        match expr {
            Expr::Paren(paren) => self.head(&paren.expr),
            Expr::Group(group) => self.head(&group.expr),
            Expr::Try(tried) => self.head(&tried.expr),
            Expr::Unary(unary) => self.head(&unary.expr),
            Expr::Array(array) => array.elems.iter().for_each(|elem| self.head(elem)),
            Expr::Tuple(tuple) => tuple.elems.iter().for_each(|elem| self.head(elem)),
            Expr::Assign(assign) => {
                self.visit_expr(&assign.left);
                self.head(&assign.right);
            }
            Expr::Await(waits) => {
                if !self.asynchronous {
                    self.refuse_await(waits);
                }
                if self.plain || is_race(&waits.base).is_none() {
                    self.visit_expr(&waits.base);
                }
            }
            // Without `.await` it is told of where it is taken apart.
            Expr::Macro(_) if !self.plain && is_race(expr).is_some() => {}
            expr => self.visit_expr(expr),
        }
    }

    /// Refuses what leaves the graph in the middle, or would be no expression of it.
    fn refuse(&mut self, tokens: impl ToTokens, message: &str) {
        if self.within == Within::Graph {
            self.diagnostics.error(tokens, message);
        }
    }

    fn refuse_await(&mut self, expr: &ExprAwait) {
        if self.within == Within::UnknownMacro {
            return;
        }
        let message = if is_race(&expr.base).is_some() {
            "`race!(..)` waits for the first of its nodes, and a graph that is a plain `fn` cannot wait; write `async fn`"
        } else {
            "`.await` in a graph that is a plain `fn`; write `async fn`, or remove the `.await` if the operator is not `async`"
        };
        self.diagnostics.error(expr.await_token, message);
    }

    /// A condition or a guard: here a `let` may stand, alone or between `&&`.
    fn condition(&mut self, expr: &Expr) {
        match expr {
            Expr::Let(matched) => {
                self.visit_pat(&matched.pat);
                self.head(&matched.expr);
            }
            Expr::Binary(binary) if matches!(binary.op, BinOp::And(_)) => {
                self.condition(&binary.left);
                self.condition(&binary.right);
            }
            expr => self.head(expr),
        }
    }
}

impl<'a> Visit<'a> for Check<'_> {
    fn visit_expr_let(&mut self, expr: &'a ExprLet) {
        let message = "a `let` inside an expression; write it as a line of its own, `let value = ..;`, or as the \
                       condition of an `if`";
        self.refuse(expr, message);
    }

    fn visit_expr_if(&mut self, expr: &'a ExprIf) {
        self.condition(&expr.cond);
        self.visit_block(&expr.then_branch);
        match expr.else_branch.as_ref().map(|(_, otherwise)| &**otherwise) {
            Some(Expr::Block(block)) => self.visit_block(&block.block),
            Some(otherwise) => self.visit_expr(otherwise),
            None => {}
        }
    }

    fn visit_pat_guard(&mut self, guarded: &'a PatGuard) {
        self.visit_pat(&guarded.pat);
        self.condition(&guarded.guard);
    }

    fn visit_expr_return(&mut self, expr: &'a ExprReturn) {
        let message = "a graph has no `return`: its last line is its value; use `if` or `match` to choose it, or `?` to fail";
        self.refuse(expr, message);
    }

    fn visit_expr_while(&mut self, expr: &'a ExprWhile) {
        let message = "a graph has no `while`; write `#[at_most(10)] loop { .. if done { break value } .. }`, or put the \
                       loop into an operator";
        self.refuse(expr.while_token, message);
    }

    fn visit_expr_continue(&mut self, expr: &'a ExprContinue) {
        let message = "a graph has no `continue`; put the rest of the body into an `if`";
        self.refuse(expr, message);
    }

    fn visit_expr_break(&mut self, expr: &'a ExprBreak) {
        if self.loops == 0 {
            let message = "there is no `loop` around this `break` that it could leave";
            self.refuse(expr, message);
        }
        visit::visit_expr_break(self, expr);
    }

    fn visit_expr_loop(&mut self, expr: &'a ExprLoop) {
        self.loops += 1;
        visit::visit_expr_loop(self, expr);
        self.loops -= 1;
    }

    fn visit_expr_for_loop(&mut self, expr: &'a ExprForLoop) {
        self.head(&expr.expr);
        let outer = std::mem::take(&mut self.loops);
        self.visit_block(&expr.body);
        self.loops = outer;
    }

    fn visit_expr_await(&mut self, expr: &'a ExprAwait) {
        if !self.asynchronous {
            self.refuse_await(expr);
        } else if !self.plain
            && let Some(name) = call_name(&expr.base)
        {
            let message = format!(
                "`{name}(..)` waits inside of another expression; give it a line of its own, \
                 `let value = {name}(..).await;`, and use `value` here, or put the whole expression into braces to make \
                 it plain Rust"
            );
            self.diagnostics.error(expr, message);
        }
        self.visit_expr(&expr.base);
    }

    /// What waits at the front of a chain waits first: `client.get(url).await?.text()`.
    fn visit_expr_method_call(&mut self, call: &'a ExprMethodCall) {
        match in_front(&call.receiver) {
            Some(waits) if self.asynchronous && matches!(&*waits.base, Expr::MethodCall(_)) => {
                self.visit_expr(&waits.base);
            }
            _ => self.visit_expr(&call.receiver),
        }
        call.args.iter().for_each(|arg| self.visit_expr(arg));
    }

    fn visit_expr_macro(&mut self, expr: &'a ExprMacro) {
        if expr.mac.path.is_ident("race") {
            let message = "`race!(..)` inside an expression; give it a line of its own, \
                           `let first = race!(search(a), search(b)).await?;`";
            self.diagnostics.error(expr, message);
        } else {
            self.visit_macro(&expr.mac);
        }
    }

    fn visit_macro(&mut self, call: &'a Macro) {
        if let Some(message) = waits_in_its_expansion(call, self.asynchronous) {
            self.diagnostics.error(&call.path, message);
        } else if let Reading::Expressions(parsed) = read(call) {
            let outer = self.within;
            let is_known = is_of_std(call) && outer != Within::UnknownMacro;
            self.within = if is_known { Within::Macro } else { Within::UnknownMacro };
            parsed.parts.iter().for_each(|part| self.visit_expr(&part.expr));
            self.within = outer;
        }
    }

    fn visit_stmt(&mut self, stmt: &'a Stmt) {
        match stmt {
            Stmt::Local(local) => {
                self.visit_pat(&local.pat);
                if let Some(init) = &local.init {
                    self.head(&init.expr);
                    if let Some((_, diverge)) = &init.diverge {
                        self.visit_expr(diverge);
                    }
                }
            }
            Stmt::Expr(expr, _) => self.head(expr),
            other => visit::visit_stmt(self, other),
        }
    }

    fn visit_arm(&mut self, arm: &'a Arm) {
        self.visit_pat(&arm.pat);
        match &*arm.body {
            Expr::Block(block) => self.visit_block(&block.block),
            body => self.head(body),
        }
    }

    fn visit_expr_match(&mut self, expr: &'a ExprMatch) {
        self.head(&expr.expr);
        expr.arms.iter().for_each(|arm| self.visit_arm(arm));
    }

    fn visit_expr_block(&mut self, expr: &'a ExprBlock) {
        let outer = std::mem::replace(&mut self.plain, true);
        visit::visit_expr_block(self, expr);
        self.plain = outer;
    }

    fn visit_expr_yield(&mut self, expr: &'a ExprYield) {
        self.refuse(expr, "a graph has no `yield`");
    }

    fn visit_expr_closure(&mut self, _: &'a ExprClosure) {}
    fn visit_expr_async(&mut self, _: &'a ExprAsync) {}
    fn visit_item(&mut self, _: &'a Item) {}
}

/// What to say of a macro whose expansion awaits: a graph does not see that, and its straight line is no future.
///
/// A name alone tells that in an `async` graph only, for there are others, as crossbeam's `select!` with its `->`.
fn waits_in_its_expansion(call: &Macro, asynchronous: bool) -> Option<String> {
    let name = &call.path.segments.last()?.ident;
    let text = name.to_string();
    let lines =
        "nodes on lines of their own wait side by side, `let a = first(x).await?; let b = second(y).await?;`";
    let instead = match &*text {
        "join" | "try_join" => lines,
        "select" | "select_biased" => {
            "the first of several operators that succeeds is `race!(first(x), second(y)).await?`"
        }
        _ => return None,
    };
    let known = match call.path.segments.first().filter(|_| call.path.segments.len() > 1) {
        Some(krate) => {
            ["tokio", "futures", "futures_util", "futures_lite"].iter().any(|known| krate.ident == known)
        }
        None => {
            let arrow = |tokens: &[TokenTree]| matches!(tokens, [TokenTree::Punct(a), TokenTree::Punct(b)] if a.as_char() == '-' && b.as_char() == '>');
            let tokens: Vec<TokenTree> = call.tokens.clone().into_iter().collect();
            asynchronous && !tokens.windows(2).any(arrow) && !source::is_macro(name)
        }
    };
    let path = call.path.to_token_stream().to_string().replace(' ', "");
    known.then(|| {
        if asynchronous {
            format!(
                "`{text}!` awaits in its expansion, where a graph cannot see it; {instead}; or make a future of it, \
                 `{{ async {{ {path}!(..) }}.await }}`"
            )
        } else {
            format!("`{text}!` awaits in its expansion, and a graph that is a plain `fn` cannot wait; write `async fn`")
        }
    })
}

/// What is called, if it may be an operator: a function with a name, or a method.
fn call_name(call: &Expr) -> Option<String> {
    match call {
        Expr::MethodCall(call) => Some(format!("{}.{}", short(&call.receiver)?, call.method)),
        Expr::Call(ExprCall { func, .. }) => match &**func {
            Expr::Path(path) if path.qself.is_none() => {
                let last = path.path.segments.last()?.ident.to_string();
                last.starts_with(|c: char| c.is_lowercase() || c == '_').then_some(last)
            }
            _ => None,
        },
        _ => None,
    }
}

/// The value whose method is called, in few words.
fn short(receiver: &Expr) -> Option<String> {
    match receiver {
        Expr::Path(path) => path.path.get_ident().map(ToString::to_string),
        Expr::Field(field) => Some(format!("{}.{}", short(&field.base)?, field.member.to_token_stream())),
        _ => Some("..".to_owned()),
    }
}

/// The `.await` that a method's receiver ends with.
fn in_front(receiver: &Expr) -> Option<&ExprAwait> {
    match receiver {
        Expr::Await(waits) => Some(waits),
        Expr::Try(tried) => in_front(&tried.expr),
        Expr::Paren(paren) => in_front(&paren.expr),
        _ => None,
    }
}
