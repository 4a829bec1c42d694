use std::rc::Rc;

use ember::prelude::*;

#[operator]
fn twice(value: u64) -> u64 {
    2 * value
}

graph! {
    pub async fn answer(seed: Rc<u64>) -> u64 {
        let twice = twice(*seed);
        twice
    }
}

fn main() {}
