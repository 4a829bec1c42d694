//! A graph may end in a panic, and the compiler has nothing to say about it.
#![deny(warnings)]

use ember::prelude::*;
use ember_tests::{everywhere, message_of};

#[operator]
fn one(n: u8) -> u8 {
    n + 1
}

graph! {
    fn never(n: u8) -> u8 {
        let m = one(n);
        panic!("{m} on purpose")
    }
}

#[test]
fn a_graph_may_end_in_a_panic() {
    everywhere(|_| assert!(message_of(|| never(1)).contains("2 on purpose")));
}
