use ember::prelude::*;

#[operator]
fn longer(a: &str, b: &str) -> usize {
    a.len().max(b.len())
}

graph! {
    pub fn pick(a: &str, b: &str) -> &str {
        let n = longer(a, b);
        if n > 3 { a } else { b }
    }
}

fn main() {}
