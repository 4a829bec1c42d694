use std::rc::Rc;

use ember::prelude::*;

#[operator]
async fn ask(seed: u64) -> u64 {
    seed
}

#[operator]
fn share(value: u64) -> Rc<u64> {
    Rc::new(value)
}

#[operator]
fn read(value: &Rc<u64>) -> u64 {
    **value
}

graph! {
    pub async fn answer(seed: u64) -> u64 {
        let answer = ask(seed).await;
        let shared = share(answer);
        read(&shared)
    }
}

fn main() {}
