use std::rc::Rc;

use ember::prelude::*;

#[operator]
async fn share(value: u64) -> Rc<u64> {
    Rc::new(value)
}

#[operator]
async fn read(value: Rc<u64>) -> u64 {
    *value
}

#[operator]
fn twice(value: u64) -> u64 {
    2 * value
}

graph! {
    pub async fn answer(seed: u64) -> u64 {
        let shared = share(seed).await;
        let read = read(shared).await;
        twice(read)
    }
}

fn main() {}
