//! What Prometheus reads at `/metrics`: the figures of `observe::Metrics` in a real recorder, over HTTP.
#![allow(clippy::float_cmp, reason = "counts are whole numbers")]

mod common;

use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use common::get;
use ember::Context;
use ember_serve::{Serve, Server};
use ember_tests::metered::{Metered, Scraped};

/// Opened by one failure, for longer than a test takes.
#[ember::operator(breaker(window = 2, min_calls = 1, open = "1h"))]
fn reserved(n: u64) -> Result<u64, String> {
    if n == 13 { Err("unlucky".into()) } else { Ok(n) }
}

#[ember::operator]
fn priced(n: u64) -> u64 {
    100 * n
}

ember::graph! {
    fn ordered(n: u64) -> Result<u64, ember::Error> {
        let reserved = reserved(n)?;
        let price = priced(reserved);
        Ok(price)
    }

    fn listed(n: u64) -> u64 {
        let price = priced(n);
        price
    }
}

/// A server whose metrics are those of runs in the context.
fn served() -> (Server, Context) {
    let metered = Metered::default();
    let cx = metered.context().build();
    let serve = Serve::builder().metrics(move || metered.text());
    (serve.build().unwrap().start().unwrap(), cx)
}

fn scraped(address: SocketAddr) -> Scraped {
    let answer = get(address, "/metrics");
    assert_eq!(answer.status, 200);
    assert_eq!(answer.header("content-type"), Some("text/plain; version=0.0.4; charset=utf-8"));
    Scraped::parse(&answer.body)
}

#[test]
fn r42_prometheus_reads_what_runs_did_and_which_breaker_is_open() {
    let (server, cx) = served();
    for n in [1, 2, 3] {
        cx.scope(|| ordered(n)).unwrap();
    }
    let first = scraped(server.address());
    let runs = |scraped: &Scraped, outcome: &str| {
        scraped.number(&format!("ember_runs_total{{graph=\"ordered\",outcome=\"{outcome}\"}}"))
    };
    let node = "graph=\"ordered\",node=\"price\",operator=\"priced\"";
    let breaker = "ember_states_troubled{kind=\"breaker\",owner=\"reserved\"}";
    assert_eq!((runs(&first, "finished"), runs(&first, "failed")), (3.0, 0.0));
    assert_eq!(first.number(breaker), 0.0);
    let (calls, seconds) = first.times("ember_node_duration_seconds", node);
    assert!(calls == 3.0 && seconds > 0.0, "{calls} calls took {seconds} s");
    assert!(first.help()["ember_runs_total"].contains("Runs that are over"), "{:?}", first.help());

    cx.scope(|| ordered(13)).unwrap_err();
    assert!(cx.scope(|| ordered(4)).unwrap_err().is_breaker_open());
    let second = scraped(server.address());
    assert_eq!((runs(&second, "finished"), runs(&second, "failed")), (3.0, 2.0));
    assert_eq!(second.number(breaker), 1.0);
    assert_eq!(second.times("ember_node_duration_seconds", node).0, 3.0, "it was not called again");
}

#[test]
fn r42_what_is_read_while_runs_go_on_is_whole_and_never_less_than_before() {
    let (server, cx) = served();
    cx.scope(|| listed(1));
    let stop = AtomicBool::new(false);
    let run = || {
        let mut runs = 0;
        loop {
            assert_eq!(cx.scope(|| listed(4)), 400);
            runs += 1;
            if stop.load(Ordering::Relaxed) {
                return runs;
            }
        }
    };
    let made: u32 = thread::scope(|scope| {
        let threads = [(); 2].map(|()| scope.spawn(run));
        let mut before = 0.0;
        for _ in 0..20 {
            let scraped = scraped(server.address());
            let (runs, _) = scraped.times("ember_run_duration_seconds", "graph=\"listed\"");
            assert!(runs >= before, "{runs} runs, and {before} before");
            before = runs;
        }
        stop.store(true, Ordering::Relaxed);
        threads.into_iter().map(|thread| thread.join().unwrap()).sum()
    });
    let last = scraped(server.address());
    let runs = last.number("ember_runs_total{graph=\"listed\",outcome=\"finished\"}");
    assert_eq!((runs, last.number("ember_runs_running{graph=\"listed\"}")), (f64::from(made + 1), 0.0));
}
