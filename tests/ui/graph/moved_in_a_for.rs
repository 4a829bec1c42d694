use ember::prelude::*;

#[operator]
fn load(path: &str) -> Vec<String> {
    vec![path.to_owned()]
}

#[operator]
fn count(lines: &[String]) -> usize {
    lines.len()
}

#[operator]
fn store(lines: Vec<String>) -> usize {
    lines.len()
}

graph! {
    pub fn keep(path: &str) -> Vec<usize> {
        let lines = load(path);
        for _ in 0..3 { store(lines) }
    }
}

fn main() {}
