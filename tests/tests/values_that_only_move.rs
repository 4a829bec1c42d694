//! What parallel nodes make and one later line takes need not be `Sync`.

use std::cell::{Cell, RefCell};

use ember::prelude::*;
use ember_tests::everywhere;

#[operator]
fn start(n: u32) -> Cell<u32> {
    Cell::new(n)
}

#[operator]
fn collect(n: u32) -> RefCell<Vec<u32>> {
    RefCell::new((0..n).collect())
}

#[operator]
fn join(left: Cell<u32>, right: Cell<u32>) -> u32 {
    left.into_inner() + right.into_inner()
}

#[operator]
fn words(text: &str) -> RefCell<Vec<&str>> {
    RefCell::new(text.split(' ').collect())
}

#[operator]
fn length(text: String) -> usize {
    text.into_bytes().len()
}

#[operator]
fn text(n: u32) -> Result<String, std::fmt::Error> {
    if n == 0 { Err(std::fmt::Error) } else { Ok("a b c".to_owned()) }
}

graph! {
    fn by_an_operator(a: u32) -> u32 {
        let left = start(a);
        let right = start(a + 1);
        let n = join(left, right);
        n
    }

    fn by_glue(a: u32) -> (u32, Vec<u32>) {
        let one = start(a);
        let all = collect(a);
        (one.into_inner(), RefCell::into_inner(all))
    }

    fn by_parallel_nodes(a: u32) -> u32 {
        let first = start(a);
        let second = start(a);
        let third = start(a);
        let fourth = start(a);
        let front = join(first, second);
        let back = join(third, fourth);
        front + back
    }

    fn in_items(a: u32) -> Vec<u32> {
        for i in 0..a {
            let left = start(i);
            let right = start(a);
            join(left, right)
        }
    }

    fn in_an_arm(a: u32) -> u32 {
        if a > 1 {
            let left = start(a);
            let right = start(a);
            join(left, right)
        } else {
            0
        }
    }

    /// What it borrows is free again when it is gone.
    fn of_borrows(n: u32) -> Result<(usize, usize), ember::Error> {
        let whole = text(n)?;
        let other = text(n)?;
        let parts = words(&whole);
        let more = words(&other);
        let count = { parts.into_inner().len() + more.into_inner().len() };
        let size = length(whole);
        Ok((count, size + other.len()))
    }
}

#[test]
fn what_is_only_moved_need_not_be_sync() {
    everywhere(|_| {
        assert_eq!(by_an_operator(3), 7);
        assert_eq!(by_glue(2), (2, vec![0, 1]));
        assert_eq!(by_parallel_nodes(2), 8);
        assert_eq!(in_items(3), [3, 4, 5]);
        assert_eq!(in_an_arm(2), 4);
        assert_eq!(of_borrows(1).unwrap(), (6, 10));
        assert!(of_borrows(0).is_err());
    });
}
