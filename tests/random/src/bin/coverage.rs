//! Counts what the random graphs are made of, or prints the graph of the seed that is its argument.

use ember_random_graphs::generate::{COUNT, Construct, FIRST_SEED, Text, emit, generate};

fn main() {
    if let Some(seed) = std::env::args().nth(1) {
        let graph = generate(seed.parse().expect("the argument is a seed"));
        println!("{}\n{}", emit::source(&graph, Text::Graph), emit::source(&graph, Text::Plain));
        return;
    }
    let graphs: Vec<_> = (FIRST_SEED..=COUNT).map(generate).collect();
    let nodes: Vec<usize> = graphs.iter().map(ember_random_graphs::generate::Graph::nodes).collect();
    println!(
        "{} graphs, {} nodes, {} to {} in one",
        graphs.len(),
        nodes.iter().sum::<usize>(),
        nodes.iter().min().expect("there are graphs"),
        nodes.iter().max().expect("there are graphs")
    );
    for construct in Construct::ALL {
        let found = graphs.iter().filter(|graph| graph.constructs().contains(construct)).count();
        let percent = found * 100 / graphs.len();
        println!("{percent:>3} %  (at least {:>2})  {}", construct.floor(), construct.text());
    }
}
