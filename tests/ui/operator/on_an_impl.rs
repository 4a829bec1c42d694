use ember::prelude::*;

struct Model {
    weight: f32,
}

#[operator]
impl Model {
    fn forward(&self, x: f32) -> f32 {
        x * self.weight
    }
}

fn main() {}
