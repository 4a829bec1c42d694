//! Values pass edges as they are: enums, options, tuples, arrays, slices, generics and borrowed types.
#![allow(clippy::unnecessary_wraps, clippy::ptr_arg, clippy::float_cmp, reason = "every kind of value")]

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt::Debug;

use ember::prelude::*;
use ember_tests::everywhere;

#[derive(Clone, Debug, PartialEq)]
enum Shape {
    Dot,
    Line(f64),
    Box { width: f64, height: f64 },
}

#[operator]
fn shape(kind: u8) -> Shape {
    match kind {
        0 => Shape::Dot,
        1 => Shape::Line(2.0),
        _ => Shape::Box { width: 2.0, height: 3.0 },
    }
}

#[operator]
fn area(shape: &Shape) -> f64 {
    match shape {
        Shape::Dot | Shape::Line(_) => 0.0,
        Shape::Box { width, height } => width * height,
    }
}

#[operator]
fn same<T>(value: T) -> T {
    value
}

#[operator]
fn maybe(text: &str) -> Option<&str> {
    (!text.is_empty()).then_some(text)
}

#[operator]
fn or_none(text: Option<&str>) -> &str {
    text.unwrap_or("none")
}

#[operator]
fn nest(text: Option<&str>) -> Option<Result<Vec<&str>, u8>> {
    Some(text.map(|text| text.chars().map(|_| text).collect()).ok_or(7))
}

#[operator]
fn unnest(nested: Option<Result<Vec<&str>, u8>>) -> usize {
    nested.map_or(0, |inner| inner.map_or(100, |items| items.len()))
}

#[operator]
fn swap<A, B>((a, b): (A, B)) -> (B, A) {
    (b, a)
}

#[operator]
fn mirror<const N: usize>(mut array: [u16; N]) -> [u16; N] {
    array.reverse();
    array
}

#[operator]
fn middle(items: &[u16]) -> &[u16] {
    &items[1..items.len() - 1]
}

#[operator]
fn sum(items: &[u16]) -> u16 {
    items.iter().sum()
}

#[operator]
fn count<T: Ord + Clone>(items: &[T]) -> BTreeMap<T, usize> {
    let mut map = BTreeMap::new();
    for item in items {
        *map.entry(item.clone()).or_default() += 1;
    }
    map
}

#[operator]
fn show<K: Debug, V: Debug>(map: &BTreeMap<K, V>) -> String {
    format!("{map:?}")
}

#[operator]
fn trim(text: &str) -> Cow<'_, str> {
    let trimmed = text.trim();
    if trimmed.contains(' ') { Cow::Owned(trimmed.replace(' ', "_")) } else { Cow::Borrowed(trimmed) }
}

#[operator]
fn is_borrowed(text: &Cow<'_, str>) -> bool {
    matches!(text, Cow::Borrowed(_))
}

#[operator]
fn longer<'a>(a: &'a str, b: &'a str) -> &'a str {
    if b.len() > a.len() { b } else { a }
}

#[operator]
fn boxed(n: u32) -> Box<dyn Fn(u32) -> u32 + Send + Sync> {
    Box::new(move |x| x + n)
}

#[operator]
fn apply(f: &(dyn Fn(u32) -> u32 + Send + Sync), x: u32) -> u32 {
    f(x)
}

graph! {
    fn enums(kind: u8) -> (f64, Shape) {
        let figure = shape(kind);
        let size = area(&figure);
        let copy = same::<Shape>(figure.clone());
        (size, copy)
    }

    fn options(text: &str) -> (usize, String) {
        let some = maybe(text);
        let nested = nest(some);
        let count = unnest(nested);
        let word = or_none(some);
        (count, word.to_owned())
    }

    fn tuples(a: u8, b: &str) -> ((&str, u8), (u8, &str)) {
        let (first, second) = swap((a, b));
        let back = swap((first, second));
        ((first, second), back)
    }

    fn arrays(a: u16) -> (u16, u16, [u16; 4]) {
        let array = mirror([a, a + 1, a + 2, a + 3]);
        let part = middle(&array);
        let inner = sum(part);
        let whole = sum(&array);
        (inner, whole, array)
    }

    fn generics<T: Ord + Clone + Debug + Send + Sync>(items: &[T]) -> (String, usize) {
        let counts = count(items);
        let text = show(&counts);
        let size = counts.len();
        (text, size)
    }

    fn borrowed(a: &str, b: &str) -> (bool, bool, String) {
        let one = trim(a);
        let two = trim(b);
        let first = is_borrowed(&one);
        let second = is_borrowed(&two);
        let longest = longer(&one, &two);
        (first, second, longest.to_owned())
    }

    fn functions(n: u32) -> (u32, u32) {
        let f = boxed(n);
        let g = boxed(n * 2);
        let a = apply(&*f, 1);
        let b = apply(&*g, a);
        (a, b)
    }
}

#[test]
fn r11_enums_pass_unchanged() {
    everywhere(|_| {
        assert_eq!(enums(0), (0.0, Shape::Dot));
        assert_eq!(enums(1), (0.0, Shape::Line(2.0)));
        assert_eq!(enums(2), (6.0, Shape::Box { width: 2.0, height: 3.0 }));
    });
}

#[test]
fn r09_options_are_values_and_are_not_coerced() {
    everywhere(|_| {
        assert_eq!(options("abc"), (3, "abc".to_owned()));
        assert_eq!(options(""), (100, "none".to_owned()));
    });
}

#[test]
fn r08_every_argument_reaches_its_parameter() {
    everywhere(|_| assert_eq!(tuples(1, "x"), (("x", 1), (1, "x"))));
}

#[test]
fn r11_arrays_and_slices_pass_unchanged() {
    everywhere(|_| assert_eq!(arrays(1), (5, 10, [4, 3, 2, 1])));
}

#[test]
fn r11_generics_pass_unchanged() {
    everywhere(|_| {
        assert_eq!(generics(&["b", "a", "b"]), (r#"{"a": 1, "b": 2}"#.to_owned(), 2));
        assert_eq!(generics::<u8>(&[]), ("{}".to_owned(), 0));
    });
}

#[test]
fn r11_borrowed_types_pass_unchanged_and_borrow_from_the_input() {
    everywhere(|_| assert_eq!(borrowed(" a ", " b c "), (true, false, "b_c".to_owned())));
}

#[test]
fn r03_a_graph_is_an_ordinary_function_value() {
    let as_function: fn(u8) -> (f64, Shape) = enums;
    everywhere(|_| assert_eq!(as_function(0), enums(0)));
}

#[test]
fn r11_boxed_functions_pass_unchanged() {
    everywhere(|_| assert_eq!(functions(3), (4, 10)));
}
