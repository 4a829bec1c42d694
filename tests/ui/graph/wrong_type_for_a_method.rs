use ember::prelude::*;

struct Model;

impl Model {
    #[operator]
    fn forward(&self, x: u32) -> u32 {
        x
    }
}

graph! {
    fn sum(model: &Model, a: &str) -> u32 {
        let n = model.forward(a);
        let m = model.forward(3);
        n + m
    }
}

fn main() {}
