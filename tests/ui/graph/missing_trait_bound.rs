use ember::prelude::*;

#[operator]
fn show<T: std::fmt::Display + Sync>(value: &T) -> String {
    value.to_string()
}

graph! {
    pub fn shown<T: Sync>(value: &T) -> String {
        let shown = show(value);
        shown
    }
}

fn main() {}
