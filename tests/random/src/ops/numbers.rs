//! Operators on numbers and lists of numbers: copied, borrowed, changed in place, generic over a length.

use std::fmt;

use ember::operator;

/// Numbers stay below this prime, so that no sum or product of a graph overflows.
const FIELD: usize = 997;

/// What sort of number it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Below ten.
    Small,
    /// An odd one.
    Odd(usize),
    /// Any other, with its name.
    Named {
        /// The number as a text.
        name: String,
        /// The number.
        size: usize,
    },
}

/// A number out of nothing.
#[operator]
pub fn origin() -> usize {
    11
}

/// Not symmetric, so that exchanged arguments show.
#[operator]
pub fn add(a: usize, b: usize) -> usize {
    (a % FIELD * 3 + b) % FIELD
}

/// Three numbers into one.
#[operator]
pub fn blend(a: usize, b: usize, c: usize) -> usize {
    (a % FIELD * 5 + b % FIELD * 3 + c) % FIELD
}

/// A number through a reference.
#[operator]
pub fn bump(n: &usize) -> usize {
    (n + 5) % FIELD
}

/// Whether it is odd.
#[operator]
pub fn odd(n: usize) -> bool {
    n % 2 == 1
}

/// Whether a list is short.
#[operator]
pub fn small(numbers: &[usize]) -> bool {
    numbers.len() < 3
}

/// Whether a loop may end.
#[operator]
pub fn done(turn: usize, last: usize) -> bool {
    turn >= last
}

/// A short list.
#[operator]
pub fn ladder(n: usize) -> Vec<usize> {
    (0..n % 4).map(|step| (n + step) % FIELD).collect()
}

/// The sum of a list.
#[operator]
pub fn total(numbers: &[usize]) -> usize {
    numbers.iter().fold(1, |sum, n| (sum * 2 + n) % FIELD)
}

/// Takes a list and leaves its length and first number.
#[operator]
pub fn spend(numbers: Vec<usize>) -> usize {
    numbers.len() * 10 + numbers.first().copied().unwrap_or_default() % FIELD
}

/// Takes a list and gives a longer one.
#[operator]
pub fn grow(mut numbers: Vec<usize>) -> Vec<usize> {
    numbers.push(numbers.len());
    numbers
}

/// Changes a list in place and gives nothing.
#[operator]
pub fn push(numbers: &mut Vec<usize>, n: usize) {
    numbers.push(n % FIELD);
}

/// Changes a list in place and gives its length.
#[operator]
pub fn append(numbers: &mut Vec<usize>, n: usize) -> usize {
    numbers.push((n + 1) % FIELD);
    numbers.len()
}

/// An array.
#[operator]
pub fn triple(n: usize) -> [usize; 3] {
    [n % FIELD, (n + 1) % FIELD, n * 2 % FIELD]
}

/// The sum of an array of any length.
#[operator]
pub fn sum_of<const N: usize>(numbers: [usize; N]) -> usize {
    numbers.iter().fold(N, |sum, n| (sum + n) % FIELD)
}

/// The number as often as the caller's type says.
#[operator]
pub fn times<const N: usize>(n: usize) -> [usize; N] {
    [n % FIELD; N]
}

/// Calls what it is given.
#[operator]
pub fn apply(f: impl Fn(usize) -> usize, n: usize) -> usize {
    f(n % FIELD) % FIELD
}

/// Half of an even number.
#[operator]
pub fn half(n: usize) -> Option<usize> {
    n.is_multiple_of(2).then_some(n / 2)
}

/// The sort of a number.
#[operator]
pub fn kind(n: usize) -> Kind {
    match n % FIELD {
        small if small < 10 => Kind::Small,
        odd if odd % 2 == 1 => Kind::Odd(odd),
        size => Kind::Named { name: format!("n{size}"), size },
    }
}

/// Passes most numbers on.
///
/// # Errors
/// One number in seven is refused, without a reason.
#[operator]
pub fn check(n: usize) -> Result<usize, fmt::Error> {
    if n % 7 == 6 { Err(fmt::Error) } else { Ok(n + 1) }
}

/// Gives nothing but its consent.
///
/// # Errors
/// One number in eleven is refused, with a text as the error.
#[operator]
pub fn verify(n: usize) -> Result<(), String> {
    if n % 11 == 10 { Err(format!("{n} is not verified")) } else { Ok(()) }
}
