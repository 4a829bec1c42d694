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
        #[after(loud)]
        let n = length(text);
        let loud = upper(text);
        n + loud.len()
    }
}

fn main() {}
