//! The command line.

use lexopt::{Arg, Parser, ValueExt as _};

use crate::leaf::Mode;
use crate::shape::Shape;
use crate::source::Values;

pub(crate) const USAGE: &str = "\
Measures what a graph costs to compile, beside the plain function of the same lines.

Usage: ember-compile-bench [OPTIONS]

Options (lists are separated by commas):
  --shapes LIST   chain, fan, series-parallel, layered, caterpillar [default: all]
  --sizes LIST    numbers of nodes [default: 16,64,256,1024]
  --modes LIST    check, debug, release [default: all]
  --values LIST   what passes between nodes: numbers, texts, fallible, waiting, waiting-numbers
                  [default: numbers]
  --rounds N      compilations of each crate, of which the median counts [default: 3]
  --no-plain      graphs only
  --check         the smallest size of all values, once: shows that everything compiles
  -h, --help      print this
";

/// What the command line asks for.
#[derive(Debug)]
pub(crate) struct Options {
    pub(crate) shapes: Vec<Shape>,
    pub(crate) sizes: Vec<usize>,
    pub(crate) modes: Vec<Mode>,
    pub(crate) values: Vec<Values>,
    pub(crate) rounds: usize,
    pub(crate) plain: bool,
    pub(crate) help: bool,
}

/// Reads the arguments.
pub(crate) fn parse(mut parser: Parser) -> Result<Options, lexopt::Error> {
    let mut options = Options {
        shapes: Shape::ALL.to_vec(),
        sizes: vec![16, 64, 256, 1024],
        modes: Mode::ALL.to_vec(),
        values: vec![Values::Numbers],
        rounds: 3,
        plain: true,
        help: false,
    };
    let mut check = false;
    while let Some(argument) = parser.next()? {
        match argument {
            Arg::Long("shapes") => {
                options.shapes = parser.value()?.parse_with(|text| named(text, &Shape::ALL, Shape::name))?;
            }
            Arg::Long("sizes") => options.sizes = parser.value()?.parse_with(sizes)?,
            Arg::Long("modes") => {
                options.modes = parser.value()?.parse_with(|text| named(text, &Mode::ALL, Mode::name))?;
            }
            Arg::Long("values") => {
                options.values =
                    parser.value()?.parse_with(|text| named(text, &Values::ALL, Values::name))?;
            }
            Arg::Long("rounds") => options.rounds = parser.value()?.parse()?,
            Arg::Long("no-plain") => options.plain = false,
            Arg::Long("check") => check = true,
            Arg::Long("help") | Arg::Short('h') => options.help = true,
            other => return Err(other.unexpected()),
        }
    }
    if check {
        options.sizes = options.sizes.iter().min().copied().into_iter().collect();
        options.rounds = 1;
        options.values = Values::ALL.to_vec();
    }
    Ok(options)
}

fn named<T: Copy>(list: &str, all: &[T], name: fn(T) -> &'static str) -> Result<Vec<T>, String> {
    let find = |word: &str| all.iter().copied().find(|&one| name(one) == word);
    list.split(',')
        .map(|word| {
            find(word).ok_or_else(|| {
                let known: Vec<&str> = all.iter().map(|&one| name(one)).collect();
                format!("`{word}` is none of {}", known.join(", "))
            })
        })
        .collect()
}

fn sizes(list: &str) -> Result<Vec<usize>, String> {
    list.split(',')
        .map(|word| {
            let size = word.parse().ok().filter(|size| (1..=10_000).contains(size));
            size.ok_or_else(|| format!("`{word}` is no number of nodes from 1 to 10000"))
        })
        .collect()
}
