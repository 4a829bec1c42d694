use ember::prelude::*;

#[operator]
fn add(a: u32, b: u32) -> u32 {
    a + b
}

#[operator]
fn double(a: u32) -> u32 {
    a * 2
}

#[operator]
fn upper(text: &str) -> String {
    text.to_uppercase()
}

#[operator]
fn length(text: &str) -> usize {
    text.len()
}

graph! {
    pub fn choose(text: &str, a: u32) -> u32 {
        let n = double(a);
        let chosen = if n > 3 { upper(text) } else { add(n, 1) };
        chosen
    }
}

fn main() {}
