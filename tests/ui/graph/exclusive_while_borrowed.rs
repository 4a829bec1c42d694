use ember::prelude::*;

#[operator]
fn push(lines: &mut Vec<String>) -> usize {
    lines.push(String::new());
    lines.len()
}

#[operator]
fn first(lines: &[String]) -> &str {
    &lines[0]
}

#[operator]
fn length(text: &str) -> usize {
    text.len()
}

graph! {
    pub fn keep(mut lines: Vec<String>) -> usize {
        let head = first(&lines);
        let n = push(&mut lines);
        let m = length(head);
        n + m
    }
}

fn main() {}
