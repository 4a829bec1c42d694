//! Whether a graph is more than series and parallel parts.

use super::tree::{Block, Expression, Statement};

/// Whether the statements of a body hold an N: `c` uses `a` only, `d` uses `a` and `b`, and `b` does not use `a`.
/// Read off the text: a line uses a line whose names it mentions.
pub(super) fn has_n(body: &Block) -> bool {
    let lines: Vec<(Vec<String>, String)> = body
        .statements
        .iter()
        .filter_map(|statement| match statement {
            Statement::Let { pattern, value, .. } => Some((names(pattern), text(value)?.to_owned())),
            _ => None,
        })
        .collect();
    let uses: Vec<Vec<usize>> = lines
        .iter()
        .map(|(_, text)| {
            let used = names(text);
            (0..lines.len()).filter(|at| lines[*at].0.iter().any(|name| used.contains(name))).collect()
        })
        .collect();
    let pairs = |d: &Vec<usize>| d.iter().flat_map(|a| d.iter().map(|b| (*a, *b))).collect::<Vec<_>>();
    uses.iter().enumerate().any(|(d, of_d)| {
        pairs(of_d).iter().any(|(a, b)| {
            let side = |c: usize| c != d && c != *b && uses[c].contains(a) && !uses[c].contains(b);
            a != b && !uses[*a].contains(b) && !uses[*b].contains(a) && (0..uses.len()).any(side)
        })
    })
}

fn text(value: &Expression) -> Option<&str> {
    match value {
        Expression::Node(text) | Expression::Glue(text) | Expression::Graph { arguments: text, .. } => {
            Some(text)
        }
        _ => None,
    }
}

/// The generated names in a text.
fn names(text: &str) -> Vec<String> {
    text.split(|letter: char| !letter.is_ascii_alphanumeric())
        .filter(|word| word.starts_with('v') && word[1..].parse::<usize>().is_ok())
        .map(str::to_owned)
        .collect()
}
