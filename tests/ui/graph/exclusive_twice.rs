use ember::prelude::*;

#[operator]
fn push(lines: &mut Vec<String>) -> usize {
    lines.push(String::new());
    lines.len()
}

#[operator]
fn both(left: &mut Vec<String>, right: &mut Vec<String>) -> usize {
    left.len() + right.len()
}

graph! {
    pub fn keep(mut lines: Vec<String>) -> usize {
        let n = push(&mut lines);
        let m = both(&mut lines, &mut lines);
        n + m
    }
}

fn main() {}
