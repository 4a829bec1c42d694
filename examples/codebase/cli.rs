//! The command line.

use std::{
    ffi::OsString,
    fs,
    io::{self, IsTerminal as _, Write as _},
    path::PathBuf,
    process::ExitCode,
    time::Instant,
};

use console::Term;
use ember::{Context, Strategy};
use lexopt::{Arg, Parser, ValueExt as _};

use crate::{
    limits::Limits,
    progress::Progress,
    render::{Look, render},
    survey::survey,
};

const USAGE: &str = "\
Tells what a folder of sources holds: languages, identifiers, long functions and repeated passages.

Usage: codebase [OPTIONS] [FOLDER]

FOLDER is the current one if none is named. Hidden files, and those that a .gitignore or .ignore
names, are left out. Functions are told by their looks. Passages are compared line by line,
without comments and without regard to spaces. Markdown and other text counts as comment.

Options:
  --top N            rows of each list at most, 1 to 1000 [default: 10]
  --min-lines N      lines of code that make a passage, 2 to 1000 [default: 10]
  --max-bytes SIZE   skip larger files; K, M and G may follow the number [default: 8M]
  --follow           follow symbolic links
  --strategy NAME    how the survey runs: auto, sequential or parallel [default: auto];
                     the report is the same
  --svg FILE         draw the survey's graph to FILE, and survey nothing
  -h, --help         print this

Exit code: 0, 1 if the folder cannot be read or the output cannot be written, 2 for wrong arguments.
";

/// What the command line asks for.
#[derive(Debug)]
pub struct Options {
    /// The folder.
    pub root: PathBuf,
    /// The bounds.
    pub limits: Limits,
    /// How to run.
    pub strategy: Strategy,
    /// Where to draw the graph.
    pub svg: Option<PathBuf>,
    /// Whether only the usage is asked for.
    pub help: bool,
}

/// Reads the arguments, without the program's name.
///
/// # Errors
/// What the arguments get wrong, for a person.
pub fn parse(arguments: impl IntoIterator<Item = OsString>) -> Result<Options, lexopt::Error> {
    let mut parser = Parser::from_args(arguments);
    let mut root = None;
    let mut options = Options {
        root: PathBuf::from("."),
        limits: Limits::default(),
        strategy: Strategy::Auto,
        svg: None,
        help: false,
    };
    while let Some(argument) = parser.next()? {
        match argument {
            Arg::Long("top") => {
                options.limits.top = parser.value()?.parse_with(|text| within("top", text, 1))?;
            }
            Arg::Long("min-lines") => {
                options.limits.min_lines = parser.value()?.parse_with(|text| within("min-lines", text, 2))?;
            }
            Arg::Long("max-bytes") => options.limits.max_bytes = parser.value()?.parse_with(size)?,
            Arg::Long("follow") => options.limits.follow = true,
            Arg::Long("strategy") => options.strategy = parser.value()?.parse_with(strategy)?,
            Arg::Long("svg") => options.svg = Some(parser.value()?.into()),
            Arg::Long("help") | Arg::Short('h') => options.help = true,
            Arg::Value(folder) if root.is_none() => root = Some(PathBuf::from(folder)),
            other => return Err(other.unexpected()),
        }
    }
    options.root = root.unwrap_or(options.root);
    Ok(options)
}

fn within(option: &str, text: &str, least: usize) -> Result<usize, String> {
    let number = text.parse().ok().filter(|number| (least..=1000).contains(number));
    number.ok_or_else(|| format!("--{option} takes a number from {least} to 1000"))
}

/// A number of bytes below 4 GiB: `4096`, `64K`, `8M`, `1G`.
fn size(text: &str) -> Result<u64, String> {
    let digits = text.trim_end_matches(['K', 'M', 'G', 'k', 'm', 'g']);
    let unit = match text[digits.len()..].to_ascii_uppercase().as_str() {
        "" => Some(1),
        "K" => Some(1 << 10),
        "M" => Some(1 << 20),
        "G" => Some(1_u64 << 30),
        _ => None,
    };
    let bytes = digits.parse().ok().zip(unit).and_then(|(number, unit)| u64::checked_mul(number, unit));
    bytes
        .filter(|bytes| *bytes < 1 << 32)
        .ok_or_else(|| "--max-bytes takes a size below 4G, such as 4096, 64K or 8M".to_owned())
}

fn strategy(name: &str) -> Result<Strategy, &'static str> {
    match name {
        "auto" => Ok(Strategy::Auto),
        "sequential" => Ok(Strategy::Sequential),
        "parallel" => Ok(Strategy::Parallel),
        _ => Err("--strategy takes auto, sequential or parallel"),
    }
}

/// Runs the program: 0 when it did what was asked, 1 when it could not, 2 when it did not understand.
pub fn run(arguments: impl IntoIterator<Item = OsString>) -> ExitCode {
    let options = match parse(arguments) {
        Ok(options) => options,
        Err(error) => {
            eprintln!("codebase: {error}\nTry `codebase --help`.");
            return ExitCode::from(2);
        }
    };
    match answer(&options) {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            eprintln!("codebase: {message}");
            ExitCode::FAILURE
        }
    }
}

fn answer(options: &Options) -> Result<(), String> {
    if options.help {
        return print(USAGE);
    }
    if let Some(path) = &options.svg {
        return fs::write(path, survey::describe().to_svg())
            .map_err(|error| format!("cannot write {}: {error}", path.display()));
    }
    let started = Instant::now();
    let progress = Progress::new(io::stderr().is_terminal());
    let context = Context::builder().strategy(options.strategy).build();
    let surveyed = context.scope(|| survey(&options.root, &options.limits, &progress));
    progress.clear();
    let report = surveyed.map_err(|error| format!("{error:#}"))?;
    print(&render(&report, look()))?;
    // The time is no part of the report: two runs over one folder print the same.
    eprintln!("took {:.1?}", started.elapsed());
    Ok(())
}

/// How standard output wants its text (<https://no-color.org>).
fn look() -> Look {
    let terminal = Term::stdout();
    let told = |name| std::env::var_os(name).unwrap_or_default();
    let colour = terminal.is_term() && told("NO_COLOR").is_empty() && told("TERM") != "dumb";
    Look { width: terminal.size_checked().map_or(100, |(_, columns)| usize::from(columns)), colour }
}

/// Prints, and is content when the reader has seen enough (`codebase | head`).
fn print(text: &str) -> Result<(), String> {
    match io::stdout().lock().write_all(text.as_bytes()) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => Err(format!("cannot print: {error}")),
        _ => Ok(()),
    }
}
