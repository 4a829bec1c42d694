use ember::prelude::*;

#[operator]
fn one() -> u32 {
    1
}

graph! {
    fn bound() -> u32 {
        (let a = one());
        a
    }
}

fn main() {}
