//! The seeds that every run takes show every construct often enough to mean something.

use ember_random_graphs::generate::{COUNT, Construct, FIRST_SEED, generate};

#[test]
fn every_construct_stands_in_enough_graphs() {
    let graphs: Vec<_> = (FIRST_SEED..=COUNT).map(generate).collect();
    let rare: Vec<String> = Construct::ALL
        .iter()
        .filter_map(|construct| {
            let found = graphs.iter().filter(|graph| graph.constructs().contains(construct)).count();
            let enough = found * 100 >= construct.floor() * graphs.len();
            (!enough).then(|| format!("{}: {found} of {}", construct.text(), graphs.len()))
        })
        .collect();
    assert!(rare.is_empty(), "too rare:\n{}", rare.join("\n"));
}

#[test]
fn a_seed_gives_the_same_graph_each_time() {
    use ember_random_graphs::generate::{Text, emit};
    for seed in [0, 1, 77, u64::MAX] {
        let text = || emit::source(&generate(seed), Text::Graph);
        assert_eq!(text(), text());
    }
}
