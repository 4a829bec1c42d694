use ember::prelude::*;

use std::sync::{Mutex, MutexGuard};

#[operator]
fn open(lock: &Mutex<u32>) -> MutexGuard<'_, u32> {
    lock.lock().unwrap()
}

#[operator]
fn close(guard: MutexGuard<'_, u32>, n: u32) -> u32 {
    *guard + n
}

#[operator]
fn double(a: u32) -> u32 {
    a * 2
}

graph! {
    pub fn sum(lock: &Mutex<u32>, a: u32) -> u32 {
        let held = open(lock);
        let n = double(a);
        let m = close(held, n);
        m
    }
}

fn main() {}
