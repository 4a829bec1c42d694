//! Reads files that nobody vouches for, each in a process of its own: one crashes the parser, one makes it ask for
//! more memory than it may have, one never ends. The run goes on, and tells what became of each.
//!
//! `cargo run -p ember-examples --example isolate`

use std::hint::black_box;

use ember::policy::{IsolationError, PolicyError};
use ember::prelude::*;
use serde::{Deserialize, Serialize};

/// What is known of a file.
#[derive(Debug, Serialize, Deserialize)]
struct Doc {
    words: usize,
    longest: Option<String>,
}

/// Stands for a parser with mistakes in it.
#[operator(isolate(memory = "256MiB", cpu = "1s", timeout = "30s", workers = 2))]
fn parse(file: Vec<u8>) -> Result<Doc, String> {
    let text = String::from_utf8(file).map_err(|_| "it is no text".to_owned())?;
    match text.as_str() {
        "crash" => std::process::abort(),
        "grow" => drop(black_box(vec![1_u8; 1 << 30])),
        "hang" => loop {
            black_box(());
        },
        "index" => drop(black_box(text.as_bytes()[text.len()])),
        _ => {}
    }
    let words: Vec<&str> = text.split_whitespace().collect();
    let longest = words.iter().max_by_key(|word| word.len()).map(|word| (*word).to_owned());
    Ok(Doc { words: words.len(), longest })
}

graph! {
    /// Reads all files side by side, as far as there are workers.
    fn read(files: Vec<Vec<u8>>) -> Vec<String> {
        let told = for file in files { read_one(file) };
        told
    }

    /// Reads a file, and says what became of it.
    fn read_one(file: Vec<u8>) -> String {
        let outcome = parse(file);
        tell(&outcome)
    }
}

#[operator]
fn tell(outcome: &Result<Doc, PolicyError<String>>) -> String {
    let failed = match outcome {
        Ok(doc) => return format!("{} words, the longest is {:?}", doc.words, doc.longest),
        Err(failed) => failed,
    };
    match failed.isolation() {
        Some(why) if why.is_limit() => format!("stopped by a limit: the parser {why}"),
        Some(IsolationError::Aborted) => "the parser aborted".to_owned(),
        Some(why) => format!("the parser is gone: {why}"),
        None => format!("the parser says: {failed}"),
    }
}

fn main() {
    ember::isolate::init();
    let files = ["one two three", "crash", "\u{fffd}", "grow", "hang", "index", "four five"];
    let told = read(files.iter().map(|file| file.as_bytes().to_vec()).chain([vec![0xff]]).collect());
    for (file, told) in files.iter().chain(&["(no text)"]).zip(&told) {
        println!("{file:>15}: {told}");
    }
    let isolation = parse::isolation();
    println!("{} workers were started, {} are left", isolation.started(), isolation.workers());
}
