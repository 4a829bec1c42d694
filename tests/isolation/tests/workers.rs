//! The workers of an isolated operator: used again, replaced, bounded, buried, and gone with their parent.
#![cfg(target_os = "linux")]
#![allow(
    clippy::unnecessary_wraps,
    clippy::needless_pass_by_value,
    reason = "the operators are as plain as can be"
)]

use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};
use std::sync::Barrier;
use std::{fs, thread};

use ember::health::Health;
use ember::isolate::Isolation;
use ember::prelude::*;
use ember::watch;
use ember_tests::{kill, pool};

ember::isolate::in_tests!();

/// The state of a process: `R`, `S`, `Z`; nothing if there is none.
fn state(process: u32) -> Option<char> {
    let stat = fs::read_to_string(format!("/proc/{process}/stat")).ok()?;
    stat.rsplit_once(") ")?.1.chars().next()
}

fn until_gone(process: u32) {
    while state(process).is_some_and(|state| state != 'Z') {
        thread::yield_now();
    }
}

/// Processes that have this one as their parent, with their states.
fn children() -> Vec<(u32, char)> {
    let me = std::process::id().to_string();
    let processes = fs::read_dir("/proc").unwrap().filter_map(Result::ok);
    processes
        .filter_map(|entry| {
            let number = entry.file_name().to_str()?.parse().ok()?;
            let stat = fs::read_to_string(entry.path().join("stat")).ok()?;
            let mut facts = stat.rsplit_once(") ")?.1.split(' ');
            let state = facts.next()?.chars().next()?;
            (facts.next()? == me).then_some((number, state))
        })
        .collect()
}

/// No worker of an operator is left, nor a zombie of one.
fn until_empty(isolation: &Isolation) {
    isolation.dismiss();
    while isolation.workers() > 0 {
        thread::yield_now();
    }
}

fn me() -> u32 {
    std::process::id()
}

#[test]
fn r39_a_worker_is_used_again() {
    #[operator(isolate(workers = 1))]
    fn whose(_: ()) -> Result<u32, String> {
        Ok(me())
    }
    graph! {
        fn asked() -> Result<u32, ember::Error> {
            let process = whose(())?;
            Ok(process)
        }
    }
    let first = asked().unwrap();
    assert_ne!(first, me());
    for _ in 0..20 {
        assert_eq!(asked().unwrap(), first);
    }
    assert_eq!((whose::isolation().workers(), whose::isolation().started()), (1, 1));
}

#[test]
fn r39_a_worker_is_replaced_after_so_many_calls() {
    #[operator(isolate(workers = 1, calls = 3))]
    fn whose(_: ()) -> Result<u32, String> {
        Ok(me())
    }
    graph! {
        fn asked() -> Result<u32, ember::Error> {
            let process = whose(())?;
            Ok(process)
        }
    }
    let processes: Vec<u32> = (0..7).map(|_| asked().unwrap()).collect();
    assert_eq!(whose::isolation().started(), 3);
    for chunk in processes.chunks(3) {
        assert!(chunk.iter().all(|process| *process == chunk[0]), "{processes:?}");
    }
    until_empty(whose::isolation());
    assert!(processes.iter().all(|process| state(*process).is_none()));
}

#[test]
fn r39_a_worker_is_replaced_when_it_is_old() {
    #[operator(isolate(workers = 1, age = "10min"))]
    fn whose(_: ()) -> Result<u32, String> {
        Ok(me())
    }
    graph! {
        fn asked() -> Result<u32, ember::Error> {
            let process = whose(())?;
            Ok(process)
        }
    }
    let clock = ember::ManualClock::new();
    let context = Context::builder().clock(clock.clone()).build();
    context.scope(|| {
        let young = asked().unwrap();
        clock.advance(std::time::Duration::from_secs(599));
        assert_eq!(asked().unwrap(), young);
        clock.advance(std::time::Duration::from_secs(1));
        assert_ne!(asked().unwrap(), young);
        assert_eq!(whose::isolation().started(), 2);
    });
}

#[test]
fn r39_a_worker_whose_operator_panicked_is_replaced() {
    #[operator(isolate(workers = 1))]
    fn panics(whether: bool) -> Result<u32, String> {
        assert!(!whether, "on purpose");
        Ok(me())
    }
    graph! {
        fn asked(whether: bool) -> Result<u32, ember::Error> {
            let process = panics(whether)?;
            Ok(process)
        }
    }
    let before = asked(false).unwrap();
    assert!(asked(true).unwrap_err().is_panic());
    assert_ne!(asked(false).unwrap(), before);
}

#[test]
fn r39_there_are_no_more_workers_than_there_may_be() {
    #[operator(isolate(workers = 2))]
    fn whose(item: u32) -> Result<(u32, u32), String> {
        let mut n = 0_u64;
        for i in 0..20_000 {
            n = std::hint::black_box(n + i);
        }
        Ok((me(), item))
    }
    graph! {
        fn many(count: u32) -> Result<Vec<(u32, u32)>, ember::Error> {
            let all = for item in 0..count { whose(item)? };
            Ok(all)
        }
    }
    let most = thread::scope(|scope| {
        let runs: Vec<_> = (0..6).map(|_| scope.spawn(|| pool(4).install(|| many(50).unwrap()))).collect();
        let mut most = 0;
        while !runs.iter().all(thread::ScopedJoinHandle::is_finished) {
            most = most.max(whose::isolation().workers());
        }
        for run in runs {
            let all = run.join().unwrap();
            assert!(all.iter().map(|(_, item)| *item).eq(0..50));
        }
        most
    });
    assert!(most <= 2, "{most}");
    assert!(whose::isolation().started() <= 2);
}

#[test]
fn r39_a_line_that_is_full_turns_calls_away() {
    #[operator(isolate(workers = 1, queue = 0))]
    fn waits(path: String) -> Result<(), String> {
        fs::read_to_string(path).map(drop).map_err(|failed| failed.to_string())
    }
    graph! {
        fn one(path: String) -> Result<(), ember::Error> {
            waits(path)?;
            Ok(())
        }
    }
    let folder = tempfile::tempdir().unwrap();
    let pipe = folder.path().join("pipe").to_str().unwrap().to_owned();
    assert!(Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    thread::scope(|scope| {
        let first = scope.spawn(|| one(pipe.clone()));
        // Opened for writing when the first call has opened it for reading.
        let writer = fs::OpenOptions::new().write(true).open(&pipe).unwrap();
        assert!(one(pipe.clone()).unwrap_err().is_limited());
        drop(writer);
        first.join().unwrap().unwrap();
    });
}

#[test]
fn r42_an_isolated_operator_is_degraded_while_as_many_calls_wait_as_may() {
    #[operator(isolate(workers = 1, queue = 1))]
    fn crowded(path: String) -> Result<(), String> {
        fs::read_to_string(path).map(drop).map_err(|failed| failed.to_string())
    }
    graph! {
        fn one(path: String) -> Result<(), ember::Error> {
            crowded(path)?;
            Ok(())
        }
    }
    let reason = || {
        let reasons = Health::default().report().reasons;
        reasons.iter().find(|reason| &*reason.of == "crowded").map(ToString::to_string)
    };
    let waiting = || {
        let states = watch::states();
        states.iter().find(|seen| &*seen.owner == "crowded").and_then(|seen| seen.state.waiting())
    };
    let folder = tempfile::tempdir().unwrap();
    let pipe = folder.path().join("pipe").to_str().unwrap().to_owned();
    assert!(Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    // It opens for writing when a call has opened for reading.
    let write = || fs::OpenOptions::new().write(true).open(&pipe).unwrap();
    thread::scope(|scope| {
        let first = scope.spawn(|| one(pipe.clone()));
        let writer = write();
        assert_eq!((waiting(), reason()), (Some(0), None));
        let second = scope.spawn(|| one(pipe.clone()));
        while waiting() != Some(1) {
            thread::yield_now();
        }
        assert_eq!(reason().unwrap(), "crowded (isolation): 1 wait, and no more may");
        assert!(one(pipe.clone()).unwrap_err().is_limited());
        drop(writer);
        first.join().unwrap().unwrap();
        drop(write());
        second.join().unwrap().unwrap();
    });
    assert_eq!((waiting(), reason()), (Some(0), None));
}

#[test]
fn r39_no_zombie_stays_however_a_worker_ends() {
    #[operator(isolate(workers = 4, calls = 1))]
    fn ends(how: u8) -> Result<u32, String> {
        match how {
            0 => std::process::abort(),
            1 => std::process::exit(1),
            2 => kill("SIGKILL", me()),
            _ => {}
        }
        Ok(me())
    }
    graph! {
        fn each() -> Result<Vec<u8>, ember::Error> {
            let all = for how in 0_u8..40 { ended(how % 4) };
            Ok(all)
        }
        fn ended(how: u8) -> u8 {
            let outcome = ends(how);
            u8::from(outcome.is_ok())
        }
    }
    let alive: u8 = each().unwrap().iter().sum();
    assert_eq!(alive, 10);
    until_empty(ends::isolation());
    // Those of other tests are there.
    let zombies = || children().iter().any(|(_, state)| *state == 'Z');
    while zombies() {
        thread::yield_now();
    }
}

#[test]
fn r39_an_idle_worker_that_is_killed_is_buried_and_replaced() {
    #[operator(isolate(workers = 1))]
    fn whose(_: ()) -> Result<u32, String> {
        Ok(me())
    }
    graph! {
        fn asked() -> Result<u32, ember::Error> {
            let process = whose(())?;
            Ok(process)
        }
    }
    for round in 1..=10 {
        let process = asked().unwrap();
        kill("SIGKILL", process);
        // Every other time the next call finds it dead.
        while state(process).is_some_and(|state| round % 2 == 0 || state != 'Z') {
            thread::yield_now();
        }
        if round % 2 == 0 {
            while whose::isolation().workers() > 0 {
                thread::yield_now();
            }
        }
        assert_ne!(asked().unwrap(), process);
        assert!(state(process).is_none());
    }
}

#[test]
fn r39_calls_at_once_each_have_a_worker() {
    #[operator(isolate(workers = 3))]
    fn whose(_: u32) -> Result<u32, String> {
        Ok(me())
    }
    graph! {
        fn asked(item: u32) -> Result<u32, ember::Error> {
            let process = whose(item)?;
            Ok(process)
        }
    }
    let together = Barrier::new(3);
    thread::scope(|scope| {
        for item in 0..3 {
            let together = &together;
            scope.spawn(move || {
                together.wait();
                for _ in 0..30 {
                    assert_ne!(asked(item).unwrap(), me());
                }
            });
        }
    });
    assert!((1..=3).contains(&whose::isolation().workers()));
}

/// Says who it is, and does not end.
#[operator(isolate(workers = 1))]
fn stays(_: ()) -> Result<(), String> {
    eprintln!("worker {}", me());
    loop {
        thread::park();
    }
}

/// Says who it is.
#[operator(isolate(workers = 1))]
fn comes_back(_: ()) -> Result<u32, String> {
    Ok(me())
}

graph! {
    fn staying() -> Result<(), ember::Error> {
        stays(())?;
        Ok(())
    }
    fn coming_back() -> Result<u32, ember::Error> {
        let process = comes_back(())?;
        Ok(process)
    }
}

/// A program that has workers: an idle one, and one with a call that does not end.
#[test]
#[ignore = "started by another test, which kills it"]
fn parent_that_is_killed() {
    eprintln!("worker {}", coming_back().unwrap());
    staying().unwrap();
}

#[test]
fn r39_no_worker_outlives_its_parent() {
    let mut parent = Command::new(std::env::current_exe().unwrap())
        .args(["parent_that_is_killed", "--exact", "--include-ignored", "--nocapture"])
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let said = BufReader::new(parent.stderr.take().unwrap());
    let workers: Vec<u32> =
        said.lines().filter_map(|line| line.unwrap().strip_prefix("worker ")?.parse().ok()).take(2).collect();
    assert_eq!(workers.len(), 2);
    assert!(workers.iter().all(|worker| state(*worker).is_some()));
    parent.kill().unwrap();
    parent.wait().unwrap();
    workers.into_iter().for_each(until_gone);
}
