//! Iterative solvers: bounded loops with mutable state, convergence as a node, a value from `break`.

use ember::prelude::*;
use ember_strangers::same_everywhere;

#[derive(Debug, Clone, PartialEq)]
struct State {
    x: Vec<f64>,
    step: usize,
}

#[derive(Debug, Clone, PartialEq)]
enum SolveError {
    Singular { row: usize },
}

impl std::fmt::Display for SolveError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self::Singular { row } = self;
        write!(f, "row {row} has no diagonal")
    }
}

impl std::error::Error for SolveError {}

type Matrix = [[f64; 3]; 3];

#[operator]
fn start(size: usize) -> State {
    State { x: vec![0.0; size], step: 0 }
}

#[operator]
fn row(matrix: &Matrix, rhs: &[f64; 3], x: &[f64], i: usize) -> Result<f64, SolveError> {
    let diagonal = matrix[i][i];
    if diagonal == 0.0 {
        return Err(SolveError::Singular { row: i });
    }
    let others: f64 = (0..3).filter(|&j| j != i).map(|j| matrix[i][j] * x[j]).sum();
    Ok((rhs[i] - others) / diagonal)
}

#[operator]
fn distance(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| (a - b).abs()).fold(0.0, f64::max)
}

#[operator]
fn converged(old: &State, new: &[f64], eps: f64) -> bool {
    old.x.iter().zip(new).all(|(a, b)| (a - b).abs() < eps)
}

graph! {
    /// Solves `matrix * x = rhs` by Jacobi's method.
    fn jacobi(matrix: &Matrix, rhs: &[f64; 3], eps: f64) -> Result<State, ember::Error> {
        let mut state = start(3);
        #[at_most(60)]
        let solution = loop {
            let next = for i in 0..3 { row(matrix, rhs, &state.x, i)? };
            let done = converged(&state, &next, eps);
            state = State { x: next, step: state.step + 1 };
            if done {
                break state;
            }
        };
        Ok(solution)
    }
}

fn jacobi_plain(matrix: &Matrix, rhs: &[f64; 3], eps: f64) -> Result<State, SolveError> {
    let mut state = start(3);
    loop {
        let mut next = Vec::new();
        for i in 0..3 {
            next.push(row(matrix, rhs, &state.x, i)?);
        }
        let done = converged(&state, &next, eps);
        state = State { x: next, step: state.step + 1 };
        if done {
            break Ok(state);
        }
    }
}

#[operator]
fn half(lo: f64, hi: f64) -> f64 {
    f64::midpoint(lo, hi)
}

#[operator]
fn value(f: impl Fn(f64) -> f64, x: f64) -> f64 {
    f(x)
}

#[operator]
fn close(lo: f64, hi: f64) -> bool {
    hi - lo < 1e-9
}

#[graph_fn]
/// The zero of `f` between `lo` and `hi`.
fn bisect<F: Fn(f64) -> f64 + Sync>(f: F, mut lo: f64, mut hi: f64) -> Result<f64, ember::Error> {
    #[at_most(80)]
    let root = loop {
        let mid = half(lo, hi);
        let [at_lo, at_mid] = [value(&f, lo), value(&f, mid)];
        if close(lo, hi) {
            break mid;
        }
        if at_lo * at_mid <= 0.0 {
            hi = mid;
        } else {
            lo = mid;
        }
    };
    Ok(root)
}

fn bisect_plain(f: impl Fn(f64) -> f64, mut lo: f64, mut hi: f64) -> f64 {
    loop {
        let mid = half(lo, hi);
        let [at_lo, at_mid] = [value(&f, lo), value(&f, mid)];
        if close(lo, hi) {
            break mid;
        }
        if at_lo * at_mid <= 0.0 {
            hi = mid;
        } else {
            lo = mid;
        }
    }
}

const MATRIX: Matrix = [[4.0, 1.0, 0.0], [1.0, 5.0, 2.0], [0.0, 2.0, 6.0]];

#[test]
fn jacobi_takes_the_same_steps() {
    let rhs = [1.0, 2.0, 3.0];
    let expected = jacobi_plain(&MATRIX, &rhs, 1e-9).expect("a regular matrix");
    assert!(expected.step > 5);
    same_everywhere(&expected, || jacobi(&MATRIX, &rhs, 1e-9).expect("a regular matrix"));
}

#[test]
fn a_failed_row_is_found_in_the_error() {
    let mut matrix = MATRIX;
    matrix[1][1] = 0.0;
    matrix[2][2] = 0.0;
    let expected = jacobi_plain(&matrix, &[1.0; 3], 1e-9).expect_err("a singular matrix");
    same_everywhere(&Some(expected), || {
        let error = jacobi(&matrix, &[1.0; 3], 1e-9).expect_err("a singular matrix");
        error.find::<SolveError>().cloned()
    });
}

#[test]
fn past_its_bound_a_loop_is_an_error() {
    let error = jacobi(&MATRIX, &[1.0; 3], 0.0).expect_err("never below zero");
    assert!(error.to_string().contains("60"), "{error}");
    assert_eq!(error.node(), "solution");
}

#[test]
fn bisection() {
    let f = |x: f64| x * x - 2.0;
    same_everywhere(&bisect_plain(f, 0.0, 2.0), || bisect(f, 0.0, 2.0).expect("within the bound"));
}
