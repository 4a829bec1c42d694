//! Workers that are not what they should be: shells in their place, whose stdin is the socket.

use std::io::{self, Write};
use std::os::unix::net::UnixStream;
use std::process::Command;
use std::sync::Arc;
use std::time::Duration;

use super::frame::{self, Answer, Inbox};
use super::pool::Pool;
use super::process::Program;
use super::{Isolation, IsolationBuilder, Name, init, registry, worker};
use crate::minute::Minute;
use crate::policy::{IsolationError, Part, PolicyError};
use crate::{Context, ManualClock};

const NAME: Name = Name::new("nobody", "");

/// An isolation whose workers are others.
fn with(program: Program, settings: fn(IsolationBuilder) -> IsolationBuilder) -> Isolation {
    init();
    let mut isolation = settings(Isolation::builder().workers(1)).build().unwrap();
    isolation.pool = Arc::new(Pool::of(program, 1, Duration::from_mins(10), isolation.limits));
    isolation
}

fn shell(script: &str) -> Command {
    let mut command = Command::new("sh");
    command.args(["-c", script]);
    command
}

fn call(isolation: &Isolation) -> IsolationError {
    let failed: Result<u8, PolicyError<String>> = isolation.__call(NAME, &("secret",));
    let failed = failed.unwrap_err();
    assert!(!format!("{failed:?}").contains("secret"));
    failed.isolation().unwrap_or_else(|| panic!("{failed:?}")).clone()
}

/// Reads a greeting of 33 bytes, says that it is ready, and goes on with the rest of the script.
macro_rules! ready {
    ($then:literal) => {
        || Ok(shell(concat!("head -c 33 >/dev/null; printf '\\1\\0\\0\\0\\3' >&0; ", $then)))
    };
}

fn until_gone(isolation: &Isolation) {
    while isolation.workers() > 0 {
        std::thread::yield_now();
    }
}

#[test]
fn r39_garbage_in_the_place_of_an_answer_kills_the_worker() {
    let garbage =
        with(ready!("head -c 9 >/dev/null; printf 'garbage, and more of it' >&0; sleep 1000"), |b| b);
    assert_eq!(call(&garbage), IsolationError::Corrupt("a length that no answer has"));
    until_gone(&garbage);
    let kind = with(ready!("head -c 9 >/dev/null; printf '\\2\\0\\0\\0\\77x' >&0; sleep 1000"), |b| b);
    assert_eq!(call(&kind), IsolationError::Corrupt("it is no answer to a call"));
    until_gone(&kind);
}

#[test]
fn r39_a_result_that_is_none_is_told() {
    let wrong =
        with(ready!("head -c 9 >/dev/null; printf '\\4\\0\\0\\0\\5\\301\\301\\301' >&0; sleep 1000"), |b| b);
    assert_eq!(call(&wrong), IsolationError::Unreadable(Part::Output));
}

#[test]
fn r39_an_answer_larger_than_it_may_be_is_not_taken_in() {
    let endless =
        with(ready!("head -c 9 >/dev/null; printf '\\0\\0\\0\\100' >&0; exec cat /dev/zero >&0"), |b| {
            b.max_message(1 << 20)
        });
    assert_eq!(call(&endless), IsolationError::Corrupt("a length that no answer has"));
    until_gone(&endless);
}

#[test]
fn r39_what_comes_unasked_kills_the_worker() {
    let chatty =
        with(ready!("head -c 9 >/dev/null; printf '\\1\\0\\0\\0\\7\\1\\0\\0\\0\\7' >&0; sleep 1000"), |b| b);
    assert_eq!(call(&chatty), IsolationError::Unreadable(Part::Arguments));
    until_gone(&chatty);
}

#[test]
fn r39_a_worker_that_closes_its_socket_and_lives_on_is_killed() {
    let deaf = with(ready!("head -c 9 >/dev/null; exec sleep 1000 </dev/null"), |b| b);
    assert_eq!(call(&deaf), IsolationError::Corrupt("it closed its socket"));
    until_gone(&deaf);
}

#[test]
fn r39_a_death_is_seen_while_something_else_holds_the_socket() {
    let _bound = Minute::begin();
    let survived = with(ready!("exec 9<&0; sleep 1000 & head -c 9 >/dev/null; exit 3"), |b| b);
    assert_eq!(call(&survived), IsolationError::Exited(3));
    until_gone(&survived);
}

#[test]
fn r39_a_worker_that_is_another_program_is_told() {
    let stranger = with(|| Ok(shell("printf '\\1\\0\\0\\0\\4' >&0; sleep 1000")), |b| b);
    assert_eq!(call(&stranger), IsolationError::OtherBuild);
    let gone = with(|| Ok(shell("exit 7")), |b| b);
    assert_eq!(call(&gone), IsolationError::Exited(7));
}

#[test]
fn r39_a_worker_of_another_build_says_so() {
    init();
    let (mut ours, theirs) = UnixStream::pair().unwrap();
    let limits = Isolation::builder().build().unwrap().limits;
    for (build, says) in [(1, Answer::Stranger), (0, Answer::Ready)] {
        ours.write_all(&frame::hello(registry::build().unwrap() ^ build, limits)).unwrap();
        assert!(worker::greet(&theirs, &mut theirs.try_clone().unwrap()).is_some());
        let answer = worker::next(&mut ours, &mut Inbox::new(frame::most(0))).unwrap();
        assert_eq!(frame::answered(&answer), Some(says));
    }
}

#[test]
fn r39_no_program_is_told() {
    let missing = with(|| Ok(Command::new("/nowhere/to/be/found")), |b| b);
    assert_eq!(call(&missing), IsolationError::NotStarted(io::ErrorKind::NotFound));
    assert_eq!(call(&missing), IsolationError::NotStarted(io::ErrorKind::NotFound));
    until_gone(&missing);
    assert_eq!(missing.started(), 2);
}

#[test]
fn r39_a_worker_that_does_not_come_to_serving_is_told() {
    let idle = with(|| Ok(shell("sleep 1000")), |b| b.start(Duration::from_secs(5)));
    let clock = ManualClock::new();
    let context = Context::builder().clock(clock.clone()).build();
    let why = std::thread::scope(|scope| {
        let caller = scope.spawn(|| context.scope(|| call(&idle)));
        clock.until_waiting(1);
        clock.advance(Duration::from_secs(5));
        caller.join().unwrap()
    });
    assert_eq!(why, IsolationError::NotReady(Duration::from_secs(5)));
    assert!(why.to_string().contains("first line of `main`"));
    until_gone(&idle);
}

#[test]
fn a_worker_that_ended_without_work_is_replaced() {
    init();
    let known = with(ready!("exec cat >/dev/null"), |b| b);
    let context = Context::builder().build();
    let worker = known.pool.start(context.now()).unwrap();
    known.pool.take_back(worker);
    assert_eq!(known.workers(), 1);
    let worker = known.pool.idle(context.now()).unwrap();
    worker.kill();
    until_gone(&known);
    assert!(known.pool.idle(context.now()).is_none());
}
