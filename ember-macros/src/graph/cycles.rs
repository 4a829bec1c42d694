//! Values used before they are made: a cycle, or only lines in the wrong order.

use std::collections::{HashMap, HashSet, VecDeque};

use proc_macro2::Ident;
use syn::{Block, Stmt};

use super::uses::{self, Names};
use crate::diagnostics::Diagnostics;

/// Reports each name that was used early: `(statement, the name there, the statement that makes it)`.
pub(super) fn report(
    block: &Block,
    early: &[(usize, Ident, usize)],
    names: &[String],
    made: &HashMap<String, usize>,
    diagnostics: &mut Diagnostics,
) {
    let needs = needs(block, made);
    let mut told = HashSet::new();
    for (at, used, maker) in early {
        let name = |i: usize| names.get(i).cloned().unwrap_or_default();
        if at == maker {
            diagnostics
                .error(used, format!("`{used}` is made from itself; give the new value a name of its own"));
        } else if let Some(path) = path(&needs, *maker, *at) {
            let mut members = path.clone();
            members.sort_unstable();
            if told.insert(members) {
                let mut round: Vec<String> = path.iter().map(|&i| format!("`{}`", name(i))).collect();
                round.insert(0, format!("`{}`", name(*at)));
                diagnostics.error(
                    used,
                    format!(
                        "these values wait for each other, so none can be made first: {} (read the arrow as «needs»)",
                        round.join(" → ")
                    ),
                );
            }
        } else {
            let message = format!(
                "`{used}` is used before it is made; move the line that makes it above the one that makes `{}`",
                name(*at)
            );
            diagnostics.error(used, message);
        }
    }
}

struct Made<'a>(&'a HashMap<String, usize>);
impl Names for Made<'_> {
    fn known(&self, name: &str) -> bool {
        self.0.contains_key(name)
    }
    fn mutable(&self, _: &str) -> bool {
        false
    }
}

/// Which statements each statement needs.
fn needs(block: &Block, made: &HashMap<String, usize>) -> Vec<Vec<usize>> {
    let names = Made(made);
    block
        .stmts
        .iter()
        .map(|stmt| {
            let expr = match stmt {
                Stmt::Local(local) => local.init.as_ref().map(|init| &*init.expr),
                Stmt::Expr(expr, _) => Some(expr),
                Stmt::Item(_) | Stmt::Macro(_) => None,
            };
            let found = expr.map(|expr| uses::find(expr, &names)).unwrap_or_default();
            found.uses.iter().filter_map(|u| made.get(&u.ident.to_string()).copied()).collect()
        })
        .collect()
}

/// The shortest way from one statement to another along what they need.
fn path(needs: &[Vec<usize>], from: usize, to: usize) -> Option<Vec<usize>> {
    let mut before: Vec<Option<usize>> = vec![None; needs.len()];
    let mut seen = vec![false; needs.len()];
    let mut queue = VecDeque::from([from]);
    seen[from] = true;
    while let Some(at) = queue.pop_front() {
        if at == to {
            let mut path = vec![at];
            while let Some(previous) = before[path[path.len() - 1]] {
                path.push(previous);
            }
            path.reverse();
            return Some(path);
        }
        for &next in &needs[at] {
            if !seen[next] {
                seen[next] = true;
                before[next] = Some(at);
                queue.push_back(next);
            }
        }
    }
    None
}
