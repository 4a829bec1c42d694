//! What a graph costs to compile. See README.md.

mod leaf;
mod options;
mod shape;
mod source;

use std::io;
use std::process::ExitCode;

use leaf::{Cost, Leaf, Mode};
use options::Options;
use source::{EMPTY, Form, Values};

fn main() -> ExitCode {
    let options = match options::parse(lexopt::Parser::from_env()) {
        Ok(options) => options,
        Err(error) => {
            eprintln!("{error}\n\n{}", options::USAGE);
            return ExitCode::from(2);
        }
    };
    if options.help {
        print!("{}", options::USAGE);
        return ExitCode::SUCCESS;
    }
    match run(&options) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

/// Prints a table for each mode and kind of values; a row as soon as it is known.
fn run(options: &Options) -> io::Result<()> {
    let leaf = Leaf::new()?;
    println!("Seconds of CPU time, and in brackets seconds that passed.");
    for &mode in &options.modes {
        // Builds the dependencies too.
        leaf.cost(EMPTY, mode, 1)?;
        let empty = leaf.cost(EMPTY, mode, options.rounds)?;
        for &values in &options.values {
            println!("\n{}, {} (an empty crate: {empty})\n", mode.name(), values.name());
            table(options, &leaf, mode, values)?;
        }
    }
    Ok(())
}

fn table(options: &Options, leaf: &Leaf, mode: Mode, values: Values) -> io::Result<()> {
    println!("| {:<15} | {:>5} | {:>15} | {:>15} | {:>5} |", "shape", "nodes", "graph", "plain", "ratio");
    println!("|{:-<17}|{:->6}:|{:->16}:|{:->16}:|{:->6}:|", "", "", "", "", "");
    let mut growth = Vec::new();
    for &shape in &options.shapes {
        let mut known = Vec::new();
        for &size in &options.sizes {
            let measure = |form: Form| {
                let source = source::function(shape, size, values, form);
                leaf.cost(&source, mode, options.rounds)
            };
            let graph = measure(Form::Graph)?;
            let plain = if options.plain { Some(measure(Form::Plain)?) } else { None };
            let beside = plain.map_or(String::new(), |cost| cost.to_string());
            let ratio = plain.map_or(String::new(), |cost| format!("{:.1}", graph.cpu / cost.cpu));
            println!("| {shape:<15} | {size:>5} | {:>15} | {beside:>15} | {ratio:>5} |", graph.to_string());
            known.push((size, graph, plain));
        }
        growth.extend(grown(&known).map(|(graph, plain)| (shape, graph, plain)));
    }
    if !growth.is_empty() {
        println!("\n| time(1024) / time(256) | graph | plain |");
        println!("|{:-<24}|{:->6}:|{:->6}:|", "", "", "");
    }
    for (shape, graph, plain) in growth {
        let plain = plain.map_or(String::new(), |times| format!("{times:.1}"));
        println!("| {shape:<22} | {graph:>5.1} | {plain:>5} |");
    }
    Ok(())
}

/// How many times what 256 nodes cost 1024 nodes cost.
fn grown(known: &[(usize, Cost, Option<Cost>)]) -> Option<(f64, Option<f64>)> {
    let of = |size: usize| known.iter().find(|(known, ..)| *known == size);
    let ((_, graph, plain), (_, large, large_plain)) = (of(256)?, of(1024)?);
    let plain = plain.zip(*large_plain).map(|(small, large)| large.cpu / small.cpu);
    Some((large.cpu / graph.cpu, plain))
}
