use ember::prelude::*;

#[operator]
fn upper(text: &str) -> String {
    text.to_uppercase()
}

#[operator]
fn length(text: &str) -> usize {
    text.len()
}

graph! {
    pub fn sum(a: &str) {
        let n = a.parse::<usize>()?;
        let m = length(a);
    }
}

fn main() {}
