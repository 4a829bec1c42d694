use ember::prelude::*;

use std::rc::Rc;

#[operator]
fn share(n: u32) -> Rc<u32> {
    Rc::new(n)
}

#[operator]
fn join(left: Rc<u32>, right: Rc<u32>) -> u32 {
    *left + *right
}

graph! {
    pub fn sum(a: u32) -> u32 {
        let left = share(a);
        let right = share(a);
        let n = join(left, right);
        n
    }
}

fn main() {}
