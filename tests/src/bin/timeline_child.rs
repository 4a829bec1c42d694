//! Runs graphs and ends as its argument says, for tests of `EMBER_TIMELINE`. It holds no line about timelines.
#![allow(missing_docs, reason = "a program of tests")]

use std::process::{Command, abort, exit};

use ember::observe::{self, Recorder};
use ember::prelude::*;

#[operator]
fn next(n: u64) -> u64 {
    n + 1
}

#[operator]
fn ends(n: u64, how: &str) -> u64 {
    match how {
        "panic" => panic!("the program is wrong"),
        "exit" => exit(3),
        "abort" => abort(),
        _ => n,
    }
}

graph! {
    fn chain(n: u64, how: &str) -> u64 {
        let a = next(n);
        let b = next(a);
        ends(b, how)
    }
}

fn main() {
    let how = std::env::args().nth(1).unwrap_or_default();
    match how.as_str() {
        "child" => {
            let own = std::env::current_exe().expect("this program");
            assert!(Command::new(own).arg("ok").status().expect("a process").success());
        }
        "install" => {
            let (recorder, own) = (Recorder::new(100), Recorder::new(100));
            observe::install(recorder.clone()).expect("the first one");
            let cx = Context::builder().correlation_id("made-here").observer(own.clone()).build();
            cx.scope(|| chain(1, ""));
            assert_eq!((recorder.events().len(), own.events().len()), (8, 8));
            return;
        }
        "many" => (0..20_000).for_each(|n| assert_eq!(chain(n, ""), n + 2)),
        _ => {}
    }
    // Three runs right after each other: a file that is written now and then is to have all of them.
    for how in ["", "", &how] {
        println!("{}", chain(1, how));
    }
}
