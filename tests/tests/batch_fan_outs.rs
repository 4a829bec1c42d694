//! A `for` whose body is the call of a batch operator hands over whole lots.
#![allow(clippy::unnecessary_wraps, reason = "the operators are as plain as can be")]

use std::sync::Mutex;

use ember::policy::WrongCount;
use ember::prelude::*;

#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[error("{0} is odd")]
struct Odd(u32);

/// The sizes of the calls that were made in a context.
static CALLS: Mutex<Vec<(String, usize)>> = Mutex::new(Vec::new());

fn note(size: usize) {
    CALLS.lock().unwrap().push((Context::current().correlation_id().to_owned(), size));
}

/// Runs something under each strategy, and gives its value and the sizes of its calls.
fn under_each<T>(run: impl Fn() -> T) -> Vec<(T, Vec<usize>)> {
    [Strategy::Sequential, Strategy::Parallel, Strategy::Auto]
        .map(|strategy| {
            let cx = Context::builder().strategy(strategy).build();
            let value = cx.scope(&run);
            let mut calls = CALLS.lock().unwrap();
            let of_run = calls.extract_if(.., |call| call.0 == cx.correlation_id());
            let mut sizes: Vec<usize> = of_run.map(|call| call.1).collect();
            sizes.sort_unstable();
            (value, sizes)
        })
        .into()
}

// A minute would be seen.
#[operator(batch(max = 64, wait = "60s"))]
fn half(numbers: &[u32]) -> Vec<Result<u32, Odd>> {
    note(numbers.len());
    numbers.iter().map(|n| if n % 2 == 0 { Ok(n / 2) } else { Err(Odd(*n)) }).collect()
}

graph! {
    fn halves(numbers: Vec<u32>) -> Result<Vec<u32>, ember::Error> {
        let halves = for n in numbers { half(n)? };
        Ok(halves)
    }

    fn each(numbers: &[u32]) -> Vec<bool> {
        let halves = for n in numbers { half(*n) };
        halves.iter().map(Result::is_ok).collect()
    }

    fn checked(numbers: &[u32]) -> Result<(), ember::Error> {
        for n in numbers {
            half(*n)?;
        }
        Ok(())
    }
}

#[test]
fn r10_a_for_hands_over_whole_lots_under_any_strategy() {
    for (halves, sizes) in under_each(|| halves((0..300).map(|n| 2 * n).collect())) {
        assert_eq!(halves.unwrap(), (0..300).collect::<Vec<_>>());
        assert_eq!(sizes, [44, 64, 64, 64, 64]);
    }
    for (checked, sizes) in under_each(|| checked(&[2; 65])) {
        assert!(checked.is_ok());
        assert_eq!(sizes, [1, 64]);
    }
    for (nothing, sizes) in under_each(|| halves(Vec::new())) {
        assert_eq!((nothing.unwrap(), sizes), (Vec::new(), Vec::new()));
    }
}

#[test]
fn r33_a_failure_of_an_item_is_its_own_in_a_for() {
    for (each, sizes) in under_each(|| each(&[2, 3, 4, 5])) {
        assert_eq!(each, [true, false, true, false]);
        assert_eq!(sizes, [4]);
    }
}

#[test]
fn r10_the_first_failure_of_a_lot_is_that_of_the_run() {
    let numbers: Vec<u32> = (0..100).map(|n| if n % 50 == 33 { 7 } else { 2 }).collect();
    for (halves, _) in under_each(|| halves(numbers.clone())) {
        let failed = halves.unwrap_err();
        assert_eq!(failed.find::<Odd>(), Some(&Odd(7)));
        assert_eq!((failed.node(), failed.operator()), ("halves[33]", "half"));
    }
}

#[operator(batch(max = 8, wait = "60s"))]
fn all_but_one(numbers: Vec<u32>) -> Vec<u32> {
    numbers.into_iter().skip(1).collect()
}

#[operator(batch(max = 8, wait = "60s"))]
fn breaks(numbers: Vec<u32>) -> Vec<u32> {
    assert!(!numbers.contains(&5), "five");
    numbers
}

graph! {
    fn one_short(numbers: Vec<u32>) -> Result<Vec<u32>, ember::Error> {
        let numbers = for n in numbers { all_but_one(n)? };
        Ok(numbers)
    }

    fn broken(numbers: Vec<u32>) -> Result<Vec<u32>, ember::Error> {
        let numbers = for n in numbers { breaks(n)? };
        Ok(numbers)
    }
}

#[test]
fn r10_a_wrong_number_of_results_names_both_counts() {
    for (numbers, _) in under_each(|| one_short(vec![1, 2, 3])) {
        let failed = numbers.unwrap_err();
        let count = failed.find::<WrongCount>().unwrap();
        assert_eq!((count.items, count.results), (3, 2));
        assert_eq!(failed.node(), "numbers[0]");
    }
}

#[test]
fn r10_a_panic_of_a_lot_is_that_of_its_items() {
    for (numbers, _) in under_each(|| broken((0..20).collect())) {
        let failed = numbers.unwrap_err();
        assert!(failed.is_panic());
        assert_eq!(failed.node(), "numbers[0]");
    }
    for (numbers, _) in under_each(|| broken((6..20).collect())) {
        assert_eq!(numbers.unwrap(), (6..20).collect::<Vec<_>>());
    }
}

#[operator(batch(max = 64, wait = "60s", key = |by| *by))]
fn multiply(numbers: &[u32], by: u32) -> Result<Vec<u32>, Odd> {
    note(numbers.len());
    Ok(numbers.iter().map(|n| n * by).collect())
}

graph! {
    fn multiples(numbers: &[u32]) -> Result<Vec<u32>, ember::Error> {
        let multiples = for (i, n) in numbers.iter().enumerate() { multiply(*n, if i % 3 == 0 { 10 } else { 100 })? };
        Ok(multiples)
    }
}

#[test]
fn r10_only_items_of_one_key_share_a_call() {
    for (multiples, sizes) in under_each(|| multiples(&[1, 2, 3, 4, 5])) {
        assert_eq!(multiples.unwrap(), [10, 200, 300, 40, 500]);
        assert_eq!(sizes, [2, 3]);
    }
}
