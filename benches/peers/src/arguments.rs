//! The command line.

use std::path::PathBuf;
use std::time::Duration;

use lexopt::{Arg, Parser, ValueExt};

use crate::peers::{self, Peer};
use crate::rounds::Rounds;
use crate::shape::{SHAPES, Shape};
use crate::workload::Mode;

pub(crate) const USAGE: &str = "\
Times ember beside hand-written code and other executors of graphs.

    ember-peers [OPTIONS]               tables of medians, and of ember's ratios
    ember-peers throughput [OPTIONS]    10,000 runs in a par_iter against a loop (--shapes, --rounds)
    ember-peers stress [OPTIONS]        a million runs in sequence, and 10,000 at once, some of which fail (--shapes)

    --shapes NAME,..    chain32, diamond, fan32, tree31, grid8, rand64 [all]
    --w MICROS,..       work of a node [0,0.3,1,10,100]
    --modes NAME,..     hot: runs back to back; cold: each behind a pause of 300 µs [both]
    --only TEXT,..      systems whose name contains one of these; one ending in = is a whole name [all]
    --rounds N          [5]
    --budget-ms N       sampling of a system in a round and workload [6]
    --quiet SHARE       drop what was measured while two threads scaled worse than this, such as 0.85
    --csv FILE          each round's figures
    --svg FILE          the figures as a picture
    --check             one run of each system, and throughput and stress with fewer runs, to see that results are right
    --list              the systems' names
";

/// What is asked for.
pub(crate) enum Task {
    Help,
    List,
    Check,
    Measure,
    Throughput,
    Stress,
}

pub(crate) struct Arguments {
    pub(crate) task: Task,
    pub(crate) shapes: Vec<&'static Shape>,
    pub(crate) micros: Vec<f64>,
    pub(crate) modes: Vec<Mode>,
    pub(crate) peers: Vec<&'static Peer>,
    pub(crate) rounds: Rounds,
    pub(crate) csv: Option<PathBuf>,
    pub(crate) svg: Option<PathBuf>,
}

impl Arguments {
    /// Reads the command line of this process.
    pub(crate) fn from_env() -> Result<Self, lexopt::Error> {
        let mut arguments = Self {
            task: Task::Measure,
            shapes: SHAPES.iter().collect(),
            micros: vec![0.0, 0.3, 1.0, 10.0, 100.0],
            modes: Mode::ALL.to_vec(),
            peers: peers::ALL.iter().collect(),
            rounds: Rounds { count: 5, budget: Duration::from_millis(6), quiet: None },
            csv: None,
            svg: None,
        };
        let mut parser = Parser::from_env();
        while let Some(argument) = parser.next()? {
            match argument {
                Arg::Long("shapes") => {
                    let find = |name: &str| SHAPES.iter().find(|shape| shape.name == name);
                    arguments.shapes = list(&mut parser, find)?;
                }
                Arg::Long("w") => {
                    let read = |text: &str| text.parse().ok().filter(|micros| (0.0..=1e6).contains(micros));
                    arguments.micros = list(&mut parser, read)?;
                }
                Arg::Long("modes") => {
                    let find = |name: &str| Mode::ALL.into_iter().find(|mode| mode.name() == name);
                    arguments.modes = list(&mut parser, find)?;
                }
                Arg::Long("only") => {
                    let texts = list(&mut parser, |text| Some(text.to_owned()))?;
                    arguments.peers.retain(|peer| texts.iter().any(|text| is_meant(peer.name, text)));
                }
                Arg::Long("rounds") => arguments.rounds.count = parser.value()?.parse()?,
                Arg::Long("budget-ms") => {
                    arguments.rounds.budget = Duration::from_millis(parser.value()?.parse()?);
                }
                Arg::Long("quiet") => arguments.rounds.quiet = Some(parser.value()?.parse()?),
                Arg::Long("csv") => arguments.csv = Some(parser.value()?.into()),
                Arg::Long("svg") => arguments.svg = Some(parser.value()?.into()),
                Arg::Long("check") => arguments.task = Task::Check,
                Arg::Long("list") => arguments.task = Task::List,
                Arg::Value(name) if name == "throughput" => arguments.task = Task::Throughput,
                Arg::Value(name) if name == "stress" => arguments.task = Task::Stress,
                Arg::Short('h') | Arg::Long("help") => arguments.task = Task::Help,
                _ => return Err(argument.unexpected()),
            }
        }
        if arguments.peers.is_empty() || arguments.rounds.count == 0 {
            return Err("nothing is left to measure".into());
        }
        Ok(arguments)
    }
}

fn is_meant(name: &str, text: &str) -> bool {
    text.strip_suffix('=').map_or_else(|| name.contains(text), |whole| name == whole)
}

/// The parts of an option's value.
fn list<T>(parser: &mut Parser, read: impl Fn(&str) -> Option<T>) -> Result<Vec<T>, lexopt::Error> {
    let value = parser.value()?.string()?;
    let part = |text: &str| read(text).ok_or_else(|| format!("`{text}` is not known here").into());
    value.split(',').map(part).collect()
}
