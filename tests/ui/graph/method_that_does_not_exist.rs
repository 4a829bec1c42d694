use ember::prelude::*;

struct Model;

#[operator]
fn double(a: u32) -> u32 {
    a * 2
}

graph! {
    fn sum(model: &Model, a: u32) -> u32 {
        let twice = double(a);
        let n = model.forward(twice);
        n
    }
}

fn main() {}
