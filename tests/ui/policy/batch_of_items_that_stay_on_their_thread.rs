//! An item of a batch cannot go to the thread that makes the call.

use std::rc::Rc;

use ember::prelude::*;

#[operator(batch(max = 64))]
fn embed(texts: &[Rc<String>]) -> Vec<usize> {
    texts.iter().map(|text| text.len()).collect()
}

fn main() {}
