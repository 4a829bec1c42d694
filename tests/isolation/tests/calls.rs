//! What goes to a process of its own and comes back, and what ends a call before that.
#![cfg(target_os = "linux")]
#![allow(
    clippy::unnecessary_wraps,
    clippy::needless_pass_by_value,
    clippy::option_option,
    reason = "the operators are as plain as can be"
)]

use std::collections::BTreeMap;
use std::io::Read;
use std::process::{Command, Stdio};
use std::sync::mpsc::channel;
use std::thread;
use std::time::Duration;

use ember::policy::{IsolationError, Part};
use ember::prelude::*;
use ember::{ManualClock, Stopped};
use ember_tests::Minute;
use serde::{Deserialize, Serialize};

ember::isolate::in_tests!();

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Doc {
    title: Option<String>,
    lines: Vec<Line>,
    #[serde(flatten)]
    more: BTreeMap<String, u32>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
enum Line {
    Empty,
    Text(String),
    Table { rows: Vec<Vec<f64>> },
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, thiserror::Error)]
#[error("line {line} makes no sense")]
struct Bad {
    line: usize,
}

const MEMORY: u64 = 512 << 20;
const WORKERS: u32 = 2;
const PATIENCE: Duration = Duration::from_secs(30);

#[operator(isolate(memory = MEMORY, timeout = PATIENCE, workers = WORKERS))]
fn parse(file: Vec<u8>, name: String, (from, to): (usize, usize)) -> Result<Doc, Bad> {
    if file.is_empty() {
        return Err(Bad { line: from });
    }
    let lines = vec![
        Line::Empty,
        Line::Text(String::from_utf8_lossy(&file[from..to]).into_owned()),
        Line::Table { rows: vec![vec![1.5, f64::MAX], vec![]] },
    ];
    Ok(Doc { title: Some(name), lines, more: BTreeMap::from([("size".to_owned(), 3)]) })
}

graph! {
    fn parsed(file: Vec<u8>) -> Result<Doc, ember::Error> {
        let doc = parse(file, "a name".to_owned(), (1, 3))?;
        Ok(doc)
    }
    fn found(file: Vec<u8>) -> Result<Doc, Bad2> {
        let doc = parse(file, "a name".to_owned(), (1, 3))?;
        Ok(doc)
    }
}

/// An error type of a graph's own.
#[derive(Debug)]
enum Bad2 {
    Bad(Bad),
    Other(ember::Error),
}
impl From<Bad> for Bad2 {
    fn from(bad: Bad) -> Self {
        Self::Bad(bad)
    }
}
impl From<ember::Error> for Bad2 {
    fn from(other: ember::Error) -> Self {
        Self::Other(other)
    }
}

#[test]
fn r39_arguments_and_results_are_what_they_were() {
    let plain = parse(b"abcd".to_vec(), "a name".to_owned(), (1, 3)).unwrap();
    assert_eq!(parsed(b"abcd".to_vec()).unwrap(), plain);
}

#[test]
fn r39_a_failure_arrives_as_its_type() {
    let failed = parsed(Vec::new()).unwrap_err();
    assert_eq!(failed.find::<Bad>(), Some(&Bad { line: 1 }));
    assert!(matches!(found(Vec::new()), Err(Bad2::Bad(Bad { line: 1 }))));
    assert!(matches!(found(b"x".to_vec()), Err(Bad2::Other(panic)) if panic.is_panic()));
}

#[operator(isolate(max_message = "1MiB", workers = 1))]
fn twice(bytes: Vec<u8>) -> Result<Vec<u8>, String> {
    Ok([&*bytes, &*bytes].concat())
}

graph! {
    fn doubled(bytes: Vec<u8>) -> Result<Vec<u8>, ember::Error> {
        let twice = twice(bytes)?;
        Ok(twice)
    }
}

#[test]
fn r39_large_messages_arrive_and_too_large_ones_are_told() {
    assert_eq!(doubled(vec![7; 500 << 10]).unwrap(), vec![7; 1000 << 10]);
    let why = |size| doubled(vec![7; size]).unwrap_err().isolation().unwrap().to_string();
    assert_eq!(why(1000 << 10), "the result takes more than the 1MiB that a message may have");
    assert_eq!(why(2000 << 10), "the arguments take more than the 1MiB that a message may have");
    assert_eq!(doubled(vec![1]).unwrap(), [1, 1]);
    assert_eq!(twice::isolation().started(), 1, "neither cost a worker");
}

#[test]
fn r39_what_serde_cannot_carry_is_told() {
    #[operator(isolate)]
    fn nested(value: Option<Option<u8>>) -> Result<Option<Option<u8>>, String> {
        Ok(value.map(|value| value.filter(|value| *value > 3)))
    }
    graph! {
        fn carried(value: Option<Option<u8>>) -> Result<Option<Option<u8>>, ember::Error> {
            let value = nested(value)?;
            Ok(value)
        }
    }
    assert_eq!(carried(Some(Some(7))).unwrap(), Some(Some(7)));
    assert_eq!(carried(None).unwrap(), None);
    let why = |value| carried(value).unwrap_err().isolation().unwrap().clone();
    assert_eq!(why(Some(None)), IsolationError::Unreadable(Part::Arguments));
    assert_eq!(why(Some(Some(1))), IsolationError::Unreadable(Part::Output));
}

#[test]
fn r39_the_run_reaches_the_operator() {
    #[operator(isolate)]
    fn who(cx: &Context) -> Result<(String, bool, bool), String> {
        let left = cx.remaining().is_some_and(|left| left < Duration::from_hours(1));
        Ok((cx.correlation_id().to_owned(), left, cx.check().is_ok()))
    }
    graph! {
        fn known() -> Result<(String, bool, bool), ember::Error> {
            let known = who()?;
            Ok(known)
        }
    }
    let context = Context::builder().correlation_id("order-17").timeout(Duration::from_hours(1)).build();
    assert_eq!(context.scope(known).unwrap(), ("order-17".to_owned(), true, true));
}

/// Tells that it runs by connecting, and does not end.
#[operator(isolate(timeout = "1h", workers = 1))]
fn hangs(port: u16) -> Result<u32, String> {
    let _told = std::net::TcpStream::connect(("127.0.0.1", port)).map_err(|failed| failed.to_string())?;
    loop {
        thread::park();
    }
}

graph! {
    fn hanging(port: u16) -> Result<u32, ember::Error> {
        let process = hangs(port)?;
        Ok(process)
    }
    async fn hanging_async(port: u16) -> Result<u32, ember::Error> {
        let process = hangs(port)?;
        Ok(process)
    }
}

/// Where operators connect to, and wait until they have.
fn listener() -> (std::net::TcpListener, u16) {
    let listener = std::net::TcpListener::bind(("127.0.0.1", 0)).unwrap();
    let port = listener.local_addr().unwrap().port();
    (listener, port)
}

/// Whether the other side of a connection is gone, and so its process.
fn until_closed(listener: &std::net::TcpListener, meanwhile: impl FnOnce()) {
    let (mut connection, _) = listener.accept().unwrap();
    meanwhile();
    assert!(matches!(connection.read(&mut [0]), Ok(0) | Err(_)));
}

#[test]
fn r39_a_call_that_takes_too_long_is_killed() {
    let _bound = Minute::begin();
    let (listener, port) = listener();
    let clock = ManualClock::new();
    let context = Context::builder().clock(clock.clone()).build();
    thread::scope(|scope| {
        let run = scope.spawn(|| context.scope(|| hanging(port)));
        until_closed(&listener, || {
            clock.until_waiting(1);
            clock.advance(Duration::from_secs(3599));
            clock.advance(Duration::from_secs(1));
        });
        let failed = run.join().unwrap().unwrap_err();
        assert_eq!(failed.isolation(), Some(&IsolationError::TimeLimit(Duration::from_hours(1))));
        assert!(failed.is_timeout());
    });
}

#[test]
fn r39_cancelling_the_run_kills_the_call() {
    let _bound = Minute::begin();
    let (listener, port) = listener();
    let context = Context::builder().build();
    thread::scope(|scope| {
        let run = scope.spawn(|| context.scope(|| hanging(port)));
        until_closed(&listener, || context.cancel());
        let failed = run.join().unwrap().unwrap_err();
        assert!(failed.is_cancelled() && failed.isolation().is_none());
    });
}

#[test]
fn r39_the_deadline_of_the_run_kills_the_call() {
    let _bound = Minute::begin();
    let (listener, port) = listener();
    let clock = ManualClock::new();
    let context = Context::builder().clock(clock.clone()).timeout(Duration::from_secs(5)).build();
    thread::scope(|scope| {
        let run = scope.spawn(|| context.scope(|| hanging(port)));
        until_closed(&listener, || {
            clock.until_waiting(1);
            clock.advance(Duration::from_secs(5));
        });
        let failed = run.join().unwrap().unwrap_err();
        assert!(failed.is_timeout());
        assert_eq!(failed.find::<Stopped>(), Some(&Stopped::DeadlineExceeded));
    });
}

#[test]
fn r39_dropping_the_future_of_a_run_kills_the_call() {
    let _bound = Minute::begin();
    let (listener, port) = listener();
    let (dropped, told) = channel();
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    let task = runtime.spawn(async move {
        let run = hanging_async(port);
        let _ = run.await;
        dropped.send(()).unwrap();
    });
    until_closed(&listener, || task.abort());
    assert!(told.recv().is_err(), "the run did not come to its end");
}

#[test]
fn r39_a_timeout_around_the_call_kills_it() {
    #[operator(isolate, timeout = "2s", idempotent, retry(attempts = 2, backoff = none))]
    fn slow(port: u16) -> Result<u32, String> {
        hangs(port)
    }
    graph! {
        fn slowly(port: u16) -> Result<u32, ember::Error> {
            let process = slow(port)?;
            Ok(process)
        }
    }
    let _bound = Minute::begin();
    let (listener, port) = listener();
    let clock = ManualClock::new();
    let context = Context::builder().clock(clock.clone()).build();
    thread::scope(|scope| {
        let run = scope.spawn(|| context.scope(|| slowly(port)));
        for _ in 0..2 {
            until_closed(&listener, || {
                clock.until_waiting(1);
                clock.advance(Duration::from_secs(2));
            });
        }
        let failed = run.join().unwrap().unwrap_err();
        assert!(failed.is_timeout() && failed.isolation().is_none());
        assert_eq!(failed.attempt(), 2);
    });
}

#[test]
fn r39_another_attempt_is_made_where_it_may_fare_better() {
    /// Dies in the first process only.
    #[operator(isolate(workers = 1), idempotent, retry(attempts = 3, backoff = none), fallback = 0)]
    fn unlucky(path: String, how: String) -> Result<u32, String> {
        if std::fs::remove_file(path).is_ok() {
            match how.as_str() {
                "killed" => {
                    ember_tests::kill("SIGKILL", std::process::id());
                }
                _ => std::process::abort(),
            }
        }
        Ok(7)
    }
    graph! {
        fn tried(path: String, how: String) -> Result<u32, ember::Error> {
            let value = unlucky(path, how)?;
            Ok(value)
        }
    }
    let _bound = Minute::begin();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("unlucky").to_str().unwrap().to_owned();
    for (how, value) in [("killed", 7), ("aborts", 0)] {
        std::fs::write(&path, "").unwrap();
        assert_eq!(tried(path.clone(), how.to_owned()).unwrap(), value, "{how}");
    }
}

#[test]
fn r39_calls_do_not_nest() {
    #[operator(isolate)]
    fn inner(n: u32) -> Result<u32, String> {
        Ok(n)
    }
    #[operator(isolate)]
    fn outer(n: u32) -> Result<u32, String> {
        innermost(n).map_err(|failed| format!("{failed:#}"))
    }
    graph! {
        fn innermost(n: u32) -> Result<u32, ember::Error> {
            let n = inner(n)?;
            Ok(n)
        }
        fn outermost(n: u32) -> Result<u32, ember::Error> {
            let n = outer(n)?;
            Ok(n)
        }
    }
    assert_eq!(innermost(3).unwrap(), 3);
    let failed = format!("{:#}", outermost(3).unwrap_err());
    assert!(failed.contains("these do not nest"), "{failed}");
}

#[operator(isolate(workers = 1))]
fn prints(n: u32) -> Result<u32, String> {
    print!("to stdout {n}\nand more");
    eprint!("to stderr {n}\n\0\u{1}\u{2}\u{3}");
    let mut stdin = String::new();
    std::io::stdin().read_to_string(&mut stdin).map_err(|failed| failed.to_string())?;
    Ok(n + u32::try_from(stdin.len()).unwrap())
}

graph! {
    fn printing(n: u32) -> Result<u32, ember::Error> {
        let n = prints(n)?;
        Ok(n)
    }
}

/// A program whose operators print.
#[test]
#[ignore = "started by another test, which reads what it prints"]
fn program_that_prints() {
    for n in 0..3 {
        assert_eq!(printing(n).unwrap(), n);
    }
}

#[test]
fn r39_what_an_operator_prints_arrives_and_disturbs_nothing() {
    let printed = Command::new(std::env::current_exe().unwrap())
        .args(["program_that_prints", "--exact", "--include-ignored", "--nocapture"])
        .stdin(Stdio::null())
        .output()
        .unwrap();
    let (stdout, stderr) =
        (String::from_utf8(printed.stdout).unwrap(), String::from_utf8(printed.stderr).unwrap());
    assert!(printed.status.success(), "{stdout}{stderr}");
    for n in 0..3 {
        assert!(stdout.contains(&format!("to stdout {n}\nand more")), "{stdout}");
        assert!(stderr.contains(&format!("to stderr {n}\n\0\u{1}\u{2}\u{3}")), "{stderr}");
    }
}
