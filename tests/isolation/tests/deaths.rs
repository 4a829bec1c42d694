//! Each way to die of an operator in a process of its own is told apart.
#![cfg(target_os = "linux")]
#![allow(
    clippy::unnecessary_wraps,
    clippy::needless_pass_by_value,
    reason = "the operators are as plain as can be"
)]

use std::hint::black_box;
use std::process::Command;
use std::time::Duration;

use ember::policy::IsolationError;
use ember::prelude::*;
use ember_tests::{Minute, kill};

ember::isolate::in_tests!();

/// Dies as it is told.
#[operator(isolate(memory = "256MiB", cpu = "1s"))]
fn dies(how: String) -> Result<u64, String> {
    match how.as_str() {
        "lives" => return Ok(7),
        "fails" => return Err("as it should".to_owned()),
        "panics" => panic!("on purpose: {how}"),
        "aborts" => std::process::abort(),
        "exits" => std::process::exit(42),
        "overflows" => return Ok(deeper(&[1; 64])),
        "starves" => return Ok(black_box(vec![1_u8; 1 << 30]).len() as u64),
        "starves slowly" => {
            let mut held = Vec::new();
            loop {
                held.push(black_box(vec![1_u8; 1 << 20]));
            }
        }
        "burns" => {
            let mut n = 0_u64;
            loop {
                n = black_box(n + 1);
            }
        }
        signal => send(signal),
    }
    unreachable!("it survived {how}")
}

#[expect(unconditional_recursion, reason = "that is the point")]
fn deeper(below: &[u64; 64]) -> u64 {
    let mut here = [0; 64];
    here[0] = below[63];
    deeper(black_box(&here)) + here[1]
}

fn send(signal: &str) {
    // The runtime looks at a fault once before it lets it kill.
    loop {
        kill(signal, std::process::id());
    }
}

graph! {
    fn one(how: String) -> Result<u64, ember::Error> {
        let value = dies(how)?;
        Ok(value)
    }
}

fn death(how: &str) -> IsolationError {
    let failed = one(how.to_owned()).unwrap_err();
    assert_eq!((failed.node(), failed.operator(), failed.graph()), ("value", "dies", "one"));
    assert_eq!(
        failed.to_string(),
        "node `value` (operator `dies`) of graph `one` failed in a process of its own"
    );
    let why = failed.isolation().unwrap_or_else(|| panic!("{failed:?}")).clone();
    assert_eq!(failed.find::<IsolationError>(), Some(&why));
    assert!(why.is_death(), "{why}");
    why
}

#[test]
fn r39_a_value_and_a_failure_come_back_as_they_are() {
    assert_eq!(one("lives".to_owned()).unwrap(), 7);
    let failed = one("fails".to_owned()).unwrap_err();
    assert_eq!(format!("{failed:#}"), "node `value` (operator `dies`) of graph `one` failed: as it should");
    assert!(failed.isolation().is_none());
    assert_eq!(dies("lives".to_owned()), Ok(7), "a plain call is a plain call");
}

#[test]
fn r39_a_panic_comes_back_with_its_text() {
    let failed = one("panics".to_owned()).unwrap_err();
    assert!(failed.is_panic() && failed.isolation().is_none());
    assert_eq!(failed.panic_message(), Some("on purpose: panics"));
}

#[test]
fn r39_a_crash_names_its_signal() {
    for (number, name) in [(11, "SIGSEGV"), (7, "SIGBUS"), (4, "SIGILL"), (8, "SIGFPE")] {
        let IsolationError::Crashed { signal, name: told, .. } = death(name) else { panic!("{name}") };
        assert_eq!((signal, told), (number, name));
    }
}

#[test]
fn r39_an_abort_is_told() {
    assert_eq!(death("aborts"), IsolationError::Aborted);
}

#[test]
fn r39_a_stack_overflow_is_told() {
    assert_eq!(death("overflows"), IsolationError::StackOverflow);
}

#[test]
fn r39_memory_that_runs_out_is_told() {
    for how in ["starves", "starves slowly"] {
        let why = death(how);
        assert!(matches!(why, IsolationError::OutOfMemory { limit: Some(268_435_456), .. }), "{why}");
        assert!(why.is_limit());
    }
}

#[test]
fn r39_processor_time_that_is_used_up_is_told() {
    let _bound = Minute::begin();
    assert_eq!(death("burns"), IsolationError::CpuLimit(Duration::from_secs(1)));
}

#[test]
fn r39_an_exit_is_told_with_its_code() {
    assert_eq!(death("exits"), IsolationError::Exited(42));
}

#[test]
fn r39_a_kill_from_outside_is_told() {
    for (number, name) in [(9, "SIGKILL"), (15, "SIGTERM")] {
        let IsolationError::Killed { signal, name: told, .. } = death(name) else { panic!("{name}") };
        assert_eq!((signal, told), (number, name));
    }
}

#[test]
fn r39_what_a_worker_started_ends_with_it() {
    /// Starts a process that would outlive it.
    #[operator(isolate(workers = 1))]
    fn leaves_a_child(_: ()) -> Result<u32, String> {
        let child = Command::new("sleep").arg("1000").spawn().map_err(|failed| failed.to_string())?;
        Ok(child.id())
    }
    graph! {
        fn left() -> Result<u32, ember::Error> {
            let child = leaves_a_child(())?;
            Ok(child)
        }
    }
    let child = left().unwrap();
    assert!(is_there(child));
    leaves_a_child::isolation().dismiss();
    while is_there(child) {
        std::thread::yield_now();
    }
}

/// Whether a process is there, and no zombie: whose parent is gone is buried by another.
fn is_there(process: u32) -> bool {
    std::fs::read_to_string(format!("/proc/{process}/stat"))
        .is_ok_and(|stat| !stat.rsplit_once(") ").is_some_and(|(_, rest)| rest.starts_with(['Z', 'X'])))
}
