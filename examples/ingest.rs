//! Reads lines that hold a key and a number, and adds up what each key has. A line that is wrong costs no other; ctrl-c ends the
//! batch, and what is done by then is kept and reported.
//!
//! `cargo run -p ember-examples --example ingest -- FILE`, or lines on the standard input. `--delay MILLISECONDS` makes each
//! line take that long.

use std::collections::BTreeMap;
use std::error::Error;
use std::fs::File;
use std::io::{self, BufRead, BufReader};
use std::process::ExitCode;
use std::time::Duration;

use ember::prelude::*;
use ember::{Bar, Stopped};

#[derive(Debug, thiserror::Error)]
enum Wrong {
    #[error("`{0}` is no `key=number`")]
    NoPair(String),
    #[error("the number of `{0}`")]
    NoNumber(String, #[source] std::num::ParseIntError),
}

/// `key=number`
#[operator]
fn split(line: String) -> Result<(String, String), Wrong> {
    match line.split_once('=') {
        Some((key, number)) => Ok((key.trim().to_owned(), number.trim().to_owned())),
        None => Err(Wrong::NoPair(line)),
    }
}

#[operator]
fn value(pair: &(String, String)) -> Result<i64, Wrong> {
    pair.1.parse().map_err(|error| Wrong::NoNumber(pair.0.clone(), error))
}

/// Stands for what takes time. Ends early with the run.
#[operator]
fn store(cx: &Context, delay: Duration) -> Result<(), Stopped> {
    std::thread::sleep(delay);
    cx.check()
}

graph! {
    /// One line.
    fn ingest(line: String, delay: Duration) -> Result<(String, i64), ember::Error> {
        let pair = split(line)?;
        let number = value(&pair)?;
        #[after(number)]
        store(delay)?;
        Ok((pair.0, number))
    }
}

fn main() -> Result<ExitCode, Box<dyn Error>> {
    let mut delay = Duration::ZERO;
    let mut file = None;
    let mut arguments = std::env::args().skip(1);
    while let Some(argument) = arguments.next() {
        match &*argument {
            "--delay" => {
                delay = Duration::from_millis(arguments.next().ok_or("how many milliseconds?")?.parse()?);
            }
            _ => file = Some(argument),
        }
    }
    let lines: Box<dyn BufRead + Send> = match file {
        Some(file) => Box::new(BufReader::new(File::open(file)?)),
        None => Box::new(BufReader::new(io::stdin())),
    };

    let cx = Context::builder().build();
    ctrlc::set_handler({
        let cx = cx.clone();
        move || cx.cancel()
    })?;

    // An input that cannot be read ends the lines.
    let inputs = lines.lines().map_while(Result::ok).map(|line| (line, delay));
    let report = ingest::batch(inputs)
        .context(&cx)
        .progress(Bar::new("ingest").lines_every(Duration::from_secs(1)).hook())
        .run();

    let mut sums = BTreeMap::new();
    for (key, number) in report.values() {
        *sums.entry(key).or_insert(0) += number;
    }
    for (key, sum) in sums {
        println!("{key}={sum}");
    }
    let ran = report.errors().iter().filter(|error| error.not_begun().is_none());
    let wrong: Vec<_> = ran.filter(|error| !error.error().is_some_and(ember::Error::is_cancelled)).collect();
    for error in &wrong {
        eprintln!("{error:#}");
    }
    let kept = report.values().len();
    match report.stopped() {
        Some(why) => eprintln!("{why}: {kept} lines are kept, {} were wrong", wrong.len()),
        None => eprintln!("{kept} lines, {} were wrong", wrong.len()),
    }
    // As a shell tells of a program that ctrl-c has ended.
    Ok(if report.stopped().is_some() { ExitCode::from(130) } else { ExitCode::SUCCESS })
}
