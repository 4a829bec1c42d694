use ember::prelude::*;

#[operator]
fn push(lines: &mut Vec<String>) -> usize {
    lines.push(String::new());
    lines.len()
}

graph! {
    pub fn keep(lines: Vec<String>) -> usize {
        let n = push(&mut lines);
        n
    }
}

fn main() {}
