//! What an expression takes by value, as far as that can be seen.

use syn::{Expr, ExprReference};

use super::super::macros::{Reading, read};
use super::{is_path_of_fields, methods, root};

/// The names and fields that an expression takes by value each time that it is evaluated. What blocks, closures and methods
/// of unknown names do with what they use is not looked at.
pub(in super::super) fn taken(expr: &Expr) -> Vec<Expr> {
    let mut found = Vec::new();
    find(expr, &mut found);
    found
}

fn find(expr: &Expr, found: &mut Vec<Expr>) {
    let mut all = |exprs: &mut dyn Iterator<Item = &Expr>| exprs.for_each(|expr| find(expr, found));
    match expr {
        Expr::Path(_) | Expr::Field(_) if is_path_of_fields(expr) => found.push(expr.clone()),
        Expr::Paren(paren) => find(&paren.expr, found),
        Expr::Group(group) => find(&group.expr, found),
        Expr::Try(tried) => find(&tried.expr, found),
        Expr::Array(array) => all(&mut array.elems.iter()),
        Expr::Tuple(tuple) => all(&mut tuple.elems.iter()),
        Expr::Call(call) => all(&mut call.args.iter()),
        Expr::Struct(literal) => all(&mut literal.fields.iter().map(|field| &field.expr)),
        Expr::MethodCall(call) => {
            let takes = methods::taking(&call.method.to_string(), call.args.len()) == Some(true);
            if takes || root(&call.receiver).is_none() {
                find(&call.receiver, found);
            }
            call.args.iter().for_each(|arg| find(arg, found));
        }
        // What is lent may be made for it: `&Some(x)`.
        Expr::Reference(ExprReference { expr, .. }) if root(expr).is_none() => find(expr, found),
        Expr::Macro(call) => {
            if let Reading::Expressions(parsed) = read(&call.mac) {
                for part in parsed.parts.iter().filter(|part| !part.by_reference) {
                    find(&part.expr, found);
                }
            }
        }
        _ => {}
    }
}
