//! Runs a graph and its plain twin on the same input and says where they differ.

use std::error::Error;
use std::fmt::Debug;

use crate::generate::BOUNDS;
use crate::ops::Tally;

/// The error of a plain function: whatever `?` finds.
pub type Failure = Box<dyn Error + Send + Sync>;

/// With which text a plain function fails when a `loop` passes its bound. Ember has an error of its own for it.
pub const PAST_BOUND: &str = "the loop passed its bound";

/// What a run gave: the value's `Debug` text, or the text of the error's root cause.
pub type Outcome = Result<String, String>;

/// The parameters that a graph can have.
#[derive(Clone, Debug)]
pub struct Input {
    /// Text.
    pub p: String,
    /// Another text.
    pub q: String,
    /// A number.
    pub n: usize,
    /// Numbers.
    pub xs: Vec<usize>,
    /// What this run makes, drops and marks.
    pub tally: Tally,
}

impl Input {
    /// The same for a run of its own.
    #[must_use]
    pub fn anew(&self) -> Self {
        Self { tally: Tally::default(), ..self.clone() }
    }
}

/// A graph and its twin.
#[derive(Clone, Copy)]
pub struct Case {
    /// The seed that makes it.
    pub seed: u64,
    /// Its name in the source.
    pub name: &'static str,
    /// Its text, and that of the graphs inside it.
    pub source: &'static str,
    /// Pairs of marks of which the first is set before the second.
    pub orders: &'static [(usize, usize)],
    /// Runs the plain function.
    pub plain: fn(&Input) -> Outcome,
    /// Runs the graph.
    pub graph: fn(&Input) -> Outcome,
}

/// The outcome of what cannot fail.
///
/// # Errors
/// None; it stands beside [`result`].
pub fn value<T: Debug>(value: T) -> Outcome {
    Ok(format!("{value:?}"))
}

/// The outcome of what can.
///
/// # Errors
/// The text of the root cause, where the run failed.
pub fn result<T: Debug, E: Into<Failure>>(result: Result<T, E>) -> Outcome {
    match result {
        Ok(value) => Ok(format!("{value:?}")),
        Err(error) => {
            let failure: Failure = error.into();
            let mut root: &(dyn Error + 'static) = &*failure;
            while let Some(source) = root.source() {
                root = source;
            }
            Err(root.to_string())
        }
    }
}

/// Inputs on which the graphs take different branches and fail at different nodes.
pub fn inputs() -> Vec<Input> {
    let input = |p: &str, q: &str, n, xs: &[usize]| Input {
        p: p.into(),
        q: q.into(),
        n,
        xs: xs.into(),
        tally: Tally::default(),
    };
    vec![
        input("one two three", "alpha be", 4, &[1, 2, 3]),
        input("", "x", 0, &[]),
        input("17", " 8 9", 6, &[5]),
        input("the quick brown fox jumps over it", "42", 25, &[9, 8, 7, 6]),
    ]
}

/// What is wrong with the drops of a run: each of its values is dropped once.
pub fn wrong_drops(tally: &Tally) -> Option<String> {
    let (value, drops) = tally.not_once()?;
    let (made, dropped) = (tally.made(), tally.dropped());
    Some(format!("made {made} values and dropped {dropped}, and the value {value} {drops} times"))
}

/// How many items of a `for` may be under way: its number says so.
const fn bound_of(each: usize) -> usize {
    each % BOUNDS
}

/// An outcome for people: its texts are escaped once, not twice.
fn told(outcome: &Outcome) -> String {
    match outcome {
        Ok(text) => format!("gives {text}"),
        Err(text) => format!("fails: {text}"),
    }
}

impl Case {
    /// Runs both on an input; `within` runs the graph as the test wants it run. Gives what differs.
    ///
    /// # Errors
    /// What differs, with the source.
    pub fn check(
        &self,
        input: &Input,
        within: impl FnOnce(&(dyn Fn() -> Outcome + Sync)) -> Outcome,
    ) -> Result<(), String> {
        self.compare(input, |input| within(&|| (self.graph)(input)))
    }

    /// Runs the plain function and something that stands for the graph. Gives what differs.
    ///
    /// # Errors
    /// What differs, with the source.
    pub fn compare(&self, input: &Input, run: impl FnOnce(&Input) -> Outcome) -> Result<(), String> {
        self.compare_with(input, self.plain, run)
    }

    /// Runs something that stands for the plain function, and something that stands for the graph. Gives what differs.
    ///
    /// # Errors
    /// What differs, with the source.
    pub fn compare_with(
        &self,
        input: &Input,
        plain: impl FnOnce(&Input) -> Outcome,
        run: impl FnOnce(&Input) -> Outcome,
    ) -> Result<(), String> {
        let (for_plain, for_graph) = (input.anew(), input.anew());
        let plain = plain(&for_plain);
        let graph = run(&for_graph);
        let says = |what: String| {
            Err(format!(
                "{} of seed {} {what}\n  input: p = {:?}, q = {:?}, n = {}, xs = {:?}\n{}",
                self.name, self.seed, input.p, input.q, input.n, input.xs, self.source
            ))
        };
        if plain != graph && !Self::passed_bound(&plain, &graph) {
            return says(format!("differs\n  plain {}\n  graph {}", told(&plain), told(&graph)));
        }
        for (tally, which) in [(&for_plain.tally, "plain"), (&for_graph.tally, "graph")] {
            if let Some(what) = wrong_drops(tally) {
                return says(format!("({which}) {what}"));
            }
        }
        for (each, most) in for_graph.tally.items() {
            let bound = bound_of(each);
            if most > bound {
                return says(format!("had {most} items of a `for` under way, and not {bound} at most"));
            }
        }
        match self.wrong_marks(&for_plain.tally, &for_graph.tally, plain.is_ok()) {
            Some(what) => says(what),
            None => Ok(()),
        }
    }

    /// Whether a `loop` passed its bound in both.
    pub(crate) fn passed_bound(plain: &Outcome, graph: &Outcome) -> bool {
        plain.as_ref().is_err_and(|text| text == PAST_BOUND) && graph.is_err()
    }

    /// Every node ran as often as in the plain function and in the order that was asked for. After a failure,
    /// what stands before it in the source ran all the same, and what stands after it may have.
    fn wrong_marks(&self, plain: &Tally, graph: &Tally, whole: bool) -> Option<String> {
        let (wanted, set) = (plain.marks(), graph.marks());
        let count = |marks: &[usize], mark: usize| marks.iter().filter(|other| **other == mark).count();
        if whole && plain.made() != graph.made() {
            return Some(format!("made {} values instead of {}", graph.made(), plain.made()));
        }
        let missing = wanted.iter().any(|mark| count(&wanted, *mark) > count(&set, *mark));
        if missing || (whole && wanted.len() != set.len()) {
            return Some(format!("set the marks {set:?} instead of {wanted:?}"));
        }
        let last = |mark: usize| set.iter().rposition(|other| *other == mark);
        let first = |mark: usize| set.iter().position(|other| *other == mark);
        self.orders.iter().find_map(|(before, after)| {
            let wrong = first(*after)? < last(*before)?;
            wrong.then(|| format!("set the mark {after} before {before}: {set:?}"))
        })
    }
}
