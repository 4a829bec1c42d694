use ember::prelude::*;

use std::sync::Mutex;

#[operator]
fn double(a: u32) -> u32 {
    a * 2
}

graph! {
    pub fn sum(a: u32, lock: &Mutex<u32>) -> u32 {
        let _guard = lock.lock().unwrap();
        let twice = double(a);
        twice
    }
}

fn main() {}
