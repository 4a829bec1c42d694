use ember::prelude::*;

#[operator]
fn show<T: std::fmt::Display + Sync>(value: &T) -> String {
    value.to_string()
}

graph! {
    pub fn both<T: Sync>(left: &T, right: &T) -> String {
        let a = show(left);
        let b = show(right);
        a + &b
    }
}

fn main() {}
