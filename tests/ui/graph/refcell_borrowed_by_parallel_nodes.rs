use ember::prelude::*;

use std::cell::RefCell;

#[operator]
fn note(log: &RefCell<Vec<String>>, line: &str) -> usize {
    log.borrow_mut().push(line.to_owned());
    log.borrow().len()
}

graph! {
    pub fn twice(log: &RefCell<Vec<String>>) -> usize {
        let a = note(log, "first");
        let b = note(log, "second");
        a + b
    }
}

fn main() {}
