use ember::prelude::*;

#[operator]
fn show<T: std::fmt::Display>(value: &T) -> String {
    value.to_string()
}

graph! {
    pub fn both<T: std::fmt::Display>(value: &T) -> String {
        let a = show(value);
        let b = show(value);
        a + &b
    }
}

fn main() {}
