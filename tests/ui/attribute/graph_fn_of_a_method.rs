use ember::prelude::*;

struct Model;

impl Model {
    #[graph_fn]
    fn measure(&self, text: &str) -> usize {
        text.len()
    }
}

fn main() {}
