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
    pub fn keep(path: &str) -> (usize, usize) {
        let lines = load(path);
        let (left, right) = (store(lines), store(lines));
        (left, right)
    }
}

fn main() {}
