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
    pub fn sum(a: &str, deep: bool) -> u32 {
        let n = if deep { let loud = upper(a); double(loud) } else { 0 };
        n
    }
}

fn main() {}
