use std::rc::Rc;

use ember::prelude::*;

#[operator]
async fn share(value: u64) -> Rc<u64> {
    Rc::new(value)
}

#[operator]
fn read(value: &Rc<u64>) -> u64 {
    **value
}

graph! {
    pub async fn answer(seed: u64) -> u64 {
        let shared = share(seed).await;
        read(&shared)
    }
}

fn main() {}
