//! A `where` clause may end in a comma, and further graphs may follow.
#![allow(unused_braces, reason = "braces that are no body are what is tested")]

use ember::prelude::*;
use ember_tests::everywhere;

#[operator]
fn count<T>(items: &[T]) -> usize
where
    T: Sync,
{
    items.len()
}

#[operator]
fn filled<const N: usize>(n: u8) -> [u8; N] {
    [n; N]
}

graph! {
    fn first<T>(items: &[T]) -> usize
    where
        T: Sync,
    {
        let a = count(items);
        let b = count(items);
        a + b
    }

    fn second() -> [u8; { 1 + 1 }] {
        let a = filled::<{ 1 + 1 }>(1);
        a
    }

    fn third<const N: usize>(items: [u8; N]) -> usize where [u8; N]: Sized, Wrap<{ 1 + 1 }>: Sized, {
        count(&items)
    }
}

struct Wrap<const N: usize>;

#[test]
fn where_clauses_and_constants_in_types_are_no_bodies() {
    everywhere(|_| {
        assert_eq!(first(&[1, 2]), 4);
        assert_eq!(second(), [1, 1]);
        assert_eq!(third([1, 2, 3]), 3);
    });
}
