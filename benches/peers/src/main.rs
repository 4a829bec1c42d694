//! Ember beside hand-written code and other executors of graphs, in one process and interleaved. See README.md.

#![cfg_attr(feature = "dfir", recursion_limit = "4096")]

mod arguments;
#[cfg(feature = "crates")]
mod board;
mod by_hand;
mod chart;
mod figures;
mod graphs;
mod limit;
mod memory;
mod op;
mod peers;
mod plain;
mod quiet;
mod rounds;
mod sampling;
mod shape;
mod state;
mod steps;
mod stress;
mod table;
mod targets;
mod throughput;
mod workload;

use std::error::Error;
use std::fs::{self, File};
use std::io::{BufWriter, Write};
use std::process::ExitCode;

use self::arguments::{Arguments, Task, USAGE};
use self::chart::Chart;
use self::workload::Workload;

/// How many threads each system has.
pub(crate) const THREADS: usize = 2;

fn main() -> ExitCode {
    match Arguments::from_env().map_err(Into::into).and_then(|arguments| run(&arguments)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run(arguments: &Arguments) -> Result<(), Box<dyn Error>> {
    rayon::ThreadPoolBuilder::new().num_threads(THREADS).build_global()?;
    match arguments.task {
        Task::Help => print!("{USAGE}"),
        Task::List => arguments.peers.iter().for_each(|peer| println!("{}", peer.name)),
        Task::Check => {
            check(arguments);
            throughput::check(arguments);
            stress::check(arguments);
        }
        Task::Measure => measure(arguments)?,
        Task::Throughput => throughput::run(arguments),
        Task::Stress => stress::run(arguments),
    }
    Ok(())
}

fn workloads(arguments: &Arguments) -> Vec<Workload> {
    let mut workloads = Vec::new();
    for &micros in &arguments.micros {
        for &mode in &arguments.modes {
            workloads.extend(arguments.shapes.iter().map(|shape| Workload { shape, micros, mode }));
        }
    }
    workloads
}

/// Runs each system once on each workload; a wrong result panics.
fn check(arguments: &Arguments) {
    let workloads = workloads(arguments);
    for peer in &arguments.peers {
        eprintln!("{}", peer.name);
        for workload in &workloads {
            (peer.make)(workload.shape, workload.steps()).sample(&rounds::plan(workload));
        }
    }
    for shape in &arguments.shapes {
        for at in 0..shape.nodes() {
            assert_eq!(
                (shape.broken_off)(1, 1, at),
                (shape.plain)(1, 1),
                "the limit of {} at {at}",
                shape.name
            );
        }
    }
    println!("{} systems give the right results of {} workloads", arguments.peers.len(), workloads.len());
}

fn measure(arguments: &Arguments) -> Result<(), Box<dyn Error>> {
    let Arguments { shapes, peers, rounds, .. } = arguments;
    let workloads = workloads(arguments);
    let figures = rounds.run(&workloads, peers);
    println!("Nanoseconds a run: the median over {} rounds of a round's lower quartile.", rounds.count);
    if rounds.quiet.is_some() {
        println!("Two cores were free in {:.0} % of the slots.", 100.0 * figures.quiet_share());
    }
    for &micros in &arguments.micros {
        for &mode in &arguments.modes {
            print!("{}", table::table(&figures, shapes, micros, mode, peers));
        }
    }
    if let Some(mean) = targets::geometric_mean(&figures, &workloads, peers) {
        println!("\nGeometric mean of ember / best library up to 1 µs a node: {mean:.2}");
    }
    if let Some(path) = &arguments.csv {
        let mut file = BufWriter::new(File::create(path)?);
        figures.write_csv(&mut file)?;
        file.flush()?;
    }
    if let Some(path) = &arguments.svg {
        let mut micros = arguments.micros.clone();
        micros.sort_by(f64::total_cmp);
        let chart = Chart { figures: &figures, shapes, micros: &micros, modes: &arguments.modes, peers };
        fs::write(path, chart.svg())?;
    }
    Ok(())
}
