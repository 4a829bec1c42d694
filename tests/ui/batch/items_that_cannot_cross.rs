//! The items of a graph that works go to other threads.

use std::rc::Rc;

use ember::prelude::*;

#[operator]
fn count(shared: Rc<u32>) -> u32 {
    *shared
}

graph! {
    fn counted(shared: Rc<u32>) -> u32 {
        count(shared)
    }
}

fn main() {
    let _ = counted::batch([Rc::new(1)]).run();
}
