use std::sync::Barrier;
use std::thread;

use ember_graph::Description;

use super::{MOST_TEXT, Statistics, bounded, cut};

#[test]
fn each_graph_has_one_record_whoever_comes_first() {
    let graphs: Vec<&'static Description<'static>> = (0..200)
        .map(|line| &*Box::leak(Box::new(Description::__new("g", "", line, &[], &[], &[], None))))
        .collect();
    let (statistics, start) = (Statistics::new(), Barrier::new(4));
    thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                start.wait();
                for &graph in &graphs {
                    assert!(std::ptr::eq(statistics.record(graph).description, graph));
                }
            });
        }
    });
    let mut lines: Vec<u32> = statistics.graphs().iter().map(|graph| graph.description.line).collect();
    lines.sort_unstable();
    assert_eq!(lines, (0..200).collect::<Vec<_>>());
}

#[test]
fn graphs_stand_in_the_order_in_which_they_first_ran() {
    let statistics = Statistics::new();
    for line in 0..200 {
        statistics.record(Box::leak(Box::new(Description::__new("g", "", line, &[], &[], &[], None))));
    }
    assert!(statistics.graphs().is_sorted_by_key(|graph| graph.description.line));
}

#[test]
fn long_texts_are_cut_between_characters() {
    let long = format!("a{}", "é".repeat(MOST_TEXT));
    assert_eq!(cut(&long).len(), MOST_TEXT - 1);
    assert_eq!(bounded(&long), cut(&long));
    assert_eq!(bounded(&"short"), "short");
}

#[test]
fn a_text_that_panics_is_kept_as_far_as_it_came() {
    struct Panics;
    impl std::fmt::Display for Panics {
        fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            f.write_str("so far")?;
            panic!("no further")
        }
    }
    assert_eq!(bounded(&Panics), "so far");
}
