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
    pub fn measure(text: &str) -> usize {
        #[cfg(debug_assertions)]
        let loud = upper(text);
        let n = length(&loud);
        n
    }
}

fn main() {}
