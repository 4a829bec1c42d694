//! What is told of a node behind an open breaker. Apart from other tests, as the breaker degrades the whole process.

mod common;

use common::get;
use ember::Context;
use ember::observe::Statistics;
use ember_serve::Serve;
use serde_json::Value;

/// Opened by one failure, for longer than a test takes.
#[ember::operator(breaker(window = 2, min_calls = 1, open = "1h"))]
fn guarded(n: u64) -> Result<u64, String> {
    if n == 13 { Err("13 is unlucky".into()) } else { Ok(n) }
}

ember::graph! {
    fn behind(n: u64) -> Result<u64, ember::Error> {
        let n = guarded(n)?;
        Ok(n)
    }
}

#[test]
fn r42_behind_an_open_breaker_it_is_told_what_opened_it() {
    let statistics = Statistics::new();
    let cx = Context::builder().observer(statistics.clone()).build();
    let server = Serve::builder().statistics(statistics).build().unwrap().start().unwrap();
    let failure = || {
        let told = get(server.address(), "/graphs").json();
        told["now"]["graphs"][0]["nodes"][0]["last_failure"].clone()
    };
    cx.scope(|| behind(13)).unwrap_err();
    assert_eq!(failure()["cause"], Value::Null);
    let opened = failure()["run"].clone();
    cx.scope(|| behind(4)).unwrap_err();
    let failure = failure();
    assert!(failure["text"].as_str().unwrap().contains("breaker is open"), "{failure}");
    assert_eq!(failure["cause"]["run"], opened);
    assert!(failure["cause"]["text"].as_str().unwrap().contains("13 is unlucky"), "{failure}");
}
