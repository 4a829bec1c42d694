use ember::prelude::*;

#[operator]
fn show<T: std::fmt::Display>(value: &T) -> String {
    value.to_string()
}

graph! {
    pub fn both<T: std::fmt::Display>(left: &T, right: &T) -> String {
        let a = show(left);
        let b = show(right);
        a + &b
    }
}

fn main() {}
