//! What becomes of nodes beside one that fails, panics or cancels the run, wherever it stands, when they are polled for the first
//! time and later: those behind it do not start, or do not go on; those before it do.

use std::cell::{Cell, RefCell};
use std::future::{poll_fn, ready};
use std::pin::pin;
use std::task::{Poll, Waker};

use ember::prelude::*;

/// What one node does in one of its polls.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Does {
    Fails,
    Panics,
    Cancels,
}

thread_local! {
    static PLAN: Cell<(usize, u32, Option<Does>)> = const { Cell::new((0, 0, None)) };
    /// How often each node was polled, and which of them are alive.
    static POLLS: RefCell<Vec<u32>> = const { RefCell::new(Vec::new()) };
    static ALIVE: Cell<usize> = const { Cell::new(0) };
}

/// Counts what is alive of a node: what it holds while it waits, and its value.
#[derive(Debug)]
struct Alive(usize);

impl Alive {
    fn new(n: usize) -> Self {
        ALIVE.set(ALIVE.get() + 1);
        Self(n)
    }
}

impl Drop for Alive {
    fn drop(&mut self) {
        ALIVE.set(ALIVE.get() - 1);
    }
}

/// Is ready in its third poll.
#[operator]
async fn node(cx: &Context, n: usize) -> Result<Alive, String> {
    let alive = Alive::new(n);
    let mut polls = 0;
    poll_fn(|task| {
        polls += 1;
        POLLS.with_borrow_mut(|all| all[n] = polls);
        let (place, poll, does) = PLAN.get();
        if (place, poll) == (n, polls) {
            match does {
                Some(Does::Fails) => return Poll::Ready(Err(format!("node {n}"))),
                Some(Does::Panics) => panic!("node {n}"),
                Some(Does::Cancels) => cx.cancel(),
                None => {}
            }
        }
        if polls == 3 {
            return Poll::Ready(Ok(()));
        }
        task.waker().wake_by_ref();
        Poll::Pending
    })
    .await?;
    Ok(alive)
}

/// Fails at once.
#[operator]
async fn failing(before: &Alive) -> Result<(), String> {
    ready(Err(format!("behind {}", before.0))).await
}

/// Is ready at once.
#[operator]
async fn at_once(n: usize) -> Alive {
    ready(Alive::new(n)).await
}

graph! {
    /// The first and the last node are of one task.
    async fn interleaved() -> Result<usize, ember::Error> {
        let a = at_once(1).await;
        let b = node(0).await?;
        failing(&a).await?;
        Ok(b.0)
    }
}

graph! {
    /// The iterator of the first node panics, while its first item waits.
    async fn behind_a_for() -> Result<usize, ember::Error> {
        let all = for n in (0..2).inspect(|n| assert!(*n < 1, "on purpose")) { node(n).await? };
        let last = node(2).await?;
        Ok(all.len() + last.0)
    }
}

/// Panics when it is dropped.
struct Bomb;

impl Drop for Bomb {
    fn drop(&mut self) {
        panic!("dropped");
    }
}

#[operator]
async fn beside(_bomb: &Bomb, polls: usize) -> Result<usize, ember::Error> {
    let mut left = polls;
    poll_fn(|task| {
        if left == 0 {
            return Poll::Ready(());
        }
        left -= 1;
        task.waker().wake_by_ref();
        Poll::Pending
    })
    .await;
    Ok(polls)
}

#[operator]
async fn last(_bomb: &Bomb, polls: usize) -> Result<usize, ember::Error> {
    ready(Ok(polls)).await
}

graph! {
    /// An item drops its value when its nodes have ended.
    async fn dropping(bombs: Vec<Bomb>, polls: usize) -> Result<usize, ember::Error> {
        for bomb in bombs { beside(&bomb, polls).await?; last(&bomb, polls).await?; }
        Ok(polls)
    }
}

macro_rules! side_by_side {
    ($graph:ident: $($name:ident $n:literal)*) => {
        graph! {
            async fn $graph() -> Result<usize, ember::Error> {
                $(let $name = node($n).await?;)*
                Ok(0 $(+ $name.0)*)
            }
        }
    };
}

side_by_side!(five: n0 0 n1 1 n2 2 n3 3 n4 4);
side_by_side!(seventy: n0 0 n1 1 n2 2 n3 3 n4 4 n5 5 n6 6 n7 7 n8 8 n9 9 n10 10 n11 11 n12 12 n13 13 n14 14 n15 15 n16 16 n17 17
    n18 18 n19 19 n20 20 n21 21 n22 22 n23 23 n24 24 n25 25 n26 26 n27 27 n28 28 n29 29 n30 30 n31 31 n32 32 n33 33 n34 34 n35 35
    n36 36 n37 37 n38 38 n39 39 n40 40 n41 41 n42 42 n43 43 n44 44 n45 45 n46 46 n47 47 n48 48 n49 49 n50 50 n51 51 n52 52
    n53 53 n54 54 n55 55 n56 56 n57 57 n58 58 n59 59 n60 60 n61 61 n62 62 n63 63 n64 64 n65 65 n66 66 n67 67 n68 68 n69 69);

fn block_on<F: Future>(future: F) -> F::Output {
    let mut future = pin!(future);
    let mut task = std::task::Context::from_waker(Waker::noop());
    for _ in 0..1000 {
        if let Poll::Ready(output) = future.as_mut().poll(&mut task) {
            return output;
        }
    }
    panic!("it does not end")
}

/// Runs so many nodes, of which one does something in one of its polls. Gives the outcome, and how often each was polled.
fn run<F: Future<Output = Result<usize, ember::Error>>>(
    nodes: usize,
    graph: fn() -> F,
    plan: (usize, u32, Option<Does>),
) -> (Result<usize, ember::Error>, Vec<u32>) {
    let context = || Context::builder();
    // Of one below another it takes more than a look to know that nothing has stopped it.
    let below = context().parent(&context().build()).build();
    let [first, second] = [context().build(), below].map(|context| {
        PLAN.set(plan);
        POLLS.set(vec![0; nodes]);
        let outcome = context.scope(|| block_on(graph()));
        assert_eq!(ALIVE.get(), 0, "{plan:?}: what was made was dropped");
        (outcome, POLLS.take())
    });
    assert_eq!(first.1, second.1, "{plan:?}");
    assert_eq!(first.0.is_ok(), second.0.is_ok(), "{plan:?}");
    second
}

fn check<F: Future<Output = Result<usize, ember::Error>>>(nodes: usize, graph: fn() -> F) {
    let (outcome, polls) = run(nodes, graph, (0, 0, None));
    assert_eq!(outcome.unwrap(), nodes * (nodes - 1) / 2);
    assert_eq!(polls, vec![3; nodes]);
    for place in 0..nodes {
        for poll in 1..=3 {
            for does in [Does::Fails, Does::Panics, Does::Cancels] {
                let plan = (place, poll, Some(does));
                let (outcome, polls) = run(nodes, graph, plan);
                // The last node's last poll can cancel nothing.
                if does == Does::Cancels && (place + 1, poll) == (nodes, 3) {
                    assert!(outcome.is_ok() && polls.iter().all(|&polls| polls == 3), "{plan:?}");
                    continue;
                }
                let error = outcome.unwrap_err();
                assert_eq!(polls[place], poll, "{plan:?}");
                // Those behind it were polled once less. Those before it go on to their end, unless the run was cancelled.
                assert!(polls[place + 1..].iter().all(|&polls| polls == poll - 1), "{plan:?}: {polls:?}");
                let before = if does == Does::Cancels { poll } else { 3 };
                assert!(polls[..place].iter().all(|&polls| polls == before), "{plan:?}: {polls:?}");
                let counts = error.nodes();
                let all = counts.finished + counts.failed + counts.cancelled + counts.not_started;
                assert_eq!(all, nodes, "{plan:?}: {counts:?}");
                assert_eq!(counts.not_started, if poll == 1 { nodes - place - 1 } else { 0 }, "{plan:?}");
                if does == Does::Cancels {
                    assert!(error.is_cancelled(), "{plan:?}: {error}");
                } else {
                    assert_eq!(counts.failed, 1, "{plan:?}");
                    assert_eq!(error.node(), format!("n{place}"), "{plan:?}");
                }
            }
        }
    }
}

#[test]
fn of_a_few_nodes() {
    check(5, five);
}

#[test]
fn of_more_than_a_word_of_nodes() {
    check(70, seventy);
}

#[test]
fn of_nodes_of_which_one_stands_before_what_a_task_ahead_fails_in() {
    let (outcome, polls) = run(1, interleaved, (0, 0, None));
    assert_eq!(outcome.unwrap_err().node(), "failing");
    assert_eq!(polls, [3], "it stands before the node that failed");
}

#[test]
fn of_a_for_whose_iterator_panics_while_its_items_wait() {
    let (outcome, polls) = run(3, behind_a_for, (0, 0, None));
    let error = outcome.unwrap_err();
    assert!(error.is_panic() && error.node() == "all", "{error}");
    assert_eq!(polls, [3, 0, 0], "what has begun ends, and the node behind it does not begin");
}

#[test]
fn of_nodes_behind_which_a_value_panics_that_is_dropped() {
    for polls in 0..3 {
        let error = block_on(dropping(vec![Bomb], polls)).unwrap_err();
        assert_eq!((error.node(), error.operator()), ("for[0].last", "last"), "{polls}: {error}");
    }
}
