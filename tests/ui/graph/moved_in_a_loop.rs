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
    pub fn keep(path: &str) -> Result<usize, ember::Error> {
        let lines = load(path);
        #[at_most(3)]
        let n = loop {
            let stored = store(lines);
            if stored > 3 { break stored }
        };
        Ok(n)
    }
}

fn main() {}
