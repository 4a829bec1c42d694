//! Operators and graphs of every kind of signature.
#![allow(clippy::elidable_lifetime_names, clippy::unnecessary_wraps, reason = "every kind of signature")]

use std::collections::HashMap;
use std::fmt::{Debug, Display};
use std::hash::Hash;
use std::sync::Mutex;

use ember::prelude::*;
use ember_tests::everywhere;

#[operator]
fn nothing() {}

#[operator]
const fn constant(n: u8) -> u8 {
    n + 1
}

#[operator]
fn by_pattern((a, b): (u8, u8), [c, d]: [u8; 2], Pair { left, right }: Pair) -> u8 {
    a + b + c + d + left + right
}

struct Pair {
    left: u8,
    right: u8,
}

#[operator]
fn mutable(mut items: Vec<u8>) -> Vec<u8> {
    items.push(9);
    items
}

#[operator]
fn by_trait(value: impl Display, f: impl Fn(u8) -> u8) -> String {
    format!("{value}{}", f(1))
}

#[operator]
fn returns_trait<'a>(items: &'a [u8]) -> impl Iterator<Item = u8> + Send + Sync + Clone + use<'a> {
    items.iter().map(|n| n * 2)
}

#[operator]
fn total(items: impl Iterator<Item = u8>) -> u8 {
    items.sum()
}

#[operator]
fn bounded<K, V>(pairs: &[(K, V)]) -> HashMap<K, V>
where
    K: Hash + Eq + Clone,
    V: Clone,
{
    pairs.iter().cloned().collect()
}

#[operator]
fn named<'a, 'b: 'a>(a: &'a str, b: &'b str) -> &'a str {
    if a.is_empty() { b } else { a }
}

#[operator]
fn array<const N: usize, T: Copy + Default>(value: T) -> [T; N] {
    [value; N]
}

#[operator]
fn dynamic(value: &(dyn Debug + Sync)) -> String {
    format!("{value:?}")
}

#[operator]
fn pointer(f: fn(u8) -> u8, n: u8) -> u8 {
    f(n)
}

#[operator]
fn fill(items: &mut Vec<u8>, n: u8) {
    items.push(n);
}

#[operator]
fn count(items: &[u8]) -> usize {
    items.len()
}

#[operator]
fn shared(items: &Mutex<Vec<u8>>, n: u8) {
    items.lock().unwrap().push(n);
}

#[operator]
fn ignoring(_: u8, _b: u8, cx: &Context, _: &str) -> usize {
    cx.correlation_id().len()
}

/// # Errors
///
/// Never.
#[operator]
#[must_use = "documented and attributed"]
#[inline]
#[doc(alias = "other")]
fn attributed(n: u8) -> Result<Option<u8>, std::convert::Infallible> {
    Ok(Some(n))
}

struct Model {
    weight: u8,
}

impl Model {
    #[operator]
    fn new(weight: u8) -> Self {
        Self { weight }
    }

    #[operator]
    fn double(weight: u8) -> u8 {
        weight * 2
    }

    #[operator(associated)]
    fn triple(weight: u8) -> u8 {
        weight * 3
    }

    #[operator]
    fn forward(&self, n: u8) -> u8 {
        n * self.weight
    }

    #[operator]
    fn into_weight(self) -> u8 {
        self.weight
    }

    #[operator]
    fn train(&mut self, n: u8) {
        self.weight += n;
    }
}

trait Encode {
    fn encode(&self, n: u8) -> String;
}

impl Encode for Model {
    #[operator]
    fn encode(&self, n: u8) -> String {
        format!("{}:{n}", self.weight)
    }
}

graph! {
    fn kinds(n: u8) -> (u8, u8, Vec<u8>, String, u8) {
        nothing();
        let a = constant(n);
        let b = by_pattern((a, 1), [2, 3], Pair { left: 4, right: 5 });
        let items = mutable(vec![a, b]);
        let shown = by_trait(a, |n| n + b);
        let doubled = returns_trait(&items);
        let sum = total(doubled.clone());
        (a, b, items.clone(), shown, sum)
    }

    fn by_reference(ref n: u8, ref mut items: Vec<u8>, pair @ (left, _): (u8, u8)) -> (usize, u8) {
        fill(items, *n);
        let many = count(items);
        (many, left + pair.1)
    }

    fn functions(n: u8) -> (u8, usize) {
        let a = pointer(constant, n);
        let b = ignoring(a, 2, "text");
        (a, b)
    }

    fn exclusive(n: u8) -> (Vec<u8>, usize, usize) {
        let mut items = { Vec::new() };
        fill(&mut items, n);
        let before = count(&items);
        fill(&mut items, n + 1);
        let after = count(&items);
        (items, before, after)
    }

    fn interior(items: &Mutex<Vec<u8>>) -> usize {
        shared(items, 1);
        shared(items, 2);
        let n = constant(3);
        let m = { items.lock().unwrap().len() };
        m + usize::from(n)
    }

    fn fallible(n: u8) -> Result<u8, ember::Error> {
        let value = attributed(n)?;
        let known = { value.unwrap_or_default() };
        Ok(known)
    }

    fn methods(n: u8) -> (u8, u8, String, u8) {
        let model = Model::new(n);
        let a = model.forward(2);
        let b = model.forward(3);
        let c = model.encode(a);
        let d = model.into_weight();
        let e = Model::double(d) + Model::triple(0);
        (a, b, c, e)
    }

    fn training(n: u8) -> u8 {
        let mut model = Model::new(n);
        model.train(1);
        let a = model.forward(1);
        model.train(2);
        let b = model.forward(1);
        a * 10 + b
    }

    fn generics<'a, K, V>(pairs: &[(K, V)], a: &'a str, b: &'a str) -> (usize, &'a str, [u8; 3], String)
    where
        K: Hash + Eq + Clone + Send + Sync,
        V: Clone + Send + Sync,
    {
        let map = bounded(pairs);
        let first = named(a, b);
        let filled = array::<3, u8>(7);
        let shown = dynamic(&filled);
        (map.len(), first, filled, shown)
    }
}

#[test]
fn r03_operators_of_every_kind_are_nodes() {
    everywhere(|_| {
        assert_eq!(kinds(1), (2, 17, vec![2, 17, 9], "218".to_owned(), 56));
        assert_eq!(
            generics(&[("a", 1), ("b", 2), ("a", 3)], "", "x"),
            (2, "x", [7; 3], "[7, 7, 7]".to_owned())
        );
        assert_eq!(functions(1), (2, Context::current().correlation_id().len()));
        assert_eq!(fallible(3).unwrap(), 3);
    });
}

#[test]
fn r03_methods_are_nodes() {
    everywhere(|_| {
        assert_eq!(methods(5), (10, 15, "5:10".to_owned(), 10));
        assert_eq!(training(1), 24);
    });
}

#[test]
fn r03_exclusive_references_keep_the_order_of_the_source() {
    everywhere(|_| {
        assert_eq!(exclusive(1), (vec![1, 2], 1, 2));
    });
}

#[test]
fn r03_shared_state_is_reached_by_all() {
    everywhere(|_| {
        let items = Mutex::default();
        // The last line does not depend on the first two: it may run before, between or after them.
        let sum = interior(&items);
        assert!((4..=6).contains(&sum), "{sum}");
        let mut items = items.into_inner().unwrap();
        items.sort_unstable();
        assert_eq!(items, [1, 2]);
    });
}

#[test]
fn parameters_may_be_bound_by_reference() {
    assert_eq!(by_reference(1, vec![2], (3, 4)), (2, 7));
}
