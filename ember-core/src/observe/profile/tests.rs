use std::time::Duration;

use ember_graph::{Access, Description, Edge, Kind, Node, Source};
use proptest::prelude::*;

use super::{Advice, Profile};
use crate::error::Counts;
use crate::executor::Gauge;
use crate::explain::explain;
use crate::observe::{End, Form, Statistics, What};
use crate::run::Info;

/// A graph of such nodes, each with its parent.
fn graph(nodes: &[(Kind, Option<u32>)], edges: &[(u32, u32)]) -> &'static Info {
    let node = |(number, &(kind, parent)): (usize, &(Kind, Option<u32>))| {
        let path: &'static str = Box::leak(format!("n{number}").into_boxed_str());
        Node::__new(path, path, kind, parent, "", false, 1, 1, None)
    };
    let nodes: Vec<_> = nodes.iter().enumerate().map(node).collect();
    let edge = |&(from, to)| Edge::__new(Source::Node(from), to, Access::Borrow, "");
    let edges: Vec<_> = edges.iter().map(edge).collect();
    let description = Description::__new("g", "", 1, &[], Vec::leak(nodes), Vec::leak(edges), None);
    let gauge = Gauge::new(1, false);
    Box::leak(Box::new(Info { description, spots: &[], fail_fast: false, parts: true, gauge }))
}

struct Made(&'static Info, Statistics);

impl Made {
    fn operators(count: usize, runs: u64) -> Self {
        let made = Self(graph(&vec![(Kind::Operator, None); count], &[]), Statistics::new());
        made.runs(runs);
        made
    }

    fn runs(&self, runs: u64) {
        for _ in 0..runs {
            self.tell(None, What::RunStarted { form: Form::StraightLine, reason: crate::Reason::Asked });
            let counts = Counts::__new(0, 0, 0, 0);
            self.tell(None, What::RunEnded { end: End::Finished, took: Duration::from_millis(1), counts });
        }
    }

    fn calls(&self, node: u32, calls: u64, took: Duration) {
        for _ in 0..calls {
            self.tell(Some(node), What::NodeStarted);
            self.tell(Some(node), What::NodeEnded { end: End::Finished, took });
        }
    }

    fn tell(&self, node: Option<u32>, what: What<'_>) {
        self.1.add(&self.0.description, node, what);
    }

    fn profile(&self) -> Profile {
        Profile::new(explain(self.0, true), &self.1)
    }
}

#[test]
fn nodes_are_tiny_up_to_a_bound() {
    let tiny = |nanos, calls| {
        let made = Made::operators(2, 20);
        made.calls(0, 20, Duration::from_nanos(nanos));
        made.calls(1, calls, Duration::from_nanos(nanos));
        made.profile().advice().iter().any(|advice| matches!(advice, Advice::Tiny { .. }))
    };
    assert!(tiny(2_000, 20) && !tiny(2_001, 20));
    // In a run the second is called so often that all together are worth another thread.
    assert!(tiny(2_000, 20 * 19) && !tiny(2_000, 20 * 20));
}

#[test]
fn policies_are_judged_beyond_their_bounds_alone() {
    let advice = |calls, what: What<'_>, times| {
        let made = Made::operators(1, 20);
        made.calls(0, calls, Duration::from_millis(1));
        (0..times).for_each(|_| made.tell(Some(0), what));
        made.profile().advice().iter().filter(|advice| !matches!(advice, Advice::Bottleneck { .. })).count()
    };
    let retry = What::Backoff { delay: Duration::ZERO };
    assert_eq!((advice(90, retry, 10), advice(90, retry, 11)), (0, 1));
    let waited = What::PermitWaited { took: Duration::from_millis(1), granted: true };
    assert_eq!((advice(100, waited, 20), advice(100, waited, 21)), (0, 1));
    let waited = What::RateWaited { took: Duration::from_millis(1), granted: true };
    assert_eq!((advice(100, waited, 20), advice(100, waited, 21)), (0, 1));
    let waited = What::MemoryWaited { took: Duration::from_millis(1), granted: true };
    assert_eq!((advice(100, waited, 20), advice(100, waited, 21)), (0, 1));
    assert_eq!((advice(20, What::CacheMiss, 19), advice(20, What::CacheMiss, 20)), (0, 1));
    let refused = What::BreakerRefused;
    assert_eq!((advice(100, refused, 10), advice(100, refused, 11)), (0, 1));
    let late = What::TimedOut { after: Duration::from_millis(1) };
    assert_eq!((advice(100, late, 5), advice(100, late, 6)), (0, 1));
    for succeeded in [false, true] {
        let instead = What::FallbackUsed { succeeded };
        assert_eq!((advice(100, instead, 10), advice(100, instead, 11)), (0, 1));
    }
    assert_eq!((advice(19, retry, 10), advice(20, retry, 10)), (0, 1), "of few calls nothing is said");
}

#[test]
fn a_limit_is_short_below_four_medians() {
    let says = |limit: u64, what: &str| {
        let made = Made::operators(1, 20);
        made.calls(0, 20, Duration::from_millis(10));
        (0..10).for_each(|_| made.tell(Some(0), What::TimedOut { after: Duration::from_millis(limit) }));
        made.profile().to_string().contains(what)
    };
    assert!(says(39, "a longer limit") && says(41, "see what hangs"));
}

#[test]
fn of_many_nodes_those_that_take_most_of_the_time_are_shown() {
    let made = Made::operators(100, 20);
    (0..100).for_each(|node| made.calls(node, 1, Duration::from_millis(u64::from(node) + 1)));
    let text = made.profile().to_string();
    assert!(text.contains("  and 60 more that take less\n"), "{text}");
    assert!(text.contains("\n  n60 ") && !text.contains("\n  n59 "), "{text}");
    assert!(text.lines().count() < 70, "{text}");
}

fn node() -> impl Strategy<Value = (Kind, Option<u32>, u64, u64)> {
    use Kind::{Branch, FanOut, Group, Loop, Operator};
    let kind = prop_oneof![4 => Just(Operator), 1 => prop::sample::select(vec![FanOut, Branch, Loop, Group])];
    let took = prop_oneof![Just(0), 0..1_000_000_u64, Just(u64::MAX)];
    (kind, prop::option::of(0..12_u32), took, 0..60_u64)
}

proptest! {
    /// Also of graphs that no macro makes: with parents and edges that do not exist, and cycles.
    #[test]
    fn a_chain_takes_no_longer_than_all_nodes_and_shares_are_shares(
        nodes in prop::collection::vec(node(), 0..10),
        edges in prop::collection::vec((0..12_u32, 0..12_u32), 0..20),
        runs in 0..30_u64,
    ) {
        let kinds: Vec<_> = nodes.iter().map(|&(kind, parent, ..)| (kind, parent)).collect();
        let made = Made(graph(&kinds, &edges), Statistics::new());
        made.runs(runs);
        for (number, &(kind, _, took, calls)) in (0..).zip(&nodes) {
            if kind == Kind::Operator {
                made.calls(number, calls, Duration::from_nanos(took));
            }
        }
        let profile = made.profile();
        prop_assert!(profile.span() <= profile.work());
        prop_assert!(!profile.to_string().contains("NaN"));
        for advice in profile.advice() {
            if let Advice::Bottleneck { share, gain, .. } = advice {
                prop_assert!((0.5..=1.0).contains(share) && gain.is_none_or(|gain| gain >= 1.1), "{}", profile);
            }
        }
    }
}
