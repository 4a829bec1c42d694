use ember::prelude::*;

#[operator]
fn upper(text: &str) -> String {
    text.to_uppercase()
}

#[operator]
fn length(text: &str) -> usize {
    text.len()
}

#[graph_fn(fail_fats)]
fn measure(text: &str) -> usize {
    let loud = upper(text);
    let n = length(&loud);
    n
}

fn main() {}
