use ember::prelude::*;

#[operator]
fn upper(text: &str) -> String {
    text.to_uppercase()
}

graph! {
    pub fn shout(text: String) -> String {
        let upper = upper(&text);
        drop(text);
        upper
    }
}

fn main() {}
