//! A program that says where its log lines go before it begins with `ember::isolate::init()`: so do its workers, in the
//! span of the call and with the ids of its run.
#![forbid(unsafe_code)]
#![allow(
    clippy::needless_pass_by_value,
    clippy::unnecessary_wraps,
    reason = "the operator is as plain as can be"
)]

use std::fs;
use std::io::{self, Write};

use ember::observe::Logs;
use ember::prelude::*;

/// The ids of its context.
#[operator(isolate(workers = 1), timeout = "60s")]
fn ids(what: String, cx: &Context) -> Result<(String, String, String), String> {
    tracing::info!("in the worker: {what}");
    let trace = cx.traceparent();
    let state = trace.as_ref().map(|trace| trace.tracestate().to_owned()).unwrap_or_default();
    Ok((cx.correlation_id().to_owned(), trace.map(|trace| trace.to_string()).unwrap_or_default(), state))
}

graph! {
    fn asked(what: String) -> Result<(String, String, String), ember::Error> {
        let found = ids(what)?;
        Ok(found)
    }
}

#[cfg(target_os = "linux")]
fn main() {
    const HEADER: &str = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
    if std::env::args().any(|argument| argument == "--list") {
        println!("r26_isolated_operators_have_the_ids_of_their_run: test");
        return;
    }
    // What a worker inherits tells it the file.
    let file = std::env::var_os("EMBER_TEST_LOG").map_or_else(
        || tempfile::Builder::new().tempfile().unwrap().into_temp_path().keep().unwrap(),
        Into::into,
    );
    let log = fs::OpenOptions::new().append(true).create(true).open(&file).unwrap();
    tracing_subscriber::fmt().with_ansi(false).with_writer(move || Shared(log.try_clone().unwrap())).init();
    ember::isolate::init();

    if std::env::var_os("EMBER_TEST_LOG").is_none() {
        // Once more, with the variable, since a program cannot set its own without danger.
        let program = std::env::current_exe().unwrap();
        let status = std::process::Command::new(program).env("EMBER_TEST_LOG", &file).status().unwrap();
        fs::remove_file(&file).unwrap();
        assert!(status.success());
        return;
    }
    let trace = HEADER.parse::<ember::TraceContext>().unwrap().with_tracestate("rojo=1, congo=2").unwrap();
    let cx = Context::builder().correlation_id("order-17").trace(trace).observer(Logs::default()).build();
    let (id, traceparent, state) = cx.scope(|| asked("first".to_owned())).unwrap();
    assert_eq!((&*id, &*traceparent, &*state), ("order-17", HEADER, "rojo=1,congo=2"));
    let (id, traceparent, _) =
        Context::builder().correlation_id("order-18").build().scope(|| asked("second".to_owned())).unwrap();
    assert_eq!((&*id, &*traceparent), ("order-18", ""));

    let log = fs::read_to_string(&file).unwrap();
    let line = |what: &str| log.lines().find(|line| line.ends_with(what)).expect(what).to_owned();
    let first = line("in the worker: first");
    assert!(first.contains("ember.isolated{"), "{first}");
    assert!(first.contains("operator=\"logs::ids\" correlation_id=\"order-17\""), "{first}");
    assert!(first.contains("trace_id=4bf92f3577b34da6a3ce929d0e0e4736"), "{first}");
    let second = line("in the worker: second");
    assert!(second.contains("correlation_id=\"order-18\"") && !second.contains("trace_id"), "{second}");
}

#[cfg(not(target_os = "linux"))]
fn main() {}

struct Shared(fs::File);

impl Write for Shared {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flush()
    }
}
