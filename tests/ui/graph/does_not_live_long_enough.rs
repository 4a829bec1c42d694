use ember::prelude::*;

#[operator]
fn load(path: &str) -> String {
    path.to_owned()
}

#[operator]
fn words(text: &str) -> Vec<&str> {
    text.split(' ').collect()
}

graph! {
    pub fn parts(path: &str) -> Vec<&str> {
        let text = load(path);
        let parts = words(&text);
        parts
    }
}

fn main() {}
